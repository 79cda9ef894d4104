#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`scripts/compare-peers --vm`, once each: tests/peers/compare_peers_vm_test.py -v

CGLAB_TEST_BUILD names the build folder that has cglab and malloc_demo (build).
"""

import json
import os
import signal
import subprocess
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("CGLAB_TEST_BUILD") or os.path.join(ROOT, "build")
SCRIPT = os.path.join(ROOT, "scripts", "compare-peers")
_UNABLE = 77
_DEADLINE = 900
_CONTAINERS = {"crun", "runc", "podman run (crun)", "podman run (runc)"}
_STARTERS = {"bare exec", "cglab run", "systemd-run --scope", *_CONTAINERS}
_OOM = {"cglab oom", "shell script", "libcgroup's tools", "systemd-run --scope",
        "stress-ng in cgexec", *_CONTAINERS}


class ComparePeersVmTest(unittest.TestCase):
    """One boot with all measures."""

    @classmethod
    def setUpClass(cls):
        # The script in the same process group gets it, too, and ends its VM.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with tempfile.TemporaryDirectory(prefix="compare_peers_vm.") as folder:
            path = os.path.join(folder, "figures.json")
            done = subprocess.run(
                [SCRIPT, "--vm", "--runs", "1", "--build", BUILD, "--timeout",
                 str(_DEADLINE), "--json", path],
                stdin=subprocess.DEVNULL, capture_output=True, text=True,
                check=False, timeout=_DEADLINE + 300)
            if done.returncode == _UNABLE and not done.stdout:
                raise unittest.SkipTest(done.stderr.strip())
            if done.returncode != 0:
                raise AssertionError(done.stdout + done.stderr)
            with open(path, encoding="utf-8") as file:
                cls.results = json.load(file)
        cls.text = done.stdout

    def samples(self, measure, names):
        """{way: its one figure}; all these ways have one."""
        rows = self.results["measures"][measure]
        self.assertEqual(set(rows), names)
        figures = {}
        for name, row in rows.items():
            self.assertIn("samples", row, name)
            (figures[name],) = row["samples"]
        return figures

    def test_each_way_is_timed(self):
        for name, time in self.samples("start", _STARTERS).items():
            self.assertGreater(time, 0, name)

    def test_each_oom_cycle_has_its_kill(self):
        """One without it is a failure, with exit status 3 and no figure."""
        for name, time in self.samples("oom", _OOM).items():
            self.assertGreater(time, 0, name)

    def test_each_cgroup_holds_the_program(self):
        for name, figures in self.samples("memory", _STARTERS).items():
            self.assertGreaterEqual(figures["cgroup"], 8 << 20, name)
            self.assertLess(figures["cgroup"], 32 << 20, name)

    def test_only_podman_has_a_cgroup_for_its_helper(self):
        for name, figures in self.samples("memory", _STARTERS).items():
            with self.subTest(name):
                self.assertEqual("helper_cgroup" in figures, "podman" in name)
                self.assertEqual("helper_pss" in figures,
                                 "podman" in name or name == "cglab run")

    def test_each_way_faults_pages(self):
        for name, rate in self.samples("faults", _STARTERS).items():
            self.assertGreater(rate, 0, name)

    def test_nothing_is_left_behind(self):
        self.assertEqual(self.results["left_behind"], [])

    def test_the_versions_and_the_emulation_are_shown(self):
        self.assertEqual(self.results["version"], "v2")
        for tool in ("podman", "crun", "runc", "systemd-run", "cglab"):
            self.assertTrue(self.results["tools"][tool], tool)
        self.assertIn("emulated by QEMU", self.text)


if __name__ == "__main__":
    unittest.main()
