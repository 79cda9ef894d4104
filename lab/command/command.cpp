// SPDX-License-Identifier: MIT
#include "lab/command/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lab/base/errors.h"
#include "lab/base/nearest.h"

namespace lab {
namespace {

/// Built on first use: registrations run in no certain order.
std::vector<Command>& registry() {
  static std::vector<Command> commands;
  return commands;
}

}  // namespace

const std::vector<Command>& all_commands() {
  return registry();
}

const Command& find_command(std::string_view name) {
  std::vector<std::string> names;
  for (const Command& command : registry()) {
    if (command.name == name) return command;
    names.push_back(command.name);
  }
  const auto meant = nearest(name, names);
  throw UsageError(
      fmt::format("there is no command '{}'{}", name,
                  meant ? fmt::format("; did you mean '{}'?", *meant) : ""));
}

std::string overview() {
  std::string text =
      "Usage: cglab COMMAND [OPTION]...\n"
      "A lab for the memory limits of Linux control groups.\n\n"
      "Commands:\n";
  for (const Command& command : all_commands()) {
    text += fmt::format("  {:<10} {}\n", command.name, command.summary);
  }
  return text +
         "\ncglab COMMAND --help tells more; cglab --version its version.\n";
}

std::vector<std::string> command_line(
    const std::string& name, const std::vector<std::string>& arguments) {
  std::vector<std::string> words{"cglab", name};
  words.insert(words.end(), arguments.begin(), arguments.end());
  return words;
}

void add_command(Command command) {
  auto& commands = registry();
  const auto place = std::lower_bound(
      commands.begin(), commands.end(), command,
      [](const Command& a, const Command& b) { return a.name < b.name; });
  commands.insert(place, std::move(command));
}

CommandRegistration::CommandRegistration(Command command) {
  add_command(std::move(command));
}

}  // namespace lab
