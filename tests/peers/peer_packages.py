# SPDX-License-Identifier: MIT
"""Programs of Debian packages that are not installed here.

Installing prometheus would start services that listen on all addresses. So the
packages are unpacked into the cache of scripts/vm, which needs no root either.
"""

import functools
import glob
import hashlib
import os
import re
import shutil
import sys
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
# Nothing is written into the checkout, byte code neither.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "scripts", "vm.d"))

from host import apt  # noqa: E402
from host.cache import cache_folder, locked, remove_stale, scratch  # noqa: E402


class Unavailable(Exception):
    """apt does not offer the packages here."""


def _apt(*arguments, folder=None):
    done = apt.run("apt-get", "-q", *arguments, folder=folder)
    if done.returncode != 0:
        raise Unavailable(apt.errors(done.stderr))
    return done.stdout


def _unpack(packages, folder):
    _apt("download", *packages, folder=folder)
    for name in os.listdir(folder):
        if name.endswith(".deb"):
            path = os.path.join(folder, name)
            done = apt.run("dpkg-deb", "-x", path, os.path.join(folder, "tree"))
            if done.returncode != 0:
                raise RuntimeError(f"cannot unpack {path}: {done.stderr}")
            os.unlink(path)


def _missing_dependencies(packages):
    """Packages that these need and that are not installed."""
    plan = _apt("install", "--simulate", "--no-install-recommends", *packages)
    return sorted(set(re.findall(r"^Inst (\S+)", plan, re.M)) - set(packages))


def unpacked(*packages, dependencies=False):
    """The folder of the unpacked packages, in the version that apt offers now,
    with the dependencies that are not installed here if they are asked for.

    Raises Unavailable.
    """
    if not shutil.which("apt-get"):
        raise Unavailable("there is no apt-get")
    all_packages = [*packages, *(_missing_dependencies(packages)
                                 if dependencies else [])]
    offered = _apt("download", "--print-uris", *all_packages)
    key = hashlib.sha256(offered.encode()).hexdigest()[:16]
    folder = cache_folder("peers")
    name = "+".join(packages)
    path = os.path.join(folder, f"{name}.{key}")
    # Two that need it make it once.
    with locked(folder):
        if not os.path.isdir(path):
            remove_stale(folder)
            for entry in os.scandir(folder):
                # Older versions of the same packages.
                if entry.name.rpartition(".")[0] == name:
                    shutil.rmtree(entry.path)
            with scratch(folder) as temporary:
                _unpack(all_packages, temporary)
                os.replace(os.path.join(temporary, "tree"), path)
    return path


def _unpacked_or_skip(packages, **options):
    try:
        return unpacked(*packages, **options)
    except Unavailable as reason:
        raise unittest.SkipTest(
            f"Debian's packages {' and '.join(packages)}: {reason}") from reason


@functools.lru_cache(maxsize=None)
def peer_programs(*packages):
    """The folder of the programs of Debian's packages."""
    return os.path.join(_unpacked_or_skip(packages), "usr", "bin")


@functools.lru_cache(maxsize=None)
def peer_system(*packages):
    """The folder of Debian's packages with what they need, and the environment
    that finds their programs and libraries."""
    folder = _unpacked_or_skip(packages, dependencies=True)
    libraries = sorted({os.path.dirname(path) for path in glob.glob(
        f"{folder}/usr/lib/**/*.so*", recursive=True)})
    return folder, {
        "PATH": ":".join([f"{folder}/usr/bin", f"{folder}/usr/sbin",
                          os.environ["PATH"]]),
        "LD_LIBRARY_PATH": ":".join(libraries)}


def prometheus_programs():
    """The folder of Debian's prometheus, promtool and node_exporter."""
    return peer_programs("prometheus", "prometheus-node-exporter")
