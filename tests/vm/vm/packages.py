# SPDX-License-Identifier: MIT
"""Kernel packages that the tests make up."""

import ctypes
import glob
import lzma
import os
import struct
import subprocess


def compress_xz(data):
    return lzma.compress(data, preset=0)


def compress_zst(data):
    """By the library itself, as Python has it only from 3.14 on."""
    library = ctypes.CDLL("libzstd.so.1")
    library.ZSTD_compressBound.restype = ctypes.c_size_t
    library.ZSTD_compress.restype = ctypes.c_size_t
    bound = library.ZSTD_compressBound(ctypes.c_size_t(len(data)))
    out = ctypes.create_string_buffer(bound)
    size = library.ZSTD_compress(
        out,
        ctypes.c_size_t(bound),
        ctypes.c_char_p(data),
        ctypes.c_size_t(len(data)),
        ctypes.c_int(1),
    )
    return out.raw[:size]


def packed_modules(folder, suffix):
    """{file name: content} of a folder's modules, compressed."""
    compress = {".xz": compress_xz, ".zst": compress_zst}[suffix]
    return {
        os.path.basename(path) + suffix: compress(read(path))
        for path in glob.glob(os.path.join(folder, "*.ko"))
    }


def tiny_kernel():
    """As much of a bzImage as a fetch looks at. It does not boot."""
    data = bytearray(4096)
    struct.pack_into("<II", data, 0x248, 0, 16)
    return bytes(data)


def read(path):
    with open(path, "rb") as file:
        return file.read()


def write(path, data, mode=0o644):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data)
    os.chmod(path, mode)
    return path


def control(name, depends=()):
    """The description of a package, as dpkg has it."""
    return (
        f"Package: {name}\nVersion: 1\nArchitecture: amd64\n"
        + (f"Depends: {', '.join(depends)}\n" if depends else "")
        + "Maintainer: tests <tests@localhost>\n"
        "Description: made up by a test\n"
    )


def make(folder, name, files, depends=()):
    """Makes folder/name.deb of {path: content} and returns its path."""
    tree = os.path.join(folder, name)
    for path, content in files.items():
        write(os.path.join(tree, path), content)
    text = control(name, depends)
    write(os.path.join(tree, "DEBIAN", "control"), text.encode())
    subprocess.run(
        ["dpkg-deb", "-Znone", "--root-owner-group", "-b", tree],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    return tree + ".deb"
