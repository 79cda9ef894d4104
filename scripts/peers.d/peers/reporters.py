# SPDX-License-Identifier: MIT
"""How each tool is asked whether its run had an OOM kill, in scripts/vm."""

import contextlib
import ctypes
import dataclasses
import json
import os
import pathlib
import re
import signal
import subprocess
import time
import typing

from peers import situations, vm
from peers.bundle import RUN_OPTIONS, write_bundle
from peers.command import Failure, run
from peers.situations import shell_status

KILLED = 128 + signal.SIGKILL
_SLICE = "cglabpeers.slice"
_RUN = pathlib.Path("/run")
_PR_SET_CHILD_SUBREAPER = 36  # prctl(2)


@dataclasses.dataclass(frozen=True)
class Answer:
    """None: the tool says that it is unknown."""

    inside: typing.Optional[bool]  # whether a process was OOM-killed
    main: typing.Optional[bool]  # whether the main process was


def for_the_run(status, inside):
    """The answer of a tool that does not single out the victim: a main process
    with another status than 137 is none."""
    return Answer(inside, None if inside and status == KILLED else False)


def by_rule(status):
    """The shell's rule: 137 is an OOM kill, and any other status is none."""
    return Answer(status == KILLED, status == KILLED)


class World:
    """What the tools need in the VM: programs, cgroups, a slice of systemd."""

    def __init__(self, setting):
        self.cglab = str(setting.build / "lab/cglab")
        self.mount = pathlib.Path(setting.mount)
        self.roomy = pathlib.Path(setting.parent)
        self.limited = self.roomy / "limited"
        self.rootfs = setting.rootfs
        self.programs = os.path.join(setting.rootfs, "bin")
        self._limit_ancestors()

    def _limit_ancestors(self):
        self.limited.mkdir()
        limits = {"memory.max": situations.ANCESTOR_LIMIT, "memory.swap.max": 0,
                  "cgroup.subtree_control": "+memory +pids"}
        for file, value in limits.items():
            (self.limited / file).write_text(str(value))
        unit = _RUN / "systemd/system" / _SLICE
        unit.parent.mkdir(exist_ok=True)
        unit.write_text(f"[Slice]\nMemoryMax={situations.ANCESTOR_LIMIT}\n"
                        "MemorySwapMax=0\n")
        run("systemctl", "daemon-reload", expected={0})
        run("systemctl", "start", _SLICE, expected={0})

    def parent(self, play):
        return self.limited if play.situation.by_ancestor else self.roomy

    def slice_options(self, play, option="--slice"):
        return [f"{option}={_SLICE}"] if play.situation.by_ancestor else []

    def group(self, play):
        return self.parent(play) / play.name


class Shell:
    name = "137 rule"
    asked = ("the exit status in a shell that runs the command in a cgroup: 137 "
             "is an OOM kill of the main process, and any other is none")

    def __init__(self, world):
        self.world = world

    def ask(self, play):
        group = self.world.group(play)
        group.mkdir()
        try:
            (group / "memory.max").write_text(str(play.situation.limit))
            (group / "memory.swap.max").write_text("0")
            enter = 'echo 0 >"$1/cgroup.procs" && shift && exec "$@"'
            status, _ = play.run("sh", "-c", enter, "sh", str(group),
                                 *play.command(self.world.programs))
        finally:
            remove(group)
        return by_rule(status)


def remove(group):
    """Throws Failure when processes stay in the cgroup."""
    for _ in range(1000):
        try:
            group.rmdir()
            return
        except OSError:
            time.sleep(0.01)
    raise Failure(f"{group} cannot be removed")


class Scope:
    name = "systemd-run --scope"
    asked = "`systemctl show -P Result` of the scope, and the exit status"

    def __init__(self, world):
        self.world = world

    def ask(self, play):
        unit = play.name + ".scope"
        status, _ = play.run(
            "systemd-run", "--quiet", "--scope", f"--unit={unit}",
            *self.world.slice_options(play),
            *limit_properties(play), *play.command(self.world.programs))
        result = run("systemctl", "show", "-P", "Result", unit, expected={0})
        run("systemctl", "reset-failed", unit)
        return for_the_run(status, result.strip() == "oom-kill")


class Service:
    name = "systemd-run --wait"
    asked = ("its lines `Finished with result` and `Main processes terminated "
             "with`")

    def __init__(self, world):
        self.world = world

    def ask(self, play):
        unit = play.name + ".service"
        _, report = play.run(
            "systemd-run", "--wait", f"--unit={unit}",
            *self.world.slice_options(play), *limit_properties(play),
            *play.command(self.world.programs))
        run("systemctl", "reset-failed", unit)
        result = re.search(r"^Finished with result: (\S+)", report, re.M)
        if not result:
            raise Failure(f"systemd-run --wait: no result in: {report.strip()}")
        killed = re.search(r"^Main processes terminated with: "
                           r"code=killed/status=KILL", report, re.M)
        return for_the_run(KILLED if killed else 0, result[1] == "oom-kill")


def limit_properties(play):
    return ["-p", f"MemoryMax={play.situation.limit}", "-p", "MemorySwapMax=0"]


