// SPDX-License-Identifier: MIT
#include "cgroupfs/error.h"

#include <fmt/format.h>

#include <cerrno>

namespace cgroupfs {
namespace {

constexpr std::size_t longest_quote = 60;

std::string quote(std::string_view text) {
  if (text.size() <= longest_quote) return fmt::format("'{}'", text);
  return fmt::format("'{}...' ({} bytes)", text.substr(0, longest_quote),
                     text.size());
}

std::string describe(std::string_view operation, std::string_view path,
                     std::string_view value) {
  if (value.empty()) return fmt::format("{} {}", operation, path);
  return fmt::format("{} {} to {}", operation, quote(value), path);
}

}  // namespace

ParseError::ParseError(std::string_view what, std::string_view text)
    : std::runtime_error(
          fmt::format("expected {}, got {}", what, quote(text))) {}

NotSupported::NotSupported(std::string_view feature, std::string_view reason)
    : std::runtime_error(
          fmt::format("{} is not supported here: {}", feature, reason)),
      feature_(feature),
      reason_(reason) {}

FileError::FileError(int error, std::string_view operation,
                     std::string_view path, std::string_view value)
    : std::system_error(error, std::generic_category(),
                        describe(operation, path, value)),
      operation_(operation),
      path_(path),
      value_(value) {}

void throw_errno(std::string_view operation, std::string_view path,
                 std::string_view value) {
  throw FileError(errno, operation, path, value);
}

}  // namespace cgroupfs
