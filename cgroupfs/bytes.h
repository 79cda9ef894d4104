// SPDX-License-Identifier: MIT
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace cgroupfs {

/// A number of bytes.
struct Bytes {
  std::uint64_t count = 0;

  auto operator<=>(const Bytes&) const = default;
};

/// A memory limit: a number of bytes, or "max" for no limit. There is no
/// sentinel number: cgroup v1's page-rounded LONG_MAX reads as max.
class Limit {
 public:
  /// No limit.
  static constexpr Limit max() noexcept { return Limit(); }
  /// Exactly `bytes`; the kernel rounds it down to a whole page when written.
  static constexpr Limit of(Bytes bytes) noexcept { return Limit(bytes); }

  constexpr bool is_max() const noexcept { return !bytes_.has_value(); }
  /// The number; throws std::bad_optional_access when there is no limit.
  constexpr Bytes bytes() const { return bytes_.value(); }

  bool operator==(const Limit&) const = default;

 private:
  constexpr Limit() = default;
  explicit constexpr Limit(Bytes bytes) : bytes_(bytes) {}

  std::optional<Bytes> bytes_;
};

/// "max" or the number of bytes in decimal, as in the files of cgroup v2.
std::string to_string(Limit limit);

/// The system's page size in bytes (sysconf(_SC_PAGESIZE)).
Bytes page_size() noexcept;

/// `bytes` rounded down to a whole page, as the kernel rounds every limit.
Bytes round_down_to_page(Bytes bytes) noexcept;

}  // namespace cgroupfs
