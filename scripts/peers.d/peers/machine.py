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


def has_systemd():
    """Whether it is the init of this host."""
    return os.path.isdir("/run/systemd/system")


def _own_paths(pid):
    """{controller: its cgroup's path}; that on cgroup2 by an empty name."""
    paths = {}
    for line in pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, controllers, path = line.split(":", 2)
        for name in controllers.split(","):
            paths[name] = path
    return paths


def memory_cgroup(pid, version, mount):
    """The directory of a process's cgroup."""
    path = _own_paths(pid)["memory" if version == "v1" else ""]
    return pathlib.Path(mount, path.strip("/"))


def memory_hierarchy():
    """(version, mount point, own directory) of the memory controller."""
    mounts = [line.split() for line in
              pathlib.Path("/proc/self/mountinfo").read_text().splitlines()]
    for fields in mounts:
        kind, mount = fields[fields.index("-") + 1], fields[4]
        if kind == "cgroup" and "memory" in fields[-1].split(","):
            return "v1", mount, str(memory_cgroup("self", "v1", mount))
    for fields in mounts:
        kind, mount = fields[fields.index("-") + 1], fields[4]
        if kind == "cgroup2":
            offered = pathlib.Path(mount, "cgroup.controllers").read_text()
            if "memory" in offered.split():
                return "v2", mount, str(memory_cgroup("self", "v2", mount))
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
