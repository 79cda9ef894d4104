#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How the sources are written: tests/style/style_test.py -v"""

import os
import re
import shutil
import subprocess
import unittest

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


class StyleTest(unittest.TestCase):
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


if __name__ == "__main__":
    unittest.main()
