# SPDX-License-Identifier: MIT
"""From the output of a test program to test cases.

A program that ends in the middle, or that hangs, must not hide a test: each of
those it has announced ends up as passed, failed or skipped.
"""

import collections
import dataclasses
import re

from suites.process import describe

_KEPT_LINES = 300
_RUN = re.compile(r"\[ RUN      \] (\S+)$")
_END = re.compile(
    r"\[(       OK |  FAILED  |  SKIPPED )\] (\S+?)(?:, where .*)? \((\d+) ms\)$"
)
# The summary that a program prints at the end.
_SUMMARY = re.compile(r"\d+ situations, ")
_STATUS = {"       OK ": "passed", "  FAILED  ": "failed", "  SKIPPED ": "skipped"}


@dataclasses.dataclass
class Case:
    """The result of one test case."""

    name: str
    status: str  # passed, failed or skipped
    text: str = ""  # its output; for a skipped one the reason
    seconds: float = 0.0


def announced(listing):
    """Names of the tests in the output of --gtest_list_tests."""
    names, suite = [], ""
    for line in listing.splitlines():
        words = line.split("#")[0].rstrip()
        if words.startswith("  "):
            names.append(suite + words.strip())
        elif words.endswith(".") and " " not in words:
            suite = words
    return names


def _reason(lines):
    """Why a test was skipped: its output without source positions."""
    kept = [line for line in lines if not line.endswith(": Skipped")]
    return " ".join(line.strip() for line in kept if line.strip())


class Reader:
    """Parses the output of one test program while it runs."""

    def __init__(self, names):
        self.cases = []
        self.summary = ""
        self._waiting = dict.fromkeys(names)
        self._running = None
        self._lines = collections.deque(maxlen=_KEPT_LINES)

    @property
    def running(self):
        return self._running

    def feed(self, line):
        """Processes one line. Returns the case that it ends, else None."""
        begins, ends = _RUN.search(line), _END.search(line)
        if begins and not self._running and begins[1] in self._waiting:
            self._running = begins[1]
            del self._waiting[begins[1]]
            self._lines.clear()
        elif ends and ends[2] == self._running:
            # A program under test may have left an unfinished line before it.
            self._lines.append(line[: ends.start()])
            return self._end_running(_STATUS[ends[1]], int(ends[3]) / 1000)
        else:
            if not self._running and _SUMMARY.match(line):
                self.summary = line
            self._lines.append(line)
        return None

    def _end_running(self, status, seconds=0.0):
        lines = [line for line in self._lines if line.strip()]
        text = _reason(lines) if status == "skipped" else "\n".join(lines)
        if status == "skipped" and not text:
            text = "no reason given"
        case = Case(self._running, status, text, seconds)
        self._running = None
        self._lines.clear()
        return self._add(case)

    def _add(self, case):
        self.cases.append(case)
        return case

    def end(self, program, problem, status):
        """The program has ended: with `status`, or None after a `problem`.

        Returns the cases that follow from it.
        """
        before = len(self.cases)
        failed = any(case.status == "failed" for case in self.cases)
        # GoogleTest exits with 1 after a failed test.
        if not problem and status not in (0, 1) or status == 1 and not failed:
            problem = f"{program} {describe(status)}"
        last = "\n".join(line for line in self._lines if line.strip())
        stopped = bool(self._running)
        if stopped:
            self._lines.append(problem or f"{program} ended within this test")
            self._end_running("failed")
        for name in self._waiting:
            self._end_waiting(name, problem or f"{program} has ended")
        if problem and not stopped and not self._waiting:
            self._add(Case(f"the end of {program}", "failed", f"{last}\n{problem}"))
        elif problem and not stopped and last:
            self.cases[before].text += f"\n{last}"
        return self.cases[before:]

    def _end_waiting(self, name, why):
        test = name.rsplit(".", 1)[-1]
        if test.startswith("DISABLED_") or name.startswith("DISABLED_"):
            self._add(Case(name, "skipped", "disabled in its source"))
        else:
            self._add(Case(name, "failed", f"never started: {why}"))
