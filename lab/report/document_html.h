// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "lab/report/document.h"

namespace lab {

/// Text from outside as that of an element or an attribute: what is markup, or
/// not printable (visible()), is escaped.
std::string html_text(std::string_view text);

/// HTML elements, escaped as html_text(). The title is a heading of `level` (1
/// to 5), sections are one below. A chart is a figure with its numbers as JSON,
/// which html/charts.js draws; what it shows is described in words, too.
std::string render_html(const Document& document, int level = 1);

}  // namespace lab
