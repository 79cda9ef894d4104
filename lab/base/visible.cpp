// SPDX-License-Identifier: MIT
#include "lab/base/visible.h"

#include <fmt/format.h>

namespace lab {
namespace {

std::string escaped(std::string_view text, std::string_view kept) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    // U+0080 to U+009F in UTF-8.
    const bool c1 = byte == 0xc2 && i + 1 < text.size() &&
                    static_cast<unsigned char>(text[i + 1]) < 0xa0;
    const bool is_control = byte == 0x7f || byte < 0x20;
    if (is_control && kept.find(text[i]) == kept.npos) {
      result += fmt::format("\\x{:02x}", byte);
    } else if (c1) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[++i]));
    } else {
      result += text[i];
    }
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
