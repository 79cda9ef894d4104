#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`cglab inspect` and `cglab watch --all` on containers of Debian's podman and
crun, in a VM with systemd: tests/peers/podman_test.py -v

CGLAB_TEST_BUILD names the build folder that has cglab and malloc_demo (build).
"""

import json
import os
import re
import signal
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from podman_vm import BUILD, run_in_vm  # noqa: E402

from peers.image import make_image  # noqa: E402

GUEST = os.path.join(HERE, "podman_guest.sh")
_LIMIT = 64 << 20
_SECCOMP_MODE_FILTER = 2
_STEP = re.compile(
    r"^@@ begin (\w+)\n(.*?)\n@@ errors\n(.*?)\n@@ end (\d+)\n", re.M | re.S)


class PodmanTest(unittest.TestCase):
    """One boot, in which podman_guest.sh runs."""

    @classmethod
    def setUpClass(cls):
        for name in ("lab/cglab", "malloc_demo/malloc_demo"):
            if not os.access(os.path.join(BUILD, name), os.X_OK):
                raise RuntimeError(f"{BUILD} has no {name} (CGLAB_TEST_BUILD)")
        # scripts/vm in the same process group gets it, too, and ends QEMU.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with tempfile.TemporaryDirectory(prefix="podman_test.") as folder:
            image = os.path.join(folder, "image.tar")
            make_image(image, BUILD)
            done = run_in_vm((image, GUEST), "sh", GUEST, image)
        cls.steps = {name: (int(status), output, errors) for
                     name, output, errors, status in _STEP.findall(done.stdout)}
        if "stopped" not in cls.steps:
            raise AssertionError(
                f"the script did not finish: {done.stdout}{done.stderr}")
        for name in ("import", "run"):
            if cls.steps[name][0] != 0:
                raise AssertionError(f"podman {name}: {cls.steps[name]}")
        (cls.container,) = json.loads(cls.output("podman"))

    @classmethod
    def output(cls, name, expected=0):
        """Standard output of a step."""
        status, output, errors = cls.steps[name]
        if status != expected:
            raise AssertionError(f"{name}: {status}\n{output}\n{errors}")
        return output

    def metric(self, series):
        lines = self.output("metrics").splitlines()
        (value,) = [line.rpartition(" ")[2] for line in lines
                    if line.rpartition(" ")[0] == series]
        return float(value)

    def inspected(self, name):
        return json.loads(self.output(name))

    def assert_is_the_container(self, found):
        self.assertEqual(found["schema"], "cglab.inspect/1")
        container = found["container"]
        self.assertEqual(container["runtime"], "podman")
        self.assertEqual(container["id"], self.container["Id"])
        self.assertEqual(container["evidence"], "namespaces")
        self.assertEqual(container["cgroup"],
                         self.container["State"]["CgroupPath"])
        self.assertEqual(found["process"]["pid"], self.container["State"]["Pid"])
        self.assertEqual(found["process"]["pids"][-1], 1)
        self.assertEqual(found["process"]["root"]["type"],
                         self.container["Driver"])

    def assert_shows_the_limit(self, found):
        """crun has set it on a child of the cgroup with the container's id."""
        binding = found["memory"]["binding"]
        self.assertIsNotNone(binding, found["memory"])
        self.assertEqual(binding["limit"], _LIMIT)
        self.assertEqual(binding["path"], "/sys/fs/cgroup" + self.group())

    def group(self):
        return self.output("group").strip().split(":", 2)[2]

    def test_a_name_is_found(self):
        found = self.inspected("by_name")
        self.assertEqual(found["subject"]["kind"], "container")
        self.assertEqual(found["subject"]["asked"], "podman")
        self.assert_is_the_container(found)
        self.assert_shows_the_limit(found)

    def test_the_beginning_of_an_id_is_found(self):
        found = self.inspected("by_id")
        self.assertEqual(found["subject"]["kind"], "container")
        self.assert_is_the_container(found)
        self.assert_shows_the_limit(found)

    def test_a_process_is_found(self):
        found = self.inspected("by_pid")
        self.assertEqual(found["subject"]["kind"], "process")
        self.assert_is_the_container(found)
        self.assert_shows_the_limit(found)

    def test_the_namespaces_are_its_own(self):
        differs = {each["kind"]: each["differs"]
                   for each in self.inspected("by_name")["namespaces"]}
        for kind in ("pid", "mnt", "net", "uts", "ipc"):
            self.assertTrue(differs[kind], kind)
        self.assertFalse(differs["user"])

    def test_its_network_is_that_which_podman_reports(self):
        network = self.inspected("by_name")["network"]
        links = {each["name"]: each for each in network["interfaces"]}
        if self.steps["modules"][0] != 0:
            self.skipTest("the modules veth and bridge for this kernel: "
                          + self.steps["modules"][2])
        (known,) = self.container["NetworkSettings"]["Networks"].values()
        self.assertEqual(sorted(links), ["eth0", "lo"])
        self.assertIn({"address": known["IPAddress"],
                       "prefix": known["IPPrefixLen"]},
                      links["eth0"]["addresses"])
        self.assertTrue(links["eth0"]["up"] and links["eth0"]["carrier"])
        (route,) = network["default_routes"]
        self.assertEqual((route["gateway"], route["interface"]),
                         (known["Gateway"], links["eth0"]["index"]))

    def test_its_privileges_are_those_which_podman_reports(self):
        privileges = self.inspected("by_name")["process"]["privileges"]
        self.assertEqual(
            sorted(name.upper() for name in privileges["capabilities"]),
            sorted(self.container["EffectiveCaps"]))
        self.assertEqual(privileges["seccomp"], _SECCOMP_MODE_FILTER)

    def test_its_kill_is_shown(self):
        self.assertEqual(self.inspected("by_name")["memory"]["oom_kills"], 0)
        self.assertEqual(self.inspected("after")["memory"]["oom_kills"], 1)

    def test_nothing_is_missing_for_root(self):
        gaps = [gap for gap in self.inspected("by_name")["gaps"]
                if gap["kind"] == "refused"]
        self.assertEqual(gaps, [])

    def test_the_text_names_the_container(self):
        text = self.output("text")
        self.assertIn(self.container["Id"][:12], text)
        self.assertIn("64 MiB", text)

    def test_a_missing_interpreter_is_reported_as_the_lesson_says(self):
        """`cglab explain image`."""
        _, _, errors = self.steps["no_interpreter"]
        self.assertIn("(missing dynamic library?)", errors)
        self.assertIn("/ls", errors)

    def test_a_container_that_has_stopped_is_refused(self):
        status, output, errors = self.steps["stopped"]
        self.assertEqual((status, output), (2, ""))
        self.assertIn("is not running", errors)

    def test_a_kill_in_a_running_container_is_counted_there(self):
        self.output("exec", expected=137)
        self.output("counted")
        for name, value in (("oom_kills_total", 1),
                            ("memory_limit_bytes", _LIMIT)):
            series = f'cglab_cgroup_{name}{{cgroup="{self.group()}"}}'
            self.assertEqual(self.metric(series), value, series)

    def test_a_kill_in_a_container_that_is_gone_is_counted_above(self):
        self.output("short", expected=137)
        self.output("counted_short")
        self.assertEqual(self.metric("cglab_oom_kills_total"), 2)
        self.assertEqual(self.metric("cglab_oom_kills_unplaced_total"), 0)
        self.assertEqual(self.metric(
            'cglab_cgroup_oom_kills_total{cgroup="/machine.slice"}'), 2)

    def test_each_kill_is_in_one_local_series(self):
        values = re.findall(r"^cglab_cgroup_oom_kills_local_total\{.*\} (\d+)$",
                            self.output("metrics"), re.M)
        self.assertEqual(sum(map(int, values)), 2)

    def test_the_watch_ends_at_sigterm(self):
        self.output("watch", expected=128 + 15)


if __name__ == "__main__":
    unittest.main()
