# SPDX-License-Identifier: MIT
"""Container images built offline, in a storage that buildah and podman share.

The base is empty: its tools and libraries are this host's own /usr.
"""

import io
import os
import shutil
import subprocess
import tarfile

BASE = "localhost/cglab-test-base"
TIMEOUT = 1100
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
_STORAGE = """\
[storage]
driver = "vfs"
graphroot = "{0}/storage"
runroot = "{0}/storage.run"
"""


def missing():
    """What this host lacks for such builds; empty if nothing."""
    if not shutil.which("buildah"):
        return "buildah"
    if os.geteuid() != 0:
        return "root: buildah's chroot isolation mounts file systems"
    if not all(os.path.islink("/" + name) for name in ("bin", "lib")):
        return "a merged /usr, which the base borrows from this host"
    return ""


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


def run_in(mounted, *words):
    """A program in the mounted image, with PIDs and mounts of its own, on this
    host's cgroups: buildah's own isolation without a runtime mounts them
    read-only."""
    return subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "sh", "-c", _ENTER, "sh",
         mounted, *words],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        timeout=TIMEOUT)


def _write(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def storage_environment(folder):
    """Variables for an empty storage in a folder, and for builds that need
    neither a runtime nor a cgroup."""
    return {"CONTAINERS_STORAGE_CONF":
            _write(folder, "storage.conf", _STORAGE.format(folder)),
            "BUILDAH_ISOLATION": "chroot"}


class Storage:
    """A storage of its own in a folder, with BASE in it."""

    def __init__(self, folder):
        self.folder = folder
        volumes = ", ".join(f'"{path}:{path}:ro"' for path in _HOST)
        self.environment = {
            **storage_environment(folder),
            "CONTAINERS_CONF": _write(folder, "containers.conf",
                                      f"[containers]\nvolumes = [{volumes}]\n"),
        }
        self.make_base()

    def buildah(self, *words, check=True):
        done = subprocess.run(
            ["buildah", *words], stdin=subprocess.DEVNULL, capture_output=True,
            text=True, check=False, timeout=TIMEOUT,
            env={**os.environ, **self.environment})
        if check and done.returncode != 0:
            raise AssertionError(f"buildah {words}: {done.stdout}{done.stderr}")
        return done

    def make_base(self):
        tar = os.path.join(self.folder, "base.tar")
        with open(tar, "wb") as file:
            file.write(_base_tar())
        container = self.buildah("from", "scratch").stdout.strip()
        self.buildah("add", container, tar, "/")
        self.buildah("commit", container, BASE)
        self.buildah("rm", container)

    def mount(self, image):
        """The folder of a container's files."""
        container = self.buildah("from", "--pull-never", image).stdout.strip()
        return self.buildah("mount", container).stdout.strip()

    def remove(self):
        """Also the folder, if nothing there is still mounted."""
        self.buildah("umount", "--all", check=False)
        with open("/proc/self/mountinfo", encoding="utf-8") as file:
            if f" {self.folder}/" in file.read():
                raise AssertionError(f"{self.folder} still has mounts")
        shutil.rmtree(self.folder, ignore_errors=True)
