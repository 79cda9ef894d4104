// SPDX-License-Identifier: MIT
#include "lab/watch/conclude.h"

#include <gtest/gtest.h>

#include "tests/unit/limit_readings.h"

namespace lab {
namespace {

using cgroupfs::File;

TEST(LimitChanges, are_found_by_path_and_kind) {
  const std::vector<LimitReading> before{
      unlimited("/a/b"), limited("/a/b", 5, 1, File::memory_high),
      limited("/a", 64, 10)};
  const std::vector<LimitReading> after{
      limited("/a/b", 32, 1), limited("/a/b", 5, 3, File::memory_high),
      limited("/a", 48, 10)};
  const std::vector<LimitChange> changes{
      {"/a/b", File::memory_max, Limit::max(), Limit::of(Bytes{32 * mebi})},
      {"/a", File::memory_max, Limit::of(Bytes{64 * mebi}),
       Limit::of(Bytes{48 * mebi})}};
  EXPECT_EQ(limit_changes(before, after), changes);
  EXPECT_TRUE(limit_changes(before, before).empty());
  EXPECT_TRUE(limit_changes({}, after).empty());
}

TEST(Growth, is_absent_where_a_count_is) {
  Counters before;
  before.failcnt = 3;
  Counters after;
  after.oom_kills = 2;
  after.failcnt = 10;
  const Counters rises = growth(before, after);
  EXPECT_EQ(rises.oom_kills, std::nullopt);
  EXPECT_EQ(rises.failcnt, 7u);
  EXPECT_EQ(rises.events, std::nullopt);
}

TEST(Growth, of_a_counter_that_fell_is_none) {
  Counters before;
  before.oom_kills = 5;
  before.events.emplace();
  before.events->max = 9;
  before.events->oom = 1;
  Counters after;
  after.oom_kills = 2;
  after.events.emplace();
  after.events->max = 4;
  after.events->oom = 3;
  const Counters rises = growth(before, after);
  EXPECT_EQ(rises.oom_kills, 0u);
  EXPECT_EQ(rises.events->max, 0u);
  EXPECT_EQ(rises.events->oom, 2u);
  EXPECT_EQ(rises.events->high, std::nullopt);
}

}  // namespace
}  // namespace lab
