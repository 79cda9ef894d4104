# SPDX-License-Identifier: MIT
"""The initramfs that every machine boots with: init, and busybox for a shell.

The programs of the build are not in it; they follow through the channel, so
that one saved state serves all builds and commands.
"""

import glob
import hashlib
import itertools
import os
import stat

from host import apt, children, unpack
from host.cache import (
    cache_folder,
    keep_newest,
    remove_stale,
    replacing,
    scratch,
)
from host.common import (
    EXIT_FAILED,
    EXIT_UNABLE,
    Problem,
    attempt,
    failure_of,
    note,
    say,
)
from host.install import install
from host.programs import find_program, interpreter

_GUEST = os.path.join(os.path.dirname(os.path.dirname(__file__)), "guest")
# There where cglab is installed.
_BUILT_INIT = os.path.join(_GUEST, "init")
_FLAGS = ("-std=gnu17", "-D_GNU_SOURCE", "-static", "-s", "-Os")
_COMPILERS = ("cc", "gcc", "clang")
# The name of the last entry, and where it lies.
_TRAILER = "TRAILER!!!"
_TRAILER_BYTES = 128
_KEPT = 4
_KEPT_BYTES = 64 << 20

_FOLDERS = (
    "dev",
    "etc",
    "home",
    "home/student",
    "proc",
    "root",
    "run",
    "sys",
    "tmp",
    "usr",
    "usr/bin",
    "usr/lib",
    "usr/lib64",
    "usr/local",
    "usr/local/bin",
    "usr/sbin",
    "var",
)
_LINKS = {
    "bin": "usr/bin",
    "sbin": "usr/sbin",
    "lib": "usr/lib",
    "lib64": "usr/lib64",
    "var/run": "../run",
    "var/tmp": "../tmp",
    "etc/mtab": "../proc/self/mounts",
}
_FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\n"
    "nobody:x:65534:65534:nobody:/:/bin/false\n"
    "student:x:1000:1000:student:/home/student:/bin/sh\n",
    "etc/group": "root:x:0:\ntty:x:5:\nnogroup:x:65534:\nstudent:x:1000:\n",
    "etc/hostname": "cglab-vm\n",
    "etc/hosts": "127.0.0.1 localhost cglab-vm\n::1 localhost\n",
    "etc/os-release": 'ID=cglab-vm\nNAME="cglab disposable VM"\n',
}


def sources():
    """Files that init is compiled of, or init itself where it is installed."""
    if os.path.exists(_BUILT_INIT):
        return [_BUILT_INIT]
    return sorted(glob.glob(os.path.join(_GUEST, "*.[ch]")))


def digest_of(*parts):
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else str(part).encode()
        digest.update(b"%d:" % len(data) + data)
    return digest.hexdigest()[:20]


def read_file(path):
    with attempt(f"read {path}"), open(path, "rb") as file:
        return file.read()


def _compile(folder, output):
    # A compiler may be there without the headers of the C library.
    install("vm")
    compiler = next(filter(None, map(find_program, _COMPILERS)), None)
    if not compiler:
        raise Problem(
            EXIT_UNABLE,
            "no C compiler; install one with: "
            "sudo apt-get install gcc libc6-dev",
        )
    note("compiling init")
    units = [path for path in sources() if path.endswith(".c")]
    done = children.run(
        [compiler, *_FLAGS, "-o", output, *units],
        env={**os.environ, "LC_ALL": "C", "TMPDIR": folder},
    )
    if done.returncode != 0:
        raise failure_of(
            f"{compiler} cannot compile the machine's init in {folder}",
            done.stderr,
            "if the C library is missing: sudo apt-get install libc6-dev",
        )


def _is_static(path):
    return (
        path
        and os.path.exists(path)
        and unpack.is_whole(path)
        and not interpreter(path)
    )


def _fetch_busybox(folder):
    """Unpacks the package into the cache, where no other BusyBox is replaced."""
    say("fetching a static BusyBox into the cache, this once")
    with scratch(folder) as temporary:
        apt.host().unpack("busybox-static", temporary)
        for name in ("usr/bin/busybox", "bin/busybox"):
            path = os.path.join(temporary, "tree", name)
            if _is_static(path):
                with attempt(f"move {path} to {folder}"):
                    os.chmod(path, 0o755)
                    os.replace(path, os.path.join(folder, "busybox"))
                return
    raise Problem(EXIT_UNABLE, "the package has no static busybox")


