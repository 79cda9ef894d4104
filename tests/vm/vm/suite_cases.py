# SPDX-License-Identifier: MIT
"""Kernels of Debian's suites, fetched by apt from an archive made up here."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from vm.archive import Archive
from vm.fixture import ROOT, VmTest

_SOURCE = """\
# A comment.
Types: deb deb-src
URIs: MIRROR
Suites: bookworm bookworm-updates
Components: main contrib
Trusted: yes
"""
_DISABLED = """\
Types: deb
URIs: file:/nonexistent/debian
Suites: bookworm
Components: main
Enabled: no

"""
_OF_OTHERS = """\
Types: deb
URIs: file:/nonexistent/other
Suites: bookworm
Components: main
Signed-By: /usr/share/keyrings/other.gpg

"""
_NAME = "linux-image-cloud-amd64"
_SUITES = "bullseye, bookworm, trixie, sid"


@unittest.skipUnless(
    shutil.which("apt-get") and shutil.which("dpkg-deb"), "apt is not here"
)
class SuiteTest(VmTest):
    def setUp(self):
        self.place = tempfile.mkdtemp(dir=self.folder)
        self.addCleanup(shutil.rmtree, self.place)
        self.archive = Archive(os.path.join(self.place, "archive"))
        self.archive.set_source(_SOURCE)
        self.apt = {
            **self.environment,
            **self.archive.environment(),
            "XDG_CACHE_HOME": os.path.join(self.place, "cache"),
        }

    def cached(self, *parts):
        return os.path.join(self.place, "cache", "cglab", "vm", *parts)

    def fetch(self, name):
        """(exit status, fetched release, standard error)."""
        done = self.run_command(
            self.command("--fetch-kernel", name), env=self.apt
        )
        release = os.path.join(
            os.path.dirname(done.stdout.decode().strip()), "release"
        )
        text = ""
        if done.stdout:
            with open(release, encoding="utf-8") as file:
                text = file.read().strip()
        return done.returncode, text, done.stderr.decode()

    def assert_fetched(self, name, release):
        self.assertEqual(self.fetch(name), (0, release, ""))

    def test_suites_of_all_sources_count(self):
        # As on a stable host that has sid, too, in a paragraph before.
        self.archive.set_source(
            _SOURCE.replace("bookworm bookworm-updates", "sid") + "\n" + _SOURCE)
        code = ("import sys; sys.path.insert(0, sys.argv[1])\n"
                "from host import sources\nprint(*sources.suites_of_debian())")
        done = self.run_command(
            [sys.executable, "-B", "-c", code,
             os.path.join(ROOT, "scripts", "vm.d")], env=self.apt)
        self.assertEqual(done.stdout, b"sid bookworm\n", done.stderr)

    def test_suite_has_its_default_kernel(self):
        self.archive.add_kernel("trixie", "9.8.7-cloud-amd64")
        self.archive.add(
            "trixie", _NAME, depends=["linux-image-9.8.7-cloud-amd64"]
        )
        self.assert_fetched("debian:trixie", "9.8.7-cloud-amd64")
        self.assertTrue(os.path.exists(self.cached("kernels/debian:trixie")))

    def test_version_is_looked_for_in_the_suites(self):
        self.archive.add_kernel("bullseye", "9.1.5-cloud-amd64")
        for release in ("9.10.9", "9.10.10", "9.10.11-rt"):
            self.archive.add_kernel("sid", release + "-cloud-amd64")
        self.archive.add_kernel("sid", "9.10.12-amd64")
        self.assert_fetched("9.1", "9.1.5-cloud-amd64")
        self.assert_fetched("9.10", "9.10.11-rt-cloud-amd64")
        self.assert_fetched("9.10.9", "9.10.9-cloud-amd64")

    def test_own_lists_come_first(self):
        for flavour in ("cloud-amd64", "generic"):
            self.archive.add_kernel("bookworm", "9.8.2-" + flavour)
        self.archive.add_kernel("bullseye", "9.8.1-cloud-amd64")
        self.archive.set_source(_SOURCE.replace("bookworm-updates", ""))
        command = ["apt-get", "update", "-o", "Acquire::Check-Valid-Until=no"]
        subprocess.run(
            command,
            env={**os.environ, **self.apt},
            check=True,
            capture_output=True,
        )
        status, release, errors = self.fetch("9.8")
        self.assertEqual((status, errors), (0, ""))
        self.assertTrue(release.startswith("9.8.2-"), release)
        self.assertFalse(os.path.exists(self.cached("apt")))

    def test_host_is_not_touched(self):
        def tree():
            return subprocess.run(
                ["ls", "-lR", "--time-style=full-iso", "/etc/apt"]
                + ["/var/lib/apt", self.archive.folder],
                check=True,
                capture_output=True,
            ).stdout

        self.archive.add_kernel("sid", "9.8.7-cloud-amd64")
        before = tree()
        self.assert_fetched("9.8.7", "9.8.7-cloud-amd64")
        self.assertFalse(self.archive.ran_hook())
        self.assertEqual(tree(), before)

    def test_fetched_kernel_and_fresh_lists_need_no_archive(self):
        self.archive.add_kernel("sid", "9.8.7-cloud-amd64")
        self.archive.add_kernel("sid", "9.8.6-cloud-amd64")
        self.assert_fetched("9.8.7", "9.8.7-cloud-amd64")
        shutil.rmtree(os.path.join(self.archive.mirror, "dists"))
        self.assert_fetched("9.8.6", "9.8.6-cloud-amd64")
        shutil.rmtree(self.archive.mirror)
        self.assert_fetched("9.8.7", "9.8.7-cloud-amd64")

    def test_lists_of_an_earlier_day_are_fetched_anew(self):
        self.archive.add_kernel("sid", "9.8.6-cloud-amd64")
        self.assert_fetched("9.8", "9.8.6-cloud-amd64")
        self.archive.add_kernel("sid", "9.8.7-cloud-amd64")
        self.assert_fetched("9.8", "9.8.6-cloud-amd64")
        os.utime(self.cached("apt/sid/fetched"), (1e9, 1e9))
        self.assert_fetched("9.8", "9.8.7-cloud-amd64")
        os.utime(self.cached("apt/sid/fetched"), (1e9, 1e9))
        shutil.rmtree(os.path.join(self.archive.mirror, "dists"))
        status, release, errors = self.fetch("9.8")
        self.assertEqual((status, release), (0, "9.8.7-cloud-amd64"))
        self.assertIn("using those of an earlier day", errors)

    def test_advice_on_stale_lists_pastes_and_removes_nothing(self):
        self.apt["XDG_CACHE_HOME"] = os.path.join(self.place, "a cache")
        releases = ("9.8.6", "9.8.7")
        for release in releases:
            self.archive.add_kernel("sid", f"{release}-cloud-amd64")
        pool = os.path.join(self.archive.mirror, "pool")
        for release in releases:
            os.rename(pool, pool + ".away")
            status, _, errors = self.fetch(release)
            os.rename(pool + ".away", pool)
            self.assertEqual(status, 77, errors)
            advice = re.search(r"refresh .* with: (.*) \(or name", errors)[1]
            subprocess.run(["sh", "-c", advice], check=True)
            self.assert_fetched(release, f"{release}-cloud-amd64")

    def test_unknown_suite_is_named_with_what_to_do(self):
        self.archive.add_kernel("sid", "9.8.7-cloud-amd64")
        status, _, errors = self.fetch("debian:nosuch")
        self.assertEqual(status, 77)
        self.assertIn("lists of Debian's suite nosuch", errors)
        self.assertIn(_SUITES, errors)
        self.assertIn("--kernel FILE", errors)

    def test_unknown_version_is_named_with_what_was_tried(self):
        for suite in _SUITES.split(", "):
            self.archive.add_kernel(suite, "9.8.7-cloud-amd64")
        status, _, errors = self.fetch("8.8")
        self.assertEqual(status, 77)
        self.assertIn("no kernel 8.8", errors)
        self.assertIn(_SUITES, errors)
        self.assertIn("sudo apt-get update", errors)
        self.assertNotIn("cannot fetch", errors)

    def test_one_suite_that_is_gone_does_not_hide_the_others(self):
        self.archive.add_kernel("sid", "9.8.7-cloud-amd64")
        self.assert_fetched("9.8", "9.8.7-cloud-amd64")
        status, _, errors = self.fetch("8.8")
        self.assertEqual(status, 77)
        self.assertIn(
            "cannot fetch the package lists of Debian's suite bullseye", errors
        )

    def test_sources_without_debian_are_named(self):
        self.archive.set_source(_SOURCE.replace("bookworm", "noble"))
        for name in ("debian:trixie", "9.8"):
            status, _, errors = self.fetch(name)
            self.assertEqual(status, 77)
            self.assertEqual(
                errors.count("only where apt's sources include Debian"), 1
            )

    def test_suites_of_the_host_are_known(self):
        # A root file system is made of the suite that the host itself has.
        for suites in ("bookworm", "sid", "stable"):
            self.archive.set_source(_SOURCE.replace("bookworm", suites, 1))
            done = subprocess.run(
                ["python3", "-B", "-c"]
                + ["from host.sources import *; print(suites_of_debian())"],
                env={**self.apt, "PYTHONPATH": f"{ROOT}/scripts/vm.d"},
                check=True,
                capture_output=True,
            )
            self.assertEqual(done.stdout.decode(), f"['{suites}']\n")

    def test_debian_is_found_in_both_formats_of_sources(self):
        self.archive.add_kernel("sid", "9.8.7-cloud-amd64")
        self.archive.set_source(_DISABLED + _OF_OTHERS + _SOURCE)
        self.assert_fetched("9.8.7", "9.8.7-cloud-amd64")
        shutil.rmtree(self.cached())
        self.archive.set_source(
            "# deb file:/nonexistent/debian bookworm main\n"
            "deb file:/nonexistent/other bookworm main\n"
            "deb [arch=amd64 trusted=yes] MIRROR stable main contrib # here\n",
            "debian.list",
        )
        self.assert_fetched("9.8.7", "9.8.7-cloud-amd64")
