#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The one include rule, by the #include lines: a room of lab/ includes only
rooms that stand above it in the list of lab/README.md; rooms on one line of it
do not include each other. cgroupfs/ and malloc_demo/ stand alone.

usage: rooms.py [ROOT]    prints what breaks it; the exit status is then 1
"""

import os
import re
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
_INCLUDE = re.compile(r'\s*#\s*include\s*(?:"([^"]+)"|<((?:lab|cgroupfs)/[^>]+)>)')
_ENDINGS = (".cpp", ".h", ".c", ".hpp", ".inc", ".def", ".in")
# What else may lie in lab/ itself.
_FLAT = {"README.md", "meson.build"}
# What the folders that stand outside of lab/ may include of the project.
_ALONE = {"cgroupfs": {"cgroupfs"}, "malloc_demo": {"malloc_demo"}}


def read_levels(root):
    """{room: its line in the list}, from the first block of lab/README.md."""
    with open(os.path.join(root, "lab/README.md"), encoding="utf-8") as file:
        block = file.read().split("```")[1]
    levels = {}
    for number, line in enumerate(block.splitlines()):
        for word in line.split():
            if not word.endswith("/"):
                break
            room = word.rstrip("/")
            if room in levels:
                sys.exit(f"lab/README.md: lists {word} twice")
            levels[room] = number
    return levels


def _includes(root, folder):
    """(file, number of the line, what it includes), for each include there."""
    for where, _, names in os.walk(os.path.join(root, folder)):
        for name in sorted(names):
            if not name.endswith(_ENDINGS):
                continue
            path = os.path.join(where, name)
            with open(path, encoding="utf-8") as file:
                for number, line in enumerate(file, 1):
                    match = _INCLUDE.match(line)
                    if match:
                        included = os.path.normpath(match[1] or match[2])
                        yield os.path.relpath(path, root), number, included


def _room(path):
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else None


def _wrong_in_lab(root, levels):
    for name in sorted(os.listdir(os.path.join(root, "lab"))):
        if name in levels or name in _FLAT:
            continue
        yield f"lab/{name}: not a room in the list of lab/README.md"
    for room in levels:
        if not os.path.isdir(os.path.join(root, "lab", room)):
            yield f"lab/README.md: lists {room}/, which is not there"
    for path, number, included in _includes(root, "lab"):
        place = f"{path}:{number}: includes {included}"
        top = included.split("/")[0]
        if top != "lab":
            if top not in _ALONE:
                yield f"{place}, which is not in lab/, cgroupfs/ or malloc_demo/"
            continue
        here, there = _room(path), _room(included)
        if there not in levels:
            yield f"{place}, which is not in a room"
        elif here in levels and here != there and levels[here] <= levels[there]:
            yield f"{place}: {here}/ does not stand below {there}/"


def wrong(root=ROOT):
    """What breaks the rule, one message each."""
    found = list(_wrong_in_lab(root, read_levels(root)))
    for folder, allowed in _ALONE.items():
        for path, number, included in _includes(root, folder):
            if included.split("/")[0] not in allowed:
                found.append(f"{path}:{number}: includes {included}: "
                             f"{folder}/ stands alone")
    return found


if __name__ == "__main__":
    messages = wrong(*sys.argv[1:2])
    print("\n".join(messages), end="\n" if messages else "")
    sys.exit(1 if messages else 0)
