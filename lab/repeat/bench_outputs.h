// SPDX-License-Identifier: MIT
#pragma once

#include <list>
#include <vector>

#include "lab/command/command_line.h"
#include "lab/command/option_groups.h"
#include "lab/command/render_target.h"
#include "lab/record/output_file.h"
#include "lab/repeat/bench_result.h"

namespace lab {

/// --format and --output, which may be repeated.
OptionList bench_output_options();

/// The --output files in addition to the table, opened before the first run.
class BenchOutputs {
 public:
  /// Throws UsageError and cgroupfs::FileError.
  explicit BenchOutputs(const CommandLine& line);

  /// Throws UsageError where a file would replace the input file `input`.
  void require_no_input(const std::string& input) const;
  /// Writes the files and, unless --quiet was given, the table: to standard
  /// error where a file goes to standard output. Throws as OutputFile::write().
  void write(const BenchOutcome& outcome, const View& view);

 private:
  void print(const BenchOutcome& outcome, const View& view) const;

  std::vector<RenderTarget> targets_;
  std::list<OutputFile> files_;
  bool is_quiet_;
  bool take_stdout_ = false;
};

}  // namespace lab
