// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "lab/command/description.h"

namespace lab {

/// One sub-command of cglab. Passive data.
struct Command {
  enum class Kind { tool, experiment };
  std::string name;     ///< as typed
  std::string summary;  ///< one line for the list of commands
  /// Its arguments and options, but for --help, which all have.
  Description (*describe)(const Command& self);
  /// Carries it out; returns an ExitCode. May throw UsageError, Unavailable,
  /// RunError and cgroupfs::FileError.
  int (*run)(const Command& self, const CommandLine& line);
  Kind kind = Kind::tool;
};

/// All sub-commands, sorted by name.
const std::vector<Command>& all_commands();

/// The command called `name`. Throws UsageError that names the one that was
/// perhaps meant.
const Command& find_command(std::string_view name);

/// Its own description with --help.
Description description_of(const Command& command);

/// Carries it out with the `arguments` that follow its name, or shows its help.
/// Returns and throws as Command::run does.
int execute(const Command& command, const std::vector<std::string>& arguments);

/// What the program is and all its commands, for `cglab --help`, in lines of
/// `width` columns.
std::string overview(std::size_t width);

/// All commands as JSON, of which the manual page and the completions are made.
std::string commands_json();

/// What was typed: "cglab", the command's name, its arguments.
std::vector<std::string> command_line(
    const std::string& name, const std::vector<std::string>& arguments);

/// Adds one to them.
void add_command(Command command);

/// A static object of this type in a command's file adds it to the program.
class CommandRegistration {
 public:
  explicit CommandRegistration(Command command);
};

}  // namespace lab
