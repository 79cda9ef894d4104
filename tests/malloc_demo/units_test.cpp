// SPDX-License-Identifier: MIT
#include "malloc_demo/units.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/error_text.h"

namespace malloc_demo {
namespace {

using std::chrono::nanoseconds;

struct SizeCase {
  const char* text;
  std::uint64_t bytes;
};

class GoodSize : public testing::TestWithParam<SizeCase> {};

TEST_P(GoodSize, IsRead) {
  EXPECT_EQ(parse_size(GetParam().text), GetParam().bytes);
}

INSTANTIATE_TEST_SUITE_P(
    Units, GoodSize,
    testing::Values(SizeCase{"0", 0}, SizeCase{"4096", 4096},
                    SizeCase{"64K", 65536}, SizeCase{"64k", 65536},
                    SizeCase{"100M", 104857600}, SizeCase{"100MiB", 104857600},
                    SizeCase{"1.5G", 1610612736}, SizeCase{"0.3K", 307},
                    SizeCase{"2T", 2199023255552},
                    SizeCase{"0.000001T", 1099511},
                    SizeCase{"18446744073709551615", UINT64_MAX},
                    SizeCase{"16777215.999999T", 18446744073708452104U}));

struct BadCase {
  const char* text;
  const char* part;
};

class BadSize : public testing::TestWithParam<BadCase> {};

TEST_P(BadSize, IsRefused) {
  const std::string text =
      error_text<UsageError>([] { parse_size(GetParam().text); });
  EXPECT_TRUE(has(text, GetParam().part));
  EXPECT_TRUE(has(text, quoted(GetParam().text)));
}

INSTANTIATE_TEST_SUITE_P(
    Units, BadSize,
    testing::Values(
        BadCase{"", "is not a size"}, BadCase{"M", "is not a size"},
        BadCase{"-1", "is not a size"}, BadCase{"+1", "is not a size"},
        BadCase{" 1", "is not a size"}, BadCase{"1 M", "is not a size"},
        BadCase{"1X", "the units are"}, BadCase{"1Mi", "the units are"},
        BadCase{"1MiBs", "the units are"}, BadCase{"0x10", "the units are"},
        BadCase{"1e3", "the units are"}, BadCase{"1.2.3M", "the units are"},
        BadCase{"1.", "is not a size"}, BadCase{".5M", "is not a size"},
        BadCase{"1.-5M", "is not a size"},
        BadCase{"1.5", "not a whole number of bytes"},
        BadCase{"1.0000001G", "more than 6 decimals"},
        BadCase{"100MB", "write 100M or 100MiB"},
        BadCase{"100kb", "write 100k or 100kiB"},
        BadCase{"16777216T", "is too large"},
        BadCase{"18446744073709551616", "is too large"}));

struct TimeCase {
  const char* text;
  std::int64_t nanoseconds;
};

class GoodTime : public testing::TestWithParam<TimeCase> {};

TEST_P(GoodTime, IsRead) {
  EXPECT_EQ(parse_time(GetParam().text), nanoseconds(GetParam().nanoseconds));
}

INSTANTIATE_TEST_SUITE_P(
    Units, GoodTime,
    testing::Values(
        TimeCase{"0", 0}, TimeCase{"0s", 0}, TimeCase{"200ms", 200'000'000},
        TimeCase{"250us", 250'000}, TimeCase{"4285714285ns", 4'285'714'285},
        TimeCase{"3s", 3'000'000'000}, TimeCase{"1.5s", 1'500'000'000},
        TimeCase{"1m", 60'000'000'000}, TimeCase{"2h", 7'200'000'000'000}));

class BadTime : public testing::TestWithParam<BadCase> {};

TEST_P(BadTime, IsRefused) {
  const std::string text =
      error_text<UsageError>([] { parse_time(GetParam().text); });
  EXPECT_TRUE(has(text, GetParam().part));
  EXPECT_TRUE(has(text, quoted(GetParam().text)));
}

INSTANTIATE_TEST_SUITE_P(
    Units, BadTime,
    testing::Values(
        BadCase{"", "is not a time"}, BadCase{"s", "is not a time"},
        BadCase{"3", "is not a time"}, BadCase{"00", "is not a time"},
        BadCase{"-3s", "is not a time"}, BadCase{"3 s", "is not a time"},
        BadCase{"3sec", "is not a time"}, BadCase{"3S", "is not a time"},
        BadCase{"9999999h", "is too large"},
        BadCase{"99999999999999999999s", "is too large"}));

TEST(Number, StaysWithinItsBounds) {
  EXPECT_EQ(parse_number("1", 1, 9), 1U);
  EXPECT_EQ(parse_number("9", 1, 9), 9U);
  const auto refused = [](const char* text) {
    return error_text<UsageError>([=] { parse_number(text, 1, 9); });
  };
  EXPECT_EQ(refused("0"), "'0' is below 1");
  EXPECT_EQ(refused("10"), "'10' is above 9");
  EXPECT_EQ(refused("5x"), "'5x' is not a whole number");
  EXPECT_EQ(refused("-5"), "'-5' is not a whole number");
  EXPECT_EQ(refused("99999999999999999999"),
            "'99999999999999999999' is too large");
}

TEST(Format, ShowsExactBytesBesideRoundedOnes) {
  EXPECT_EQ(format_size(0), "0 bytes");
  EXPECT_EQ(format_size(1023), "1023 bytes");
  EXPECT_EQ(format_size(4096), "4 KiB (4096 bytes)");
  EXPECT_EQ(format_size(104960000), "100.1 MiB (104960000 bytes)");
  EXPECT_EQ(format_size(1610612736), "1.5 GiB (1610612736 bytes)");
  EXPECT_EQ(format_size(std::uint64_t{4096} << 40),
            "4096 TiB (4503599627370496 bytes)");
}

TEST(Format, WritesTimesAsTheyAreRead) {
  for (const char* text :
       {"0ms", "1ns", "7.5us", "200ms", "1.5s", "3s", "1m", "2h"}) {
    EXPECT_EQ(format_time(parse_time(text)), text);
  }
}

}  // namespace
}  // namespace malloc_demo
