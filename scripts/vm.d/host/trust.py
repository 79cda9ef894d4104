# SPDX-License-Identifier: MIT
"""Which files may be run, booted and unpacked.

Those that only root and this user can write or replace: each folder on
the way and the file itself belong to one of the two, and neither their group
nor others may write. Two things are as safe, and accepted:

- The group may write where it is the owner's own and has no other member, as
  with umask 002 on Ubuntu and Fedora, and where no access control list gives
  the group's permission to others.
- Others may write in a folder on the way with the sticky bit, as /tmp, where
  only its owner replaces an entry.
"""

import contextlib
import errno
import grp
import os
import pwd
import shlex
import stat

from host.common import EXIT_FAILED, Problem

_MOST_LINKS = 40
_ACL = "system.posix_acl_access"


class Weakness:
    """Who else can write where, and a cure of it or None."""

    def __init__(self, reason, cure=None):
        self.reason = reason
        self.cure = cure

    def text(self, other_cure):
        first = f"{self.cure}, or " if self.cure else ""
        return f"{self.reason}; {first}{other_cure}"


def _name(uid):
    with contextlib.suppress(KeyError):
        return f"{pwd.getpwuid(uid).pw_name} (uid {uid})"
    return f"uid {uid}"


def _is_private(gid, uid):
    """Whether the group is this user's own: see adduser and pam_umask."""
    try:
        user, group = pwd.getpwuid(uid), grp.getgrgid(gid)
    except KeyError:
        return False
    return (
        user.pw_name == group.gr_name
        and not set(group.gr_mem) - {user.pw_name}
        and not [
            other
            for other in pwd.getpwall()
            if other.pw_gid == gid and other.pw_uid != uid
        ]
    )


def _has_list(path):
    """Whether an access control list gives the group's bits to others.

    Raises OSError.
    """
    try:
        return bool(os.getxattr(path, _ACL, follow_symlinks=False))
    except OSError as error:
        if error.errno not in (errno.ENODATA, errno.EOPNOTSUPP):
            raise
    return False


def _against_entry(path, about, on_the_way=False):
    """The Weakness of a file, folder or link; None without."""
    if about.st_uid not in (0, os.geteuid()):
        return Weakness(f"{path} belongs to {_name(about.st_uid)}")
    mode = stat.S_IMODE(about.st_mode)
    if stat.S_ISLNK(about.st_mode) or on_the_way and mode & stat.S_ISVTX:
        return None
    if mode & stat.S_IWOTH:
        who = "everybody"
    elif mode & stat.S_IWGRP and not _is_private(about.st_gid, about.st_uid):
        who = "its group"
    elif mode & stat.S_IWGRP and _has_list(path):
        who = "by an access control list, others"
    else:
        return None
    # The content of a file may have been changed.
    cure = (
        "make it yours only: chmod go-w"
        if stat.S_ISDIR(about.st_mode)
        else "as it may have been changed, remove it: rm"
    )
    return Weakness(
        f"{who} can write {path} (mode {mode:04o})",
        f"{cure} {shlex.quote(path)}",
    )


def against(path, may_be_sticky=False):
    """The Weakness by which others could change what is at the path, or None.

    Follows links as the kernel does, and looks at each. Raises OSError.
    """
    rest, done, links = os.path.abspath(path).split("/"), "/", 0
    weakness = _against_entry(done, os.lstat(done), True)
    while rest and not weakness:
        name = rest.pop(0)
        if name in ("", "."):
            continue
        if name == "..":
            done = os.path.dirname(done)
            continue
        here = os.path.join(done, name)
        about = os.lstat(here)
        weakness = _against_entry(here, about, bool(rest) or may_be_sticky)
        if not stat.S_ISLNK(about.st_mode):
            done = here
            continue
        links += 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), path)
        target = os.readlink(here)
        rest = target.split("/") + rest
        done = "/" if target.startswith("/") else done
    return weakness


def against_tree(folder):
    """The same of a folder and all that is in it.

    Links out of it are followed. Raises OSError.
    """
    waiting, seen = [folder], set()
    while waiting:
        path = os.path.realpath(waiting.pop())
        if path in seen:
            continue
        seen.add(path)
        # Other calls of this user's may remove what they have made.
        with contextlib.suppress(FileNotFoundError):
            weakness = against(path) or _against_content(path, waiting)
            if weakness:
                return weakness
    return None


def _against_content(path, waiting):
    """The same of a folder's entries; adds folders and links to waiting."""
    for entry in os.scandir(path) if os.path.isdir(path) else ():
        with contextlib.suppress(FileNotFoundError):
            about = entry.stat(follow_symlinks=False)
            weakness = _against_entry(entry.path, about)
            if weakness:
                return weakness
            if entry.is_symlink() or entry.is_dir():
                waiting.append(entry.path)
    return None


def check_temporary():
    """Refuses a TMPDIR in which others could replace what programs write."""
    path = os.environ.get("TMPDIR")
    if not path:
        return
    try:
        weakness = against(path, may_be_sticky=True)
    except OSError as error:
        weakness = Weakness(f"{path}: {error.strerror}")
    if weakness:
        raise Problem(
            EXIT_FAILED,
            "cannot trust the folder for temporary files, TMPDIR: "
            + weakness.text("unset TMPDIR"),
        )
