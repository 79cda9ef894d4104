#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of how test cases are counted: tests/scripts/suites_test.py -v"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

sys.dont_write_bytecode = True
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("CGLAB_TEST_BUILD") or os.path.join(ROOT, "build")
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

from suites import process, suites  # noqa: E402
from suites.cases import Reader, announced  # noqa: E402
from suites.main import counts  # noqa: E402

LISTING = """\
Running main() from gtest_main.cc
Plain.
  first
  DISABLED_second
Sizes/Typed.  # TypeParam = int
  third/0  # GetParam() = 7
"""
# Speaks as GoogleTest does; its end is in the argument.
PROGRAM = """\
import os, sys, time
print("[ RUN      ] A.one\\nhello\\n[       OK ] A.one (0 ms)")
print("[ RUN      ] A.two", flush=True)
%s
"""


def outcome(lines, names, problem="", status=0):
    reader = Reader(names)
    for line in lines:
        reader.feed(line)
    reader.end("program", problem, status)
    return {case.name: (case.status, case.text) for case in reader.cases}


def lived(ending, timeout=20, deadline=20):
    """Cases of the program above that ends so."""
    program = suites.Program("program", [sys.executable, "-c", PROGRAM % ending], {})
    reader = Reader(["A.one", "A.two", "A.three"])
    end = process.run(program.command, reader.feed, timeout, deadline)
    reader.end("program", *end)
    return {case.name: (case.status, case.text) for case in reader.cases}


class ListingTest(unittest.TestCase):
    def test_names_without_comments(self):
        self.assertEqual(
            announced(LISTING),
            ["Plain.first", "Plain.DISABLED_second", "Sizes/Typed.third/0"],
        )


class ReaderTest(unittest.TestCase):
    def test_each_status_is_counted(self):
        lines = [
            "[ RUN      ] A.one", "[       OK ] A.one (0 ms)",
            "[ RUN      ] A.two", "x.cpp:3: Failure", "[  FAILED  ] A.two (1 ms)",
            "[ RUN      ] A.three", "x.cpp:9: Skipped", "no swap",
            "[  SKIPPED ] A.three (0 ms)", "[  FAILED  ] A.two",
        ]
        self.assertEqual(
            outcome(lines, ["A.one", "A.two", "A.three"], status=1),
            {
                "A.one": ("passed", ""),
                "A.two": ("failed", "x.cpp:3: Failure"),
                "A.three": ("skipped", "no swap"),
            },
        )

    def test_a_result_after_an_unfinished_line(self):
        lines = ["[ RUN      ] A.one", "dots...[       OK ] A.one (0 ms)"]
        self.assertEqual(outcome(lines, ["A.one"]), {"A.one": ("passed", "dots...")})

    def test_a_parameter_after_the_name(self):
        lines = ["[ RUN      ] A.one/0",
                 "[  FAILED  ] A.one/0, where GetParam() = 3 (0 ms)"]
        self.assertEqual(outcome(lines, ["A.one/0"], status=1)["A.one/0"][0], "failed")

    def test_a_result_of_another_test_is_only_output(self):
        lines = ["[ RUN      ] A.one", "[       OK ] B.two (0 ms)"]
        self.assertEqual(outcome(lines, ["A.one"])["A.one"][0], "failed")

    def test_a_test_that_never_started_failed_though_the_status_is_0(self):
        self.assertEqual(outcome([], ["A.one"])["A.one"][0], "failed")

    def test_what_a_program_says_of_all_its_tests_is_kept(self):
        reader = Reader(["A.a"])
        for line in ("[ RUN      ] A.a", "9 situations, 9 of a test",
                     "[       OK ] A.a (0 ms)", "62 situations, 62 right"):
            reader.feed(line)
        self.assertEqual(reader.summary, "62 situations, 62 right")

    def test_a_disabled_test_is_skipped(self):
        self.assertEqual(outcome([], ["A.DISABLED_one"])["A.DISABLED_one"][0], "skipped")

    def test_a_bad_status_after_passed_tests_is_a_failure(self):
        lines = ["[ RUN      ] A.one", "[       OK ] A.one (0 ms)", "leaked 7 bytes"]
        cases = outcome(lines, ["A.one"], status=23)
        self.assertEqual(cases["A.one"][0], "passed")
        status, text = cases["the end of program"]
        self.assertEqual(status, "failed")
        self.assertIn("leaked 7 bytes", text)
        self.assertIn("status 23", text)

    def test_status_1_without_a_failed_test_is_a_failure(self):
        lines = ["[ RUN      ] A.one", "[       OK ] A.one (0 ms)"]
        self.assertIn("the end of program", outcome(lines, ["A.one"], status=1))


