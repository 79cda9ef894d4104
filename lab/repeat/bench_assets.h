// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

/// Files of this folder, put into the program by report/html/embed.py.
namespace lab {

std::string_view bench_css() noexcept;
std::string_view bench_js() noexcept;

}  // namespace lab
