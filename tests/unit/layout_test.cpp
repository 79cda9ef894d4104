// SPDX-License-Identifier: MIT
#include "lab/report/layout.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <sstream>
#include <string>

#include "lab/base/errors.h"
#include "lab/report/terminal.h"
#include "lab/report/text_width.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_stream.h"

namespace lab {
namespace {

using test_support::TempStream;

Terminal plain_terminal(const TempStream& stream) {
  return {stream.get(), ColorChoice::never};
}

std::string words(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += i == 0 ? "word" : " word";
  return text;
}

TEST(Layout, aligns_the_values_of_rows) {
  const TempStream stream;
  const Terminal terminal = plain_terminal(stream);
  Layout layout(terminal);
  layout.section("Proof");
  layout.row("child", "pid 1");
  layout.row("", "more");
  EXPECT_EQ(layout.text(),
            "\nProof\n  child               pid 1\n"
            "                      more\n");
}

TEST(Layout, wraps_at_blanks_to_the_width_under_the_value) {
  const TempStream stream;
  const Terminal terminal = plain_terminal(stream);
  Layout layout(terminal);
  // A value has 58 columns: eleven words and ten blanks occupy 54.
  layout.row("label", words(12));
  EXPECT_EQ(layout.text(), "  label               " + words(11) + "\n" +
                               std::string(22, ' ') + "word\n");
}

TEST(Layout, fills_a_line_to_its_last_column) {
  const TempStream stream;
  const Terminal terminal = plain_terminal(stream);
  Layout layout(terminal);
  layout.paragraph(words(16) + "s and");
  EXPECT_EQ(layout.text(), words(16) + "s\nand\n");
}

TEST(Layout, never_cuts_a_word_so_that_paths_can_be_copied) {
  const TempStream stream;
  const Terminal terminal = plain_terminal(stream);
  Layout layout(terminal);
  const std::string path = "/sys" + std::string(100, 'x');
  layout.paragraph("limit of " + path + " was hit");
  EXPECT_EQ(layout.text(), "limit of\n" + path + "\nwas hit\n");
}

/// They would move the cursor, or paint the following text.
TEST(Layout, shows_control_characters_of_values_by_their_numbers) {
  const TempStream stream;
  const Terminal terminal(stream.get(), ColorChoice::always);
  Layout layout(terminal);
  layout.row("a\033", "b\033[2J\xff");
  layout.paragraph("c\n\td");
  layout.hanging(terminal.red("-"), "e\r");
  EXPECT_EQ(layout.text(),
            "  a\\x1b               b\\x1b[2J\\xff\nc\\x0a\\x09d\n"
            "\033[1;31m-\033[0me\\x0d\n");
}

TEST(Layout, survives_odd_text) {
  const TempStream stream;
  const Terminal terminal = plain_terminal(stream);
  for (const std::string& text :
       {std::string(), std::string(500, ' '), " " + std::string(200, 'x'),
        std::string(200, 'x') + " "}) {
    Layout layout(terminal);
    layout.paragraph(text);
    EXPECT_TRUE(layout.text().ends_with('\n'));
    std::string letters;
    for (const char letter : layout.text()) {
      if (letter == 'x') letters += letter;
    }
    EXPECT_EQ(letters.empty(), text.find('x') == text.npos);
  }
}

TEST(Terminal, paints_only_where_colours_are_wanted) {
  const TempStream stream;
  const Terminal plain = plain_terminal(stream);
  const Terminal automatic(stream.get(), ColorChoice::automatic);
  const Terminal painted(stream.get(), ColorChoice::always);
  EXPECT_EQ(plain.red("x"), "x");
  EXPECT_EQ(automatic.red("x"), "x") << "a file is not a terminal";
  EXPECT_EQ(painted.red("x"), "\033[1;31mx\033[0m");
  EXPECT_EQ(painted.green("x"), "\033[1;32mx\033[0m");
  EXPECT_EQ(painted.bold("x"), "\033[1mx\033[0m");
  EXPECT_EQ(painted.dim("x"), "\033[2mx\033[0m");
  EXPECT_EQ(painted.yellow("x"), "\033[33mx\033[0m");
}

TEST(Terminal, of_a_file_is_not_live_and_80_columns_wide) {
  const TempStream stream;
  const Terminal terminal(stream.get(), ColorChoice::always);
  EXPECT_FALSE(terminal.is_live());
  EXPECT_EQ(terminal.width(), 80u);
}

TEST(Terminal, writes_at_once_and_reports_failure) {
  const TempStream stream;
  EXPECT_TRUE(plain_terminal(stream).write("text\n"));
  EXPECT_EQ(stream.text(), "text\n");
  std::FILE* const full = std::fopen("/dev/full", "w");
  ASSERT_NE(full, nullptr);
  EXPECT_FALSE(Terminal(full, ColorChoice::never).write("text\n"));
  std::fclose(full);
}

TEST(ParseColor, knows_three_words) {
  EXPECT_EQ(parse_color("auto"), ColorChoice::automatic);
  EXPECT_EQ(parse_color("always"), ColorChoice::always);
  EXPECT_EQ(parse_color("never"), ColorChoice::never);
  for (const char* text : {"", "Auto", "yes", "always "}) {
    EXPECT_TRUE(has(error_text<UsageError>([&] { parse_color(text); }),
                    "auto, always or never"))
        << text;
  }
}

}  // namespace
}  // namespace lab
