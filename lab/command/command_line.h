// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "lab/base/errors.h"
#include "lab/report/live.h"

namespace lab {

/// An option of a command, as --help shows it.
struct Option {
  const char* name;        ///< without dashes, "quiet,q" with a short form
  const char* value_name;  ///< in the help; nullptr: it takes no value
  const char* help;        ///< what it does, and its default
  bool repeats = false;    ///< may be given more than once
};
using OptionList = std::vector<Option>;

/// The options that were given, and the positional arguments.
struct CommandLine {
  /// By long name. An option that takes no value has an empty one.
  std::map<std::string, std::vector<std::string>> values;
  std::vector<std::string> positional;

  bool has(const std::string& name) const { return values.count(name) > 0; }
  /// The values of an option that repeats, in order; none when it was not
  /// given.
  std::vector<std::string> all(const std::string& name) const;
};

/// Parses `arguments` by `options`, which may stand behind positional arguments
/// and cannot be abbreviated. Throws UsageError for what it does not know, and
/// for more positional arguments than `most_positional`.
CommandLine parse_command_line(const OptionList& options,
                               const std::vector<std::string>& arguments,
                               std::size_t most_positional = 0);

/// The options as text for --help.
std::string options_text(const OptionList& options);

/// The option's value by `parse_value`, whose UsageError gets the option's name
/// put before it; nullopt when the option was not given.
template <typename Parse>
auto value_of(const CommandLine& line, const char* name,
              const Parse& parse_value)
    -> std::optional<decltype(parse_value(std::string()))> {
  if (!line.has(name)) return std::nullopt;
  try {
    return parse_value(line.values.at(name).front());
  } catch (const UsageError& error) {
    throw UsageError(fmt::format("--{}: {}", name, error.what()));
  }
}

/// A value of --cgroup; nullopt for "auto". Throws UsageError.
std::optional<cgroupfs::Version> parse_version(const std::string& text);

/// Any text but an empty one. Throws UsageError.
std::string parse_text(const std::string& text);

/// --quiet or --verbose. Throws UsageError when both are given.
Verbosity read_verbosity(const CommandLine& line);

}  // namespace lab
