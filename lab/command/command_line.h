// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "lab/base/errors.h"

namespace lab {

/// A word that can be typed, and what it stands for; empty where the word says
/// it all.
struct Word {
  std::string name;
  std::string summary = {};
  bool takes_file = false;  ///< the next argument is a file
};

/// What a shell offers for an argument or a value. A word that ends with "="
/// is completed further.
struct Completion {
  enum class Kind {
    none,
    file,
    directory,
    program,
    words,
    options,  ///< those of the command that an argument before it names
  };
  Kind kind = Kind::none;
  std::vector<Word> words = {};
};

inline Completion files() {
  return {Completion::Kind::file};
}
inline Completion directories() {
  return {Completion::Kind::directory};
}
Completion one_of(std::vector<Word> words);
Completion one_of(const std::vector<std::string>& words);

/// An option as it is parsed, shown by --help and in the manual, and completed.
struct Option {
  std::string name;            ///< without dashes, "quiet,q" with a short form
  std::string value;           ///< its name in the help; empty: it takes none
  std::string help;            ///< what it does, and its default
  Completion completion = {};  ///< of its value
  bool repeats = false;        ///< may be given more than once
};
using OptionList = std::vector<Option>;

/// One whose value is one of `words`, shown as "a|b".
Option choice(std::string name, const std::vector<std::string>& words,
              std::string help);

/// Adds `more` to the end of `options`.
void add(OptionList& options, OptionList more);

/// "limit" and "l" of an Option's name "limit,l"; no second one without it.
std::string long_name(const Option& option);
std::string short_name(const Option& option);

/// The options that were given, and the positional arguments.
struct CommandLine {
  /// By long name. An option that takes no value has an empty one.
  std::map<std::string, std::vector<std::string>> values;
  std::vector<std::string> positional;
  /// What follows `--` where a command takes such words; nullopt without it.
  std::optional<std::vector<std::string>> rest;
  std::vector<std::string> typed;  ///< all of it

  bool has(const std::string& name) const { return values.count(name) > 0; }
  /// The values of an option that repeats, in order; none when it was not
  /// given.
  std::vector<std::string> all(const std::string& name) const;
};

/// Parses `arguments` by `options`, which may follow positional arguments and
/// cannot be abbreviated. Throws UsageError for what it does not know, and for
/// more positional arguments than `most_positional`.
CommandLine parse_command_line(const OptionList& options,
                               const std::vector<std::string>& arguments,
                               std::size_t most_positional = 0);

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

/// "a, b or c".
std::string alternatives(const std::vector<std::string>& words);

/// A value of --cgroup; nullopt for "auto". Throws UsageError.
std::optional<cgroupfs::Version> parse_version(const std::string& text);

/// Any text but an empty one. Throws UsageError.
std::string parse_text(const std::string& text);

/// A whole number from `least` to `most`. Throws UsageError.
std::uint64_t parse_number(const std::string& text, std::uint64_t least,
                           std::uint64_t most);

}  // namespace lab
