// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>

#include "cgroupfs/error.h"
#include "cgroupfs/pressure.h"
#include "tests/support/error_text.h"

namespace cgroupfs {
namespace {

using std::chrono::microseconds;

constexpr std::string_view some_line =
    "some avg10=0.00 avg60=0.00 avg300=0.00 total=0\n";

TEST(ParsePressure, reads_both_lines) {
  Pressure pressure = parse_pressure(
      "some avg10=12.34 avg60=5.60 avg300=0.78 total=901234\n"
      "full avg10=1.00 avg60=0.50 avg300=100.00 total=5678\n");
  EXPECT_EQ(pressure.some,
            (PressureLine{12.34, 5.60, 0.78, microseconds(901234)}));
  EXPECT_EQ(pressure.full,
            (PressureLine{1.00, 0.50, 100.00, microseconds(5678)}));
}

TEST(ParsePressure, leaves_full_absent_where_the_kernel_lacks_it) {
  Pressure pressure = parse_pressure(some_line);
  EXPECT_EQ(pressure.full, std::nullopt);
  EXPECT_EQ(pressure.some, PressureLine{});
}

TEST(ParsePressure, ignores_unknown_lines_and_values) {
  Pressure pressure = parse_pressure(
      "most avg10=x\nsome avg5=9 avg10=1 avg60=2 avg300=3 total=4\n");
  EXPECT_EQ(pressure.some, (PressureLine{1, 2, 3, microseconds(4)}));
}

TEST(ParsePressure, refuses_text_without_a_some_line) {
  for (std::string_view text :
       {"", "\n", "full avg10=0 avg60=0 avg300=0 total=0\n", "garbage"}) {
    EXPECT_TRUE(
        has(error_text<ParseError>([&] { parse_pressure(text); }), "some"))
        << text;
  }
}

TEST(ParsePressure, names_the_value_that_is_missing_or_wrong) {
  struct {
    std::string_view text;
    std::string_view expected;
  } cases[] = {
      {"some avg60=0 avg300=0 total=0", "avg10="},
      {"some avg10=0 avg300=0 total=0", "avg60="},
      {"some avg10=0 avg60=0 total=0", "avg300="},
      {"some avg10=0 avg60=0 avg300=0", "total="},
      {"some avg10=x avg60=0 avg300=0 total=0", "avg10="},
      {"some avg10=-1 avg60=0 avg300=0 total=0", "avg10="},
      {"some avg10=nan avg60=0 avg300=0 total=0", "avg10="},
      {"some avg10=1e999 avg60=0 avg300=0 total=0", "avg10="},
      {"some avg10=0 avg60=0 avg300=0 total=-1", "'-1'"},
      {"some avg10=0 avg60=0 avg300=0 total=9223372036854775808", "total="},
      {"some avg10=0 avg60=0 avg300=0 total=99999999999999999999", "999"},
  };
  for (const auto& c : cases) {
    EXPECT_TRUE(has(error_text<ParseError>([&] { parse_pressure(c.text); }),
                    c.expected))
        << c.text;
  }
}

TEST(ParsePressure, refuses_a_broken_full_line_too) {
  std::string text = std::string(some_line) + "full avg10=0.00\n";
  EXPECT_TRUE(
      has(error_text<ParseError>([&] { parse_pressure(text); }), "avg60="));
}

}  // namespace
}  // namespace cgroupfs
