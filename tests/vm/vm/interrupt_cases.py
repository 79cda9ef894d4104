# SPDX-License-Identifier: MIT
"""Signals while scripts/vm makes and boots a machine."""

import contextlib
import glob
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import tiny_project
from vm import packages
from vm.fixture import ROOT, TIMEOUT, VM, VmTest

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_WITH_APT = unittest.skipUnless(shutil.which("apt-get"), "apt is not here")
# Says its process and that of its child, and waits until both are ended.
_WAITS = """#!/bin/sh
{}
echo $$ >>"$UP.part"
sh -c 'echo $$ >>"$UP.part"; mv "$UP.part" "$UP"; exec sleep 1000'
"""
# The runner of scripts/test with one suite, whose one test runs in a machine.
_RUNNER = """
import sys
sys.path.insert(0, sys.argv[1])
from suites import main
from suites.suites import Native, Program, Suite

SCRIPT = '''
case $* in *--gtest_list_tests*) printf "A.\\n  a\\n"; exit ;; esac
echo "[ RUN      ] A.a"
exec "$VM" --build "$BUILD" -- sleep 1000
'''
main.SUITES.clear()
main.SUITES["one"] = Suite("a machine")
main.make = lambda *_: Native([Program("p", ["sh", "-c", SCRIPT, "sh"], {})])
sys.exit(main.main([]))
"""


# scripts/vm, with the signal NUMBER at the n-th line of what it runs in the two
# files that begin and end it; says "over" where there is no such line.
_AT_LINE = """
import os, runpy, signal, sys
script, place, number = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
files = (script, os.path.join(script + ".d", "host", "interrupt.py"))
sys.argv[1:] = ["--help"]
left = place

def trace(frame, event, _):
    global left
    if frame.f_code.co_filename not in files:
        return None
    if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
        return trace
    left -= 1
    if left == 0:
        os.kill(os.getpid(), number)
    return trace

sys.settrace(trace)
try:
    runpy.run_path(script, run_name="__main__")
finally:
    sys.settrace(None)
    if left > 0:
        print("over", file=sys.stderr)
"""


