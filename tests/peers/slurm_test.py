#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""scripts/slurm/submit with Debian's Slurm and munge: tests/peers/slurm_test.py -v

A controller and two nodes run on loopback, with all their files in a temporary
folder; nothing is installed. Slurm confines jobs by the cgroup hierarchies of
v1. For it those begin in a cgroup of this test in the hierarchies freezer and
memory, cglab.slurm.PID, in which it creates
slurm_NODE/uid_UID/job_JOB/step_batch/task_0, and which is removed.
CGLAB_TEST_BUILD names the build folder that has cglab (build)."""

import atexit
import contextlib
import glob
import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from peer_packages import ROOT, peer_system  # noqa: E402
from service import (  # noqa: E402
    LOOPBACK, TIMEOUT, end, free_port, read, remove_cgroup, v1_place, wait_for)
from sweep import PROGRAMS, Sweep, assert_nothing_left, cglab  # noqa: E402

SUBMIT = os.path.join(ROOT, "scripts", "slurm", "submit")
_CONTROLLERS = ("freezer", "memory")
_NODES = ("node1", "node2")
# Of the highest index of a task, which makes tasks of several cells.
_MOST_TASKS = 5
_USER = "nobody"
# Short times, so that the controller soon sees that a node is lost, and starts
# again what ran there once the credential of the first start has expired.
_SLURM = """\
ClusterName=test
SlurmctldHost={host}({address})
SlurmctldPort={port}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge/socket,cred_expire=5
CredType=cred/munge
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
PluginDir={system}/usr/lib/{triplet}/slurm-wlm
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool.%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.%n.pid
ProctrackType=proctrack/cgroup
TaskPlugin=task/cgroup
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdTimeout=6
MessageTimeout=5
TCPTimeout=1
KillWait=2
JobRequeue=0
ReturnToService=2
MaxArraySize={array}
SchedulerParameters=sched_interval=1
PartitionName=all Nodes=node[1-2] Default=YES MaxTime=10 State=UP
"""
_NODE = ("NodeName={name} NodeHostname={host} NodeAddr={address} Port={port} "
         "CPUs=1 RealMemory=2000\n")
_CGROUP = """\
CgroupPlugin=cgroup/v1
CgroupAutomount=no
CgroupMountpoint={folder}/cgroup
ConstrainRAMSpace=yes
"""


def _write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def _below(folder, name):
    """The files of this name in a tree of cgroups, deepest last."""
    return [os.path.join(path, name) for path, _, _ in os.walk(folder)]


class _Cgroups:
    """Where the hierarchies begin for Slurm."""

    def __init__(self, folder):
        places = {name: v1_place(name) for name in _CONTROLLERS}
        for name, place in places.items():
            if not place or not os.access(place[1], os.W_OK):
                raise unittest.SkipTest(f"a writable v1 hierarchy of {name}")
        self.tops = {name: os.path.join(place[1], f"cglab.slurm.{os.getpid()}")
                     for name, place in places.items()}
        os.mkdir(f"{folder}/cgroup")
        for name, top in self.tops.items():
            os.mkdir(top)
            os.symlink(top, f"{folder}/cgroup/{name}")

    def of(self, controller, node):
        return os.path.join(self.tops[controller], f"slurm_{node}")

    def processes(self, node):
        """All that Slurm has started there: it tracks them by the freezer."""
        found = []
        for path in _below(self.of("freezer", node), "cgroup.procs"):
            with contextlib.suppress(FileNotFoundError):
                found += [int(pid) for pid in read(path).split()]
        return found

    def freeze(self, node, state):
        path = self.of("freezer", node)
        _write(f"{path}/freezer.state", state)
        wait_for(state, lambda: read(f"{path}/freezer.state").strip() == state)

    def runs(self, node):
        """The cgroups of cglab in jobs of this node."""
        return glob.glob(f"{self.of('memory', node)}/**/cglab.oom.*",
                         recursive=True)

    def remove(self):
        for top in self.tops.values():
            for path in reversed(_below(top, "")):
                remove_cgroup(path)


class Cluster:
    """munged, slurmctld and two slurmd."""

    def __init__(self, stack, folder):
        system, environment = peer_system(
            "munge", "slurmctld", "slurmd", "slurm-client")
        self._stack = stack
        self.folder = folder
        self.cgroups = _Cgroups(folder)
        stack.callback(self.cgroups.remove)
        self.environment = {
            **os.environ, **environment, "SLURM_CONF": f"{folder}/slurm.conf",
            "PATH": f"{PROGRAMS}:{environment['PATH']}"}
        self._configure(system)
        self._processes = {}
        self._start_munge()
        self._start("slurmctld", "-D", "-i")
        for name in _NODES:
            self.start_node(name)
        self.wait_for_nodes(*_NODES)

    def _configure(self, system):
        host = socket.gethostname().partition(".")[0]
        (plugins,) = glob.glob(f"{system}/usr/lib/*/slurm-wlm")
        text = _SLURM.format(
            host=host, address=LOOPBACK, port=free_port(), folder=self.folder,
            system=system, triplet=plugins.split("/")[-2], array=_MOST_TASKS + 1)
        for name in _NODES:
            text += _NODE.format(name=name, host=host, address=LOOPBACK,
                                 port=free_port())
        _write(f"{self.folder}/slurm.conf", text)
        _write(f"{self.folder}/cgroup.conf", _CGROUP.format(folder=self.folder))
        os.mkdir(f"{self.folder}/programs")
        # The daemons go by the names that they are installed under.
        for name in ("slurmctld", "slurmd", "slurmstepd"):
            os.symlink(f"{system}/usr/sbin/{name}-wlm",
                       f"{self.folder}/programs/{name}")
        self._munged = f"{system}/usr/sbin/munged"

    def _start_munge(self):
        folder = f"{self.folder}/munge"
        os.mkdir(folder)
        os.chmod(folder, 0o711)
        with open(f"{folder}/key", "wb", opener=lambda path, flags: os.open(
                path, flags, 0o600)) as key:
            key.write(os.urandom(1024))
        self._spawn("munged", self._munged, "--foreground", *(
            f"--{name}-file={folder}/{name}" for name in ("key", "log", "pid", "seed")),
            f"--socket={folder}/socket")
        self._wait_for("the socket of munged",
                       lambda: os.path.exists(f"{folder}/socket"))

    def _start(self, name, *options):
        self._spawn(name, f"{self.folder}/programs/{name.split('.')[0]}", *options)

    def _spawn(self, name, *command):
        with open(f"{self.folder}/{name}.log", "ab") as log:
            process = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, cwd=self.folder)
        self._processes[name] = process
        self._stack.callback(end, process)

    def _wait_for(self, what, condition):
        def check():
            for name, process in self._processes.items():
                if process.poll() is not None:
                    raise AssertionError(
                        f"{name} ended: {read(f'{self.folder}/{name}.log')}")
            return condition()
        wait_for(what, check)

    def start_node(self, name):
        self._stack.callback(self._kill_jobs, name)
        self._start(f"slurmd.{name}", "-D", "-N", name, "-d",
                    f"{self.folder}/programs/slurmstepd")

    def _kill_jobs(self, name):
        for pid in self.cgroups.processes(name):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_for(f"the processes of {name} end",
                 lambda: not self.cgroups.processes(name))

    def lose(self, name):
        """Kills slurmd, slurmstepd and the job, as if the power failed; a run
        must go on there."""
        def frozen_in_a_run():
            if not self.cgroups.runs(name):
                return False
            self.cgroups.freeze(name, "FROZEN")
            # It still has its cgroup, so it has not ended.
            if self.cgroups.runs(name):
                return True
            self.cgroups.freeze(name, "THAWED")
            return False
        self._wait_for(f"a run on {name}", frozen_in_a_run)
        slurmd = self._processes.pop(f"slurmd.{name}")
        slurmd.kill()
        slurmd.wait()
        for pid in self.cgroups.processes(name):
            os.kill(pid, signal.SIGKILL)
        self.cgroups.freeze(name, "THAWED")
        wait_for(f"the processes of {name} end",
                 lambda: not self.cgroups.processes(name))

    def is_running(self):
        """Whether a cell is run on a node."""
        return any(self.cgroups.runs(name) for name in _NODES)

    def command(self, *words):
        return subprocess.run(
            words, env=self.environment, stdin=subprocess.DEVNULL, text=True,
            capture_output=True, check=False, timeout=TIMEOUT)

    def say(self, *words):
        done = self.command(*words)
        if done.returncode != 0:
            raise AssertionError(f"{words}: {done.stderr}")
        return done.stdout

    def states(self):
        """{node: state}"""
        text = self.say("sinfo", "--noheader", "--Node", "--format=%N %T")
        return dict(line.split() for line in text.splitlines())

    def wait_for_nodes(self, *names):
        self._wait_for(f"{names} are idle", lambda: all(
            self.states().get(name) == "idle" for name in names))

    def submit(self, *words):
        """The number of the job."""
        out = self.say(SUBMIT, *words)
        return out.split("Submitted job ")[1].split(":")[0]

    def is_waiting(self, job):
        return self.say("squeue", "--noheader", "--jobs", job)

    def wait_for_job(self, job):
        self._wait_for(f"job {job}", lambda: not self.is_waiting(job))

    def tasks(self, job):
        """{number: its properties}"""
        tasks = {}
        for text in self.say("scontrol", "show", "--oneliner", "job",
                             job).splitlines():
            pairs = dict(pair.split("=", 1) for pair in text.split() if "=" in pair)
            tasks[int(pairs["ArrayTaskId"])] = pairs
        return tasks


class SlurmTest(unittest.TestCase):
    """One cluster for all tests."""

    @classmethod
    def setUpClass(cls):
        if os.geteuid() != 0:
            raise unittest.SkipTest("root, for slurmd and its cgroups")
        stack = contextlib.ExitStack()
        # Also when a signal ends the tests, which skips the cleanups of a class.
        atexit.register(stack.close)
        cls.addClassCleanup(stack.close)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        cls.folder = tempfile.mkdtemp(prefix="slurm_test.")
        stack.callback(shutil.rmtree, cls.folder)
        os.chmod(cls.folder, 0o755)
        cls.cluster = Cluster(stack, cls.folder)

    def sweep(self, *words):
        return Sweep(tempfile.mkdtemp(dir=self.folder), *words)

    def logs(self, sweep):
        return "".join(read(path) for path in sorted(
            glob.glob(f"{sweep.folder}/cells.logs/*.log")))

    def test_a_node_is_lost(self):
        sweep = self.sweep("--repeat", "10", "--", "oom", "--limit", "8M", "--ramp",
                           "300ms")
        job = self.cluster.submit(sweep.plan, "--mem=100M")
        self.cluster.lose("node1")
        before = sweep.stored()
        self.assertIn("would remove", cglab("clean", "--dry-run").stdout)
        self.cluster.wait_for_job(job)
        self.assertIn(self.cluster.states()["node1"], ("down", "down*"))
        after = sweep.stored()
        self.assertEqual(before, {name: after.get(name) for name in before})
        sweep.assert_complete(self)
        tasks = self.cluster.tasks(job)
        self.assertEqual(set(tasks), set(range(1, _MOST_TASKS + 1)))
        self.assertEqual({task["JobState"] for task in tasks.values()},
                         {"COMPLETED"})
        self.assertNotEqual({task["Restarts"] for task in tasks.values()}, {"0"})
        # What an administrator does before the node is used again.
        self.assertEqual(cglab("clean").returncode, 0)
        assert_nothing_left(self)
        self.cluster.start_node("node1")
        self.cluster.wait_for_nodes(*_NODES)

    def test_a_task_is_requeued_while_it_runs(self):
        sweep = self.sweep("--", "oom", "--limit", "8M", "--ramp", "2s")
        job = self.cluster.submit(sweep.plan)
        wait_for("a run", self.cluster.is_running)
        self.cluster.say("scontrol", "requeue", job)
        wait_for("the run ends", lambda: not self.cluster.is_running())
        self.assertEqual(sweep.stored(), {})
        assert_nothing_left(self)
        self.cluster.wait_for_job(job)
        sweep.assert_complete(self)
        self.assertEqual(self.cluster.tasks(job)[1]["Restarts"], "1")

    def test_cells_that_fail_do_not_stop_the_others(self):
        # No run meets the second deadline.
        sweep = self.sweep("-L", "timeout=1m,1ms", "--repeat", "3", "--", "oom",
                           "--limit", "8M", "--ramp", "0")
        job = self.cluster.submit("--cells", "4", sweep.plan)
        self.cluster.wait_for_job(job)
        sweep.assert_complete(self, failed=3)
        self.assertEqual([task["JobState"] for task in
                          self.cluster.tasks(job).values()], 2 * ["COMPLETED"])
        self.assertEqual(self.logs(sweep).count("failed, recorded in"), 3)
        before = sweep.stored()
        self.cluster.wait_for_job(self.cluster.submit("--retry", sweep.plan))
        after = sweep.stored()
        failed = {cell["id"] for cell in sweep.merge()[1]["failed"]}
        self.assertEqual({name for name in before if before[name] != after[name]},
                         failed)

    def test_slurm_refuses_the_job(self):
        sweep = self.sweep("--", "oom", "--limit", "8M")
        done = self.cluster.command(SUBMIT, sweep.plan, "--partition=none")
        self.assertEqual((done.returncode, done.stdout), (3, ""), done.stderr)
        self.assertIn("invalid partition specified: none", done.stderr)

    def test_an_ordinary_user_needs_no_cgroup_in_a_vm(self):
        user = pwd.getpwnam(_USER)
        sweep = self.sweep("--", "oom", "--limit", "8M", "--ramp", "0")
        cache = f"{sweep.folder}/cache"
        os.mkdir(cache)
        os.mkdir(f"{sweep.folder}/cells.logs")
        for path in (sweep.folder, *glob.glob(f"{sweep.folder}/*")):
            os.chown(path, user.pw_uid, user.pw_gid)
        job = self.cluster.submit(
            "--vm", sweep.plan, "--mem=1500M", f"--uid={user.pw_uid}",
            f"--gid={user.pw_gid}",
            f"--export=ALL,HOME={sweep.folder},XDG_CACHE_HOME={cache}")
        self.cluster.wait_for_job(job)
        self.assertEqual(set(sweep.stored()), set(sweep.ids), self.logs(sweep))
        sweep.assert_complete(self)
        (path,) = glob.glob(f"{sweep.results}/*.json")
        self.assertEqual(os.stat(path).st_uid, user.pw_uid)
        result = json.loads(read(path))
        self.assertTrue(result["vm_host"])


if __name__ == "__main__":
    unittest.main()
