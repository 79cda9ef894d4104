#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of what scripts/publish-image accepts, and of its choice of a tool:
tests/scripts/publish_image_test.py -v

tests/peers/image_test.py builds and pushes images.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import unittest

# Nothing is written into the checkout, byte code neither.
sys.dont_write_bytecode = True
sys.path.insert(
    0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))

import tiny_project
from tiny_project import BASICS

# Of each, a part of the message.
WRONG = {
    "": "the name of the image is empty",
    "cglab": "names no registry",
    "cglab:1": "names no registry",
    "user/cglab:1": "'user' is not a registry",
    "example.org/cglab": "the tag is missing",
    "example.org:5000/cglab": "the tag is missing",
    "example.org/Lab/cglab:1": "'Lab/cglab' has upper case letters",
    "http://example.org/cglab:1": "leave out http://",
    "docker://example.org/cglab:1": "leave out docker://",
    "example.org/cglab:1@sha256:00": "leave out @sha256:00",
    "example.org/a b:1": "it has a blank",
    " example.org/a:1": "it has a blank",
    "example.org/a:1\n": "it has a blank",
    "example.org/a:\x1b[2J": "'example.org/a:?[2J' is not",
    "example.org/a:\u4e2d": "not ASCII",
    "example.org//a:1": "an empty part",
    "example.org/:1": "an empty part",
    "example.org/a:": "an empty part",
    "example.org/a:-1": "a character",
    "example.org/a_:1": "a character",
    "example.org/a:1:2": "a character",
    "example.org:port/a:1": "a character",
    "example.org/a:" + 129 * "1": "a character",
    "-": "there is no option '-'",
    "-example.org/a:1": "there is no option",
    "--no-such": "there is no option '--no-such'",
}
TOOLS = ("mktemp", "rm", "sed", "setsid", "tr")


class PublishImageTest(unittest.TestCase):
    """The script in a folder without a clone, with chosen tools on its PATH."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="publish_image_test.")
        self.addCleanup(shutil.rmtree, self.folder)
        self.root = os.path.join(self.folder, "a project")
        tiny_project.make(self.root, ("publish-image", "setup.d"))
        self.tools = os.path.join(self.folder, "tools")
        for name in (*BASICS, *TOOLS):
            if not os.path.lexists(os.path.join(self.tools, name)):
                tiny_project.link_tool(self.tools, name)

    def tool(self, name, text):
        tiny_project.write(os.path.join(self.tools, name), f"#!/bin/sh\n{text}\n",
                           0o755)

    def publish(self, *words):
        done = subprocess.run(
            [os.path.join(self.root, "scripts", "publish-image"), *words],
            check=False, text=True, capture_output=True, stdin=subprocess.DEVNULL,
            env={"PATH": self.tools, "LC_ALL": "C.UTF-8"})
        return done.returncode, done.stdout, done.stderr

    def assert_refused(self, words, why, status=2):
        code, out, err = self.publish(*words)
        self.assertEqual((code, out), (status, ""), err)
        self.assertIn(why, err)
        self.assertTrue(err.startswith("publish-image: "), err)
        self.assertNotIn("\x1b", err)

    def test_wrong_names_are_refused(self):
        for name, why in WRONG.items():
            with self.subTest(name=name):
                self.assert_refused([name], why)

    def test_right_names_are_accepted(self):
        for name in ("localhost/a:1", "localhost:5000/a:1", "example.org/a:1",
                     "127.0.0.1:5000/lab/c--g__l.a-b:V_1.0-x", "[::1]:5000/a:1",
                     "Example.org/a:" + 128 * "1"):
            with self.subTest(name=name):
                self.assert_refused([name], "Buildah", status=77)

    def test_wrong_options_are_refused(self):
        for words, why in (
                (["localhost/a:1", "localhost/b:1"], "only one image"),
                (["--base"], "--base needs a value"),
                (["--base", ""], "--base needs a value"),
                (["--base="], "--base needs a value"),
                (["--tool"], "--tool needs a value"),
                (["--tool=kaniko"], "not 'kaniko'"),
                (["--insecure=yes"], "no option '--insecure=yes'")):
            with self.subTest(words=words):
                self.assert_refused(words, why)

    def test_help(self):
        for word in ("-h", "--help"):
            code, out, err = self.publish(word)
            self.assertEqual((code, err), (0, ""))
            self.assertTrue(out.startswith("Usage: scripts/publish-image"), out)

    def test_nothing_to_build_with(self):
        self.assert_refused([], "Buildah", status=77)

    def test_the_wanted_tool_is_missing(self):
        self.assert_refused(["--tool", "podman"], "podman is not installed", 77)

    def test_docker_without_its_daemon(self):
        self.tool("docker", "echo no daemon >&2; exit 1")
        self.assert_refused([], "docker cannot build here: no daemon", 77)

    def test_docker_configures_insecure_registries_itself(self):
        self.tool("docker", "exit 0")
        self.assert_refused(["--insecure", "example.org/a:1"],
                            "docker has no --insecure")

    def test_docker_without_a_digest(self):
        self.tool("docker", 'case $1 in build) while [ "$1" != --iidfile ]; do '
                  'shift; done; echo id >"$2" ;; esac')
        self.assert_refused(["example.org/a:1"], "does not name its digest", 3)


if __name__ == "__main__":
    unittest.main()