class Podman:
    name = "podman run (crun)"
    asked = "`podman inspect`: `State.OOMKilled`, and `State.ExitCode`"

    def __init__(self, world):
        self.world = world

    def ask(self, play):
        limit = str(play.situation.limit)
        try:
            _, errors = play.run(
                "podman", "run", "--name", play.name, "--network", "none",
                "--memory", limit, "--memory-swap", limit,
                *self.world.slice_options(play, "--cgroup-parent"), vm.IMAGE,
                *play.command())
            found = run("podman", "inspect", play.name)
        finally:
            run("podman", "rm", "--force", "--time", "0", play.name)
        try:
            state = json.loads(found)[0]["State"]
        except (ValueError, IndexError) as error:
            raise Failure(f"podman run: {errors.strip()}") from error
        return for_the_run(state["ExitCode"], state["OOMKilled"])


class _Bundled:
    """One of the OCI runtimes."""

    def __init__(self, world):
        self.world = world
        self.folder = _RUN / f"cglab-{self.runtime}"

    def bundle(self, play):
        """Options for a new bundle."""
        with contextlib.suppress(FileNotFoundError):
            (self.folder / "config.json").unlink()
        self.folder.mkdir(exist_ok=True)
        group = self.world.group(play).relative_to(self.world.mount)
        write_bundle(self.folder, self.runtime, self.world.rootfs, play.command(),
                     f"/{group}", play.situation.limit)
        return ["--bundle", str(self.folder), *RUN_OPTIONS]

    def delete(self, play):
        run(self.runtime, "delete", "--force", play.name)


class Crun(_Bundled):
    name = "crun run"
    runtime = "crun"
    asked = "the exit status by the 137 rule: it has no `events`"

    def ask(self, play):
        try:
            status, _ = play.run("crun", "run", *self.bundle(play), play.name)
        finally:
            self.delete(play)
        return by_rule(status)


class Runc(_Bundled):
    name = "runc events"
    runtime = "runc"
    asked = ("an event of type `oom` between create and the end, as a container "
             "manager listens, and the exit status of the main process")

    def __init__(self, world):
        super().__init__(world)
        # The container's main process becomes a child of this one.
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    def ask(self, play):
        try:
            pid = self._create(play)
            with subprocess.Popen(
                    ["runc", "events", "--interval", "100ms", play.name],
                    stdout=subprocess.PIPE, text=True) as events:
                # Statistics show that it listens.
                heard = events.stdout.readline()
                status = self._run(play, pid)
                heard += events.communicate()[0]
        finally:
            self.delete(play)
        kinds = [json.loads(line)["type"] for line in heard.splitlines()]
        return for_the_run(status, "oom" in kinds)

    def _create(self, play):
        file = self.folder / "pid"
        # The container keeps its standard streams.
        done = subprocess.run(
            ["runc", "create", *self.bundle(play), "--pid-file", str(file),
             play.name], check=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if done.returncode != 0:
            raise Failure(f"runc create ended with {done.returncode}")
        return int(file.read_text())

    def _run(self, play, pid):
        run("runc", "start", play.name, expected={0})
        ended = []

        def has_ended():
            if not ended and os.waitpid(pid, os.WNOHANG) != (0, 0):
                ended.append(True)
            return bool(ended)

        if play.situation.by_hand:
            play.kill_by_hand(has_ended)
        _, status = os.waitpid(pid, 0)
        return shell_status(os.waitstatus_to_exitcode(status))


class Cglab:
    name = "cglab run"
    asked = "`verdict` in the record: `oom_kill`, `status`"
    prefix = ()

    def __init__(self, world):
        self.world = world

    def ask(self, play):
        path = _RUN / f"{play.name}.json"
        _, errors = play.run(
            *self.prefix, self.world.cglab, "run", "--quiet", "--json", str(path),
            "--limit", str(play.situation.limit), "--parent",
            str(self.world.parent(play)), "--",
            *play.command(self.world.programs))
        try:
            record = json.loads(path.read_text())
        except OSError as error:
            raise Failure(f"cglab run: {errors.strip()}") from error
        path.unlink()
        self.check(record)
        return self.answer(record["verdict"])

    def check(self, record):
        pass

    @staticmethod
    def answer(verdict):
        kill = verdict["oom_kill"]
        if kill == "process":
            return Answer(True, True)
        undetermined = verdict["status"] in ("oom_killed_undetermined",
                                             "killed_undetermined")
        return Answer(None if kill is None else kill != "none",
                      None if undetermined else False)


class CglabWithoutLog(Cglab):
    name = "cglab run without the log"
    asked = "the same, where it may not read the kernel log"
    # Either one is enough to read it.
    prefix = ("setpriv", "--bounding-set=-syslog,-sys_admin",
              "--inh-caps=-syslog,-sys_admin")

    def check(self, record):
        if record["evidence"]["victims_absent_because"] is None:
            raise Failure("cglab run could read the kernel log")


REPORTERS = (Shell, Scope, Service, Podman, Crun, Runc, Cglab, CglabWithoutLog)
