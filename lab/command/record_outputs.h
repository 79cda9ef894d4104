// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "lab/base/language.h"
#include "lab/command/command_line.h"
#include "lab/record/output_file.h"
#include "lab/record/record.h"

namespace lab {

/// The files that a run's record goes to, in three forms.
struct OutputNames {
  std::optional<std::string> json;
  std::optional<std::string> html;
  std::optional<std::string> csv;

  /// Whether one of them is standard output.
  bool take_stdout() const { return json == "-" || html == "-" || csv == "-"; }
};

/// --json, --html and --csv; they may name standard output if `stdout_too`.
OptionList output_options(bool stdout_too);

/// Throws UsageError.
OutputNames read_output_names(const CommandLine& line);

/// "run.v1.json" for "run.json" and "v1".
std::string file_for(const std::string& file, const std::string& what);

/// Those files, opened before the run: one that cannot be written is found out
/// before anything is changed.
class RecordOutputs {
 public:
  /// For one run, or for it and its control run, whose JSON goes into a file of
  /// its own: "r.control.json" beside "r.json". Throws cgroupfs::FileError.
  RecordOutputs(const OutputNames& names, std::size_t runs);
  /// The page shows all `records`. Throws cgroupfs::FileError.
  void write(const std::vector<RunRecord>& records, Language language);

 private:
  std::optional<OutputFile> json_;
  std::optional<OutputFile> control_json_;
  std::optional<OutputFile> html_;
  std::optional<OutputFile> csv_;
};

}  // namespace lab
