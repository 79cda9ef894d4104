# SPDX-License-Identifier: MIT
"""A root file system for containers, of static programs."""

import io
import os
import sys
import tarfile

# For its BusyBox, which it fetches where none is installed.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)),
                                "../../vm.d"))

_LINKS = {"sh": "busybox", "sleep": "busybox", "true": "busybox",
          "env": "busybox",
          # The kernel log shows them by these names.
          "main_hog": "malloc_demo", "child_hog": "malloc_demo"}
_PROGRAMS = ("lab/cglab", "malloc_demo/malloc_demo")


def make_image(path, build):
    """Writes a tar archive with bin/ of BusyBox and the build's programs."""
    from host.image import find_busybox

    programs = [find_busybox(),
                *(os.path.join(build, name) for name in _PROGRAMS)]
    with tarfile.open(path, "w") as tar:
        for program in programs:
            with open(program, "rb") as file:
                content = file.read()
            entry = tarfile.TarInfo("bin/" + os.path.basename(program))
            entry.mode, entry.size = 0o755, len(content)
            tar.addfile(entry, io.BytesIO(content))
        for name, program in _LINKS.items():
            entry = tarfile.TarInfo("bin/" + name)
            entry.type, entry.linkname = tarfile.SYMTYPE, program
            tar.addfile(entry)


def unpack(image, folder):
    """Makes the root file system in this folder."""
    with tarfile.open(image) as tar:
        tar.extractall(folder)
