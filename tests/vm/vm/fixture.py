# SPDX-License-Identifier: MIT
"""Shared parts of the tests of scripts/vm."""

import atexit
import contextlib
import glob
import os
import shutil
import subprocess
import tempfile
import time
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
VM = os.path.join(ROOT, "scripts", "vm")
TIMEOUT = 120


def _default_cache():
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return os.path.join(base, "cglab", "vm")


class VmTest(unittest.TestCase):
    """Tests with a cache and a temporary folder of their own.

    All classes share them, as every new cache costs a compilation and a boot.
    """

    folder = None

    @classmethod
    def setUpClass(cls):
        if VmTest.folder is None:
            VmTest._set_up()
        if VmTest.missing:
            raise unittest.SkipTest(VmTest.missing)

    @staticmethod
    def _set_up():
        folder = tempfile.mkdtemp(prefix="vm_test.")
        atexit.register(shutil.rmtree, folder)
        VmTest.folder = folder
        VmTest.cache = os.path.join(folder, "cache", "cglab", "vm")
        VmTest.temporary = os.path.join(folder, "tmp")
        VmTest.build = os.path.join(folder, "build")
        for path in (VmTest.cache, VmTest.temporary, VmTest.build):
            os.makedirs(path)
        kernels = os.path.join(_default_cache(), "kernels")
        if os.path.isdir(kernels):
            os.symlink(kernels, os.path.join(VmTest.cache, "kernels"))
        VmTest.environment = {
            **os.environ,
            "XDG_CACHE_HOME": os.path.join(folder, "cache"),
            "TMPDIR": VmTest.temporary,
        }
        probe = VmTest.vm("--", "true")
        unable = probe.returncode == 77
        VmTest.missing = probe.stderr.decode().strip() if unable else ""

    @classmethod
    def command(cls, *arguments):
        return [VM, "--build", cls.build, *arguments]

    @classmethod
    def run_command(cls, command, **options):
        """The completed process of a command that starts scripts/vm."""
        if "input" not in options:
            options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run(
            command,
            check=False,
            timeout=TIMEOUT,
            **{"capture_output": True, "env": cls.environment, **options},
        )

    @classmethod
    def vm(cls, *arguments, **options):
        return cls.run_command(cls.command(*arguments), **options)

    def shell(self, text, *options):
        """Standard output of a shell script that must succeed in the VM."""
        done = self.vm(*options, "--", "sh", "-c", text)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return done.stdout.decode()

    def start(self, *arguments):
        process = subprocess.Popen(
            self.command(*arguments),
            env=self.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def machines(self):
        """Processes of QEMU that boot from this test's cache."""
        found = []
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            with contextlib.suppress(OSError), open(path, "rb") as file:
                text = file.read()
                if b"qemu" in text and self.cache.encode() in text:
                    found.append(int(path.split("/")[2]))
        return found

    def states(self):
        return glob.glob(os.path.join(self.cache, "states", "*"))

    def assert_nothing_left(self):
        end = time.monotonic() + TIMEOUT
        while self.machines() and time.monotonic() < end:
            time.sleep(0.01)
        self.assertEqual(self.machines(), [])
        self.assertEqual(os.listdir(self.temporary), [])
