# SPDX-License-Identifier: MIT
"""Which suites there are, and how each of them runs."""

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
_LISTING_PATIENCE = 60
_PATIENCE = 150
_DEADLINE = 900
_VM_PATIENCE = 300
_VM_DEADLINE = 1800
# An image with the programs is built there without a word.
_SCRIPTS_PATIENCE = 1200
_VM_SWAP = "256M"
_VM_MARK = "@@ suites "

# name: (what it is, the name of its tests in the build or None, the cgroup
# layout of the machine or None).
SUITES = {
    "unit": ("parsers, detection and verdicts, on text", "unit", None),
    "malloc_demo": ("the memory hog", "malloc_demo", None),
    "kernel": ("cgroupfs on the kernel of this host", "kernel", None),
    "cli": ("cglab on the kernel of this host", "cli", None),
    "vm-v2": ("kernel and cli in a machine with cgroup v2", None, "v2"),
    "vm-v1": ("kernel and cli in a machine with cgroup v1", None, "v1"),
    "vm-hybrid": ("kernel and cli in a machine with both", None, "hybrid"),
    "vm-systemd": ("cglab on a system with systemd", None, "systemd"),
    "scripts": ("the scripts and what is installed", None, None),
}
# The options of scripts/vm and the tests that run there, by layout.
_VM_TESTS = ("kernel", "cli")
_SYSTEMD = (["--systemd"], ("systemd",))


@dataclasses.dataclass
class Program:
    """A program that speaks as GoogleTest does."""

    name: str
    command: list
    environment: dict

    def tests(self):
        """Names of its tests. Throws when it cannot tell."""
        done = subprocess.run(
            [*self.command, "--gtest_list_tests"], check=True, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            timeout=_LISTING_PATIENCE, env={**os.environ, **self.environment},
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


def _scripts(build):
    adapter = os.path.join(ROOT, "tests", "support", "suites", "unittests.py")
    folder = os.path.join(ROOT, "tests", "scripts")
    command = [sys.executable, "-B", adapter, folder]
    return [Program("scripts", command, {"CGLAB_TEST_BUILD": build})]


def _announce(programs):
    """[(program, its reader)], and the cases of those that cannot tell."""
    readers, broken = [], []
    for program in programs:
        try:
            readers.append((program, Reader(program.tests())))
        except (OSError, subprocess.SubprocessError) as error:
            broken.append(Case(f"the list of {program.name}", "failed", str(error)))
    return readers, broken


class Native:
    """A suite whose programs run here."""

    def __init__(self, programs, patience=_PATIENCE, deadline=_DEADLINE):
        self._programs = programs
        self._patience = (patience, deadline)

    def run(self, tell):
        """Runs all. Calls tell with every case, as soon as it has ended."""
        readers, broken = _announce(self._programs)
        for case in broken:
            tell(case)
        for program, reader in readers:
            self._run_program(program, reader, tell)

    def _run_program(self, program, reader, tell):
        def on_line(line):
            case = reader.feed(line)
            if case:
                tell(case)

        end = process.run([*program.command, *_SHOW_ALL], on_line,
                          *self._patience, program.environment)
        for case in reader.end(program.name, *end):
            tell(case)


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
    """A suite whose programs run in one machine with a kernel of its own."""

    def __init__(self, build, layout, options, programs):
        self._programs = programs
        # The tests fail rather than skip when they find another hierarchy.
        self._environment = {
            "CGLAB_TEST_CGROUP": "v1" if layout in ("v1", "hybrid") else "v2"
        }
        self._command = [
            os.path.join(ROOT, "scripts", "vm"), *options,
            "--swap", _VM_SWAP, "--build", build, "--timeout", f"{_VM_DEADLINE}s", "--",
            "sh", "-c",
        ]

    def run(self, tell):
        readers, broken = _announce(self._programs)
        for case in broken:
            tell(case)
        stream = _MachineStream(readers, tell)
        problem, status = process.run(
            [*self._command, _guest_script(readers)], stream.on_line,
            _VM_PATIENCE, _VM_DEADLINE + 30, self._environment)
        stream.end(problem or f"scripts/vm {process.describe(status)}")


class _MachineStream:
    """Hands the lines of a machine to the program that runs in it."""

    def __init__(self, readers, tell):
        self._readers = readers
        self._tell = tell
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
            self._tell(case)

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
            self._tell(case)

    def end(self, problem):
        """The machine has ended."""
        said = "\n".join([*self._last, problem]).strip()
        for number in range(len(self._readers)):
            if number not in self._ended:
                self._end_program(number, said, None)


def make(name, build):
    """The suite of this name on this build folder."""
    _, test, layout = SUITES[name]
    if layout:
        options, tests = (
            _SYSTEMD if layout == "systemd" else (["--cgroup", layout], _VM_TESTS)
        )
        programs = [p for test in tests for p in _of_build(build, test)]
        return Machine(build, layout, options, programs)
    if test:
        return Native(_of_build(build, test))
    return Native(_scripts(build), _SCRIPTS_PATIENCE, _VM_DEADLINE)
