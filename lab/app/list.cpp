// SPDX-License-Identifier: MIT
#include "lab/base/exit_code.h"
#include "lab/command/command.h"
#include "lab/experiments/experiment.h"
#include "lab/report/document.h"
#include "lab/report/terminal.h"

namespace lab {
namespace {

Description describe(const Command&) {
  return {
      .about = {"Lists the experiments: name, where it exists, summary. "
                "'cglab help NAME' shows the question, the prediction and the "
                "options."},
      .exit_statuses = {{"0", "listed"}, {"2", "usage error"}},
  };
}

int list(const Command&, const CommandLine&) {
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

const CommandRegistration registration({"list", "list the experiments",
                                        describe, list});

}  // namespace
}  // namespace lab
