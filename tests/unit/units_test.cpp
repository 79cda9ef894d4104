// SPDX-License-Identifier: MIT
#include "lab/base/units.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "lab/base/errors.h"
#include "tests/support/error_text.h"

namespace lab {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ParseSize, counts_in_powers_of_1024) {
  struct {
    std::string_view text;
    std::uint64_t bytes;
  } cases[] = {
      {"0", 0},
      {"1", 1},
      {"007", 7},
      {"104960000", 104960000},
      {"4096b", 4096},
      {"4096B", 4096},
      {"1k", 1024},
      {"1K", 1024},
      {"1KiB", 1024},
      {"1kib", 1024},
      {"100M", 104857600},
      {"100m", 104857600},
      {"100MiB", 104857600},
      {"100mIb", 104857600},
      {"1.5G", 1610612736},
      {"1.5GiB", 1610612736},
      {"0.5K", 512},
      {"2T", 2199023255552},
      {"8367351T", 9199999718183141376},
      {"9199999999999999999", 9199999999999999999u},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(parse_size(c.text).count, c.bytes) << c.text;
  }
}

TEST(ParseSize, rounds_a_fraction_down_to_a_byte) {
  EXPECT_EQ(parse_size("0.3K").count, 307u);
  EXPECT_EQ(parse_size("0.0009K").count, 0u);
}

TEST(ParseSize, refuses_and_quotes_invalid_sizes) {
  for (std::string_view text :
       {"",       "M",      "abc",   "-1",    "+1",    " 1M",   "1M ",  "1 M",
        "1.M",    ".5M",    "1..5M", "1.2.3", "1.5",   "1.5B",  "0x10", "1e6",
        "100MiX", "100Mi",  "100P",  "100Z",  "100%",  "max",   "1,5G", "1_000",
        "100bb",  "100MMi", "\n1",   "1\n",   "\xffM", "100MBB"}) {
    EXPECT_TRUE(has(error_text<UsageError>([&] { parse_size(text); }),
                    fmt::format("invalid size '{}'", text)))
        << text;
  }
}

TEST(ParseSize, refuses_units_that_could_be_decimal_with_both_ways_to_write) {
  struct {
    std::string_view text;
    std::string_view hint;
  } cases[] = {
      {"100MB", "write 100M or 100MiB"}, {"100mb", "write 100M or 100MiB"},
      {"1.5GB", "write 1.5G or 1.5GiB"}, {"64kB", "write 64K or 64KiB"},
      {"2TB", "write 2T or 2TiB"},
  };
  for (const auto& c : cases) {
    const std::string error =
        error_text<UsageError>([&] { parse_size(c.text); });
    EXPECT_TRUE(has(error, c.hint)) << c.text;
    EXPECT_TRUE(has(error, "powers of 1000 or of 1024")) << c.text;
  }
}

TEST(ParseSize, refuses_more_than_any_memory) {
  for (std::string_view text :
       {"9200000000000000000", "18446744073709551615", "18446744073709551616",
        "99999999999999999999999999", "8367352T", "16777216T"}) {
    EXPECT_TRUE(
        has(error_text<UsageError>([&] { parse_size(text); }), "too large"))
        << text;
  }
}

TEST(ParseSizeOrMax, accepts_max_and_nothing_similar) {
  EXPECT_EQ(parse_size_or_max("max"), Limit::max());
  EXPECT_EQ(parse_size_or_max("0"), Limit::of(Bytes{0}));
  EXPECT_EQ(parse_size_or_max("1M"), Limit::of(Bytes{mebi}));
  for (std::string_view text : {"Max", "MAX", "max ", "-1", "unlimited"}) {
    EXPECT_THROW(parse_size_or_max(text), UsageError) << text;
  }
}

TEST(ParseTime, reads_each_unit) {
  struct {
    std::string_view text;
    nanoseconds time;
  } cases[] = {
      {"0", nanoseconds(0)},
      {"0.0", nanoseconds(0)},
      {"0s", nanoseconds(0)},
      {"1ns", nanoseconds(1)},
      {"500us", microseconds(500)},
      {"200ms", milliseconds(200)},
      {"3s", seconds(3)},
      {"3S", seconds(3)},
      {"1.5s", milliseconds(1500)},
      {"0.1ms", microseconds(100)},
      {"1m", minutes(1)},
      {"1h", hours(1)},
      {"277777h", hours(277777)},
      {"1000000000000000000ns", nanoseconds(1000000000000000000)},
  };
  for (const auto& c : cases) EXPECT_EQ(parse_time(c.text), c.time) << c.text;
}

