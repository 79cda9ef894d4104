# SPDX-License-Identifier: MIT
"""The project's own programs in the machine."""

import os
import shutil
import sys
import tempfile

import tiny_project
from vm import packages
from vm.fixture import ROOT, VmTest

sys.path.insert(0, os.path.join(ROOT, "scripts", "vm.d"))

from host import image  # noqa: E402


class OwnProgramsTest(VmTest):
    """A fresh checkout in which nothing is built."""

    def setUp(self):
        self.root = tempfile.mkdtemp(prefix="vm_test.")
        self.addCleanup(shutil.rmtree, self.root)
        tiny_project.make(self.root, ("cglab", "setup.d", "vm", "vm.d"))

    def own_vm(self, *arguments, **options):
        """(status, standard output, standard error) of this checkout's vm."""
        script = os.path.join(self.root, "scripts", "vm")
        path = options.pop("path", os.environ["PATH"])
        environment = {**self.environment, "PATH": path}
        done = self.run_command([script, *arguments], env=environment, **options)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def change(self, text):
        tiny_project.write(os.path.join(self.root, "lab", "main.c"), text)

    def test_are_built_when_wanted(self):
        status, out, err = self.own_vm("--", "cglab", "x")
        self.assertEqual((status, out), (7, "built x 2\n"), err)
        self.assertIn("cglab: building build/", err)
        self.assertEqual(self.own_vm("--", "cglab", "x"), (7, "built x 2\n", ""))

    def test_are_built_anew_when_changed(self):
        self.own_vm("--", "cglab")
        self.change(tiny_project.SOURCE.replace("built", "changed"))
        self.assertEqual(self.own_vm("--", "cglab", "x")[:2], (7, "changed x 2\n"))

    def test_are_there_for_a_shell(self):
        status, out, err = self.own_vm(input=b"malloc_demo x; exit 5\n")
        self.assertEqual((status, out), (5, "built x 2\n"), err)

    def test_are_not_built_for_other_commands(self):
        self.assertEqual(self.own_vm("--", "true"), (0, "", ""))
        self.assertFalse(os.path.exists(os.path.join(self.root, "build")))

    def test_go_on_as_they_are_where_nothing_can_be_built(self):
        self.own_vm("--", "cglab")
        self.change(tiny_project.SOURCE.replace("built", "changed"))
        tools = os.path.join(self.root, "tools")
        for name in (*tiny_project.BASICS, "qemu-system-x86_64", "gcc", "ld", "as"):
            tiny_project.link_tool(tools, name)
        status, out, err = self.own_vm("--no-state", "--", "cglab", "x", path=tools)
        self.assertEqual((status, out), (7, "built x 2\n"), err)
        self.assertIn("Please install", err)
        self.assertIn("vm: going on with the programs in build/ as they are", err)

    def test_of_the_tests_are_left_out(self):
        self.own_vm("--", "cglab")
        build = os.path.join(self.root, "build")
        path = os.path.join(build, "tests", "some_test")
        tiny_project.write(path, "#!/bin/sh\n", 0o755)
        for options in ([], ["--build", build]):
            self.assertEqual(self.own_vm(*options, "--", "some_test")[0], 127)
            self.assertEqual(self.own_vm(*options, "--", path)[0], 0)

    def test_of_a_build_that_fails_are_an_error(self):
        self.own_vm("--", "cglab")
        self.test_that_cannot_be_built_are_an_error()

    def test_that_cannot_be_built_are_an_error(self):
        self.change("int main() { return no_such_name; }")
        status, out, err = self.own_vm("--", "cglab", "x")
        self.assertEqual((status, out), (3, ""))
        self.assertIn("no_such_name", err)
        self.assertIn("could not build the programs", err)


# The real one would be found in /usr/bin.
_WITH_ANOTHER_NAME = """\
import sys
sys.path.insert(0, sys.argv[1])
from host import machine
machine.QEMU = "qemu-of-the-test"
from host.main import main
sys.exit(main(sys.argv[2], sys.argv[3:]))
"""


class InstallTest(VmTest):
    """What scripts/vm needs itself."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="vm_test.")
        self.addCleanup(shutil.rmtree, self.folder)
        for name in (*tiny_project.BASICS, "rm", "stty", "env", "ln", "tail"):
            if not os.path.exists(os.path.join(self.folder, name)):
                tiny_project.link_tool(self.folder, name)
        self.tool("dpkg-query", "echo installed")
        self.tool("sudo", '[ "$1" != -n ] || shift\nexec "$@"')

    def tool(self, name, text):
        path = os.path.join(self.folder, name)
        tiny_project.write(path, f"#!/bin/sh\n{text}\n", 0o755)

    def vm_without_qemu(self):
        return self.run_command(
            [sys.executable, "-B", "-c", _WITH_ANOTHER_NAME,
             os.path.join(ROOT, "scripts", "vm.d"), ROOT, "--build", self.build,
             "--no-state", "--", "true"],
            env={**self.environment, "PATH": self.folder})

    def test_is_installed_when_it_is_missing(self):
        qemu = shutil.which("qemu-system-x86_64")
        log = os.path.join(self.folder, "apt")
        self.tool("apt-get", f'echo "$*" >>"{log}"\ncase "$*" in *install*)\n'
                  f'ln -s "{qemu}" "{self.folder}/qemu-of-the-test" ;; esac')
        done = self.vm_without_qemu()
        self.assertEqual((done.returncode, done.stdout), (0, b""), done.stderr)
        self.assertIn(b"vm: installing qemu-system-x86", done.stderr)
        with open(log, encoding="utf-8") as file:
            self.assertIn("install --no-install-recommends --no-remove "
                          "qemu-system-x86", file.read())

    def test_busybox_is_fetched_where_there_is_a_dynamic_one(self):
        busybox = packages.read(image.find_busybox())
        deb = packages.make(os.path.join(self.folder, "pool"), "busybox-static",
                            {"usr/bin/busybox": busybox})
        tiny_project.link_tool(self.folder, "true")
        os.rename(os.path.join(self.folder, "true"),
                  os.path.join(self.folder, "busybox"))
        self.tool("apt-get", f'case "$*" in *download*) cp "{deb}" . ;; esac')
        tiny_project.link_tool(self.folder, "cp")
        cache = os.path.join(self.folder, "cache", "cglab", "vm")
        os.makedirs(cache)
        os.symlink(os.path.realpath(os.path.join(self.cache, "kernels")),
                   os.path.join(cache, "kernels"))
        done = self.run_command(
            self.command("--no-state", "--", "echo", "up"),
            env={**self.environment, "XDG_CACHE_HOME": f"{self.folder}/cache",
                 "PATH": f"{self.folder}:{os.environ['PATH']}"})
        self.assertEqual((done.returncode, done.stdout), (0, b"up\n"), done.stderr)
        self.assertIn(b"fetching a static BusyBox into the cache", done.stderr)
        self.assertTrue(os.path.exists(os.path.join(cache, "busybox/busybox")))

    def test_that_cannot_be_installed_is_named(self):
        self.tool("apt-get", "echo no room on the disk\nexit 100")
        done = self.vm_without_qemu()
        self.assertEqual(done.returncode, 77)
        self.assertIn(b"no room on the disk", done.stderr)
        self.assertIn(b"qemu-of-the-test is missing", done.stderr)
