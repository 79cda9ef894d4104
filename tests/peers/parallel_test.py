#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The commands of scripts/README.md that spread a sweep with GNU parallel, with
Debian's parallel, sshd and rsync: tests/peers/parallel_test.py -v

Two sshd on loopback are two nodes. Each has a mount namespace of its own, with a
user database in which root's home is a temporary folder. Nothing is installed.
CGLAB_TEST_BUILD names the build folder that has cglab (build)."""

import atexit
import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from peer_packages import ROOT, peer_system  # noqa: E402
from service import LOOPBACK, TIMEOUT, end, free_port, read, wait_for  # noqa: E402
from sweep import PROGRAMS, Sweep, assert_nothing_left  # noqa: E402

_NODES = ("node1", "node2")
# sshd needs a user and a folder of its own.
_START = """\
mount --bind "$1/passwd" /etc/passwd
mount -t tmpfs -o mode=755 tmpfs /run
mkdir -m 755 /run/sshd
exec "$2" -D -e -f "$1/sshd_config"
"""
_PASSWD = """\
root:x:0:0:root:{folder}/home:/bin/sh
sshd:x:101:65534::/run/sshd:/usr/sbin/nologin
"""
# StrictModes would refuse a key in /tmp, where others can create files.
_SSHD = """\
ListenAddress {address}:{port}
HostKey {top}/host_key
AuthorizedKeysFile {top}/user_key.pub
StrictModes no
UsePAM no
PasswordAuthentication no
PidFile none
SetEnv PATH={path} LD_LIBRARY_PATH={libraries}
"""
_SSH_NODE = """\
Host {name}
  HostName {address}
  Port {port}
"""
_SSH = """\
Host *
  User root
  IdentityFile {top}/user_key
  IdentitiesOnly yes
  UserKnownHostsFile {top}/known_hosts
  StrictHostKeyChecking accept-new
  BatchMode yes
