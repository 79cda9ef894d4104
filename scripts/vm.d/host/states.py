# SPDX-License-Identifier: MIT
"""Saved states of booted machines, bounded in number and size.

A file holds a line of JSON, filled up to one page, and what QEMU's migration
wrote. Its name is a digest of all that the state depends on.
"""

import contextlib
import hashlib
import json
import os

from host.common import cache_folder, keep_newest, note, remove_stale, replacing

_SUFFIX = ".state"
_HEAD = 4096
_KEPT = 6
_KEPT_BYTES = 1 << 30


class State:
    """The saved state, there or not, of a machine with these properties."""

    def __init__(self, arguments, files):
        digest = hashlib.sha256(json.dumps(arguments).encode())
        for path in files:
            about = os.stat(path)
            digest.update(f"{path} {about.st_size} {about.st_mtime_ns};".encode())
        self._folder = cache_folder("states")
        self._path = os.path.join(self._folder, digest.hexdigest()[:24] + _SUFFIX)

    def open(self):
        """(file descriptor at the migration data, address) or None."""
        try:
            fd = os.open(self._path, os.O_RDONLY)
        except OSError:
            return None
        try:
            head = json.loads(os.read(fd, _HEAD))
            if head["size"] != os.fstat(fd).st_size:
                raise ValueError("cut off")
            os.utime(fd)
            return fd, head["address"]
        except (ValueError, KeyError, TypeError, OSError) as error:
            os.close(fd)
            self.discard(str(error))
            return None

    def discard(self, reason):
        note(f"throwing the saved state away: {reason}")
        with contextlib.suppress(OSError):
            os.unlink(self._path)

    @contextlib.contextmanager
    def saving(self, address):
        """A new file for QEMU to write to, kept if all goes well."""
        remove_stale(self._folder)
        with replacing(self._path) as file:
            file.write(b" " * _HEAD)
            file.flush()
            yield file.fileno()
            size = os.lseek(file.fileno(), 0, os.SEEK_END)
            head = json.dumps({"address": address, "size": size}).encode()
            os.pwrite(file.fileno(), head, 0)
            file.seek(0, os.SEEK_END)
        note(f"saved the state, {size >> 20} MiB")
        keep_newest(self._folder, _SUFFIX, _KEPT, _KEPT_BYTES)
