// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace malloc_demo {

/// Writes all of `text` to standard output at once, so that a reader at the
/// other end of a pipe sees each line when it happens. Throws
/// std::runtime_error.
void write_output(std::string_view text);

/// The lines that tell what the hog does; none when it is to be quiet.
class Output {
 public:
  explicit Output(bool quiet) noexcept : quiet_(quiet) {}

  /// One line, with the program's name before it. Throws std::runtime_error.
  void line(const std::string& text) const;

 private:
  bool quiet_;
};

}  // namespace malloc_demo
