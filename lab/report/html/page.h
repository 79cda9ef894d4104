// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "lab/base/language.h"
#include "lab/report/document.h"

namespace lab {

/// What makes a page, but for what all pages have.
struct HtmlPage {
  std::string title;  ///< text, escaped here
  std::string body;   ///< HTML
  std::string style;  ///< CSS, in addition to that of all pages
  /// JavaScript, which runs after that of all pages. It cannot end its element:
  /// embed.py has seen to that.
  std::string script;
};

/// A page that fetches nothing: style, buttons for the colours and for large
/// type, and `page`.
std::string html_page(const HtmlPage& page, Language language);

/// `document` as a page without charts. Its title, or else its headline, is
/// that of the page.
std::string document_page(const Document& document, Language language);

/// A button that saves `data` as a file, and the data. Without JavaScript it is
/// not shown. `json` must be JSON: it is saved as it is, or, where `is_text`,
/// the string that it holds.
std::string download_button(const std::string& label, const std::string& file,
                            const std::string& json, bool is_text);

}  // namespace lab
