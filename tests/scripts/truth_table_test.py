#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The tables of `scripts/compare-peers --truth`: tests/scripts/truth_table_test.py

tests/peers/truth_test.py runs it in a VM.
"""

import os
import sys
import unittest

# Nothing is written into the checkout, byte code neither.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../../scripts/peers.d"))

from peers import truth  # noqa: E402
from peers.situations import SITUATIONS  # noqa: E402


def results():
    """Two runs of each situation."""
    situations = {each.name: {"inside": {"right": 1, "false": 1},
                              "main": {"unknown": 2}} for each in SITUATIONS}
    return {"tool": {"asked": "its words", "samples": situations}}


class TruthTableTest(unittest.TestCase):
    def test_each_answer_is_counted(self):
        text = truth.text(results())
        self.assertIn("| 1 tool | 12 | 0 | 12 | 0 | 24 | 0 |\n", text)
        self.assertIn("| main_killed | yes | 1 right, 1 false |\n", text)
        self.assertIn("| main_killed | yes | unknown |\n", text)
        self.assertIn("- 1 tool: its words.", text)
        self.assertNotIn("discarded", text)

    def test_a_situation_that_is_not_made_in_a_later_round_is_not_counted(self):
        found = results()
        found["tool"]["samples"]["exit_0"].update(
            discarded=3, not_made="OOM-killed: no process")
        text = truth.text(found)
        self.assertIn("| 1 tool | 11 | 0 | 11 | 0 | 22 | 0 |\n", text)
        self.assertEqual(text.count("| exit_0 | no | not made |\n"), 2)
        self.assertIn("  Not made: exit_0 (OOM-killed: no process).\n"
                      "  Runs discarded, in which something else happened: 3.", text)

    def test_a_reporter_that_failed_has_its_reason(self):
        found = results()
        found["tool"].update(reason="exit_0: it\nended", failed=True)
        self.assertIn("| 1 tool | exit_0: it ended |", truth.text(found))


if __name__ == "__main__":
    unittest.main()
