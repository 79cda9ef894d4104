// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/classroom/grade.h"
#include "lab/report/document.h"

/// A grade in the forms that people and graders read. Each text ends in a
/// newline.
namespace lab {

/// For people.
Document check_document(const Grade& grade);

/// One JSON document, schema "cglab.check/1".
std::string check_json(const Grade& grade);

/// The Test Anything Protocol, version 13: a test a check, what is missing as
/// YAML (testanything.org).
std::string check_tap(const Grade& grade);

/// JUnit XML: a test case a check, as continuous integration reads it.
std::string check_junit(const Grade& grade);

/// The line that Autolab's autograders end with: scores by problem. `problem`:
/// all points under this name; empty: each check is a problem.
std::string check_autolab(const Grade& grade, const std::string& problem);

/// What the machine-readable forms say where nothing could be graded; no test
/// failed. Empty where the form has no word for it.
std::string check_tap_skipped(const std::string& reason);
std::string check_junit_skipped(const std::string& reason);
std::string check_autolab_skipped(const std::string& reason);

}  // namespace lab
