#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The commands of `cglab explain image` and `layers`, and the instructions of
`cglab explain scratch`, run as printed with buildah, and what they show:
tests/peers/lessons_test.py -v

CGLAB_TEST_BUILD names the build folder that has cglab and malloc_demo (build).
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("CGLAB_TEST_BUILD") or os.path.join(ROOT, "build")
CGLAB = os.path.join(BUILD, "lab", "cglab")
# Nothing is written into the checkout, byte code neither.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

import host_image  # noqa: E402

_TIMEOUT = 300
_MARK = "@@ end of block"
_FENCED = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)
_MIB = 1 << 20
_BIG = 20 * _MIB


def lesson(*words, language="en"):
    """What `cglab explain` prints on a topic, as Markdown."""
    return subprocess.run(
        [CGLAB, "explain", *words, "--format", "markdown", "--lang", language],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True,
        timeout=_TIMEOUT).stdout


def commands(topic, language="en"):
    """Its blocks of commands, of which each answers a question."""
    return _FENCED.findall(lesson(topic, language=language))


def quoted_messages(topic):
    """The first column of its table: messages, in backticks."""
    return re.findall(r"^\| `([^`]+)` \|", lesson(topic), re.M)


def missing():
    """What this host lacks for the test; empty if nothing."""
    for program in ("buildah", "busybox", "unshare"):
        if not shutil.which(program):
            return program
    if os.geteuid() != 0:
        return "root: buildah's chroot isolation mounts file systems"
    return ""


def environment(folder):
    """With an empty storage and temporary files in the folder."""
    programs = [os.path.join(BUILD, name) for name in ("lab", "malloc_demo")]
    return {**os.environ, **host_image.storage_environment(folder),
            "LC_ALL": "C.UTF-8", "TMPDIR": folder,
            "PATH": ":".join([*programs, os.environ["PATH"]])}


class LessonTest(unittest.TestCase):
    """The commands of `topic`, in one shell, in a folder and a storage of their
    own. Both are gone afterwards."""

    topic = ""

    @classmethod
    def setUpClass(cls):
        reason = missing()
        if reason:
            raise unittest.SkipTest(reason)
        # Not in /tmp: a tmpfs has no page cache to drop.
        cls.folder = tempfile.mkdtemp(prefix="cglab-lesson.", dir="/var/tmp")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.commands = commands(cls.topic)
        cls.blocks = cls._run_all()

    @classmethod
    def _run_all(cls):
        """What each block prints."""
        script = "".join(f"{block}echo '{_MARK}'\n" for block in cls.commands)
        done = subprocess.run(
            ["sh", "-c", script], stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
            timeout=_TIMEOUT, cwd=cls.folder,
            env=environment(cls.folder))
        blocks = done.stdout.split(_MARK + "\n")
        if len(blocks) != len(cls.commands) + 1 or done.returncode != 0:
            raise AssertionError(f"{cls.commands}: {done.stdout}")
        return blocks[:-1]

    def block(self, part):
        """What the only block of commands with `part` printed."""
        (number,) = [i for i, text in enumerate(self.commands) if part in text]
        return self.blocks[number]


class ImageTest(LessonTest):
    topic = "image"

    def test_every_message_that_it_quotes_is_seen(self):
        messages = quoted_messages(self.topic)
        self.assertEqual(len(messages), 5)
        for message in messages:
            self.assertIn(message, "".join(self.blocks))

    def test_a_dynamic_program_is_not_found(self):
        said = self.block("lesson-dynamic")
        self.assertRegex(said, r"/ls: no such file or directory")
        self.assertIn('building at STEP "RUN /ls"', said)
        self.assertIn("MISSING ON SCRATCH: ", said)

    def test_a_static_one_runs(self):
        said = self.block("COPY malloc_demo /")
        self.assertIn("\nmalloc_demo ", said)
        self.assertNotIn("Error", said)

    def test_a_copy_from_the_parent_needs_the_parent_as_context(self):
        said = self.block("COPY ../ls /")
        self.assertEqual(said.count("Error: "), 1, said)
        self.assertLess(said.index("possible escaping context directory"),
                        said.index("COMMIT lesson-parent"))

    def test_f_is_relative_to_the_current_directory(self):
        said = self.block(".containerignore").split("Error: ")[1:]
        self.assertEqual(len(said), 3)
        self.assertIn("cannot find Containerfile or Dockerfile", said[0])
        self.assertRegex(said[1], r"^stat \S+/sub/sub/Containerfile: no such")
        self.assertIn(".containerignore", said[2])

    def test_both_images_are_removed(self):
        self.assertEqual(self.block("rmi").count("untagged: "), 2)


