# SPDX-License-Identifier: MIT
"""The command line, and what a person reads."""

import argparse
import os
import time

from suites.cases import Case
from suites.process import ignore_no_signal_in_children
from suites.suites import ROOT, SUITES, make

EXIT_FAILED = 1

_EPILOG = """\
GTEST_FILTER=PATTERN in the environment chooses among the C++ tests. A crash, a
hang and a test that never started count as failed. The exit status is 0 only
when nothing failed and something passed.
"""


def _table():
    return "\n".join(f"  {name:<12} {about[0]}" for name, about in SUITES.items())


def _parse(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/test",
        description="Sets up and builds what the tests need, runs the suites "
        "(default: all), and counts their test cases.",
        epilog=f"suites:\n{_table()}\n\n{_EPILOG}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("suites", metavar="SUITE", nargs="*", help="see below")
    add("--list", action="store_true", help="list the suites")
    add("--verbose", action="store_true", help="tell of each test that passes")
    add("--build", metavar="DIR", default=os.path.join(ROOT, "build-tests"),
        help=argparse.SUPPRESS)
    add("--check", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    for name in chosen.suites:
        if name not in SUITES:
            parser.error(f"there is no suite '{name}'; --list tells which are")
    chosen.suites = chosen.suites or list(SUITES)
    return chosen


def _say(text=""):
    print(text, flush=True)


def _indented(text):
    return "\n".join(f"    {line}" for line in text.splitlines())


def counts(cases):
    """The numbers of cases as a person reads them."""
    number = {status: 0 for status in ("passed", "failed", "skipped")}
    for case in cases:
        number[case.status] += 1
    return ", ".join(f"{count} {status}" for status, count in number.items())


def _run_suite(name, build, verbose):
    _say(f"== {name}: {SUITES[name][0]}")
    cases = []

    def tell(case):
        cases.append(case)
        if case.status == "failed":
            _say(f"FAILED {name}: {case.name}\n{_indented(case.text)}")
        elif verbose:
            _say(f"{case.status} {name}: {case.name}")

    begin = time.monotonic()
    try:
        make(name, build).run(tell)
    except (OSError, ValueError) as error:
        tell(Case(f"the start of {name}", "failed", str(error)))
    if not cases:
        tell(Case(f"the start of {name}", "failed", "there is no test in it"))
    _say(f"   {name}: {counts(cases)} in {time.monotonic() - begin:.1f} s")
    return cases


def _tell_skips(results):
    by_reason = {}
    for name, cases in results.items():
        for case in cases:
            if case.status == "skipped":
                by_reason.setdefault((name, case.text), []).append(case.name)
    if by_reason:
        _say("\nSkipped:")
    for (name, reason), tests in by_reason.items():
        _say(f"  {name}: {', '.join(tests)}\n{_indented(reason)}")


def _tell_failures(results):
    failed = [
        f"  {name}: {case.name}"
        for name, cases in results.items()
        for case in cases
        if case.status == "failed"
    ]
    if failed:
        _say("\nFailed:\n" + "\n".join(failed))


def main(arguments):
    """Runs the suites and returns the exit status."""
    chosen = _parse(arguments)
    if chosen.list:
        _say(_table())
    if chosen.list or chosen.check:
        return 0
    ignore_no_signal_in_children()
    build = os.path.abspath(chosen.build)
    results = {
        name: _run_suite(name, build, chosen.verbose)
        for name in dict.fromkeys(chosen.suites)
    }
    _tell_skips(results)
    _tell_failures(results)
    cases = [case for of_suite in results.values() for case in of_suite]
    _say(f"\n{counts(cases)}")
    good = all(case.status != "failed" for case in cases)
    return 0 if good and any(c.status == "passed" for c in cases) else EXIT_FAILED
