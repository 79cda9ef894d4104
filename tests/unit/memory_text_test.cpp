// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "cgroupfs/error.h"
#include "cgroupfs/memory.h"
#include "tests/support/error_text.h"

namespace cgroupfs {
namespace {

TEST(ParseMemoryEvents, reads_every_count) {
  MemoryEvents events = parse_memory_events(
      "low 1\nhigh 2\nmax 35\noom 4\noom_kill 5\noom_group_kill 6\n");
  EXPECT_EQ(events, (MemoryEvents{1, 2, 35, 4, 5, 6}));
}

TEST(ParseMemoryEvents, leaves_missing_values_absent) {
  MemoryEvents events = parse_memory_events("low 0\nhigh 0\nmax 0\noom 0\n");
  EXPECT_EQ(events.oom, 0u);
  EXPECT_EQ(events.oom_kill, std::nullopt);
  EXPECT_EQ(events.oom_group_kill, std::nullopt);
  EXPECT_EQ(parse_memory_events(""), MemoryEvents{});
}

TEST(ParseMemoryEvents, uses_names_and_ignores_unknown_ones) {
  MemoryEvents events =
      parse_memory_events("oom_kill 7\nsock_throttled 9\nmax 3\n");
  EXPECT_EQ(events.oom_kill, 7u);
  EXPECT_EQ(events.max, 3u);
  EXPECT_EQ(events.oom, std::nullopt);
}

TEST(ParseMemoryEvents, refuses_invalid_counts) {
  for (std::string_view text : {"oom_kill many", "oom_kill", "oom_kill 1 2",
                                "oom_kill 18446744073709551616"}) {
    EXPECT_TRUE(has(error_text<ParseError>([&] { parse_memory_events(text); }),
                    "expected"))
        << text;
  }
}

TEST(ParseOomControl, reads_the_flags_and_the_count) {
  OomControl control =
      parse_oom_control("oom_kill_disable 1\nunder_oom 1\noom_kill 3\n");
  EXPECT_EQ(control, (OomControl{true, true, 3}));
  control = parse_oom_control("oom_kill_disable 0\nunder_oom 1\noom_kill 0\n");
  EXPECT_EQ(control, (OomControl{false, true, 0}));
}

TEST(ParseOomControl, leaves_the_count_absent_on_old_kernels) {
  OomControl control = parse_oom_control("oom_kill_disable 1\nunder_oom 0\n");
  EXPECT_EQ(control, (OomControl{true, false, std::nullopt}));
}

TEST(ParseOomControl, refuses_text_without_a_flag) {
  std::string message =
      error_text<ParseError>([] { parse_oom_control("oom_kill_disable 0\n"); });
  EXPECT_TRUE(has(message, "under_oom"));
  message = error_text<ParseError>([] { parse_oom_control("under_oom 0\n"); });
  EXPECT_TRUE(has(message, "oom_kill_disable"));
  error_text<ParseError>([] { parse_oom_control(""); });
}

TEST(ParseOomControl, refuses_flags_that_are_neither_0_nor_1) {
  EXPECT_TRUE(has(error_text<ParseError>([] {
                    parse_oom_control("oom_kill_disable 0\nunder_oom 2\n");
                  }),
                  "under_oom"));
  EXPECT_TRUE(has(error_text<ParseError>([] {
                    parse_oom_control("oom_kill_disable x\nunder_oom 0\n");
                  }),
                  "'x'"));
}

}  // namespace
}  // namespace cgroupfs
