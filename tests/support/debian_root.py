# SPDX-License-Identifier: MIT
"""Fresh root file systems of Debian's suites, on the kernel and the cgroups of
this host."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.insert(0, os.path.join(ROOT, "scripts", "vm.d"))

from host import sources
from host.cache import cache_folder, keep_newest, remove_stale

_TOOLS = ("git", "mmdebstrap", "tar", "unshare")
_MAKE_TIMEOUT = 900
_RUN_TIMEOUT = 1700
# An older one has many packages to upgrade before the first is installed.
_FRESH_SECONDS = 7 * 86400
_KEPT = 3
_KEPT_BYTES = 2 << 30
_COPIED = {"signed-by": "Signed-By", "trusted": "Trusted"}
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# All mounts are private to the processes inside, and end with them.
_ENTER = """set -e
root=$1 folder=$2; shift 2
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
for pair; do
  shift
  [ "$pair" != -- ] || break
  mount --bind "${pair%%=*}" "$root/${pair#*=}"
done
exec chroot "$root" sh -c 'cd "$1"; shift; exec "$@"' sh "$folder" "$@"
"""


def _writable_hierarchy():
    """Where the memory controller of v1 or v2 may be used; None without."""
    with open("/proc/self/mounts", encoding="utf-8") as file:
        mounts = [line.split() for line in file]
    for _, path, kind, options, *_ in mounts:
        controllers = options.split(",") if kind == "cgroup" else []
        if kind == "cgroup2":
            with contextlib.suppress(OSError):
                with open(path + "/cgroup.controllers", encoding="ascii") as file:
                    controllers = file.read().split()
        if "memory" in controllers and os.access(path, os.W_OK):
            return path
    return None


def missing():
    """The feature that this host lacks; empty when there is none."""
    if os.geteuid() != 0:
        return "root: chroot and mounts need it"
    for name in _TOOLS:
        if not shutil.which(name):
            return name
    if not shutil.which("apt-config") or not sources.of_debian():
        return "Debian among apt's sources"
    if not _writable_hierarchy():
        return "a memory controller of cgroup v1 or v2 that root may write to"
    return ""


def _source_of(suite):
    """The host's source of Debian's packages, for a suite; in deb822."""
    fields = sources.of_debian()
    lines = ["Types: deb", f"URIs: {fields['uris']}", f"Suites: {suite}",
             "Components: main"]
    lines += [f"{written}: {fields[name]}"
              for name, written in _COPIED.items() if name in fields]
    return "\n".join(lines) + "\n"


def run(command, timeout, **options):
    if "input" not in options:
        options["stdin"] = subprocess.DEVNULL
    return subprocess.run(
        command, capture_output=True, text=True,
        errors="replace", check=False, timeout=timeout, **options)


def checked(command, timeout=_MAKE_TIMEOUT, **options):
    done = run(command, timeout, **options)
    if done.returncode != 0:
        raise AssertionError(
            f"{command[0]} ended with status {done.returncode}: {command}\n"
            f"{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done


def _make_tar(path, suite, source):
    """The smallest system of a suite that has apt."""
    with tempfile.NamedTemporaryFile("w", suffix=".sources") as file:
        file.write(source)
        file.flush()
        checked([
            "mmdebstrap", "--variant=minbase", "--format=tar",
            '--aptopt=Acquire::Languages "none"',
            # The lists of sid expire on a mirror that is no longer updated.
            '--aptopt=Acquire::Check-Valid-Until "false"',
            "--dpkgopt=path-exclude=/usr/share/man/*",
            "--dpkgopt=path-exclude=/usr/share/doc/*",
            suite, path + ".part", file.name,
        ])
    os.replace(path + ".part", path)


def _is_fresh(path):
    with contextlib.suppress(FileNotFoundError):
        return time.time() - os.stat(path).st_mtime < _FRESH_SECONDS
    return False


def _roots():
    """The folder of the unpacked systems. scripts/vm trusts no cache that holds
    one, as everybody can write to its /tmp."""
    cache = os.path.dirname(cache_folder())
    folder = os.path.join(cache, "distributions")
    os.makedirs(folder, 0o700, exist_ok=True)
    remove_stale(folder)
    return folder


def _tar(suite):
    """Path of the root file system as a tar, made unless the cache has it."""
    folder = cache_folder("distributions")
    source = _source_of(suite)
    key = hashlib.sha256(source.encode()).hexdigest()[:16]
    path = os.path.join(folder, f"{suite}-{key}.tar")
    with open(os.path.join(folder, "lock"), "wb") as lock:
        # Two that need it make it once.
        fcntl.flock(lock, fcntl.LOCK_EX)
        remove_stale(folder)
        if not _is_fresh(path):
            _make_tar(path, suite, source)
            keep_newest(folder, ".tar", _KEPT, _KEPT_BYTES)
    return path


class DebianRoot:
    """One in a folder of its own, which has to be removed."""

    def __init__(self, suite):
        tar = _tar(suite)
        # If this process is killed, a later one removes it by its name and age;
        # tar changes the age of what it fills.
        self._folder = tempfile.mkdtemp(".part", suite + ".", _roots())
        self.path = os.path.join(self._folder, "root")
        os.mkdir(self.path)
        checked(["tar", "-C", self.path, "--exclude=./dev/*", "--numeric-owner",
                 "-xpf", tar])
        # The tar may be of a day when this host had another name server.
        shutil.copyfile("/etc/resolv.conf",
                        os.path.join(self.path, "etc/resolv.conf"))

    def remove(self):
        with open("/proc/self/mounts", encoding="utf-8") as file:
            mounts = [line.split()[1] for line in file]
        if any(path.startswith(self._folder) for path in mounts):
            raise AssertionError(f"file systems are mounted in {self._folder}")
        shutil.rmtree(self._folder)

    def run(self, *words, folder="/", mounts=(), home="/root", **options):
        """A command there, with mounts and PIDs of its own; `mounts` are pairs
        "FOLDER=FOLDER-INSIDE"."""
        proxies = {name: value for name, value in os.environ.items()
                   if name.lower().endswith("_proxy")}
        return run(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c",
             _ENTER, "sh", self.path, folder, *mounts, "--", *words],
            _RUN_TIMEOUT, **options,
            env={"PATH": _PATH, "HOME": home, "TERM": "dumb", **proxies})
