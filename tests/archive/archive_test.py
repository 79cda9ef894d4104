#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The static archive: tests/archive/archive_test.py -v

It is built of what is committed. It runs on kernels of four Debian suites and,
in the VM, on a node that has Python, QEMU and a kernel, but neither a compiler
nor BusyBox nor a shell."""

import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))

import node_root  # noqa: E402

VM = os.path.join(ROOT, "scripts", "vm")
BUILD_TIMEOUT = 1000
TIMEOUT = 600
NO_DEBIAN = "only where apt's sources include Debian"


def run(*command, check=True, timeout=TIMEOUT, **options):
    done = subprocess.run(
        command, check=False, text=True, errors="replace", capture_output=True,
        stdin=subprocess.DEVNULL, timeout=timeout, **options)
    if check and done.returncode != 0:
        raise AssertionError(f"{command} ended with status {done.returncode}:\n"
                             f"{done.stdout[-4000:]}{done.stderr[-4000:]}")
    return done


def build(commit, source, output, **options):
    """Builds the archive of a commit in a new folder `source`."""
    os.makedirs(source)
    os.makedirs(output)
    date = run("git", "-C", ROOT, "log", "-1", "--format=%ct", commit).stdout
    run("sh", "-c", 'git -C "$1" archive "$2" | tar -x -C "$3"', "sh", ROOT,
        commit, source)
    done = run(os.path.join(source, "scripts/package.d/archive"), source, output,
               timeout=BUILD_TIMEOUT,
               env={**os.environ, "SOURCE_DATE_EPOCH": date.strip(),
                    "TMPDIR": output},
               **options)
    return done.stdout.strip()


def read(path):
    with open(path, "rb") as file:
        return file.read()


class ArchiveCases(unittest.TestCase):
    """Tests that share one archive, unpacked."""

    folder = None

    @classmethod
    def setUpClass(cls):
        if ArchiveCases.folder:
            return
        folder = tempfile.mkdtemp(prefix="archive_test.")
        unittest.addModuleCleanup(shutil.rmtree, folder)
        # The user of the node, who is not root, reads it.
        os.chmod(folder, 0o755)
        ArchiveCases.commit = run("git", "-C", ROOT, "rev-parse",
                                  "HEAD").stdout.strip()
        ArchiveCases.archive = build(
            cls.commit, os.path.join(folder, "source"), os.path.join(folder, "out"))
        run("tar", "--zstd", "-C", folder, "-xf", cls.archive)
        (ArchiveCases.tree,) = glob.glob(folder + "/cglab-*-x86_64")
        ArchiveCases.empty = os.path.join(folder, "empty")
        os.mkdir(cls.empty)
        ArchiveCases.folder = folder

    def path(self, *names):
        return os.path.join(self.tree, *names)

    def files(self):
        return [os.path.join(folder, name)
                for folder, _, names in os.walk(self.tree) for name in names]

    def assert_proven(self, done):
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        record = json.loads(done.stdout)
        self.assertEqual(record["verdict"]["status"], "oom_killed")
        return record


class ContentTest(ArchiveCases):
    def test_every_program_is_static(self):
        programs = [path for path in self.files()
                    if read(path).startswith(b"\x7fELF")]
        self.assertEqual(
            sorted(os.path.relpath(path, self.tree) for path in programs),
            ["bin/cglab", "bin/malloc_demo",
             "libexec/cglab/scripts/vm.d/guest/init"])
        for path in programs:
            headers = run("readelf", "-lW", path).stdout
            self.assertIn("LOAD", headers)
            self.assertNotRegex(headers, "INTERP|DYNAMIC", path)
            self.assertNotIn(".symtab", run("readelf", "-SW", path).stdout)

    def test_carries_no_path_of_the_build_machine(self):
        for path in self.files():
            for place in (self.folder, ROOT):
                self.assertNotIn(place.encode(), read(path), path)

    def test_has_the_same_bytes_when_built_elsewhere(self):
        source = os.path.join(self.folder, "other", "deep", "place")
        other = build(self.commit, source,
                      os.path.join(self.folder, "out.other"),
                      preexec_fn=lambda: os.umask(0o077))
        self.assertEqual(os.path.basename(other), os.path.basename(self.archive))
        self.assertTrue(read(other) == read(self.archive), "the bytes differ")

    def test_manual_completions_data_and_texts_are_there(self):
        for name in ("INSTALL", "LICENSE", "share/cglab/cglab.mk",
                     "share/man/man1/malloc_demo.1", "scripts/vm",
                     "share/bash-completion/completions/cglab",
                     "share/zsh/site-functions/_cglab",
                     "share/fish/vendor_completions.d/cglab.fish"):
            self.assertTrue(os.path.getsize(self.path(name)), name)
        page = run("groff", "-man", "-Tascii", self.path("share/man/man1/cglab.1"))
        self.assertIn("CGLAB(1)", page.stdout)
        self.assertNotIn("@VERSION@", read(self.path("INSTALL")).decode())

    def test_is_owned_by_root_and_writable_by_no_other(self):
        for line in run("tar", "--zstd", "--numeric-owner", "-tvf",
                        self.archive).stdout.splitlines():
            mode, owner = line.split()[:2]
            self.assertEqual(owner, "0/0", line)
            self.assertRegex(mode, r"^(-rw-r--r--|[-dl]rwxr-xr-x)$",
                             line)


class HostTest(ArchiveCases):
    def test_runs_in_place_and_finds_its_hog(self):
        done = run(self.path("bin/cglab"), "oom", "--limit", "20M", "--quiet",
                   "--json", "-", cwd="/", check=False)
        if done.returncode == 77:
            self.skipTest(done.stderr)
        self.assert_proven(done)

    def test_doctor_says_that_it_has_no_libsystemd(self):
        program = self.path("bin/cglab")
        done = run(VM, "--systemd", "--build", self.empty, "--add", self.tree,
                   "--", "su", "delegated", "-c", program + " doctor",
                   check=False)
        if done.returncode == 77 and not done.stdout:
            self.skipTest(done.stderr)
        self.assertIn("cglab was built without libsystemd",
                      " ".join(done.stdout.split()))


class KernelTest(ArchiveCases):
    """In a machine that has the archive's files and nothing else of ours."""

    def run_on(self, suite, version):
        program = self.path("bin/cglab")
        done = run(VM, "--build", self.empty, "--kernel", "debian:" + suite,
                   "--add", self.tree, "--", program, "oom", "--limit", "20M",
                   "--quiet", "--json", "-", check=False)
        if NO_DEBIAN in done.stderr:
            self.skipTest("apt's sources do not include Debian")
        record = self.assert_proven(done)
        self.assertRegex(record["environment"]["kernel"], version)

    def test_linux_5_10(self):
        self.run_on("bullseye", r"^5\.10\.")

    def test_linux_6_1(self):
        self.run_on("bookworm", r"^6\.1\.")

    def test_linux_6_12(self):
        self.run_on("trixie", r"^6\.12\.")

    def test_linux_of_sid(self):
        self.run_on("sid", r"^([7-9]|\d\d+)\.")


