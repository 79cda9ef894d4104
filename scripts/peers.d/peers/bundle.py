# SPDX-License-Identifier: MIT
"""Bundles for crun and runc: the runtime's own config.json, adapted."""

import json
import os

from peers import machine
from peers.command import run

# The root file system of scripts/vm lies in memory, where pivot_root() does not
# work.
RUN_OPTIONS = ("--no-pivot",) if machine.is_vm() else ()


def write_bundle(folder, runtime, rootfs, command, cgroup, limit=None):
    """Makes a bundle in an empty folder. `cgroup` is a path below the mount
    point, at which the runtime makes it; `limit` in bytes, without swap."""
    run(runtime, "spec", "--bundle", folder, expected={0})
    path = os.path.join(folder, "config.json")
    with open(path, encoding="utf-8") as file:
        config = json.load(file)
    config["process"].update(terminal=False, args=list(command))
    config["root"]["path"] = str(rootfs)
    config["linux"]["cgroupsPath"] = cgroup
    if limit is not None:
        # "swap" is memory and swap together.
        config["linux"]["resources"]["memory"] = {"limit": limit, "swap": limit}
    with open(path, "w", encoding="utf-8") as file:
        json.dump(config, file)
