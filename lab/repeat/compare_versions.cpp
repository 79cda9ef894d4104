// SPDX-License-Identifier: MIT
#include "lab/repeat/compare_versions.h"

#include <fmt/format.h>

#include <algorithm>
#include <list>
#include <optional>

#include "lab/base/argument_words.h"
#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/record/output_file.h"
#include "lab/repeat/versions_run.h"
#include "lab/report/html.h"
#include "lab/report/run_document.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;
using cgroupfs::Version;

void check_exists(const Experiment& experiment, Version version) {
  if (!experiment.only || *experiment.only == version) return;
  throw UsageError(fmt::format("'{}' exists only on cgroup {} ({})",
                               experiment.name, to_string(*experiment.only),
                               experiment.only_because.text(Language::en)));
}

/// The arguments for the experiment, without those for this process.
Words words_for_a_run(const Experiment& experiment, const Words& arguments) {
  Words words = arguments;
  // --order is already part of the experiment.
  for (const char* name :
       {"--on", "--order", "--json", "--html", "--lang", "--color"}) {
    words = without_option(words, name);
  }
  for (const char* flag : {"--quiet", "-q", "--verbose", "-v"}) {
    words = without_flag(words, flag);
  }
  words.insert(words.begin(), experiment.name);
  return words;
}

/// The files, opened before the first run.
class Files {
 public:
  explicit Files(const ComparisonOptions& options)
      : language_(options.language) {
    if (options.outputs.html) page_.emplace(*options.outputs.html);
    if (!options.outputs.json) return;
    for (const Version version : options.versions) {
      records_.emplace_back(
          file_for(*options.outputs.json, std::string(to_string(version))));
      if (page_) page_->require_other_file(records_.back());
    }
  }

  void write(const std::vector<VersionRun>& runs,
             const std::vector<NamedRecord>& records) {
    auto run = runs.begin();
    for (OutputFile& file : records_) file.write((run++)->text);
    if (page_) page_->write(html_report(records, language_));
  }

 private:
  Language language_;
  std::optional<OutputFile> page_;
  std::list<OutputFile> records_;
};

void print(const std::vector<NamedRecord>& records,
           const ComparisonOptions& options) {
  if (options.verbosity == Verbosity::quiet) return;
  const bool to_stderr = options.outputs.take_stdout();
  const Terminal terminal(to_stderr ? stderr : stdout, options.color);
  const std::string text =
      render_text(comparison_document(records, options.language), terminal);
  if (to_stderr) {
    write_stderr(text);
  } else {
    write_stdout(text);
  }
}

}  // namespace

int compare_versions(const Experiment& experiment, const Words& arguments,
                     const ComparisonOptions& options) {
  for (const Version version : options.versions) {
    check_exists(experiment, version);
  }
  const Words words = words_for_a_run(experiment, arguments);
  Files files(options);
  const SignalFd signals;
  std::vector<VersionRun> runs;
  std::vector<NamedRecord> records;
  int code = exit_expected;
  for (const Version version : options.versions) {
    runs.push_back(run_on_version(version, words, machine_needs(experiment),
                                  signals,
                                  options.verbosity != Verbosity::quiet));
    records.push_back(runs.back().run);
    code = std::max(code, runs.back().code);
  }
  files.write(runs, records);
  print(records, options);
  return code;
}

}  // namespace lab
