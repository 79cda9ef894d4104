#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of the machine-readable forms of cglab check, read by external parsers:
tests/scripts/check_forms_test.py -v

CGLAB_TEST_BUILD names the build folder whose programs are taken (build).
"""

import json
import os
import subprocess
import unittest
import xml.etree.ElementTree

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("CGLAB_TEST_BUILD") or os.path.join(ROOT, "build")
# No cgroup has these names, which break what is not escaped. (With a newline in
# it a name is refused, as by the kernel.)
NAMES = [
    b"cglab-a]]>b",
    b"cglab-<!-- & '\"",
    b"cglab-\x1b[2J\x01\x08\x0b\x7f",
    b"cglab-\xff\xc3(\xed\xa0\x80",
    "cglab-\u009b\u202e\ufffe\uffff".encode(),
    b"cglab-# skip ok 1",
    b"cglab-\\ # TODO",
    "cglab-\u4e2d\u6587".encode(),
]


def check(name, form, **environment):
    return subprocess.run(
        [os.path.join(BUILD, "lab/cglab"), "check", "--group", name, "--format", form],
        check=False, capture_output=True, stdin=subprocess.DEVNULL,
        env={**os.environ, "LC_ALL": "C.UTF-8", **environment})


class CheckForms(unittest.TestCase):
    """The whole output is what the form's own parser accepts."""

    def each(self, form):
        for name in NAMES:
            with self.subTest(name=name):
                done = check(name, form)
                self.assertIn(done.returncode, (1, 77), done.stderr)
                text = done.stdout.decode("utf-8")
                self.assertNotIn("\x1b", text)
                yield text

    def test_junit_is_xml(self):
        for text in self.each("junit"):
            suite = xml.etree.ElementTree.fromstring(text.encode()).find("testsuite")
            self.assertEqual(int(suite.get("tests")), len(suite.findall("testcase")))
            marks = suite.findall("testcase/failure") + suite.findall("testcase/skipped")
            self.assertEqual(len(marks), 5)

    def test_tap_has_as_many_tests_as_planned(self):
        for text in self.each("tap"):
            lines = text.splitlines()
            self.assertEqual(lines[0], "TAP version 13")
            if lines[1].startswith("1..0 # SKIP"):
                self.assertEqual(len(lines), 2)
                continue
            self.assertEqual(lines[1], "1..5")
            tests = [line for line in lines if line.startswith(("ok", "not ok"))]
            self.assertEqual(len(tests), 5)
            for line in tests:
                self.assertNotIn(" #", line)
            for line in lines[2:]:
                self.assertRegex(line, r"^((not )?ok \d|  )")
                if line.startswith("  evidence: "):
                    json.loads(line.removeprefix("  evidence: "))

    def test_json_is_json(self):
        for text in self.each("json"):
            self.assertEqual(json.loads(text or "{}").get("earned", 0), 0)

    def test_autolab_ends_with_a_line_of_scores(self):
        for text in self.each("autolab"):
            self.assertIsInstance(json.loads(text.splitlines()[-1])["scores"], dict)


if __name__ == "__main__":
    unittest.main()
