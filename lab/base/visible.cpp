// SPDX-License-Identifier: MIT
#include "lab/base/visible.h"

#include <fmt/format.h>

#include <algorithm>

namespace lab {
namespace {

/// The first character of each encoded size: smaller ones are invalid there.
constexpr char32_t least_of_size[] = {0, 0, 0x80, 0x800, 0x10000};

std::size_t size_by_lead(unsigned char lead) {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  return lead >= 0xf0 && lead < 0xf5 ? 4 : 0;
}

/// The character encoded in `bytes`, whose number matches the lead byte; 0 when
/// they are not UTF-8.
char32_t decoded(std::string_view bytes) {
  char32_t character =
      static_cast<unsigned char>(bytes.front()) & (0xffu >> (bytes.size() + 1));
  for (const char next : bytes.substr(1)) {
    const auto byte = static_cast<unsigned char>(next);
    if ((byte & 0xc0u) != 0x80u) return 0;
    character = character << 6 | (byte & 0x3fu);
  }
  return character < least_of_size[bytes.size()] ? 0 : character;
}

/// False for controls (C1 among them), surrogates, characters that are
/// invisible or change the text direction, line separators, and characters that
/// XML forbids (XML 1.0, 2.2).
bool is_printable(char32_t character) {
  const auto within = [character](char32_t first, char32_t last) {
    return character >= first && character <= last;
  };
  return character >= 0xa0 && !within(0xd800, 0xdfff) &&
         !within(0x200b, 0x200f) && !within(0x2028, 0x202e) &&
         !within(0x2060, 0x206f) && !within(0xfffe, 0xffff) &&
         character != 0xad && character != 0x61c && character != 0xfeff &&
         character <= 0x10ffff;
}

/// Bytes of the printable character at the start of `text`; 0: there is none.
std::size_t printable_size(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const std::size_t size = size_by_lead(lead);
  if (size == 1) return lead < 0x20 || lead == 0x7f ? 0 : 1;
  if (size == 0 || size > text.size()) return 0;
  return is_printable(decoded(text.substr(0, size))) ? size : 0;
}

std::string escaped(std::string_view text, std::string_view kept) {
  std::string result;
  while (!text.empty()) {
    const bool keeps = kept.find(text.front()) != kept.npos;
    const std::size_t size = keeps ? 1 : printable_size(text);
    if (size == 0) {
      result +=
          fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
    }
    result += text.substr(0, size);
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return result;
}

}  // namespace

std::string visible(std::string_view text) {
  return escaped(text, "\n\t");
}

std::string visible_line(std::string_view text) {
  return escaped(text, "");
}

}  // namespace lab
