// SPDX-License-Identifier: MIT
#pragma once

#include <regex.h>

#include <stdexcept>
#include <string>

/// Whether a part of the text matches an extended regular expression, regex(7).
/// <regex> would take seconds of every compilation.
inline bool matches(const std::string& text, const char* pattern) {
  regex_t compiled;
  if (::regcomp(&compiled, pattern, REG_EXTENDED | REG_NOSUB) != 0) {
    throw std::invalid_argument(pattern);
  }
  const int status = ::regexec(&compiled, text.c_str(), 0, nullptr, 0);
  ::regfree(&compiled);
  return status == 0;
}
