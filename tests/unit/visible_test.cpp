// SPDX-License-Identifier: MIT
#include "lab/base/visible.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace lab {
namespace {

TEST(Visible, leaves_printable_text_unchanged) {
  for (const char* const text :
       {"", "plain", "a\\b", "\xe4\xb8\xad\xe6\x96\x87", "\xc3\xa9",
        "\xf0\x9f\x98\x80", "\xc2\xa0"}) {
    EXPECT_EQ(visible_line(text), text);
  }
}

TEST(Visible, shows_control_characters_by_their_bytes) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"\033[31m", "\\x1b[31m"},
      {"a\rb", "a\\x0db"},
      {"\x7f", "\\x7f"},
      {std::string("a\0b", 3), "a\\x00b"},
      {"\xc2\x9b", "\\xc2\\x9b"},
      {"\xe2\x80\xae", "\\xe2\\x80\\xae"},
      {"\xe2\x81\xa6", "\\xe2\\x81\\xa6"},
      {"\xef\xbf\xbe", "\\xef\\xbf\\xbe"},
  };
  for (const auto& [text, shown] : cases) {
    EXPECT_EQ(visible(text), shown);
    EXPECT_EQ(visible_line(text), shown);
    EXPECT_EQ(visible_line(shown), shown) << "twice is as once";
  }
}

TEST(Visible, shows_invalid_utf8_by_its_bytes) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"\xff\xfe", "\\xff\\xfe"},
      {"\x9b"
       "2J",
       "\\x9b2J"},
      {"a\xe4\xb8", "a\\xe4\\xb8"},
      {"\xe4\xb8z", "\\xe4\\xb8z"},
      {"\xc0\xaf", "\\xc0\\xaf"},
      {"\xe0\x80\xaf", "\\xe0\\x80\\xaf"},
      {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
      {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"},
  };
  for (const auto& [text, shown] : cases) {
    EXPECT_EQ(visible_line(text), shown);
  }
}

TEST(Visible, keeps_newlines_and_tabs_in_multi_line_text) {
  EXPECT_EQ(visible("a\n\tb"), "a\n\tb");
  EXPECT_EQ(visible_line("a\n\tb"), "a\\x0a\\x09b");
}

}  // namespace
}  // namespace lab
