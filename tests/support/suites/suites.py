# SPDX-License-Identifier: MIT
"""The suites, and how each of them runs."""

import dataclasses
import json
import os
import shlex
import subprocess
import sys

from suites import process
from suites.cases import Case, Reader, announced

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
_SHOW_ALL = ["--gtest_color=no", "--gtest_brief=0", "--gtest_repeat=1"]
_LISTING_TIMEOUT = 60
_TIMEOUT = 150
_DEADLINE = 900
_VM_TIMEOUT = 300
_VM_DEADLINE = 1800
# Some of these build an image without printing a line.
_SCRIPTS_TIMEOUT = 1200
_SCRIPTS_DEADLINE = 3600
# A whole system with all packages, and a build in it: three times the limits of
# a test for both.
_SYSTEMS_TIMEOUT = 2700
_SYSTEMS_DEADLINE = 3 * _SYSTEMS_TIMEOUT
_VM_SWAP = "256M"
_SMOKE = "OomTest.*:Outcome.*"
# What differs most between hierarchies. The suites whole-* run the rest.
_ON_V2 = {"cli": "Catalogue/*:Held.*:Outcome.*:RunLimits.*:RunVerdict.*",
          "truth": "*__readable"}
# The other states of the log are tried on v2, and on v1 where it is native.
_TRUTH_ON_V1 = {"truth": "-*__rate_limited:*__filtered:*__other_namespace"}
# These cause hardly a kill and take a third of the time of cli.
_WAITING = "Held.*:RunEnd.*:CheckWatch.*"
_VM_MARK = "@@ suites "


@dataclasses.dataclass(frozen=True)
class Suite:
    """The programs of a suite, and where it runs."""

    about: str
    tests: tuple = ()  # names of its tests in the build
    folder: str = ""  # of Python's unit tests, below tests/
    machine: tuple = ()  # options of scripts/vm, where it runs in a machine
    # Which cases of a test, as GoogleTest understands it; else all.
    filters: dict = dataclasses.field(default_factory=dict)
    needs: tuple = ()  # groups in scripts/setup.d/packages.txt
    # It causes OOM kills on this host, of which the kernel logs only some in a
    # given time: such suites run one after another.
    kills_here: bool = False
    waits: bool = False  # it needs hardly a processor
    # Seconds without a line, and in all, for Python's tests.
    limits: tuple = (_SCRIPTS_TIMEOUT, _SCRIPTS_DEADLINE)
    # "always", "quick" (also with --quick), "smoke" (with --quick, in place of
    # those in machines) or "named".
    runs: str = "always"


