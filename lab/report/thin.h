// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace lab {

/// Of one series in a chart, and of a record within a page.
inline constexpr std::size_t most_samples = 4000;

/// Which of `values` to show when at most `most` (4 or more) can be: of each
/// stretch the lowest and the highest, so that no peak is lost, and the first
/// and the last of all. Ascending.
std::vector<std::size_t> thin(const std::vector<std::uint64_t>& values,
                              std::size_t most);

}  // namespace lab
