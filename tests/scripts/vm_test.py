#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of scripts/vm: python3 tests/scripts/vm_test.py -v"""

import os
import sys
import unittest

# Nothing is written into the checkout, byte code neither.
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))


def load_tests(loader, _, __):
    names = ("command_cases", "build_cases", "fetch_cases", "suite_cases",
             "machine_cases", "life_cases", "trust_cases",
             "interrupt_cases", "failure_cases")
    return loader.loadTestsFromNames(f"vm.{name}" for name in names)


if __name__ == "__main__":
    unittest.main()