def find_busybox(is_needed=True):
    """Path of a static BusyBox, of this host or in the cache.

    None if there is none and it is not needed.
    """
    folder = cache_folder("busybox")
    cached = os.path.join(folder, "busybox")
    found = find_program("busybox")
    if not found and is_needed:
        install("vm")
        found = find_program("busybox")
    for path in (found, cached):
        if _is_static(path):
            return path
    if not is_needed:
        note("no static BusyBox: the machine has no shell")
        return None
    try:
        _fetch_busybox(folder)
    except Problem as problem:
        raise Problem(
            problem.status,
            "there is no statically linked busybox, which the VM needs for a "
            "shell and for programs other than cglab; install it with: "
            f"sudo apt-get install busybox-static ({problem})",
        ) from problem
    return cached


def guest_init():
    """The program that is the machine's end of the channel."""
    if os.path.exists(_BUILT_INIT):
        return read_file(_BUILT_INIT)
    with scratch(cache_folder("initramfs")) as folder:
        path = os.path.join(folder, "init")
        _compile(folder, path)
        return read_file(path)


def _header(index, mode, size, device, name):
    fields = (index, mode, 0, 0, 1, 0, size, 0, 0, *device, len(name) + 1, 0)
    return (
        b"070701" + b"".join(b"%08X" % field for field in fields) + name + b"\0"
    )


def cpio(entries):
    """The kernel's buffer format ("newc") of (name, mode, content, device).

    Yields it in pieces.
    """
    trailer = (_TRAILER, 0, b"", (0, 0))
    for index, (name, mode, content, device) in enumerate(
        itertools.chain(entries, [trailer])
    ):
        head = _header(index, mode, len(content), device, os.fsencode(name))
        yield head + b"\0" * (-len(head) % 4)
        yield content + b"\0" * (-len(content) % 4)


def is_whole(path):
    """Whether there is an archive as cpio() makes it, up to its last entry."""
    with attempt(f"read {path}"):
        try:
            with open(path, "rb") as file:
                file.seek(max(0, os.path.getsize(path) - _TRAILER_BYTES))
                return _TRAILER.encode() in file.read()
        except FileNotFoundError:
            return False


def _entries(init, busybox):
    none = (0, 0)
    for name in _FOLDERS:
        yield name, stat.S_IFDIR | 0o755, b"", none
    yield "dev/console", stat.S_IFCHR | 0o600, b"", (5, 1)
    for name, target in _LINKS.items():
        yield name, stat.S_IFLNK | 0o777, target.encode(), none
    for name, text in _FILES.items():
        yield name, stat.S_IFREG | 0o644, text.encode(), none
    yield "init", stat.S_IFREG | 0o755, init, none
    if not busybox:
        return
    yield "usr/bin/busybox", stat.S_IFREG | 0o755, read_file(busybox), none
    for name in applets(busybox):
        yield "usr/bin/" + name, stat.S_IFLNK | 0o777, b"busybox", none


def applets(busybox):
    """Names of the programs that busybox stands for."""
    done = children.run([busybox, "--list"])
    if done.returncode != 0 or not done.stdout:
        raise Problem(
            EXIT_FAILED,
            f"{busybox} --list prints no commands; if it is damaged, remove it "
            "or install it again with: sudo apt-get install --reinstall "
            "busybox-static. It said:",
            done.stderr,
        )
    return [
        name for name in done.stdout.split() if name not in ("busybox", "init")
    ]


def _identity(path):
    with attempt(f"read {path}"):
        about = os.stat(path)
    return path, about.st_size, about.st_mtime_ns


def base(needs_shell):
    """Path of the initramfs, made if the cache does not have it."""
    busybox = find_busybox(needs_shell)
    key = digest_of(
        read_file(__file__),
        *map(read_file, sources()),
        *(_identity(busybox) if busybox else ()),
    )
    folder = cache_folder("initramfs")
    path = os.path.join(folder, key + ".cpio")
    if is_whole(path):
        return path
    remove_stale(folder)
    entries = list(_entries(guest_init(), busybox))
    with replacing(path) as file:
        file.writelines(cpio(entries))
    keep_newest(folder, ".cpio", _KEPT, _KEPT_BYTES)
    return path
