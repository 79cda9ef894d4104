#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs in the VM of podman_test.py as root: podman_guest.sh IMAGE.tar.
# `cglab inspect` of a container, and OOM kills under `cglab watch --all`.
set -u

image=$1
name=cglab-web
metrics=/run/cglab.prom
deadline=60

# step NAME COMMAND...: the command, marked for the test that reads this.
step() {
  printf '@@ begin %s\n' "$1"
  shift
  "$@" 2>/run/step.err </dev/null
  status=$?
  printf '\n@@ errors\n'
  cat /run/step.err
  printf '\n@@ end %s\n' "$status"
}

# The root file system lies in memory, where pivot_root() does not work.
configure() {
  mkdir -p /etc/containers
  cat >/etc/containers/containers.conf <<'END'
[engine]
no_pivot_root = true
END
}

# wait_for PATTERN: in the metrics.
wait_for() {
  end=$(($(date +%s) + deadline))
  until grep -q "$1" "$metrics" 2>/dev/null; do
    kill -0 "$watch" || return
    [ "$(date +%s)" -lt "$end" ] || {
      echo "no $1 within $deadline s" >&2
      return 1
    }
    sleep 0.1
  done
}

configure
network=bridge
# The modules are those of the kernel package, the kernel that of the host's
# cache, which may be of another version.
step modules modprobe --all veth bridge
[ "$status" = 0 ] || network=none
step import podman import "$image" localhost/cglab-test
step run podman run --detach --name "$name" --network "$network" --memory 64m \
  localhost/cglab-test /bin/sleep 3600
pid=$(podman inspect --format '{{.State.Pid}}' "$name")
id=$(podman inspect --format '{{.Id}}' "$name")
step podman podman inspect "$name"
step group cat "/proc/$pid/cgroup"
# Fewer digits are all decimal now and then, which is a process id.
short=$(printf %.24s "$id")
step by_name cglab inspect "$name" --format json
step by_id cglab inspect "$short" --format json
step by_pid cglab inspect "$pid" --format json
step text cglab inspect "$name"
cglab watch --all /sys/fs/cgroup/machine.slice --metrics "$metrics" \
  >/run/watch.out &
watch=$!
step watched wait_for '^cglab_oom_kills_total 0$'
# A second process is killed, so that the container goes on.
step exec podman exec "$name" /bin/malloc_demo --total 128M --ramp 0
step counted wait_for '^cglab_oom_kills_total 1$'
step short podman run --rm --network none --memory 32m localhost/cglab-test \
  /bin/malloc_demo --total 64M --ramp 0
step counted_short wait_for '^cglab_oom_kills_total 2$'
# A shell's background processes ignore SIGINT.
kill -TERM "$watch"
step watch wait "$watch"
step watch_output cat /run/watch.out
step metrics cat "$metrics"
step after cglab inspect "$name" --format json
# A dynamic program where there is no interpreter.
step no_interpreter podman run --rm --network none --volume /bin/ls:/ls:ro \
  localhost/cglab-test /ls
step stop podman stop --time 0 "$name"
step stopped cglab inspect "$name" --format json
