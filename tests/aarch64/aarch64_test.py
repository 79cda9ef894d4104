#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The build for aarch64, run by qemu-aarch64-static:
tests/aarch64/aarch64_test.py -v"""

import configparser
import glob
import os
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
PACKAGE = os.path.join(ROOT, "scripts", "package.d")
# Where Debian's cross-compiler has the C and C++ libraries.
LIBRARIES = "/usr/aarch64-linux-gnu"
TIMEOUT = 1100
UNABLE = 77
# What the emulator of a single program does otherwise than a kernel.
NOT_EMULATED = (
    # prctl(PR_SET_CHILD_SUBREAPER) fails.
    "Reaper.is_the_nearest_child_subreaper",
    # It keeps a real-time signal for itself.
    "SignalFd.takes_user_signals_without_ending",
    # The start of a missing program succeeds, and the child ends with 127.
    "BenchRuns.are_stopped_when_another_cannot_start",
    # Its reader is too slow for the attempts that are made.
    "KillLogFile.keeps_a_bounded_number",
)


def run(*command, **options):
    done = subprocess.run(
        command, check=False, text=True, errors="replace", capture_output=True,
        stdin=subprocess.DEVNULL, timeout=TIMEOUT, **options)
    if done.returncode == UNABLE:
        raise unittest.SkipTest(done.stderr)
    if done.returncode != 0:
        raise AssertionError(f"{command} ended with status {done.returncode}:\n"
                             f"{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done.stdout


class Aarch64Test(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("aarch64-linux-gnu-g++"):
            raise unittest.SkipTest("aarch64-linux-gnu-g++")
        cls.folder = tempfile.mkdtemp(prefix="aarch64_test.")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.places = cls.path("places.ini")
        with open(cls.places, "w", encoding="utf-8") as file:
            file.write(run(os.path.join(PACKAGE, "aarch64")))
        constants = configparser.ConfigParser()
        constants.read(cls.places)
        cls.emulator = constants["constants"]["emulator"].strip("'")

    @classmethod
    def path(cls, *names):
        return os.path.join(cls.folder, *names)

    def test_archive_has_programs_that_start(self):
        os.makedirs(self.path("source"))
        os.makedirs(self.path("out"))
        run("sh", "-c", 'git -C "$1" archive HEAD | tar -x -C "$2"', "sh", ROOT,
            self.path("source"))
        run(self.path("source/scripts/package.d/archive-aarch64"),
            self.path("source"), self.path("out"))
        (archive,) = glob.glob(self.path("out", "*"))
        self.assertRegex(archive, r"/cglab-[0-9.]+-aarch64\.tar\.zst$")
        run("tar", "--zstd", "-C", self.folder, "-xf", archive)
        (tree,) = glob.glob(self.path("cglab-*-aarch64"))
        for name in ("cglab", "malloc_demo"):
            program = os.path.join(tree, "bin", name)
            headers = run("readelf", "-hlW", program)
            self.assertIn("AArch64", headers)
            self.assertNotRegex(headers, "INTERP|DYNAMIC")
            self.assertIn(name, run(self.emulator, program, "--version"))
        self.assertTrue(os.path.getsize(os.path.join(tree, "share/man/man1/cglab.1")))

    def test_unit_tests_pass(self):
        build = self.path("build")
        run("meson", "setup", "-Dtests=true", "-Dsystemd=disabled", "--cross-file",
            self.places, "--cross-file", os.path.join(PACKAGE, "aarch64.ini"),
            build, ROOT)
        run("ninja", "-C", build, "tests/unit/unit_test")
        said = run(self.emulator, "-L", LIBRARIES,
                   os.path.join(build, "tests/unit/unit_test"),
                   "--gtest_filter=-" + ":".join(NOT_EMULATED))
        self.assertRegex(said, r"\[  PASSED  \] \d{3,} tests")


if __name__ == "__main__":
    unittest.main()
