# SPDX-License-Identifier: MIT
"""Fetches a kernel package of Debian or Ubuntu into the cache.

The package is not installed, for that would change the boot loader.
"""

import contextlib
import glob
import os
import re
import shutil
import time

from host import apt, kernel, modules, suites
from host.apt import OTHER_WAY
from host.cache import remove_stale, scratch
from host.common import EXIT_UNABLE, Problem, attempt, say
from host.image import read_file

# The distribution's kernel for virtual machines, and its flavour.
_KERNELS = {
    "debian": ("linux-image-cloud-amd64", "cloud-amd64"),
    "ubuntu": ("linux-image-virtual", "generic"),
}
_UNUSED_SECONDS = 30 * 86400


def _distribution():
    try:
        with open("/etc/os-release", encoding="utf-8") as file:
            words = dict(
                re.findall(r'^(\w+)="?([^"\n]*)"?$', file.read(), re.M)
            )
    except OSError:
        words = {}
    names = [words.get("ID", "")] + words.get("ID_LIKE", "").split()
    for name in names:
        if name in _KERNELS:
            return name
    raise Problem(
        EXIT_UNABLE,
        "kernels can be fetched on Debian and Ubuntu only; elsewhere "
        + OTHER_WAY,
    )


def _is_concrete(package):
    """Whether it is a kernel's own package, not one that depends on it."""
    return re.match(r"linux-image-(unsigned-)?\d+\.\d+\.\d+", package)


def _concrete(own, package):
    """The package that holds the kernel, of one that may only depend on it."""
    if _is_concrete(package):
        return package
    return next(filter(_is_concrete, own.depends(package)), package)


def _newest(own, version, flavour):
    """The newest package of a kernel version in apt's lists, or None."""
    start = f"linux-image-{version}"
    names = [
        name
        for name in own.names(f"^{re.escape(start)}([.+~-].*)?$")
        if name.endswith("-" + flavour)
    ]
    # One that only depends on the kernel is good where it is the only one.
    return max(
        names,
        key=lambda name: (bool(_is_concrete(name)), kernel.in_order(name)),
        default=None,
    )


def _find_in_suites(version, problems):
    """(apt, package) of a version; None without. Fills the list of problems."""
    for suite in suites.SUITES:
        try:
            own = suites.apt_of(suite)
        except Problem as problem:
            problems.append(str(problem))
            continue
        package = _newest(own, version, _KERNELS["debian"][1])
        if package:
            return own, package
    return None


def _find_version(version, flavour):
    """(apt, package) of a version, looked for in the host's own lists first."""
    own = apt.host()
    package = _newest(own, version, flavour)
    if package:
        return own, package
    problems = []
    found = _find_in_suites(version, problems)
    if found:
        return found
    # Where Debian is not among the sources each suite fails alike.
    reasons = "".join(f"; {problem}" for problem in dict.fromkeys(problems))
    raise Problem(
        EXIT_UNABLE,
        f"no kernel {version} (a package linux-image-{version}*-{flavour}) in "
        f"apt's lists, nor in Debian's suites {', '.join(suites.SUITES)}"
        f"{reasons}; refresh apt's lists with: sudo apt-get update, or "
        + OTHER_WAY,
    )


def _find_suite(suite):
    """(apt, package) of the kernel for virtual machines of Debian's suite."""
    try:
        return suites.apt_of(suite), _KERNELS["debian"][0]
    except Problem as problem:
        raise Problem(
            problem.status,
            f"{problem}; name a suite such as {', '.join(suites.SUITES)}, or "
            + OTHER_WAY,
        ) from problem


def _find(name, distribution):
    """(apt, package) of what --kernel or --fetch-kernel names."""
    default, flavour = _KERNELS[distribution]
    if name.startswith(kernel.SUITE):
        return _find_suite(name.removeprefix(kernel.SUITE))
    if kernel.is_version(name):
        return _find_version(name, flavour)
    return apt.host(), name or default


