# SPDX-License-Identifier: MIT
"""A project of one line with the real scripts, which builds at once."""

import os
import shutil

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
PROJECT = """\
project('tiny', 'c')
subdir('lab')
subdir('malloc_demo')
"""
SOURCE = """\
#include <stdio.h>
#include <string.h>
int main(int argc, char** argv) {
  if (argc > 1 && strcmp(argv[1], "--version") == 0) return 0;
  printf("built %s %d\\n", argc > 1 ? argv[1] : "", argc);
  return 7;
}
"""
# What setup.sh itself runs on a system without any of the packages.
BASICS = ("sh", "cat", "date", "find", "flock", "grep", "id", "mkdir", "printf", "readlink",
          "stat", "tail", "tee")


def link_tool(folder, name):
    """Makes a program of this host the one of its name in a folder for PATH."""
    os.makedirs(folder, exist_ok=True)
    os.symlink(shutil.which(name), os.path.join(folder, name))


def write(path, text, mode=0o644):
    """Writes a file; its folders are made."""
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)


def make(root, scripts):
    """Makes the project in `root`, with these names out of scripts/."""
    for name in scripts:
        source = os.path.join(ROOT, "scripts", name)
        target = os.path.join(root, "scripts", name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        copy = shutil.copytree if os.path.isdir(source) else shutil.copy
        copy(source, target)
    write(os.path.join(root, "meson.build"), PROJECT)
    for name, program in (("lab", "cglab"), ("malloc_demo", "malloc_demo")):
        folder = os.path.join(root, name)
        write(os.path.join(folder, "meson.build"),
              f"executable('{program}', 'main.c')\n")
        write(os.path.join(folder, "main.c"), SOURCE)