class LivedTest(unittest.TestCase):
    """Real programs that end badly."""

    def check(self, cases, words):
        self.assertEqual(cases["A.one"], ("passed", "hello"))
        self.assertEqual(cases["A.two"][0], "failed")
        self.assertIn(words, cases["A.two"][1])
        self.assertEqual(cases["A.three"][0], "failed")
        self.assertIn("never started", cases["A.three"][1])

    def test_a_crash(self):
        self.check(lived("os.kill(os.getpid(), 11)"), "was killed by SIGSEGV")

    def test_an_exit_in_the_middle(self):
        self.check(lived("sys.exit(0)"), "ended within this test")

    def test_a_hang(self):
        self.check(lived("time.sleep(600)", timeout=1), "said nothing for 1 s")

    def test_endless_output(self):
        ending = "while True: print('more', flush=True); time.sleep(0.01)"
        self.check(lived(ending, deadline=1), "was ended after 1 s")

    def test_a_crash_whose_child_holds_the_output_open(self):
        ending = "os.fork() and os.kill(os.getpid(), 6); time.sleep(600)"
        self.check(lived(ending), "was killed by SIGABRT")

    def test_a_program_that_is_not_there(self):
        problem, status = process.run(["/no/such"], print, 1, 1)
        self.assertIn("/no/such cannot be started", problem)
        self.assertIsNone(status)


class MachineTest(unittest.TestCase):
    """Several programs in one stream of lines."""

    def cases_of(self, *lines):
        readers = [
            (suites.Program(name, [], {}), Reader([f"{name}.test"]))
            for name in ("one", "two")
        ]
        reported = []
        stream = suites._MachineStream(readers, reported.append)
        for line in lines:
            stream.on_line(line)
        stream.end("scripts/vm ended with status 3")
        return {case.name: (case.status, case.text) for case in reported}

    def test_both_ran(self):
        lines = []
        for number, name in enumerate(("one", "two")):
            lines += [f"@@ suites {number} begins", f"[ RUN      ] {name}.test",
                      f"[       OK ] {name}.test (0 ms)", "", f"@@ suites {number} 0"]
        cases = self.cases_of(*lines)
        self.assertEqual(counts_of(cases), "2 passed, 0 failed, 0 skipped")

    def test_a_crash_in_the_first_spares_the_second(self):
        cases = self.cases_of(
            "@@ suites 0 begins", "[ RUN      ] one.test", "", "@@ suites 0 139",
            "@@ suites 1 begins", "[ RUN      ] two.test",
            "[       OK ] two.test (0 ms)", "@@ suites 1 0")
        self.assertIn("SIGSEGV", cases["one.test"][1])
        self.assertEqual(cases["two.test"][0], "passed")

    def test_a_machine_that_does_not_boot_fails_all(self):
        cases = self.cases_of("vm: the kernel said nothing")
        for name in ("one.test", "two.test"):
            status, text = cases[name]
            self.assertEqual(status, "failed")
            self.assertIn("the kernel said nothing", text)


def counts_of(cases):
    reader = Reader([])
    for name, (status, text) in cases.items():
        reader.cases.append(suites.Case(name, status, text))
    return counts(reader.cases)


class CommandTest(unittest.TestCase):
    """The program that scripts/test becomes."""

    def run_suites(self, *arguments):
        program = os.path.join(ROOT, "tests", "support", "run_suites")
        return subprocess.run(
            [sys.executable, program, *arguments], check=False, text=True,
            capture_output=True, stdin=subprocess.DEVNULL,
        )

    def test_an_unknown_suite_is_a_usage_error(self):
        done = self.run_suites("no-such")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no-such", done.stderr)

    def test_a_suite_without_a_build_fails(self):
        done = self.run_suites("--build", "/no/such/folder", "unit", "vm-v2")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout.splitlines()[-1], "0 passed, 2 failed, 0 skipped")
        self.assertIn("/intro-tests.json: No such file or directory\n", done.stdout)
        self.assertNotIn("Errno", done.stdout)


