# SPDX-License-Identifier: MIT
"""Failures and the cache folder."""

import contextlib
import os
import shutil
import tempfile
import time

EXIT_USAGE = 2
EXIT_FAILED = 3
EXIT_UNABLE = 77
EXIT_DEADLINE = 124
EXIT_NOT_FOUND = 127

_STALE_SECONDS = 3600
_TEMPORARY = ".part"

_settings = {"verbose": False}


class Problem(Exception):
    """A failure that ends scripts/vm: an exit status and what to tell."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def set_verbose(on):
    _settings["verbose"] = on


def verbose():
    return _settings["verbose"]


def say(message):
    # Carriage returns, because the terminal may be in raw mode.
    end = "\r\n" if os.isatty(2) else "\n"
    with contextlib.suppress(OSError):
        os.write(2, f"vm: {message}{end}".encode())


_begin = time.monotonic()


def note(message):
    """One line of progress for --verbose."""
    if verbose():
        say(f"{time.monotonic() - _begin:6.3f} s  {message}")


def cache_folder(*parts):
    """A folder within the cache, made if it is not there."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(base):
        base = os.path.expanduser("~/.cache")
    path = os.path.join(base, "cglab", "vm", *parts)
    try:
        os.makedirs(path, exist_ok=True)
    except OSError as error:
        raise Problem(
            EXIT_FAILED,
            f"cannot make the cache folder {path}: {error.strerror}; name "
            "another place with XDG_CACHE_HOME",
        ) from error
    return path


@contextlib.contextmanager
def replacing(path):
    """A new file that takes the place of path at once when all went well."""
    folder, name = os.path.split(path)
    fd, temporary = tempfile.mkstemp(_TEMPORARY, name + ".", folder)
    try:
        with os.fdopen(fd, "wb") as file:
            yield file
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def remove_stale(folder):
    """Removes what a run that was killed has left in a folder."""
    for entry in os.scandir(folder):
        with contextlib.suppress(OSError):
            age = time.time() - entry.stat().st_mtime
            if not entry.name.endswith(_TEMPORARY) or age < _STALE_SECONDS:
                continue
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                os.unlink(entry.path)


def keep_newest(folder, suffix, count, size):
    """Bounds the files of a folder in number and total size in bytes."""
    files = []
    for entry in os.scandir(folder):
        with contextlib.suppress(OSError):
            if entry.name.endswith(suffix):
                stat = entry.stat()
                files.append((stat.st_mtime, stat.st_size, entry.path))
    total = 0
    for index, (_, bytes_, path) in enumerate(sorted(files, reverse=True)):
        total += bytes_
        if index >= count or (total > size and index > 0):
            with contextlib.suppress(OSError):
                os.unlink(path)
