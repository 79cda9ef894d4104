#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The alert rules for Prometheus, over simulated time:
tests/peers/rules_test.py -v"""

import os
import subprocess
import sys
import tempfile
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

from peer_packages import ROOT, prometheus_programs  # noqa: E402

RULES = os.path.join(ROOT, "lab", "watch", "prometheus-rules.yml")
_TIMEOUT = 120


class RulesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.program = os.path.join(prometheus_programs(), "promtool")

    def promtool(self, *words):
        done = subprocess.run(
            [self.program, *words], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, check=False, timeout=_TIMEOUT)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def test_they_are_well_formed(self):
        self.assertIn("4 rules found", self.promtool("check", "rules", RULES))

    def test_each_alert_fires_when_it_must_and_only_then(self):
        with open(os.path.join(HERE, "alerts_test.yml"),
                  encoding="utf-8") as file:
            text = file.read().replace("[RULES]", f"['{RULES}']")
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            file.write(text)
            file.flush()
            self.promtool("test", "rules", file.name)


if __name__ == "__main__":
    unittest.main()
