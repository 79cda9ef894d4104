#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A thousand random signals, and that random_signals can fail:
tests/signals/random_signals_test.py

CGLAB_TEST_BUILD names the build folder that has cglab (build)."""

import glob
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "../.."))
BUILD = os.environ.get("CGLAB_TEST_BUILD") or os.path.join(ROOT, "build")


class RandomSignals(unittest.TestCase):
    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("root, to make a cgroup for the runs")

    def launch(self, *arguments, program=os.path.join(BUILD, "lab", "cglab")):
        process = subprocess.Popen(
            [sys.executable, os.path.join(HERE, "random_signals"),
             "--program", program, *arguments],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.addCleanup(process.communicate)
        self.addCleanup(process.terminate)
        return process

    def cgroups_of(self, process):
        return glob.glob(f"/sys/fs/cgroup/**/cglab.signals.{process.pid}/*/",
                         recursive=True)

    def assert_nothing_left(self, process):
        nests = glob.glob(f"/sys/fs/cgroup/**/cglab.signals.{process.pid}",
                          recursive=True)
        self.assertEqual(nests, [])
        mark = f"CGLAB_RANDOM_SIGNALS={process.pid}-".encode()
        for path in glob.glob("/proc/[0-9]*/environ"):
            try:
                with open(path, "rb") as file:
                    self.assertNotIn(mark, file.read())
            except OSError:
                pass

    def test_leave_no_cgroup_and_no_process(self):
        process = self.launch()
        out, err = process.communicate()
        self.assertEqual(process.returncode, 0, out + err)
        self.assertRegex(out, r"(?m)^1000 signals \(")
        self.assertRegex(out, r"(?m)^0 leftovers, 0 orphans, 0 hangs, 0 odd$")
        self.assert_nothing_left(process)

    def test_that_do_not_end_an_experiment_are_reported(self):
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "ignores")
            with open(program, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\ntrap '' USR1\nexec sleep 1000\n")
            os.chmod(program, 0o755)
            # The first delay of this seed is long enough for the trap.
            only = ("--count", "1", "--signal", "SIGUSR1", "--seed", "5")
            for command, odd in (("oom", 1), ("run", 0)):
                process = self.launch(*only, "--command", command, program=program)
                out, err = process.communicate()
                self.assertEqual(process.returncode, odd, out + err)
                self.assertRegex(out, r"(?m)^1 signals \(1 at the second\)$")
                self.assertRegex(out, rf"(?m)^0 leftovers, .* {odd} odd$")

    def test_are_not_counted_where_none_was_sent(self):
        process = self.launch("--signal", "SIGTERM", "--seed", "5", program="/bin/false")
        out, _ = process.communicate()
        self.assertEqual(process.returncode, 1)
        self.assertRegex(out, r"(?m)^0 signals \(1 by itself\)$")

    def test_to_the_sender_leave_nothing_either(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process = self.launch("--command", "run of a tree")
            while not self.cgroups_of(process):
                self.assertIsNone(process.poll())
                time.sleep(0.01)
            process.send_signal(number)
            out, err = process.communicate()
            self.assertEqual((process.returncode, out), (128 + number, ""), err)
            self.assertRegex(
                err, rf"^random_signals: interrupted by {number.name} after \d+ signals$")
            self.assert_nothing_left(process)


if __name__ == "__main__":
    unittest.main()
