# SPDX-License-Identifier: MIT
"""Fetching a kernel, from an archive of packages that is made up here."""

import glob
import lzma
import os
import shutil
import subprocess
import tempfile
import unittest

from vm.fixture import VmTest

_RELEASE = "9.9.9-made-up"
_IMAGE = f"linux-image-{_RELEASE}"
_MODULES = f"linux-modules-{_RELEASE}"

_APT_CACHE = f"""#!/bin/sh
[ "$1" = depends ] || exit 9
case $2 in
  linux-image-none) echo "E: No packages found" >&2; exit 100 ;;
  *) echo "$2"; echo "  Depends: {_IMAGE}"; echo "  Depends: {_MODULES}" ;;
esac
"""
_APT_GET = """#!/bin/sh
for package; do :; done
cp "$PACKAGES/$package.deb" . || exit 100
echo "$package" >>"$PACKAGES/fetched"
"""


@unittest.skipUnless(shutil.which("dpkg-deb"), "dpkg-deb is not here")
class FetchTest(VmTest):
    """Image and modules in packages of their own, as on Ubuntu."""

    def setUp(self):
        kernel = os.path.realpath(os.path.join(self.cache, "kernels/default"))
        if not os.path.exists(os.path.join(kernel, "vmlinux")):
            self.skipTest("no kernel with a PVH entry is in the cache")
        self.packages = tempfile.mkdtemp(dir=self.folder)
        self.xdg = tempfile.mkdtemp(dir=self.folder)
        self.addCleanup(shutil.rmtree, self.xdg)
        self.addCleanup(shutil.rmtree, self.packages)
        self.write("bin/apt-cache", _APT_CACHE.encode(), 0o755)
        self.write("bin/apt-get", _APT_GET.encode(), 0o755)
        self.make_package(
            _IMAGE,
            {f"boot/vmlinuz-{_RELEASE}": os.path.join(kernel, "vmlinux")},
        )
        self.make_modules(glob.glob(os.path.join(kernel, "modules/*.ko")))

    def write(self, name, data, mode=0o644):
        path = os.path.join(self.packages, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data)
        os.chmod(path, mode)
        return path

    def make_package(self, name, files):
        for path, source in files.items():
            path = os.path.join(self.packages, name, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            shutil.copyfile(source, path)
        control = (
            f"Package: {name}\nVersion: 1\nArchitecture: amd64\n"
            "Maintainer: nobody <nobody@localhost>\nDescription: none\n"
        )
        self.write(f"{name}/DEBIAN/control", control.encode())
        tree = os.path.join(self.packages, name)
        subprocess.run(
            ["dpkg-deb", "-Znone", "--root-owner-group", "-b", tree],
            check=True,
            stdout=subprocess.DEVNULL,
        )

    def make_modules(self, modules):
        files = {}
        for path in modules:
            with open(path, "rb") as file:
                data = lzma.compress(file.read(), preset=0)
            name = os.path.basename(path) + ".xz"
            packed = self.write("packed/" + name, data)
            files[f"lib/modules/{_RELEASE}/kernel/{name}"] = packed
        self.make_package(_MODULES, files)

    def run_vm(self, *arguments):
        folder = os.path.join(self.packages, "bin")
        environment = {
            **self.environment,
            "XDG_CACHE_HOME": self.xdg,
            "PACKAGES": self.packages,
            "PATH": f"{folder}:{os.environ['PATH']}",
        }
        return self.run_command(self.command(*arguments), env=environment)

    def fetched(self):
        with open(
            os.path.join(self.packages, "fetched"), encoding="ascii"
        ) as file:
            return file.read().split()

    def test_packages_are_fetched_once_and_boot(self):
        done = self.run_vm("--fetch-kernel")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertTrue(os.path.exists(done.stdout.decode().strip()))
        self.assertEqual(self.fetched(), [_IMAGE, _MODULES])
        self.assertEqual(self.run_vm("--fetch-kernel").returncode, 0)
        self.assertEqual(self.fetched(), [_IMAGE, _MODULES])
        done = self.run_vm("--swap", "32M", "--", "cat", "/proc/swaps")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertIn(b"/dev/zram0", done.stdout)

    def test_first_start_fetches_what_it_boots(self):
        done = self.run_vm("--no-state", "--", "true")
        self.assertEqual(
            (done.returncode, done.stdout, done.stderr),
            (0, b"", b"vm: fetching a kernel into the cache, this once\n"),
        )
        self.assertEqual(self.fetched(), [_IMAGE, _MODULES])

    def test_unknown_package_is_named_with_what_to_do(self):
        done = self.run_vm("--fetch-kernel", "linux-image-none")
        self.assertEqual(done.returncode, 77)
        self.assertIn(b"linux-image-none", done.stderr)
        self.assertIn(b"sudo apt-get update", done.stderr)

    def test_failed_fetch_leaves_nothing(self):
        os.unlink(os.path.join(self.packages, _IMAGE + ".deb"))
        done = self.run_vm("--fetch-kernel")
        self.assertEqual(done.returncode, 77)
        self.assertIn(_IMAGE.encode(), done.stderr)
        kernels = os.path.join(self.xdg, "cglab", "vm", "kernels")
        self.assertEqual(os.listdir(kernels), [])
