#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Experiments on kernels of Debian's suites: tests/kernels/kernels_test.py -v

Each kernel is fetched on first use. CGLAB_TEST_BUILD names the build folder
that has cglab and malloc_demo (build)."""

import json
import os
import subprocess
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("CGLAB_TEST_BUILD") or os.path.join(ROOT, "build")
VM = os.path.join(ROOT, "scripts", "vm")
NO_DEBIAN = "only where apt's sources include Debian"
UNABLE = 77
FETCH_TIMEOUT = 900
DEADLINE = 600


class KernelCases:
    """What has to hold on each kernel, on v2 with swap and a scratch disk."""

    suite = ""
    version = ""
    has_reclaim = True
    has_cgroup_kill = True

    @classmethod
    def setUpClass(cls):
        if not os.access(os.path.join(BUILD, "lab", "cglab"), os.X_OK):
            raise RuntimeError(f"{BUILD} has no lab/cglab (CGLAB_TEST_BUILD)")
        cls.kernel = "debian:" + cls.suite
        done = subprocess.run(
            [VM, "--fetch-kernel", cls.kernel],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=FETCH_TIMEOUT,
        )
        if NO_DEBIAN in done.stderr:
            raise unittest.SkipTest("apt's sources do not include Debian")
        if done.returncode != 0:
            raise RuntimeError(f"cannot fetch {cls.kernel}: {done.stderr}")
        folder = os.path.dirname(done.stdout.strip())
        with open(os.path.join(folder, "release"), encoding="utf-8") as file:
            cls.release = file.read().strip()

    def run_experiment(self, name):
        return subprocess.run(
            [VM, "--build", BUILD, "--kernel", self.kernel]
            + ["--cgroup", "v2", "--swap", "256M", "--timeout", f"{DEADLINE}s"]
            + ["--", "cglab", name, "--json", "-", "--quiet"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE + 60,
        )

    def assert_holds(self, name):
        done = self.run_experiment(name)
        self.assertEqual(done.returncode, 0, done.stderr + done.stdout[-4000:])
        environment = json.loads(done.stdout)["environment"]
        self.assertEqual(environment["kernel"], self.release)
        self.assertEqual(environment["memory_hierarchy"], "v2")

    def test_has_the_interface_files_of_the_table(self):
        program = os.path.join(BUILD, "tests", "kernel", "kernel_test")
        done = subprocess.run(
            [VM, "--build", BUILD, "--kernel", self.kernel]
            + ["--cgroup", "v2", "--timeout", f"{DEADLINE}s", "--add", program]
            + ["--", "env", "CGLAB_TEST_CGROUP=v2", program]
            + ["--gtest_filter=InterfaceFilesTest.*"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=DEADLINE + 60,
        )
        self.assertEqual(done.returncode, 0, done.stdout[-4000:] + done.stderr)
        self.assertRegex(done.stdout, r"\[  PASSED  \] [1-9]")

    def test_suite_has_the_expected_version(self):
        self.assertRegex(self.release, self.version)

    def test_oom(self):
        self.assert_holds("oom")

    def test_swap(self):
        self.assert_holds("swap")

    def test_page_cache(self):
        self.assert_holds("page-cache")

    def test_protect(self):
        self.assert_holds("protect")

    def test_huge(self):
        self.assert_holds("huge")

    def assert_refused(self, name, file, since):
        done = self.run_experiment(name)
        self.assertEqual(done.returncode, UNABLE, done.stderr)
        self.assertIn(file, done.stderr)
        self.assertIn(since, done.stderr)

    def test_reclaim(self):
        if self.has_reclaim:
            self.assert_holds("reclaim")
        else:
            self.assert_refused("reclaim", "memory.reclaim", "5.19")

    def test_kill(self):
        if self.has_cgroup_kill:
            self.assert_holds("kill")
        else:
            self.assert_refused("kill", "cgroup.kill", "5.14")


class Debian11Test(KernelCases, unittest.TestCase):
    suite = "bullseye"
    version = r"^5\.10\."
    has_reclaim = False
    has_cgroup_kill = False


class Debian12Test(KernelCases, unittest.TestCase):
    suite = "bookworm"
    version = r"^6\.1\."


class Debian13Test(KernelCases, unittest.TestCase):
    suite = "trixie"
    version = r"^6\.12\."


class DebianSidTest(KernelCases, unittest.TestCase):
    suite = "sid"
    version = r"^([7-9]|\d\d+)\."


if __name__ == "__main__":
    unittest.main()
