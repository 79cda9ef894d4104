// SPDX-License-Identifier: MIT
#pragma once

#include <cstdio>
#include <stdexcept>
#include <string>

namespace test_support {

/// A stream to an unnamed file, which is not a terminal.
class TempStream {
 public:
  TempStream() : file_(std::tmpfile()) {
    if (!file_) throw std::runtime_error("cannot make a temporary file");
  }
  ~TempStream() { std::fclose(file_); }
  TempStream(const TempStream&) = delete;
  TempStream& operator=(const TempStream&) = delete;

  std::FILE* get() const { return file_; }
  /// All that was written and flushed so far.
  std::string text() const {
    std::string text;
    std::rewind(file_);
    for (int letter = std::fgetc(file_); letter != EOF;
         letter = std::fgetc(file_)) {
      text += static_cast<char>(letter);
    }
    std::fseek(file_, 0, SEEK_END);
    return text;
  }

 private:
  std::FILE* file_;
};

}  // namespace test_support
