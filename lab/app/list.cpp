// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/command/command.h"
#include "lab/experiments/experiment.h"
#include "lab/report/document.h"
#include "lab/report/terminal.h"

namespace lab {
namespace {

constexpr char help_text[] =
    "Usage: cglab list\n"
    "The experiments: name, where it exists, what happens in it.\n"
    "cglab help NAME tells the question, the prediction and the options.\n\n"
    "Exit status: 0, 2 usage.\n";

int list(const Command&, const std::vector<std::string>& arguments) {
  if (!arguments.empty()) {
    if (arguments.front() != "--help" && arguments.front() != "-h") {
      throw UsageError(
          fmt::format("unexpected argument '{}'", arguments.front()));
    }
    write_stdout(help_text);
    return exit_expected;
  }
  Document document;
  std::vector<std::vector<std::string>> rows{{"Name", "Exists on", "Summary"}};
  for (const Experiment* experiment : all_experiments()) {
    rows.push_back({experiment->name, availability(*experiment),
                    std::string(experiment->summary.text(Language::en))});
  }
  document.table(std::move(rows));
  const Terminal terminal(stdout, ColorChoice::automatic);
  write_stdout(render_text(document, terminal));
  return exit_expected;
}

const CommandRegistration registration({"list", "list the experiments", list});

}  // namespace
}  // namespace lab
