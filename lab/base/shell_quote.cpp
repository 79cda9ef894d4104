// SPDX-License-Identifier: MIT
#include "lab/base/shell_quote.h"

#include <fmt/format.h>

#include "lab/base/visible.h"

namespace lab {
namespace {

std::string in_single_quotes(std::string_view text) {
  std::string quoted = "'";
  for (const char letter : text) {
    if (letter == '\'') {
      quoted += "'\\''";
    } else {
      quoted += letter;
    }
  }
  return quoted + "'";
}

/// For printf(1): its special characters, and everything but plain ASCII, as
/// numbers.
std::string as_format(std::string_view text) {
  std::string format;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    const bool is_option = letter == '-' && format.empty();
    const bool plain = byte >= ' ' && byte < 0x7f && letter != '%' &&
                       letter != '\\' && letter != '\'' && !is_option;
    format += plain ? std::string(1, letter) : fmt::format("\\{:03o}", byte);
  }
  return format;
}

/// `$(...)` drops trailing newlines.
std::string by_printf(std::string_view text) {
  const std::size_t size = text.find_last_not_of('\n') + 1;
  std::string quoted =
      fmt::format("\"$(printf '{}')\"", as_format(text.substr(0, size)));
  if (size < text.size()) quoted += in_single_quotes(text.substr(size));
  return quoted;
}

/// Whether a terminal shows `text` unchanged; newlines are for scripts.
bool can_be_pasted(std::string_view text) {
  return visible(text) == text && text.find('\t') == text.npos;
}

}  // namespace

std::string shell_quote(const std::string& text) {
  const bool plain =
      !text.empty() && text.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUV"
                           "WXYZ0123456789_./:=+,@%-") == text.npos;
  if (plain) return text;
  return can_be_pasted(text) ? in_single_quotes(text) : by_printf(text);
}

}  // namespace lab
