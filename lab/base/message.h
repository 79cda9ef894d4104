// SPDX-License-Identifier: MIT
#pragma once

#include <fmt/format.h>

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>

#include "lab/base/language.h"

namespace lab {

/// How often a text has each of the placeholders {0} to {9}.
struct Placeholders {
  std::array<unsigned, 10> count{};

  constexpr bool operator==(const Placeholders&) const = default;
};

/// The placeholders of `text`; "{{" and "}}" stand for braces. Throws
/// std::invalid_argument for any other brace, so that a text that fmt would
/// reject at run time does not compile.
constexpr Placeholders placeholders_of(std::string_view text) {
  Placeholders found;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    if (letter != '{' && letter != '}') continue;
    const bool doubled = i + 1 < text.size() && text[i + 1] == letter;
    if (doubled) {
      ++i;
      continue;
    }
    const bool numbered = letter == '{' && i + 2 < text.size() &&
                          text[i + 1] >= '0' && text[i + 1] <= '9' &&
                          text[i + 2] == '}';
    if (!numbered) throw std::invalid_argument("a brace without a number");
    ++found.count[static_cast<std::size_t>(text[i + 1] - '0')];
    i += 2;
  }
  return found;
}

/// One text in both languages, as a constant in the source. A constexpr object
/// that lacks a language, or whose placeholders differ, does not compile.
class Message {
 public:
  /// Throws std::invalid_argument, see above.
  constexpr Message(const char* en, const char* zh) : en_(en), zh_(zh) {
    if (en_.empty() != zh_.empty()) throw std::invalid_argument("untranslated");
    const Placeholders needed = placeholders_of(en_);
    const Placeholders given = placeholders_of(zh_);
    for (std::size_t i = 0; i < needed.count.size(); ++i) {
      if ((needed.count[i] > 0) != (given.count[i] > 0)) {
        throw std::invalid_argument("other placeholders");
      }
    }
  }

  constexpr std::string_view text(Language language) const noexcept {
    return language == Language::zh ? zh_ : en_;
  }

 private:
  std::string_view en_;
  std::string_view zh_;
};

/// The message in `language` with its placeholders filled.
template <typename... Values>
std::string say(Language language, const Message& message,
                const Values&... values) {
  return fmt::format(fmt::runtime(message.text(language)), values...);
}

}  // namespace lab
