#!/bin/sh
# SPDX-License-Identifier: MIT
# Runs in the VM of peers/vm.py as root: guest.sh IMAGE.tar COMMAND...
# Prepares podman, and runs the command with a subtree of cgroups of its own.
set -eu

image=$1
shift

# The root file system lies in memory, where pivot_root() does not work.
mkdir -p /etc/containers
cat >/etc/containers/containers.conf <<'END'
[engine]
no_pivot_root = true
END
podman import --quiet "$image" localhost/cglab-peers >/dev/null

# On v2 only a cgroup without processes gives its children controllers.
# shellcheck disable=SC2016 # the inner shell expands it
exec systemd-run --quiet --scope --property Delegate=yes --unit cglab-peers \
  sh -euc '
    group=/sys/fs/cgroup/system.slice/cglab-peers.scope
    mkdir "$group/own"
    echo 0 >"$group/own/cgroup.procs"
    echo "+memory +pids" >"$group/cgroup.subtree_control"
    # With it podman takes itself for a service, and leaves conmon in here.
    unset INVOCATION_ID
    exec "$@"' sh "$@"
