// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>

/// The words for the values of an enum in records and options: one table for
/// both directions.
namespace lab {

/// To be specialised next to each such enum, with a
///   static constexpr auto table = enum_words<Enum>({{Enum::first, "first"},
///                                                   ...});
/// in the order of the enum.
template <typename Enum>
struct EnumWords;

/// Whether `value` has a name: compilers print any other as a cast.
template <auto value>
constexpr bool is_enumerator() {
  const std::string_view name = __PRETTY_FUNCTION__;
  const std::string_view mark = "value = ";
  return name[name.find(mark) + mark.size()] != '(';
}

/// A table that does not list every value in order is not a constant
/// expression, and does not compile.
template <typename Enum, std::size_t count>
constexpr std::array<std::string_view, count> enum_words(
    const std::pair<Enum, std::string_view> (&words)[count]) {
  static_assert(!is_enumerator<static_cast<Enum>(count)>(),
                "a value has no word");
  std::array<std::string_view, count> table;
  for (std::size_t i = 0; i < count; ++i) {
    if (words[i].first != static_cast<Enum>(i)) throw "not in the enum's order";
    table[i] = words[i].second;
  }
  return table;
}

/// The word for `value`.
template <typename Enum>
requires requires {
  EnumWords<Enum>::table;
}
constexpr std::string_view to_string(Enum value) {
  return EnumWords<Enum>::table[static_cast<std::size_t>(value)];
}

/// The value with that `word`; nullopt when there is none.
template <typename Enum>
constexpr std::optional<Enum> from_word(std::string_view word) {
  for (std::size_t i = 0; i < EnumWords<Enum>::table.size(); ++i) {
    if (EnumWords<Enum>::table[i] == word) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

}  // namespace lab