# They start in this order: quick ones first, then the longest.
SUITES = {
    "style": Suite("source formatting, the include rule", folder="style",
                   needs=("style",), runs="quick"),
    "unit": Suite("parsers, detection and verdicts, on text", ("unit",),
                  runs="quick"),
    "malloc_demo": Suite("the memory hog", ("malloc_demo",), runs="quick"),
    "kernel": Suite("cgroupfs on the kernel of this host", ("kernel",),
                    kills_here=True, runs="quick"),
    "cli": Suite("cglab on the kernel of this host", ("cli",),
                 filters={"cli": f"-{_WAITING}"}, kills_here=True),
    "cli-waiting": Suite("more of cglab: runs that mostly wait", ("cli",),
                         filters={"cli": _WAITING}, waits=True),
    "truth": Suite("verdicts on situations whose truth is known", ("truth",),
                   filters={"truth": "*__readable:*__unreadable"},
                   kills_here=True),
    "native": Suite("a course's make targets, peers, --on, on this host",
                    folder="native", needs=("vm",), kills_here=True),
    "vm-v2": Suite("experiments and verdicts in a VM with cgroup v2",
                   ("kernel", "cli", "truth"), machine=("--cgroup", "v2"),
                   filters=_ON_V2, needs=("vm",)),
    "vm": Suite("scripts/vm itself", folder="vm", needs=("vm", "rootfs")),
    "scripts": Suite("the other scripts, and what is installed",
                     folder="scripts"),
    "vm-systemd": Suite("cglab on a system with systemd", ("systemd",),
                        machine=("--systemd",), needs=("vm", "rootfs")),
    "vm-v1": Suite("cgroupfs, and OOM kills by cglab, in a VM with cgroup v1",
                   ("kernel", "cli"), machine=("--cgroup", "v1"),
                   filters={"cli": _SMOKE}, needs=("vm",)),
    "vm-hybrid": Suite("cgroupfs, and OOM kills by cglab, in a VM with both",
                       ("kernel", "cli"), machine=("--cgroup", "hybrid"),
                       filters={"cli": _SMOKE}, needs=("vm",)),
    "vm-smoke": Suite("OOM kills in a VM with cgroup v2",
                      ("kernel", "cli"), machine=("--cgroup", "v2"),
                      filters={"kernel": _SMOKE, "cli": _SMOKE}, needs=("vm",),
                      runs="smoke"),
    "whole-truth": Suite("truth with all states of the kernel log",
                         ("truth",), kills_here=True, runs="named"),
    "whole-v2": Suite("all of kernel, cli and truth in a VM with cgroup v2",
                      ("kernel", "cli", "truth"), machine=("--cgroup", "v2"),
                      needs=("vm",), runs="named"),
    "whole-v1": Suite("kernel, cli and most of truth in a VM with cgroup v1",
                      ("kernel", "cli", "truth"), machine=("--cgroup", "v1"),
                      filters=_TRUTH_ON_V1, needs=("vm",), runs="named"),
    "whole-hybrid": Suite("kernel, cli and most of truth in a VM with both",
                          ("kernel", "cli", "truth"),
                          machine=("--cgroup", "hybrid"),
                          filters=_TRUTH_ON_V1, needs=("vm",), runs="named"),
    "pages": Suite("pages of reports in Chromium", folder="pages",
                   needs=("browser",), runs="named"),
    "image": Suite("a container image, built from nothing", folder="image",
                   needs=("image",), kills_here=True, runs="named"),
    "archive": Suite("the static archive: four kernels, a node with only QEMU",
                     folder="archive",
                     needs=("vm", "rootfs", "clone", "archive"),
                     kills_here=True, runs="named"),
    "aarch64": Suite("an archive for aarch64, and the unit tests, emulated",
                     folder="aarch64", needs=("clone", "archive-aarch64"),
                     runs="named"),
    "peers": Suite("Prometheus, Slurm, a registry, buildah here, podman in a VM",
                   folder="peers", needs=("vm", "image"), kills_here=True,
                   runs="named"),
    "storm": Suite("ten thousand OOM kills in short-lived cgroups, on v1 and v2",
                   folder="storm", needs=("vm",), kills_here=True,
                   limits=(_SCRIPTS_DEADLINE, 2 * _SCRIPTS_DEADLINE),
                   runs="named"),
    "signals": Suite("a thousand random signals to runs on this host",
                     folder="signals", kills_here=True, runs="named"),
    "kernels": Suite("experiments on kernels of four Debian suites",
                     folder="kernels", needs=("vm",), runs="named"),
    "distributions": Suite("the set-up and a run on Debian 12, 13 and sid",
                           folder="distributions", needs=("rootfs", "clone"),
                           limits=(_SYSTEMS_TIMEOUT, _SYSTEMS_DEADLINE),
                           runs="named"),
    "packages": Suite("Debian packages, used and removed on Debian 12, 13, sid",
                      folder="packages", needs=("rootfs", "clone", "deb"),
                      limits=(_SYSTEMS_TIMEOUT, _SYSTEMS_DEADLINE),
                      kills_here=True, runs="named"),
}


@dataclasses.dataclass
class Program:
    """A program with the output of GoogleTest."""

    name: str
    command: list
    environment: dict
    # GTEST_FILTER may select none of a program's tests.
    must_have_tests: bool = False

    def tests(self):
        """Names of its tests. Throws when they cannot be listed."""
        done = subprocess.run(
            [*self.command, "--gtest_list_tests"], check=True, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            timeout=_LISTING_TIMEOUT, env={**os.environ, **self.environment},
        )
        return announced(done.stdout)


def _of_build(build, name):
    """The programs that meson has as tests NAME and "NAME ..."."""
    path = os.path.join(build, "meson-info", "intro-tests.json")
    with open(path, encoding="utf-8") as file:
        tests = json.load(file)
    found = [
        Program(test["name"], test["cmd"], test["env"])
        for test in tests
        if test["name"].split()[0] == name
    ]
    if not found:
        raise ValueError(f"{build} has no test named {name}")
    return found


def _python(name, folder, build):
    """The Python tests in a folder below tests/."""
    adapter = os.path.join(ROOT, "tests", "support", "suites", "unittests.py")
    path = os.path.join(ROOT, "tests", folder)
    command = [sys.executable, "-I", "-B", adapter, path]
    return Program(name, command, {"CGLAB_TEST_BUILD": build})


