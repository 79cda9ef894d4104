# SPDX-License-Identifier: MIT
"""How each of the ways starts the same static program."""

import dataclasses
import json
import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time
import typing

from peers import machine, vm
from peers.bundle import RUN_OPTIONS, write_bundle
from peers.command import Failure, end, lacks, lacks_systemd, not_here, run
from peers.turns import milliseconds

_DEADLINE = 60
_KILLED = {137, -signal.SIGKILL}


@dataclasses.dataclass
class Held:
    """A program that runs."""

    pid: int
    cgroup: pathlib.Path  # which this way has made for it, the outermost
    helper: typing.Optional[int] = None  # a process that stays as long as it
    helper_cgroup: typing.Optional[pathlib.Path] = None  # made for it, too


def _until(found, what):
    """What found() returns, as soon as it is true."""
    last = time.monotonic() + _DEADLINE
    while time.monotonic() < last:
        result = found()
        if result:
            return result
        time.sleep(0.01)
    raise Failure(f"{what} within {_DEADLINE} s")


def _children(pid):
    return [int(child) for thread in pathlib.Path(f"/proc/{pid}/task").iterdir()
            for child in (thread / "children").read_text().split()]


def oom_kills(cgroup):
    """Counted there and below it, on v2; 0 before it exists."""
    if not cgroup.exists():
        return 0
    for line in (cgroup / "memory.events").read_text().splitlines():
        name, value = line.split()
        if name == "oom_kill":
            return int(value)
    raise Failure(f"{cgroup}/memory.events has no oom_kill")


class Starter:
    """One way. A program is named by its name in the image's bin/."""

    name = "bare exec"

    def __init__(self, setting, number):
        self.setting = setting
        self.unit = f"cglab-peers.{os.getpid()}.{number}"
        self.cgroup = pathlib.Path(setting.parent, self.unit)
        self._process = None

    def why_not(self):
        """Why it cannot run here, or None."""
        return None

    def words(self, program, *arguments):
        """The program with its path here."""
        if self.setting.rootfs:
            # The very file that the containers have.
            path = os.path.join(self.setting.rootfs, "bin", program)
            return [path, *arguments]
        if program == "malloc_demo":
            return [str(self.setting.build / "malloc_demo/malloc_demo"),
                    *arguments]
        return [shutil.which(program), *arguments]

    def command(self, program, *arguments):
        """Words of a command that runs it in the foreground. What has to be
        prepared for it is then prepared."""
        return self.words(program, *arguments)

    def hold(self, program, *arguments):
        """Starts it; release() ends it."""
        self.cgroup.mkdir()
        self._start(self.words(program, *arguments), self._join)
        return Held(self._process.pid, self.cgroup)

    def release(self):
        """Ends it, and with it all that this way has made for it."""
        self._process.kill()
        self._reap()
        self.clean()

    def clean(self):
        """Ends and removes all that it has made."""
        if self._process:
            end(self._process)
            self._process = None
        self._remove_cgroup()

    def _reap(self):
        try:
            self._process.wait(_DEADLINE)
        except subprocess.TimeoutExpired:
            raise Failure(f"{self.name} did not end within {_DEADLINE} s")
        self._process = None

    def _join(self):
        join = "tasks" if self.setting.version == "v1" else "cgroup.procs"
        (self.cgroup / join).write_text("0")

    def _start(self, words, before=None):
        self._process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            preexec_fn=before)

    def _outermost(self, pid, above):
        """The cgroup below `above` in which it is."""
        def below():
            inside = machine.memory_cgroup(
                pid, self.setting.version, self.setting.mount)
            return above in inside.parents and inside
        found = _until(below, f"process {pid} was in no cgroup below {above}")
        return above / found.relative_to(above).parts[0]

    def _remove_cgroup(self):
        for _ in range(100):
            if not self.cgroup.exists():
                return
            for pid in (self.cgroup / "cgroup.procs").read_text().split():
                os.kill(int(pid), signal.SIGKILL)
            try:
                self.cgroup.rmdir()
            except OSError:
                time.sleep(0.05)


class CglabRun(Starter):
    """With its usual sampling."""

    name = "cglab run"

    def command(self, program, *arguments):
        return [str(self.setting.build / "lab/cglab"), "run", "--quiet",
                "--parent", self.setting.parent, "--",
                *self.words(program, *arguments)]

    def hold(self, program, *arguments):
        self._start(self.command(program, *arguments))
        helper = self._process.pid
        (pid,) = _until(lambda: _children(helper), "cglab run had no child")
        return Held(pid, self._outermost(pid, pathlib.Path(self.setting.parent)),
                    helper)

    def release(self):
        for pid in _children(self._process.pid):
            os.kill(pid, signal.SIGKILL)
        self._reap()


