// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "cgroupfs/error.h"
#include "lab/inspect/inspect_messages.h"
#include "lab/inspect/inspection.h"

/// Reading that notes a failure and goes on.
namespace lab {

/// EPERM and EACCES.
inline bool is_refusal(int error) noexcept {
  return error == 1 /* EPERM */ || error == 13 /* EACCES */;
}

inline void add_gap(Gaps& gaps, const Message& what,
                    const cgroupfs::FileError& error) {
  Gap gap{Gap::Kind::refused, what, error.path(), error.code().message(), {}};
  if (is_refusal(error.code().value())) gap.fix = inspect_messages::be_root;
  gaps.push_back(std::move(gap));
}

inline void add_absence(Gaps& gaps, const Message& what, std::string file,
                        std::string reason) {
  gaps.push_back({Gap::Kind::absent, what, std::move(file), std::move(reason),
                  std::nullopt});
}

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
