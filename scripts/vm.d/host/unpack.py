# SPDX-License-Identifier: MIT
"""Decompression of kernels and modules.

The Linux x86 boot protocol (Documentation/arch/x86/boot.rst) says where the
compressed ELF kernel lies in a bzImage. Starting the ELF file itself saves
QEMU the emulation of the decompressor, about a second.
"""

import bz2
import ctypes
import lzma
import os
import struct
import zlib

_LZ4_LEGACY = b"\x02\x21\x4c\x18"
_ZSTD = b"\x28\xb5\x2f\xfd"
_LZ4_BLOCK = 8 << 20
_XEN_PHYS32_ENTRY = 18
_HEAD_BYTES = 8192


def _library(name):
    """A library that apt itself depends on, so that it is always there."""
    return ctypes.CDLL(name)


def _lz4(data, size):
    decompress = _library("liblz4.so.1").LZ4_decompress_safe
    out = ctypes.create_string_buffer(_LZ4_BLOCK)
    parts, at, done = [], len(_LZ4_LEGACY), 0
    while at + 4 <= len(data) and done < size:
        (length,) = struct.unpack_from("<I", data, at)
        got = decompress(
            data[at + 4 : at + 4 + length], out, length, _LZ4_BLOCK
        )
        if got <= 0:
            raise ValueError("damaged LZ4 data")
        parts.append(out.raw[:got])
        at, done = at + 4 + length, done + got
    return b"".join(parts)


def _zstd(data, size):
    library = _library("libzstd.so.1")
    for function in (
        library.ZSTD_decompress,
        library.ZSTD_findFrameCompressedSize,
        library.ZSTD_getFrameContentSize,
    ):
        function.restype = ctypes.c_size_t
    length = library.ZSTD_findFrameCompressedSize(
        ctypes.c_char_p(data), ctypes.c_size_t(len(data))
    )
    if library.ZSTD_isError(ctypes.c_size_t(length)):
        raise ValueError("damaged zstd data")
    out = ctypes.create_string_buffer(size)
    got = library.ZSTD_decompress(
        out,
        ctypes.c_size_t(size),
        ctypes.c_char_p(data),
        ctypes.c_size_t(length),
    )
    if library.ZSTD_isError(ctypes.c_size_t(got)):
        raise ValueError("damaged zstd data")
    return ctypes.string_at(out, got)


def _xz(data):
    return lzma.LZMADecompressor().decompress(data)


# Exceptions from damaged data.
BROKEN = (
    ValueError,
    OSError,
    EOFError,
    MemoryError,
    struct.error,
    lzma.LZMAError,
    zlib.error,
)


def decompress(data, size):
    """data without its compression; size is the most that may come out."""
    if data.startswith(b"\x7fELF"):
        return data
    if data.startswith(_LZ4_LEGACY):
        return _lz4(data, size)
    if data.startswith(_ZSTD):
        return _zstd(data, size)
    if data.startswith(b"\xfd7zXZ\0") or data.startswith(b"\x5d\0\0"):
        return _xz(data)
    if data.startswith(b"\x1f\x8b"):
        return zlib.decompressobj(wbits=31).decompress(data)
    if data.startswith(b"BZh"):
        return bz2.BZ2Decompressor().decompress(data)
    raise ValueError("compressed in a way that is not known here")


def _promised_size(head):
    """Bytes that an ELF file or a bzImage has at least, by its headers."""
    if head.startswith(b"\x7fELF\x02\x01"):
        table, sections = struct.unpack_from("<QQ", head, 0x20)
        size, count, section_size, section_count = struct.unpack_from(
            "<HHHH", head, 0x36
        )
        ends = [sections + section_size * section_count]
        for index in range(count):
            entry = struct.unpack_from("<IIQQQQ", head, table + index * size)
            ends.append(entry[2] + entry[5])
        return max(ends)
    if is_bzimage(head):
        # In units of 16 bytes; the last one need not be full.
        (units,) = struct.unpack_from("<I", head, 0x1F4)
        return ((head[0x1F1] or 4) + 1) * 512 + 16 * (units - 1)
    return 0


def is_whole(path):
    """Whether a kernel or program is as long as its headers say.

    Raises OSError. A file that is neither ELF nor a bzImage counts as whole.
    """
    with open(path, "rb") as file:
        head = file.read(_HEAD_BYTES)
        size = os.fstat(file.fileno()).st_size
    try:
        return size > 0 and size >= _promised_size(head)
    except struct.error:
        return False


def is_bzimage(data):
    return len(data) > 0x264 and data[0x202:0x206] == b"HdrS"


def elf_of_bzimage(data):
    """The ELF kernel within a bzImage. Raises ValueError."""
    sectors = data[0x1F1] or 4
    offset, length = struct.unpack_from("<II", data, 0x248)
    start = (sectors + 1) * 512 + offset
    payload = data[start : start + length]
    if len(payload) < 4:
        raise ValueError("no kernel within")
    # The build appends the size of what was compressed.
    (size,) = struct.unpack("<I", payload[-4:])
    try:
        elf = decompress(payload, size)
    except ValueError:
        raise
    except BROKEN as error:
        raise ValueError(str(error)) from error
    if not elf.startswith(b"\x7fELF"):
        raise ValueError("no ELF file within")
    return elf


def release_of_bzimage(data):
    (offset,) = struct.unpack_from("<H", data, 0x20E)
    text = data[0x200 + offset : 0x200 + offset + 256]
    return text.split(b"\0")[0].split(b" ")[0].decode("ascii", "replace")


def release_of_elf(data):
    at = data.find(b"Linux version ")
    words = data[at : at + 256].split(b" ") if at >= 0 else []
    return words[2].decode("ascii", "replace") if len(words) > 2 else ""


def has_pvh_entry(elf):
    """Whether QEMU can start this ELF kernel (Xen's PHYS32_ENTRY note)."""
    (table,) = struct.unpack_from("<Q", elf, 0x20)
    size, count = struct.unpack_from("<HH", elf, 0x36)
    for index in range(count):
        head = table + index * size
        (kind,) = struct.unpack_from("<I", elf, head)
        offset, _, _, length = struct.unpack_from("<QQQQ", elf, head + 8)
        if kind == 4 and _has_xen_note(elf[offset : offset + length]):
            return True
    return False


def _has_xen_note(notes):
    at = 0
    while at + 12 <= len(notes):
        name, content, kind = struct.unpack_from("<III", notes, at)
        at += 12
        if notes[at : at + name] == b"Xen\0" and kind == _XEN_PHYS32_ENTRY:
            return True
        at += (name + 3 & ~3) + (content + 3 & ~3)
    return False
