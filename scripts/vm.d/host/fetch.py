# SPDX-License-Identifier: MIT
"""Fetches a kernel package of Debian or Ubuntu into the cache.

The package is not installed, for that would change the boot loader.
"""

import glob
import os
import re
import shutil
import subprocess
import tempfile
import time

from host import kernel, modules
from host.common import EXIT_UNABLE, Problem, note, remove_stale, say

_DEFAULTS = {
    "debian": "linux-image-cloud-amd64",
    "ubuntu": "linux-image-virtual",
}
_UNUSED_SECONDS = 30 * 86400
_OTHER_WAY = "name a kernel with --kernel FILE (a bzImage or vmlinux)"


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
        if name in _DEFAULTS:
            return name
    raise Problem(
        EXIT_UNABLE,
        "kernels can be fetched on Debian and Ubuntu alone; elsewhere "
        + _OTHER_WAY,
    )


def _run(*command, folder=None):
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError as error:
        raise Problem(
            EXIT_UNABLE, f"{command[0]} is missing; {_OTHER_WAY}"
        ) from error
    return done


def _depends(package):
    done = _run("apt-cache", "depends", package)
    if done.returncode != 0:
        raise Problem(
            EXIT_UNABLE,
            f"apt does not know the package {package}; refresh its lists with: "
            f"sudo apt-get update (or {_OTHER_WAY})",
        )
    return re.findall(r"^ *\|?Depends: (\S+)$", done.stdout, re.M)


def _concrete(package):
    """The package that holds the kernel, of one that may only depend on it."""
    if re.match(r"linux-image-(unsigned-)?\d+\.\d+\.\d+", package):
        return package
    for name in _depends(package):
        if re.match(r"linux-image-(unsigned-)?\d+\.\d+\.\d+", name):
            return name
    return package


def _download(package, folder):
    """Fetches and unpacks one package. Returns whether there is such a one."""
    note(f"fetching {package}")
    before = set(os.listdir(folder))
    done = _run("apt-get", "-q", "download", package, folder=folder)
    if done.returncode != 0:
        return done.stderr.strip()
    (archive,) = set(os.listdir(folder)) - before
    path = os.path.join(folder, archive)
    unpacked = _run("dpkg-deb", "-x", path, os.path.join(folder, "tree"))
    os.unlink(path)
    return unpacked.stderr.strip() if unpacked.returncode != 0 else ""


def _fetch_tree(package, folder):
    """Unpacks the kernel and its modules. Returns the kernel's release."""
    problem = _download(package, folder)
    images = glob.glob(os.path.join(folder, "tree/boot/vmlinuz-*"))
    if problem or len(images) != 1:
        raise Problem(
            EXIT_UNABLE,
            f"cannot fetch the package {package}: "
            f"{problem or 'no kernel in it'}; refresh apt's lists with: "
            f"sudo apt-get update (or {_OTHER_WAY})",
        )
    release = os.path.basename(images[0])[len("vmlinuz-") :]
    tree = os.path.join(folder, "tree")
    # Ubuntu keeps modules in packages of their own.
    for kind in ("modules", "modules-extra"):
        if not modules.find(tree, "zram"):
            _download(f"linux-{kind}-{release}", folder)
    return release


def _fill(folder, tree, release):
    """Keeps of the unpacked packages what the machine needs."""
    with open(os.path.join(tree, "boot", "vmlinuz-" + release), "rb") as file:
        kernel.install(file.read(), folder)
    modules.copy(tree, os.path.join(folder, "modules"))
    with open(os.path.join(folder, "release"), "w", encoding="utf-8") as file:
        file.write(release + "\n")


def _link(target, name):
    """Points name, a link beside the kernels, at one of them, at once."""
    temporary = f"{name}.{os.getpid()}.part"
    os.symlink(target, temporary)
    os.replace(temporary, name)


def _remove_unused(folder):
    """Kernels that nothing points to and nobody has booted for a month."""
    entries = list(os.scandir(folder))
    linked = {
        os.path.realpath(entry.path) for entry in entries if entry.is_symlink()
    }
    for entry in entries:
        age = time.time() - entry.stat().st_mtime
        if os.path.realpath(entry.path) not in linked and age > _UNUSED_SECONDS:
            shutil.rmtree(entry.path, ignore_errors=True)


def _install(concrete, folder):
    """Fetches the package concrete into the kernels' folder."""
    final = os.path.join(folder, concrete)
    with tempfile.TemporaryDirectory(".part", "fetch.", folder) as temporary:
        release = _fetch_tree(concrete, temporary)
        new = os.path.join(temporary, "new")
        os.mkdir(new)
        _fill(new, os.path.join(temporary, "tree"), release)
        shutil.rmtree(final, ignore_errors=True)
        try:
            os.rename(new, final)
        except OSError:
            if not _is_complete(final):
                raise  # else another call was faster


def _is_complete(folder):
    return os.path.exists(os.path.join(folder, "release"))


def fetch(package):
    """Fetches a kernel package, by default the distribution's own choice.

    Returns the path of the kernel. What is there already is not fetched again
    when it is still the newest.
    """
    distribution = _distribution()
    wanted = package or _DEFAULTS[distribution]
    if re.fullmatch(r"\d+(\.\d+)?", wanted) and distribution == "debian":
        wanted = f"linux-image-{wanted}-cloud-amd64"
    try:
        concrete = _concrete(wanted)
    except Problem as problem:
        old = kernel.cached(package or "default")
        if not old:
            raise
        say(f"{problem}; going on with the kernel that was fetched before")
        return old.image
    folder = kernel.kernels_folder()
    remove_stale(folder)
    if not _is_complete(os.path.join(folder, concrete)):
        _install(concrete, folder)
    for name in {wanted, *([] if package else ["default"])} - {concrete}:
        _link(concrete, os.path.join(folder, name))
    _remove_unused(folder)
    return kernel.choose(concrete).image
