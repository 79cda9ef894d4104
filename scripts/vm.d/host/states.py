# SPDX-License-Identifier: MIT
"""Saved states of booted machines, bounded in number and size.

A file holds what QEMU's migration wrote of the devices, then the pages of
the memory that are not zero, then JSON that says where they belong, then a
foot. Its name is a digest of all that the state depends on.
"""

import contextlib
import hashlib
import json
import os
import struct

from host.cache import cache_folder, keep_newest, remove_stale, replacing
from host.common import attempt, note, reason_of, say

_SUFFIX = ".state"
_FOOT = struct.Struct("<QQ8s")
_MAGIC = b"cglabvm1"
_PAGE = 4096
# Shorter gaps of zeros are written too: an extent costs more than they do.
_GAP = 16 * _PAGE
_KEPT = 6
_KEPT_BYTES = 1 << 30


# Exceptions from a damaged file.
BROKEN = (OSError, ValueError, TypeError, OverflowError, struct.error)


class Saved:
    """An open state: the migration data at the start of fd, and the memory."""

    def __init__(self, fd):
        self.fd = fd
        size = os.fstat(fd).st_size
        foot = os.pread(fd, _FOOT.size, max(0, size - _FOOT.size))
        self._memory_at, about_at, magic = _FOOT.unpack(foot)
        if magic != _MAGIC:
            raise ValueError("cut off")
        about = os.pread(fd, size - _FOOT.size - about_at, about_at)
        self.address, self._extents = json.loads(about)

    def fill(self, memory_fd):
        """Copies the pages into the memory of a new machine."""
        at = self._memory_at
        for offset, length in self._extents:
            os.lseek(memory_fd, offset, os.SEEK_SET)
            while length:
                done = os.sendfile(memory_fd, self.fd, at, length)
                if done == 0:
                    raise ValueError("cut off")
                at, length = at + done, length - done


class State:
    """The saved state, there or not, of a machine with these properties."""

    def __init__(self, arguments, files):
        digest = hashlib.sha256(json.dumps(arguments).encode())
        for path in files:
            with attempt(f"read {path}"):
                about = os.stat(path)
            digest.update(
                f"{path} {about.st_size} {about.st_mtime_ns};".encode()
            )
        self._folder = cache_folder("states")
        self._path = os.path.join(
            self._folder, digest.hexdigest()[:24] + _SUFFIX
        )

    @contextlib.contextmanager
    def opened(self):
        """The state if there is one, else None."""
        try:
            fd = os.open(self._path, os.O_RDONLY)
        except FileNotFoundError:
            yield None
            return
        except OSError as error:
            say(f"cannot read the saved state {self._path}: {reason_of(error)}")
            yield None
            return
        try:
            saved = None
            try:
                saved = Saved(fd)
            except BROKEN as error:
                self.discard(str(error))
            # If the cache is not writable, none is removed by its age.
            with contextlib.suppress(OSError):
                os.utime(fd)
            yield saved
        finally:
            os.close(fd)

    def discard(self, reason):
        note(f"discarding the saved state: {reason}")
        with contextlib.suppress(OSError):
            os.unlink(self._path)

    @contextlib.contextmanager
    def saving(self, address, memory_fd):
        """A new file for the migration data, kept if all goes well."""
        remove_stale(self._folder)
        with replacing(self._path) as file:
            yield file.fileno()
            memory_at = file.seek(0, os.SEEK_END)
            extents = _used_extents(memory_fd)
            for offset, length in extents:
                file.write(os.pread(memory_fd, length, offset))
            about_at = file.tell()
            file.write(json.dumps([address, extents]).encode())
            file.write(_FOOT.pack(memory_at, about_at, _MAGIC))
            size = file.tell()
        note(f"saved the state, {size >> 20} MiB in {len(extents)} pieces")
        keep_newest(self._folder, _SUFFIX, _KEPT, _KEPT_BYTES)


def _data_ranges(fd):
    end = 0
    while True:
        try:
            start = os.lseek(fd, end, os.SEEK_DATA)
        except OSError:
            return
        end = os.lseek(fd, start, os.SEEK_HOLE)
        yield start, end


def _used_extents(fd):
    """[offset, length] of the pages that are not zero."""
    zero = bytes(_PAGE)
    extents = []
    for start, end in _data_ranges(fd):
        data = os.pread(fd, end - start, start)
        for at in range(0, len(data), _PAGE):
            if data[at : at + _PAGE] == zero:
                continue
            offset = start + at
            if extents and offset - sum(extents[-1]) < _GAP:
                extents[-1][1] = offset + _PAGE - extents[-1][0]
            else:
                extents.append([offset, _PAGE])
    return extents
