// SPDX-License-Identifier: MIT
#include "lab/base/exit_code.h"
#include "lab/command/command.h"
#include "lab/command/option_groups.h"
#include "lab/command/render_target.h"
#include "lab/record/output_file.h"
#include "lab/record/record_reader.h"
#include "lab/report/html.h"
#include "lab/report/run_document.h"

namespace lab {
namespace {

constexpr std::size_t most_compared = 12;

Description describe_compare(const Command&) {
  Description description{
      .about = {"Compares saved records: differences between the hosts first, "
                "then the results. The html page overlays their charts."},
      .arguments = {"FILE FILE...", most_compared, files()},
      .options = render_options(document_formats()),
      .exit_statuses = {{"0", "compared"},
                        {"1", "a saved verdict contradicts its evidence"},
                        {"2", "usage error"},
                        {"3", "a record cannot be read"}},
  };
  add(description.options, view_options());
  return description;
}

int compare(const Command&, const CommandLine& line) {
  const auto& inputs = line.positional;
  const RenderTarget target = read_render_target(line, document_formats());
  const View view = read_view(line);
  if (inputs.size() < 2) throw UsageError("give at least two records");
  require_one_stdin(inputs);
  std::vector<NamedRecord> runs;
  runs.reserve(inputs.size());
  for (const std::string& file : inputs) {
    runs.push_back(rechecked(file, read_record(file)));
  }
  const bool denied = warn_of_denied(runs);
  write_rendered(target,
                 // A page of its own, for the charts.
                 target.format == "html"
                     ? html_report(runs, view.language)
                     : render_document(comparison_document(runs, view.language),
                                       target, view),
                 inputs);
  return denied ? exit_other : exit_expected;
}

const CommandRegistration compare_registration({"compare",
                                                "compare saved records",
                                                describe_compare, compare});

}  // namespace
}  // namespace lab
