// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>

#include "lab/command/command_line.h"
#include "lab/record/record.h"
#include "lab/record/record_file.h"

namespace lab {

/// The files that a run's record goes to, in three forms.
struct OutputNames {
  std::optional<std::string> json;
  std::optional<std::string> html;
  std::optional<std::string> csv;

  /// Whether one of them is standard output.
  bool take_stdout() const { return json == "-" || html == "-" || csv == "-"; }
};

/// Adds --json, --html and --csv.
void add_output_options(OptionList& options);

/// Throws UsageError.
OutputNames read_output_names(const CommandLine& line);

/// Those files, opened before the run: one that cannot be written is found out
/// before anything is changed.
class RecordOutputs {
 public:
  /// Throws cgroupfs::FileError.
  explicit RecordOutputs(const OutputNames& names);
  /// Throws cgroupfs::FileError.
  void write(const RunRecord& record);

 private:
  std::optional<RecordFile> json_;
  std::optional<RecordFile> html_;
  std::optional<RecordFile> csv_;
};

}  // namespace lab
