#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of scripts/vm: python3 tests/scripts/vm_test.py -v"""

import os
import sys
import unittest

# Nothing is written into the checkout, byte code neither.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

from vm.command_cases import CommandTest, ProgramsTest, UsageTest  # noqa: E402,F401
from vm.life_cases import LifeTest, TerminalTest  # noqa: E402,F401
from vm.machine_cases import MachineTest  # noqa: E402,F401

if __name__ == "__main__":
    unittest.main()
