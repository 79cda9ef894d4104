# SPDX-License-Identifier: MIT
"""This side's standard streams and terminal."""

import contextlib
import fcntl
import os
import stat
import struct
import termios
import time
import tty

TTY_INPUT, TTY_OUTPUT, TTY_ERROR = 1, 2, 4
_ESCAPE = 0x1D  # Ctrl-]
_ESCAPES = 3


class Streams:
    """Which standard streams are a terminal, and where its output goes."""

    def __init__(self):
        self.terminals = 0
        self.input = 0
        if os.isatty(0):
            # In the background reading would stop this process.
            if _in_foreground():
                self.terminals |= TTY_INPUT
            else:
                self.input = None
        self.terminals |= TTY_OUTPUT if os.isatty(1) else 0
        self.terminals |= TTY_ERROR if os.isatty(2) else 0
        self.merged = not self.terminals & (TTY_OUTPUT | TTY_ERROR) and _same(
            1, 2
        )
        self.screen = self._screen()
        self.escape = Escape()

    def _screen(self):
        if self.terminals & TTY_OUTPUT:
            return 1
        if self.terminals & TTY_ERROR:
            return 2
        if self.terminals:
            with contextlib.suppress(OSError):
                return os.open("/dev/tty", os.O_WRONLY | os.O_CLOEXEC)
        return None

    def window(self):
        """rows << 16 | columns of the terminal."""
        with contextlib.suppress(OSError):
            fd = 0 if self.screen is None else self.screen
            data = fcntl.ioctl(fd, termios.TIOCGWINSZ, bytes(8))
            rows, columns = struct.unpack_from("HH", data)
            if rows and columns:
                return rows << 16 | columns
        return 24 << 16 | 80

    @contextlib.contextmanager
    def raw(self):
        """The terminal passes every key to the VM, also Ctrl-C."""
        if not self.terminals & TTY_INPUT:
            yield
            return
        before = termios.tcgetattr(0)
        try:
            tty.setraw(0, termios.TCSADRAIN)
            if not self.terminals & TTY_OUTPUT:
                # Another program, at the end of our pipe, writes plain lines.
                _keep_output_processing(before)
            yield
        finally:
            # A terminal that has hung up needs no settings.
            with contextlib.suppress(termios.error, OSError):
                termios.tcsetattr(0, termios.TCSADRAIN, before)


class Escape:
    """Watches the keys for the three Ctrl-] that end the machine."""

    def __init__(self):
        self._times = []

    def seen(self, keys):
        for key in keys:
            if key != _ESCAPE:
                self._times.clear()
                continue
            self._times = [*self._times, time.monotonic()][-_ESCAPES:]
            if (
                len(self._times) == _ESCAPES
                and self._times[-1] - self._times[0] < 1
            ):
                return True
        return False


def _keep_output_processing(before):
    now = termios.tcgetattr(0)
    now[1] = before[1]
    termios.tcsetattr(0, termios.TCSADRAIN, now)


def _in_foreground():
    with contextlib.suppress(OSError):
        return os.tcgetpgrp(0) == os.getpgrp()
    return False


def _same(first, second):
    """Whether two descriptors are one file, so that order matters."""
    with contextlib.suppress(OSError):
        one, two = os.fstat(first), os.fstat(second)
        return (one.st_dev, one.st_ino) == (two.st_dev, two.st_ino) and not (
            stat.S_ISCHR(one.st_mode)
        )
    return False
