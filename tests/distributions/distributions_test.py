#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The set-up and a run from a clone on Debian 12, 13 and sid:
tests/distributions/distributions_test.py -v

Each distribution is a root file system in a folder of its own, on the kernel
and the cgroups of this host. What is committed is cloned into it."""

import json
import os
import sys
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
# Nothing is written into the checkout, byte code neither.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

import debian_root

# Where the clone is, inside; a space in its path must not matter.
_CLONE = "root/a clone"


class DistributionCases:
    """What has to hold on each distribution, from a fresh clone."""

    suite = ""

    @classmethod
    def setUpClass(cls):
        missing = debian_root.missing()
        if missing:
            raise unittest.SkipTest(missing)
        cls.debian = debian_root.DebianRoot(cls.suite)
        cls.addClassCleanup(cls.debian.remove)
        cls.root = cls.debian.path
        debian_root.checked(
            ["git", "clone", "-q", ROOT, os.path.join(cls.root, _CLONE)])
        cls.first = cls.run_inside("scripts/cglab", "oom", "--limit", "100M",
                                   "--json", "/tmp/record.json")

    @classmethod
    def run_inside(cls, *words):
        """A command in the clone."""
        return cls.debian.run(*words, folder=f"/{_CLONE}")

    def read(self, name):
        path = os.path.join(self.root, _CLONE, name)
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def assert_first_run_succeeded(self):
        self.assertEqual(self.first.returncode, 0,
                         self.first.stdout + self.first.stderr)

    def test_oom_is_proven_from_a_fresh_clone(self):
        self.assert_first_run_succeeded()
        self.assertIn("OOM KILL PROVEN", self.first.stdout)

    def test_the_packages_were_installed_by_the_script(self):
        self.assert_first_run_succeeded()
        self.assertRegex(self.first.stderr, r"cglab: installing.* g\+\+ .*meson")

    def test_no_cgroup_is_left_behind(self):
        self.assert_first_run_succeeded()
        self.assertIn("nothing; the cgroup is removed", self.first.stdout)
        with open(os.path.join(self.root, "tmp/record.json"),
                  encoding="utf-8") as file:
            (cgroup,) = json.load(file)["cgroups"]
        self.assertFalse(os.path.exists(cgroup["path"]))
        self.assertTrue(os.path.isdir(os.path.dirname(cgroup["path"])))

    def test_the_compiler_prints_no_warning(self):
        self.assert_first_run_succeeded()
        log = self.read("build/setup.log")
        self.assertIn("Linking target lab/cglab", log)
        self.assertNotRegex(log, r"\bwarning\b")

    def test_the_programs_are_static(self):
        self.assert_first_run_succeeded()
        for name in ("lab/cglab", "malloc_demo/malloc_demo"):
            done = self.run_inside("ldd", "build/" + name)
            self.assertRegex(done.stdout + done.stderr,
                             "not a dynamic executable|statically linked")

    def test_the_second_call_builds_nothing(self):
        self.assert_first_run_succeeded()
        done = self.run_inside("scripts/cglab", "--version")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^cglab \d")

    def test_the_clone_has_no_file_outside_the_build_folder(self):
        self.assert_first_run_succeeded()
        clone = os.path.join(self.root, _CLONE)
        done = debian_root.checked(
            ["git", "-C", clone, "status", "--porcelain", "--ignored"])
        self.assertEqual(done.stdout, "!! build/\n")


class Debian12Test(DistributionCases, unittest.TestCase):
    suite = "bookworm"


class Debian13Test(DistributionCases, unittest.TestCase):
    suite = "trixie"


class DebianSidTest(DistributionCases, unittest.TestCase):
    suite = "sid"


if __name__ == "__main__":
    unittest.main()
