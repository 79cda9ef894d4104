#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The Debian packages of scripts/package on Debian 12, 13 and sid:
tests/packages/packages_test.py -v

Each distribution is a root file system in a folder of its own, on the kernel
and the cgroups of this host. The packages are of the last commit."""

import contextlib
import glob
import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
# Nothing is written into the checkout, byte code neither.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

import debian_root

_PACKAGE = os.path.join(ROOT, "scripts/package")
_BUILD_TIMEOUT = 1100
_UNABLE = 77
_NAMES = ("cglab", "libcgroupfs-dev", "libcgroupfs0")
# The shells, a compiler for the library's example, a reader of the manual, and
# what makes a root file system for the VM.
_TOOLS = ("bash-completion", "zsh", "fish", "g++", "pkg-config", "man-db",
          "mmdebstrap")
# What apt, dpkg, man and mount keep of what they do.
_RECORDS = re.compile(r"(run|var/(cache|lib/apt|lib/dpkg|log))/")
# Inside: the packages, and a folder that outlives a command, with the user's home.
_PACKAGES = "/mnt"
_HOME = "/tmp/home"
_EXAMPLE = """set -e
cd /tmp
zcat /usr/share/doc/libcgroupfs-dev/README.md.gz |
  sed -n '/^```cpp$/,/^```$/{/^```/!p}' >demo.cpp
