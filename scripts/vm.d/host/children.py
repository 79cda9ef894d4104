# SPDX-License-Identifier: MIT
"""Runs programs of this host, which end when this one is interrupted."""

import contextlib
import os
import signal
import subprocess

from host.common import EXIT_FAILED, Problem, reason_of, say
from host.interrupt import Held

_TERM_SECONDS = 10
# After this time a message says what it waits for.
_PATIENT_SECONDS = 2


def _descendants(pid):
    """The process and what it has started, parents first."""
    found = [pid]
    for parent in found:
        with contextlib.suppress(OSError):
            for task in os.scandir(f"/proc/{parent}/task"):
                with open(f"{task.path}/children", encoding="ascii") as file:
                    found += map(int, file.read().split())
    return found


def _signal_all(process, number):
    for pid in _descendants(process.pid):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _end(process, is_patient):
    if is_patient:
        # apt-get lets this signal end a download, but not dpkg halfway.
        _signal_all(process, signal.SIGINT)
        try:
            process.wait(_PATIENT_SECONDS)
        except subprocess.TimeoutExpired:
            say(f"waiting for {process.args[0]}, which must not be cut off")
            process.wait()
        return
    _signal_all(process, signal.SIGTERM)
    try:
        process.wait(_TERM_SECONDS)
    except subprocess.TimeoutExpired:
        _signal_all(process, signal.SIGKILL)
        process.wait()


def run(command, is_patient=False, **options):
    """The completed process, with its output and errors as text.

    When this script is interrupted, the program and what it has started get
    SIGTERM and after 10 s SIGKILL; with is_patient SIGINT, and all the time
    they take. Raises Problem when it cannot be started.
    """
    process = None
    try:
        with Held():
            process = subprocess.Popen(
                command,
                **{
                    "stdin": subprocess.DEVNULL,
                    "stdout": subprocess.PIPE,
                    "stderr": subprocess.PIPE,
                    "text": True,
                    "errors": "surrogateescape",
                    **options,
                },
            )
        out, err = process.communicate()
    except OSError as error:
        if process:
            _end(process, is_patient)
        raise Problem(
            EXIT_FAILED, f"cannot run {command[0]}: {reason_of(error)}"
        ) from error
    except BaseException:
        if process:
            _end(process, is_patient)
        raise
    return subprocess.CompletedProcess(command, process.returncode, out, err)
