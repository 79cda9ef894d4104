// SPDX-License-Identifier: MIT
#include "lab/base/exit_code.h"
#include "lab/command/command.h"
#include "lab/report/terminal.h"

namespace lab {
namespace {

Description describe_help(const Command&) {
  std::vector<Word> commands;
  for (const Command& each : all_commands()) {
    commands.push_back({each.name, each.summary});
  }
  return {
      .about = {"Shows the help of COMMAND, as COMMAND --help does."},
      .arguments = {"[COMMAND]", 1, one_of(std::move(commands)), "Commands"},
      .exit_statuses = {{"0", "shown"}, {"2", "there is no such command"}},
  };
}

int help(const Command&, const CommandLine& line) {
  if (line.positional.empty()) {
    const Terminal terminal(stdout, ColorChoice::never);
    write_stdout(overview(help_width(terminal.width())));
    return exit_expected;
  }
  return execute(find_command(line.positional.front()), {"--help"});
}

const CommandRegistration help_registration({"help",
                                             "show the help of a command",
                                             describe_help, help});

}  // namespace
}  // namespace lab
