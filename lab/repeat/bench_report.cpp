// SPDX-License-Identifier: MIT
#include "lab/repeat/bench_report.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "lab/base/version.h"
#include "lab/record/json_values.h"
#include "lab/repeat/bench_messages.h"
#include "lab/repeat/statistics.h"
#include "lab/report/fact_words.h"
#include "lab/report/record_words.h"

namespace lab {
namespace {

using namespace bench_messages;  // NOLINT(google-build-using-namespace)
using Times = std::vector<std::optional<double>>;

/// Cells that a text lists, and hosts of one kind that it names. JSON has all.
constexpr std::ptrdiff_t most_notes = 20;
constexpr std::size_t most_hosts = 10;

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

/// In a sweep the case may be measured on several kinds of hosts.
std::string name_of(const BenchOutcome& outcome, const BenchResult& result,
                    Language language) {
  if (!outcome.sweep || outcome.sweep->kinds.size() < 2) return result.of.label;
  return say(language, case_of_kind, result.of.label, result.kind + 1);
}

void warn_of_outliers(const BenchOutcome& outcome, const BenchResult& result,
                      Language language, std::vector<std::string>& warnings) {
  const Statistics wall = statistics_of(result.wall);
  if (wall.outliers == 0) return;
  warnings.push_back(say(language, outcome.sweep ? sweep_outliers : outliers,
                         wall.outliers, wall.count,
                         name_of(outcome, result, language)));
}

void warn_of_verdicts(const BenchOutcome& outcome, const BenchResult& result,
                      Language language, std::vector<std::string>& warnings) {
  const std::string name = name_of(outcome, result, language);
  if (count_verdicts(result).size() > 1) {
    warnings.push_back(
        say(language, mixed_verdicts, name, verdicts_of(result, language)));
  }
  const auto& verdicts = result.verdicts;
  const auto unpredicted =
      std::count_if(verdicts.begin(), verdicts.end(), is_unpredicted);
  if (unpredicted == 0) return;
  const bool control = verdicts.front().control;
  warnings.push_back(say(language, not_as_predicted, unpredicted,
                         verdicts.size(), name,
                         result.of.experiment + (control ? " --control" : "")));
}

void warn(const BenchOutcome& outcome, const BenchResult& result,
          Language language, std::vector<std::string>& warnings) {
  warn_of_outliers(outcome, result, language, warnings);
  warn_of_verdicts(outcome, result, language, warnings);
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

using Results = std::vector<const BenchResult*>;

Results all_of(const BenchOutcome& outcome) {
  Results all;
  for (const BenchResult& result : outcome.results) all.push_back(&result);
  return all;
}

/// The verdicts of the runs and, of commands that did not succeed, their exit
/// statuses.
std::string ends_of(const BenchResult& result, Language language) {
  std::string text = verdicts_of(result, language);
  std::map<int, std::size_t> counts;
  for (const auto& code : result.exit_codes) {
    if (code && *code != 0) ++counts[*code];
  }
  for (const auto& [code, count] : counts) {
    text += say(language, between_verdicts) +
            say(language, exit_status_count, code, count);
  }
  return text;
}

void add_results(Document& document, const BenchOutcome& outcome,
                 const Results& results, Language language,
                 bool explains = true) {
  std::vector<std::vector<std::string>> rows{head_row(language)};
  for (const BenchResult* const result : results) {
    rows.push_back(row_of(*result));
  }
  document.table(std::move(rows));
  if (explains) {
    document.paragraph(outcome.sweep ? say(language, sweep_caption)
                                     : say(language, caption, version));
  }
  std::vector<std::string> warnings;
  for (const BenchResult* const result : results) {
    document.item(
        say(language, verdicts, result->of.label, ends_of(*result, language)));
    warn(outcome, *result, language, warnings);
  }
  for (const std::string& text : warnings) {
    document.paragraph(say(language, warning, text));
  }
}

std::string names_of(const HostKind& kind, Language language) {
  const std::size_t shown = std::min(kind.hosts.size(), most_hosts);
  std::string text = fmt::format(
      "{}", fmt::join(kind.hosts.begin(), kind.hosts.begin() + shown, ", "));
  text = outside_text(text);
  if (shown == kind.hosts.size()) return text;
  return say(language, more_hosts, text, kind.hosts.size() - shown);
}

/// The properties in which the kinds differ; of a single one all.
void add_kinds(Document& document, const std::vector<HostKind>& kinds,
               Language language) {
  std::vector<std::string> head{say(language, property_column)};
  std::vector<std::string> hosts{say(language, hosts_row)};
  std::vector<std::vector<std::string>> rows;
  for (const HostKind& kind : kinds) {
    head.push_back(say(language, kind_column, head.size()));
    hosts.push_back(names_of(kind, language));
    const auto properties = rows_of(kind, language);
    rows.resize(properties.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i].empty()) rows[i].push_back(properties[i].front());
      rows[i].push_back(properties[i].back());
    }
  }
  std::vector<std::vector<std::string>> table{head, hosts};
  for (auto& row : rows) {
    const bool differs = std::adjacent_find(row.begin() + 1, row.end(),
                                            std::not_equal_to<>()) != row.end();
    if (differs || kinds.size() == 1) table.push_back(std::move(row));
  }
  document.table(std::move(table));
}

/// Of a message of cglab, whose name is said.
std::string first_line(std::string text) {
  text.erase(std::min(text.find('\n'), text.size()));
  const std::string_view name = "cglab: ";
  return text.starts_with(name) ? text.substr(name.size()) : text;
}

std::string words_of(const CellNote& note, Language language) {
  const std::string cell =
      say(language, cell_words, note.index, note.label, note.id);
  std::string error = outside_text(first_line(note.error));
  if (error.empty() && note.status) error = say(language, no_message);
  if (note.status) {
    return say(language, failed_cell, cell, outside_text(note.host),
               *note.status, error);
  }
  return error.empty() ? cell : say(language, damaged_cell, cell, error);
}

void add_notes(Document& document, const std::vector<CellNote>& notes,
               const Message& heading, Language language) {
  if (notes.empty()) return;
  document.section(say(language, heading, notes.size()));
  for (const CellNote& note : notes) {
    if (&note - notes.data() == most_notes) {
      document.paragraph(say(language, more_notes, notes.size() - most_notes));
      return;
    }
    document.item(words_of(note, language));
  }
}

void add_sweep(Document& document, const BenchOutcome& outcome,
               Language language) {
  const SweepNotes& sweep = *outcome.sweep;
  document.paragraph(say(language, cells_measured, outcome.done,
                         outcome.planned, sweep.missing.size(),
                         sweep.failed.size()));
  if (!sweep.kinds.empty()) {
    document.section(say(language, hosts_heading));
    if (sweep.kinds.size() > 1) document.paragraph(say(language, kinds_apart));
    add_kinds(document, sweep.kinds, language);
  }
  for (std::size_t kind = 0; kind < sweep.kinds.size(); ++kind) {
    Results results;
    for (const BenchResult& result : outcome.results) {
      if (result.kind == kind) results.push_back(&result);
    }
    document.section(sweep.kinds.size() == 1
                         ? say(language, times_heading)
                         : say(language, kind_column, kind + 1));
    add_results(document, outcome, results, language, /*explains=*/kind == 0);
  }
  add_notes(document, sweep.missing, missing_heading, language);
  add_notes(document, sweep.failed, failed_heading, language);
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
  Json codes = Json::array();
  for (const auto& code : result.exit_codes) codes.push_back(json(code));
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
          {"as_expected_of_run", std::move(expected)},
          {"exit_status_of_run", std::move(codes)}};
}