g++ -std=c++20 demo.cpp $(pkg-config --cflags --libs cgroupfs)
ldd ./a.out
exec ./a.out
"""
# Typed into each shell. Completed, it is `cglab doctor --help`.
_TYPED = "cglab docto\t --help\nexit\n"
_SHELLS = {
    "bash": ("bash --norc --noprofile -i", ". /etc/bash_completion\n"),
    "zsh": ("zsh -f -i", "autoload -U compinit && compinit -D\n"),
    "fish": ("fish -i", ""),
}


def _build(folder, clone=ROOT, umask="022", **environment):
    """Has scripts/package of a clone write the packages into a folder."""
    done = debian_root.run(
        ["sh", "-c", 'umask "$1"; shift; exec "$@"', "sh", umask,
         os.path.join(clone, "scripts/package"), "deb", "--output", folder],
        _BUILD_TIMEOUT, env={**os.environ, **environment})
    if done.returncode == _UNABLE:
        raise unittest.SkipTest(done.stderr)
    if done.returncode != 0:
        raise AssertionError(f"scripts/package: {done.stdout}{done.stderr}")
    return done


def setUpModule():
    global built, packages
    missing = debian_root.missing()
    if missing:
        raise unittest.SkipTest(missing)
    packages = tempfile.mkdtemp(prefix="packages_test.")
    unittest.addModuleCleanup(shutil.rmtree, packages)
    os.chmod(packages, 0o755)
    built = _build(packages)


def _processes_in(folder):
    """Commands of processes that work in a folder, also in a removed one."""
    found = []
    for path in glob.glob("/proc/[0-9]*"):
        with contextlib.suppress(OSError):
            if os.readlink(path + "/cwd").startswith(folder):
                with open(path + "/cmdline", "rb") as file:
                    found.append(file.read())
    return found


def _digests(folder):
    digests = {}
    for path in glob.glob(os.path.join(folder, "*.deb")):
        with open(path, "rb") as file:
            digests[os.path.basename(path)] = hashlib.sha256(
                file.read()).hexdigest()
    return digests


class BuildTest(unittest.TestCase):
    """What scripts/package makes."""

    def test_it_prints_the_names_of_the_three_packages(self):
        files = sorted(glob.glob(packages + "/*"))
        self.assertEqual(sorted(built.stdout.split()), files)
        self.assertEqual([os.path.basename(path).split("_")[0] for path in files],
                         list(_NAMES))

    def test_lintian_says_nothing(self):
        self.assertNotRegex(built.stderr, "(?m)^[EWN]: ")

    def test_another_folder_umask_time_zone_and_time_give_the_same_files(self):
        with tempfile.TemporaryDirectory(prefix="packages_test.") as folder:
            clone, output, temporary = (
                os.path.join(folder, name) for name in ("clone", "out", "elsewhere"))
            debian_root.checked(["git", "clone", "-q", ROOT, clone])
            # What is not committed is left out.
            with open(os.path.join(clone, "meson.build"), "a") as file:
                file.write("error('not committed')\n")
            os.mkdir(temporary)
            done = _build(output, clone, umask="077", TZ="Asia/Kathmandu",
                          TMPDIR=temporary, LC_ALL="C")
            self.assertIn("changes that are not committed", done.stderr)
            self.assertEqual(len(_digests(packages)), len(_NAMES))
            self.assertEqual(_digests(output), _digests(packages))
            self.assertEqual(os.listdir(temporary), [])


class CallTest(unittest.TestCase):
    """scripts/package, where it does not get as far as packages."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="packages_test.")
        self.addCleanup(shutil.rmtree, self.folder)

    def test_a_wrong_argument_is_refused(self):
        for words, said in (
            (("rpm",), "there is no kind of package 'rpm'"),
            (("--output",), "--output needs a folder"),
            (("--output", ""), "--output needs a folder"),
        ):
            done = debian_root.run([_PACKAGE, *words], _BUILD_TIMEOUT)
            self.assertEqual((done.returncode, done.stdout), (2, ""))
            self.assertIn(said, done.stderr)

    def test_a_folder_that_cannot_be_made_is_named(self):
        file = os.path.join(self.folder, "file")
        open(file, "w").close()
        done = debian_root.run([_PACKAGE, "--output", file + "/out"],
                               _BUILD_TIMEOUT)
        self.assertEqual(done.returncode, 3)
        self.assertIn(f"cannot make the folder {file}/out: Not a directory",
                      done.stderr)

    def test_outside_a_clone_it_asks_for_one(self):
        shutil.copytree(os.path.join(ROOT, "scripts"),
                        os.path.join(self.folder, "scripts"))
        done = debian_root.run([self.folder + "/scripts/package"], _BUILD_TIMEOUT)
        self.assertEqual(done.returncode, _UNABLE)
        self.assertIn("Use a clone of the project", done.stderr)

    def test_an_interrupted_build_leaves_nothing(self):
        output, temporary = self.folder + "/out", self.folder + "/temporary"
        os.mkdir(temporary)
        with subprocess.Popen(
                [_PACKAGE, "--output", output], env={**os.environ, "TMPDIR": temporary},
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as call:
            while call.poll() is None and not glob.glob(
                    temporary + "/*/deb/cglab/obj-*/build.ninja"):
                time.sleep(0.1)
            call.send_signal(signal.SIGTERM)
            said, _ = call.communicate(timeout=_BUILD_TIMEOUT)
        self.assertEqual(call.returncode, 143, said)
        self.assertIn("interrupted by SIGTERM", said)
        self.assertEqual(os.listdir(temporary) + os.listdir(output), [])
        self.assertEqual(_processes_in(self.folder), [])


class PackageCases:
    """What has to hold on each distribution."""

    suite = ""

    @classmethod
    def setUpClass(cls):
        cls.debian = debian_root.DebianRoot(cls.suite)
        cls.addClassCleanup(cls.debian.remove)
        cls.temporary = tempfile.mkdtemp(prefix="packages_test.")
        cls.addClassCleanup(shutil.rmtree, cls.temporary)
        os.chmod(cls.temporary, 0o1777)
        os.mkdir(cls.temporary + "/home")
        # This has dpkg leave out manual pages and documentation.
        os.unlink(os.path.join(cls.debian.path, "etc/dpkg/dpkg.cfg.d/99mmdebstrap"))
        cls.install_tools()
        before = cls.files()
        cls.apt_get("install", *(f"{_PACKAGES}/{name}"
                                 for name in os.listdir(packages)))
        cls.installed = cls.files() - before
        cls.use_them()
        cls.apt_get("purge", "--auto-remove", *_NAMES)
        cls.left = cls.files() - before
        cls.missing = before - cls.files()

    @classmethod
    def install_tools(cls):
        recommended = debian_root.checked(
            ["dpkg-deb", "-f", *glob.glob(packages + "/cglab_*"), "Recommends"])
        names = [each.split()[0] for each in recommended.stdout.split(",")]
        cls.apt_get("update")
        cls.apt_get("install", *_TOOLS, *names)

    @classmethod
    def use_them(cls):
        cls.oom = cls.run_inside("cglab", "oom", "--limit", "50M")
        cls.doctor = cls.run_inside("cglab", "doctor")
        cls.vm = cls.run_inside("cglab", "oom", "--limit", "50M", "--on", "v2")
        cls.systemd = cls.run_inside(
            "/usr/libexec/cglab/scripts/vm", "--systemd", "--",
            "cglab", "oom", "--limit", "50M")
        cls.example = cls.run_inside("sh", "-c", _EXAMPLE)
        cls.completed = {name: cls.complete(*shell)
                         for name, shell in _SHELLS.items()}
        cls.manuals = {name: cls.run_inside("man", name)
                       for name in ("cglab", "malloc_demo", "cgroupfs")}

    @classmethod
    def run_inside(cls, *words, **options):
        return cls.debian.run(
            *words, home=_HOME,
            mounts=(f"{packages}={_PACKAGES}", f"{cls.temporary}=tmp"), **options)

    @classmethod
    def apt_get(cls, *words):
        done = cls.run_inside(
            "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", "-q",
            "--no-install-recommends", *words)
        if done.returncode != 0:
            raise AssertionError(f"{cls.suite}: apt-get {words}:\n"
                                 f"{done.stdout[-3000:]}{done.stderr[-3000:]}")

    @classmethod
    def complete(cls, shell, first):
        """What a shell shows on a terminal of its own."""
        return cls.run_inside("script", "-q", "-c", shell, "/dev/null",
                              input=first + _TYPED)

    @classmethod
    def files(cls):
        found = set()
        for folder, folders, names in os.walk(cls.debian.path):
            relative = os.path.relpath(folder, cls.debian.path)
            found.update(os.path.join(relative, name) for name in folders + names)
        return {name for name in found if not _RECORDS.match(name)}

    def assert_succeeded(self, done):
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_oom_is_proven(self):
        self.assert_succeeded(self.oom)
        self.assertIn("OOM KILL PROVEN", self.oom.stdout)

    def test_oom_is_proven_in_the_vm(self):
        self.assert_succeeded(self.vm)
        self.assertRegex(self.vm.stdout, r"verdict  +OOM kill proven\n")

    def test_oom_is_proven_in_a_scope_of_the_same_distribution(self):
        self.assert_succeeded(self.systemd)
        self.assertIn("OOM KILL PROVEN", self.systemd.stdout)
        self.assertRegex(self.systemd.stdout, r"left behind +nothing")

    def test_doctor_finds_all_that_a_run_needs(self):
        self.assert_succeeded(self.doctor)
        self.assertIn("cglab oom RUNS HERE", self.doctor.stdout)

    def test_the_example_is_built_with_the_library(self):
        self.assert_succeeded(self.example)
        self.assertIn("libcgroupfs.so.0 => /", self.example.stdout)
        self.assertIn("\ncgroup.procs: yes\n", self.example.stdout)

    def test_the_shells_complete(self):
        for name, done in self.completed.items():
            with self.subTest(name):
                self.assertIn("Usage: cglab doctor", done.stdout, done.stderr)

    def test_there_are_manual_pages(self):
        for name, done in self.manuals.items():
            with self.subTest(name):
                self.assert_succeeded(done)
                self.assertIn("SYNOPSIS", done.stdout)

    def test_they_install_files_only_below_usr(self):
        self.assertTrue(self.installed)
        outside = [name for name in self.installed if not name.startswith("usr/")]
        self.assertEqual(outside, [])

    def test_nothing_is_left_after_removal(self):
        self.assertEqual(self.left, set())
        self.assertEqual(self.missing, set())
        known = self.run_inside("dpkg-query", "-W", "-f", "${Package}\n")
        self.assert_succeeded(known)
        self.assertEqual(set(known.stdout.split()) & set(_NAMES), set())


class Debian12Test(PackageCases, unittest.TestCase):
    suite = "bookworm"


class Debian13Test(PackageCases, unittest.TestCase):
    suite = "trixie"


class DebianSidTest(PackageCases, unittest.TestCase):
    suite = "sid"


if __name__ == "__main__":
    unittest.main()
