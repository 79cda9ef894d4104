// SPDX-License-Identifier: MIT
#include "lab/command/record_outputs.h"

#include <fmt/format.h>

#include "lab/record/record_json.h"
#include "lab/report/csv.h"
#include "lab/report/html.h"

namespace lab {
namespace {

/// An option where a file is expected is a file that was forgotten.
std::optional<std::string> file_of(const CommandLine& line, const char* name) {
  auto file = value_of(line, name, parse_text);
  if (file && file->starts_with("--")) {
    throw UsageError(fmt::format(
        "--{0} needs a file name (for a file named {1}, write ./{1})", name,
        *file));
  }
  return file;
}

}  // namespace

OptionList output_options(bool stdout_too) {
  const char* const file = stdout_too ? "FILE|-" : "FILE";
  return {{"json", file,
           stdout_too ? "write the record as JSON; -: stdout"
                      : "write the record as JSON",
           files()},
          {"html", file, "write a self-contained HTML report", files()},
          {"csv", file, "write the samples as CSV", files()}};
}

OutputNames read_output_names(const CommandLine& line) {
  OutputNames names{file_of(line, "json"), file_of(line, "html"),
                    file_of(line, "csv")};
  const int to_stdout =
      (names.json == "-") + (names.html == "-") + (names.csv == "-");
  if (to_stdout > 1) {
    throw UsageError("only one of --json, --html and --csv can be -");
  }
  return names;
}

std::string file_for(const std::string& file, const std::string& what) {
  const std::size_t name = file.find_last_of('/') + 1;
  const std::size_t dot = file.find_last_of('.');
  const bool has_ending = dot != std::string::npos && dot > name;
  const std::size_t place = has_ending ? dot : file.size();
  return file.substr(0, place) + "." + what + file.substr(place);
}

RecordOutputs::RecordOutputs(const OutputNames& names, std::size_t runs) {
  if (names.json) json_.emplace(*names.json);
  if (names.json && runs > 1) {
    control_json_.emplace(file_for(*names.json, "control"));
  }
  if (names.html) html_.emplace(*names.html);
  if (names.csv) csv_.emplace(*names.csv);
  const std::optional<OutputFile>* const all[] = {&json_, &control_json_,
                                                  &html_, &csv_};
  for (const auto* const one : all) {
    for (const auto* const other : all) {
      if (one < other && *one && *other) (*one)->require_other_file(**other);
    }
  }
}

void RecordOutputs::write(const std::vector<RunRecord>& records,
                          Language language) {
  const bool both = records.size() > 1;
  if (json_) json_->write(to_json(records.front()));
  if (control_json_ && both) control_json_->write(to_json(records.back()));
  if (html_ && both) {
    html_->write(html_report(run_and_control(records, language), language));
  } else if (html_) {
    html_->write(html_report({{"this run", records.front()}}, language));
  }
  if (csv_) csv_->write(csv_report(records.front()));
}

}  // namespace lab
