// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "lab/report/terminal.h"

namespace lab {

/// Text in sections of labelled rows, labels in one column; long values are
/// wrapped to the terminal's width. They may be from outside: control
/// characters in them are shown by their numbers. Only whole lines and marks,
/// which are the project's own, may be painted.
class Layout {
 public:
  /// Borrows `terminal`.
  explicit Layout(const Terminal& terminal);

  /// One line as it is. What is from outside in it has to be visible_line().
  void line(std::string_view text);
  /// Text wrapped to the width.
  void paragraph(std::string_view text);
  /// A blank line and a heading.
  void section(std::string_view title);
  /// "  label       value".
  void row(std::string_view label, std::string_view value);
  /// Columns that the first line of a value has behind `label`.
  std::size_t value_columns(std::string_view label) const;
  /// `mark` as it is, and text wrapped under itself.
  void hanging(std::string_view mark, std::string_view text);
  /// The same for a mark that is painted: it takes `columns`.
  void hanging(std::string_view mark, std::size_t columns,
               std::string_view text);

  /// Columns of a line.
  std::size_t width() const noexcept { return width_; }

  const std::string& text() const noexcept { return text_; }

 private:
  void wrapped(std::string_view first_prefix, std::string_view next_prefix,
               std::string_view value);

  const Terminal& terminal_;
  std::size_t width_;
  std::string text_;
};

}  // namespace lab
