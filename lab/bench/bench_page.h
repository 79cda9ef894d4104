// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace lab {

/// The page of a bench up to the place of its data, and what follows. Made at
/// build time of the files beside this one.
std::string_view bench_page_before_data() noexcept;
std::string_view bench_page_after_data() noexcept;

}  // namespace lab
