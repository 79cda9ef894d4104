// SPDX-License-Identifier: MIT
#include "lab/record/fact.h"

#include <array>

namespace lab {
namespace {

constexpr int any = -1;

constexpr std::array counts{
#define FACT(kind, values) values,
#include "lab/record/facts.def"
#undef FACT
};

}  // namespace

std::optional<std::size_t> values_of(FactKind kind) noexcept {
  const int count = counts[static_cast<std::size_t>(kind)];
  if (count == any) return std::nullopt;
  return static_cast<std::size_t>(count);
}

bool operator==(const Fact& one, const Fact& other) {
  return one.kind == other.kind && one.values == other.values;
}

bool operator==(const FactValue& one, const FactValue& other) {
  return one.value == other.value;
}

}  // namespace lab
