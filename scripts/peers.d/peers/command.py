# SPDX-License-Identifier: MIT
"""Commands of the tools, and what keeps one from running here."""

import os
import select
import shutil
import subprocess
import tempfile

from peers import machine

_SECONDS_TO_END = 10
_DEADLINE = 120


class Failure(Exception):
    """A cycle that did not end as the one that is measured must."""


def end(process):
    """Lets it clean up; for one that is still running."""
    process.terminate()
    try:
        process.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        process.kill()


def _words(command):
    """For a message: of a script only its interpreter."""
    return " ".join(map(str, command)).partition("\n")[0].strip()


def _wait(process):
    """Until its end. wait() with a deadline would only look for it every now
    and then, up to 50 ms late."""
    pidfd = os.pidfd_open(process.pid)
    try:
        poll = select.poll()
        poll.register(pidfd, select.POLLIN)
        if not poll.poll(1000 * _DEADLINE):
            raise Failure(f"{_words(process.args)} did not end "
                          f"within {_DEADLINE} s")
    finally:
        os.close(pidfd)
    process.wait()


def run(*command, expected=None):
    """What it printed. Throws Failure when the exit status is not expected, or
    at the deadline."""
    # Not pipes, which a process that goes on, such as a container, holds open.
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output,
                              stderr=errors) as process:
            try:
                _wait(process)
            except BaseException:
                end(process)
                raise
        errors.seek(0)
        if expected is not None and process.returncode not in expected:
            raise Failure(f"{_words(command)} ended with "
                          f"{process.returncode}: "
                          + errors.read().decode(errors="replace").strip())
        output.seek(0)
        return output.read().decode(errors="replace")


def not_here(reason):
    """With the way out, unless this is it already."""
    return reason if machine.is_vm() else reason + "; try --vm"


def lacks(program, package):
    """Why it cannot be run here, or None."""
    found = shutil.which(program)
    return None if found else not_here(f"not installed (package {package})")


def lacks_systemd():
    """Why no unit can be started here, or None."""
    return lacks("systemd-run", "systemd") or (
        None if machine.has_systemd()
        else not_here("systemd is not the init of this host"))
