#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of scripts/compare-peers: tests/native/compare_peers_test.py -v

CGLAB_TEST_BUILD names the build folder that has cglab (build)."""

import json
import os
import subprocess
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("CGLAB_TEST_BUILD") or os.path.join(ROOT, "build")
SCRIPT = os.path.join(ROOT, "scripts/compare-peers")


def can_make_groups():
    done = subprocess.run(
        [os.path.join(BUILD, "lab/cglab"), "oom", "--limit", "2M", "--ramp",
         "0", "--quiet"], check=False, capture_output=True)
    return done.returncode == 0


class ComparePeersTest(unittest.TestCase):
    """One short run."""

    @unittest.skipUnless(can_make_groups(), "no memory cgroup can be made")
    def test_every_way_is_timed_or_says_why_not(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "times.json")
            done = subprocess.run(
                [SCRIPT, "--runs", "2", "--build", BUILD, "--json", path],
                check=False, text=True, capture_output=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            with open(path, encoding="utf-8") as file:
                results = json.load(file)["measures"]["oom"]
        rows = [line for line in done.stdout.splitlines()
                if line.startswith("| ")]
        self.assertEqual(len(rows), 6)
        self.assertIn("| cglab oom |", done.stdout)
        for name in ("cglab oom", "shell script"):
            samples = results[name]["samples"]
            self.assertEqual(len(samples), 2)
            self.assertGreater(min(samples), 0)
        left = subprocess.run(
            ["find", "/sys/fs/cgroup", "-name", "cglab-peers.*"],
            check=False, text=True, capture_output=True).stdout
        self.assertEqual(left, "")

    def test_wrong_usage_is_refused(self):
        done = subprocess.run([SCRIPT, "--runs", "0"], check=False,
                              capture_output=True)
        self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main()
