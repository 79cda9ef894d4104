// SPDX-License-Identifier: MIT
#include "lab/repeat/bench_outputs.h"

#include <cstdio>

#include "lab/base/errors.h"
#include "lab/repeat/bench_html.h"
#include "lab/repeat/bench_report.h"
#include "lab/report/terminal.h"

namespace lab {
namespace {

std::vector<std::string> bench_formats() {
  std::vector<std::string> names = document_formats();
  names.insert(names.end(), {"json", "csv"});
  return names;
}

std::string render(const BenchOutcome& outcome, const RenderTarget& target,
                   Language language) {
  if (target.format == "html") return bench_html(outcome, language);
  if (target.format == "json") return bench_json(outcome);
  if (target.format == "csv") return bench_csv(outcome);
  return render_document(bench_document(outcome, language), target,
                         {language, ColorChoice::never});
}

}  // namespace

OptionList bench_output_options() {
  OptionList options = render_options(bench_formats());
  options.back().help = "also write to this file; -: stdout; may be repeated";
  options.back().repeats = true;
  return options;
}

BenchOutputs::BenchOutputs(const CommandLine& line)
    : is_quiet_(line.has("quiet")) {
  std::size_t to_stdout = 0;
  for (RenderTarget& target : read_render_targets(line, bench_formats())) {
    if (target.is_stdout() && ++to_stdout > 1) {
      throw UsageError("only one --output can be -");
    }
    // The table goes there anyway.
    if (target.is_stdout() && target.format == "text") continue;
    take_stdout_ = take_stdout_ || target.is_stdout();
    files_.emplace_back(target.file);
    for (const OutputFile& other : files_) {
      if (&other != &files_.back()) files_.back().require_other_file(other);
    }
    targets_.push_back(std::move(target));
  }
}

void BenchOutputs::require_no_input(const std::string& input) const {
  for (const OutputFile& file : files_) file.require_no_input(input);
}

void BenchOutputs::write(const BenchOutcome& outcome, const View& view) {
  auto target = targets_.begin();
  for (OutputFile& file : files_) {
    file.write(render(outcome, *target++, view.language));
  }
  if (!is_quiet_) print(outcome, view);
}

void BenchOutputs::print(const BenchOutcome& outcome, const View& view) const {
  const Terminal terminal(take_stdout_ ? stderr : stdout, view.color);
  const std::string text =
      render_text(bench_document(outcome, view.language), terminal);
  if (take_stdout_) {
    write_stderr(text);
  } else {
    write_stdout(text);
  }
}

}  // namespace lab
