// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cgroupfs/bytes.h"
#include "lab/base/enum_words.h"
#include "lab/base/language.h"
#include "lab/base/message.h"

namespace lab {

/// A text in every language.
struct Text {
  std::string en;
  std::string zh;

  Text() = default;
  Text(const Message& message)  // NOLINT(google-explicit-constructor)
      : en(message.text(Language::en)), zh(message.text(Language::zh)) {}

  const std::string& in(Language language) const noexcept {
    return language == Language::zh ? zh : en;
  }
  bool empty() const noexcept { return en.empty(); }
};

/// What a verdict states. The words for it are in report/, so that a record
/// reads the same in every language.
enum class FactKind {
#define FACT(kind, values) kind,
#include "lab/record/facts.def"
#undef FACT
};

template <>
struct EnumWords<FactKind> {
  static constexpr auto table = enum_words<FactKind>({
#define FACT(kind, values) {FactKind::kind, #kind},
#include "lab/record/facts.def"
#undef FACT
  });
};

/// How many values a fact has; nullopt: any number.
std::optional<std::size_t> values_of(FactKind kind) noexcept;

struct FactValue;

/// One fact, and the values and facts that it is about.
struct Fact {
  FactKind kind = FactKind::unknown;
  std::vector<FactValue> values;
};

/// A number, a text from outside (a name, a path, errno's words), or a fact.
struct FactValue {
  std::variant<std::uint64_t, std::string, Fact> value;

  FactValue() = default;
  template <std::integral Number>
  FactValue(Number number)  // NOLINT(google-explicit-constructor)
      : value(static_cast<std::uint64_t>(number)) {}
  FactValue(std::string text)  // NOLINT(google-explicit-constructor)
      : value(std::move(text)) {}
  FactValue(const char* text)  // NOLINT(google-explicit-constructor)
      : value(std::string(text)) {}
  FactValue(Fact fact)  // NOLINT(google-explicit-constructor)
      : value(std::move(fact)) {}
};

/// The same kind with the same values.
bool operator==(const Fact& one, const Fact& other);
bool operator==(const FactValue& one, const FactValue& other);

template <typename... Values>
Fact fact(FactKind kind, Values... values) {
  Fact result{kind, {}};
  (result.values.push_back(FactValue(std::move(values))), ...);
  return result;
}

}  // namespace lab
