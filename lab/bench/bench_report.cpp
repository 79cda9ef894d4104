// SPDX-License-Identifier: MIT
#include "lab/bench/bench_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "lab/base/version.h"
#include "lab/bench/bench_messages.h"
#include "lab/bench/statistics.h"
#include "lab/record/json_values.h"
#include "lab/report/record_words.h"

namespace lab {
namespace {

using namespace bench_messages;  // NOLINT(google-build-using-namespace)
using Times = std::vector<std::optional<double>>;

Statistics statistics_of_known(const Times& times) {
  std::vector<double> known;
  for (const auto& time : times) {
    if (time) known.push_back(*time);
  }
  return statistics_of(std::move(known));
}

/// A value of statistics; there is none without measurements.
std::optional<double> known(const Statistics& of, double value) {
  return of.count == 0 ? std::nullopt : std::optional(value);
}

std::string ms(const std::optional<double>& value) {
  return value ? fmt::format("{:.2f}", *value) : "-";
}

std::string median_of(const Times& times) {
  const Statistics statistics = statistics_of_known(times);
  return ms(known(statistics, statistics.median));
}

std::map<Outcome, std::size_t> count_verdicts(const BenchResult& result) {
  std::map<Outcome, std::size_t> counts;
  for (const Outcome& verdict : result.verdicts) ++counts[verdict];
  return counts;
}

std::string verdicts_of(const BenchResult& result, Language language) {
  std::string text;
  for (const auto& [verdict, count] : count_verdicts(result)) {
    if (!text.empty()) text += say(language, between_verdicts);
    text +=
        say(language, verdict_count, verdict_words(verdict, language), count);
  }
  return text.empty() ? "-" : text;
}

/// Whether the claims, or the control run, came out other than predicted.
bool is_unpredicted(const Outcome& verdict) {
  return !verdict.as_expected &&
         (verdict.control || verdict.status == Status::not_as_predicted);
}

void warn_of_outliers(const BenchResult& result, Language language,
                      std::vector<std::string>& warnings) {
  const Statistics wall = statistics_of(result.wall);
  if (wall.outliers == 0) return;
  warnings.push_back(
      say(language, outliers, wall.outliers, wall.count, result.of.label));
}

void warn_of_verdicts(const BenchResult& result, Language language,
                      std::vector<std::string>& warnings) {
  if (count_verdicts(result).size() > 1) {
    warnings.push_back(say(language, mixed_verdicts, result.of.label,
                           verdicts_of(result, language)));
  }
  const auto& verdicts = result.verdicts;
  const auto unpredicted =
      std::count_if(verdicts.begin(), verdicts.end(), is_unpredicted);
  if (unpredicted == 0) return;
  const bool control = verdicts.front().control;
  warnings.push_back(say(language, not_as_predicted, unpredicted,
                         verdicts.size(), result.of.label,
                         result.of.experiment + (control ? " --control" : "")));
}

std::vector<std::string> head_row(Language language) {
  std::vector<std::string> row;
  for (const Message& column :
       {case_column, runs_column, median_column, p95_column, min_column,
        max_column, run_column, detection_column}) {
    row.push_back(say(language, column));
  }
  return row;
}

std::vector<std::string> row_of(const BenchResult& result) {
  const Statistics wall = statistics_of(result.wall);
  return {result.of.label,
          std::to_string(wall.count),
          ms(known(wall, wall.median)),
          ms(known(wall, wall.p95)),
          ms(known(wall, wall.min)),
          ms(known(wall, wall.max)),
          median_of(result.run),
          median_of(result.detection)};
}

Json json_of(const Times& times) {
  const Statistics of = statistics_of_known(times);
  Json values = Json::array();
  for (const auto& time : times) values.push_back(json(time));
  return {{"times", std::move(values)},
          {"count", of.count},
          {"median", json(known(of, of.median))},
          {"p95", json(known(of, of.p95))},
          {"min", json(known(of, of.min))},
          {"max", json(known(of, of.max))},
          {"outliers", of.count == 0 ? Json(nullptr) : Json(of.outliers)}};
}

Json json_of(const BenchResult& result) {
  std::map<Status, std::size_t> counted;
  Json verdicts = Json::array();
  Json expected = Json::array();
  for (const Outcome& verdict : result.verdicts) {
    ++counted[verdict.status];
    verdicts.push_back(json(verdict.status));
    expected.push_back(verdict.as_expected);
  }
  Json counts = Json::object();
  for (const auto& [status, count] : counted) {
    counts[std::string(to_string(status))] = count;
  }
  return {{"case", result.of.label},
          {"experiment", result.of.experiment},
          {"arguments", result.of.arguments},
          {"wall", json_of(Times(result.wall.begin(), result.wall.end()))},
          {"run", json_of(result.run)},
          {"detection", json_of(result.detection)},
          {"verdicts", std::move(counts)},
          {"verdict_of_run", std::move(verdicts)},
          {"as_expected_of_run", std::move(expected)}};
}

Json json_of_interruption(const BenchOutcome& outcome) {
  if (!outcome.interrupted_by) return nullptr;
  return {{"signal", *outcome.interrupted_by},
          {"done", outcome.done},
          {"planned", outcome.planned}};
}

/// A field of RFC 4180: quoted if it has a quote, a comma or a line break.
std::string field(const std::string& text) {
  if (text.find_first_of("\",\r\n") == std::string::npos) return text;
  std::string result = "\"";
  for (const char c : text) {
    result += c;
    if (c == '"') result += c;
  }
  return result + "\"";
}

std::string number(const std::optional<double>& value) {
  return value ? fmt::format("{:.6f}", *value) : "";
}

}  // namespace

std::vector<std::string> bench_warnings(const BenchOutcome& outcome,
                                        Language language) {
  std::vector<std::string> warnings;
  for (const BenchResult& result : outcome.results) {
    warn_of_outliers(result, language, warnings);
    warn_of_verdicts(result, language, warnings);
  }
  return warnings;
}

Document bench_document(const BenchOutcome& outcome, Language language) {
  Document document;
  document.title("cglab bench");
  if (outcome.interrupted_by) {
    document.paragraph(say(language, interrupted,
                           signal_name(*outcome.interrupted_by), outcome.done,
                           outcome.planned));
  }
  std::vector<std::vector<std::string>> rows{head_row(language)};
  for (const BenchResult& result : outcome.results) {
    rows.push_back(row_of(result));
  }
  document.table(std::move(rows));
  document.paragraph(say(language, caption, version));
  for (const BenchResult& result : outcome.results) {
    document.item(say(language, verdicts, result.of.label,
                      verdicts_of(result, language)));
  }
  for (const std::string& text : bench_warnings(outcome, language)) {
    document.paragraph(say(language, warning, text));
  }
  return document;
}

std::string bench_json(const BenchOutcome& outcome) {
  Json document{{"schema", "cglab.bench/1"},
                {"tool", {{"name", "cglab"}, {"version", version}}},
                {"unit", "ms"},
                {"interrupted", json_of_interruption(outcome)},
                {"results", Json::array()},
                {"warnings", bench_warnings(outcome, Language::en)}};
  for (const BenchResult& result : outcome.results) {
    document["results"].push_back(json_of(result));
  }
  return indented(document);
}

std::string bench_csv(const BenchOutcome& outcome) {
  std::string text = "case,run,wall_ms,run_ms,detection_ms,verdict\r\n";
  for (const BenchResult& result : outcome.results) {
    for (std::size_t i = 0; i < result.wall.size(); ++i) {
      text += fmt::format("{},{},{},{},{},{}\r\n", field(result.of.label),
                          i + 1, number(result.wall[i]), number(result.run[i]),
                          number(result.detection[i]),
                          to_string(result.verdicts[i].status));
    }
  }
  return text;
}

}  // namespace lab
