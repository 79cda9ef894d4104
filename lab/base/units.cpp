// SPDX-License-Identifier: MIT
#include "lab/base/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "lab/base/errors.h"

namespace lab {
namespace {

constexpr std::string_view units = "KMGT";

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& letter : result) {
    letter =
        static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  }
  return result;
}

/// Digits with at most one point between them, at the start of `text`.
std::string_view leading_number(std::string_view text) {
  const std::size_t end = text.find_first_not_of("0123456789.");
  return text.substr(0, end);
}

struct Measure {
  long double number;
  bool whole;
  std::uint64_t integer;
  std::string unit;
};

/// Splits "1.5G" into number and unit; nullopt when there is no number.
std::optional<Measure> split_quantity(std::string_view text) {
  const std::string_view digits = leading_number(text);
  if (digits.empty() || digits.front() == '.' || digits.back() == '.') {
    return std::nullopt;
  }
  Measure quantity{0, digits.find('.') == digits.npos, 0,
                   lower(text.substr(digits.size()))};
  const char* const begin = digits.data();
  const char* const end = begin + digits.size();
  const auto whole = std::from_chars(begin, end, quantity.integer);
  const auto real = std::from_chars(begin, end, quantity.number);
  if (real.ec != std::errc() || real.ptr != end) return std::nullopt;
  // A whole number of any length is a number: `number` reports when it is too
  // large.
  if (quantity.whole && whole.ptr != end) return std::nullopt;
  return quantity;
}

/// The power of 1024 of a lower-case unit; nullopt for an unknown one.
std::optional<unsigned> binary_power(std::string_view unit) {
  if (unit.empty() || unit == "b") return 0;
  const std::size_t at = units.find(static_cast<char>(
      std::toupper(static_cast<unsigned char>(unit.front()))));
  if (at == units.npos) return std::nullopt;
  const std::string_view rest = unit.substr(1);
  if (!rest.empty() && rest != "ib") return std::nullopt;
  return static_cast<unsigned>(at) + 1;
}

[[noreturn]] void refuse_size(std::string_view text) {
  throw UsageError(
      fmt::format("invalid size '{}'; use bytes or K, M, G, T as powers of "
                  "1024, such as 100M, 100MiB, 1.5G or 104857600",
                  text));
}

void refuse_decimal_unit(std::string_view text, const std::string& unit) {
  const bool decimal = unit.size() == 2 && unit[1] == 'b';
  if (!decimal || binary_power(unit.substr(0, 1)).value_or(0) == 0) return;
  const char letter = static_cast<char>(std::toupper(unit[0]));
  const std::string_view digits = leading_number(text);
  throw UsageError(
      fmt::format("'{0}' could mean powers of 1000 or of 1024; the kernel uses "
                  "1024: write {1}{2} or {1}{2}iB",
                  text, digits, letter));
}

struct TimeUnit {
  std::string_view name;
  std::int64_t ns;
};
constexpr std::array<TimeUnit, 6> time_units = {{{"h", 3600000000000},
                                                 {"m", 60000000000},
                                                 {"s", 1000000000},
                                                 {"ms", 1000000},
                                                 {"us", 1000},
                                                 {"ns", 1}}};

[[noreturn]] void refuse_time(std::string_view text) {
  throw UsageError(fmt::format(
      "invalid time '{}'; use a number with a unit, such as 200ms, 3s or 1m",
      text));
}

}  // namespace

Bytes parse_size(std::string_view text) {
  const std::optional<Measure> quantity = split_quantity(text);
  if (!quantity) refuse_size(text);
  refuse_decimal_unit(text, quantity->unit);
  const std::optional<unsigned> power = binary_power(quantity->unit);
  if (!power || (!quantity->whole && *power == 0)) refuse_size(text);
  const std::uint64_t factor = std::uint64_t{1} << (10 * *power);
  if (quantity->number * factor >= 9.2e18L) {
    throw UsageError(fmt::format("'{}' is too large", text));
  }
  if (quantity->whole) return Bytes{quantity->integer * factor};
  return Bytes{static_cast<std::uint64_t>(quantity->number * factor)};
}

Limit parse_size_or_max(std::string_view text) {
  return text == "max" ? Limit::max() : Limit::of(parse_size(text));
}

nanoseconds parse_time(std::string_view text) {
  const std::optional<Measure> quantity = split_quantity(text);
  if (!quantity) refuse_time(text);
  if (quantity->unit.empty() && quantity->number == 0) return nanoseconds(0);
  for (const TimeUnit& unit : time_units) {
    if (unit.name != quantity->unit) continue;
    const long double ns = quantity->number * unit.ns;
    if (ns > 1e18L) {
      throw UsageError(fmt::format("'{}' is too long", text));
    }
    return nanoseconds(std::llround(ns));
  }
  refuse_time(text);
}

std::string human_size(Bytes bytes) {
  if (bytes.count < 10 * kibi) return fmt::format("{} B", bytes.count);
  double number = static_cast<double>(bytes.count) / kibi;
  std::size_t unit = 0;
  // A number that would be rounded up to 1024 belongs to the next unit.
  while (number >= 1023.95 && unit + 1 < units.size()) {
    number /= 1024;
    ++unit;
  }
  std::string digits = fmt::format("{:.1f}", number);
  if (digits.ends_with(".0")) digits.resize(digits.size() - 2);
  return fmt::format("{} {}iB", digits, units[unit]);
}

std::string exact_size(Bytes bytes) {
  if (bytes.count < 10 * kibi) return fmt::format("{} bytes", bytes.count);
  return fmt::format("{} ({} bytes)", human_size(bytes), bytes.count);
}

std::string exact_limit(Limit limit) {
  return limit.is_max() ? "max" : exact_size(limit.bytes());
}

std::string size_argument(Bytes bytes) {
  std::uint64_t number = bytes.count;
  std::size_t power = 0;
  while (number != 0 && number % 1024 == 0 && power < units.size()) {
    number /= 1024;
    ++power;
  }
  if (power == 0) return std::to_string(number);
  return fmt::format("{}{}", number, units[power - 1]);
}

std::string time_argument(nanoseconds time) {
  if (time.count() == 0) return "0";
  for (const TimeUnit& unit : time_units) {
    if (time.count() % unit.ns == 0) {
      return fmt::format("{}{}", time.count() / unit.ns, unit.name);
    }
  }
  return fmt::format("{}ns", time.count());
}

std::string human_ms(nanoseconds time) {
  return fmt::format("{:.3f} ms", static_cast<double>(time.count()) / 1e6);
}

std::string human_seconds(nanoseconds time) {
  return fmt::format("{:.1f} s", static_cast<double>(time.count()) / 1e9);
}

std::string utc_time(std::chrono::system_clock::time_point time) {
  using std::chrono::floor;
  // Not with gmtime(), which reads the time zone.
  const auto day = floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(
      floor<std::chrono::milliseconds>(time - day));
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
                     static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count(),
                     clock.subseconds().count());
}

}  // namespace lab
