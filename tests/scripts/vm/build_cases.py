# SPDX-License-Identifier: MIT
"""The project's own programs in the machine."""

import os
import shutil
import tempfile

import tiny_project
from vm.fixture import VmTest


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
        tiny_project.write(os.path.join(self.root, "lab", "main.cpp"), text)

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

    def test_of_a_build_that_fails_are_an_error(self):
        self.own_vm("--", "cglab")
        self.test_that_cannot_be_built_are_an_error()

    def test_that_cannot_be_built_are_an_error(self):
        self.change("int main() { return no_such_name; }")
        status, out, err = self.own_vm("--", "cglab", "x")
        self.assertEqual((status, out), (3, ""))
        self.assertIn("no_such_name", err)
        self.assertIn("could not build the programs", err)
