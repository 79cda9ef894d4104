#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How the sources are written: tests/style/style_test.py -v"""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

import rooms

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
# Other versions format otherwise.
VERSION = "14"


def sources(*endings):
    """Paths of the project's files with these endings, below ROOT."""
    found = []
    for folder, subfolders, names in os.walk(ROOT):
        subfolders[:] = [
            name for name in subfolders if not re.match(r"\.|build", name)
        ]
        found += [
            os.path.relpath(os.path.join(folder, name), ROOT)
            for name in names
            if name.endswith(endings)
        ]
    return sorted(found)


def clang_format():
    """(path of clang-format in the version wanted, what there is instead)."""
    found = "none"
    for name in (f"clang-format-{VERSION}", "clang-format"):
        path = shutil.which(name)
        if not path:
            continue
        done = subprocess.run(
            [path, "--version"], check=True, text=True, capture_output=True
        )
        found = done.stdout.strip()
        if f"version {VERSION}." in found:
            return path, found
    return None, found


def interface_file_names():
    """The names in the table of cgroupfs."""
    path = os.path.join(ROOT, "cgroupfs/interface_files.def")
    with open(path, encoding="utf-8") as file:
        rows = re.findall(r'^CGROUPFS_ROW\(\w+, "([^"]*)", "([^"]*)"', file.read(), re.M)
    return {name for row in rows for name in row if name}


class StyleTest(unittest.TestCase):
    def test_only_the_table_spells_interface_files(self):
        """A literal that is such a name and nothing else; prose may have it."""
        names = interface_file_names()
        self.assertGreater(len(names), 30)
        literal = re.compile(
            "([\"'])/?("
            + "|".join(re.escape(name) for name in sorted(names))
            + r")\1"
        )
        found = []
        for path in sources(".cpp", ".h", ".js"):
            if not path.startswith(("lab/", "cgroupfs/")):
                continue
            with open(os.path.join(ROOT, path), encoding="utf-8") as file:
                found += [
                    f"{path}:{number}: {match[0]}"
                    for number, line in enumerate(file, 1)
                    for match in [literal.search(re.sub(r"(^|\s)//.*", "", line))]
                    if match
                ]
        self.assertEqual(found, [])

    def test_clang_format_finds_nothing_to_change(self):
        path, found = clang_format()
        if not path:
            self.skipTest(f"clang-format {VERSION} (found: {found})")
        files = sources(".cpp", ".h", ".c")
        self.assertGreater(len(files), 100)
        done = subprocess.run(
            [path, "--dry-run", "-Werror", *files],
            cwd=ROOT, check=False, text=True, capture_output=True,
        )
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_each_source_begins_with_its_license(self):
        """A line of its own: tools read it."""
        license_line = re.compile(r"(#!.*\n)?(//|#) SPDX-License-Identifier: MIT\n")
        files = sources(".cpp", ".h", ".c", ".py", ".sh", "meson.build")
        self.assertGreater(len(files), 100)
        for path in files:
            with open(os.path.join(ROOT, path), encoding="utf-8") as file:
                self.assertRegex(file.read(200), license_line, path)


class RoomsTest(unittest.TestCase):
    """The include rule of lab/README.md."""

    def test_each_room_includes_only_rooms_above(self):
        self.assertEqual(rooms.wrong(ROOT), [])

    def in_tree(self, files):
        """What is wrong with a project of these files."""
        with tempfile.TemporaryDirectory() as root:
            for folder in ("cgroupfs", "malloc_demo", "lab/high", "lab/low",
                           "lab/left", "lab/right"):
                os.makedirs(os.path.join(root, folder))
            house = "```\nhigh/   first\nlow/\nleft/ right/   features\n```\n"
            for path, text in {"lab/README.md": house, **files}.items():
                with open(os.path.join(root, path), "w", encoding="utf-8") as file:
                    file.write(text)
            return rooms.wrong(root)

    def test_an_include_of_a_room_above_is_right(self):
        self.assertEqual(
            self.in_tree({"lab/low/a.cpp": '#include "lab/high/b.h"\n'
                                           '#include "lab/low/c.h"\n'
                                           '#include "cgroupfs/d.h"\n'}), [])

    def test_an_include_of_a_room_below_is_named(self):
        self.assertEqual(
            self.in_tree({"lab/high/a.h": '\n  # include "lab/low/b.h"\n'}),
            ["lab/high/a.h:2: includes lab/low/b.h: high/ does not stand below "
             "low/"])

    def test_no_spelling_of_an_include_gets_around_it(self):
        for path, include in (
            ("lab/high/a.h", "<lab/low/b.h>"),
            ("lab/high/a.h", '"lab/high/../low/b.h"'),
            ("lab/high/a.inc", '"lab/low/b.h"'),
            ("lab/high/a.h.in", '"lab/low/b.h"'),
        ):
            self.assertEqual(
                self.in_tree({path: f"#include {include}\n"}),
                [f"{path}:1: includes lab/low/b.h: high/ does not stand below "
                 "low/"])

    def test_rooms_on_one_line_do_not_include_each_other(self):
        found = self.in_tree({"lab/left/a.h": '#include "lab/right/b.h"\n',
                              "lab/right/c.h": '#include "lab/left/d.h"\n'})
        self.assertEqual(len(found), 2, found)

    def test_files_and_folders_outside_of_rooms_are_named(self):
        found = self.in_tree({"lab/flat.h": "", "lab/low/a.h":
                              '#include "lab/flat.h"\n#include "b.h"\n'})
        self.assertEqual(found, [
            "lab/flat.h: not a room in the list of lab/README.md",
            "lab/low/a.h:1: includes lab/flat.h, which is not in a room",
            "lab/low/a.h:2: includes b.h, which is not in lab/, cgroupfs/ or "
            "malloc_demo/"])

    def test_the_library_and_the_hog_stand_alone(self):
        found = self.in_tree({"cgroupfs/a.h": '#include "lab/high/b.h"\n',
                              "malloc_demo/c.h": '#include "cgroupfs/a.h"\n'})
        self.assertEqual(found, [
            "cgroupfs/a.h:1: includes lab/high/b.h: cgroupfs/ stands alone",
            "malloc_demo/c.h:1: includes cgroupfs/a.h: malloc_demo/ stands "
            "alone"])


if __name__ == "__main__":
    unittest.main()