class Scope(Starter):
    """systemd-run becomes the program: no process is added."""

    name = "systemd-run --scope"

    def why_not(self):
        return lacks_systemd()

    def command(self, program, *arguments):
        return ["systemd-run", "--quiet", "--scope", f"--unit={self.unit}",
                *self.words(program, *arguments)]

    def hold(self, program, *arguments):
        self._start(self.command(program, *arguments))
        pid = self._process.pid
        slice_ = pathlib.Path(self.setting.mount, "system.slice")
        cgroup = slice_ / f"{self.unit}.scope"
        _until(lambda: self._outermost(pid, slice_) == cgroup,
               f"process {pid} was not in {cgroup}")
        return Held(pid, cgroup)

    def clean(self):
        super().clean()
        run("systemctl", "stop", f"{self.unit}.scope")
        run("systemctl", "reset-failed", f"{self.unit}.scope")


class Container(Starter):
    """What crun, runc and podman have in common; command() has a limit=."""

    def __init__(self, runtime, *arguments):
        super().__init__(*arguments)
        self.name = self._runtime = runtime
        # The parent of the container's cgroup.
        self.above = self.cgroup.parent

    def why_not(self):
        # On v1 a runtime makes the cgroup and its missing parents in each
        # hierarchy, and leaves the parents there; podman keeps images and
        # containers in the host's storage.
        if not machine.is_vm():
            return not_here("containers are made in the VM only")
        return lacks(self._runtime, self._runtime)

    def oom_cycle(self, limit, *hog):
        """Its time in ms. The container's cgroup is removed at its end; its
        kill remains counted above."""
        command = self.command(*hog, limit=limit)

        def cycle():
            before = oom_kills(self.above)
            run(*command, expected=_KILLED)
            if oom_kills(self.above) == before:
                raise Failure(f"{self.above}/memory.events counts no OOM kill")
        return milliseconds(cycle)

    def release(self):
        self.clean()


class Oci(Container):
    """A runtime without an engine; it has no process while the program runs."""

    def __init__(self, runtime, *arguments):
        super().__init__(runtime, *arguments)
        self._folder = None

    def command(self, program, *arguments, limit=None):
        """The bundle is made in advance."""
        return self._command([], program, *arguments, limit=limit)

    def hold(self, program, *arguments):
        run(*self._command(["--detach"], program, *arguments), expected={0})
        state = json.loads(
            run(self._runtime, "state", self.unit, expected={0}))
        return Held(state["pid"], self.cgroup)

    def clean(self):
        run(self._runtime, "delete", "--force", self.unit)
        self._remove_bundle()
        self._remove_cgroup()

    def _remove_bundle(self):
        if self._folder:
            self._folder.cleanup()
            self._folder = None

    def _command(self, options, program, *arguments, limit=None):
        self._remove_bundle()
        self._folder = tempfile.TemporaryDirectory(prefix=self.unit + ".")
        cgroup = "/" + os.path.relpath(self.cgroup, self.setting.mount)
        write_bundle(self._folder.name, self._runtime, self.setting.rootfs,
                     ["/bin/" + program, *arguments], cgroup, limit)
        return [self._runtime, "run", *options, "--bundle", self._folder.name,
                *RUN_OPTIONS, self.unit]


class Podman(Container):
    """Without a network. conmon stays as long as the program."""

    def __init__(self, runtime, *arguments):
        super().__init__(runtime, *arguments)
        self.name = f"podman run ({runtime})"
        self.above = pathlib.Path(self.setting.mount, "machine.slice")

    def why_not(self):
        return super().why_not() or lacks("podman", "podman")

    def command(self, program, *arguments, limit=None):
        limits = [] if limit is None else [
            "--memory", str(limit), "--memory-swap", str(limit)]
        return self._command(["--rm", *limits], program, *arguments)

    def hold(self, program, *arguments):
        run(*self._command(["--detach"], program, *arguments), expected={0})
        state = json.loads(run("podman", "inspect", "--format",
                               "{{json .State}}", self.unit, expected={0}))
        return Held(state["Pid"], self._outermost(state["Pid"], self.above),
                    state["ConmonPid"],
                    self._outermost(state["ConmonPid"], self.above))

    def clean(self):
        run("podman", "rm", "--force", "--ignore", "--time", "0", self.unit)

    def _command(self, options, program, *arguments):
        return ["podman", "--runtime", self._runtime, "run", "--name", self.unit,
                "--network", "none", *options, vm.IMAGE, "/bin/" + program,
                *arguments]


def make_starters(setting):
    """All ways, the bare one first."""
    made = [(Starter,), (CglabRun,), (Scope,), (Oci, "crun"), (Oci, "runc"),
            (Podman, "crun"), (Podman, "runc")]
    return [kind(*runtime, setting, number)
            for number, (kind, *runtime) in enumerate(made)]
