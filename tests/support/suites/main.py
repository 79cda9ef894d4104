# SPDX-License-Identifier: MIT
"""The command line, and the printed report."""

import argparse
import concurrent.futures
import contextlib
import os
import signal
import sys
import time

from suites.cases import Case
from suites.process import (
    INTERRUPTED,
    describe_error,
    ignore_no_signal_in_children,
)
from suites.suites import ROOT, SUITES, make

EXIT_FAILED = 1
EXIT_NO_REPORT = 3
_SLOWEST = 10
# They end the run and everything that it has started.
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)

_EPILOG = """\
Suites run in parallel, except those that cause OOM kills on this host, which
run one after another: the kernel limits how many it logs in a given time.

GTEST_FILTER=PATTERN in the environment chooses among the C++ tests. A crash, a
hang and a test that never started count as failed. The exit status is 0 only
when nothing failed and something passed.
"""


def _named(*runs):
    return [name for name, suite in SUITES.items() if suite.runs in runs]


def _table(*runs):
    return "\n".join(f"  {name:<14} {SUITES[name].about}" for name in _named(*runs))


_TABLES = f"""\
suites:
{_table("always", "quick")}

with --quick in place of those in a VM:
{_table("smoke")}

only when they are named:
{_table("named")}
"""


def _parse(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/test",
        description="Sets up and builds what the tests need, runs the suites, "
        "and counts their test cases.",
        epilog=f"{_TABLES}\n{_EPILOG}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("suites", metavar="SUITE", nargs="*", help="see below")
    add("--quick", action="store_true",
        help=f"run only {', '.join(_named('quick', 'smoke'))}")
    add("--list", action="store_true", help="list the suites")
    add("--verbose", action="store_true", help="print each test that passes")
    add("--build", metavar="DIR", default=os.path.join(ROOT, "build"),
        help=argparse.SUPPRESS)
    # The groups of packages that the suites need, for scripts/test.
    add("--needs", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    for name in chosen.suites:
        if name not in SUITES:
            parser.error(f"there is no suite '{name}' (--list shows them)")
    if chosen.suites and chosen.quick:
        parser.error("--quick cannot be combined with the name of a suite")
    runs = ("quick", "smoke") if chosen.quick else ("always", "quick")
    chosen.suites = list(dict.fromkeys(chosen.suites or _named(*runs)))
    return chosen


class NoReport(Exception):
    """The results cannot be printed."""


def _visible(text):
    """text with its control characters, which a terminal may obey, escaped."""
    return "".join(
        char if char in "\n\t" or char.isprintable() else ascii(char)[1:-1]
        for char in text
    )


def _say(text=""):
    # In one piece: concurrent suites all print.
    try:
        sys.stdout.write(_visible(text) + "\n")
        sys.stdout.flush()
    except OSError as error:
        raise NoReport(error.strerror) from error


def _indented(text):
    return "\n".join(f"    {line}" for line in text.splitlines())


def counts(cases):
    """The numbers of cases as a person reads them."""
    number = {status: 0 for status in ("passed", "failed", "skipped")}
    for case in cases:
        number[case.status] += 1
    return ", ".join(f"{count} {status}" for status, count in number.items())


def _run_suite(name, build, verbose):
    _say(f"== {name}: {SUITES[name].about}")
    cases = []

    def report(case):
        if INTERRUPTED.is_set():
            return
        cases.append(case)
        if case.status == "failed":
            _say(f"FAILED {name}: {case.name}\n{_indented(case.text)}")
        elif verbose:
            _say(f"{case.status} {name}: {case.name}")

    begin = time.monotonic()
    summaries = []
    try:
        summaries = make(name, build).run(report)
    except (OSError, ValueError) as error:
        report(Case(f"the start of {name}", "failed", describe_error(error)))
    chosen = os.environ.get("GTEST_FILTER")
    if not cases and chosen and SUITES[name].tests:
        _say(f"   {name}: no test matches GTEST_FILTER={chosen}")
    elif not cases:
        report(Case(f"the start of {name}", "failed", "the suite has no tests"))
    seconds = time.monotonic() - begin
    if not INTERRUPTED.is_set():
        _say(f"   {name}: {counts(cases)} in {seconds:.1f} s")
        for summary in summaries:
            _say(f"   {name}: {summary}")
    return cases, seconds


def _run_suites(names, build, verbose):
    """{name: (its cases, seconds)}, in the order of the names."""
    killing = [name for name in names if SUITES[name].kills_here]
    others = [[name] for name in names if not SUITES[name].kills_here]

    def run(several):
        return {
            name: _run_suite(name, build, verbose)
            for name in several
            if not INTERRUPTED.is_set()
        }

    # Those that cause OOM kills here mostly wait, too.
    waiting = bool(killing) + sum(SUITES[name].waits for name in names)
    workers = (os.cpu_count() or 1) + waiting
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        try:
            done = {}
            running = [pool.submit(run, several)
                       for several in [killing, *others] if several]
            for ended in concurrent.futures.as_completed(running):
                done.update(ended.result())
        except BaseException:
            INTERRUPTED.set()
            raise
    if _signals_seen:
        raise _Signalled(_signals_seen[0])
    return {name: done[name] for name in names}


def _report_times(results):
    _say("\nTime of each suite:")
    for name, (_, seconds) in results.items():
        _say(f"  {seconds:7.1f} s  {name}")
    cases = [(case.seconds, name, case.name)
             for name, (of_suite, _) in results.items() for case in of_suite]
    _say("\nSlowest cases:")
    for seconds, name, case in sorted(cases, reverse=True)[:_SLOWEST]:
        _say(f"  {seconds:7.1f} s  {name}: {case}")


def _report_not_run(names):
    rest = [name for name, suite in SUITES.items()
            if name not in names and suite.runs != "smoke"]
    if rest:
        _say("\nNot run (scripts/test NAME runs them):")
    for name in rest:
        _say(f"  {name:<14} {SUITES[name].about}")


def _report_skips(results):
    by_reason = {}
    for name, cases in results.items():
        for case in cases:
            if case.status == "skipped":
                by_reason.setdefault((name, case.text), []).append(case.name)
    if by_reason:
        _say("\nSkipped:")
    for (name, reason), tests in by_reason.items():
        _say(f"  {name}: {', '.join(tests)}\n{_indented(reason)}")


def _report_failures(results):
    failed = [
        f"  {name}: {case.name}"
        for name, cases in results.items()
        for case in cases
        if case.status == "failed"
    ]
    if failed:
        _say("\nFailed:\n" + "\n".join(failed))


class _Signalled(Exception):
    """A signal that ended the run."""


_signals_seen = []


def _end(number, _):
    # A second one must not stop the clean-up. An exception from here could
    # arise anywhere, also in the middle of starting a thread.
    for ignored in _SIGNALS:
        signal.signal(ignored, signal.SIG_IGN)
    _signals_seen.append(number)
    INTERRUPTED.set()


def main(arguments):
    """Runs the suites and returns the exit status."""
    try:
        return _main(_parse(arguments))
    except _Signalled as signalled:
        with contextlib.suppress(NoReport):
            _say(f"\nInterrupted by {signal.Signals(signalled.args[0]).name}")
        return 128 + signalled.args[0]
    except NoReport as problem:
        # Python would try to write the rest at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        print(f"test: cannot write the report: {problem}; the run was ended",
              file=sys.stderr)
        return EXIT_NO_REPORT


def _main(chosen):
    if chosen.list:
        _say(_TABLES.rstrip())
        return 0
    if chosen.needs:
        groups = [group for name in chosen.suites for group in SUITES[name].needs]
        _say(" ".join(dict.fromkeys(groups)))
        return 0
    ignore_no_signal_in_children()
    for number in _SIGNALS:
        # Ignored signals, as under nohup, stay ignored.
        if signal.getsignal(number) in (signal.default_int_handler, signal.SIG_DFL):
            signal.signal(number, _end)
    timed = _run_suites(
        chosen.suites, os.path.abspath(chosen.build), chosen.verbose)
    results = {name: cases for name, (cases, _) in timed.items()}
    _report_skips(results)
    _report_times(timed)
    _report_not_run(chosen.suites)
    _report_failures(results)
    cases = [case for of_suite in results.values() for case in of_suite]
    _say(f"\n{counts(cases)}")
    good = all(case.status != "failed" for case in cases)
    return 0 if good and any(c.status == "passed" for c in cases) else EXIT_FAILED
