# SPDX-License-Identifier: MIT
"""Commands of the tools, and what keeps one from running here."""

import shutil
import subprocess

from peers import machine


class Failure(Exception):
    """A cycle that did not end as the one that is measured must."""


def run(*command, expected=None):
    """What it printed. Throws Failure when the exit status is not expected."""
    done = subprocess.run(command, check=False, capture_output=True, text=True,
                          stdin=subprocess.DEVNULL)
    if expected is not None and done.returncode not in expected:
        raise Failure(f"{' '.join(map(str, command))} ended with "
                      f"{done.returncode}: {done.stderr.strip()}")
    return done.stdout


def not_here(reason):
    """With the way out, unless this is it already."""
    return reason if machine.is_vm() else reason + "; try --vm"


def lacks(program, package):
    """Why it cannot be run here, or None."""
    found = shutil.which(program)
    return None if found else not_here(f"not installed (package {package})")
