#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of scripts/cglab.mk in a course's folder: tests/native/course_test.py -v

CGLAB_TEST_BUILD names the build folder whose programs are taken (build).
"""

import glob
import json
import os
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("CGLAB_TEST_BUILD") or os.path.join(ROOT, "build")
TARGETS = ("exercise", "oom", "check", "grade", "clean-lab", "vm-oom")
GROUP = f"cglab.course.{os.getpid()}"


def own_cgroup():
    """Directory of the v1 memory cgroup that the tests run in, or None."""
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        for line in file:
            _, controllers, path = line.rstrip("\n").split(":", 2)
            if "memory" in controllers.split(","):
                return "/sys/fs/cgroup/memory" + path.rstrip("/")
    return None


class Course(unittest.TestCase):
    """A copy of tests/course, for the checkout's targets."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="course_test.")
        self.addCleanup(shutil.rmtree, self.folder)
        shutil.copy(os.path.join(ROOT, "tests/course/Makefile"), self.folder)
        self.variables = {
            "CGLAB_MK": os.path.join(ROOT, "scripts/cglab.mk"),
            "CGLAB": os.path.join(BUILD, "lab/cglab"),
            "GROUP": GROUP,
        }

    def make(self, *words, **variables):
        values = {**self.variables, **variables}
        return subprocess.run(
            ["make", "--no-print-directory", *words]
            + [f"{name}={value}" for name, value in values.items() if value],
            cwd=self.folder, check=False, text=True, capture_output=True,
            stdin=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C.UTF-8"},
        )

    def succeed(self, *words, **variables):
        done = self.make(*words, **variables)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout


class CourseTest(Course):
    """Targets that need no cgroup."""

    def test_the_courses_own_targets_stay(self):
        self.assertIn("greeting.txt", self.succeed())

    def test_exercise_is_for_this_host(self):
        text = self.succeed("exercise", GROUP_LIMIT="50M")
        self.assertIn(GROUP, text)
        self.assertIn("52428800", text)

    def test_language_can_be_chosen(self):
        text = self.succeed("exercise", CGLAB_OPTIONS="--lang zh")
        self.assertIn("实验", text)

    def test_a_checkout_is_found_beside_the_targets(self):
        text = self.succeed("-n", *TARGETS, CGLAB="")
        self.assertIn(os.path.join(ROOT, "scripts/cglab") + " exercise", text)
        self.assertIn(os.path.join(ROOT, "scripts/vm"), text)

    def test_vm_oom_proves_the_kill(self):
        text = self.succeed("vm-oom", LIMIT="16M", CGLAB_OPTIONS="--ramp 0",
                            CGLAB_VM_OPTIONS=f"--build {BUILD} --cgroup v1")
        self.assertIn("memory.limit_in_bytes", text)
        self.assertIn("OOM KILL PROVEN", text)


class HandsTest(Course):
    """With a cgroup that a student made."""

    def setUp(self):
        super().setUp()
        own = own_cgroup()
        if own is None or not os.access(own, os.W_OK):
            self.skipTest("a writable v1 memory cgroup of one's own")
        self.group = os.path.join(own, GROUP)
        self.addCleanup(self.remove)

    def remove(self):
        if os.path.isdir(self.group):
            os.rmdir(self.group)

    def write(self, name, value):
        with open(os.path.join(self.group, name), "w", encoding="utf-8") as file:
            file.write(value)

    def test_oom_takes_a_limit(self):
        text = self.succeed("oom", LIMIT="16M", CGLAB_OPTIONS="--ramp 0")
        self.assertIn("16777216 bytes", text)

    def test_check_fails_while_points_are_lost(self):
        os.mkdir(self.group)
        done = self.make("check")
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("10 of 100 points", done.stdout)

    def test_grade_ends_in_a_line_for_autolab(self):
        os.mkdir(self.group)
        self.write("memory.limit_in_bytes", "104960000")
        last = self.succeed("grade").splitlines()[-1]
        self.assertEqual(sum(json.loads(last)["scores"].values()), 30)
        self.assertIn("1..5", self.succeed("grade", GRADE_FORMAT="tap"))

    def test_clean_lab_removes_the_cgroup(self):
        os.mkdir(self.group)
        self.assertIn("removed " + self.group, self.succeed("clean-lab"))
        self.assertFalse(os.path.exists(self.group))
        self.succeed("clean-lab")

    def test_clean_lab_kills_nobody(self):
        os.mkdir(self.group)
        with subprocess.Popen(["sleep", "60"]) as sleeper:
            self.write("cgroup.procs", str(sleeper.pid))
            done = self.make("clean-lab")
            self.assertIsNone(sleeper.poll())
            sleeper.kill()
        self.assertNotEqual(done.returncode, 0)
        self.assertIn(str(sleeper.pid), done.stderr)


class InstalledCourseTest(CourseTest):
    """The same by the installed programs."""

    @classmethod
    def setUpClass(cls):
        cls.stage = tempfile.mkdtemp(prefix="course_test.")
        cls.addClassCleanup(shutil.rmtree, cls.stage)
        subprocess.run(
            ["meson", "install", "-C", BUILD, "--no-rebuild", "--destdir",
             cls.stage], check=True, capture_output=True,
        )

    def setUp(self):
        super().setUp()
        (targets,) = glob.glob(self.stage + "/**/cglab.mk", recursive=True)
        self.prefix = os.path.dirname(os.path.dirname(os.path.dirname(targets)))
        self.variables = {"CGLAB_MK": targets, "GROUP": GROUP}

    def test_a_checkout_is_found_beside_the_targets(self):
        text = self.succeed("-n", *TARGETS)
        folder = os.path.dirname(self.variables["CGLAB_MK"])
        self.assertIn(f"{folder}/../../bin/cglab exercise", text)

    def test_vm_oom_proves_the_kill(self):
        text = self.succeed("vm-oom", LIMIT="16M", CGLAB_OPTIONS="--ramp 0")
        self.assertIn("OOM KILL PROVEN", text)


if __name__ == "__main__":
    unittest.main()