class NodeTest(ArchiveCases):
    """A root file system with Python, QEMU and setpriv, and a user other than
    root in it."""

    @classmethod
    def setUpClass(cls):
        if os.geteuid() != 0:
            raise unittest.SkipTest("root: chroot and mounts need it")
        super().setUpClass()
        cls.root = os.path.join(cls.folder, "root")
        kernel = run(VM, "--fetch-kernel").stdout.strip()
        node_root.make(cls.root, {cls.tree: "cglab",
                                  os.path.dirname(os.path.realpath(kernel)): "kernel"})
        cls.kernel = "/kernel/" + os.path.basename(os.path.realpath(kernel))

    def on_node(self, *words):
        return node_root.run_in(self.root, "/cglab/scripts/vm", *words)

    def test_has_neither_a_compiler_nor_a_shell(self):
        programs = os.listdir(os.path.join(self.root, "usr/bin"))
        self.assertEqual(sorted(programs),
                         ["python3", "qemu-system-x86_64", "setpriv"])

    def test_runs_an_experiment_in_the_vm(self):
        done = self.on_node("--kernel", self.kernel, "--", "cglab", "oom",
                            "--limit", "20M", "--quiet", "--json", "-")
        self.assertEqual(done.stderr, "")
        record = self.assert_proven(done)
        self.assertEqual(record["environment"]["memory_hierarchy"], "v2")

    def test_runs_an_experiment_on_v1_with_swap(self):
        done = self.on_node("--kernel", self.kernel, "--cgroup", "v1", "--swap",
                            "64M", "--", "cglab", "oom", "--limit", "20M",
                            "--quiet", "--json", "-")
        record = self.assert_proven(done)
        self.assertEqual(record["environment"]["memory_hierarchy"], "v1")

    def test_runs_the_cell_of_a_sweep(self):
        def sweep(*words):
            done = node_root.run_in(
                self.root, "/cglab/bin/cglab", "sweep", *words,
                environment=[("CGLAB_VM_KERNEL", self.kernel)])
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            return done.stdout
        sweep("plan", "-o", "/home/cells.jsonl", "--", "oom", "--limit", "20M")
        sweep("run", "/home/cells.jsonl", "--index", "1", "--vm")
        merged = json.loads(sweep("merge", "/home/cells.results", "--quiet",
                                  "--format", "json"))
        (result,) = merged["results"]
        self.assertEqual(result["verdicts"], {"oom_killed": 1})
        (kind,) = merged["sweep"]["kinds"]
        self.assertIn("CPUs", kind["properties"]["VM on"])

    def test_says_what_a_shell_needs(self):
        done = self.on_node("--kernel", self.kernel, "--", "sh", "-c", "true")
        self.assertEqual(done.returncode, 77, done.stdout)
        self.assertIn("no statically linked busybox, which the VM needs for a "
                      "shell", done.stderr)

    def test_says_that_no_kernel_can_be_fetched(self):
        done = self.on_node("--", "cglab", "oom")
        self.assertEqual(done.returncode, 77, done.stdout)
        self.assertRegex(done.stderr, re.escape("--kernel FILE"))


if __name__ == "__main__":
    unittest.main()
