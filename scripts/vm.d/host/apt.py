# SPDX-License-Identifier: MIT
"""Runs apt's programs."""

import glob
import os
import re

from host import children
from host.common import EXIT_FAILED, EXIT_UNABLE, Problem, attempt, cure, note
from host.programs import find_program

OTHER_WAY = "name a kernel with --kernel FILE (a bzImage or vmlinux)"


def run(*command, folder=None):
    """The completed process, with its output in English."""
    if not find_program(command[0]):
        raise Problem(EXIT_UNABLE, f"{command[0]} is missing; {OTHER_WAY}")
    return children.run(
        command, cwd=folder, env={**os.environ, "LC_ALL": "C"}
    )


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
        done = self._run("apt-get", "-q", "download", package, folder=folder)
        archives = glob.glob(os.path.join(glob.escape(folder), "*.deb"))
        if done.returncode != 0 or not archives:
            raise Problem(
                EXIT_UNABLE,
                f"cannot fetch the package {package}: {errors(done.stderr)}; "
                + cure(
                    done.stderr,
                    f"refresh {self.place} with: {self.refresh} (or "
                    f"{OTHER_WAY})",
                ),
            )
        for path in archives:
            done = run("dpkg-deb", "-x", path, os.path.join(folder, "tree"))
            if done.returncode != 0:
                raise Problem(
                    EXIT_FAILED,
                    f"cannot unpack the package {package} in {folder}: "
                    f"{errors(done.stderr)}; "
                    + cure(done.stderr, f"try again later, or {OTHER_WAY}"),
                )
            with attempt(f"remove {path}"):
                os.unlink(path)


def errors(text):
    """apt's errors (lines with E:), or all its output if it has none."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = [line[len("E: ") :] for line in lines if line.startswith("E: ")]
    return "; ".join(found or lines) or "it gave no reason"


def host():
    """apt as this host has it."""
    return Apt("apt's lists", "sudo apt-get update")
