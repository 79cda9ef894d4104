#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The metrics and the alerts of `cglab watch --all` with Debian's Prometheus and
node_exporter, on this host: tests/peers/prometheus_test.py -v

Both listen on loopback only, and nothing is installed. CGLAB_TEST_BUILD names
the build folder that has cglab (build)."""

import atexit
import contextlib
import glob
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from peer_packages import ROOT, prometheus_programs  # noqa: E402
from service import (  # noqa: E402
    LOOPBACK, TIMEOUT, end, free_port, read, remove_cgroup, v1_place, wait_for)

BUILD = os.environ.get("CGLAB_TEST_BUILD") or os.path.join(ROOT, "build")
CGLAB = os.path.join(BUILD, "lab", "cglab")
RULES = os.path.join(ROOT, "lab", "watch", "prometheus-rules.yml")
_TOP_LIMIT = 256 << 20
_CHILD_LIMIT = 64 << 20
# Characters that the text form of the metrics escapes.
_ODD_NAME = 'cglab.odd "quoted" back\\slash'
# A label is UTF-8, and one that is not would make all metrics invalid.
_BYTES_NAME = os.fsdecode(b"cglab.bytes \xff")
_BYTES_LABEL = r"cglab.bytes \xff"
_KILLS = 3
_CONFIGURATION = """\
global:
  scrape_interval: 1s
  evaluation_interval: 1s
rule_files: ['{rules}']
scrape_configs:
  - job_name: node
    static_configs:
      - targets: ['{target}']
"""
_SERVER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _run(*command, **options):
    return subprocess.run(
        command, stdin=options.pop("stdin", subprocess.DEVNULL),
        capture_output=True, text=True, check=False, timeout=TIMEOUT, **options)


class _Cgroups:
    """A subtree of our own for the watch, in the memory hierarchy."""

    def __init__(self):
        self.mount, self.is_v1, above = _place()
        self.top = os.path.join(above, f"cglab.peers.{os.getpid()}")

    def make(self):
        self._make(self.top, _TOP_LIMIT)
        if not self.is_v1:
            self._write(self.top, "cgroup.subtree_control", "+memory")
        for name in ("cglab.child", _ODD_NAME, _BYTES_NAME):
            self._make(os.path.join(self.top, name), _CHILD_LIMIT)

    def _make(self, path, limit):
        os.mkdir(path)
        name = "memory.limit_in_bytes" if self.is_v1 else "memory.max"
        self._write(path, name, str(limit))

    @staticmethod
    def _write(path, name, value):
        with open(os.path.join(path, name), "w", encoding="ascii") as file:
            file.write(value)

    def remove(self):
        for folder, _, _ in os.walk(self.top, topdown=False):
            remove_cgroup(folder)

    def label(self, *names):
        """A cgroup as the metrics name it."""
        return os.path.join(self.top, *names)[len(self.mount):]


def _place():
    """(mount, whether it is v1, folder to make a cgroup in)."""
    on_v1 = v1_place("memory")
    if on_v1 and os.access(on_v1[1], os.W_OK):
        return on_v1[0], True, on_v1[1]
    for line in read("/proc/self/mounts").splitlines():
        _, mount, kind, *_ = line.split()
        if kind != "cgroup2" or not os.access(mount, os.W_OK):
            continue
        # A cgroup with processes, such as our own, enables no controller for
        # its children; the root does.
        with contextlib.suppress(OSError):
            enabled = read(os.path.join(mount, "cgroup.subtree_control"))
            if "memory" in enabled.split():
                return mount, False, mount
    raise unittest.SkipTest("a writable memory hierarchy")


def _listening(pid):
    """Local addresses, as /proc has them, on which a process listens."""
    sockets = set()
    for path in glob.glob(f"/proc/{pid}/fd/*"):
        with contextlib.suppress(OSError):
            sockets.add(os.readlink(path))
    found = []
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(FileNotFoundError):
            rows = read(f"/proc/{pid}/net/{table}").splitlines()[1:]
            found += [row.split()[1] for row in rows
                      if row.split()[3] == "0A"
                      and f"socket:[{row.split()[9]}]" in sockets]
    return found


def _sample(series, **labels):
    """A selector of series; the labels' values are quoted as in JSON."""
    pairs = ", ".join(f"{name}={json.dumps(value)}"
                      for name, value in labels.items())
    return f"{series}{{{pairs}}}"