class SuiteTest(unittest.TestCase):
    def test_those_of_python_can_be_loaded(self):
        """Also those that run only when they are named."""
        for name, suite in suites.SUITES.items():
            if suite.folder:
                (program,) = suites.make(name, BUILD).programs
                tests = program.tests()
                self.assertTrue(tests, name)
                broken = [test for test in tests if "_FailedTest" in test]
                self.assertFalse(broken, f"python3 {suite.folder}: {broken}")


class FilterTest(unittest.TestCase):
    """Programs that select their cases by $FILTER, as GoogleTest does."""

    def listed(self, chosen=None):
        folder = tempfile.mkdtemp(prefix="suites_test.")
        self.addCleanup(shutil.rmtree, folder)
        os.mkdir(os.path.join(folder, "meson-info"))
        tests = [{"name": "truth", "env": {},
                  "cmd": ["sh", "-c", "printf 'A.\\n  %s\\n' \"$GTEST_FILTER\""]}]
        with open(os.path.join(folder, "meson-info", "intro-tests.json"), "w",
                  encoding="utf-8") as file:
            json.dump(tests, file)
        environment = {} if chosen is None else {"GTEST_FILTER": chosen}
        with mock.patch.dict(os.environ, environment):
            if chosen is None:
                os.environ.pop("GTEST_FILTER", None)
            (program,) = suites.make("truth", folder).programs
            return program.tests(), program.must_have_tests

    def test_a_suite_has_a_filter_that_must_match(self):
        self.assertEqual(self.listed(), (["A.*__readable:*__unreadable"], True))

    def test_that_of_the_user_replaces_it(self):
        self.assertEqual(self.listed("*held*"), (["A.*held*"], False))


# Suites of shell scripts, of which each is one test: with OOM kills here (h), in
# a machine (m), mostly waiting (w), in place of machines (s) or when it is named
# (n).
FAKE = """\
import sys
sys.path.insert(0, sys.argv[1])
from suites import main
from suites.suites import Native, Program, Suite

SCRIPT = '''
case $* in *--gtest_list_tests*) printf "A.\\n  %s\\n" "$0"; exit ;; esac
echo "[ RUN      ] A.$0"
cd "$FOLDER"
(eval "$BODY") && echo "[       OK ] A.$0 (1500 ms)" || {
echo "[  FAILED  ] A.$0 (20 ms)"; exit 1; }
'''

def suite(name):
    runs = {"q": "quick", "s": "smoke", "n": "named"}.get(name[0], "always")
    return Suite("about " + name, machine=("m",) * (name[0] in "ms"), runs=runs,
                 kills_here=name[0] == "h", waits=name[0] == "w")

def make(name, _):
    if bodies[name] == "raise":
        raise RuntimeError("of " + name)
    environment = {"FOLDER": sys.argv[2], "BODY": bodies[name]}
    return Native([Program(name, ["sh", "-c", SCRIPT, name], environment)])

bodies = dict(word.split("=", 1) for word in sys.argv[4:])
main.SUITES.clear()
main.SUITES.update({name: suite(name) for name in bodies})
main.make = make
sys.exit(main.main(sys.argv[3].split()))
"""


class SideBySideTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="suites_test.")
        self.addCleanup(shutil.rmtree, self.folder)

    def start(self, words, **bodies):
        support = os.path.join(ROOT, "tests", "support")
        pairs = [f"{name}={body}" for name, body in bodies.items()]
        return subprocess.Popen(
            [sys.executable, "-B", "-c", FAKE, support, self.folder, words, *pairs],
            text=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)

    def run_all(self, words="", **bodies):
        """(exit status, output)."""
        process = self.start(words, **bodies)
        out, _ = process.communicate(timeout=60)
        return process.returncode, out

    def test_machines_run_side_by_side(self):
        if os.cpu_count() == 1:
            self.skipTest("a second processor")
        wait = "for i in $(seq 200); do [ -e {} ] && exit; sleep 0.1; done; exit 1"
        status, out = self.run_all(
            m1=": >1; " + wait.format("2"), m2=": >2; " + wait.format("1"))
        self.assertEqual(status, 0, out)
        self.assertEqual(out.splitlines()[-1], "2 passed, 0 failed, 0 skipped")

    def test_those_that_wait_take_no_place_of_others(self):
        names = ["h1", "w1", "w2", *(f"m{i}" for i in range(os.cpu_count()))]
        # Each ends when all have begun.
        body = ("for i in $(seq 200); do [ $(ls | wc -l) = %d ] && exit; "
                "sleep 0.1; done; exit 1" % len(names))
        status, out = self.run_all(**{name: f": >{name}; {body}" for name in names})
        self.assertEqual(status, 0, out)

    def test_those_with_kills_here_run_one_after_the_other(self):
        body = "mkdir lock && sleep 0.3 && rmdir lock"
        status, out = self.run_all(h1=body, h2=body, h3=body)
        self.assertEqual(status, 0, out)

    def test_the_report_has_times_and_what_was_not_run(self):
        status, out = self.run_all("h1", h1="true", h2="true", m1="true", n1="true")
        self.assertEqual(status, 0)
        self.assertRegex(out, r"Time of each suite:\n +\d+\.\d s  h1\n\n")
        self.assertIn("Slowest cases:\n      1.5 s  h1: A.h1\n", out)
        rest = out[out.index("Not run"):].splitlines()[1:4]
        self.assertEqual([line.split()[0] for line in rest], ["h2", "m1", "n1"])

    def test_named_suites_run_only_when_they_are_named(self):
        everything = dict.fromkeys(("h1", "q1", "m1", "s1", "n1"), "true")
        for words, expected in (("", "h1 q1 m1"), ("--quick", "q1 s1"),
                                ("n1 m1 n1", "n1 m1")):
            out = self.run_all(words, **everything)[1]
            times = out[out.index("Time of each"):out.index("Slowest")].split()
            self.assertEqual(times[6::3], expected.split(), out)

    def test_a_failure_in_one_is_a_failure_of_all(self):
        status, out = self.run_all(m1="true", m2="false", h1="true")
        self.assertEqual(status, 1)
        self.assertIn("FAILED m2: A.m2", out)
        self.assertEqual(out.splitlines()[-1], "2 passed, 1 failed, 0 skipped")

    def test_an_error_in_one_ends_all(self):
        status, out = self.run_all(m1="raise", m2="sleep 50", h1="sleep 50")
        self.assertEqual(status, 1)
        self.assertIn("RuntimeError: of m1", out)

    def test_a_signal_ends_all_and_nothing_counts_as_failed(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP,
                       signal.SIGQUIT):
            process = self.start("", h1="echo up; sleep 50", h2="true",
                                 m1="sleep 50", m2="true", m3="true")
            for line in process.stdout:
                if line.startswith("== h1"):
                    break
            process.send_signal(number)
            out, _ = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 128 + number)
            self.assertNotIn("FAILED", out)
            self.assertNotIn("== h2", out)
            self.assertEqual(out.splitlines()[-1],
                             f"Interrupted by {signal.Signals(number).name}")


    def test_a_report_that_cannot_be_written_ends_all(self):
        support = os.path.join(ROOT, "tests", "support")
        pid = os.path.join(self.folder, "pid")
        bodies = ["m1=echo $$ >pid.part; mv pid.part pid; exec sleep 1000",
                  "h1=until [ -e pid ]; do sleep 0.05; done"]
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run(
                [sys.executable, "-B", "-c", FAKE, support, self.folder, "",
                 *bodies], text=True, stdin=subprocess.DEVNULL, stdout=full,
                stderr=subprocess.PIPE, check=False, timeout=60)
        self.assertEqual(
            (done.returncode, done.stderr),
            (3, "test: cannot write the report: No space left on device; the "
                "run was ended\n"))
        if os.path.exists(pid):
            with open(pid, encoding="ascii") as file:
                self.assertFalse(os.path.exists("/proc/" + file.read().strip()))

    def test_the_output_of_tests_is_printed_without_control_characters(self):
        out = self.run_all(h1=r"printf '\033[31mred\007\n'; exit 1")[1]
        self.assertIn(r"\x1b[31mred\x07", out)
        self.assertNotIn("\x1b", out)


class TableTest(unittest.TestCase):
    def test_every_suite_has_its_tests_and_packages(self):
        path = os.path.join(ROOT, "scripts", "setup.d", "packages.txt")
        with open(path, encoding="utf-8") as file:
            groups = {line.split()[0] for line in file if line.strip()}
        for name, suite in suites.SUITES.items():
            with self.subTest(name):
                self.assertLessEqual(set(suite.needs), groups)
                self.assertNotEqual(bool(suite.tests), bool(suite.folder))
                folder = os.path.join(ROOT, "tests", suite.folder)
                self.assertTrue(any(
                    file.endswith("_test.py") for file in os.listdir(folder)
                ) if suite.folder else suite.tests)


if __name__ == "__main__":
    unittest.main()
