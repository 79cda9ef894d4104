// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "lab/command/command_line.h"
#include "lab/repeat/cases.h"

namespace lab {

/// The experiments and `run`, as words of a command line.
std::vector<Word> case_words(const std::string& before = "");

/// --sweep.
Option sweep_option();

/// What NAME of --sweep can be, for people.
std::string sweep_note();

/// The cases that it makes of `experiment` with these arguments, checked as
/// check_cases() does. Throws UsageError.
std::vector<BenchCase> read_cases(const CommandLine& line,
                                  const std::string& experiment,
                                  std::vector<std::string> arguments);

/// The number that `name` has, from `least` to `most`; without it `otherwise`.
/// Throws UsageError.
std::size_t read_count(const CommandLine& line, const char* name,
                       std::size_t otherwise, std::uint64_t least,
                       std::uint64_t most);

}  // namespace lab
