# SPDX-License-Identifier: MIT
"""The archive of files as guest/archive.c reads it."""

import os
import stat
import struct

from host.common import attempt

_ENTRY = struct.Struct("<IIQ")


def _head(path, mode, size):
    name = os.fsencode(path)
    return _ENTRY.pack(mode, len(name), size) + name


class Archive:
    """A stream of files, folders and symbolic links, read piece by piece."""

    def __init__(self, files, links, contents):
        """Files keep their path; contents are bytes by path."""
        self._pieces = self._generate(files, links, contents)
        self._rest = b""
        self._file = None
        self._left = 0

    def _generate(self, files, links, contents):
        for path in files:
            with attempt(f"read {path} for the VM"):
                file = open(path, "rb")
                about = os.fstat(file.fileno())
            mode = stat.S_IFREG | stat.S_IMODE(about.st_mode) & 0o777
            self._file, self._left = file, about.st_size
            yield _head(path, mode, about.st_size)
        for path, content in contents.items():
            yield _head(path, stat.S_IFREG | 0o644, len(content)) + content
        for name, target in links:
            text = os.fsencode(target)
            yield _head(name, stat.S_IFLNK | 0o777, len(text)) + text

    def read_into(self, view):
        """Fills view as far as there is something. Returns the length."""
        done = 0
        while done < len(view):
            if self._rest:
                step = min(len(self._rest), len(view) - done)
                view[done : done + step] = self._rest[:step]
                self._rest = self._rest[step:]
            elif self._file:
                step = self._read_file(view[done:])
            else:
                self._rest = next(self._pieces, b"")
                if not self._rest:
                    break
                step = 0
            done += step
        return done

    def _read_file(self, view):
        if self._left == 0:
            self._file.close()
            self._file = None
            return 0
        view = view[: self._left]
        with attempt(f"read {self._file.name} for the VM"):
            got = self._file.readinto(view)
        if got == 0:
            # It became shorter while it was read, as in a running build.
            got = len(view)
            view[:] = bytes(got)
        self._left -= got
        return got
