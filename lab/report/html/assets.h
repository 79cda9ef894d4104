// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

/// Files of this folder and of dygraphs, put into the program by embed.py.
namespace lab {

std::string_view page_css() noexcept;
std::string_view page_js() noexcept;
std::string_view charts_js() noexcept;
std::string_view dygraph_min_css() noexcept;
std::string_view dygraph_min_js() noexcept;

}  // namespace lab
