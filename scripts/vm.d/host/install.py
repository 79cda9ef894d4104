# SPDX-License-Identifier: MIT
"""Installs what scripts/vm lacks, as scripts/cglab does for the build."""

import functools
import os

from host import children
from host.cache import cache_folder
from host.common import Problem, note

PACKAGES = os.path.join(
    os.path.dirname(__file__), "../../setup.d/packages.txt"
)
_INSTALL = os.path.join(os.path.dirname(__file__), "../../setup.d/install")


def packages(*groups):
    """Names of the packages of these groups."""
    with open(PACKAGES, encoding="utf-8") as file:
        words = [line.split() for line in file if not line.startswith("#")]
    return [row[1] for row in words if row and row[0] in groups]


@functools.lru_cache(maxsize=None)
def install(group):
    """Installs the missing packages of a group, where that is possible.

    Prints what it does, or what to install. Whether that was enough is seen
    by looking for the program again.
    """
    try:
        children.run(
            [_INSTALL, "vm", cache_folder("setup"), group],
            is_patient=True,
            stdout=2,
            stderr=2,
        )
    except Problem as problem:
        note(f"nothing is installed: {problem}")
