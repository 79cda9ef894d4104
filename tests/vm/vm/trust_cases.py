# SPDX-License-Identifier: MIT
"""Files that others could have written are neither run nor booted."""

import grp
import importlib.util
import os
import py_compile
import pwd
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

from vm.fixture import ROOT, VmTest

sys.path.insert(0, os.path.join(ROOT, "scripts", "vm.d"))

from host import trust  # noqa: E402

NOBODY = 65534


def acl(user):
    """An access control list that gives a user all, as acl(5) has it."""
    entries = ((1, 7, -1), (2, 7, user), (4, 7, -1), (0x10, 7, -1), (0x20, 5, -1))
    return struct.pack("<I", 2) + b"".join(
        struct.pack("<HHi", *entry) for entry in entries
    )


@unittest.skipUnless(
    os.geteuid() == 0, "files of another user: only root can make them"
)
class TrustTest(VmTest):
    def setUp(self):
        self.place = tempfile.mkdtemp(dir=self.folder)
        self.addCleanup(shutil.rmtree, self.place)
        self.xdg = os.path.join(self.place, "xdg")
        self.own = os.path.join(self.xdg, "cglab", "vm")
        os.makedirs(os.path.join(self.own, "states"))
        self.link(os.path.join(self.cache, "kernels"))

    def link(self, kernels):
        os.symlink(
            os.path.realpath(kernels), os.path.join(self.own, "kernels")
        )

    def start(self, *arguments, **environment):
        done = self.run_command(
            self.command(*(arguments or ("--no-state", "--", "echo", "up"))),
            env={**self.environment, "XDG_CACHE_HOME": self.xdg, **environment},
        )
        return done.returncode, done.stdout, done.stderr.decode()

    def assert_refused(self, *words, **environment):
        status, out, err = self.start(**environment)
        self.assertEqual((status, out), (3, b""), err)
        for word in words:
            self.assertIn(word, err)
        self.assertNotIn("rm -r", err)

    def assert_starts(self, **environment):
        self.assertEqual(self.start(**environment), (0, b"up\n", ""))

    def test_byte_code_in_the_cache_is_not_run(self):
        mark = os.path.join(self.place, "ran")
        planted = os.path.join(self.place, "planted.py")
        with open(planted, "w", encoding="utf-8") as file:
            file.write(f"open({mark!r}, 'w')\n")
        before = sys.pycache_prefix
        self.addCleanup(setattr, sys, "pycache_prefix", before)
        sys.pycache_prefix = os.path.join(self.own, "python")
        for name in ("main", "common", "trust", "interrupt"):
            source = os.path.join(ROOT, "scripts/vm.d/host", name + ".py")
            py_compile.compile(
                planted,
                importlib.util.cache_from_source(source),
                invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
            )
        sys.pycache_prefix = before
        self.assert_starts()
        self.assertFalse(os.path.exists(mark))

    def test_files_of_another_user_are_refused(self):
        state = os.path.join(self.own, "states", "x.state")
        with open(state, "wb"):
            pass
        for path in (
            self.xdg,
            os.path.join(self.xdg, "cglab"),
            self.own,
            os.path.join(self.own, "states"),
            os.path.join(self.own, "kernels"),
            state,
        ):
            with self.subTest(path):
                os.lchown(path, NOBODY, NOBODY)
                self.assert_refused(
                    f"cannot trust the cache folder {self.own}: {path} "
                    f"belongs to nobody (uid {NOBODY}); use your own: "
                )
                os.lchown(path, 0, 0)
        self.assert_starts()

    def test_what_others_can_write_is_refused_with_a_cure(self):
        state = os.path.join(self.own, "states", "x.state")
        with open(state, "wb"):
            pass
        for path, cure in (
            (self.xdg, "chmod go-w "),
            (self.own, "chmod go-w "),
            (os.path.join(self.own, "states"), "chmod go-w "),
            (state, "rm "),
        ):
            mode = os.stat(path).st_mode
            for more, who, group in ((0o002, "everybody", 0), (0o020, "its group", 1)):
                with self.subTest(path, who=who):
                    os.chown(path, 0, group)
                    os.chmod(path, mode | more)
                    self.assert_refused(f"{who} can write {path} (mode ", cure + path)
                    os.chmod(path, mode)
                    os.chown(path, 0, 0)
            os.chmod(path, mode | 0o002)
            subprocess.run(["sh", "-c", cure + path], check=True)
        self.assert_starts()

    def test_a_link_to_what_others_can_write_is_refused(self):
        kernels = os.path.join(self.place, "kernels")
        os.mkdir(kernels)
        os.unlink(os.path.join(self.own, "kernels"))
        self.link(kernels)
        os.chmod(kernels, 0o777)
        self.assert_refused(f"everybody can write {kernels}")
        os.chmod(kernels, 0o755)
        os.chmod(self.place, 0o777)
        self.assert_refused(f"everybody can write {self.place}")

    def test_no_cache_is_made_in_a_folder_of_another_user(self):
        home = os.path.join(self.place, "home")
        os.mkdir(home)
        os.chown(home, NOBODY, NOBODY)
        own = os.path.join(pwd.getpwuid(0).pw_dir, ".cache")
        self.assert_refused(
            f"{home} belongs to nobody",
            f"use your own: XDG_CACHE_HOME={own} scripts/vm ...",
            HOME=home,
            XDG_CACHE_HOME="",
        )
        self.assertEqual(os.listdir(home), [])

    def test_temporary_files_are_not_made_where_others_replace_them(self):
        home = os.path.join(self.place, "home")
        os.mkdir(home)
        os.chown(home, NOBODY, NOBODY)
        self.assert_refused(
            f"{home} belongs to nobody", "unset TMPDIR", TMPDIR=home
        )
        os.chown(home, 0, 0)
        os.chmod(home, 0o777)
        self.assert_refused(f"everybody can write {home}", TMPDIR=home)
        os.chmod(home, 0o1777)
        self.assert_starts(TMPDIR=home)

    def test_what_is_made_is_not_for_others_to_write(self):
        done = self.run_command(
            self.command("--", "true"),
            umask=0,
            env={**self.environment, "XDG_CACHE_HOME": self.xdg},
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIsNone(trust.against_tree(self.own))

    def test_a_loader_of_another_user_is_not_run(self):
        build = os.path.join(self.place, "build")
        loader = os.path.join(self.place, "loader", "ld.so")
        mark = os.path.join(self.place, "ran")
        os.makedirs(os.path.dirname(loader))
        os.mkdir(build)
        for path, text, flags in (
            (loader, f'int main(void) {{ return creat("{mark}", 0600); }}',
             ["-static", "-include", "fcntl.h"]),
            (os.path.join(build, "prog"), "int main(void) { return 0; }",
             [f"-Wl,--dynamic-linker={loader}"]),
        ):
            subprocess.run(["cc", "-x", "c", "-", "-o", path, *flags],
                           input=text.encode(), check=True)
        os.chown(loader, NOBODY, NOBODY)
        status, _, err = self.start("--build", build, "--", "true")
        self.assertEqual(status, 3)
        self.assertIn(f"cannot run {loader}, which {build}/prog names", err)
        self.assertIn("belongs to nobody", err)
        self.assertFalse(os.path.exists(mark))


@unittest.skipUnless(
    os.geteuid() == 0, "files of another user: only root can make them"
)
class RuleTest(unittest.TestCase):
    """The exceptions, where a chain of folders allows them."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="vm_test.")
        self.addCleanup(shutil.rmtree, self.folder)

    def test_a_group_without_other_members_may_write(self):
        others = [u for u in pwd.getpwall() if u.pw_gid == 0 and u.pw_uid]
        if others or grp.getgrgid(0).gr_mem:
            self.skipTest("a group of root's own, without other members")
        os.chmod(self.folder, 0o770)
        self.assertIsNone(trust.against(self.folder))
        try:
            os.setxattr(self.folder, "system.posix_acl_access", acl(NOBODY))
        except OSError as error:
            self.skipTest(f"access control lists: {error.strerror}")
        weakness = trust.against(self.folder)
        self.assertIn(
            f"by an access control list, others can write {self.folder}",
            weakness.reason,
        )

    def test_a_sticky_folder_on_the_way_is_safe(self):
        own = os.path.join(self.folder, "own")
        os.mkdir(own)
        os.chmod(self.folder, 0o1777)
        self.assertIsNone(trust.against(own))
        self.assertIsNotNone(trust.against(self.folder))
        os.chmod(self.folder, 0o777)
        self.assertIn(f"write {self.folder}", trust.against(own).reason)

    def test_each_link_on_the_way_counts(self):
        real, other = (os.path.join(self.folder, n) for n in ("real", "other"))
        os.makedirs(os.path.join(real, "own"))
        os.mkdir(other)
        os.symlink("../real/./own", os.path.join(other, "link"))
        os.symlink(os.path.join(other, "link"), os.path.join(self.folder, "l"))
        start = os.path.join(self.folder, "l")
        self.assertIsNone(trust.against(start))
        for path in (real, other):
            os.chmod(path, 0o777)
            self.assertIn(f"write {path} ", trust.against(start).reason)
            os.chmod(path, 0o755)
        os.lchown(os.path.join(other, "link"), NOBODY, NOBODY)
        self.assertIn("belongs to nobody", trust.against(start).reason)

    def test_links_without_an_end_are_an_error(self):
        os.symlink("loop", os.path.join(self.folder, "loop"))
        with self.assertRaises(OSError):
            trust.against(os.path.join(self.folder, "loop", "x"))
