#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`scripts/compare-peers --truth`, one round in a VM: tests/peers/truth_test.py -v

CGLAB_TEST_BUILD names the build folder that has cglab and malloc_demo (build).
"""

import json
import os
import signal
import subprocess
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("CGLAB_TEST_BUILD") or os.path.join(ROOT, "build")
SCRIPT = os.path.join(ROOT, "scripts", "compare-peers")
_UNABLE = 77
_DEADLINE = 1200
_QUESTIONS = ("inside", "main")
# systemd ends the rest of a unit after an OOM kill in it.
_STOPPED_BY_SYSTEMD = {"main_killed_after_a_child_was",
                       "child_killed_then_main_by_hand"}


class TruthTest(unittest.TestCase):
    """One boot, in which each reporter is asked in each situation."""

    @classmethod
    def setUpClass(cls):
        # scripts/vm in the same process group gets it, too, and ends QEMU.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        done = subprocess.run(
            [SCRIPT, "--truth", "--runs", "1", "--build", BUILD, "--timeout",
             str(_DEADLINE), "--json", "-"], check=False, capture_output=True,
            text=True, stdin=subprocess.DEVNULL, timeout=_DEADLINE + 300)
        if done.returncode == _UNABLE and not done.stdout:
            raise unittest.SkipTest(done.stderr.strip())
        if done.returncode != 0:
            raise AssertionError(f"{done.returncode}: {done.stdout}{done.stderr}")
        cls.reporters = json.loads(done.stdout)["measures"]["truth"]

    def scores(self, reporter, question):
        """{situation: score} of its only answer."""
        found = {}
        for name, counts in self.reporters[reporter]["samples"].items():
            if "not_made" not in counts:
                ((score, number),) = counts[question].items()
                self.assertEqual(number, 1)
                found[name] = score
        return found

    def test_each_reporter_answers_in_each_situation_that_it_allows(self):
        self.assertEqual(len(self.reporters), 8)
        for reporter in self.reporters:
            stopped = _STOPPED_BY_SYSTEMD if "systemd" in reporter else set()
            for question in _QUESTIONS:
                self.assertEqual(len(self.scores(reporter, question)),
                                 12 - len(stopped), reporter)

    def test_cglab_says_nothing_false(self):
        for reporter in ("cglab run", "cglab run without the log"):
            for question in _QUESTIONS:
                scores = self.scores(reporter, question)
                self.assertNotIn("false", scores.values(), scores)

    def test_cglab_knows_from_the_log(self):
        for question in _QUESTIONS:
            scores = self.scores("cglab run", question)
            self.assertEqual(set(scores.values()), {"right"}, scores)

    def test_a_false_answer_is_counted_as_one(self):
        scores = self.scores("137 rule", "inside")
        false = {name for name, score in scores.items() if score == "false"}
        self.assertEqual(false, {
            "exit_137", "main_killed_by_hand", "child_killed",
            "child_killed_then_sigterm_handled",
            "child_killed_by_the_parents_limit"})

    def test_an_unknown_answer_is_counted_as_one(self):
        scores = self.scores("runc events", "main")
        self.assertEqual(scores["main_killed"], "unknown")


if __name__ == "__main__":
    unittest.main()
