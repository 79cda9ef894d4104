// SPDX-License-Identifier: MIT
#include "lab/report/text_width.h"

#include <gtest/gtest.h>

#include <vector>

namespace lab {
namespace {

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  while (!text.empty()) lines.emplace_back(take_line(text, width));
  return lines;
}

using Lines = std::vector<std::string>;

TEST(TextWidth, counts_two_columns_for_a_chinese_character) {
  EXPECT_EQ(display_width(""), 0u);
  EXPECT_EQ(display_width("abc"), 3u);
  EXPECT_EQ(display_width("内存"), 4u);
  EXPECT_EQ(display_width("内存 100M，"), 11u);
  EXPECT_EQ(display_width("é"), 1u);
}

TEST(TextWidth, pads_to_columns_and_not_to_bytes) {
  EXPECT_EQ(padded("内存", 6), "内存  ");
  EXPECT_EQ(padded("ab", 6), "ab    ");
  EXPECT_EQ(padded("too long", 3), "too long");
}

TEST(TakeLine, breaks_at_blanks_and_removes_them) {
  EXPECT_EQ(wrapped("one two three", 7), (Lines{"one two", "three"}));
  EXPECT_EQ(wrapped("one two three", 8), (Lines{"one two", "three"}));
  EXPECT_EQ(wrapped("one", 3), (Lines{"one"}));
}

TEST(TakeLine, breaks_between_chinese_characters) {
  EXPECT_EQ(wrapped("内存控制组", 6), (Lines{"内存控", "制组"}));
  EXPECT_EQ(wrapped("写入 memory.max 文件", 9),
            (Lines{"写入", "memory.max", "文件"}));
}

TEST(TakeLine, begins_no_line_with_closing_punctuation) {
  EXPECT_EQ(wrapped("内存，控制", 4), (Lines{"内", "存，", "控制"}));
  EXPECT_EQ(wrapped("内存（控制", 6), (Lines{"内存", "（控制"}));
}

TEST(TakeLine, cuts_no_word_that_is_wider_than_the_line) {
  EXPECT_EQ(wrapped("a /sys/fs/cgroup b", 4),
            (Lines{"a", "/sys/fs/cgroup", "b"}));
}

TEST(ShortenedPath, keeps_both_ends_and_whole_characters) {
  EXPECT_EQ(shortened_path("/a/b", 4), "/a/b");
  EXPECT_EQ(shortened_path("/abcdefghi", 9), "/a...fghi");
  EXPECT_EQ(shortened_path("/abcdefghi", 7), "/...ghi");
  EXPECT_EQ(shortened_path("éééééééé", 7), "é...ééé");
  EXPECT_EQ(shortened_path("/内存控制组", 9), "/...制组");
  EXPECT_EQ(shortened_path("/abc", 3), "...");
  EXPECT_EQ(shortened_path("/abc", 0), "");
  EXPECT_EQ(shortened_path("", 0), "");
}

TEST(ShortenedPath, is_never_wider_than_asked) {
  const std::string path = "/sys/fs/cgroup/内存/\xff\xe5.slice/cglab.oom.1";
  for (std::size_t columns = 0; columns < 60; ++columns) {
    EXPECT_LE(display_width(shortened_path(path, columns)), columns);
  }
}

}  // namespace
}  // namespace lab
