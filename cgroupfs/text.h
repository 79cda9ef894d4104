// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "cgroupfs/bytes.h"

/// Parsers for the text of the kernel's interface files. They access no files,
/// ignore unknown keys, accept a missing final newline, and throw ParseError
/// for anything else that is malformed. Source:
/// Documentation/admin-guide/cgroup-v2.rst ("Interface Files", "Format") and
/// Documentation/admin-guide/cgroup-v1/memory.rst.
namespace cgroupfs {

/// A flat-keyed file ("KEY VALUE" lines) such as memory.stat. A value may be
/// negative for a moment while per-CPU counts are summed up: it is clamped to
/// 0.
using FlatKeyed = std::map<std::string, std::uint64_t, std::less<>>;

/// `text` without surrounding spaces, tabs and newlines.
std::string_view trim(std::string_view text) noexcept;
/// The lines of `text`, without an empty last one.
std::vector<std::string_view> split_lines(std::string_view text);
/// The words of `text`, separated by any number of spaces and tabs.
std::vector<std::string_view> split_words(std::string_view text);

/// One unsigned decimal number, optionally with a final newline.
std::uint64_t parse_u64(std::string_view text);
/// A number of bytes, as in memory.current and memory.usage_in_bytes.
Bytes parse_bytes(std::string_view text);
/// "max" or a number, as in memory.max.
Limit parse_limit_v2(std::string_view text);
/// A number, as in memory.limit_in_bytes: LONG_MAX rounded down to a page of
/// `page` bytes, and anything above, is max.
Limit parse_limit_v1(std::string_view text, Bytes page);
/// "0" or "1".
bool parse_flag(std::string_view text);
/// Process ids, one per line, as in cgroup.procs. A 0 stands for a process of
/// another PID namespace and is kept.
std::vector<pid_t> parse_pids(std::string_view text);
/// "KEY NUMBER" lines.
FlatKeyed parse_flat_keyed(std::string_view text);
/// The value of `key`; nullopt when the kernel does not have it.
std::optional<std::uint64_t> find(const FlatKeyed& values,
                                  std::string_view key);

}  // namespace cgroupfs
