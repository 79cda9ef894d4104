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
        "--{0} lacks its file; for one that is called {1} write ./{1}", name,
        *file));
  }
  return file;
}

}  // namespace

void add_output_options(OptionList& options) {
  options.insert(
      options.end(),
      {
          {"json", "FILE|-", "write the record as JSON; - is stdout"},
          {"html", "FILE|-",
           "write a page with charts, which needs nothing else"},
          {"csv", "FILE|-", "write the samples as CSV"},
      });
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

RecordOutputs::RecordOutputs(const OutputNames& names) {
  if (names.json) json_.emplace(*names.json);
  if (names.html) html_.emplace(*names.html);
  if (names.csv) csv_.emplace(*names.csv);
}

void RecordOutputs::write(const RunRecord& record) {
  if (json_) json_->write(to_json(record));
  if (html_) html_->write(html_report({{"this run", record}}));
  if (csv_) csv_->write(csv_report(record));
}

}  // namespace lab