class Peers(unittest.TestCase):
    """A watch, node_exporter and Prometheus for the tests of a class."""

    @classmethod
    def setUpClass(cls):
        if not os.access(CGLAB, os.X_OK):
            raise RuntimeError(f"{BUILD} has no lab/cglab (CGLAB_TEST_BUILD)")
        programs = prometheus_programs()
        cls.promtool = os.path.join(programs, "promtool")
        cls.cgroups = _Cgroups()
        stack = contextlib.ExitStack()
        # Also when a signal ends the tests, which skips the cleanups of a class.
        atexit.register(stack.close)
        cls.addClassCleanup(stack.close)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        cls.folder = tempfile.mkdtemp(prefix="peers_test.")
        stack.callback(shutil.rmtree, cls.folder)
        stack.callback(cls.cgroups.remove)
        cls.cgroups.make()
        cls.metrics = os.path.join(cls.folder, "metrics", "cglab.prom")
        os.mkdir(os.path.dirname(cls.metrics))
        cls.processes = {}
        cls._start_all(programs, stack)
        cls.wait_for_value("cglab_oom_kills_total", 0)

    @classmethod
    def _start(cls, stack, name, *command):
        log = os.path.join(cls.folder, name + ".log")
        with open(log, "wb") as file:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=file,
                stderr=subprocess.STDOUT)
        stack.callback(end, process)
        cls.processes[name] = process

    @classmethod
    def _start_all(cls, programs, stack):
        cls._start(stack, "cglab", CGLAB, "watch", "--all", cls.cgroups.top,
                   "--metrics", cls.metrics)
        node = f"{LOOPBACK}:{free_port()}"
        cls._start(
            stack, "node_exporter",
            os.path.join(programs, "prometheus-node-exporter"),
            "--collector.disable-defaults", "--collector.textfile",
            f"--collector.textfile.directory={os.path.dirname(cls.metrics)}",
            f"--web.listen-address={node}")
        cls.server = f"{LOOPBACK}:{free_port()}"
        configuration = os.path.join(cls.folder, "prometheus.yml")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(_CONFIGURATION.format(rules=RULES, target=node))
        cls._start(
            stack, "prometheus", os.path.join(programs, "prometheus"),
            f"--config.file={configuration}",
            f"--storage.tsdb.path={cls.folder}/data",
            f"--web.listen-address={cls.server}")

    @classmethod
    def _check_processes(cls):
        for name, process in cls.processes.items():
            if process.poll() is not None:
                log = read(os.path.join(cls.folder, name + ".log"))
                raise AssertionError(
                    f"{name} ended with status {process.returncode}: {log}")

    @classmethod
    def ask(cls, path, **parameters):
        """The answer of Prometheus' API; None while it starts."""
        url = f"http://{cls.server}/api/v1/{path}?" + urllib.parse.urlencode(
            parameters)
        cls._check_processes()
        try:
            with _SERVER.open(url, timeout=TIMEOUT) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            if error.code == 503:
                return None
            raise AssertionError(f"{url}: {error.read().decode()}") from error
        except urllib.error.URLError:
            return None

    @classmethod
    def samples(cls, query):
        """[(labels, value)]"""
        data = cls.ask("query", query=query)
        return [(row["metric"], float(row["value"][1]))
                for row in data["result"]] if data else []

    @classmethod
    def values(cls, query):
        return [value for _, value in cls.samples(query)]

    @classmethod
    def wait_for_value(cls, query, value):
        seen = []

        def arrived():
            seen[:] = cls.values(query)
            return seen == [value]

        try:
            wait_for(query, arrived)
        except AssertionError as error:
            written = read(cls.metrics) if os.path.exists(cls.metrics) else ""
            raise AssertionError(
                f"{error}: expected {value}, have {seen}\n{written}") from error

    @classmethod
    def firing(cls):
        """{(alert, cgroup)}"""
        alerts = (cls.ask("alerts") or {}).get("alerts", [])
        return {(alert["labels"]["alertname"], alert["labels"].get("cgroup"))
                for alert in alerts if alert["state"] == "firing"}


