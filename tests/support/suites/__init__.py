# SPDX-License-Identifier: MIT
"""Runs the test suites and counts their test cases: see ../run_suites."""