"""


def _documented_commands():
    """{whether the nodes share the folder: the command}"""
    section = re.search(r"^## Sweeps on many machines\n(.*?)^## ",
                        read(os.path.join(ROOT, "scripts", "README.md")),
                        re.M | re.S)[1]
    blocks = re.findall(r"^```sh\n(.*?)^```$", section, re.M | re.S)
    return {"--basefile" not in block: block for block in blocks
            if "parallel --sshlogin" in block}


def _write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


class _Node:
    """An sshd, and all that it starts, in a mount namespace."""

    def __init__(self, top, name, system, environment):
        self.name = name
        self.folder = os.path.join(top, name)
        self.home = os.path.join(self.folder, "home")
        os.makedirs(self.home)
        self.port = free_port()
        self._program = f"{system}/usr/sbin/sshd"
        self._environment = {**os.environ, **environment}
        _write(f"{self.folder}/passwd", _PASSWD.format(folder=self.folder))
        _write(f"{self.folder}/sshd_config", _SSHD.format(
            address=LOOPBACK, port=self.port, top=top,
            path=f"{PROGRAMS}:{system}/usr/bin:/usr/bin:/bin",
            libraries=environment["LD_LIBRARY_PATH"]))
        self.start()

    def start(self):
        with open(f"{self.folder}/log", "wb") as log:
            self.process = subprocess.Popen(
                ["unshare", "--mount", "--", "sh", "-ec", _START, "sh",
                 self.folder, self._program], env=self._environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        try:
            wait_for(f"sshd of {self.name}", self.listens)
        except BaseException:
            end(self.process)
            raise

    def processes(self):
        """{pid: command line}"""
        own = os.readlink(f"/proc/{self.process.pid}/ns/mnt")
        found = {}
        for name in filter(str.isdigit, os.listdir("/proc")):
            with contextlib.suppress(OSError):
                if os.readlink(f"/proc/{name}/ns/mnt") == own:
                    found[int(name)] = read(f"/proc/{name}/cmdline")
        return found

    def runs(self):
        """Whether a run goes on."""
        return any("malloc_demo" in command
                   for command in self.processes().values())

    def kill(self):
        """As if its power failed."""
        _kill(self.processes)
        self.process.wait(TIMEOUT)

    def end(self):
        if self.process.poll() is None:
            self.kill()

    def listens(self):
        if self.process.poll() is not None:
            raise AssertionError(f"sshd ended: {read(f'{self.folder}/log')}")
        with contextlib.suppress(OSError):
            socket.create_connection((LOOPBACK, self.port), 1).close()
            return True
        return False

    def ssh_options(self):
        return _SSH_NODE.format(name=self.name, address=LOOPBACK, port=self.port)


def _session(leader):
    """The processes of a session that have not ended."""
    found = []
    for name in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            fields = read(f"/proc/{name}/stat").rpartition(")")[2].split()
            if int(fields[3]) == leader and fields[0] != "Z":
                found.append(int(name))
    return found


def _kill(find):
    """Kills all processes that find() returns. They are stopped first, so that
    none starts another one or cleans up when it sees the end of another one."""
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in find():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)


class ParallelTest(unittest.TestCase):
    """Two nodes for all tests."""

    @classmethod
    def setUpClass(cls):
        if os.geteuid() != 0:
            raise unittest.SkipTest("root, for the namespaces of sshd")
        system, environment = peer_system(
            "parallel", "openssh-server", "openssh-client", "rsync")
        stack = contextlib.ExitStack()
        # Also when a signal ends the tests, which skips the cleanups of a class.
        atexit.register(stack.close)
        cls.addClassCleanup(stack.close)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        cls.top = tempfile.mkdtemp(prefix="parallel_test.")
        stack.callback(shutil.rmtree, cls.top)
        for name in ("host_key", "user_key"):
            subprocess.run(
                ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f",
                 os.path.join(cls.top, name)], check=True, timeout=TIMEOUT,
                env={**os.environ, **environment})
        cls.nodes = []
        for name in _NODES:
            cls.nodes.append(_Node(cls.top, name, system, environment))
            stack.callback(cls.nodes[-1].end)
        _write(f"{cls.top}/ssh_config", "".join(
            node.ssh_options() for node in cls.nodes) + _SSH.format(top=cls.top))
        cls.environment = {
            **os.environ, **environment,
            "PATH": f"{PROGRAMS}:{environment['PATH']}",
            "PARALLEL_SSH": f"ssh -F {cls.top}/ssh_config",
            "PARALLEL_HOME": f"{cls.top}/parallel",
            "RSYNC_RSH": f"ssh -F {cls.top}/ssh_config"}

    def sweep(self, *words):
        return Sweep(tempfile.mkdtemp(dir=self.top), *words)

    def start(self, sweep, command):
        with open(f"{sweep.folder}/log", "ab") as log:
            return subprocess.Popen(
                ["sh", "-c", command], cwd=sweep.folder, env=self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)

    def run_to_its_end(self, sweep, command):
        process = self.start(sweep, command)
        try:
            status = process.wait(TIMEOUT)
        finally:
            _kill(lambda: _session(process.pid))
        self.assertEqual(status, 0, read(f"{sweep.folder}/log"))

    def kill_in_the_middle(self, sweep, command):
        process = self.start(sweep, command)
        try:
            wait_for("results", lambda: len(sweep.stored()) >= 3)
        finally:
            _kill(lambda: _session(process.pid))
            process.wait(TIMEOUT)
        self.assertLess(len(sweep.stored()), len(sweep.ids) - 1)

    def hosts(self, sweep):
        """Of the runs in the log of parallel."""
        rows = read(f"{sweep.folder}/cells.log").splitlines()[1:]
        return {row.split("\t")[1] for row in rows}

    def assert_kept(self, before, sweep):
        """No cell that had a result was repeated."""
        after = sweep.stored()
        self.assertEqual(before, {name: after.get(name) for name in before})

    def check_interrupted(self, is_shared):
        command = _documented_commands()[is_shared]
        # No run meets the second deadline, and its cells fail.
        sweep = self.sweep("-L", "timeout=1m,1ms", "--repeat", "6", "--", "oom",
                           "--limit", "8M", "--ramp", "0")
        self.kill_in_the_middle(sweep, command)
        for node in self.nodes:
            wait_for("the runs end", lambda at=node: len(at.processes()) == 1)
        before = sweep.stored()
        self.run_to_its_end(sweep, command)
        self.assert_kept(before, sweep)
        sweep.assert_complete(self, failed=6)
        assert_nothing_left(self)
        return sweep

    def test_a_shared_folder(self):
        sweep = self.check_interrupted(is_shared=True)
        self.assertEqual(self.hosts(sweep), set(_NODES))

    def test_results_are_copied_back(self):
        sweep = self.check_interrupted(is_shared=False)
        for node in self.nodes:
            left = [name for _, _, files in os.walk(node.home) for name in files]
            # The one that parallel could not copy when it was killed.
            self.assertLessEqual(len(left), 1)
            self.assertLessEqual(set(left), {f"{name}.json" for name in sweep.ids})

    def test_a_node_is_lost(self):
        sweep = self.sweep("--repeat", "8", "--", "oom", "--limit", "8M", "--ramp",
                           "300ms")
        process = self.start(sweep, _documented_commands()[True])
        lost, _ = self.nodes
        try:
            wait_for("a run", lost.runs)
            lost.kill()
            before = sweep.stored()
            status = process.wait(TIMEOUT)
        finally:
            _kill(lambda: _session(process.pid))
            lost.start()
        self.assertEqual(status, 0, read(f"{sweep.folder}/log"))
        self.assert_kept(before, sweep)
        sweep.assert_complete(self)
        # The next run there has removed the cgroup of the one that was killed.
        assert_nothing_left(self)


if __name__ == "__main__":
    unittest.main()
