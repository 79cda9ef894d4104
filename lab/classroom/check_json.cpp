// SPDX-License-Identifier: MIT
#include "lab/base/version.h"
#include "lab/base/visible.h"
#include "lab/classroom/check_report.h"
#include "lab/record/json_values.h"

namespace lab {
namespace {

unsigned earned(const CheckResult& result) {
  return result.passed ? result.points : 0;
}

Json hint_json(const std::optional<Hint>& hint) {
  if (!hint) return nullptr;
  return {{"id", hint->id}, {"text", hint->text}, {"commands", hint->commands}};
}

Json result_json(const CheckResult& result) {
  return {{"id", result.check->name},    {"passed", result.passed},
          {"earned", earned(result)},    {"points", result.points},
          {"evidence", result.evidence}, {"hint", hint_json(result.hint)},
          {"topic", result.check->topic}};
}

}  // namespace

std::string check_json(const Grade& grade) {
  Json checks = Json::array();
  for (const CheckResult& result : grade.results) {
    checks.push_back(result_json(result));
  }
  const Json document = {{"schema", "cglab.check/1"},
                         {"tool", {{"name", "cglab"}, {"version", version}}},
                         {"assignment",
                          {{"group", grade.plan.assignment.group},
                           {"limit", grade.plan.assignment.limit.count}}},
                         {"cgroup", std::string(to_string(grade.version))},
                         {"directory", json(grade.directory)},
                         {"earned", grade.earned},
                         {"points", grade.points},
                         {"full", grade.is_full()},
                         {"checks", std::move(checks)}};
  return indented(document);
}

std::string check_autolab(const Grade& grade, const std::string& problem) {
  Json scores = Json::object();
  if (!problem.empty()) {
    scores[problem] = grade.earned;
  } else {
    for (const CheckResult& result : grade.results) {
      scores[result.check->name] = earned(result);
    }
  }
  const Json line = {{"scores", std::move(scores)}};
  return compact(line, /*ascii=*/true) + "\n";
}

std::string check_autolab_skipped(const std::string& reason) {
  return "cglab check: " + visible_line(reason) + "\n{\"scores\":{}}\n";
}

}  // namespace lab
