# SPDX-License-Identifier: MIT
"""The same script in `scripts/vm --systemd`, on cgroup v2 with podman, crun and
runc."""

import json
import os
import platform
import subprocess
import sys
import tempfile

from peers import machine
from peers.image import make_image

_HERE = os.path.dirname(os.path.realpath(__file__))
_FOLDER = os.path.dirname(_HERE)
_SCRIPTS = os.path.dirname(_FOLDER)
_GUEST = os.path.join(_FOLDER, "guest.sh")
_MEMORY = "3G"
_TOOLS = ("podman", "crun", "runc", "cgroup-tools", "stress-ng", "python3")
# netavark and iptables for podman's network.
PODMAN = ("podman", "crun", "netavark", "iptables")
# What netavark and overlay need. The package wants some program that makes an
# initramfs; this one is tiny.
_MODULES = ("linux-image-cloud-amd64", "tiny-initramfs")
# guest.sh makes this one, in which the children have the memory controller.
PARENT = "/sys/fs/cgroup/system.slice/cglab-peers.scope"
# The name of the image in podman's storage.
IMAGE = "localhost/cglab-peers"


def include_options(*packages):
    """Options of scripts/vm for these packages and their kernel modules."""
    try:
        debian = platform.freedesktop_os_release().get("ID") == "debian"
    except (OSError, AttributeError):
        debian = False
    words = dict.fromkeys((*packages, *(_MODULES if debian else ())))
    return [word for name in words for word in ("--include", name)]


def _run_to_end(command):
    """(exit status, output) of a command, which is ended with this script."""
    with subprocess.Popen(command, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE) as process:
        try:
            output, _ = process.communicate()
        except BaseException:
            process.terminate()
            raise
    return process.returncode, output


def in_vm(arguments, build, timeout):
    """Runs compare-peers there with these arguments, and --json, --image and
    --parent. Returns (exit status, its results or None); what it says on stderr
    is passed on. 77: no such machine can run here, 124: the deadline of
    `timeout` seconds."""
    script = os.path.join(_SCRIPTS, "compare-peers")
    with tempfile.TemporaryDirectory(prefix="compare-peers.") as folder:
        image = os.path.join(folder, "image.tar")
        # Here: the guest, which has this module, does not have that one.
        from host.common import Problem
        try:
            make_image(image, build)
        except Problem as problem:
            print(f"compare-peers: {problem}", file=sys.stderr)
            return problem.status, None
        status, output = _run_to_end(
            [os.path.join(_SCRIPTS, "vm"), "--systemd",
             *include_options(*PODMAN, *_TOOLS), "--memory", _MEMORY,
             # It would be too large to keep.
             "--no-state", "--build", build, "--timeout", f"{timeout}s",
             *(word for path in (image, _FOLDER, script)
               for word in ("--add", path)),
             "--", "sh", _GUEST, image, script, "--build", build, "--image", image,
             "--parent", PARENT, "--json", "-", *arguments])
    try:
        results = json.loads(output)
    except ValueError:
        return status, None
    results["host"] = machine.describe()
    return status, results
