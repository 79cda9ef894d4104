# SPDX-License-Identifier: MIT
"""Runs a program and reads its output line by line, without ever hanging."""

import contextlib
import os
import select
import signal
import subprocess
import threading
import time

_TICK = 0.2
_TERM_TIMEOUT = 10

# Set to end all programs: the run was interrupted.
INTERRUPTED = threading.Event()


def describe(status):
    """The end of a process in words."""
    if status < 0 or status > 128:
        number = -status if status < 0 else status - 128
        with contextlib.suppress(ValueError):
            return f"was killed by {signal.Signals(number).name}"
    return f"ended with status {status}"


def describe_error(error):
    """An exception in words, without the number of an OSError."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'the system'}: {error.strerror}"
    return str(error)


def ignore_no_signal_in_children():
    """Gives programs started from here the defaults of SIGINT, SIGHUP and SIGQUIT.

    Whoever started this one may ignore them (nohup, a script's background),
    which programs inherit; a handler, in contrast, ends at exec.
    """
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        if signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, lambda *_: None)


def _signal_group(process, number):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _stop(process):
    """Ends the process and everything that it has started in its group."""
    if process.poll() is None:
        _signal_group(process, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_TERM_TIMEOUT)
    _signal_group(process, signal.SIGKILL)
    process.wait()


class _Lines:
    """Splits incoming text into lines."""

    def __init__(self, on_line):
        self._on_line = on_line
        self._rest = b""

    def add(self, data):
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._report(line)

    def finish(self):
        if self._rest:
            self._report(self._rest)

    def _report(self, line):
        self._on_line(line.decode(errors="replace").rstrip("\r"))


def _pump(process, lines, timeout, deadline):
    """Reads to the end. Returns why the process must be ended before, else ""."""
    fd = process.stdout.fileno()
    begin = silent_since = time.monotonic()
    while time.monotonic() - begin < deadline:
        if INTERRUPTED.is_set():
            return "was interrupted"
        ended = process.poll() is not None
        if select.select([fd], [], [], 0 if ended else _TICK)[0]:
            data = os.read(fd, 1 << 16)
            if not data:
                return _await(process, timeout)
            lines.add(data)
            silent_since = time.monotonic()
        elif ended:
            return ""  # processes that it left hold the pipe open
        elif time.monotonic() - silent_since > timeout:
            return f"hung: it said nothing for {timeout} s and was ended"
    return f"was ended after {deadline} s"


def _await(process, timeout):
    end = time.monotonic() + timeout
    while time.monotonic() < end:
        if INTERRUPTED.is_set():
            return "was interrupted"
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_TICK)
            return ""
    return f"hung: it closed its output but did not end within {timeout} s"


def run(command, on_line, timeout, deadline, environment=None):
    """Runs a command, with standard error in its output.

    on_line gets every line. Returns (problem, status), where a problem is a
    text and has no status. The command is ended after `timeout` seconds of
    silence and after `deadline` seconds in all.
    """
    try:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True,
            env={**os.environ, **(environment or {})},
        )
    except OSError as error:
        return f"{command[0]} cannot be started: {error.strerror}", None
    lines = _Lines(on_line)
    try:
        with process.stdout:
            problem = _pump(process, lines, timeout, deadline)
    finally:
        _stop(process)
    lines.finish()
    if problem:
        return f"{os.path.basename(command[0])} {problem}", None
    return "", process.returncode