Json json_of_interruption(const BenchOutcome& outcome) {
  if (!outcome.interrupted_by) return nullptr;
  return {{"signal", *outcome.interrupted_by},
          {"done", outcome.done},
          {"planned", outcome.planned}};
}

Json json_of(const CellNote& note, bool failed) {
  Json json{{"index", note.index}, {"id", note.id}, {"case", note.label}};
  if (!failed) return json;
  json["host"] = note.host;
  json["exit_status"] = lab::json(note.status);
  json["error"] = note.error;
  return json;
}

Json json_of(const HostKind& kind) {
  Json properties = Json::object();
  for (const auto& row : rows_of(kind, Language::en)) {
    properties[row.front()] = row.back();
  }
  return {{"hosts", kind.hosts}, {"properties", std::move(properties)}};
}

Json json_of(const SweepNotes& sweep) {
  Json json{{"kinds", Json::array()},
            {"missing", Json::array()},
            {"failed", Json::array()}};
  for (const HostKind& kind : sweep.kinds)
    json["kinds"].push_back(json_of(kind));
  for (const CellNote& note : sweep.missing) {
    json["missing"].push_back(json_of(note, /*failed=*/false));
  }
  for (const CellNote& note : sweep.failed) {
    json["failed"].push_back(json_of(note, /*failed=*/true));
  }
  return json;
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
    warn(outcome, result, language, warnings);
  }
  return warnings;
}

