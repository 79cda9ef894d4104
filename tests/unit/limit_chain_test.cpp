// SPDX-License-Identifier: MIT
#include "lab/place/limit_chain.h"

#include <gtest/gtest.h>

#include "tests/unit/limit_readings.h"

namespace lab {
namespace {

using cgroupfs::File;

TEST(BindingLimit, is_absent_without_limits) {
  EXPECT_EQ(binding_limit({}), std::nullopt);
  EXPECT_EQ(binding_limit({unlimited("/a/b"), unlimited("/a")}), std::nullopt);
}

TEST(BindingLimit, has_the_least_headroom_and_not_the_least_limit) {
  const auto binding =
      binding_limit({limited("/a/b", 64, 10), limited("/a", 100, 90)});
  ASSERT_TRUE(binding);
  EXPECT_EQ(binding->path, "/a");
  EXPECT_EQ(binding->limit, Bytes{100 * mebi});
  EXPECT_EQ(binding->usage, Bytes{90 * mebi});
  EXPECT_EQ(binding->headroom, Bytes{10 * mebi});
}

TEST(BindingLimit, is_the_nearest_of_equals) {
  const auto binding = binding_limit(
      {unlimited("/a/b/c"), limited("/a/b", 64, 10), limited("/a", 64, 10)});
  ASSERT_TRUE(binding);
  EXPECT_EQ(binding->path, "/a/b");
}

TEST(BindingLimit, has_no_headroom_below_zero) {
  const auto binding = binding_limit({limited("/a", 10, 12)});
  ASSERT_TRUE(binding);
  EXPECT_EQ(binding->headroom, Bytes{0});
}

TEST(BindingLimit, may_be_that_of_memory_and_swap) {
  const auto binding = binding_limit(
      {limited("/a", 64, 10), limited("/a", 70, 60, File::memory_memsw_max)});
  ASSERT_TRUE(binding);
  EXPECT_EQ(binding->file, File::memory_memsw_max);
}

TEST(BindingLimit, is_never_a_limit_that_throttles_or_counts_only_swap) {
  const std::vector<LimitReading> readings{
      limited("/a", 64, 10), limited("/a", 20, 10, File::memory_high),
      limited("/a", 0, 0, File::memory_swap_max)};
  EXPECT_EQ(binding_limit(readings)->file, File::memory_max);
  const auto high = binding_high(readings);
  ASSERT_TRUE(high);
  EXPECT_EQ(high->file, File::memory_high);
  EXPECT_EQ(high->headroom, Bytes{10 * mebi});
  EXPECT_EQ(binding_high({limited("/a", 64, 10)}), std::nullopt);
  const auto swap = binding_swap(readings);
  ASSERT_TRUE(swap);
  EXPECT_EQ(swap->file, File::memory_swap_max);
  EXPECT_EQ(binding_swap({limited("/a", 64, 10)}), std::nullopt);
}

TEST(OwnLimits, are_only_those_of_the_path) {
  const OwnLimits limits = limits_of(
      "/a/b",
      {unlimited("/a/b"), limited("/a/b", 5, 1, File::memory_high),
       limited("/a", 64, 10), limited("/a", 64, 10, File::memory_swap_max)});
  EXPECT_EQ(limits.hard, Limit::max());
  EXPECT_EQ(limits.high, Limit::of(Bytes{5 * mebi}));
  EXPECT_EQ(limits.swap, std::nullopt);
  EXPECT_EQ(limits.memsw, std::nullopt);
}

}  // namespace
}  // namespace lab
