# SPDX-License-Identifier: MIT
"""Whole OOM runs of 16 MiB.

Each way makes a cgroup, limits it, starts a hog inside, waits for its end,
reads the kill counter and removes the cgroup. The ways take turns. A cycle
whose kill is not in the counter, or that leaves its cgroup, is an error.
"""

import functools
import os
import pathlib
import signal
import time

from peers.command import Failure, lacks, lacks_systemd, run
from peers.starters import make_starters
from peers.turns import (Measure, Way, milliseconds, table_of_times,
                         take_turns)

LIMIT = 16 << 20
TOTAL = 2 * LIMIT

SHELL = r"""
set -e
group=$1 hog=$2 version=$3
mkdir "$group"
if [ "$version" = v1 ]; then
  echo {limit} >"$group/memory.limit_in_bytes"
  join=tasks counter=memory.oom_control
else
  echo {limit} >"$group/memory.max"
  join=cgroup.procs counter=memory.events
fi
sh -c 'echo 0 >"$1" && exec "$2" --quiet --total {total} --block {total} --ramp 0' \
  sh "$group/$join" "$hog" || :
grep -q 'oom_kill 1' "$group/$counter"
rmdir "$group"
""".format(limit=LIMIT, total=TOTAL)


class Peers:
    """The ways, each a function of no argument that runs one cycle."""

    def __init__(self, setting):
        self.hog = str(setting.build / "malloc_demo/malloc_demo")
        self.cglab = str(setting.build / "lab/cglab")
        self.parent, self.mount = setting.parent, setting.mount
        self.version = setting.version
        self.name = f"cglab-peers.{os.getpid()}.oom"
        self.group = pathlib.Path(self.parent, self.name)
        self.hog_words = [self.hog, "--quiet", "--total", str(TOTAL),
                          "--block", str(TOTAL), "--ramp", "0"]
        self.limit_file, self.counter = (
            ("memory.limit_in_bytes", "memory.oom_control")
            if self.version == "v1" else ("memory.max", "memory.events"))

    def by_cglab(self):
        run(self.cglab, "oom", "--limit", "16M", "--ramp", "0", "--quiet",
            "--parent", self.parent, expected={0})

    def by_shell(self):
        run("sh", "-c", SHELL, "sh", str(self.group), self.hog, self.version,
            expected={0})

    def by_libcgroup(self, *hog):
        place = os.path.relpath(self.group, self.mount)
        run("cgcreate", "-g", f"memory:{place}", expected={0})
        run("cgset", "-r", f"{self.limit_file}={LIMIT}", place, expected={0})
        run("cgexec", "-g", f"memory:{place}", *(hog or self.hog_words))
        counted = run("cgget", "-n", "-v", "-r", self.counter, place, expected={0})
        run("cgdelete", "-g", f"memory:{place}", expected={0})
        words = counted.split()
        if "oom_kill" not in words or words[words.index("oom_kill") + 1] == "0":
            raise Failure(f"no OOM kill was counted: {counted.strip()}")

    def by_stress_ng(self):
        self.by_libcgroup("stress-ng", "--vm", "1", "--vm-bytes", str(TOTAL),
                          "--vm-keep", "--oomable", "--vm-ops", "1", "--quiet")

    def by_systemd(self):
        run("systemd-run", "--quiet", "--scope", f"--unit={self.name}",
            "-p", f"MemoryMax={LIMIT}", "-p", "MemorySwapMax=0",
            *self.hog_words, expected={137, -9})
        result = run("systemctl", "show", "-P", "Result", f"{self.name}.scope")
        run("systemctl", "reset-failed", f"{self.name}.scope")
        if "oom-kill" not in result:
            raise Failure(f"systemd reports no OOM kill: {result.strip()}")

    def ways(self):
        """(name, function or None, why not)."""
        tools = lacks("cgexec", "cgroup-tools")
        return [
            ("cglab oom", self.by_cglab, None),
            ("shell script", self.by_shell, None),
            ("libcgroup's tools", self.by_libcgroup, tools),
            ("systemd-run --scope", self.by_systemd, lacks_systemd()),
            ("stress-ng in cgexec", self.by_stress_ng,
             tools or lacks("stress-ng", "stress-ng")),
        ]

    def clean(self):
        """Removes the cgroup of an interrupted cycle, named after this process."""
        for _ in range(100):
            if not self.group.exists():
                return
            for pid in (self.group / "cgroup.procs").read_text().split():
                os.kill(int(pid), signal.SIGKILL)
            try:
                self.group.rmdir()
            except OSError:
                time.sleep(0.05)


def _measure(setting, runs):
    """Whole cycles in ms."""
    peers = Peers(setting)
    ways = [Way(name, functools.partial(milliseconds, cycle), why_not,
                peers.clean) for name, cycle, why_not in peers.ways()]
    hog = ("malloc_demo", "--quiet", "--total", str(TOTAL), "--block",
           str(TOTAL), "--ramp", "0")
    ways += [Way(each.name, functools.partial(each.oom_cycle, LIMIT, *hog),
                 each.why_not(), each.clean)
             for each in make_starters(setting)
             if hasattr(each, "oom_cycle")]
    return take_turns(ways, runs)


MEASURE = Measure(
    "whole OOM runs of 16 MiB", _measure,
    functools.partial(table_of_times, base="cglab oom"))
