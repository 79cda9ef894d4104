# SPDX-License-Identifier: MIT
"""A sweep: its plan, results and merge."""

import glob
import json
import os
import subprocess

from peer_packages import ROOT
from service import TIMEOUT

BUILD = os.environ.get("CGLAB_TEST_BUILD") or os.path.join(ROOT, "build")
PROGRAMS = os.path.join(BUILD, "lab")


def cglab(*words):
    return subprocess.run(
        [os.path.join(PROGRAMS, "cglab"), *words], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False, timeout=TIMEOUT)


class Sweep:
    """In a folder, with what schedulers are to write there."""

    def __init__(self, folder, *words):
        self.folder = folder
        self.plan = os.path.join(folder, "cells.jsonl")
        self.results = os.path.join(folder, "cells.results")
        done = cglab("sweep", "plan", "-o", self.plan, *words)
        if done.returncode != 0:
            raise AssertionError(f"cglab sweep plan {words}: {done.stderr}")
        with open(self.plan, encoding="utf-8") as file:
            self.ids = [json.loads(line)["id"] for line in file]

    def stored(self):
        """{id: what identifies the file}, of the results that are there."""
        found = {}
        for path in glob.glob(os.path.join(self.results, "*.json")):
            status = os.stat(path)
            name = os.path.basename(path)[:-len(".json")]
            found[name] = (status.st_ino, status.st_mtime_ns)
        return found

    def merge(self):
        """(exit status, the report)"""
        done = cglab("sweep", "merge", self.results, "--format", "json")
        if not done.stdout:
            raise AssertionError(f"cglab sweep merge: {done.stderr}")
        return done.returncode, json.loads(done.stdout)["sweep"]

    def assert_complete(self, test, failed=0):
        """Each cell has a result, and so many are those of failures."""
        test.assertEqual(set(self.stored()), set(self.ids))
        status, report = self.merge()
        test.assertEqual(report["cells"], len(self.ids))
        test.assertEqual(report["missing"], [])
        test.assertEqual(len(report["failed"]), failed, report["failed"])
        test.assertEqual(status, 1 if failed else 0)
        return report


def assert_nothing_left(test):
    """No run of cglab on this host has left a cgroup behind."""
    done = cglab("clean", "--dry-run")
    test.assertEqual(done.returncode, 0, done.stdout + done.stderr)
