# SPDX-License-Identifier: MIT
"""Twelve situations of tests/truth, for tools that run a command in a container
or cgroup: a script, and whether the OOM killer is invoked in it and for whom.

The kernel log confirms each run: the main process and its children allocate as
programs of different names.
"""

import contextlib
import dataclasses
import os
import pathlib
import re
import signal
import subprocess
import time

from peers.command import Failure

LIMIT = 16 << 20
# Where the ancestor's limit is the one that is hit.
ANCESTOR_LIMIT = 24 << 20
_ROOMY_LIMIT = 64 << 20
_ALLOCATED = "128M"
_MARK = "CGLAB_TRUTH"
_GRACE = 120  # seconds


@dataclasses.dataclass(frozen=True)
class Situation:
    """What happens in a run of sh.

    In `by_hand` the main process becomes `sleep` and then gets SIGKILL from
    outside: the first process of a PID namespace cannot send it to itself.
    """

    name: str
    script: str
    inside: bool = False  # whether a process is OOM-killed
    main: bool = False  # whether it is the main process
    by_hand: bool = False
    by_ancestor: bool = False  # the ancestor's limit is hit

    @property
    def limit(self):
        """Of the run's own cgroup, in bytes."""
        return _ROOMY_LIMIT if self.by_ancestor else LIMIT

    def victims(self):
        return re.findall(r"\b(?:main|child)_hog\b", self.script)


SITUATIONS = (
    Situation("exit_0", "exit 0"),
    Situation("exit_137", "exit 137"),
    Situation("main_killed_by_hand", "exec sleep 1000", by_hand=True),
    Situation("child_killed_by_hand", "sleep 1000 & kill -9 $!; wait; exit 0"),
    Situation("main_killed", "exec main_hog $HOG", inside=True, main=True),
    Situation("main_killed_after_a_child_was",
              "child_hog $HOG; exec main_hog $HOG", inside=True, main=True),
    Situation("main_killed_by_the_parents_limit", "exec main_hog $HOG",
              inside=True, main=True, by_ancestor=True),
    Situation("child_killed", "child_hog $HOG; exit 0", inside=True),
    Situation("child_killed_then_exit_137", "child_hog $HOG; exit 137",
              inside=True),
    Situation("child_killed_then_sigterm_handled",
              "trap 'exit 3' TERM; child_hog $HOG; kill -TERM $$; exit 4",
              inside=True),
    Situation("child_killed_then_main_by_hand",
              "child_hog $HOG; exec sleep 1000", inside=True, by_hand=True),
    Situation("child_killed_by_the_parents_limit", "child_hog $HOG; exit 0",
              inside=True, by_ancestor=True),
)


class NotMade(Exception):
    """What happened was not the situation."""


class Play:
    """A run of a situation, of this name."""

    def __init__(self, situation, name):
        self.situation, self.name = situation, name

    def command(self, path="/bin"):
        """The command that is to run, with its programs in the folder `path`."""
        return ["env", f"{_MARK}={self.name}", f"PATH={path}",
                f"HOG=--total {_ALLOCATED} --ramp 0 --quiet", "sh", "-c",
                self.situation.script]

    def _sleeping_main(self):
        """The pid of the main process, once it has become sleep."""
        mark = f"{_MARK}={self.name}".encode()
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                variables = (folder / "environ").read_bytes().split(b"\0")
                if words[:2] == [b"sleep", b"1000"] and mark in variables:
                    return int(folder.name)
        return None

    def kill_by_hand(self, has_ended):
        """Throws NotMade when the run ends before."""
        end = time.monotonic() + _GRACE
        while time.monotonic() < end:
            pid = self._sleeping_main()
            if pid:
                os.kill(pid, signal.SIGKILL)
                return
            if has_ended():
                raise NotMade("the run ended before its main process was killed")
            time.sleep(0.01)
        raise Failure(f"{self.name}: no main process to kill within {_GRACE} s")

    def run(self, *command):
        """Runs the tool to its end. Returns (status as a shell has it, stderr)."""
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE) as process:
            try:
                if self.situation.by_hand:
                    self.kill_by_hand(lambda: process.poll() is not None)
                _, errors = process.communicate(timeout=_GRACE)
            except subprocess.TimeoutExpired as error:
                raise Failure(f"{error}") from error
            finally:
                process.kill()
        return shell_status(process.returncode), errors


def shell_status(code):
    """Of an exit status, or of a signal's number below zero."""
    return 128 - code if code < 0 else code


class KernelLog:
    """Who is OOM-killed on this machine, /dev/kmsg of Documentation/ABI."""

    def __init__(self):
        self._descriptor = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)

    def skip(self):
        """Forgets what is in the log now."""
        os.lseek(self._descriptor, 0, os.SEEK_END)

    def victims(self):
        """Names of the OOM-killed processes since skip()."""
        found = []
        while True:
            try:
                record = os.read(self._descriptor, 8192).decode(errors="replace")
            except BlockingIOError:
                return found
            except BrokenPipeError as error:
                raise Failure("the kernel log lost records") from error
            found += re.findall(r"Killed process \d+ \((\w+)\)", record)