Document bench_document(const BenchOutcome& outcome, Language language) {
  Document document;
  document.title(outcome.sweep ? "cglab sweep" : "cglab bench");
  if (outcome.interrupted_by) {
    document.paragraph(say(language, interrupted,
                           signal_name(*outcome.interrupted_by), outcome.done,
                           outcome.planned));
  }
  if (outcome.sweep) {
    add_sweep(document, outcome, language);
  } else {
    add_results(document, outcome, all_of(outcome), language);
  }
  return document;
}

/// One result at a time: the values of a hundred thousand cells need far more
/// memory than their text.
std::string bench_json(const BenchOutcome& outcome) {
  Json head{{"schema", "cglab.bench/1"},
            {"tool", {{"name", "cglab"}, {"version", version}}},
            {"unit", "ms"},
            {"interrupted", json_of_interruption(outcome)},
            {"warnings", bench_warnings(outcome, Language::en)}};
  if (outcome.sweep) {
    head["sweep"] = json_of(*outcome.sweep);
    head["sweep"]["cells"] = outcome.planned;
    head["sweep"]["measured"] = outcome.done;
  }
  std::string text = indented(head);
  text.erase(text.rfind("\n}"));
  text += ",\n\"results\": [";
  const char* separator = "\n";
  std::size_t count = 0;
  for (const BenchResult& result : outcome.results) {
    text += std::exchange(separator, ",\n");
    Json json = json_of(result);
    if (outcome.sweep) {
      json["kind"] = result.kind + 1;
      json["host_of_run"] = result.hosts;
      json["cell_of_run"] = result.cells;
    }
    const std::string line = compact(json);
    // Growth in steps would take twice the memory.
    if (count++ == 0) text.reserve(2 * line.size() * outcome.results.size());
    text += line;
  }
  text += "\n]\n}\n";
  return text;
}

std::string bench_csv(const BenchOutcome& outcome) {
  std::string text = "case,run,wall_ms,run_ms,detection_ms,verdict";
  text += outcome.sweep ? ",kind,host,exit_status,cell\r\n" : "\r\n";
  for (const BenchResult& result : outcome.results) {
    for (std::size_t i = 0; i < result.wall.size(); ++i) {
      text += fmt::format("{},{},{},{},{},{}", field(result.of.label), i + 1,
                          number(result.wall[i]), number(result.run[i]),
                          number(result.detection[i]),
                          to_string(result.verdicts[i].status));
      if (outcome.sweep) {
        const auto& code = result.exit_codes[i];
        text +=
            fmt::format(",{},{},{}", result.kind + 1, field(result.hosts[i]),
                        code ? std::to_string(*code) : "");
      }
      text += "\r\n";
    }
  }
  return text;
}

}  // namespace lab
