// SPDX-License-Identifier: MIT
#include "malloc_demo/units.h"

#include <array>
#include <charconv>
#include <cstdio>
#include <limits>
#include <optional>

namespace malloc_demo {
namespace {

/// More digits could overflow 64 bits when multiplied by T.
constexpr std::size_t max_decimals = 6;

/// A number without its unit: whole + fraction / scale.
struct Quantity {
  std::uint64_t whole = 0;
  std::uint64_t fraction = 0;
  std::uint64_t scale = 1;
  std::string_view unit;
};

[[noreturn]] void refuse(std::string_view text, const std::string& reason) {
  throw UsageError(quoted(text) + " " + reason);
}

/// Removes leading digits from `rest`. Throws UsageError when there are none or
/// too many for 64 bits.
std::uint64_t take_digits(std::string_view text, std::string_view& rest,
                          const char* expected) {
  std::uint64_t value = 0;
  const auto [end, error] =
      std::from_chars(rest.data(), rest.data() + rest.size(), value);
  if (error == std::errc::result_out_of_range) refuse(text, "is too large");
  if (error != std::errc()) refuse(text, expected);
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()));
  return value;
}

Quantity split(std::string_view text, const char* expected) {
  Quantity quantity;
  std::string_view rest = text;
  quantity.whole = take_digits(text, rest, expected);
  if (!rest.empty() && rest.front() == '.') {
    rest.remove_prefix(1);
    const std::size_t before = rest.size();
    quantity.fraction = take_digits(text, rest, expected);
    const std::size_t decimals = before - rest.size();
    if (decimals > max_decimals) refuse(text, "has more than 6 decimals");
    for (std::size_t i = 0; i < decimals; ++i) quantity.scale *= 10;
  }
  quantity.unit = rest;
  return quantity;
}

std::uint64_t multiply(std::string_view text, const Quantity& quantity,
                       std::uint64_t unit, std::uint64_t limit) {
  const std::uint64_t part = quantity.fraction * unit / quantity.scale;
  if (quantity.whole > (limit - part) / unit) refuse(text, "is too large");
  return quantity.whole * unit + part;
}

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

/// The power of 1024 of a unit; nullopt for an unknown unit.
std::optional<std::uint64_t> size_unit(std::string_view unit) {
  if (unit.empty()) return 1;
  const std::size_t power = std::string_view("kmgt").find(lower(unit[0]));
  if (power == std::string_view::npos) return std::nullopt;
  if (unit.size() != 1 && unit.substr(1) != "iB") return std::nullopt;
  return std::uint64_t{1} << (10 * (power + 1));
}

bool is_decimal_unit(std::string_view unit) {
  return unit.size() == 2 && size_unit(unit.substr(0, 1)) &&
         lower(unit[1]) == 'b';
}

struct TimeUnit {
  std::string_view name;
  std::uint64_t nanoseconds;
};

constexpr std::array<TimeUnit, 6> time_units = {{
    {"h", 3'600'000'000'000},
    {"m", 60'000'000'000},
    {"s", 1'000'000'000},
    {"ms", 1'000'000},
    {"us", 1'000},
    {"ns", 1},
}};

std::uint64_t time_unit(std::string_view text, const Quantity& quantity) {
  for (const TimeUnit& unit : time_units) {
    if (unit.name == quantity.unit) return unit.nanoseconds;
  }
  if (text == "0") return 1;
  refuse(text,
         "is not a time; use a number with a unit, such as 200ms, 3s or 1m");
}

/// `value` with one decimal unless it is a whole number.
std::string rounded(double value, std::string_view unit) {
  std::array<char, 40> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  std::string number = text.data();
  if (number.ends_with(".0")) number.resize(number.size() - 2);
  return number.append(unit);
}

}  // namespace

std::uint64_t parse_size(std::string_view text) {
  const Quantity quantity = split(
      text, "is not a size; use a number such as 4096, 64K, 100M or 1.5G");
  if (is_decimal_unit(quantity.unit)) {
    const std::string number(text.substr(0, text.size() - 1));
    refuse(text, "is ambiguous: write " + number + " or " + number +
                     "iB, sizes are powers of 1024");
  }
  const std::optional<std::uint64_t> unit = size_unit(quantity.unit);
  if (!unit) refuse(text, "is not a size; the units are K, M, G and T");
  if (*unit == 1 && quantity.scale != 1)
    refuse(text, "is not a whole number of bytes");
  return multiply(text, quantity, *unit,
                  std::numeric_limits<std::uint64_t>::max());
}

std::chrono::nanoseconds parse_time(std::string_view text) {
  const Quantity quantity = split(
      text, "is not a time; use a number with a unit, such as 200ms, 3s or 1m");
  // Half the range, so that "now plus this time" cannot overflow either.
  constexpr auto highest =
      static_cast<std::uint64_t>(std::chrono::nanoseconds::max().count() / 2);
  const std::uint64_t count =
      multiply(text, quantity, time_unit(text, quantity), highest);
  return std::chrono::nanoseconds(static_cast<std::int64_t>(count));
}

std::uint64_t parse_number(std::string_view text, std::uint64_t low,
                           std::uint64_t high) {
  std::string_view rest = text;
  const std::uint64_t value = take_digits(text, rest, "is not a whole number");
  if (!rest.empty()) refuse(text, "is not a whole number");
  if (value < low) refuse(text, "is below " + std::to_string(low));
  if (value > high) refuse(text, "is above " + std::to_string(high));
  return value;
}

std::string quoted(std::string_view text) {
  return std::string("'").append(text).append("'");
}

std::string format_size(std::uint64_t bytes) {
  std::string exact = std::to_string(bytes) + " bytes";
  constexpr std::array<std::string_view, 4> unit_names = {" KiB", " MiB",
                                                          " GiB", " TiB"};
  if (bytes < 1024) return exact;
  auto value = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  for (; value >= 1024 && unit + 1 < unit_names.size(); ++unit) value /= 1024;
  return rounded(value, unit_names[unit]) + " (" + exact + ")";
}

std::string format_time(std::chrono::nanoseconds time) {
  const auto count = static_cast<std::uint64_t>(time.count());
  for (const TimeUnit& unit : time_units) {
    if (count < unit.nanoseconds) continue;
    return rounded(
        static_cast<double>(count) / static_cast<double>(unit.nanoseconds),
        unit.name);
  }
  return rounded(static_cast<double>(count) / 1e6, "ms");
}

}  // namespace malloc_demo
