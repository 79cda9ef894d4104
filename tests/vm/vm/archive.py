# SPDX-License-Identifier: MIT
"""An archive of packages in a folder, and an apt that has it as its source."""

import hashlib
import os

from vm import packages


class Archive:
    """Suites with packages, for the apt that is run with environment()."""

    def __init__(self, folder):
        self.folder = folder
        self.mirror = os.path.join(folder, "debian")
        self._suites = {}

    def add(self, suite, name, files=None, depends=()):
        pool = os.path.join(self.mirror, "pool", suite)
        path = packages.make(pool, name, files or {}, depends)
        data = packages.read(path)
        text = packages.control(name, depends) + (
            f"Filename: {os.path.relpath(path, self.mirror)}\n"
            f"Size: {len(data)}\n"
            f"SHA256: {hashlib.sha256(data).hexdigest()}\n"
        )
        self._suites.setdefault(suite, []).append(text)
        self._publish(suite)
        return path

    def add_kernel(self, suite, release):
        """A kernel that can be fetched, but not booted."""
        files = {f"boot/vmlinuz-{release}": packages.tiny_kernel()}
        return self.add(suite, f"linux-image-{release}", files)

    def _publish(self, suite):
        listed = "main/binary-amd64/Packages"
        data = "\n".join(self._suites[suite]).encode()
        about = f"{hashlib.sha256(data).hexdigest()} {len(data)} {listed}"
        # Expired, as Release files of old suites are.
        text = (
            f"Origin: Debian\nCodename: {suite}\nArchitectures: amd64\n"
            "Components: main\nDate: Thu, 02 Jan 2020 00:00:00 UTC\n"
            "Valid-Until: Fri, 03 Jan 2020 00:00:00 UTC\n"
            f"SHA256:\n {about}\n"
        )
        folder = os.path.join(self.mirror, "dists", suite)
        packages.write(os.path.join(folder, listed), data)
        packages.write(os.path.join(folder, "Release"), text.encode())

    def set_source(self, text, name="debian.sources"):
        """Makes text, with MIRROR for the archive, apt's only source."""
        folder = os.path.join(self.folder, "etc", "sources")
        for old in os.listdir(folder) if os.path.isdir(folder) else ():
            os.unlink(os.path.join(folder, old))
        text = text.replace("MIRROR", "file:" + self.mirror)
        packages.write(os.path.join(folder, name), text.encode())

    def environment(self):
        """What has apt use this archive, lists that are empty and a hook."""
        lists = os.path.join(self.folder, "lists")
        os.makedirs(os.path.join(lists, "partial"), exist_ok=True)
        text = (
            f'Dir::Etc::sourcelist "{self.folder}/etc/sources.list";\n'
            f'Dir::Etc::sourceparts "{self.folder}/etc/sources";\n'
            f'Dir::State::lists "{lists}";\n'
            f'APT::Update::Post-Invoke {{"touch {self.folder}/hook";}};\n'
            'APT::Default-Release "bookworm";\n'
        )
        path = os.path.join(self.folder, "apt.conf")
        packages.write(path, text.encode())
        return {"APT_CONFIG": path}

    def ran_hook(self):
        return os.path.exists(os.path.join(self.folder, "hook"))
