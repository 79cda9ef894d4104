#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of the demo's own Makefile: tests/scripts/makefile_test.py -v"""

import os
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))


class MakefileTest(unittest.TestCase):
    """A copy of the sources, so that nothing is built beside the originals."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="makefile_test.")
        self.addCleanup(shutil.rmtree, self.folder)
        self.sources = os.path.join(self.folder, "malloc_demo")
        shutil.copytree(os.path.join(ROOT, "malloc_demo"), self.sources,
                        ignore=shutil.ignore_patterns("malloc_demo"))
        shutil.copy(os.path.join(ROOT, "meson.build"), self.folder)

    def make(self, *arguments):
        """What make prints; it must succeed."""
        done = subprocess.run(
            ["make", "-C", self.sources, *arguments], check=False, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        self.assertEqual(done.returncode, 0, done.stdout)
        return done.stdout

    def program_exists(self):
        return os.path.exists(os.path.join(self.sources, "malloc_demo"))

    def test_help_is_the_default_and_shows_the_demo(self):
        self.assertIn("BLOCK=100M COUNT=10 INTERVAL=1m", self.make())
        self.assertFalse(self.program_exists())

    def test_builds_runs_and_cleans(self):
        self.assertNotIn("warning", self.make("build"))
        self.assertTrue(self.program_exists())
        self.assertIn(
            "block 2 of 2: 64 KiB (65536 bytes), total 128 KiB (131072 bytes)",
            self.make("run", "BLOCK=64K", "COUNT=2", "INTERVAL=1ms"))
        self.make("clean")
        self.assertFalse(self.program_exists())


if __name__ == "__main__":
    unittest.main()
