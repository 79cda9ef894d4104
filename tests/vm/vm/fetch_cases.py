# SPDX-License-Identifier: MIT
"""Fetching a kernel, from packages that are made up here."""

import os
import shutil
import tempfile

from vm import packages
from vm.fixture import VmTest

_RELEASE = "9.9.9-made-up"
_IMAGE = f"linux-image-{_RELEASE}"
_BINARY = f"linux-binary-{_RELEASE}"
_MODULES = f"linux-modules-{_RELEASE}"

_APT_CACHE = f"""#!/bin/sh
[ "$1" = depends ] || exit 9
echo "$2"
case $2 in
  linux-image-none) echo "E: No packages found" >&2; exit 100 ;;
  {_IMAGE}) cat "$PACKAGES/depends" ;;
  *) echo "  Depends: {_IMAGE}" ;;
esac
"""
_APT_GET = """#!/bin/sh
for package; do :; done
cp "$PACKAGES/$package.deb" . || exit 100
echo "$package" >>"$PACKAGES/fetched"
"""


class _Fetching(VmTest):
    """apt's programs hand out packages of a kernel that boots."""

    def setUp(self):
        self.kernel = os.path.realpath(
            os.path.join(self.cache, "kernels/default")
        )
        if not shutil.which("dpkg-deb"):
            self.skipTest("dpkg-deb is missing")
        if not os.path.exists(os.path.join(self.kernel, "vmlinux")):
            self.skipTest("no kernel with a PVH entry is in the cache")
        self.packages = tempfile.mkdtemp(dir=self.folder)
        self.xdg = tempfile.mkdtemp(dir=self.folder)
        self.addCleanup(shutil.rmtree, self.xdg)
        self.addCleanup(shutil.rmtree, self.packages)
        self.write("bin/apt-cache", _APT_CACHE.encode(), 0o755)
        self.write("bin/apt-get", _APT_GET.encode(), 0o755)

    def write(self, name, data, mode=0o644):
        return packages.write(os.path.join(self.packages, name), data, mode)

    def set_depends(self, *names):
        text = "".join(f"  Depends: {name}\n" for name in names)
        self.write("depends", text.encode())

    def vmlinux(self):
        return packages.read(os.path.join(self.kernel, "vmlinux"))

    def make_modules(self, folder, suffix):
        modules = packages.packed_modules(
            os.path.join(self.kernel, "modules"), suffix
        )
        files = {f"{folder}/kernel/{n}": data for n, data in modules.items()}
        packages.make(self.packages, _MODULES, files)

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
        text = packages.read(os.path.join(self.packages, "fetched"))
        return text.decode().split()

    def assert_swaps(self, *arguments):
        done = self.run_vm(
            *arguments, "--swap", "32M", "--", "cat", "/proc/swaps"
        )
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertIn(b"/dev/zram0", done.stdout)


class FetchTest(_Fetching):
    """Image and modules in packages of their own, as on Ubuntu."""

    def setUp(self):
        super().setUp()
        self.set_depends(_MODULES)
        files = {f"boot/vmlinuz-{_RELEASE}": self.vmlinux()}
        packages.make(self.packages, _IMAGE, files)
        self.make_modules(f"lib/modules/{_RELEASE}", ".xz")

    def test_packages_are_fetched_once_and_boot(self):
        done = self.run_vm("--fetch-kernel")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertTrue(os.path.exists(done.stdout.decode().strip()))
        self.assertEqual(self.fetched(), [_IMAGE, _MODULES])
        self.assertEqual(self.run_vm("--fetch-kernel").returncode, 0)
        self.assertEqual(self.fetched(), [_IMAGE, _MODULES])
        self.assert_swaps()

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

    def test_broken_package_is_named_and_leaves_nothing(self):
        path = os.path.join(self.packages, _IMAGE + ".deb")
        whole = packages.read(path)
        for data in (b"", whole[:1000], whole[: len(whole) // 2]):
            packages.write(path, data)
            done = self.run_vm("--fetch-kernel")
            self.assertEqual(done.returncode, 3, done.stderr)
            self.assertRegex(
                done.stderr.decode(),
                rf"^vm: cannot unpack the package {_IMAGE} in .*dpkg-deb: .*")
            kernels = os.path.join(self.xdg, "cglab", "vm", "kernels")
            self.assertEqual(os.listdir(kernels), [])

    def test_kernel_that_is_cut_off_is_fetched_anew(self):
        path = self.run_vm("--fetch-kernel").stdout.decode().strip()
        whole = os.path.getsize(path)
        for size in (0, whole // 2):
            os.truncate(path, size)
            done = self.run_vm("--no-state", "--", "echo", "up")
            self.assertEqual((done.returncode, done.stdout), (0, b"up\n"))
            self.assertEqual(
                done.stderr.decode(),
                f"vm: the kernel {path} is cut off, so it is not used\n"
                "vm: fetching a kernel into the cache, this once\n")
            self.assertEqual(os.path.getsize(path), whole)

    def test_modules_that_cannot_be_fetched_are_named(self):
        os.unlink(os.path.join(self.packages, _MODULES + ".deb"))
        done = self.run_vm("--fetch-kernel")
        self.assertEqual(done.returncode, 77)
        self.assertIn(_MODULES.encode(), done.stderr)


class SplitFetchTest(_Fetching):
    """An empty package that needs two others, as in Debian since Linux 7."""

    def setUp(self):
        super().setUp()
        self.set_depends("linux-base", _BINARY, _MODULES)
        folder = f"usr/lib/modules/{_RELEASE}"
        files = {f"{folder}/vmlinuz": self.vmlinux()}
        packages.make(self.packages, _IMAGE, {})
        packages.make(self.packages, _BINARY, files)
        self.make_modules(folder, ".zst")

    def test_all_parts_are_fetched_and_boot(self):
        done = self.run_vm("--fetch-kernel")
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(self.fetched(), [_IMAGE, _BINARY, _MODULES])
        self.assert_swaps()

    def test_package_without_a_kernel_is_named(self):
        packages.make(self.packages, _BINARY + "-none", {})
        os.replace(
            os.path.join(self.packages, _BINARY + "-none.deb"),
            os.path.join(self.packages, _BINARY + ".deb"),
        )
        done = self.run_vm("--fetch-kernel")
        self.assertEqual(done.returncode, 77)
        text = f"no kernel in the package {_IMAGE}, nor in {_BINARY}"
        self.assertIn(text.encode(), done.stderr)


class UnpackedTest(_Fetching):
    """The kernel of a package that was unpacked by hand."""

    def setUp(self):
        super().setUp()
        path = os.path.join(self.kernel, "release")
        self.release = packages.read(path).decode().strip()

    def unpack(self, image, modules, suffix):
        """Path of the kernel, with compressed modules where they belong."""
        found = packages.packed_modules(
            os.path.join(self.kernel, "modules"), suffix
        )
        for name, data in found.items():
            self.write(f"tree/{modules}/{self.release}/kernel/{name}", data)
        return self.write(f"tree/{image}", self.vmlinux())

    def test_finds_its_modules_in_lib(self):
        path = self.unpack("boot/vmlinuz", "lib/modules", ".xz")
        self.assert_swaps("--kernel", path)

    def test_finds_its_modules_in_usr_lib(self):
        path = self.unpack("boot/vmlinuz", "usr/lib/modules", ".xz")
        self.assert_swaps("--kernel", path)

    def test_finds_the_modules_around_it(self):
        folder = "usr/lib/modules"
        image = f"{folder}/{self.release}/vmlinuz"
        path = self.unpack(image, folder, ".zst")
        self.assert_swaps("--kernel", path)
