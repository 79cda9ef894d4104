// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "lab/errors.h"
#include "lab/report/live.h"

namespace lab {

/// Options as Boost.Program_options read them, and what stood beside them.
struct CommandLine {
  boost::program_options::variables_map values;
  std::vector<std::string> positional;

  bool has(const char* name) const { return values.count(name) > 0; }
};

/// Parses `arguments` by `description`; options may stand behind positional
/// arguments, and cannot be abbreviated. Throws UsageError for what it does not
/// know, and for more positional arguments than `most_positional`.
CommandLine parse_command_line(
    const boost::program_options::options_description& description,
    const std::vector<std::string>& arguments, std::size_t most_positional = 0);

/// The options as text for --help.
std::string options_text(
    const boost::program_options::options_description& description);

/// An option's value that is still to be parsed, shown as `name` in the help.
boost::program_options::typed_value<std::string>* text_value(const char* name);

/// The option's value by `parse_value`, whose UsageError gets the option's name
/// put before it; nullopt when the option was not given.
template <typename Parse>
auto value_of(const CommandLine& line, const char* name,
              const Parse& parse_value)
    -> std::optional<decltype(parse_value(std::string()))> {
  if (!line.has(name)) return std::nullopt;
  try {
    return parse_value(line.values[name].as<std::string>());
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
