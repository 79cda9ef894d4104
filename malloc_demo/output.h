// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace malloc_demo {

/// Writes all of `text` to standard output at once, so that the reader of a
/// pipe sees each line immediately. Throws std::runtime_error.
void write_output(std::string_view text);

/// Lines that report what the hog does; none when it is quiet.
class Output {
 public:
  explicit Output(bool quiet) noexcept : quiet_(quiet) {}

  /// One line, with the program's name before it. Throws std::runtime_error.
  void line(const std::string& text) const;

 private:
  bool quiet_;
};

}  // namespace malloc_demo
