# SPDX-License-Identifier: MIT
"""The command line and the command's streams, status and programs."""

import os
import shutil
import signal
import subprocess
import tempfile
import unittest.mock

from vm.fixture import TIMEOUT, ROOT, VM, VmTest


class UsageTest(VmTest):
    def assert_usage(self, expected, *arguments):
        done = self.vm(*arguments)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn(expected, done.stderr.decode())
        self.assertEqual(done.stdout, b"")

    def test_bad_input_is_refused(self):
        self.assert_usage("--bogus", "--bogus")
        self.assert_usage("invalid choice: 'v3'", "--cgroup", "v3")
        self.assert_usage("'100MB' is not a size", "--memory", "100MB")
        self.assert_usage("not from 128M to 3G", "--memory", "1M")
        self.assert_usage("not a number of CPUs", "--cpus", "0")
        self.assert_usage("not a time", "--timeout", "soon")
        self.assert_usage("less than 1M", "--swap", "4K")
        self.assert_usage("write -- before the command", "true")
        self.assert_usage("no command after --", "--")
        self.assert_usage("no such file", "--add", "/nonexistent")
        self.assert_usage("--include needs --systemd", "--include", "podman")
        self.assert_usage("'a,b' does not name a package", "--systemd",
                          "--include", "a,b")
        self.assert_usage("cannot read the kernel", "--kernel", "/nonexistent")
        self.assert_usage("neither a bzImage nor a vmlinux", "--kernel", VM)

    def test_help_lists_the_options(self):
        done = self.vm("--help")
        self.assertEqual(done.returncode, 0)
        for word in (b"--cgroup", b"--swap", b"--timeout", b"exit status"):
            self.assertIn(word, done.stdout)

    def test_missing_qemu_is_named_with_its_fix(self):
        folder = tempfile.mkdtemp(dir=self.folder)
        script = os.path.join(folder, "vm")
        code = (
            f"import sys; sys.path.insert(0, '{ROOT}/scripts/vm.d')\n"
            "from host import machine\n"
            "machine.QEMU = 'qemu-system-none'\n"
            "from host.main import main\n"
            f"sys.exit(main('{ROOT}', ['--', 'true']))\n"
        )
        with open(script, "w", encoding="utf-8") as file:
            file.write(code)
        done = subprocess.run(
            ["python3", "-B", script],
            env=self.environment,
            check=False,
            capture_output=True,
            timeout=TIMEOUT,
        )
        self.assertEqual(done.returncode, 77)
        self.assertIn(b"sudo apt-get install qemu-system-x86", done.stderr)

    def test_kernel_that_is_not_named_by_any_rule_is_refused(self):
        names = ("", "x", "6,12", "debian:", "debian:Sid", "f:40", "linux-")
        for name in names:
            expected = f"'{name}' does not name a kernel"
            self.assert_usage(expected, "--kernel", name, "--", "true")
        for name in names[1:]:
            expected = f"'{name}' does not name a kernel"
            self.assert_usage(expected, "--fetch-kernel", name)


