// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace lab {

/// The page up to the place of its data, and what follows. Made at build time
/// of the files beside this one and of dygraphs.
std::string_view page_before_data() noexcept;
std::string_view page_after_data() noexcept;

}  // namespace lab
