// SPDX-License-Identifier: MIT
#include "lab/command.h"

#include <algorithm>
#include <utility>

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

const Command* find_command(std::string_view name) {
  for (const Command& command : registry()) {
    if (command.name == name) return &command;
  }
  return nullptr;
}

CommandRegistration::CommandRegistration(Command command) {
  auto& commands = registry();
  const auto place = std::lower_bound(
      commands.begin(), commands.end(), command,
      [](const Command& a, const Command& b) { return a.name < b.name; });
  commands.insert(place, std::move(command));
}

}  // namespace lab
