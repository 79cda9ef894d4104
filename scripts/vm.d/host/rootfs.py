# SPDX-License-Identifier: MIT
"""A Debian or Ubuntu root file system with systemd, of our own making.

mmdebstrap makes it of the packages that this host's own sources offer; root is
not needed. It boots as an initramfs: the whole system lies in memory.
"""

import contextlib
import glob
import json
import os
import platform
import re
import stat
import tarfile

from host import children
from host.cache import (
    cache_folder,
    keep_newest,
    locked,
    remove_stale,
    replacing,
    scratch,
    write,
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
from host.image import digest_of, guest_init, is_whole, read_file, sources
from host.image import cpio as cpio_of
from host.install import install
from host.programs import find_program
from host.sources import suites_of_debian

_PACKAGES = (
    "systemd",
    "systemd-sysv",
    "dbus",
    "dbus-user-session",
    "libpam-systemd",
    "procps",
)
# Files that a test VM never reads cost memory in each of them.
_LEFT_OUT = re.compile(
    r"dev/.*|var/lib/dpkg/.*|var/cache/.*|var/log/.*|usr/share/"
    r"(man|doc|locale|zoneinfo|i18n|info|perl5?|bash-completion)/.*|"
    r"usr/lib/[^/]+/(perl5?|perl-base|gconv)/.*|usr/bin/perl.*|"
    r".*/libperl\.so.*|usr/lib/udev/hwdb\.d/.*"
)
# Units that wait for what the machine lacks, or that would act by themselves.
_MASKED = (
    "serial-getty@ttyS0.service",
    "console-getty.service",
    "getty@tty1.service",
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "systemd-tmpfiles-clean.timer",
)
_USERS = (
    "student:x:1000:1000:student:/home/student:/bin/bash\n"
    "delegated:x:1001:1001:delegated:/home/delegated:/bin/bash\n"
)
# Without an entry there, PAM refuses every login.
_SHADOWS = "student:*:20000:0:99999:7:::\ndelegated:*:20000:0:99999:7:::\n"
_GROUPS = "student:x:1000:\ndelegated:x:1001:\n"
_FILES = {
    "etc/hostname": "cglab-vm\n",
    "etc/hosts": "127.0.0.1 localhost cglab-vm\n::1 localhost\n",
    "etc/machine-id": "c61ab00000000000000000000000c61a\n",
    # The user who may linger has a systemd of its own from the start.
    "var/lib/systemd/linger/delegated": "",
    "etc/tmpfiles.d/cglab-vm.conf": "d /home/student 0755 student student\n"
    "d /home/delegated 0755 delegated delegated\n",
}
_FOLDERS = ("dev", "home", "var/cache", "var/log", "var/lib/systemd/linger")
_ROLLING = ("sid", "unstable", "testing")
_KEPT = 2
_KEPT_BYTES = 1 << 30
_NONE = (0, 0)


class RootFileSystem:
    """The initramfs, and the paths of the files in it."""

    def __init__(self, image, files):
        self.image = image
        self._files = files

    def has(self, path):
        """Whether it has this path of the host itself."""
        return re.sub(r"^/(bin|sbin|lib|lib64)/", r"usr/\1/", path).lstrip(
            "/"
        ) in self._files

    def has_command(self, name):
        return any(
            f"usr/{folder}/{name}" in self._files for folder in ("bin", "sbin")
        )


def _suite():
    try:
        release = platform.freedesktop_os_release()
    except (OSError, AttributeError):
        release = {}
    name = release.get("VERSION_CODENAME")
    if name and find_program("apt-get"):
        is_debian = release.get("ID") == "debian"
        offered = suites_of_debian() if is_debian else []
        # sid calls itself by the name of the next release.
        return name if name in offered or not offered else offered[0]
    raise Problem(
        EXIT_UNABLE,
        "--systemd makes its root file system of Debian's or Ubuntu's "
        "packages, and this host has neither",
    )


def _own_sources():
    """This host's lists of sources: what it reaches is known there."""
    return [
        path
        for pattern in (
            "/etc/apt/sources.list",
            "/etc/apt/sources.list.d/*.sources",
            "/etc/apt/sources.list.d/*.list",
        )
        for path in sorted(glob.glob(pattern))
        if os.access(path, os.R_OK) and os.path.getsize(path)
    ]


def _make_tar(path, packages):
    program = find_program("mmdebstrap")
    if not program:
        install("rootfs")
        program = find_program("mmdebstrap")
    if not program:
        raise Problem(
            EXIT_UNABLE,
            "mmdebstrap is missing; install it with: "
            "sudo apt-get install mmdebstrap",
        )
    suite = _suite()
    say("making a root file system with systemd, this once")
    command = [
        program,
        "--variant=minbase",
        "--format=tar",
        "--include=" + ",".join(packages),
        '--aptopt=Acquire::Languages "none"',
        "--dpkgopt=path-exclude=/usr/share/man/*",
        "--dpkgopt=path-exclude=/usr/share/doc/*",
        # A mirror that is no longer updated has expired lists of sid, but none
        # of a release, which do not expire.
        *(['--aptopt=Acquire::Check-Valid-Until "false"'] if suite in _ROLLING else []),
        suite,
        path,
        *_own_sources(),
    ]
    done = children.run(command, env={**os.environ, "LC_ALL": "C"})
    if done.returncode != 0:
        raise failure_of(
            f"mmdebstrap cannot make the root file system {path}",
            "\n".join(done.stderr.strip().splitlines()[-15:]),
            "without root it needs user namespaces, and newuidmap of the "
            "package uidmap",
        )


def _tar(folder, packages):
    """Path of the file system as a tar, made if the cache does not have it."""
    key = digest_of(_suite(), *packages)
    path = os.path.join(folder, key + ".tar")
    if not os.path.exists(path):
        remove_stale(folder)
        with scratch(folder) as temporary:
            made = os.path.join(temporary, "root.tar")
            _make_tar(made, packages)
            with attempt(f"move {made} to {path}"):
                os.replace(made, path)
        keep_newest(folder, ".tar", _KEPT, _KEPT_BYTES)
    return path


def _text(tar, name):
    return tar.extractfile("./" + name).read().decode()


def _file(text):
    return stat.S_IFREG | 0o644, text.encode(), _NONE


def _own_entries(tar):
    """(name, mode, content, device) of what takes the place of the original."""
    for name in _FOLDERS:
        yield name, stat.S_IFDIR | 0o755, b"", _NONE
    yield "dev/console", stat.S_IFCHR | 0o600, b"", (5, 1)
    for name in _MASKED:
        link = (stat.S_IFLNK | 0o777, b"/dev/null", _NONE)
        yield ("etc/systemd/system/" + name, *link)
    for name, text in _FILES.items():
        yield (name, *_file(text))
    yield ("etc/passwd", *_file(_text(tar, "etc/passwd") + _USERS))
    yield ("etc/shadow", *_file(_text(tar, "etc/shadow") + _SHADOWS))
    yield ("etc/group", *_file(_text(tar, "etc/group") + _GROUPS))


def _tar_entries(tar, own):
    for member in tar:
        name = member.name.removeprefix("./")
        if name in (".", "", *own) or _LEFT_OUT.fullmatch(name):
            continue
        mode = stat.S_IMODE(member.mode)
        if member.isdir():
            yield name, stat.S_IFDIR | mode, b"", _NONE
        elif member.issym():
            target = os.fsencode(member.linkname)
            yield name, stat.S_IFLNK | 0o777, target, _NONE
        elif member.isfile() or member.islnk():
            content = tar.extractfile(member).read()
            yield name, stat.S_IFREG | mode, content, _NONE


def _all_entries(tar, init):
    own = list(_own_entries(tar))
    own.append(("init", stat.S_IFREG | 0o755, init, _NONE))
    yield from _tar_entries(tar, {entry[0] for entry in own})
    yield from own


def _write(tar_path, path):
    names = []

    def noted(entries):
        for entry in entries:
            names.append(entry[0])
            yield entry

    init = guest_init()
    try:
        with tarfile.open(tar_path) as tar, replacing(path) as file:
            file.writelines(cpio_of(noted(_all_entries(tar, init))))
    except (tarfile.TarError, EOFError, KeyError) as error:
        # The next call makes a new one.
        with contextlib.suppress(OSError):
            os.unlink(tar_path)
        raise Problem(
            EXIT_FAILED,
            f"the root file system {tar_path} was damaged ({error}) and is "
            "removed; run it again to make a new one",
        ) from error
    write(path + ".json", json.dumps(names))
    return frozenset(names)


def _read_names(path):
    """The list next to an image; None if there is no complete one."""
    if not os.path.exists(path):
        return None
    with contextlib.suppress(ValueError, TypeError):
        return frozenset(json.loads(read_file(path)))
    return None


def base(extra=()):
    """The root file system with these packages too, made if the cache does not
    have it."""
    folder = cache_folder("systemd")
    # Two that need it make it once.
    with locked(folder):
        tar = _tar(folder, (*_PACKAGES, *sorted(set(extra))))
        key = digest_of(
            read_file(__file__),
            *map(read_file, sources()),
            tar,
            os.stat(tar).st_mtime_ns,
        )
        path = os.path.join(folder, key + ".cpio")
        names = _read_names(path + ".json")
        # The image may have been cleared away without its list.
        if not names or not is_whole(path):
            names = _write(tar, path)
            keep_newest(folder, ".cpio", _KEPT, _KEPT_BYTES)
        note(f"root file system {path}")
    return RootFileSystem(path, names)
