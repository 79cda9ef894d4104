// SPDX-License-Identifier: MIT
#pragma once

#include <cerrno>
#include <system_error>

namespace test_support {

/// Throws std::system_error for errno; `what` names the call that failed.
[[noreturn]] inline void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

}  // namespace test_support
