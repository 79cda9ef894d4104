// SPDX-License-Identifier: MIT
#include "lab/command/command.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/base/nearest.h"
#include "lab/report/terminal.h"
#include "lab/report/text_width.h"

namespace lab {
namespace {

/// Built on first use: registrations run in no certain order.
std::vector<Command>& registry() {
  static std::vector<Command> commands;
  return commands;
}

void append_commands(std::string& text, Command::Kind kind, std::size_t width) {
  constexpr std::size_t column = 14;
  for (const Command& command : registry()) {
    if (command.kind != kind) continue;
    append_wrapped(text, padded("  " + command.name, column), column,
                   command.summary, width);
  }
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
      fmt::format("unknown command '{}'{}", name,
                  meant ? fmt::format("; did you mean '{}'?", *meant) : ""));
}

Description description_of(const Command& command) {
  Description description = command.describe(command);
  description.options.push_back({"help,h", "", "show this help"});
  return description;
}

int execute(const Command& command, const std::vector<std::string>& arguments) {
  const Description description = description_of(command);
  const CommandLine line = parse_command_line(description, arguments);
  if (!line.has("help")) return command.run(command, line);
  const Terminal terminal(stdout, ColorChoice::never);
  write_stdout(
      help_text(command.name, description, help_width(terminal.width())));
  return exit_expected;
}

std::string overview(std::size_t width) {
  std::string text =
      "Usage: cglab COMMAND [OPTION]...\n"
      "A lab for the memory limits of Linux control groups.\n\n"
      "Tools:\n";
  append_commands(text, Command::Kind::tool, width);
  text += "\nExperiments (by lesson: cglab list):\n";
  append_commands(text, Command::Kind::experiment, width);
  text += '\n';
  append_wrapped(text, "", 0,
                 "Run 'cglab COMMAND --help' for details, 'cglab --version' "
                 "for the version.",
                 width);
  return text;
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
