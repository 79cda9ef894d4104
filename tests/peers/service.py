# SPDX-License-Identifier: MIT
"""Services on loopback, and waiting for what they do."""

import contextlib
import os
import socket
import subprocess
import time

LOOPBACK = "127.0.0.1"
TIMEOUT = 120  # seconds
_NAP = 0.05


def wait_for(what, condition):
    """What condition returns, as soon as that is true."""
    deadline = time.monotonic() + TIMEOUT
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {TIMEOUT} s")
        time.sleep(_NAP)


def free_port():
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def end(process):
    """Ends a process of subprocess."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def remove_cgroup(path):
    """Removes a cgroup without processes, which can still be busy."""
    wait_for(f"remove {path}", lambda: _removed(path))


def _removed(path):
    with contextlib.suppress(OSError):
        os.rmdir(path)
    return not os.path.isdir(path)


def v1_place(controller):
    """(mount, the cgroup of this process) in a hierarchy of v1, else None."""
    for line in read("/proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controller in controllers.split(","):
            break
    else:
        return None
    for line in read("/proc/self/mounts").splitlines():
        _, mount, kind, options, *_ = line.split()
        if kind == "cgroup" and controller in options.split(","):
            return mount, mount + path.rstrip("/")
    return None
