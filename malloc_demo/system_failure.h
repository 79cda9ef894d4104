// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace malloc_demo {

/// Throws std::runtime_error with the attempted action, the kernel's error and
/// its errno, and what to do about it: `WHAT: Cannot allocate memory (errno
/// 12)`.
[[noreturn]] void fail(int error, const std::string& what,
                       const std::string& advice = "");

}  // namespace malloc_demo
