# SPDX-License-Identifier: MIT
"""Runs Python's unit tests in a folder, with the output of GoogleTest.

Arguments: the folder, and --gtest_list_tests to list them.
"""

import sys
import time
import unittest


def _name(test):
    """SUITE.TEST, with only one dot."""
    suite, _, method = test.id().rpartition(".")
    return suite.replace(".", "/") + "." + method


def _flat(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from _flat(test)
        else:
            yield test


class _Lines(unittest.TestResult):
    """Reports each test in GoogleTest's format."""

    def __init__(self, tests):
        super().__init__()
        self._tests = tests
        self._begin = 0.0
        self._ending = "       OK "

    def startTest(self, test):
        super().startTest(test)
        self._begin = time.monotonic()
        self._ending = "       OK "
        print(f"[ RUN      ] {_name(test)}", flush=True)

    def stopTest(self, test):
        super().stopTest(test)
        sys.stderr.flush()
        spent = int(1000 * (time.monotonic() - self._begin))
        print(f"\n[{self._ending}] {_name(test)} ({spent} ms)", flush=True)

    def _fail(self, test, error):
        self._ending = "  FAILED  "
        print(self._exc_info_to_string(error, test))

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._fail(test, err)

    # The failure of a class or module names no test; its tests never start.
    addError = addFailure

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            print(subtest)
            self._fail(test, err)

    def addUnexpectedSuccess(self, test):
        super().addUnexpectedSuccess(test)
        self._ending = "  FAILED  "
        print("passed, though it is marked as an expected failure")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        if isinstance(test, unittest.TestCase):
            self._ending = "  SKIPPED "
            print(reason)
        else:
            self._skip_class(test.id(), reason)

    def _skip_class(self, holder, reason):
        """A class that skips as a whole: holder is "setUpClass (CLASS)"."""
        for test in self._tests:
            if f"({test.id().rpartition('.')[0]})" in holder:
                self.startTest(test)
                self._ending = "  SKIPPED "
                print(reason)
                self.stopTest(test)


def _list(tests):
    for test in tests:
        suite, _, method = _name(test).rpartition(".")
        print(f"{suite}.\n  {method}")


def main(folder, options):
    found = unittest.defaultTestLoader.discover(folder, "*_test.py")
    tests = list(_flat(found))
    if "--gtest_list_tests" in options:
        _list(tests)
        return 0
    result = _Lines(tests)
    found.run(result)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
