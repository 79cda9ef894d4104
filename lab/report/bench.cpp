// SPDX-License-Identifier: MIT
#include "lab/report/bench.h"

#include <fmt/format.h>

#include "lab/bench/statistics.h"
#include "lab/report/json_values.h"
#include "lab/version.h"

namespace lab {
namespace {

std::string ms(double value) {
  return fmt::format("{:.2f}", value);
}

std::string median_or_none(const std::vector<double>& values) {
  return values.empty() ? "-" : ms(statistics_of(values).median);
}

std::string verdicts_of(const BenchResult& result) {
  std::string text;
  for (const auto& [verdict, count] : result.verdicts) {
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", count, verdict);
  }
  return text;
}

Json json_of(const std::vector<double>& values) {
  const Statistics statistics = statistics_of(values);
  return {{"times", values},
          {"count", statistics.count},
          {"median", statistics.median},
          {"p95", statistics.p95},
          {"min", statistics.min},
          {"max", statistics.max},
          {"outliers", statistics.outliers}};
}

/// A field of RFC 4180: what holds a quote, a comma or a line's end is quoted.
std::string field(const std::string& text) {
  if (text.find_first_of("\",\r\n") == std::string::npos) return text;
  std::string result = "\"";
  for (const char c : text) {
    result += c;
    if (c == '"') result += c;
  }
  return result + "\"";
}

std::string number_at(const std::vector<double>& values, std::size_t index) {
  return index < values.size() ? fmt::format("{:.6f}", values[index]) : "";
}

}  // namespace

Document bench_document(const BenchOutcome& outcome) {
  Document document;
  std::vector<std::vector<std::string>> rows{{"Case", "Runs", "Median ms",
                                              "p95", "Min", "Max", "Of it run",
                                              "Detection", "Verdicts"}};
  for (const BenchResult& result : outcome.results) {
    const Statistics wall = statistics_of(result.wall);
    rows.push_back({result.of.label, std::to_string(wall.count),
                    ms(wall.median), ms(wall.p95), ms(wall.min), ms(wall.max),
                    median_or_none(result.run),
                    median_or_none(result.detection), verdicts_of(result)});
  }
  document.table(std::move(rows));
  for (const BenchResult& result : outcome.results) {
    const Statistics wall = statistics_of(result.wall);
    if (wall.outliers > 0) {
      document.paragraph(fmt::format(
          "Warning: {} of {} runs of {} are outliers: something else used the "
          "machine. Stop what else runs, take --jobs 1, more --warmup or more "
          "--runs.",
          wall.outliers, wall.count, result.of.label));
    }
    if (result.verdicts.size() > 1) {
      document.paragraph(fmt::format(
          "Warning: not all runs of {} ended alike: {}. Their times tell of "
          "different things.",
          result.of.label, verdicts_of(result)));
    }
  }
  return document;
}

std::string bench_json(const BenchOutcome& outcome) {
  Json document{{"schema", "cglab.bench/1"},
                {"tool", {{"name", "cglab"}, {"version", version}}},
                {"unit", "ms"},
                {"results", Json::array()}};
  for (const BenchResult& result : outcome.results) {
    Json verdicts = Json::object();
    for (const auto& [verdict, count] : result.verdicts) {
      verdicts[verdict] = count;
    }
    document["results"].push_back({{"case", result.of.label},
                                   {"experiment", result.of.experiment},
                                   {"arguments", result.of.arguments},
                                   {"wall", json_of(result.wall)},
                                   {"run", json_of(result.run)},
                                   {"detection", json_of(result.detection)},
                                   {"verdicts", std::move(verdicts)}});
  }
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string bench_csv(const BenchOutcome& outcome) {
  std::string text = "case,run,wall_ms,run_ms,detection_ms\r\n";
  for (const BenchResult& result : outcome.results) {
    for (std::size_t i = 0; i < result.wall.size(); ++i) {
      text += fmt::format("{},{},{},{},{}\r\n", field(result.of.label), i + 1,
                          number_at(result.wall, i), number_at(result.run, i),
                          number_at(result.detection, i));
    }
  }
  return text;
}

}  // namespace lab
