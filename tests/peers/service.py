# SPDX-License-Identifier: MIT
"""Services on loopback, and waiting for what they do."""

import socket
import time

LOOPBACK = "127.0.0.1"
TIMEOUT = 120  # seconds
_NAP = 0.05


def wait_for(what, condition):
    """What condition returns, as soon as that is true."""
    end = time.monotonic() + TIMEOUT
    while True:
        found = condition()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {TIMEOUT} s")
        time.sleep(_NAP)


def free_port():
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]
