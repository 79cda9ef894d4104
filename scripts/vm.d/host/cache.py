# SPDX-License-Identifier: MIT
"""The cache folder: kernels, initramfs, saved states and what makes them."""

import contextlib
import fcntl
import functools
import os
import pwd
import shlex
import shutil
import tempfile
import time

from host import trust
from host.common import EXIT_FAILED, Problem, attempt, say
from host.interrupt import Held

_STALE_SECONDS = 3600
_TEMPORARY = ".part"


def _base():
    base = os.environ.get("XDG_CACHE_HOME", "")
    # As the XDG specification has it, a relative path is ignored.
    if not os.path.isabs(base):
        base = os.path.expanduser("~/.cache")
    if not os.path.isabs(base):
        raise Problem(
            EXIT_FAILED,
            "there is no home folder for the cache; set HOME, or name a cache "
            "folder: XDG_CACHE_HOME=FOLDER scripts/vm ...",
        )
    return base


def _own_base():
    """How to name this user's own cache, where HOME is not this user's."""
    with contextlib.suppress(KeyError):
        home = pwd.getpwuid(os.geteuid()).pw_dir
        own = os.path.join(home, ".cache")
        if os.path.isdir(home) and own != _base():
            return f"XDG_CACHE_HOME={shlex.quote(own)}"
    return "XDG_CACHE_HOME=FOLDER"


def _check(path, weakness):
    if weakness:
        raise Problem(
            EXIT_FAILED,
            f"cannot trust the cache folder {path}: "
            + weakness.text(f"use your own: {_own_base()} scripts/vm ..."),
        )


def _make(path):
    """Makes a folder and its parents, where other users cannot replace it."""
    missing = []
    above = path
    while not os.path.lexists(above):
        missing.append(above)
        above = os.path.dirname(above)
    # Also of /tmp, where this user's own folder is safe once it is there.
    _check(path, trust.against(above, may_be_sticky=bool(missing)))
    for folder in reversed(missing):
        # Another call may be making it, too.
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, 0o700)


@functools.lru_cache(maxsize=None)
def _whole():
    """The cache, all of it looked through once."""
    path = os.path.join(_base(), "cglab", "vm")
    with attempt(f"use the cache folder {path}"):
        _make(path)
        _check(path, trust.against_tree(path))
    return path


def cache_folder(*parts):
    """A folder within the cache, made if it is not there.

    Raises Problem where others can write to what is in the cache.
    """
    path = os.path.join(_whole(), *parts)
    with attempt(f"make the cache folder {path}"):
        os.makedirs(path, 0o700, exist_ok=True)
    return path


@contextlib.contextmanager
def replacing(path):
    """A new file that takes the place of path at once when all went well.

    Raises Problem when it cannot be written; nothing is left of it then.
    """
    folder, name = os.path.split(path)
    temporary = None
    try:
        with attempt(f"write {path}"):
            with Held():
                fd, temporary = tempfile.mkstemp(_TEMPORARY, name + ".", folder)
            with os.fdopen(fd, "wb") as file:
                yield file
            os.replace(temporary, path)
    except BaseException:
        if temporary:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        raise


@contextlib.contextmanager
def locked(folder):
    """One call at a time works on a folder of the cache within the block."""
    path = os.path.join(folder, "lock")
    with attempt(f"open {path}"):
        # For reading, which a cache that is full or read-only allows.
        fd = os.open(path, os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for another call that works on {folder}")
            fcntl.flock(fd, fcntl.LOCK_EX)
        yield
    finally:
        os.close(fd)


def write(path, text):
    """Replaces a file's content. Raises Problem."""
    with replacing(path) as file:
        file.write(text.encode())


@contextlib.contextmanager
def scratch(folder):
    """A folder within one of the cache that goes with the block."""
    path = None
    try:
        with attempt(f"make a temporary folder in {folder}"), Held():
            path = tempfile.mkdtemp(_TEMPORARY, "new.", folder)
        yield path
    finally:
        if path:
            shutil.rmtree(path, ignore_errors=True)


def _entries(folder):
    with attempt(f"list {folder}"):
        return list(os.scandir(folder))


def remove_stale(folder):
    """Removes what a run that was killed has left in a folder."""
    for entry in _entries(folder):
        with contextlib.suppress(OSError):
            age = time.time() - entry.stat(follow_symlinks=False).st_mtime
            if not entry.name.endswith(_TEMPORARY) or age < _STALE_SECONDS:
                continue
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                os.unlink(entry.path)


def keep_newest(folder, suffix, count, size):
    """Bounds the files of a folder in number and total size in bytes."""
    files = []
    for entry in _entries(folder):
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
