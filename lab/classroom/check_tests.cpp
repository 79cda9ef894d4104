// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>

#include "lab/base/visible.h"
#include "lab/classroom/check_report.h"
#include "lab/record/json_text.h"

namespace lab {
namespace {

/// A JSON string is valid YAML.
std::string quoted(const std::string& text) {
  return json_string(visible(text));
}

/// In TAP a '#' begins a directive, and a newline ends the test.
std::string tap_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  std::string line;
  for (const char letter : visible_line(text)) {
    if (letter == '#' || letter == '\\') line += '\\';
    line += letter;
  }
  return line;
}

/// For content and attributes. Characters that XML 1.0 forbids are printed as
/// their bytes.
std::string xml(const std::string& text) {
  std::string escaped;
  for (const char letter : visible(text)) {
    switch (letter) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += letter;
    }
  }
  return escaped;
}

std::string title_of(const CheckResult& result, const Grade& grade) {
  return say(grade.plan.language, result.check->title);
}

std::string tap_details(const CheckResult& result) {
  std::string text =
      fmt::format("  ---\n  points: 0\n  of: {}\n  evidence: {}\n",
                  result.points, quoted(result.evidence));
  if (result.hint) {
    text += fmt::format("  hint: {}\n  message: {}\n", result.hint->id,
                        quoted(result.hint->text));
  }
  return text + "  ...\n";
}

std::string junit_case(const CheckResult& result, const Grade& grade) {
  const std::string head =
      fmt::format(R"(    <testcase classname="cglab.check" name="{}: {}")",
                  result.check->name, xml(title_of(result, grade)));
  if (result.passed) {
    return fmt::format(
        "{}>\n      <system-out>{}</system-out>\n    </testcase>\n", head,
        xml(result.evidence));
  }
  return fmt::format(
      "{}>\n      <failure type=\"{}\" message=\"{}\">{}</failure>\n"
      "    </testcase>\n",
      head, result.hint ? xml(result.hint->id) : "missing",
      xml(result.evidence), result.hint ? xml(result.hint->text) : "");
}

std::string junit(const std::string& cases, std::size_t tests,
                  std::size_t failures, std::size_t skipped) {
  return fmt::format(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      "<testsuites>\n"
      "  <testsuite name=\"cglab check\" tests=\"{}\" failures=\"{}\" "
      "errors=\"0\" skipped=\"{}\">\n{}  </testsuite>\n</testsuites>\n",
      tests, failures, skipped, cases);
}

}  // namespace

std::string check_tap(const Grade& grade) {
  std::string text =
      fmt::format("TAP version 13\n1..{}\n", grade.results.size());
  std::size_t number = 0;
  for (const CheckResult& result : grade.results) {
    text += fmt::format("{} {} - {}: {}\n", result.passed ? "ok" : "not ok",
                        ++number, result.check->name,
                        tap_line(title_of(result, grade)));
    if (!result.passed) text += tap_details(result);
  }
  return text;
}

std::string check_tap_skipped(const std::string& reason) {
  return fmt::format("TAP version 13\n1..0 # SKIP {}\n", tap_line(reason));
}

std::string check_junit(const Grade& grade) {
  std::string cases;
  std::size_t failures = 0;
  for (const CheckResult& result : grade.results) {
    cases += junit_case(result, grade);
    if (!result.passed) ++failures;
  }
  return junit(cases, grade.results.size(), failures, 0);
}

std::string check_junit_skipped(const std::string& reason) {
  std::string cases;
  for (const Check& check : all_checks()) {
    cases += fmt::format(
        "    <testcase classname=\"cglab.check\" name=\"{}: {}\">\n"
        "      <skipped message=\"{}\"/>\n    </testcase>\n",
        check.name, xml(std::string(check.title.text(Language::en))),
        xml(reason));
  }
  return junit(cases, all_checks().size(), 0, all_checks().size());
}

}  // namespace lab
