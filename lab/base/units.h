// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "cgroupfs/bytes.h"

namespace lab {

using cgroupfs::Bytes;
using cgroupfs::Limit;
using std::chrono::nanoseconds;

inline constexpr std::uint64_t kibi = 1024;
inline constexpr std::uint64_t mebi = kibi * 1024;
inline constexpr std::uint64_t gibi = mebi * 1024;

/// A size in the kernel's notation: a decimal number, a fraction allowed before
/// a unit, and K M G T (or KiB MiB GiB TiB, any case), powers of 1024. Throws
/// UsageError for anything else; "100MB" gets a hint, because it is ambiguous.
Bytes parse_size(std::string_view text);

/// A size, or "max" for no limit. Throws UsageError.
Limit parse_size_or_max(std::string_view text);

/// A time with its unit: "500us", "200ms", "3s", "1m", "1h"; 0 needs none.
/// Throws UsageError.
nanoseconds parse_time(std::string_view text);

/// Rounded for people: "100 MiB", "1.5 GiB", "4096 B" below 10 KiB.
std::string human_size(Bytes bytes);

/// Rounded and exact: "100 MiB (104857600 bytes)", "4096 bytes".
std::string exact_size(Bytes bytes);

/// As exact_size(), or "max" without a limit.
std::string exact_limit(Limit limit);

/// The shortest form that parse_size() reads back exactly: "100M", "104960000".
std::string size_argument(Bytes bytes);

/// The shortest form that parse_time() reads back exactly: "3s", "1500us".
std::string time_argument(nanoseconds time);

/// Milliseconds with three decimals: "12.345 ms".
std::string human_ms(nanoseconds time);

/// Seconds with one digit: "3.1 s".
std::string human_seconds(nanoseconds time);

/// "2026-01-31T23:59:59.999Z".
std::string utc_time(std::chrono::system_clock::time_point time);

}  // namespace lab
