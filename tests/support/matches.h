// SPDX-License-Identifier: MIT
#pragma once

#include <regex.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>

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

/// Whether a part of the text is Chinese: ideographs and their punctuation,
/// whose UTF-8 begins with these bytes (U+3000 to U+9FFF, and from U+F000 on).
inline bool has_chinese(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char byte) {
    const auto first = static_cast<unsigned char>(byte);
    return (first >= 0xE3 && first <= 0xE9) || first == 0xEF;
  });
}
