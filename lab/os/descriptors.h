// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

namespace lab {

/// How many descriptors this process can still open (RLIMIT_NOFILE); counted to
/// `most`.
std::size_t free_descriptors(std::size_t most) noexcept;

}  // namespace lab
