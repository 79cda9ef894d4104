// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "cgroupfs/error.h"
#include "lab/base/message.h"
#include "lab/inspect/inspection.h"

/// Reading that notes a failure and goes on.
namespace lab {

/// A call that failed.
void add_gap(Gaps& gaps, const Message& what, const cgroupfs::FileError& error);

/// Something that is not there.
void add_absence(Gaps& gaps, const Message& what, std::string file,
                 std::string reason);

/// `read()`, or nullopt and the reason in `gaps`. `file` is for text that
/// cannot be parsed.
template <typename Read>
auto try_to(Gaps& gaps, const Message& what, const std::string& file,
            const Read& read) -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const cgroupfs::FileError& error) {
    add_gap(gaps, what, error);
  } catch (const cgroupfs::ParseError& error) {
    gaps.push_back(
        {Gap::Kind::refused, what, file, error.what(), std::nullopt});
  }
  return std::nullopt;
}

}  // namespace lab
