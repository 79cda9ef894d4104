// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace malloc_demo {

/// An argument cannot be used. what() is one line without a newline.
class UsageError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Parses a size in bytes in the kernel's notation: digits with an optional
/// fraction and K, M, G or T (also KiB, MiB, ...), all powers of 1024. A
/// fraction of a byte is dropped. Throws UsageError.
std::uint64_t parse_size(std::string_view text);

/// Parses a time: digits with an optional fraction and `ms`, `s`, `m` or `h`; a
/// bare `0` needs no unit. Throws UsageError.
std::chrono::nanoseconds parse_time(std::string_view text);

/// Parses a plain number between `low` and `high`. Throws UsageError.
std::uint64_t parse_number(std::string_view text, std::uint64_t low,
                           std::uint64_t high);

/// `text` between single quotes, for messages.
std::string quoted(std::string_view text);

/// A size for people, rounded to a tenth and followed by the exact bytes:
/// `100 MiB (104857600 bytes)`.
std::string format_size(std::uint64_t bytes);

/// A time for people, in the notation parse_time() reads: `200ms`, `1.5s`.
std::string format_time(std::chrono::nanoseconds time);

}  // namespace malloc_demo
