// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace lab {

/// One sub-command of cglab. Passive data.
struct Command {
  std::string name;     ///< as typed
  std::string summary;  ///< one line for the list of commands
  /// Carries it out with the arguments that follow its name; returns an
  /// ExitCode. May throw UsageError, Unavailable, RunError and
  /// cgroupfs::FileError.
  int (*run)(const Command& self, const std::vector<std::string>& arguments);
};

/// All sub-commands, sorted by name.
const std::vector<Command>& all_commands();

/// The command called `name`. Throws UsageError that names the one that was
/// perhaps meant.
const Command& find_command(std::string_view name);

/// What the program is and all its commands, for `cglab --help`.
std::string overview();

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