def _image(tree):
    """(path, release) of the kernel in an unpacked package, or None."""
    for pattern, start in (
        ("boot/vmlinuz-*", "vmlinuz-"),
        # Debian since Linux 7.
        ("usr/lib/modules/*/vmlinuz", ""),
        ("lib/modules/*/vmlinuz", ""),
    ):
        for path in glob.glob(os.path.join(glob.escape(tree), pattern)):
            name = path if start else os.path.dirname(path)
            return path, os.path.basename(name).removeprefix(start)
    return None


def _fetch_tree(own, package, folder):
    """Unpacks the kernel and its modules. Returns (image, release)."""
    tree = os.path.join(folder, "tree")
    own.unpack(package, folder)
    # Debian since Linux 7 has the kernel in linux-binary-*, and like Ubuntu
    # keeps the modules apart.
    needed = [
        name
        for name in own.depends(package)
        if name.startswith(("linux-binary-", "linux-modules-"))
    ]
    for name in needed:
        own.unpack(name, folder)
    image = _image(tree)
    if not image:
        raise Problem(
            EXIT_UNABLE,
            f"no kernel in the package {package}"
            + (f", nor in {', '.join(needed)}" if needed else "")
            + f"; {OTHER_WAY}",
        )
    if not modules.find(tree, "zram"):
        # Ubuntu has rarer modules in a package that none depends on.
        with contextlib.suppress(Problem):
            own.unpack(f"linux-modules-extra-{image[1]}", folder)
    return image


def _fill(folder, tree, image, release):
    """Keeps of the unpacked packages what the machine needs."""
    kernel.install(read_file(image), folder)
    modules.copy(tree, os.path.join(folder, "modules"))
    path = os.path.join(folder, "release")
    with attempt(f"write {path}"):
        with open(path, "w", encoding="utf-8") as file:
            file.write(release + "\n")


def _link(target, name):
    """Points name, a link next to the kernels, at one of them, atomically."""
    temporary = f"{name}.{os.getpid()}.part"
    try:
        with attempt(f"link {name} to {target}"):
            os.symlink(target, temporary)
            os.replace(temporary, name)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


def _remove_unused(folder):
    """Kernels that no link points to and that were not booted for a month."""
    with attempt(f"list {folder}"):
        entries = list(os.scandir(folder))
    linked = {
        os.path.realpath(entry.path) for entry in entries if entry.is_symlink()
    }
    for entry in entries:
        # Another call may remove it right now.
        with contextlib.suppress(OSError):
            if entry.is_symlink() and not os.path.exists(entry.path):
                os.unlink(entry.path)
                continue
            age = time.time() - entry.stat().st_mtime
            is_linked = os.path.realpath(entry.path) in linked
            if not is_linked and age > _UNUSED_SECONDS:
                shutil.rmtree(entry.path, ignore_errors=True)


def _install(own, concrete, folder):
    """Fetches the package concrete into the kernels' folder."""
    final = os.path.join(folder, concrete)
    with scratch(folder) as temporary:
        image, release = _fetch_tree(own, concrete, temporary)
        new = os.path.join(temporary, "new")
        with attempt(f"make {new}"):
            os.mkdir(new)
        _fill(new, os.path.join(temporary, "tree"), image, release)
        shutil.rmtree(final, ignore_errors=True)
        with attempt(f"move {new} to {final}"):
            try:
                os.rename(new, final)
            except OSError:
                if not kernel.is_complete(final):
                    raise  # else another call was faster


def fetch(name):
    """Fetches a kernel, by default the distribution's own choice.

    name is a package, a version or debian:SUITE. Returns the path of the
    kernel. What is there already is not fetched again when it is still the
    newest.
    """
    if name:
        kernel.check_name(name)
    distribution = _distribution()
    try:
        own, package = _find(name, distribution)
        concrete = _concrete(own, package)
    except Problem as problem:
        old = kernel.cached(name or "default")
        if not old:
            raise
        say(f"{problem}; going on with the kernel that was fetched before")
        return old.image
    folder = kernel.kernels_folder()
    remove_stale(folder)
    if not kernel.is_complete(os.path.join(folder, concrete)):
        _install(own, concrete, folder)
    for link in {name or package, *([] if name else ["default"])} - {concrete}:
        _link(concrete, os.path.join(folder, link))
    _remove_unused(folder)
    return kernel.cached(concrete).image
