// SPDX-License-Identifier: MIT
#include "cgroupfs/text.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "cgroupfs/error.h"
#include "tests/support/error_text.h"

namespace cgroupfs {
namespace {

using Parts = std::vector<std::string_view>;

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

TEST(Trim, removes_blanks_and_newlines_from_both_ends) {
  EXPECT_EQ(trim(" \t max \n\n"), "max");
  EXPECT_EQ(trim("a b"), "a b");
  EXPECT_EQ(trim(" \n\t"), "");
  EXPECT_EQ(trim(""), "");
}

TEST(SplitLines, leaves_out_only_the_last_empty_line) {
  EXPECT_EQ(split_lines(""), Parts{});
  EXPECT_EQ(split_lines("a"), Parts{"a"});
  EXPECT_EQ(split_lines("a\n"), Parts{"a"});
  EXPECT_EQ(split_lines("a\n\nb\n"), (Parts{"a", "", "b"}));
  EXPECT_EQ(split_lines("\n"), Parts{""});
}

TEST(SplitWords, accepts_any_number_of_blanks) {
  EXPECT_EQ(split_words(""), Parts{});
  EXPECT_EQ(split_words(" \t "), Parts{});
  EXPECT_EQ(split_words("  a\t\tb c "), (Parts{"a", "b", "c"}));
}

TEST(ParseU64, reads_decimals_with_or_without_newline) {
  EXPECT_EQ(parse_u64("0"), 0u);
  EXPECT_EQ(parse_u64("104960000\n"), 104960000u);
  EXPECT_EQ(parse_u64("18446744073709551615"), largest);
}

TEST(ParseU64, refuses_everything_else) {
  for (std::string_view text :
       {"", "\n", "-1", "+1", " 1", "1 ", "1\n\n", "0x10", "1.5", "max", "1e3",
        "18446744073709551616", "99999999999999999999999999"}) {
    std::string message = error_text<ParseError>([&] { parse_u64(text); });
    EXPECT_TRUE(has(message, "unsigned 64-bit number")) << text;
    EXPECT_TRUE(has(message, text)) << text;
  }
}

TEST(ParseU64, truncates_long_text_in_its_message) {
  std::string message =
      error_text<ParseError>([] { parse_u64(std::string(5000, '7')); });
  EXPECT_TRUE(has(message, "777"));
  EXPECT_LT(message.size(), 200u);
}

TEST(ParseBytes, reads_a_number_of_bytes) {
  EXPECT_EQ(parse_bytes("4096\n"), Bytes{4096});
  EXPECT_TRUE(has(error_text<ParseError>([] { parse_bytes("4K"); }), "'4K'"));
}

TEST(ParseLimitV2, reads_max_and_numbers) {
  EXPECT_EQ(parse_limit_v2("max\n"), Limit::max());
  EXPECT_EQ(parse_limit_v2("max"), Limit::max());
  EXPECT_EQ(parse_limit_v2("0\n"), Limit::of(Bytes{0}));
  EXPECT_EQ(parse_limit_v2("104960000\n"), Limit::of(Bytes{104960000}));
}

TEST(ParseLimitV2, refuses_other_words) {
  for (std::string_view text : {"", "MAX", "max ", "-1", "maximum", "max 1"}) {
    EXPECT_TRUE(
        has(error_text<ParseError>([&] { parse_limit_v2(text); }), "\"max\""))
        << text;
  }
}

TEST(ParseLimitV1, reads_rounded_long_max_of_each_page_size_as_max) {
  struct {
    std::uint64_t page;
    std::string_view unlimited;
    std::string_view one_page_less;
    std::uint64_t bytes;
  } cases[] = {
      {4096, "9223372036854771712", "9223372036854767616",
       9223372036854767616u},
      {16384, "9223372036854759424", "9223372036854743040",
       9223372036854743040u},
      {65536, "9223372036854710272", "9223372036854644736",
       9223372036854644736u},
  };
  for (const auto& c : cases) {
    EXPECT_TRUE(parse_limit_v1(c.unlimited, Bytes{c.page}).is_max()) << c.page;
    EXPECT_EQ(parse_limit_v1(c.one_page_less, Bytes{c.page}),
              Limit::of(Bytes{c.bytes}));
    EXPECT_TRUE(parse_limit_v1("9223372036854775807", Bytes{c.page}).is_max());
  }
}

TEST(ParseLimitV1, reads_smaller_numbers) {
  EXPECT_EQ(parse_limit_v1("104960000\n", Bytes{4096}),
            Limit::of(Bytes{104960000}));
  EXPECT_EQ(parse_limit_v1("0\n", Bytes{4096}), Limit::of(Bytes{0}));
}

TEST(ParseLimitV1, refuses_words_and_negative_numbers) {
  for (std::string_view text : {"max", "-1", "", "18446744073709551616"}) {
    EXPECT_TRUE(
        has(error_text<ParseError>([&] { parse_limit_v1(text, Bytes{4096}); }),
            "a number of bytes"))
        << text;
  }
}

TEST(ParseFlag, reads_only_0_and_1) {
  EXPECT_FALSE(parse_flag("0\n"));
  EXPECT_TRUE(parse_flag("1\n"));
  EXPECT_TRUE(parse_flag("1"));
  for (std::string_view text : {"", "2", "01", "yes", "1\n1"}) {
    EXPECT_TRUE(has(error_text<ParseError>([&] { parse_flag(text); }),
                    "\"0\" or \"1\""))
        << text;
  }
}

TEST(ParsePids, reads_one_per_line_and_keeps_0) {
  EXPECT_EQ(parse_pids(""), std::vector<pid_t>{});
  EXPECT_EQ(parse_pids("1\n"), std::vector<pid_t>{1});
  EXPECT_EQ(parse_pids("0\n12\n4194304\n"),
            (std::vector<pid_t>{0, 12, 4194304}));
}

TEST(ParsePids, refuses_invalid_process_ids) {
  for (std::string_view text : {"1 2\n", "a\n", "-1\n", "1\n\n2\n",
                                "2147483648\n", "99999999999999999999\n"}) {
    EXPECT_TRUE(
        has(error_text<ParseError>([&] { parse_pids(text); }), "process id"))
        << text;
  }
}

TEST(ParseFlatKeyed, reads_memory_stat) {
  FlatKeyed values = parse_flat_keyed(
      "anon 1630208\nfile 0\n"
      "hierarchical_memory_limit 9223372036854771712\n");
  EXPECT_EQ(values.size(), 3u);
  EXPECT_EQ(find(values, "anon"), 1630208u);
  EXPECT_EQ(find(values, "file"), 0u);
  EXPECT_EQ(find(values, "hierarchical_memory_limit"), 9223372036854771712u);
}

TEST(ParseFlatKeyed, finds_nothing_where_the_kernel_lacks_the_key) {
  EXPECT_EQ(find(parse_flat_keyed("anon 1\n"), "zswap"), std::nullopt);
  EXPECT_EQ(find(parse_flat_keyed("anon 1\n"), "ano"), std::nullopt);
  EXPECT_EQ(find(parse_flat_keyed(""), "anon"), std::nullopt);
}

TEST(ParseFlatKeyed, clamps_a_negative_value_to_0) {
  FlatKeyed values = parse_flat_keyed("writeback -4096\nanon 1");
  EXPECT_EQ(find(values, "writeback"), 0u);
  EXPECT_EQ(find(values, "anon"), 1u);
}

TEST(ParseFlatKeyed, refuses_malformed_lines) {
  for (std::string_view text : {"anon", "anon 1 2", "anon 1\n\nfile 2", "1"}) {
    EXPECT_TRUE(has(error_text<ParseError>([&] { parse_flat_keyed(text); }),
                    "\"KEY NUMBER\" line"))
        << text;
  }
}

TEST(ParseFlatKeyed, refuses_values_that_are_not_numbers) {
  for (std::string_view text :
       {"anon x", "anon -", "anon --1", "anon 1.5", "anon max",
        "anon 18446744073709551616", "anon -18446744073709551616"}) {
    EXPECT_TRUE(has(error_text<ParseError>([&] { parse_flat_keyed(text); }),
                    "unsigned 64-bit number"))
        << text;
  }
}

}  // namespace
}  // namespace cgroupfs
