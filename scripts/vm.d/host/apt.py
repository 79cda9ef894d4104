# SPDX-License-Identifier: MIT
"""Runs apt's programs."""

import os
import re
import subprocess

from host.common import EXIT_UNABLE, Problem, note

OTHER_WAY = "name a kernel with --kernel FILE (a bzImage or vmlinux)"


def run(*command, folder=None):
    """The completed process, with its output in English."""
    try:
        return subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "LC_ALL": "C"},
        )
    except FileNotFoundError as error:
        raise Problem(
            EXIT_UNABLE, f"{command[0]} is missing; {OTHER_WAY}"
        ) from error


class Apt:
    """apt with the host's configuration, or with one of our own on top."""

    def __init__(self, place, refresh, options=()):
        self.place = place  # whose lists these are, for messages
        self.refresh = refresh  # how to bring them up to date, likewise
        self._options = options

    def _run(self, program, *arguments, folder=None):
        return run(program, *self._options, *arguments, folder=folder)

    def update(self):
        """Fetches the lists. Returns apt's errors, empty when all went well."""
        done = self._run("apt-get", "-q", "update")
        return errors(done.stderr) if done.returncode != 0 else ""

    def names(self, expression):
        """Names of packages that match a regular expression."""
        done = self._run("apt-cache", "search", "--names-only", expression)
        return re.findall(r"^(\S+) - ", done.stdout, re.M)

    def depends(self, package):
        done = self._run("apt-cache", "depends", package)
        if done.returncode != 0:
            raise Problem(
                EXIT_UNABLE,
                f"apt does not know the package {package}; refresh "
                f"{self.place} with: {self.refresh} (or {OTHER_WAY})",
            )
        return re.findall(r"^ *\|?Depends: (\S+)$", done.stdout, re.M)

    def unpack(self, package, folder):
        """Downloads a package and unpacks it into folder/tree."""
        note(f"fetching {package}")
        before = set(os.listdir(folder))
        done = self._run("apt-get", "-q", "download", package, folder=folder)
        if done.returncode == 0:
            (archive,) = set(os.listdir(folder)) - before
            path = os.path.join(folder, archive)
            done = run("dpkg-deb", "-x", path, os.path.join(folder, "tree"))
            os.unlink(path)
        if done.returncode != 0:
            raise Problem(
                EXIT_UNABLE,
                f"cannot fetch the package {package}: {errors(done.stderr)}; "
                f"refresh {self.place} with: {self.refresh} (or {OTHER_WAY})",
            )


def errors(text):
    """What apt calls errors (E:), or all that was said without any."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [line[len("E: ") :] for line in lines if line.startswith("E: ")]
    return "; ".join(found or lines) or "it gave no reason"


def host():
    """apt as this host has it."""
    return Apt("apt's lists", "sudo apt-get update")
