# SPDX-License-Identifier: MIT
"""Where the figures come from: the hierarchy, the machine, the tools."""

import os
import pathlib
import shutil
import subprocess

_VM = "CGLAB_VM"


class NoMemoryController(Exception):
    """The memory controller is on no mounted hierarchy."""


def is_vm():
    """Whether this is a machine of scripts/vm, which QEMU emulates."""
    return _VM in os.environ


def memory_hierarchy():
    """(version, mount point, own directory) of the memory controller."""
    mounts = [line.split() for line in
              pathlib.Path("/proc/self/mountinfo").read_text().splitlines()]
    own = dict()
    for line in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for name in controllers.split(","):
            own[name] = path
    for fields in mounts:
        kind = fields[fields.index("-") + 1]
        if kind == "cgroup" and "memory" in fields[-1].split(","):
            return "v1", fields[4], fields[4] + own["memory"].rstrip("/")
    for fields in mounts:
        if fields[fields.index("-") + 1] == "cgroup2":
            offered = pathlib.Path(fields[4], "cgroup.controllers").read_text()
            if "memory" in offered.split():
                return "v2", fields[4], fields[4] + own[""].rstrip("/")
    raise NoMemoryController("no memory controller is mounted")


def describe():
    """One line."""
    model = "unknown CPU"
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    total = pathlib.Path("/proc/meminfo").read_text().split()[1]
    return (f"{os.cpu_count()} CPUs ({model}), {int(total) >> 10} MiB, "
            f"Linux {os.uname().release}")


def tool_versions(*programs):
    """{name: the first line that it prints} of those that are installed."""
    found = {}
    for program in programs:
        if shutil.which(program):
            done = subprocess.run([program, "--version"], check=False, text=True,
                                  stdin=subprocess.DEVNULL, capture_output=True)
            # cgexec prints none.
            if done.returncode == 0 and done.stdout:
                found[os.path.basename(program)] = done.stdout.splitlines()[0]
    return found
