// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/command/command.h"
#include "lab/report/terminal.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;

std::string help_of_help() {
  std::string text =
      "Usage: cglab help [COMMAND]\n"
      "The help of COMMAND, as COMMAND --help prints it.\n\nCommands:\n";
  for (const Command& command : all_commands()) {
    text += fmt::format("  {:<10} {}\n", command.name, command.summary);
  }
  return text + "\nExit status: 0, 2 there is no such command.\n";
}

int help(const Command&, const Words& arguments) {
  if (arguments.size() > 1) {
    throw UsageError(fmt::format("unexpected argument '{}'", arguments[1]));
  }
  if (arguments.empty()) {
    write_stdout(overview());
    return exit_expected;
  }
  if (arguments.front() == "--help" || arguments.front() == "-h" ||
      arguments.front() == "help") {
    write_stdout(help_of_help());
    return exit_expected;
  }
  const Command& command = find_command(arguments.front());
  return command.run(command, {"--help"});
}

const CommandRegistration registration({"help", "show the help of a command",
                                        help});

}  // namespace
}  // namespace lab
