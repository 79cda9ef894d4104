#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The set-up and a run from a clone on Debian 12, 13 and sid:
tests/distributions/distributions_test.py -v

Each distribution is a root file system in a folder of its own, on the kernel
and the cgroups of this host. What is committed is cloned into it."""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
# Nothing is written into the checkout, byte code neither.
sys.dont_write_bytecode = True
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
# Where the clone is, inside; a space in its path must not matter.
_CLONE = "root/a clone"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# All mounts are private to the processes inside, and end with them.
_ENTER = """set -e
root=$1 clone=$2; shift 2
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
exec chroot "$root" sh -c 'cd "/$1"; shift; exec "$@"' sh "$clone" "$@"
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


def _missing():
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


def _run(command, timeout, **options):
    return subprocess.run(
        command, stdin=subprocess.DEVNULL, capture_output=True, text=True,
        errors="replace", check=False, timeout=timeout, **options)


def _checked(command, timeout=_MAKE_TIMEOUT, **options):
    done = _run(command, timeout, **options)
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
        _checked([
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


class DistributionCases:
    """What has to hold on each distribution, from a fresh clone."""

    suite = ""

    @classmethod
    def setUpClass(cls):
        missing = _missing()
        if missing:
            raise unittest.SkipTest(missing)
        tar = _tar(cls.suite)
        # If this process is killed, a later one removes it by its name and age;
        # tar changes the age of what it fills.
        cls.folder = tempfile.mkdtemp(".part", cls.suite + ".", _roots())
        cls.addClassCleanup(cls._remove)
        cls.root = os.path.join(cls.folder, "root")
        os.mkdir(cls.root)
        _checked(["tar", "-C", cls.root, "--exclude=./dev/*", "--numeric-owner",
                  "-xpf", tar])
        # The tar may be of a day when this host had another name server.
        shutil.copyfile("/etc/resolv.conf",
                        os.path.join(cls.root, "etc/resolv.conf"))
        _checked(["git", "clone", "-q", ROOT, os.path.join(cls.root, _CLONE)])
        cls.first = cls.run_inside("scripts/cglab", "oom", "--limit", "100M",
                                   "--json", "/tmp/record.json")

    @classmethod
    def _remove(cls):
        with open("/proc/self/mounts", encoding="utf-8") as file:
            mounts = [line.split()[1] for line in file]
        if any(path.startswith(cls.folder) for path in mounts):
            raise AssertionError(f"file systems are mounted in {cls.folder}")
        shutil.rmtree(cls.folder)

    @classmethod
    def run_inside(cls, *words):
        """A command in the clone, with mounts and PIDs of its own."""
        proxies = {name: value for name, value in os.environ.items()
                   if name.lower().endswith("_proxy")}
        return _run(
            ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh",
             "-c", _ENTER, "sh", cls.root, _CLONE, *words], _RUN_TIMEOUT,
            env={"PATH": _PATH, "HOME": "/root", "TERM": "dumb", **proxies})

    def read(self, name):
        path = os.path.join(self.root, _CLONE, name)
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def assert_first_run_succeeded(self):
        self.assertEqual(self.first.returncode, 0,
                         self.first.stdout + self.first.stderr)

    def test_oom_is_proven_from_a_fresh_clone(self):
        self.assert_first_run_succeeded()
        self.assertIn("OOM KILL PROVEN", self.first.stdout)

    def test_the_packages_were_installed_by_the_script(self):
        self.assert_first_run_succeeded()
        self.assertRegex(self.first.stderr, r"cglab: installing.* g\+\+ .*meson")

    def test_no_cgroup_is_left_behind(self):
        self.assert_first_run_succeeded()
        self.assertIn("nothing; the cgroup is removed", self.first.stdout)
        with open(os.path.join(self.root, "tmp/record.json"),
                  encoding="utf-8") as file:
            (cgroup,) = json.load(file)["cgroups"]
        self.assertFalse(os.path.exists(cgroup["path"]))
        self.assertTrue(os.path.isdir(os.path.dirname(cgroup["path"])))

    def test_the_compiler_prints_no_warning(self):
        self.assert_first_run_succeeded()
        log = self.read("build/setup.log")
        self.assertIn("Linking target lab/cglab", log)
        self.assertNotRegex(log, r"\bwarning\b")

    def test_the_programs_are_static(self):
        self.assert_first_run_succeeded()
        for name in ("lab/cglab", "malloc_demo/malloc_demo"):
            done = self.run_inside("ldd", "build/" + name)
            self.assertRegex(done.stdout + done.stderr,
                             "not a dynamic executable|statically linked")

    def test_the_second_call_builds_nothing(self):
        self.assert_first_run_succeeded()
        done = self.run_inside("scripts/cglab", "--version")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"^cglab \d")

    def test_the_clone_has_no_file_outside_the_build_folder(self):
        self.assert_first_run_succeeded()
        clone = os.path.join(self.root, _CLONE)
        done = _checked(["git", "-C", clone, "status", "--porcelain",
                         "--ignored"])
        self.assertEqual(done.stdout, "!! build/\n")


class Debian12Test(DistributionCases, unittest.TestCase):
    suite = "bookworm"


class Debian13Test(DistributionCases, unittest.TestCase):
    suite = "trixie"


class DebianSidTest(DistributionCases, unittest.TestCase):
    suite = "sid"


if __name__ == "__main__":
    unittest.main()
