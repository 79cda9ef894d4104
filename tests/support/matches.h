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

/// Whether it has an ideograph: from U+4000 to U+9FFF, in UTF-8.
inline bool has_chinese(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char byte) {
    const auto first = static_cast<unsigned char>(byte);
    return first >= 0xE4 && first <= 0xE9;
  });
}

/// As English texts are.
inline bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char byte) {
    return static_cast<unsigned char>(byte) < 0x80;
  });
}
