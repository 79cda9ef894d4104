# SPDX-License-Identifier: MIT
"""A VM with systemd on cgroup v2, and podman with crun."""

import os
import subprocess
import sys
import unittest

from peer_packages import ROOT

sys.path.insert(0, os.path.join(ROOT, "scripts", "peers.d"))

from peers.vm import PODMAN, include_options  # noqa: E402

BUILD = os.environ.get("CGLAB_TEST_BUILD") or os.path.join(ROOT, "build")
_UNABLE = 77
_DEADLINE = 900
_MEMORY = "2G"


def run_in_vm(files, *command):
    """Ends with the command, which finds these files there."""
    done = subprocess.run(
        [os.path.join(ROOT, "scripts", "vm"), "--systemd",
         *include_options(*PODMAN), "--memory", _MEMORY, "--build", BUILD,
         # It would be too large to keep.
         "--no-state", "--timeout", f"{_DEADLINE}s",
         *(word for path in files for word in ("--add", path)), "--", *command],
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
        errors="replace", check=False, timeout=_DEADLINE + 300)
    if done.returncode == _UNABLE and not done.stdout:
        raise unittest.SkipTest(done.stderr.strip())
    return done
