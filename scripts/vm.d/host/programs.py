# SPDX-License-Identifier: MIT
"""Programs of this host for the machine, and the libraries that they load.

Everything keeps its path, so that run paths, relative paths and files
next to a program are found in the VM as they are here.
"""

import contextlib
import glob
import json
import os
import re
import struct

from host import children, trust
from host.build import OWN
from host.cache import cache_folder, write
from host.common import EXIT_FAILED, EXIT_NOT_FOUND, Problem, attempt, note

_LINKS = "/usr/local/bin"
_KEPT_ANSWERS = 300
_LOADER_CACHE = "/etc/ld.so.cache"
_GUEST_PATH = ("/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin")
_SKIPPED = re.compile(
    r".*\.p|meson-.*|\.git|__pycache__|subprojects|scripts|tests"
)
_HWCAPS = re.compile(r"/glibc-hwcaps/[^/]+/")
_LIBRARY = re.compile(r"^\s*(?:\S+ => )?(/\S+) \(0x[0-9a-f]+\)$", re.M)


def find_program(name):
    """Path of a program on this host's PATH or None."""
    folders = os.environ.get("PATH", os.defpath).split(":")
    for folder in [*folders, "/usr/sbin", "/usr/bin", "/sbin", "/bin"]:
        path = os.path.join(folder or ".", name)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return os.path.abspath(path)
    return None


def interpreter(path):
    """The dynamic loader that an ELF program names, else None."""
    try:
        with open(path, "rb") as file:
            head = file.read(4096)
    except OSError:
        return None
    if not head.startswith(b"\x7fELF\x02\x01") or len(head) < 64:
        return None
    (table,) = struct.unpack_from("<Q", head, 0x20)
    size, count = struct.unpack_from("<HH", head, 0x36)
    for index in range(count):
        at = table + index * size
        if at + 56 > len(head):
            return None
        kind, _, offset, _, _, length = struct.unpack_from("<IIQQQQ", head, at)
        if kind == 3 and offset + length <= len(head):
            return os.fsdecode(head[offset : offset + length].split(b"\0")[0])
    return None


def _is_program(path):
    with contextlib.suppress(OSError):
        with open(path, "rb") as file:
            head = file.read(18)
        # Of ELF files only programs, not libraries or objects.
        if head.startswith(b"\x7fELF"):
            return head[16] == 2 or interpreter(path) is not None
        return head.startswith(b"#!")
    return False


def of_build(build):
    """Paths of the programs that lie in a build folder, tests left out."""
    found = []
    for folder, subfolders, names in os.walk(os.path.abspath(build)):
        subfolders[:] = sorted(
            n for n in subfolders if not _SKIPPED.fullmatch(n)
        )
        for name in sorted(names):
            path = os.path.join(folder, name)
            if os.access(path, os.X_OK) and _is_program(path):
                found.append(path)
    return found


def _installed(folder):
    """Paths of the project's programs where they are installed, with others, and
    of cglab's helpers."""
    folder = os.path.abspath(folder)
    paths = [os.path.join(folder, name) for name in OWN]
    paths += sorted(glob.glob(
        os.path.join(os.path.dirname(folder), "libexec", "cglab", "cglab_*")
    ))
    return [path for path in paths if os.access(path, os.X_OK)]


def _fingerprint(path):
    about = os.stat(path)
    return [path, about.st_size, about.st_mtime_ns]


def _ask_loader(path):
    loader = interpreter(path)
    if not loader or not os.path.exists(loader):
        return []
    # Whoever made the program has named it.
    with attempt(f"look at {loader}, the loader of {path}"):
        weakness = trust.against(loader)
    if weakness:
        raise Problem(
            EXIT_FAILED,
            f"cannot run {loader}, which {path} names as its dynamic loader: "
            + weakness.text("link the program again with the loader of this "
                            "system, or statically"),
        )
    done = children.run([loader, "--list", path])
    found = [loader]
    for library in _LIBRARY.findall(done.stdout):
        # The machine's plain CPU looks for the plain build of a library.
        plain = _HWCAPS.sub("/", library)
        found.append(plain if os.path.exists(plain) else library)
    return found


def libraries(programs):
    """Paths of what the dynamic loader maps for these programs.

    The answers are remembered for as long as neither the program nor one of
    its libraries changes.
    """
    store = os.path.join(cache_folder(), "libraries.json")
    try:
        with open(store, encoding="utf-8") as file:
            known = json.load(file)
        known = known if isinstance(known, dict) else {}
    except (OSError, ValueError):
        known = {}
    answers, fresh = {}, False
    for program in programs:
        answers[program] = known.get(program)
        if not _is_current(program, known.get(program)):
            files = [program, *_ask_loader(program)]
            answers[program] = [_fingerprint(path) for path in files]
            fresh = True
    if fresh:
        others = known if len(known) < _KEPT_ANSWERS else {}
        try:
            write(store, json.dumps({**others, **answers}))
        except Problem as problem:
            note(f"{problem}; the loader is asked again next time")
    return sorted({item[0] for files in answers.values() for item in files[1:]})


def _is_current(program, answer):
    with contextlib.suppress(OSError, TypeError, IndexError, KeyError):
        return answer[0][0] == program and all(
            _fingerprint(item[0]) == item for item in answer
        )
    return False


def _files_below(path):
    if not os.path.isdir(path):
        return [path]
    return [
        os.path.join(folder, name)
        for folder, _, names in os.walk(path)
        for name in sorted(names)
        if os.path.isfile(os.path.join(folder, name))
    ]


def _of_command(name, folder, build, applets):
    """Files and links that the command itself needs."""
    if "/" in name:
        path = os.path.abspath(name)
        return ([path] if os.path.isfile(path) else []), []
    if (
        any(os.path.basename(path) == name for path in build)
        or name in applets()
    ):
        return [], []
    path = find_program(name)
    if not path:
        raise Problem(
            EXIT_NOT_FOUND,
            f"{name}: not found in the VM, which has the commands of its own "
            f"system, the programs in {folder} and those on the PATH here",
        )
    beyond = os.path.dirname(path) not in _GUEST_PATH
    return [path], [(f"{_LINKS}/{name}", path)] if beyond else []


class _Commands:
    """A root file system's commands, asked as a list of names is."""

    def __init__(self, rootfs):
        self._rootfs = rootfs

    def __contains__(self, name):
        return self._rootfs.has_command(name)


def collect_for(rootfs, options):
    """collect() for a machine that has a whole system, whose files stay."""
    files, links = collect(options, lambda: _Commands(rootfs))
    return [
        path
        for path in files
        if not rootfs.has(path) and path != _LOADER_CACHE
    ], links


def collect(options, applets):
    """(files, links) for the machine: paths, and (name, target) pairs."""
    own = _installed if options.is_installed else of_build
    build = own(options.build)
    links = {
        f"{_LINKS}/{os.path.basename(path)}": path for path in reversed(build)
    }
    files = list(build)
    for path in options.add:
        files += _files_below(os.path.abspath(path))
    if options.command:
        more, beyond = _of_command(
            options.command[0], options.build, build, applets
        )
        files += more
        links.update(beyond)
    programs = [path for path in files if interpreter(path)]
    files += libraries(programs)
    if programs and os.path.exists(_LOADER_CACHE):
        files.append(_LOADER_CACHE)
    return list(dict.fromkeys(files)), list(links.items())
