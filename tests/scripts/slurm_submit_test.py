#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of what scripts/slurm/submit accepts, and how it divides a plan:
tests/scripts/slurm_submit_test.py -v

tests/peers/slurm_test.py submits to Debian's Slurm.
"""

import os
import shlex
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
SCRIPTS = os.path.join(ROOT, "scripts", "slurm")
_CELL = '{"schema":"cglab.cell/1","case":"limit=16M","id":"x"}\n'
_CONFIG = "MaxArraySize            = 1001\nMaxDBDMsgs = 20008"
# It prints its arguments, a line for each.
_SBATCH = "printf '%s\\n' \"$@\" >\"$0.arguments\"; echo '17;cluster'"
_TOOLS = ("basename", "dirname", "grep", "head", "mkdir", "readlink", "sed", "sh",
          "tr")


class SubmitTest(unittest.TestCase):
    """The script with chosen programs on its PATH."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="slurm_submit_test.")
        self.addCleanup(shutil.rmtree, self.folder)
        self.programs = os.path.join(self.folder, "programs")
        os.mkdir(self.programs)
        for name in _TOOLS:
            os.symlink(shutil.which(name), os.path.join(self.programs, name))
        self.program("scontrol", f"echo {shlex.quote(_CONFIG)}")
        self.program("sbatch", _SBATCH)
        self.program("cglab", 'printf "%s\\n" "$*"')

    def program(self, name, text):
        path = os.path.join(self.programs, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"#!/bin/sh\n{text}\n")
        os.chmod(path, 0o755)

    def plan(self, text=3 * _CELL, name="cells.jsonl"):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def run_script(self, name, *words, **environment):
        done = subprocess.run(
            [os.path.join(SCRIPTS, name), *words], check=False, text=True,
            capture_output=True, stdin=subprocess.DEVNULL, cwd=self.folder,
            env={"PATH": self.programs, "LC_ALL": "C.UTF-8", **environment})
        return done.returncode, done.stdout, done.stderr

    def assert_refused(self, words, why, status):
        code, out, err = self.run_script("submit", *words)
        self.assertEqual((code, out), (status, ""), err)
        self.assertIn(why, err)
        self.assertIn("submit: ", err)
        self.assertNotIn("\x1b", err)
        self.assertFalse(
            os.path.exists(os.path.join(self.programs, "sbatch.arguments")))

    def sbatch_arguments(self):
        path = os.path.join(self.programs, "sbatch.arguments")
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()

    def submit(self, *words):
        """What sbatch was given."""
        code, out, err = self.run_script("submit", *words)
        self.assertEqual((code, err), (0, ""))
        self.assertIn("Submitted job 17:", out)
        return self.sbatch_arguments()

    def ranges(self, arguments):
        """Of the tasks, as each runs its cells."""
        (array,) = [word for word in arguments if word.startswith("--array=")]
        first, last = array.partition("=")[2].split("-")
        self.assertEqual(first, "1")
        task = arguments.index(os.path.join(SCRIPTS, "task"))
        found = []
        for number in range(1, int(last) + 1):
            code, out, err = self.run_script(
                "task", *arguments[task + 1:], SLURM_ARRAY_TASK_ID=str(number))
            self.assertEqual((code, err), (0, ""))
            words = out.split()
            self.assertEqual(words[:2] + words[3:4], ["sweep", "run", "--index"])
            found.append([int(part) for part in words[4].split("-")])
        return found

    def assert_divided(self, arguments, cells, most_per_task):
        ranges = self.ranges(arguments)
        self.assertEqual(
            [index for first, last in ranges for index in range(first, last + 1)],
            list(range(1, cells + 1)))
        self.assertEqual(max(last - first + 1 for first, last in ranges),
                         most_per_task)

    def test_wrong_usage(self):
        plan = self.plan()
        for words, why in (
                ([], "no plan"),
                (["--cells"], "--cells needs a value"),
                (["--cells", "", plan], "not ''"),
                (["--cells", "0", plan], "not '0'"),
                (["--cells=-1", plan], "not '-1'"),
                (["--cells=1e3", plan], "not '1e3'"),
                (["--cells=1000000", plan], "from 1 to 999999"),
                (["--no-such\x1b[2J", plan], "no option '--no-such?[2J'"),
                (["--mem=1G", plan], "options of sbatch follow the plan"),
                ([plan, "--array=1-3"], "submit numbers the tasks itself"),
                ([plan, "-a", "1-3"], "submit numbers the tasks itself")):
            with self.subTest(words=words):
                self.assert_refused(words, why, 2)

    def test_what_is_not_a_plan(self):
        folder = os.path.join(self.folder, "folder")
        os.mkdir(folder)
        pipe = os.path.join(self.folder, "pipe")
        os.mkfifo(pipe)
        for path, why in (
                (os.path.join(self.folder, "none"), "No such file"),
                (folder, "not a regular file"),
                (pipe, "not a regular file"),
                (self.plan("", "empty"), "is empty"),
                (self.plan("\n", "blank"), "line 1 of"),
                (self.plan(_CELL + "{}\n", "other"), "line 2 of")):
            with self.subTest(path=path, why=why):
                self.assert_refused([path], why, 3)

    def test_programs_that_are_missing(self):
        plan = self.plan()
        for name in ("cglab", "scontrol", "sbatch"):
            os.unlink(os.path.join(self.programs, name))
            with self.subTest(name=name):
                self.assert_refused([plan], f"{name} is not on PATH", 77)

    def test_slurm_without_a_controller(self):
        self.program("scontrol", "echo 'Unable to contact slurmctld' >&2; exit 1")
        self.assert_refused([self.plan()], "Unable to contact slurmctld", 3)

    def test_slurm_without_array_jobs(self):
        for size in ("1", "0"):
            self.program("scontrol", f"echo 'MaxArraySize = {size}'")
            with self.subTest(size=size):
                self.assert_refused([self.plan()],
                                    f"its MaxArraySize is '{size}'", 3)

    def test_sbatch_refuses(self):
        self.program("sbatch", "echo 'error: invalid partition' >&2; exit 9")
        self.assert_refused([self.plan()], "sbatch failed (status 9)", 3)

    def test_no_folder_for_the_logs(self):
        self.plan("", name="cells.logs")
        self.assert_refused([self.plan()], "cells.logs: ", 3)

    def test_each_cell_belongs_to_one_task(self):
        for cells, options, most_per_task in (
                (1, [], 1), (3, [], 1), (3, ["--cells", "2"], 2),
                (3, ["--cells=7"], 3), (1000, ["--cells=400"], 400)):
            with self.subTest(cells=cells, options=options):
                self.assert_divided(
                    self.submit(*options, self.plan(cells * _CELL)), cells,
                    most_per_task)

    def test_slurm_limits_the_number_of_tasks(self):
        plan = self.plan(11 * _CELL)
        for size, options, most_per_task in (
                (12, [], 1), (11, [], 2), (5, [], 3), (5, ["--cells=2"], 3),
                (5, ["--cells=4"], 4), (2, [], 11)):
            self.program("scontrol", f"echo 'MaxArraySize = {size}'")
            with self.subTest(size=size, options=options):
                self.assert_divided(self.submit(*options, plan), 11,
                                    most_per_task)

    def test_a_hundred_thousand_cells(self):
        arguments = self.submit(self.plan(100000 * _CELL))
        self.assertIn("--array=1-1000", arguments)

    def test_options_of_sbatch_and_of_sweep_run(self):
        plan = self.plan(name="50%a b.jsonl")
        arguments = self.submit("--retry", "--vm", plan, "--mem=3G", "-p", "a b")
        self.assertIn(f"--output={self.folder}/50%%a b.logs/%a.log", arguments)
        task = arguments.index(os.path.join(SCRIPTS, "task"))
        self.assertIn("--mem=3G", arguments[:task])
        self.assertIn("a b", arguments[:task])
        self.assertEqual(arguments[task + 1:], [plan, "1", "3", "--retry", "--vm"])

    def test_the_plan_is_found_from_any_folder(self):
        self.plan()
        arguments = self.submit("cells.jsonl")
        self.assertIn(os.path.join(self.folder, "cells.jsonl"), arguments)


if __name__ == "__main__":
    unittest.main()