def _announce(programs):
    """[(program, its reader)], and failed cases of those whose tests cannot be listed."""
    readers, broken = [], []
    for program in programs:
        try:
            names = program.tests()
            if program.must_have_tests and not names:
                raise ValueError(f"{program.name} has none of the tests wanted")
            readers.append((program, Reader(names)))
        except (OSError, ValueError, subprocess.SubprocessError) as error:
            problem = process.describe_error(error)
            broken.append(Case(f"the list of {program.name}", "failed", problem))
    return readers, broken


class Native:
    """A suite whose programs run here."""

    def __init__(self, programs, timeout=_TIMEOUT, deadline=_DEADLINE):
        self.programs = programs
        self._timeout = (timeout, deadline)

    def run(self, report):
        """Runs all. Calls report with every case, as soon as it has ended. Returns
        what the programs say at their ends."""
        readers, broken = _announce(self.programs)
        for case in broken:
            report(case)
        for program, reader in readers:
            if not process.INTERRUPTED.is_set():
                self._run_program(program, reader, report)
        return [reader.summary for _, reader in readers if reader.summary]

    def _run_program(self, program, reader, report):
        def on_line(line):
            case = reader.feed(line)
            if case:
                report(case)

        end = process.run([*program.command, *_SHOW_ALL], on_line,
                          *self._timeout, program.environment)
        for case in reader.end(program.name, *end):
            report(case)


def _guest_script(readers):
    """A shell script that runs all programs and marks where each one begins
    and how it ends."""
    lines = []
    for number, (program, _) in enumerate(readers):
        pairs = [f"{name}={value}" for name, value in program.environment.items()]
        words = ["env", *pairs, *program.command, *_SHOW_ALL]
        lines.append(f"echo '{_VM_MARK}{number} begins'")
        lines.append(shlex.join(words) + " 2>&1 </dev/null")
        lines.append(f'status=$?; echo; echo "{_VM_MARK}{number} $status"')
    return "\n".join(lines)


class Machine:
    """A suite whose programs run in one machine with its own kernel."""

    def __init__(self, build, options, programs):
        self._programs = programs
        # The tests fail rather than skip when they find another hierarchy.
        on_v1 = "v1" in options or "hybrid" in options
        self._environment = {"CGLAB_TEST_CGROUP": "v1" if on_v1 else "v2"}
        self._command = [
            os.path.join(ROOT, "scripts", "vm"), *options,
            "--swap", _VM_SWAP, "--build", build, "--timeout", f"{_VM_DEADLINE}s",
            *(word for program in programs for word in ("--add", program.command[0])),
            "--", "sh", "-c",
        ]

    def run(self, report):
        readers, broken = _announce(self._programs)
        for case in broken:
            report(case)
        stream = _MachineStream(readers, report)
        problem, status = process.run(
            [*self._command, _guest_script(readers)], stream.on_line,
            _VM_TIMEOUT, _VM_DEADLINE + 30, self._environment)
        stream.end(problem or f"scripts/vm {process.describe(status)}")
        return [reader.summary for _, reader in readers if reader.summary]


class _MachineStream:
    """Passes the lines of a machine to the program that runs in it."""

    def __init__(self, readers, report):
        self._readers = readers
        self._report = report
        self._current = None
        self._ended = set()
        self._last = []

    def on_line(self, line):
        if line.startswith(_VM_MARK):
            number, what = line[len(_VM_MARK):].split()
            self._mark(int(number), what)
        elif self._current is None:
            self._last = [*self._last[-20:], line]
        else:
            self._feed(line)

    def _feed(self, line):
        case = self._readers[self._current][1].feed(line)
        if case:
            self._report(case)

    def _mark(self, number, what):
        if what == "begins":
            self._current = number
            return
        self._current = None
        self._end_program(number, "", int(what))

    def _end_program(self, number, problem, status):
        self._ended.add(number)
        program, reader = self._readers[number]
        for case in reader.end(program.name, problem, status):
            self._report(case)

    def end(self, problem):
        """The machine has ended."""
        said = "\n".join([*self._last, problem]).strip()
        for number in range(len(self._readers)):
            if number not in self._ended:
                self._end_program(number, said, None)


def make(name, build):
    """The suite of this name on this build folder."""
    suite = SUITES[name]
    if suite.folder:
        programs = [_python(name, suite.folder, build)]
        return Native(programs, *suite.limits)
    programs = [p for test in suite.tests for p in _of_build(build, test)]
    for program in programs:
        cases = suite.filters.get(program.name.split()[0])
        if cases and "GTEST_FILTER" not in os.environ:
            program.environment["GTEST_FILTER"] = cases
            program.must_have_tests = True
    return Machine(build, suite.machine, programs) if suite.machine else Native(
        programs)
