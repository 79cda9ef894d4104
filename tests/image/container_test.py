# SPDX-License-Identifier: MIT
"""scripts/Containerfile: builds the image offline and runs it."""

import io
import os
import shutil
import subprocess
import tarfile
import tempfile
import unittest

ROOT = os.path.dirname(
    os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
)
_BASE = "localhost/cglab-test-base"
_IMAGE = "localhost/cglab-test"
_TIMEOUT = 1100
# The base is empty: tools and libraries are this host's own.
_HOST = ("/usr", "/etc/alternatives")
_LINKS = {"bin": "usr/bin", "sbin": "usr/sbin", "lib": "usr/lib",
          "lib64": "usr/lib64"}
_FOLDERS = ("usr", "etc", "etc/alternatives", "tmp", "dev", "proc", "sys")
# As a runtime does it: see "Filesystems" of the OCI runtime specification.
_ENTER = """set -e
root=$1; shift
mkdir -p "$root/proc" "$root/sys" "$root/dev"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
exec chroot "$root" "$@"
"""


def _base_tar():
    """A root file system of only folders and links."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name in _FOLDERS:
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(entry)
        for name, target in _LINKS.items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = tarfile.SYMTYPE, target
            tar.addfile(entry)
    return out.getvalue()


def _missing():
    """What this host lacks for the test; empty if nothing."""
    if not shutil.which("buildah"):
        return "buildah"
    if os.geteuid() != 0:
        return "root: buildah's chroot isolation mounts file systems"
    if not all(os.path.islink("/" + name) for name in ("bin", "lib")):
        return "a merged /usr, which the base borrows from this host"
    return ""


class ContainerTest(unittest.TestCase):
    """One image for all tests, in a storage of its own."""

    @classmethod
    def setUpClass(cls):
        missing = _missing()
        if missing:
            raise unittest.SkipTest(missing)
        cls.folder = tempfile.mkdtemp(prefix="cglab-container.")
        cls.addClassCleanup(cls._remove)
        cls._make_base()
        cls._build()
        container = cls.buildah("from", _IMAGE).stdout.strip()
        cls.mounted = cls.buildah("mount", container).stdout.strip()

    @classmethod
    def _remove(cls):
        cls.buildah("umount", "--all", check=False)
        shutil.rmtree(cls.folder, ignore_errors=True)

    @classmethod
    def buildah(cls, *words, check=True):
        storage = os.path.join(cls.folder, "storage")
        done = subprocess.run(
            ["buildah", "--root", storage, "--runroot", storage + ".run",
             "--storage-driver", "vfs", *words],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False, timeout=_TIMEOUT,
            # Neither pulls nor asks: nothing but what is here is used.
            env={**os.environ, "BUILDAH_ISOLATION": "chroot"},
        )
        if check and done.returncode != 0:
            raise AssertionError(f"buildah {words}: {done.stdout}{done.stderr}")
        return done

    @classmethod
    def _make_base(cls):
        tar = os.path.join(cls.folder, "base.tar")
        with open(tar, "wb") as file:
            file.write(_base_tar())
        container = cls.buildah("from", "scratch").stdout.strip()
        cls.buildah("add", container, tar, "/")
        cls.buildah("commit", container, _BASE)
        cls.buildah("rm", container)

    @classmethod
    def _build(cls):
        volumes = [word for path in _HOST for word in
                   ("--volume", f"{path}:{path}:ro")]
        cls.buildah(
            "build", "--pull-never", "--network", "none", "--build-arg",
            "BASE=" + _BASE, "--env", "CXXFLAGS=-O0", *volumes, "--file",
            os.path.join(ROOT, "scripts", "Containerfile"), "--tag", _IMAGE,
            ROOT)

    def run_inside(self, *words):
        """cglab in the image, with PIDs and mounts of its own, on this host's
        cgroups: buildah's own isolation without a runtime mounts them
        read-only."""
        return subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "sh", "-c", _ENTER, "sh",
             self.mounted, "/bin/cglab", *words],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            check=False, timeout=_TIMEOUT)

    def test_the_image_holds_the_two_programs_and_nothing_else(self):
        files = [
            os.path.relpath(os.path.join(folder, name), self.mounted)
            for folder, _, names in os.walk(self.mounted)
            for name in names
        ]
        self.assertEqual(sorted(files), ["bin/cglab", "bin/malloc_demo"])

    def test_it_runs_where_there_is_no_dynamic_loader(self):
        done = subprocess.run(["chroot", self.mounted, "/bin/cglab",
                               "--version"], capture_output=True, text=True,
                              check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertIn("cglab ", done.stdout)

    def test_a_dynamic_program_would_not(self):
        shutil.copy(shutil.which("ls"), os.path.join(self.mounted, "ls"))
        self.addCleanup(os.unlink, os.path.join(self.mounted, "ls"))
        done = subprocess.run(["chroot", self.mounted, "/ls"],
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 127)
        self.assertIn("No such file or directory", done.stderr)

    def test_oom_is_proven_inside_on_the_cgroups_of_this_host(self):
        done = self.run_inside("oom", "--limit", "32M", "--ramp", "0")
        if done.returncode == 77:
            self.skipTest(done.stderr.strip())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("OOM KILL PROVEN", done.stdout)
        self.assertIn("nothing; the cgroup is removed", done.stdout)

    def test_the_doctor_reports_there_what_it_finds(self):
        done = self.run_inside("doctor")
        self.assertIn(done.returncode, (0, 77), done.stderr)
        self.assertIn("memory controller", done.stdout)


if __name__ == "__main__":
    unittest.main()
