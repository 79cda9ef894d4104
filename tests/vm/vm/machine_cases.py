# SPDX-License-Identifier: MIT
"""The environment of the command in the VM."""

import time

from vm.fixture import VmTest


class MachineTest(VmTest):
    def mounts(self, *options):
        """{mount point: (type, super options)} in the VM."""
        lines = self.shell("cat /proc/self/mounts", *options).splitlines()
        return {f[1]: (f[2], f[3].split(",")) for f in map(str.split, lines)}

    def test_v2(self):
        mounts = self.mounts("--cgroup", "v2")
        self.assertEqual(mounts["/sys/fs/cgroup"][0], "cgroup2")
        self.assertFalse([t for t, _ in mounts.values() if t == "cgroup"])
        enabled = self.shell(
            "cat /sys/fs/cgroup/cgroup.subtree_control"
        ).split()
        self.assertLessEqual({"memory", "pids", "cpu", "io"}, set(enabled))
        script = (
            "cd /sys/fs/cgroup; mkdir a; echo 8M > a/memory.max; "
            "cat a/memory.max"
        )
        self.assertEqual(self.shell(script), "8388608\n")

    def assert_v1(self, mounts):
        self.assertEqual(mounts["/sys/fs/cgroup"][0], "tmpfs")
        for name in ("memory", "pids", "freezer", "cpu"):
            kind, options = mounts["/sys/fs/cgroup/" + name]
            self.assertEqual(kind, "cgroup")
            self.assertIn(name, options)

    def test_v1(self):
        mounts = self.mounts("--cgroup", "v1")
        self.assert_v1(mounts)
        self.assertFalse([t for t, _ in mounts.values() if t == "cgroup2"])

    def test_hybrid(self):
        mounts = self.mounts("--cgroup", "hybrid")
        self.assert_v1(mounts)
        self.assertEqual(mounts["/sys/fs/cgroup/unified"][0], "cgroup2")
        controllers = self.shell(
            "cat /sys/fs/cgroup/unified/cgroup.controllers",
            "--cgroup",
            "hybrid",
        )
        self.assertNotIn("memory", controllers)

    def test_memory_swap_and_cpus(self):
        swaps = self.shell("cat /proc/swaps", "--swap", "64M").splitlines()
        self.assertEqual(len(swaps), 2)
        self.assertTrue(swaps[1].startswith("/dev/zram0"))
        self.assertEqual(self.shell("cat /proc/swaps").count("\n"), 1)
        text = self.shell(
            "nproc; free -m | grep Mem",
            "--cpus",
            "2",
            "--memory",
            "512M",
            "--no-state",
        ).split()
        self.assertEqual(text[0], "2")
        self.assertTrue(384 < int(text[2]) <= 512, text)

    def test_kernel_features_and_users(self):
        self.assertIn("some avg10", self.shell("cat /proc/pressure/memory"))
        self.assertIn("Linux version", self.shell("dmesg"))
        user = self.shell(
            "su student -c 'id -u; touch ~/file; mkdir /etc/x || echo no'"
            " 2>&1"
        )
        self.assertEqual(user.split()[0], "1000")
        self.assertEqual(user.split()[-1], "no")
        self.assertIn("LOOPBACK,UP", self.shell("ip link show lo"))

    def test_every_start_has_its_own_clock_and_randomness(self):
        script = "date +%s; cat /proc/sys/kernel/random/boot_id"
        before = int(time.time())
        one, two = self.shell(script).split(), self.shell(script).split()
        self.assertTrue(before <= int(one[0]) <= int(two[0]) <= time.time() + 1)
        self.assertNotEqual(one[1], two[1])
