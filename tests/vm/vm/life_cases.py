# SPDX-License-Identifier: MIT
"""Saved states, the machine's end, and terminals."""

import os
import pty
import select
import signal
import time

from vm.fixture import TIMEOUT, VM, VmTest


class LifeTest(VmTest):
    def test_state_is_saved_and_restored(self):
        self.assertEqual(len(self.states()), 1)
        done = self.vm("--verbose", "--", "true")
        self.assertIn(b"restored the saved state", done.stderr)

    def assert_recovers(self):
        done = self.vm("--", "echo", "fine")
        self.assertEqual(
            (done.returncode, done.stdout, done.stderr), (0, b"fine\n", b"")
        )
        done = self.vm("--verbose", "--", "true")
        self.assertIn(b"restored the saved state", done.stderr)

    def test_broken_states_are_thrown_away(self):
        (state,) = self.states()
        os.truncate(state, os.path.getsize(state) // 2)
        self.assert_recovers()
        with open(state, "r+b") as file:
            file.write(os.urandom(20000))
        self.assert_recovers()
        with open(state, "wb"):
            pass
        self.assert_recovers()

    def test_state_with_a_wrong_buffer_is_thrown_away(self):
        (state,) = self.states()
        with open(state, "r+b") as file:
            data = file.read()
            at = data.index(b"cglab.vm buffer\0")
            file.seek(at)
            file.write(bytes(16))
        self.assert_recovers()

    def test_two_at_once_from_nothing(self):
        for state in self.states():
            os.unlink(state)
        both = [self.start("--", "echo", str(n)) for n in range(2)]
        for number, process in enumerate(both):
            out, err = process.communicate(timeout=TIMEOUT)
            self.assertEqual(
                (process.returncode, out, err), (0, b"%d\n" % number, b"")
            )
        self.assertEqual(len(self.states()), 1)

    def running(self):
        process = self.start("--", "sh", "-c", "echo up; exec sleep 1000")
        self.assertEqual(process.stdout.readline(), b"up\n")
        self.assertEqual(len(self.machines()), 1)
        return process

    def test_signals_end_the_machine(self):
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            process = self.running()
            process.send_signal(number)
            self.assertEqual(process.wait(TIMEOUT), 128 + number)
            self.assert_nothing_left()

    def test_machine_dies_with_the_script(self):
        process = self.running()
        process.kill()
        process.wait()
        self.assert_nothing_left()


class TerminalTest(VmTest):
    def converse(self, steps, *arguments):
        """Runs in a terminal; sends each key text once its cue was seen.

        Returns (exit status, what the terminal showed).
        """
        pid, master = pty.fork()
        if pid == 0:
            os.execve(VM, self.command(*arguments), self.environment)
        shown, end = b"", time.monotonic() + TIMEOUT
        steps = list(steps)
        while time.monotonic() < end:
            if steps and steps[0][0] in shown:
                os.write(master, steps.pop(0)[1])
            if not select.select([master], [], [], 1)[0]:
                continue
            try:
                data = os.read(master, 4096)
            except OSError:
                break
            shown += data
        os.close(master)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown

    def test_shell(self):
        status, shown = self.converse(
            [(b"# ", b"echo $((6*7)); tty\n"), (b"/dev/pts/0", b"exit 9\n")]
        )
        self.assertEqual(status, 9)
        self.assertIn(b"42", shown)

    def test_control_c_reaches_the_command(self):
        script = (
            "trap 'echo caught; exit 5' INT; echo up; while :; do sleep 1; done"
        )
        status, shown = self.converse(
            [(b"up\r\n", b"\x03")], "--", "sh", "-c", script
        )
        self.assertEqual(status, 5)
        self.assertIn(b"caught", shown)

    def test_escape_ends_the_machine(self):
        script = "echo up; sleep 1000"
        status, shown = self.converse(
            [(b"up\r\n", b"\x1d\x1d\x1d")], "--", "sh", "-c", script
        )
        self.assertEqual(status, 3)
        self.assertIn(b"ended by Ctrl-]", shown)
        self.assert_nothing_left()