class CommandTest(VmTest):
    def test_streams_are_kept_apart(self):
        done = self.vm("--", "sh", "-c", "echo out; echo err >&2")
        self.assertEqual(
            (done.returncode, done.stdout, done.stderr), (0, b"out\n", b"err\n")
        )

    def test_order_is_kept_where_both_are_one(self):
        script = "for i in 1 2 3 4 5; do echo o$i; echo e$i >&2; done"
        done = self.vm(
            "--",
            "sh",
            "-c",
            script,
            capture_output=False,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.assertEqual(
            done.stdout.split(), b"o1 e1 o2 e2 o3 e3 o4 e4 o5 e5".split()
        )

    def test_status_is_passed_on(self):
        self.assertEqual(self.vm("--", "true").returncode, 0)
        self.assertEqual(self.vm("--", "sh", "-c", "exit 42").returncode, 42)
        killed = self.vm("--", "sh", "-c", "kill -TERM $$")
        self.assertEqual(killed.returncode, 128 + signal.SIGTERM)

    def test_command_that_cannot_be_run(self):
        done = self.vm("--", "no-such-command")
        self.assertEqual(done.returncode, 127)
        self.assertIn(b"no-such-command: not found in the VM", done.stderr)
        plain = os.path.join(self.folder, "plain")
        with open(plain, "w", encoding="utf-8"):
            pass
        done = self.vm("--", plain)
        self.assertEqual(done.returncode, 126)
        self.assertIn(b"cannot be run in the VM", done.stderr)

    def test_arguments_and_environment_are_passed_on(self):
        words = ["a b", "", "x=y", "'\"$", "ä"]
        done = self.vm("--", "printf", "%s|", *words)
        self.assertEqual(done.stdout.decode(), "".join(w + "|" for w in words))
        with unittest.mock.patch.dict(self.environment, {"CGLAB_TEST": "1 2"}):
            done = self.vm("--", "printenv", "CGLAB_TEST", "HOME")
        self.assertEqual(done.stdout, b"1 2\n/root\n")

    def test_input_is_passed_on_to_its_end(self):
        done = self.vm("--", "cat", stdin=None, input=b"some\0input")
        self.assertEqual(done.stdout, b"some\0input")
        done = self.vm("--", "cat", stdin=None, input=b"")
        self.assertEqual((done.returncode, done.stdout), (0, b""))
        done = self.vm("--", "true", stdin=None, input=bytes(3 << 20))
        self.assertEqual(done.returncode, 0)

    def test_ten_megabytes_pass_unharmed(self):
        data = os.urandom(10_000_000)
        done = self.vm("--", "cat", stdin=None, input=data)
        self.assertEqual(done.returncode, 0)
        self.assertTrue(
            done.stdout == data, "the output differs from the input"
        )

    def test_reader_that_goes_away_ends_the_command(self):
        process = self.start("--", "yes")
        process.stdout.read(10)
        process.stdout.close()
        self.assertEqual(process.wait(TIMEOUT), 128 + signal.SIGPIPE)

    def test_remaining_background_process_does_not_delay_the_end(self):
        self.assertEqual(self.shell("sleep 1000 & echo done"), "done\n")

    def test_deadline(self):
        done = self.vm("--timeout", "3s", "--", "sleep", "1000")
        self.assertEqual(done.returncode, 124)
        self.assertIn(b"deadline", done.stderr)
        self.assert_nothing_left()


class ProgramsTest(VmTest):
    def compile(self, name, text, *flags):
        path = os.path.join(self.build, name)
        subprocess.run(
            ["cc", "-x", "c", "-", "-o", path, *flags],
            input=text.encode(),
            check=True,
        )
        self.addCleanup(lambda: os.path.exists(path) and os.unlink(path))
        return path

    def test_programs_of_the_build_are_there_with_their_libraries(self):
        self.compile(
            "libhelp.so", "int help(void) { return 5; }", "-shared", "-fPIC"
        )
        path = self.compile(
            "prog",
            "int help(void); int main(void) { return help(); }",
            "-L" + self.build,
            "-lhelp",
            "-Wl,-rpath,$ORIGIN",
        )
        self.assertEqual(self.vm("--", "prog").returncode, 5)
        self.assertEqual(self.vm("--", path).returncode, 5)
        self.compile(
            "libhelp.so", "int help(void) { return 6; }", "-shared", "-fPIC"
        )
        self.assertEqual(self.vm("--", "prog").returncode, 6)

    def test_files_can_be_added(self):
        folder = os.path.join(self.folder, "data")
        os.makedirs(os.path.join(folder, "sub"))
        with open(
            os.path.join(folder, "sub", "file"), "w", encoding="utf-8"
        ) as file:
            file.write("content")
        done = self.vm(
            "--add", folder, "--", "cat", "data/sub/file", cwd=self.folder
        )
        self.assertEqual(done.stdout, b"content")

    def test_programs_of_this_host(self):
        self.assertEqual(self.vm("--", shutil.which("true")).returncode, 0)
