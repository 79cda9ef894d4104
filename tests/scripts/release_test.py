#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of scripts/release: tests/scripts/release_test.py -v

The project is a tiny one, whose scripts/test and scripts/package do what each
test asks for; the real ones have tests of their own."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
sys.path.insert(
    0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))

import tiny_project

TIMEOUT = 60
MESON = """\
project(
  'cglab',
  'cpp',
  version: '0.9.1',
)
"""
CHANGELOG = """\
# Changelog

Nothing has been released yet; the version in the sources is 0.9.1.

## [Unreleased]

### Added

- A thing.
"""
README = "`scripts/publish-image REGISTRY/cglab:0.9.1`, of 10.9.1 things\n"
PACKAGE = """\
#!/bin/sh
while [ "$1" != --output ]; do shift; done
for kind in deb archive; do echo "$kind" >"$2/cglab.$kind"; done
"""


class ReleaseTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="release_test.")
        self.addCleanup(shutil.rmtree, self.folder)
        self.root = os.path.join(self.folder, "a clone")
        self.temporary = os.path.join(self.folder, "tmp")
        os.mkdir(self.temporary)
        tiny_project.make(self.root, ("release", "setup.d"))
        for name, text in (("meson.build", MESON), ("CHANGELOG.md", CHANGELOG),
                           ("README.md", README), (".gitignore", "/build*/\n")):
            tiny_project.write(os.path.join(self.root, name), text)
        self.script("test", "#!/bin/sh\n")
        self.script("package", PACKAGE)
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("config", "user.name", "Test")
        self.git("config", "user.email", "test@example.org")
        self.commit()

    def script(self, name, text):
        tiny_project.write(os.path.join(self.root, "scripts", name), text, 0o755)

    def git(self, *words):
        return subprocess.run(["git", "-C", self.root, *words], check=True, text=True,
                              stdout=subprocess.PIPE).stdout

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "a change")

    def read(self, name):
        with open(os.path.join(self.root, name), encoding="utf-8") as file:
            return file.read()

    def start(self, *words):
        return subprocess.Popen(
            [os.path.join(self.root, "scripts", "release"), *words], text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "TMPDIR": self.temporary})

    def release(self, *words):
        """(status, standard output, standard error)."""
        process = self.start(*words)
        out, err = process.communicate(timeout=TIMEOUT)
        return process.returncode, out, err

    def state(self):
        files = sorted(os.listdir(self.root))
        return self.git("rev-parse", "HEAD"), self.git("tag"), files, self.git(
            "status", "--porcelain")

    def assert_refused(self, status, text, *words):
        before = self.state()
        found, _, err = self.release(*words)
        self.assertEqual(found, status, err)
        self.assertIn(text, err)
        self.assertEqual(self.state(), before)
        self.assertEqual(os.listdir(self.temporary), [])

    def test_sets_the_version_and_tags_the_commit(self):
        status, out, err = self.release("1.0.0")
        self.assertEqual(status, 0, err)
        self.assertIn("  version: '1.0.0',\n", self.read("meson.build"))
        self.assertEqual(self.read("README.md"), README.replace(":0.9.1", ":1.0.0"))
        self.assertRegex(self.read("CHANGELOG.md"), r"## \[Unreleased\]\n\n"
                         r"## \[1\.0\.0\] - \d{4}-\d\d-\d\d\n\n### Added\n")
        self.assertNotIn("Nothing has been released", self.read("CHANGELOG.md"))
        self.assertEqual(self.git("cat-file", "-t", "v1.0.0"), "tag\n")
        self.assertEqual(self.git("rev-parse", "v1.0.0^{commit}"),
                         self.git("rev-parse", "main"))
        self.assertEqual(self.git("log", "-1", "--format=%an %s"),
                         "Test release: set the version to 1.0.0\n")
        self.assertEqual(self.git("status", "--porcelain"), "")
        self.assertEqual(os.listdir(self.temporary), [])

    def test_files_match_their_checksums(self):
        status, out, err = self.release("1.0.0")
        self.assertEqual(status, 0, err)
        output = os.path.join(self.root, "build-release", "1.0.0")
        self.assertEqual(sorted(os.listdir(output)),
                         ["SHA256SUMS", "cglab.archive", "cglab.deb"])
        self.assertEqual(out, self.read("build-release/1.0.0/SHA256SUMS"))
        subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"],
                       cwd=output, check=True, stdout=subprocess.DEVNULL)

    def test_dry_run_shows_the_commit_and_changes_nothing(self):
        before = self.state()
        status, out, err = self.release("--dry-run", "1.0.0")
        self.assertEqual(status, 0, err)
        self.assertIn("+  version: '1.0.0',", out)
        self.assertEqual(self.state(), before)
        self.assertEqual(os.listdir(self.temporary), [])

    def test_second_release_keeps_the_first_section(self):
        self.assertEqual(self.release("0.10.0")[0], 0)
        self.assert_refused(3, "lists no change", "0.10.1")
        path = os.path.join(self.root, "CHANGELOG.md")
        text = self.read("CHANGELOG.md")
        tiny_project.write(path, text.replace("eased]\n", "eased]\n\n- More.\n", 1))
        self.commit()
        self.assertEqual(self.release("0.10.1")[0], 0)
        self.assertRegex(self.read("CHANGELOG.md"),
                         r"(?s)\[Unreleased\].*\[0\.10\.1\].*More.*\[0\.10\.0\]")

    def test_wrong_versions_are_refused(self):
        for version in ("", "1", "1.0", "v1.0.0", "1.0.0-rc1", "01.0.0", "1.0.0\n",
                        "1.0.0 ", "1..0", "9999999.0.0", "../1.0.0"):
            self.assert_refused(2, "", version)
        self.assert_refused(2, "name the new version")
        self.assert_refused(2, "only one version", "1.0.0", "1.0.1")
        self.assert_refused(2, "no option '--no'", "--no", "1.0.0")
        for version in ("0.9.1", "0.9.0", "0.8.9", "0.0.10"):
            self.assert_refused(3, "is not newer than '0.9.1'", version)

    def test_tree_that_is_not_clean_is_refused(self):
        tiny_project.write(os.path.join(self.root, "new file"), "")
        self.assert_refused(3, "not committed: ?? \"new file\"", "1.0.0")

    def test_tag_and_folder_that_exist_are_refused(self):
        self.assert_refused(3, "is there already", "--output", self.folder, "1.0.0")
        self.git("tag", "v1.0.0")
        self.assert_refused(3, "the tag v1.0.0 is there already", "1.0.0")

    def test_folder_without_a_clone_is_refused(self):
        shutil.rmtree(os.path.join(self.root, ".git"))
        status, _, err = self.release("1.0.0")
        self.assertEqual(status, 77)
        self.assertIn("a release needs a clone", err)

    def test_failure_of_a_step_changes_nothing(self):
        self.script("package", "#!/bin/sh\nexit 3\n")
        self.commit()
        self.assert_refused(3, "building the packages failed with status 3", "1.0.0")
        self.script("package", "#!/bin/sh\n")
        self.commit()
        self.assert_refused(3, "has built no file", "1.0.0")
        self.script("test", "#!/bin/sh\nexit 1\n")
        self.commit()
        self.assert_refused(3, "running the tests failed with status 1", "1.0.0")

    def test_commit_made_meanwhile_is_kept(self):
        self.script("test", f"#!/bin/sh\ncd '{self.root}'\ngit commit --quiet "
                    "--allow-empty --message meanwhile\n")
        self.commit()
        status, _, err = self.release("1.0.0")
        self.assertEqual(status, 3)
        self.assertIn("cannot add the commit to main", err)
        self.assertEqual(self.git("log", "-1", "--format=%s"), "meanwhile\n")
        self.assertEqual(self.git("tag"), "")
        self.assertEqual(os.listdir(os.path.join(self.root, "build-release")), [])

    def test_interrupted_release_changes_nothing(self):
        mark = os.path.join(self.folder, "runs")
        self.script("test", f"#!/bin/sh\ntrap 'exit 143' TERM\n: >'{mark}'\n"
                    "while :; do sleep 0.1; done\n")
        self.commit()
        before = self.state()
        process = self.start("1.0.0")
        end = time.monotonic() + TIMEOUT
        while not os.path.exists(mark) and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=TIMEOUT)
        self.assertEqual(process.returncode, 143)
        self.assertIn("interrupted by SIGTERM", err)
        self.assertEqual(self.state(), before)
        self.assertEqual(os.listdir(self.temporary), [])


if __name__ == "__main__":
    unittest.main()
