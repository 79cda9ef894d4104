#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A thousand random signals: tests/signals/random_signals_test.py

CGLAB_TEST_BUILD names the build folder that has cglab (build)."""

import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.abspath(os.path.join(HERE, "../.."))
BUILD = os.environ.get("CGLAB_TEST_BUILD") or os.path.join(ROOT, "build")


class RandomSignals(unittest.TestCase):
    def test_leave_no_cgroup_and_no_process(self):
        if os.geteuid() != 0:
            self.skipTest("root, to make a cgroup for the runs")
        done = subprocess.run(
            [sys.executable, os.path.join(HERE, "random_signals"),
             "--program", os.path.join(BUILD, "lab", "cglab")],
            stdin=subprocess.DEVNULL, capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("0 leftovers, 0 orphans, 0 hangs", done.stdout)
        self.assertIn("1000 signals", done.stdout)


if __name__ == "__main__":
    unittest.main()
