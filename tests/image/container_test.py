# SPDX-License-Identifier: MIT
"""scripts/Containerfile: builds the image offline and runs it."""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
)
# Nothing is written into the checkout, byte code neither.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

import host_image  # noqa: E402

_IMAGE = "localhost/cglab-test"


class ContainerTest(unittest.TestCase):
    """One image for all tests, in a storage of its own."""

    @classmethod
    def setUpClass(cls):
        missing = host_image.missing()
        if missing:
            raise unittest.SkipTest(missing)
        cls.storage = host_image.Storage(
            tempfile.mkdtemp(prefix="cglab-container."))
        cls.addClassCleanup(cls.storage.remove)
        cls.storage.buildah(
            "build", "--pull-never", "--network", "none", "--build-arg",
            "BASE=" + host_image.BASE, "--env", "CXXFLAGS=-O0", "--file",
            os.path.join(ROOT, "scripts", "Containerfile"), "--tag", _IMAGE,
            ROOT)
        cls.mounted = cls.storage.mount(_IMAGE)

    def run_inside(self, *words):
        return host_image.run_in(self.mounted, "/bin/cglab", *words)

    def test_the_image_holds_the_two_programs_and_nothing_else(self):
        files = [
            os.path.relpath(os.path.join(folder, name), self.mounted)
            for folder, _, names in os.walk(self.mounted)
            for name in names
        ]
        self.assertEqual(sorted(files), ["bin/cglab", "bin/malloc_demo"])

    def test_it_runs_where_there_is_no_dynamic_loader(self):
        done = subprocess.run(["chroot", self.mounted, "/bin/cglab",
                               "--version"], capture_output=True, text=True,
                              check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("cglab ", done.stdout)

    def test_a_dynamic_program_would_not(self):
        shutil.copy(shutil.which("ls"), os.path.join(self.mounted, "ls"))
        self.addCleanup(os.unlink, os.path.join(self.mounted, "ls"))
        done = subprocess.run(["chroot", self.mounted, "/ls"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 127)
        self.assertIn("No such file or directory", done.stderr)

    def test_oom_is_proven_inside_on_the_cgroups_of_this_host(self):
        done = self.run_inside("oom", "--limit", "32M", "--ramp", "0")
        if done.returncode == 77:
            self.skipTest(done.stderr.strip())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("OOM KILL PROVEN", done.stdout)
        self.assertIn("nothing; the cgroup is removed", done.stdout)

    def test_the_doctor_reports_there_what_it_finds(self):
        done = self.run_inside("doctor")
        self.assertIn(done.returncode, (0, 77), done.stderr)
        self.assertIn("memory controller", done.stdout)


if __name__ == "__main__":
    unittest.main()
