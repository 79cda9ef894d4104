#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of scripts/compare-peers: tests/native/compare_peers_test.py -v

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
SCRIPT = os.path.join(ROOT, "scripts/compare-peers")


def can_make_groups():
    done = subprocess.run(
        [os.path.join(BUILD, "lab/cglab"), "oom", "--limit", "2M", "--ramp",
         "0", "--quiet"], check=False, capture_output=True)
    return done.returncode == 0


def groups_left():
    return subprocess.run(
        ["find", "/sys/fs/cgroup", "-name", "cglab-peers.*"], check=False,
        text=True, capture_output=True).stdout


class ComparePeersTest(unittest.TestCase):
    """One short run."""

    @unittest.skipUnless(can_make_groups(), "no memory cgroup can be made")
    def test_every_way_is_measured_or_says_why_not(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "figures.json")
            done = subprocess.run(
                [SCRIPT, "--runs", "2", "--build", BUILD, "--json", path],
                check=False, text=True, capture_output=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            with open(path, encoding="utf-8") as file:
                results = json.load(file)
        measured = {"start": ("bare exec", "cglab run"),
                    "oom": ("cglab oom", "shell script"),
                    "memory": ("bare exec", "cglab run"),
                    "faults": ("bare exec", "cglab run")}
        self.assertEqual(list(results["measures"]), list(measured))
        for measure, rows in results["measures"].items():
            for name in measured[measure]:
                self.assertEqual(len(rows[name]["samples"]), 2, (measure, name))
            for name, row in rows.items():
                self.assertIn(f"| {name} | ", done.stdout)
                self.assertNotEqual(row.get("reason"), "", name)
        for sample in results["measures"]["memory"]["bare exec"]["samples"]:
            self.assertGreaterEqual(sample["cgroup"], 8 << 20)
        self.assertEqual(results["left_behind"], [])
        self.assertEqual(groups_left(), "")

    def run_with(self, programs, *arguments):
        """The script, where these programs come first on PATH."""
        with tempfile.TemporaryDirectory() as folder:
            for name, text in programs.items():
                path = os.path.join(folder, name)
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                os.chmod(path, 0o755)
            return subprocess.run(
                [SCRIPT, "--build", BUILD, "--runs", "1", *arguments],
                check=False, text=True, capture_output=True,
                env={**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"})

    @unittest.skipUnless(can_make_groups(), "no memory cgroup can be made")
    def test_a_tool_that_fails_is_a_row_with_the_reason(self):
        fails = "#!/bin/sh\necho 'no such controller' >&2\nexit 7\n"
        done = self.run_with({name: fails for name in ("cgcreate", "cgexec")},
                             "--measure", "oom")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertRegex(done.stdout, r"libcgroup's tools \| cgcreate .*ended "
                         "with 7: no such controller")
        self.assertRegex(done.stdout, r"\| cglab oom \| \d")
        self.assertEqual(groups_left(), "")

    @unittest.skipUnless(can_make_groups(), "no memory cgroup can be made")
    def test_a_cycle_without_an_oom_kill_is_not_timed(self):
        """These make no cgroup, and count no kill."""
        does_nothing = "#!/bin/sh\nexit 0\n"
        names = ("cgcreate", "cgset", "cgexec", "cgget", "cgdelete")
        done = self.run_with(dict.fromkeys(names, does_nothing),
                             "--measure", "oom")
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertIn("no OOM kill was counted", done.stdout)

    @unittest.skipUnless(can_make_groups(), "no memory cgroup can be made")
    def test_an_interrupt_leaves_no_cgroup(self):
        with subprocess.Popen(
                [SCRIPT, "--build", BUILD, "--runs", "10000"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            time.sleep(1)
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(60), 143)
        self.assertEqual(groups_left(), "")

    def test_a_build_without_the_programs_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run([SCRIPT, "--build", folder], check=False,
                                  text=True, capture_output=True)
            self.assertEqual((done.returncode, done.stdout), (3, ""))
            self.assertIn(f"{folder} has no program lab/cglab", done.stderr)

    def test_wrong_usage_is_refused(self):
        for words in (["--runs", "0"], ["--measure", "speed"],
                      ["--timeout", "0"], ["--vm", "--parent", "/x"]):
            done = subprocess.run([SCRIPT, *words], check=False,
                                  capture_output=True)
            self.assertEqual(done.returncode, 2, words)


if __name__ == "__main__":
    unittest.main()
