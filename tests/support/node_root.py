# SPDX-License-Identifier: MIT
"""A root file system with Python and QEMU of this host, and nothing else."""

import glob
import os
import shutil
import subprocess

_PROGRAMS = ("python3", "qemu-system-x86_64", "setpriv")
# Modules, QEMU's firmware and what it loads at run time.
_TREES = ("/usr/lib/python3*", "/usr/share/qemu", "/usr/share/seabios",
          "/usr/lib/*/qemu")
_LINKS = {"bin": "usr/bin", "lib": "usr/lib", "lib64": "usr/lib64"}
_PATH = "/usr/bin"
_USER = 65534
_TIMEOUT = 300
# The mounts are private to the processes inside, and end with them.
_ENTER = """set -e
root=$1 user=$2; shift 2
mount -t proc proc "$root/proc"
mount --bind /dev/null "$root/dev/null"
exec /usr/sbin/chroot --userspec="$user:$user" "$root" "$@"
"""


def _copy(path, root):
    target = root + path
    os.makedirs(os.path.dirname(target), exist_ok=True)
    shutil.copy(path, target)


def _libraries(program):
    done = subprocess.run(["ldd", program], check=False, text=True,
                          capture_output=True)
    words = done.stdout.replace("=>", " ").split()
    return [word for word in words if word.startswith("/")]


def make(root, trees):
    """Makes it in the folder `root`, with `trees`, {folder of this host: name}."""
    for name in ("usr/bin", "usr/lib", "usr/lib64", "proc", "dev", "tmp", "home"):
        os.makedirs(os.path.join(root, name))
    for name, target in _LINKS.items():
        os.symlink(target, os.path.join(root, name))
    for name in ("tmp", "home"):
        os.chown(os.path.join(root, name), _USER, _USER)
    with open(os.path.join(root, "dev/null"), "wb"):
        pass
    patterns = [path for pattern in _TREES for path in glob.glob(pattern)]
    for path in patterns:
        shutil.copytree(path, root + path, symlinks=True,
                        ignore=shutil.ignore_patterns("config-*", "dist-packages",
                                                      "__pycache__"))
    objects = glob.glob(root + "/usr/lib/**/*.so", recursive=True)
    for name in _PROGRAMS:
        program = shutil.which(name, path=_PATH)
        _copy(program, root)
        objects.append(program)
    for path in {each for one in objects for each in _libraries(one)}:
        _copy(path, root)
    for path, name in trees.items():
        shutil.copytree(path, os.path.join(root, name), symlinks=True)
    # The cache of scripts/vm, for one, is its owner's only.
    subprocess.run(["chmod", "-R", "a+rX", root], check=True)


def run_in(root, *words, environment=()):
    """A command there, not as root, with (name, value) in its environment."""
    return subprocess.run(
        ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c",
         _ENTER, "sh", root, str(_USER), *words],
        stdin=subprocess.DEVNULL, capture_output=True, text=True,
        errors="replace", check=False, timeout=_TIMEOUT,
        env={"HOME": "/home", "PATH": _PATH, **dict(environment)})