class KillsTest(Peers):
    """Kills in children that live for some 20 ms."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # A rise is seen only from a first value on.
        cls.wait_for_value(
            _sample("cglab_cgroup_oom_kills_local_total",
                    cgroup=cls.cgroups.label("cglab.child")), 0)
        cls._kill(cls.cgroups.top, _KILLS)
        cls._kill(os.path.join(cls.cgroups.top, "cglab.child"), 1)
        cls.wait_for_value("cglab_oom_kills_total", _KILLS + 1)
        # A child may have had series for a moment.
        cls.wait_for_value("count(cglab_cgroup_memory_usage_bytes)", 4)

    @staticmethod
    def _kill(parent, count):
        """OOM kills, each in a child that is removed at once."""
        for _ in range(count):
            done = _run(CGLAB, "oom", "--limit", "16M", "--ramp", "0", "--quiet",
                        "--parent", parent)
            if done.returncode != 0:
                raise AssertionError(f"cglab oom: {done.returncode} {done.stderr}")

    def expected_alerts(self):
        """By the series, of which each kill is in one; the top is among them,
        as the children of some 20 ms have none, and new ones do not count."""
        local = self.samples("cglab_cgroup_oom_kills_local_total > 0")
        expected = {("CglabOomKill", labels["cgroup"]) for labels, _ in local}
        self.assertIn(("CglabOomKill", self.cgroups.label()), expected)
        # Other kills on this host, of which the kernel log lacks some.
        if self.values("cglab_oom_kills_unplaced_total") != [0]:
            expected.add(("CglabBlindSpot", None))
        return expected

    def test_the_alert_fires_for_a_kill_in_a_child_that_is_gone(self):
        wait_for("the alerts",
                  lambda: self.firing() == self.expected_alerts())
        for alert in self.ask("alerts")["alerts"]:
            if alert["labels"].get("cgroup") == self.cgroups.label():
                self.assertEqual(alert["annotations"]["summary"],
                                 f"OOM kill in cgroup {self.cgroups.label()}")

    def test_no_kill_is_counted_twice(self):
        self.assertEqual(
            self.values("sum(cglab_cgroup_oom_kills_local_total)"), [_KILLS + 1])
        for names, kills in (((), _KILLS + 1), (("cglab.child",), 1),
                             ((_ODD_NAME,), 0)):
            query = _sample("cglab_cgroup_oom_kills_total",
                            cgroup=self.cgroups.label(*names))
            self.assertEqual(self.values(query), [kills], query)

    def test_each_cgroup_has_its_series(self):
        found = {labels["cgroup"]: value for labels, value in
                 self.samples("cglab_cgroup_memory_limit_bytes")}
        self.assertEqual(found, {
            self.cgroups.label(): _TOP_LIMIT,
            self.cgroups.label("cglab.child"): _CHILD_LIMIT,
            self.cgroups.label(_ODD_NAME): _CHILD_LIMIT,
            self.cgroups.label(_BYTES_LABEL): _CHILD_LIMIT})
        for series in ("memory_usage_bytes", "processes",
                       "memory_limit_hits_total", "oom_kills_total",
                       "oom_kills_local_total"):
            names = [labels["cgroup"] for labels, _ in
                     self.samples("cglab_cgroup_" + series)]
            self.assertEqual(sorted(names), sorted(found), series)
        self.assertEqual(self.values("cglab_cgroups"), [4])
        self.assertEqual(self.values("cglab_cgroups_without_series"), [0])

    def test_the_watch_is_described(self):
        version = "v1" if self.cgroups.is_v1 else "v2"
        query = _sample("cglab_watch_info", subtree=self.cgroups.label(),
                        hierarchy=version)
        self.assertEqual(self.values(query), [1])
        (start,) = self.values("cglab_watch_start_time_seconds")
        self.assertLess(start, time.time() + 1)
        self.assertGreater(start, time.time() - 3600)

    def test_node_exporter_accepts_the_file(self):
        self.assertEqual(self.values("node_textfile_scrape_error"), [0])
        files = [labels["file"] for labels, _ in
                 self.samples("node_textfile_mtime_seconds")]
        self.assertEqual(files, [self.metrics])

    def test_promtool_has_no_objection_to_the_metrics(self):
        with open(self.metrics, "rb") as file:
            done = _run(self.promtool, "check", "metrics", stdin=file)
        self.assertEqual((done.returncode, done.stdout + done.stderr), (0, ""))

    def test_all_listen_on_loopback_only(self):
        listening = {name: _listening(process.pid)
                     for name, process in self.processes.items()}
        for name in ("node_exporter", "prometheus"):
            self.assertEqual(len(listening[name]), 1, name)
        self.assertEqual(listening["cglab"], [])
        for address in sum(listening.values(), []):
            # As the kernel prints 127.0.0.1 on this machine.
            loopback = int.from_bytes(socket.inet_aton(LOOPBACK), sys.byteorder)
            self.assertEqual(address.split(":")[0], f"{loopback:08X}")


class EndTest(Peers):
    """A watch that is interrupted."""

    def test_its_stale_file_is_reported(self):
        watch = self.processes.pop("cglab")
        watch.send_signal(signal.SIGINT)
        self.assertEqual(watch.wait(TIMEOUT), 128 + signal.SIGINT)
        self.assertTrue(os.path.exists(self.metrics))
        stale = ("CglabWatchStale", None)
        self.assertNotIn(stale, self.firing())
        long_ago = time.time() - 300
        os.utime(self.metrics, (long_ago, long_ago))
        wait_for("CglabWatchStale", lambda: stale in self.firing())


if __name__ == "__main__":
    unittest.main()