class InterruptTest(VmTest):
    def setUp(self):
        self.place = tempfile.mkdtemp(dir=self.folder)
        self.addCleanup(shutil.rmtree, self.place)
        self.tools = os.path.join(self.place, "tools")
        self.up = os.path.join(self.place, "up")
        self.own = os.path.join(self.place, "xdg", "cglab", "vm")
        os.makedirs(self.own)

    def link_kernels(self):
        kernels = os.path.realpath(os.path.join(self.cache, "kernels"))
        os.symlink(kernels, os.path.join(self.own, "kernels"))

    def tool(self, name, before=":"):
        """A program that waits in place of the one of this name."""
        tiny_project.write(
            os.path.join(self.tools, name), _WAITS.format(before), 0o755
        )

    def launch(self, *arguments):
        """Starts scripts/vm with a build folder of no programs."""
        return self.launch_command(VM, "--build", self.build, *arguments)

    def launch_command(self, *command):
        process = subprocess.Popen(
            command,
            env={
                **self.environment,
                "VM": VM,
                "BUILD": self.build,
                "UP": self.up,
                "XDG_CACHE_HOME": os.path.join(self.place, "xdg"),
                "PATH": f"{self.tools}:{os.environ['PATH']}",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def wait_for(self, condition, process):
        while not condition():
            self.assertIsNone(process.poll())
            time.sleep(0.005)

    def assert_ends(self, process, number, before=""):
        """Ends the process by a signal to it only, and checks for leftovers."""
        process.send_signal(number)
        out, err = process.communicate(timeout=TIMEOUT)
        message = f"{before}vm: interrupted by {number.name}\n"
        self.assertEqual((process.returncode, out, err), (128 + number, "", message))
        self.assertEqual(self.machines(), [])
        self.assertEqual(os.listdir(self.temporary), [])
        if os.path.exists(self.up):
            for pid in packages.read(self.up).split():
                self.assert_killed(int(pid))
            os.unlink(self.up)
            self.assert_no_parts()

    def assert_killed(self, pid):
        """It is gone or a zombie, as soon as it has run to its end."""
        end = time.monotonic() + TIMEOUT
        with contextlib.suppress(OSError):
            while packages.read(f"/proc/{pid}/stat").split()[2] != b"Z":
                self.assertLess(time.monotonic(), end, f"{pid} still runs")
                time.sleep(0.005)

    def assert_no_parts(self):
        found = glob.glob(f"{self.own}/**/*.part*", recursive=True)
        self.assertEqual(found, [])

    def machines(self):
        found = []
        for path in glob.glob("/proc/[0-9]*/cmdline"):
            with contextlib.suppress(OSError):
                text = packages.read(path)
                if b"qemu" in text and self.own.encode() in text:
                    found.append(path)
        return found

    def test_while_init_is_compiled(self):
        self.link_kernels()
        self.tool("cc", 'echo part >"$TMPDIR/unit.s"')
        for number in _SIGNALS:
            process = self.launch("--", "true")
            self.wait_for(lambda: os.path.exists(self.up), process)
            self.assert_ends(process, number)
        self.assertEqual(os.listdir(os.path.join(self.own, "initramfs")), [])

    @_WITH_APT
    def test_while_a_kernel_is_fetched(self):
        self.tool("apt-get", "echo part >linux-image-9.9.9-x.deb")
        tiny_project.write(
            os.path.join(self.tools, "apt-cache"),
            '#!/bin/sh\necho "  Depends: linux-image-9.9.9-x"\n', 0o755)
        for number in _SIGNALS:
            process = self.launch("--fetch-kernel", "linux-image-x")
            self.wait_for(lambda: os.path.exists(self.up), process)
            self.assert_ends(process, number)
        self.assertEqual(os.listdir(os.path.join(self.own, "kernels")), [])

    @_WITH_APT
    def test_while_a_root_file_system_is_made(self):
        self.link_kernels()
        self.tool("mmdebstrap", 'for tar; do case $tar in *.tar*) : >"$tar" ;; esac; done')
        process = self.launch("--make-systemd")
        self.wait_for(lambda: os.path.exists(self.up), process)
        self.assert_ends(
            process, signal.SIGINT,
            "vm: making a root file system with systemd, this once\n")
        self.assertEqual(os.listdir(os.path.join(self.own, "systemd")), ["lock"])

    @_WITH_APT
    def test_while_it_waits_for_another_call(self):
        self.link_kernels()
        self.tool("mmdebstrap")
        first = self.launch("--make-systemd")
        self.wait_for(lambda: os.path.exists(self.up), first)
        second = self.launch("--make-systemd")
        line = second.stderr.readline()
        self.assertIn("waiting for another call that works on", line)
        os.rename(self.up, self.up + "1")
        self.assert_ends(second, signal.SIGINT)
        os.rename(self.up + "1", self.up)
        self.assert_ends(
            first, signal.SIGTERM,
            "vm: making a root file system with systemd, this once\n")

    def test_while_the_machine_boots(self):
        self.link_kernels()
        for number in _SIGNALS:
            process = self.launch("--", "sleep", "1000")
            self.wait_for(self.machines, process)
            self.assert_ends(process, number)
            self.assert_no_parts()

    def test_of_a_run_of_suites_end_its_machine(self):
        self.link_kernels()
        support = os.path.join(ROOT, "tests", "support")
        for number in _SIGNALS:
            process = self.launch_command(
                sys.executable, "-I", "-B", "-c", _RUNNER, support)
            self.wait_for(self.machines, process)
            process.send_signal(number)
            out, err = process.communicate(timeout=TIMEOUT)
            self.assertEqual((process.returncode, err), (128 + number, ""))
            self.assertEqual(
                out, f"== one: a machine\n\nInterrupted by {number.name}\n")
            self.assertEqual(self.machines(), [])
            self.assert_no_parts()

    def test_at_any_time(self):
        """Also before the first handler is there: then it ends silently."""
        self.link_kernels()
        for step in range(24):
            number = _SIGNALS[step % len(_SIGNALS)]
            process = self.launch("--", "sleep", "1000")
            time.sleep(step * 0.02)
            if process.poll() is None:
                process.send_signal(number)
            out, err = process.communicate(timeout=TIMEOUT)
            self.assertIn(
                (process.returncode, out, err),
                ((-number, "", ""),
                 (128 + number, "", f"vm: interrupted by {number.name}\n")))
            self.assertEqual(self.machines(), [])
            self.assert_no_parts()

    def test_at_every_line_of_its_begin_and_end(self):
        number, place, ends = signal.SIGTERM, 0, set()
        command = [sys.executable, "-IS", "-c", _AT_LINE, VM]
        while "over" not in ends:
            place += 1
            done = subprocess.run(
                [*command, str(place), str(int(number))],
                capture_output=True, text=True, timeout=TIMEOUT)
            message = f"vm: interrupted by {number.name}\n"
            ends.add("over" if done.stderr == "over\n" else done.returncode)
            self.assertIn(
                (done.returncode, done.stderr),
                ((0, ""), (0, "over\n"), (128 + number, message)), place)
        self.assertEqual(ends, {0, 128 + number, "over"})

    def test_signals_that_are_ignored_stay_so(self):
        self.link_kernels()
        self.tool("cc")
        process = self.launch_command(
            "sh", "-c", 'trap "" INT HUP; exec "$@"', "sh", VM, "--build",
            self.build, "--", "true")
        self.wait_for(lambda: os.path.exists(self.up), process)
        process.send_signal(signal.SIGHUP)
        process.send_signal(signal.SIGINT)
        self.assert_ends(process, signal.SIGTERM)

    def test_while_the_programs_are_built(self):
        root = os.path.join(self.place, "project")
        tiny_project.make(root, ("cglab", "setup.d", "vm", "vm.d"))
        self.link_kernels()
        self.tool("meson")
        for number in _SIGNALS:
            process = self.launch_command(f"{root}/scripts/vm", "--", "cglab")
            self.wait_for(lambda: os.path.exists(self.up), process)
            self.assert_ends(
                process, number, "cglab: configuring build/\n"
                "cglab: interrupted by SIGINT\n")
