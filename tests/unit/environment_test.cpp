// SPDX-License-Identifier: MIT
#include "lab/place/environment.h"

#include <gtest/gtest.h>

#include <optional>
#include <string_view>

#include "cgroupfs/error.h"

namespace lab {
namespace {

constexpr std::string_view meminfo =
    "MemTotal:        8148344 kB\n"
    "MemFree:          123456 kB\n"
    "MemAvailable:    6071420 kB\n"
    "SwapCached:            7 kB\n"
    "SwapTotal:             0 kB\n"
    "HugePages_Total:       3\n";

TEST(MeminfoValue, is_in_bytes) {
  EXPECT_EQ(meminfo_value(meminfo, "MemTotal"), Bytes{8148344 * kibi});
  EXPECT_EQ(meminfo_value(meminfo, "MemAvailable"), Bytes{6071420 * kibi});
}

TEST(MeminfoValue, distinguishes_0_from_a_missing_value) {
  EXPECT_EQ(meminfo_value(meminfo, "SwapTotal"), Bytes{0});
  EXPECT_EQ(meminfo_value(meminfo, "ZswapTotal"), std::nullopt);
  EXPECT_EQ(meminfo_value("", "MemTotal"), std::nullopt);
}

TEST(MeminfoValue, matches_whole_keys) {
  for (std::string_view key : {"Mem", "MemTota", "MemTotal:", "emTotal", ""}) {
    EXPECT_EQ(meminfo_value(meminfo, key), std::nullopt) << key;
  }
  EXPECT_EQ(meminfo_value("MemTotalX 5 kB\n", "MemTotal"), std::nullopt);
  EXPECT_EQ(meminfo_value("MemTotal 5 kB\n", "MemTotal"), std::nullopt);
}

TEST(MeminfoValue, skips_a_line_without_a_number) {
  EXPECT_EQ(meminfo_value("MemTotal:\nMemTotal: 4 kB", "MemTotal"),
            Bytes{4 * kibi});
  EXPECT_THROW(meminfo_value("MemTotal: many kB\n", "MemTotal"),
               cgroupfs::ParseError);
}

TEST(ChosenWord, is_the_one_in_brackets) {
  EXPECT_EQ(chosen_word("always [madvise] never\n"), "madvise");
  EXPECT_EQ(chosen_word("[always] madvise never\n"), "always");
  EXPECT_EQ(chosen_word("always madvise [never]"), "never");
}

TEST(ChosenWord, is_absent_without_brackets) {
  for (std::string_view text : {"", "always", "[always", "always]", "]["}) {
    EXPECT_EQ(chosen_word(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace lab
