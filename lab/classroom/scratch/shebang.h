// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace lab {

/// How much of a file the kernel reads to find out what it is.
inline constexpr std::size_t program_head_size = 256;

/// The first line of a script (execve(2), "Interpreter scripts").
struct Shebang {
  std::string interpreter;  ///< a path
  std::string argument;     ///< all that follows, which is one argument
  /// The line ends with CR LF; to the kernel, the CR is part of the last word.
  /// It is removed here.
  bool has_carriage_return = false;

  /// Of `#!/usr/bin/env NAME`: the program that env looks for on PATH; empty
  /// for all others.
  std::string program_of_env() const;

  bool operator==(const Shebang&) const = default;
};

/// The first line of a script, of the first program_head_size bytes of the
/// file; nullopt where Linux does not run it as a script
/// (fs/binfmt_script.c).
std::optional<Shebang> parse_shebang(std::string_view head);

}  // namespace lab
