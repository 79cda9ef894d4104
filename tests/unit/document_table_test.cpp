// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "lab/report/document.h"
#include "tests/support/temp_stream.h"

namespace lab {
namespace {

/// In a terminal of 80 columns.
std::string text_of(std::vector<std::vector<std::string>> rows) {
  Document document;
  document.table(std::move(rows));
  const test_support::TempStream stream;
  return render_text(document, Terminal(stream.get(), ColorChoice::never));
}

TEST(DocumentTable, keeps_words_apart_that_cannot_be_cut) {
  const std::string name(30, 'n');
  const std::string prose(" words of a cell that may be wrapped anywhere");
  EXPECT_TRUE(
      text_of({{"a", "b", "c"}, {prose, name, prose}}).find(name + "  ") !=
      std::string::npos);
}

TEST(DocumentTable, wraps_text_with_blanks) {
  const std::string words = "one two three four five six seven eight nine ten";
  EXPECT_EQ(text_of({{"a", "b"}, {std::string(40, 'x'), words}}),
            "  a                                         b\n"
            "  xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx  one two three four "
            "five six seven\n"
            "                                            eight nine ten\n");
}

TEST(DocumentTable, shows_columns_that_do_not_fit_below) {
  const auto name = [](char c) { return std::string(30, c); };
  EXPECT_EQ(
      text_of({{"", name('a'), name('b'), name('c')}, {"row", "1", "2", "3"}}),
      "       " + name('a') + "  " + name('b') +
          "\n  row  1                               2\n\n       " + name('c') +
          "\n  row  3\n");
}

TEST(DocumentTable, shortens_paths_further_where_it_does_not_fit) {
  const std::string path = "`/" + std::string(60, 'p') + "`";
  const std::string word(12, 'w');
  // The column after the first one, of the row below the head.
  const auto second_column = [](const std::string& text) {
    const std::string row = text.substr(text.find('\n') + 1);
    return row.find("  w");
  };
  EXPECT_EQ(second_column(text_of({{"a", "b"}, {path, word}})), 2u + 40u);
  EXPECT_EQ(
      second_column(text_of({{"a", "b", "c", "d"}, {path, word, word, word}})),
      2u + 34u);
  EXPECT_EQ(second_column(text_of(
                {{"a", "b", "c", "d"}, {path, word + word, word, word}})),
            2u + 22u);
}

TEST(DocumentTable, is_wider_than_the_terminal_rather_than_cut) {
  const std::string name(50, 'n');
  EXPECT_EQ(text_of({{name, name}}), "  " + name + "  " + name + "\n");
}

}  // namespace
}  // namespace lab
