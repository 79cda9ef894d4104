#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Ten thousand OOM kills in cgroups that exist for milliseconds, followed by
`cglab watch --all`: tests/storm/storm_test.py -v

CGLAB_TEST_BUILD names the build folder with cglab and kill_storm (build);
CGLAB_STORM the number of kills (10000)."""

import collections
import json
import os
import signal
import subprocess
import tempfile
import unittest

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "../.."))
BUILD = os.environ.get("CGLAB_TEST_BUILD") or os.path.join(ROOT, "build")
CGLAB = os.path.join(BUILD, "lab", "cglab")
STORM = os.path.join(BUILD, "tests", "storm", "kill_storm")
KILLS = int(os.environ.get("CGLAB_STORM", "10000"))
LIMIT = 512 * 1024
DEADLINE = 3000

# Only a line for each kill leaves the machine, and what the kernel counted.
GUEST = f"""
top=/sys/fs/cgroup/cglab.storm
echo +memory > /sys/fs/cgroup/cgroup.subtree_control
mkdir $top && echo +memory > $top/cgroup.subtree_control || exit 3
cglab watch --all $top --json --interval 200ms > /watch.json &
watch=$!
until grep -q '"kind":"sample"' /watch.json; do sleep 0.1; done
{STORM} $top {KILLS} {LIMIT} || exit 4
kill -TERM $watch; wait $watch
grep -E '"kind":"(oom_kill|end)"' /watch.json
sed 's/^/events /' $top/memory.events
rmdir $top
"""


def own_memory_cgroup():
    """Directory of this process' v1 memory cgroup; None on other hosts."""
    with open("/proc/self/cgroup", encoding="utf-8") as file:
        for line in file.read().splitlines():
            _, controllers, path = line.split(":", 2)
            if "memory" in controllers.split(","):
                return f"/sys/fs/cgroup/memory{path}".rstrip("/")
    return None


def report(version, end, said):
    """For people who read the log of the suite."""
    print(f"{version}: {end['oom_kills']} of {KILLS} kills counted, "
          f"{end['unplaced']} unplaced, {end['with_cgroup']} with their "
          f"cgroup, {end['with_victim']} with the victim; {said}", flush=True)


class Storm(unittest.TestCase):
    def check_once(self, lines):
        """No kill twice: each cgroup and each process dies once."""
        cgroups, pids, count = collections.Counter(), collections.Counter(), 0
        for kill in lines:
            count += kill["count"]
            if kill["exact"]:
                cgroups[kill["cgroup"]] += kill["count"]
            if kill["victim"]:
                # A pid may be used again, in another cgroup.
                pids[kill["victim"]["pid"], kill["cgroup"]] += 1
        self.assertEqual([name for name, n in cgroups.items() if n > 1], [])
        self.assertEqual([pid for pid, n in pids.items() if n > 1], [])
        return count

    @staticmethod
    def has_begun(output):
        with open(f"/proc/self/fd/{output.fileno()}", encoding="utf-8") as file:
            return '"kind":"sample"' in file.read()

    def test_v2_counts_each_kill_once(self):
        done = subprocess.run(
            [os.path.join(ROOT, "scripts", "vm"), "--cgroup", "v2"]
            + ["--build", BUILD, "--timeout", f"{DEADLINE}s", "--add", STORM]
            + ["--", "sh", "-c", GUEST],
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=DEADLINE + 60,
        )
        self.assertEqual(done.returncode, 0, done.stdout[-500:] + done.stderr)
        lines = [json.loads(line) for line in done.stdout.splitlines()
                 if line.startswith("{")]
        end = lines.pop()
        report("v2", end, next(line for line in done.stdout.splitlines()
                               if line.startswith("kills ")))
        self.assertIn(f"events oom_kill {KILLS}\n", done.stdout)
        self.assertEqual(end["oom_kills"], KILLS)
        self.assertEqual(end["unplaced"], 0)
        self.assertEqual(end["created"], KILLS)
        self.assertEqual(self.check_once(lines), KILLS)

    def test_v1_counts_each_kill_at_most_once_and_knows_how_many_it_lacks(self):
        parent = own_memory_cgroup()
        if parent is None:
            self.skipTest("the memory controller on cgroup v1")
        top = f"{parent}/cglab.storm.{os.getpid()}"
        os.mkdir(top)
        self.addCleanup(os.rmdir, top)
        with tempfile.TemporaryFile("w+") as output:
            watch = subprocess.Popen(
                [CGLAB, "watch", "--all", top, "--json", "--interval", "200ms"],
                stdout=output,
            )
            try:
                while not self.has_begun(output):
                    self.assertIsNone(watch.poll())
                done = subprocess.run(
                    [STORM, top, str(KILLS), str(LIMIT)], check=True,
                    capture_output=True, text=True, timeout=DEADLINE,
                )
            finally:
                watch.send_signal(signal.SIGTERM)
                watch.wait()
            output.seek(0)
            lines = [json.loads(line) for line in output]
        end = lines.pop()
        report("v1", end, done.stdout.strip())
        kills = [line for line in lines if line["kind"] == "oom_kill"]
        self.assertEqual(self.check_once(kills), end["oom_kills"])
        self.assertLessEqual(end["oom_kills"], KILLS)
        # Others on this host may have killed as well.
        self.assertGreaterEqual(end["oom_kills"] + end["unplaced"], KILLS)
        self.assertEqual(end["created"], KILLS)


if __name__ == "__main__":
    unittest.main()
