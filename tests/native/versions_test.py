#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of --on with a disposable VM: tests/native/versions_test.py -v

CGLAB_TEST_BUILD names the build folder that has cglab (build)."""

import json
import os
import signal
import subprocess
import tempfile
import time
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("CGLAB_TEST_BUILD") or os.path.join(ROOT, "build")
CGLAB = os.path.join(BUILD, "lab/cglab")


def why_no_machine():
    """What scripts/vm says is missing; None: it boots."""
    done = subprocess.run(
        [os.path.join(ROOT, "scripts/vm"), "--build", BUILD, "--", "true"],
        check=False, text=True, capture_output=True)
    return done.stderr.strip() if done.returncode == 77 else None


MISSING = why_no_machine()


@unittest.skipIf(MISSING, f"no machine: {MISSING}")
class VersionsTest(unittest.TestCase):
    """One experiment on both versions."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def on_both(self, *words):
        return subprocess.run(
            [CGLAB, *words, "--on", "v1,v2", "--json", f"{self.folder}/r.json",
             "--html", f"{self.folder}/page.html"],
            check=False, text=True, capture_output=True)

    def record(self, version):
        with open(f"{self.folder}/r.{version}.json", encoding="utf-8") as file:
            return json.load(file)

    def test_one_oom_on_both(self):
        done = self.on_both("oom", "--limit", "16M", "--ramp", "0")
        self.assertEqual(done.returncode, 0, done.stderr)
        for version in ("v1", "v2"):
            record = self.record(version)
            self.assertEqual(record["environment"]["memory_hierarchy"], version)
            self.assertEqual(record["verdict"]["status"], "oom_killed")
        self.assertIn("(emulated)", done.stdout)
        self.assertIn("Emulated by software", done.stdout)
        # What the machine says of itself agrees with where it ran.
        for version in ("v1", "v2"):
            emulated = f"cgroup {version}, in the disposable VM" in done.stderr
            self.assertEqual(self.record(version)["environment"]["emulated"],
                             emulated)
        self.assertGreater(os.path.getsize(f"{self.folder}/page.html"), 10000)

    def test_their_difference_is_shown(self):
        done = self.on_both("lower", "--limit", "32M")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Claims", done.stdout)
        errors = [limit["error"] for limit in self.record("v1")["limits"]
                  if limit["error"]]
        self.assertEqual(len(errors), 1, "v1 refuses a limit below the usage")
        self.assertFalse([limit for limit in self.record("v2")["limits"]
                          if limit["error"]])

    def test_an_interruption_leaves_nothing(self):
        run = subprocess.Popen(
            [CGLAB, "oom", "--on", "v1,v2", "--ramp", "30s", "--html",
             f"{self.folder}/page.html"],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertIn("cgroup v1", run.stderr.readline())
        time.sleep(0.5)
        run.send_signal(signal.SIGTERM)
        _, errors = run.communicate(timeout=60)
        self.assertEqual(run.returncode, 143, errors)
        self.assertFalse(os.path.exists(f"{self.folder}/page.html"))
        left = subprocess.run(["find", "/sys/fs/cgroup", "-name", "cglab.oom.*"],
                              check=False, text=True, capture_output=True)
        self.assertEqual(left.stdout, "")


if __name__ == "__main__":
    unittest.main()
