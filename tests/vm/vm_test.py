#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Tests of scripts/vm: python3 tests/vm/vm_test.py -v"""

import os
import sys
import unittest

# Nothing is written into the checkout, byte code neither.
sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "support")]


def load_tests(loader, _, __):
    names = ("command_cases", "build_cases", "fetch_cases", "suite_cases",
             "machine_cases", "life_cases", "trust_cases",
             "interrupt_cases", "failure_cases")
    return loader.loadTestsFromNames(f"vm.{name}" for name in names)


if __name__ == "__main__":
    unittest.main()