class LayersTest(LessonTest):
    topic = "layers"

    def test_a_deleted_file_still_costs_its_size(self):
        said = self.block("buildah images lesson-deleted")
        sizes = re.findall(r"localhost/(\S+) .* ([\d.]+) (\w+)$", said, re.M)
        self.assertEqual([name for name, _, _ in sizes],
                         ["lesson-deleted", "lesson-small"])
        self.assertEqual([unit for _, _, unit in sizes], ["MB", "KB"])
        self.assertGreater(float(sizes[0][1]), 20)

    def test_a_layer_has_the_file_and_a_later_one_its_whiteout(self):
        said = self.block("tar tf")
        layers = [part.splitlines() for part in said.split("deleted/")]
        with_file = [each for each in layers if "big" in each]
        with_whiteout = [each for each in layers if ".wh.big" in each]
        self.assertEqual((len(with_file), len(with_whiteout)), (1, 1), said)
        self.assertNotEqual(with_file, with_whiteout)

    def test_a_written_file_is_copied_whole(self):
        said = self.block("echo >> root/big")
        if "mount:" in said:
            self.skipTest(f"overlay on {self.folder}: {said}")
        lower, upper = said.split("upper:")
        self.assertIn(f" {_BIG} ", lower)
        self.assertIn(f" {_BIG + 1} ", upper)

    def test_the_first_to_read_a_shared_file_is_charged(self):
        said = self.block("md5sum root2/big")
        if "mount:" in said or "cannot run here" in said:
            self.skipTest(f"overlay and memory cgroups: {said}")
        sums = re.findall(r"^(\w{32})  root", said, re.M)
        self.assertEqual(len(sums), 2, said)
        self.assertEqual(sums[0], sums[1])
        peaks = re.findall(r"its peak was (\d+) bytes", said)
        first, second = map(int, peaks)
        self.assertGreaterEqual(first, _BIG)
        self.assertLess(second, _BIG // 2)


# The files of this host at their places, with the links that lead to them.
_STAGE = """set -e
mkdir usr
for each in bin lib lib64; do mkdir "usr/$each"; ln -s "usr/$each" "$each"; done
for each; do
  cp -a --parents "$(realpath "${each%/*}")/${each##*/}" .
  cp -a --parents "$(realpath "$each")" .
done"""


class ScratchTest(unittest.TestCase):
    """The instructions of `cglab explain scratch`, built into an image."""

    def setUp(self):
        reason = missing() or host_image.missing()
        if reason:
            self.skipTest(reason)
        self.folder = tempfile.mkdtemp(prefix="cglab-scratch.", dir="/var/tmp")
        self.addCleanup(shutil.rmtree, self.folder)

    def build(self, instructions):
        """In an empty image, of a stage that is in the folder `stage`."""
        with open(os.path.join(self.folder, "Containerfile"), "w",
                  encoding="utf-8") as file:
            file.write(f"FROM scratch AS build\nCOPY stage /\nFROM scratch\n"
                       f"{instructions}")
        return subprocess.run(
            ["buildah", "build", "."], cwd=self.folder, check=False, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT,
            env=environment(self.folder))

    def test_a_program_starts_with_what_is_copied(self):
        program = os.path.join(self.folder, "program")
        with open(program, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\necho it started\n")
        os.chmod(program, 0o755)
        answer = lesson("scratch", program)
        copies = "".join(block for block in _FENCED.findall(answer)
                         if block.startswith("COPY "))
        paths = re.findall(r"^  (/\S+) \\$", answer, re.M)
        stage = os.path.join(self.folder, "stage")
        os.mkdir(stage)
        subprocess.run(["sh", "-c", _STAGE, "sh", *paths], cwd=stage, check=True,
                       capture_output=True, timeout=_TIMEOUT)
        done = self.build(f'{copies}RUN ["{program}"]\n')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("it started\n", done.stdout)


class LanguagesTest(unittest.TestCase):
    def test_the_commands_are_the_same(self):
        for topic in ("image", "layers", "namespaces"):
            self.assertEqual(commands(topic), commands(topic, "zh"), topic)


if __name__ == "__main__":
    unittest.main()
