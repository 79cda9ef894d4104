# SPDX-License-Identifier: MIT
"""Kernel modules: what zram needs, in the order in which it must be loaded."""

import os
import re

from host import unpack
from host.common import EXIT_UNABLE, Problem, attempt

# Compressors that zram asks the kernel for by name (there is no modprobe in
# the machine), then zram itself. Those that are built in have no file.
_COMPRESSORS = ("lzo", "lzo-rle", "lz4", "zstd")
_WANTED = (*_COMPRESSORS, "zram")
_MOST = 64 << 20


def _files(tree):
    """Paths of all modules under a folder by the module's name."""
    found = {}
    for folder, _, names in os.walk(tree):
        for name in names:
            match = re.fullmatch(r"(.+)\.ko(\.xz|\.zst|\.gz)?", name)
            if match:
                found[match[1].replace("-", "_")] = os.path.join(folder, name)
    return found


def find(tree, name):
    return _files(tree).get(name)


def _content(path):
    with attempt(f"read {path}"), open(path, "rb") as file:
        data = file.read()
    try:
        return unpack.decompress(data, _MOST)
    except unpack.BROKEN as error:
        raise Problem(EXIT_UNABLE, f"cannot unpack {path}: {error}") from error


def _depends(content):
    match = re.search(rb"\0depends=([^\0]*)\0", content)
    names = match[1].decode().split(",") if match else []
    return [name.replace("-", "_") for name in names if name]


def ordered(tree):
    """(name, content) of the modules for zram, each after what it needs."""
    files = _files(tree) if tree else {}
    result = {}

    def visit(name):
        if name in result or name not in files:
            return
        content = _content(files[name])
        for needed in _depends(content):
            visit(needed)
        result[name] = content

    for name in _WANTED:
        visit(name.replace("-", "_"))
    return list(result.items())


def copy(tree, folder):
    """Copies the modules for zram, unpacked, from a tree into a folder."""
    with attempt(f"write the modules to {folder}"):
        os.mkdir(folder)
        for name, content in ordered(tree):
            with open(os.path.join(folder, name + ".ko"), "wb") as file:
                file.write(content)
