#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of scripts/cglab and scripts/setup.d on a project of one line:
tests/scripts/setup_test.py -v"""

import grp
import os
import pwd
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest
import unittest.mock

# Nothing is written into the checkout, byte code neither.
sys.dont_write_bytecode = True
sys.path.insert(
    0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../support"))

import tiny_project
from tiny_project import BASICS, PROJECT, SOURCE

NOBODY = 65534
# Gives NOBODY all, as acl(5) has it.
ACL = struct.pack("<I", 2) + b"".join(
    struct.pack("<HHi", *entry) for entry in
    ((1, 7, -1), (2, 7, NOBODY), (4, 7, -1), (0x10, 7, -1), (0x20, 5, -1)))


class ProjectTest(unittest.TestCase):
    """Each test has a project of its own, with a space in its path."""

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="setup_test.")
        self.addCleanup(shutil.rmtree, self.folder)
        os.chmod(self.folder, 0o755)
        self.root = os.path.join(self.folder, "a project")
        tiny_project.make(self.root, ("cglab", "setup.d"))
        self.tools = os.path.join(self.folder, "tools")
        os.mkdir(self.tools)

    def write(self, name, text):
        tiny_project.write(os.path.join(self.root, name), text)

    def tool(self, name, text):
        """A program that is found before any other of this name."""
        tiny_project.write(os.path.join(self.tools, name), f"#!/bin/sh\n{text}\n", 0o755)

    def path(self):
        return f"{self.tools}:{os.environ['PATH']}"

    def script(self):
        return os.path.join(self.root, "scripts", "cglab")

    def cglab(self, *words, script=None, **options):
        """Runs the script: (status, standard output, standard error)."""
        done = subprocess.run(
            [script or self.script(), *words], check=False, text=True,
            capture_output=True, stdin=subprocess.DEVNULL,
            env={**os.environ, "PATH": options.pop("path", self.path())}, **options,
        )
        return done.returncode, done.stdout, done.stderr

    def assert_ready(self, *words, **options):
        """A call that has nothing to set up."""
        self.tool("meson", "exit 1")
        self.tool("apt-get", "exit 1")
        self.assertEqual(
            self.cglab("again", *words, **options),
            (7, f"built again {2 + len(words)}\n", ""),
        )


class SetUpTest(ProjectTest):
    """The first call and those after it."""

    def test_sets_up_once(self):
        status, out, err = self.cglab("x", "a b")
        self.assertEqual((status, out), (7, "built x 3\n"))
        self.assertRegex(
            err, "^cglab: configuring build/\ncglab: building build/\n"
            r"cglab: build/ is ready after \d+ s\n$"
        )
        self.assert_ready("")

    def test_is_called_from_anywhere_through_a_link(self):
        link = os.path.join(self.folder, "link")
        os.symlink(self.script(), link)
        self.assertEqual(self.cglab("x", script=link, cwd="/")[:2], (7, "built x 2\n"))
        scripts = os.path.dirname(self.script())
        self.assert_ready(script="./cglab", cwd=scripts)

    def test_builds_anew_what_has_changed(self):
        self.cglab()
        self.write("lab/main.c", SOURCE.replace("built", "changed"))
        self.assertEqual(self.cglab("x")[:2], (7, "changed x 2\n"))

    def test_says_why_the_build_failed(self):
        self.write("lab/main.c", "int main() { return no_such_name; }")
        status, out, err = self.cglab()
        self.assertEqual((status, out), (3, ""))
        self.assertIn("no_such_name", err)
        self.assertIn("setup.log", err)

    def test_says_why_the_configuration_failed(self):
        self.write("meson.build", "project('tiny', 'c')\nno_such_function()\n")
        status, out, err = self.cglab()
        self.assertEqual((status, out), (3, ""))
        self.assertIn("no_such_function", err)

    def test_recovers_from_an_interrupted_configuration(self):
        self.write("build/meson-private/coredata.dat", "half")
        self.assertEqual(self.cglab("x")[:2], (7, "built x 2\n"))

    def test_recovers_from_a_configuration_that_is_broken(self):
        self.cglab()
        self.write("build/meson-private/coredata.dat", "half")
        self.write("meson.build", PROJECT + "# changed\n")
        self.assertEqual(self.cglab("x")[:2], (7, "built x 2\n"))

    def test_builds_from_the_copy_in_a_copy(self):
        self.cglab()
        copy = os.path.join(self.folder, "copy")
        shutil.copytree(self.root, copy)
        self.root = copy
        self.write("lab/main.c", SOURCE.replace("built", "copied"))
        self.write("meson.build", PROJECT + "# changed\n")
        self.assertEqual(self.cglab("x")[:2], (7, "copied x 2\n"))

    def test_a_current_build_is_started_without_ninja(self):
        self.cglab()
        for name in BASICS:
            tiny_project.link_tool(self.tools, name)
        self.assertEqual(self.cglab("x", path=self.tools), (7, "built x 2\n", ""))

    def test_a_build_of_which_one_program_changed_is_current(self):
        self.cglab()
        time.sleep(0.01)
        self.write("malloc_demo/main.c", SOURCE + "\n")
        self.cglab()
        self.tool("ninja", "exit 1")
        self.assertEqual(self.cglab("x"), (7, "built x 2\n", ""))

    def test_the_options_of_a_build_made_by_hand_are_kept(self):
        subprocess.run(["meson", "setup", "-Dwarning_level=2", "build"],
                       cwd=self.root, check=True, capture_output=True)
        status, out, err = self.cglab("x")
        self.assertEqual((status, out), (7, "built x 2\n"))
        self.assertNotIn("configuring", err)

    def test_a_build_that_is_not_current_is_not_started_without_ninja(self):
        self.cglab()
        time.sleep(0.01)
        for name in ("lab/new.h", "meson.build"):
            self.write(name, PROJECT)
            for tool in BASICS:
                if not os.path.exists(os.path.join(self.tools, tool)):
                    tiny_project.link_tool(self.tools, tool)
            status, out, err = self.cglab("x", path=self.tools)
            self.assertEqual((status, out), (77, ""), name)
            self.assertIn("Ninja", err)
            os.unlink(os.path.join(self.root, name))

    def test_the_options_of_a_build_are_kept_until_others_are_wanted(self):
        text = PROJECT + "if get_option('extra')\n  error('extra')\nendif\n"
        self.write("meson.build", text)
        self.write("meson_options.txt",
                   "option('extra', type: 'boolean', value: false)\n")
        self.cglab()
        script = ('here=$1; . "$1/setup.d/setup.sh"\n'
                  'set_up test build build -Dextra=true ""')
        scripts = os.path.dirname(self.script())
        done = subprocess.run(["sh", "-euc", script, "sh", scripts], check=False,
                              text=True, capture_output=True)
        self.assertEqual(done.returncode, 3)
        self.assertIn("ERROR: Problem encountered: extra", done.stderr)
        # A failed configuration is repeated, without them.
        self.assertEqual(self.cglab("x")[:2], (7, "built x 2\n"))

    def test_a_build_that_ninja_cannot_follow_is_configured_anew(self):
        self.cglab()
        path = os.path.join(self.root, "build", "build.ninja")
        with open(path, "a", encoding="utf-8") as file:
            file.write("no such statement\n")
        status, out, err = self.cglab("x")
        self.assertEqual((status, out), (7, "built x 2\n"), err)
        self.assertIn("configuring build/", err)

    def test_a_progress_that_cannot_be_shown_stops_nothing(self):
        for redirection in ("2>/dev/full", "2>&-"):
            self.write("lab/main.c", SOURCE + f"// {redirection}\n")
            done = subprocess.run(
                ["sh", "-c", f"\"$1\" x {redirection}", "sh", self.script()],
                check=False, text=True, stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE)
            self.assertEqual((done.returncode, done.stdout), (7, "built x 2\n"))

    def test_progress_is_redrawn_on_a_terminal(self):
        done = subprocess.run(
            ["script", "-qec", f"stty cols 60; '{self.script()}' x", "/dev/null"],
            check=False, capture_output=True, stdin=subprocess.DEVNULL)
        out = done.stdout.decode()
        self.assertRegex(out, r"\r\x1b\[Kcglab: \[1/4\] \S+")
        self.assertIn("\r\x1b[Kcglab: build/ is ready after", out)
        for line in out.replace("\r\n", "\r").split("\r"):
            self.assertLessEqual(len(line.removeprefix("\x1b[K")), 60)

    def test_two_first_calls_at_once(self):
        calls = [
            subprocess.Popen([self.script(), "x"], text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)
            for _ in range(2)
        ]
        for call in calls:
            out, err = call.communicate()
            self.assertEqual((call.returncode, out), (7, "built x 2\n"), err)


class TrustTest(ProjectTest):
    """No file is run that other users could have written."""

    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("files of another user: only root can make them")
        super().setUp()
        self.cglab()
        self.build = os.path.join(self.root, "build")
        self.program = os.path.join(self.build, "lab", "cglab")

    def assert_refused(self, words, **options):
        status, out, err = self.cglab("x", **options)
        self.assertEqual((status, out), (3, ""), err)
        self.assertIn(words, err)
        self.assertNotIn("rm -r", err)
        return err

    def test_a_planted_program_is_not_run_and_the_cure_is_safe(self):
        os.unlink(self.program)
        tiny_project.write(self.program, "#!/bin/sh\necho planted\n", 0o755)
        os.chown(self.program, NOBODY, NOBODY)
        for options in ({}, {"user": 1, "group": 1, "extra_groups": []}):
            err = self.assert_refused(
                f"'{self.program}' belongs to nobody (uid {NOBODY})", **options)
        cure = re.search(r"cd .* && mv -T build build\.untrusted", err)[0]
        subprocess.run(["sh", "-c", cure], check=True)
        self.assertEqual(self.cglab("x")[:2], (7, "built x 2\n"))

    def test_what_others_can_write_is_not_run(self):
        os.chmod(self.program, 0o757)
        self.assert_refused(f"everybody can write '{self.program}'")
        os.chmod(self.program, 0o775)
        os.chown(self.program, 0, 1)
        self.assert_refused(f"the group daemon can write '{self.program}'")
        os.chmod(self.program, 0o755)
        os.chmod(self.build, 0o777)
        self.assert_refused(f"everybody can write '{self.build}'")

    def test_what_cannot_be_looked_at_is_not_run(self):
        hidden = os.path.join(self.build, "hidden")
        os.mkdir(hidden, 0o700)
        user = {"user": 1, "group": 1, "extra_groups": []}
        self.assert_refused(
            "cannot trust what is in build/: cannot look at all files (find: "
            f"'{hidden}': Permission denied)", **user)
        os.chmod(hidden, 0o755)
        self.assertEqual(self.cglab("x", **user)[:2], (7, "built x 2\n"))
        self.tool("find", "echo 'find: no more memory' >&2\nexit 1")
        self.assert_refused("cannot look at all files (find: no more memory)")
        os.unlink(os.path.join(self.tools, "find"))
        os.rename(self.build, self.build + ".old")
        os.symlink("nowhere/build", self.build)
        self.assert_refused("cannot follow this link (readlink: ")

    def test_files_that_vanish_meanwhile_are_no_reason_to_refuse(self):
        script = ('here=$1; . "$1/setup.d/trust.sh"\n'
                  'for n in 1 2 3 4 5 6 7 8 9; do distrust_of_folder "$2"; done')
        goes_on = os.path.join(self.build, "goes_on")
        tiny_project.write(goes_on, "")
        churn = subprocess.Popen(
            ["sh", "-c", 'cd "$1" && while [ -e goes_on ]; do mkdir d; : >d/f; '
             'rm -r d; done', "sh", self.build])
        try:
            said = subprocess.run(
                ["sh", "-euc", script, "sh", os.path.dirname(self.script()),
                 self.build], check=True, capture_output=True, text=True)
        finally:
            os.unlink(goes_on)
            churn.wait()
        self.assertEqual((said.stdout, said.stderr), ("", ""))

    def skip_unless_root_has_a_private_group(self):
        if grp.getgrgid(0).gr_mem or len(
                [user for user in pwd.getpwall() if user.pw_gid == 0]) != 1:
            self.skipTest("a group of root's own, without other members")

    def test_an_access_control_list_is_seen(self):
        self.skip_unless_root_has_a_private_group()
        place = os.path.join(self.folder, "it's")
        os.mkdir(place)
        self.write("lab/main.c", SOURCE + "\n")
        for path in (self.program, place):
            mode = os.stat(path).st_mode
            try:
                os.setxattr(path, "system.posix_acl_access", ACL)
            except OSError as error:
                self.skipTest(f"access control lists: {error.strerror}")
            with unittest.mock.patch.dict(os.environ, {"TMPDIR": place}):
                quoted = f'"{path}"' if "'" in path else f"'{path}'"
                self.assert_refused(
                    f"an access control list lets others write {quoted}")
            os.removexattr(path, "system.posix_acl_access")
            os.chmod(path, mode)
        self.assertEqual(self.cglab("x")[:2], (7, "built x 2\n"))

    def test_a_users_own_group_may_write(self):
        self.skip_unless_root_has_a_private_group()
        for folder, _, names in os.walk(self.build):
            for name in ["", *names]:
                path = os.path.join(folder, name)
                os.chmod(path, os.stat(path).st_mode | 0o020)
        self.assertEqual(self.cglab("x"), (7, "built x 2\n", ""))

    def test_a_link_is_as_safe_as_where_it_leads(self):
        place = os.path.join(self.folder, "place")
        os.mkdir(place)
        os.rename(self.build, os.path.join(place, "build"))
        os.symlink(os.path.join(place, "build"), self.build)
        self.assertEqual(self.cglab("x")[:2], (7, "built x 2\n"))
        os.chmod(place, 0o777)
        self.assert_refused(f"everybody can write '{place}'")
        os.chmod(place, 0o1777)
        self.assertEqual(self.cglab("x")[:2], (7, "built x 2\n"))
        os.lchown(self.build, NOBODY, NOBODY)
        self.assert_refused("belongs to nobody")

    def test_temporary_files_of_a_build_are_as_safe(self):
        self.write("lab/main.c", SOURCE + "\n")
        place = os.path.join(self.folder, "temporary")
        os.mkdir(place)
        with unittest.mock.patch.dict(os.environ, {"TMPDIR": place + "/none"}):
            self.assert_refused("TMPDIR: there is no such folder; unset TMPDIR")
        for mode, words in ((0o777, "everybody can write"),
                            (0o1777, "belongs to nobody")):
            os.chmod(place, mode)
            os.chown(place, *(2 * [NOBODY if mode == 0o1777 else 0]))
            with unittest.mock.patch.dict(os.environ, {"TMPDIR": place}):
                self.assertIn("unset TMPDIR", self.assert_refused(words))
        os.chown(place, 0, 0)
        with unittest.mock.patch.dict(os.environ, {"TMPDIR": place}):
            self.assertEqual(self.cglab("x")[:2], (7, "built x 2\n"))

    def test_what_is_built_is_not_for_others_to_write(self):
        shutil.rmtree(self.build)
        self.cglab(umask=0)
        found = subprocess.run(
            ["find", self.build, "!", "-type", "l", "-perm", "/022"],
            check=True, capture_output=True, text=True).stdout
        self.assertEqual(found, "")

    def test_a_file_system_that_cannot_be_written_is_named_as_such(self):
        shutil.rmtree(self.build)
        script = ('mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && '
                  'cd "$1" && scripts/cglab x')
        done = subprocess.run(
            ["unshare", "--mount", "sh", "-c", script, "sh", self.root],
            check=False, text=True, capture_output=True)
        if "unshare failed" in done.stderr or "permission denied" in done.stderr:
            self.skipTest("mounts of its own: " + done.stderr)
        self.assertEqual(done.returncode, 3)
        self.assertIn("build (Read-only file system). ", done.stderr)
        self.assertNotIn("owner", done.stderr)


class InterruptTest(ProjectTest):
    def test_a_signal_is_named(self):
        up = os.path.join(self.folder, "up")
        # dash loses a signal that its child gets between vfork and exec, so the
        # program that is interrupted says itself that it runs.
        self.tool("meson", f"exec python3 -c 'import time\n"
                  f"open(\"{up}\", \"w\").close()\ntime.sleep(1000)'")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            process = subprocess.Popen(
                [self.script()], text=True, stdin=subprocess.DEVNULL,
                stderr=subprocess.PIPE, env={**os.environ, "PATH": self.path()},
                start_new_session=True)
            while not os.path.exists(up):
                time.sleep(0.01)
            # As a terminal does it.
            os.killpg(process.pid, number)
            err = process.communicate(timeout=60)[1]
            os.unlink(up)
            name = signal.Signals(number).name
            self.assertIn(f"cglab: interrupted by {name}\n", err)
            self.assertIn(process.returncode, (128 + number, -number))


class UserTest(ProjectTest):
    """A build by root, used by another user."""

    def setUp(self):
        if os.geteuid() != 0:
            self.skipTest("becoming another user, which only root can")
        super().setUp()

    def as_nobody(self, *words):
        return self.cglab(*words, user=NOBODY, group=NOBODY, extra_groups=[])

    def test_anybody_may_start_it(self):
        self.cglab()
        self.assertEqual(self.as_nobody("x"), (7, "built x 2\n", ""))

    def test_a_current_build_is_started_where_ninja_cannot_check_it(self):
        self.cglab()
        # Another version of ninja would rebuild everything.
        self.tool("ninja", 'case "$*" in *--version*) exit 0 ;; esac; exit 1')
        self.assertEqual(self.as_nobody("x"), (7, "built x 2\n", ""))

    def test_who_may_not_build_is_shown_the_reason(self):
        self.cglab()
        time.sleep(0.01)
        self.write("lab/main.c", SOURCE + "\n")
        status, out, err = self.as_nobody()
        self.assertEqual((status, out), (3, ""))
        self.assertRegex(err, "cannot write .*build.*, which belongs to root, and "
                         r".*/lab/main\.c has changed\. Clone the project")
        self.assertNotIn("rm -r", err)

    def test_who_may_not_write_the_project_is_shown_the_reason(self):
        status, out, err = self.as_nobody()
        self.assertEqual((status, out), (3, ""))
        self.assertIn("cannot make", err)

    def give_to_nobody(self):
        for folder, _, names in os.walk(self.root):
            for name in ["", *names]:
                os.chown(os.path.join(folder, name), NOBODY, NOBODY)

    def test_what_root_left_in_a_users_checkout_is_given_back(self):
        self.cglab()
        self.give_to_nobody()
        build = os.path.join(self.root, "build")
        for folder, _, names in os.walk(build):
            for name in ["", *names]:
                os.chown(os.path.join(folder, name), 0, 0)
        self.write("lab/main.c", SOURCE.replace("built", "changed"))
        status, out, err = self.as_nobody()
        self.assertEqual((status, out), (3, ""))
        cure = f"sudo chown -R {NOBODY} '{self.root}'/build\n"
        self.assertTrue(err.endswith(cure), err)
        subprocess.run(["sh", "-c", cure.removeprefix("sudo ")], check=True)
        self.assertEqual(self.as_nobody("x")[:2], (7, "changed x 2\n"))

    def test_what_root_failed_to_build_for_a_user_is_theirs(self):
        self.write("lab/main.c", "int main() { return no_such_name; }")
        self.give_to_nobody()
        self.assertEqual(self.cglab()[0], 3)
        self.write("lab/main.c", SOURCE)
        self.assertEqual(self.as_nobody("x")[:2], (7, "built x 2\n"))

    def test_what_root_builds_for_a_user_is_theirs(self):
        self.give_to_nobody()
        self.cglab()
        self.write("lab/main.c", SOURCE.replace("built", "changed"))
        self.assertEqual(self.as_nobody("x")[:2], (7, "changed x 2\n"))


class PackagesTest(ProjectTest):
    """Systems that lack something."""

    def lack(self, package):
        """dpkg without this package, until apt-get has installed it."""
        mark = os.path.join(self.folder, "installed")
        log = os.path.join(self.folder, "apt")
        self.tool("dpkg-query", f'case "$*" in *{package}*) [ -e "{mark}" ] || exit 1;;'
                  " esac\necho installed")
        self.tool("apt-get", f'echo "$*" >>"{log}"\n'
                  f'case "$*" in *install*) : >"{mark}" ;; esac')
        self.tool("sudo", '[ "$1" != -n ] || shift\nexec "$@"')
        return log

    def test_installs_what_is_missing_and_nothing_else(self):
        log = self.lack("libfmt-dev")
        status, out, err = self.cglab("x")
        self.assertEqual((status, out), (7, "built x 2\n"), err)
        self.assertIn("cglab: installing libfmt-dev\n", err)
        with open(log, encoding="utf-8") as file:
            install = file.read().splitlines()[-1]
        self.assertTrue(
            install.endswith(
                "install --no-install-recommends --no-remove libfmt-dev"), install
        )

    def test_progress_of_the_installation_is_shown(self):
        self.lack("libfmt-dev")
        mark = os.path.join(self.folder, "installed")
        self.tool("apt-get", 'case "$*" in *install*)\n'
                  "echo dlstatus:1:26.5:Retrieving file 1 of 2 >&3\n"
                  "echo pmstatus:libfmt-dev:75.0000:Unpacking libfmt-dev >&3\n"
                  "echo pmstatus:in the log\n"
                  f': >"{mark}" ;; esac')
        err = self.cglab("x")[2]
        self.assertIn("cglab: installing libfmt-dev\ncglab: 26 % downloaded\n"
                      "cglab: 75 % installed (Unpacking libfmt-dev)\n", err)

    def test_what_is_optional_is_installed_where_it_is_to_be_had(self):
        log = self.lack("libsystemd-dev")
        self.tool("apt-cache", "echo 'libsystemd-dev | 252 | a mirror'")
        status, out, err = self.cglab("x")
        self.assertEqual((status, out), (7, "built x 2\n"), err)
        with open(log, encoding="utf-8") as file:
            self.assertIn("install --no-install-recommends --no-remove "
                          "libsystemd-dev\n", file.read())

    def test_what_is_optional_and_not_to_be_had_is_named(self):
        log = self.lack("libsystemd-dev")
        self.tool("apt-cache", "")
        status, out, err = self.cglab("x")
        self.assertEqual((status, out), (7, "built x 2\n"), err)
        self.assertIn("cglab: continuing without libsystemd-dev, which this "
                      "distribution does not have\n", err)
        if os.path.exists(log):
            with open(log, encoding="utf-8") as file:
                self.assertNotIn("install", file.read())

    def test_says_why_packages_cannot_be_installed(self):
        self.lack("libfmt-dev")
        self.tool("apt-get", "echo no room on the disk; exit 100")
        status, out, err = self.cglab()
        self.assertEqual((status, out), (3, ""))
        self.assertIn("no room on the disk", err)

    def test_lists_what_to_install_elsewhere(self):
        for name in BASICS:
            tiny_project.link_tool(self.tools, name)
        status, out, err = self.cglab(path=self.tools)
        self.assertEqual((status, out), (77, ""))
        for words in ("meson", "Ninja", "C++20 compiler", "Please install"):
            self.assertIn(words, err)


if __name__ == "__main__":
    unittest.main()
