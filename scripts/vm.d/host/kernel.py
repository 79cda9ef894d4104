# SPDX-License-Identifier: MIT
"""Which kernel boots: found in the cache or named by the user."""

import contextlib
import functools
import os
import re
import stat

from host import unpack
from host.cache import cache_folder, replacing
from host.common import EXIT_USAGE, Problem, attempt, say


SUITE = "debian:"
_VERSION = re.compile(r"\d[\w.+~-]*")
_FILES = ("vmlinux", "bzImage")


class Kernel:
    """A kernel that QEMU can start, and the folder of its modules or None."""

    def __init__(self, image, release, modules):
        self.image = image
        self.release = release
        self.modules = modules


def kernels_folder():
    return cache_folder("kernels")


def install(data, folder):
    """Writes a bzImage or its ELF kernel, whichever starts faster, to folder.

    Returns the name of the file.
    """
    image, name = data, "bzImage"
    try:
        elf = (
            data if data.startswith(b"\x7fELF") else unpack.elf_of_bzimage(data)
        )
        if unpack.has_pvh_entry(elf):
            image, name = elf, "vmlinux"
        elif image is elf:
            raise Problem(
                EXIT_USAGE,
                "this vmlinux has no PVH entry (CONFIG_PVH), so QEMU cannot "
                "start it; use the bzImage of the same kernel",
            )
    except unpack.BROKEN:
        pass  # QEMU boots the bzImage, only slower
    with replacing(os.path.join(folder, name)) as file:
        file.write(image)
    return name


def is_version(name):
    return _VERSION.fullmatch(name) is not None


def in_order(name):
    """A key that sorts 6.9 before 6.10."""
    parts = re.split(r"(\d+)", name)
    return [int(part) if part.isdigit() else part for part in parts]


def check_name(name):
    """Refuses what is not a package, a version or a suite."""
    if re.fullmatch(SUITE + r"[a-z][a-z0-9-]*|linux-[a-z0-9.+~-]+", name):
        return
    if not is_version(name):
        raise Problem(
            EXIT_USAGE,
            f"'{name}' does not name a kernel: write a version (6.12), "
            f"{SUITE}SUITE ({SUITE}trixie) or a package (linux-image-...); "
            "--kernel also takes the path of a bzImage or vmlinux (./bzImage)",
        )


def _image(folder):
    for name in _FILES:
        path = os.path.realpath(os.path.join(folder, name))
        if not os.path.exists(path):
            continue
        with attempt(f"read the kernel {path}"):
            if unpack.is_whole(path):
                return path
        _say_cut_off(path)
    return None


@functools.lru_cache(maxsize=None)
def _say_cut_off(path):
    say(f"the kernel {path} is cut off, so it is not used")


def is_complete(folder):
    """Whether a fetch into the folder came to its end and all is there."""
    return os.path.exists(os.path.join(folder, "release")) and _image(folder)


def _newest(folder, version):
    """The newest kernel of a version that was fetched, of any suite."""
    start = re.escape(f"linux-image-{version}")
    with attempt(f"list {folder}"):
        entries = list(os.scandir(folder))
    names = [
        entry.name
        for entry in entries
        if re.fullmatch(start + "([.+~-].*)?", entry.name)
    ]
    return max(names, key=in_order, default=version)


def cached(name):
    """A kernel that was fetched: by package, version, suite or the default."""
    folder = kernels_folder()
    path = os.path.join(folder, name)
    if is_version(name) and not os.path.exists(path):
        path = os.path.join(folder, _newest(folder, name))
    image = is_complete(path)
    if not image:
        return None
    _mark_as_used(path)
    about = os.path.join(path, "release")
    with attempt(f"read {about}"):
        with open(about, encoding="utf-8", errors="replace") as file:
            release = file.read().strip()
    return Kernel(image, release, os.path.join(path, "modules"))


def _mark_as_used(folder):
    # Where the cache cannot be written none is removed by its age.
    with contextlib.suppress(OSError):
        os.utime(folder)


def _read(path):
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise Problem(EXIT_USAGE, f"the kernel {path} is not a regular file")
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise Problem(
            EXIT_USAGE, f"cannot read the kernel {path}: {error.strerror}"
        ) from error


def _modules_beside(path, release):
    """The modules' folder: next to the kernel, as packages place it, or here."""
    folder = os.path.dirname(os.path.abspath(path))
    if os.path.isdir(os.path.join(folder, "kernel")):
        return folder  # usr/lib/modules/RELEASE/vmlinuz, as in Debian's sid
    for candidate in (
        os.path.join(folder, "modules"),
        os.path.join(folder, "lib/modules", release),
        os.path.join(folder, "../lib/modules", release),
        # Debian since 13.
        os.path.join(folder, "usr/lib/modules", release),
        os.path.join(folder, "../usr/lib/modules", release),
        os.path.join("/lib/modules", release),
    ):
        if release and os.path.isdir(candidate):
            return candidate
    return None


def _from_file(path):
    """A file of the user's. Parts extracted from it are kept in the cache."""
    data = _read(path)
    if unpack.is_bzimage(data):
        release = unpack.release_of_bzimage(data)
    elif data.startswith(b"\x7fELF"):
        release = unpack.release_of_elf(data)
    else:
        raise Problem(
            EXIT_USAGE, f"{path} is neither a bzImage nor a vmlinux for x86"
        )
    if not unpack.is_whole(path):
        raise Problem(
            EXIT_USAGE,
            f"the kernel {path} is cut off: it has {len(data)} bytes, fewer "
            "than its headers say; get it again",
        )
    about = os.stat(path)
    key = "file-%x-%x-%x-%x" % (
        about.st_dev,
        about.st_ino,
        about.st_size,
        about.st_mtime_ns,
    )
    folder = cache_folder("kernels", key)
    _mark_as_used(folder)
    found = _image(folder) or os.path.join(folder, install(data, folder))
    return Kernel(found, release, _modules_beside(path, release))


def choose(name):
    """The kernel named by --kernel, or the default one when name is None, which
    is fetched when it is not there yet."""
    if name is not None:
        if os.path.sep in name or os.path.isfile(name):
            return _from_file(name)
        check_name(name)
    found = cached(name or "default")
    if found:
        return found
    from host.fetch import fetch

    what = f"the kernel {name}" if name else "a kernel"
    say(f"fetching {what} into the cache, this once")
    fetch(name or "")
    return cached(name or "default")