TEST(ParseTime, refuses_and_quotes_invalid_times) {
  for (std::string_view text :
       {"", "s", "3", "0.5", "-1s", "+1s", " 1s", "1s ", "1 s", "1.s", ".5s",
        "1sec", "1min", "1d", "1s5", "1h30m", "max", "1e3s", "00x"}) {
    EXPECT_TRUE(has(error_text<UsageError>([&] { parse_time(text); }),
                    fmt::format("invalid time '{}'", text)))
        << text;
  }
}

TEST(ParseTime, refuses_more_than_a_clock_counts) {
  for (std::string_view text : {"277778h", "1000000000000000001ns",
                                "99999999999999999999s", "9999999h"}) {
    EXPECT_TRUE(
        has(error_text<UsageError>([&] { parse_time(text); }), "too long"))
        << text;
  }
}

TEST(HumanSize, rounds_to_one_digit_of_the_largest_unit_that_fits) {
  struct {
    std::uint64_t bytes;
    std::string_view text;
  } cases[] = {
      {0, "0 B"},
      {10239, "10239 B"},
      {10240, "10 KiB"},
      {10291, "10 KiB"},
      {10292, "10.1 KiB"},
      {mebi - 1, "1 MiB"},
      {mebi - 103, "1023.9 KiB"},
      {mebi, "1 MiB"},
      {104857600, "100 MiB"},
      {104960000, "100.1 MiB"},
      {gibi - 1, "1 GiB"},
      {gibi + gibi / 2, "1.5 GiB"},
      {2048 * gibi, "2 TiB"},
      {5000 * (1024 * gibi), "5000 TiB"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(human_size(Bytes{c.bytes}), c.text) << c.bytes;
  }
}

TEST(ExactSize, always_has_every_byte) {
  EXPECT_EQ(exact_size(Bytes{0}), "0 bytes");
  EXPECT_EQ(exact_size(Bytes{4096}), "4096 bytes");
  EXPECT_EQ(exact_size(Bytes{104857600}), "100 MiB (104857600 bytes)");
  EXPECT_EQ(exact_size(Bytes{104857601}), "100 MiB (104857601 bytes)");
  EXPECT_EQ(exact_limit(Limit::max()), "max");
  EXPECT_EQ(exact_limit(Limit::of(Bytes{104960000})),
            "100.1 MiB (104960000 bytes)");
}

TEST(SizeArgument, is_the_shortest_form_and_reads_back) {
  struct {
    std::uint64_t bytes;
    std::string_view text;
  } cases[] = {
      {0, "0"},
      {1, "1"},
      {1023, "1023"},
      {1024, "1K"},
      {104857600, "100M"},
      {104960000, "102500K"},
      {104960001, "104960001"},
      {gibi, "1G"},
      {1024 * gibi, "1T"},
      {1024 * (1024 * gibi), "1024T"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(size_argument(Bytes{c.bytes}), c.text);
    EXPECT_EQ(parse_size(c.text).count, c.bytes) << c.text;
  }
}

TEST(TimeArgument, is_the_shortest_form_and_reads_back) {
  struct {
    nanoseconds time;
    std::string_view text;
  } cases[] = {
      {nanoseconds(0), "0"},
      {nanoseconds(1), "1ns"},
      {microseconds(1500), "1500us"},
      {milliseconds(200), "200ms"},
      {seconds(3), "3s"},
      {seconds(63), "63s"},
      {minutes(1), "1m"},
      {minutes(90), "90m"},
      {hours(2), "2h"},
      {nanoseconds(1000000001), "1000000001ns"},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(time_argument(c.time), c.text);
    EXPECT_EQ(parse_time(c.text), c.time) << c.text;
  }
}

TEST(HumanTimes, have_a_fixed_number_of_digits) {
  EXPECT_EQ(human_ms(nanoseconds(12345678)), "12.346 ms");
  EXPECT_EQ(human_ms(nanoseconds(0)), "0.000 ms");
  EXPECT_EQ(human_ms(nanoseconds(-1500000)), "-1.500 ms");
  EXPECT_EQ(human_seconds(nanoseconds(0)), "0.0 s");
  EXPECT_EQ(human_seconds(milliseconds(3060)), "3.1 s");
}

}  // namespace
}  // namespace lab
