// SPDX-License-Identifier: MIT
#include <cerrno>

#include <sys/vfs.h>

#include <linux/magic.h>

#include "cgroupfs/error.h"
#include "tests/support/memory_test.h"
#include "tests/support/worker.h"

namespace cgroupfs {
namespace {

using test_support::MemoryTest;
using test_support::mib;
using test_support::missing;
using test_support::Worker;

class LimitsTest : public MemoryTest {};

/// Writes one byte more than 16 MiB, then no limit, and reads both back.
void expect_rounded_and_unlimited(const Memory& memory, File file) {
  memory.set(file, Limit::of({mib(16).count + 1}));
  EXPECT_EQ(memory.limit(file), Limit::of(mib(16)));
  memory.set(file, Limit::max());
  EXPECT_EQ(memory.limit(file), Limit::max());
}

TEST_F(LimitsTest, starts_unlimited) {
  EXPECT_EQ(make_memory().memory.limit(File::memory_max), Limit::max());
}

TEST_F(LimitsTest, max_is_rounded_down_to_a_page) {
  const auto made = make_memory();
  expect_rounded_and_unlimited(made.memory, File::memory_max);
}

TEST_F(LimitsTest, the_number_of_the_course_is_not_100_mib) {
  const auto made = make_memory();
  made.memory.set(File::memory_max, Limit::of({104960001}));
  EXPECT_EQ(made.memory.limit(File::memory_max), Limit::of({104960000}));
}

TEST_F(LimitsTest, swap_max_is_read_back) {
  const auto made = make_memory();
  const auto why = missing(made.memory, File::memory_swap_max);
  if (!why.empty()) GTEST_SKIP() << why;
  expect_rounded_and_unlimited(made.memory, File::memory_swap_max);
  made.memory.set(File::memory_swap_max, Limit::of({0}));
  EXPECT_EQ(made.memory.limit(File::memory_swap_max), Limit::of({0}));
}

TEST_F(LimitsTest, high_is_read_back) {
  const auto made = make_memory();
  const auto why = missing(made.memory, File::memory_high);
  if (!why.empty()) GTEST_SKIP() << why;
  expect_rounded_and_unlimited(made.memory, File::memory_high);
}

TEST_F(LimitsTest, low_is_read_back) {
  const auto made = make_memory();
  const auto why = missing(made.memory, File::memory_low);
  if (!why.empty()) GTEST_SKIP() << why;
  expect_rounded_and_unlimited(made.memory, File::memory_low);
}

TEST_F(LimitsTest, min_is_read_back) {
  const auto made = make_memory();
  const auto why = missing(made.memory, File::memory_min);
  if (!why.empty()) GTEST_SKIP() << why;
  expect_rounded_and_unlimited(made.memory, File::memory_min);
}

TEST_F(LimitsTest, soft_limit_is_read_back) {
  const auto made = make_memory();
  const auto why = missing(made.memory, File::memory_soft_limit);
  if (!why.empty()) GTEST_SKIP() << why;
  expect_rounded_and_unlimited(made.memory, File::memory_soft_limit);
}

TEST_F(LimitsTest, oom_group_is_read_back) {
  const auto made = make_memory();
  const auto why = missing(made.memory, File::memory_oom_group);
  if (!why.empty()) GTEST_SKIP() << why;
  EXPECT_EQ(made.memory.number(File::memory_oom_group), 0u);
  made.memory.set(File::memory_oom_group, 1);
  EXPECT_EQ(made.memory.number(File::memory_oom_group), 1u);
  made.memory.set(File::memory_oom_group, 0);
  EXPECT_EQ(made.memory.number(File::memory_oom_group), 0u);
}

TEST_F(LimitsTest, swappiness_is_read_back_and_bounded) {
  const auto made = make_memory();
  const auto why = missing(made.memory, File::memory_swappiness);
  if (!why.empty()) GTEST_SKIP() << why;
  made.memory.set(File::memory_swappiness, 17);
  EXPECT_EQ(made.memory.number(File::memory_swappiness), 17u);
  EXPECT_THROW(made.memory.set(File::memory_swappiness, 201), FileError);
  EXPECT_EQ(made.memory.number(File::memory_swappiness), 17u);
}

TEST_F(LimitsTest, memsw_is_read_back) {
  const auto made = make_memory();
  const auto why = missing(made.memory, File::memory_memsw_max);
  if (!why.empty()) GTEST_SKIP() << why;
  made.memory.set(File::memory_max, Limit::of(mib(16)));
  expect_rounded_and_unlimited(made.memory, File::memory_memsw_max);
}

TEST_F(LimitsTest, memsw_must_stay_at_or_above_max) {
  const auto made = make_memory();
  const auto why = missing(made.memory, File::memory_memsw_max);
  if (!why.empty()) GTEST_SKIP() << why;
  made.memory.set(File::memory_max, Limit::of(mib(16)));
  made.memory.set(File::memory_memsw_max, Limit::of(mib(16)));
  try {
    made.memory.set(File::memory_memsw_max, Limit::of(mib(8)));
    ADD_FAILURE() << "memsw below max was accepted";
  } catch (const FileError& error) {
    EXPECT_EQ(error.code().value(), EINVAL);
    EXPECT_EQ(error.value(), "8388608");
    EXPECT_EQ(error.path(),
              made.group.directory().path_of("memory.memsw.limit_in_bytes"));
  }
  EXPECT_THROW(made.memory.set(File::memory_max, Limit::of(mib(32))),
               FileError);
  made.memory.set(File::memory_memsw_max, Limit::of(mib(32)));
  EXPECT_NO_THROW(made.memory.set(File::memory_max, Limit::of(mib(32))));
}

TEST_F(LimitsTest, lowered_below_usage_v1_keeps_the_old_limit) {
  if (version() != Version::v1) GTEST_SKIP() << "EBUSY: cgroup v1 only";
  const auto made = make_limited(mib(32));
  auto worker = Worker::start_in(made.group);
  ASSERT_EQ(worker.touch(mib(24)), Worker::Answer::done);
  try {
    made.memory.set(File::memory_max, Limit::of(mib(8)));
    ADD_FAILURE() << "a limit below usage was accepted";
  } catch (const FileError& error) {
    EXPECT_EQ(error.code().value(), EBUSY);
    EXPECT_EQ(error.value(), "8388608");
  }
  EXPECT_EQ(made.memory.limit(File::memory_max), Limit::of(mib(32)));
  EXPECT_EQ(made.memory.oom_kills(), 0u);
}

TEST_F(LimitsTest, lowered_below_usage_v2_kills) {
  if (version() != Version::v2) {
    GTEST_SKIP() << "kill by a lowered limit: cgroup v2 only";
  }
  const auto made = make_limited(mib(32));
  auto worker = Worker::start_in(made.group);
  ASSERT_EQ(worker.touch(mib(24)), Worker::Answer::done);
  made.memory.set(File::memory_max, Limit::of(mib(8)));
  EXPECT_TRUE(test_support::killed_by_sigkill(worker.reap()));
  EXPECT_EQ(made.memory.limit(File::memory_max), Limit::of(mib(8)));
  EXPECT_EQ(made.memory.oom_kills(), 1u);
}

bool is_in_memory(const char* path) {
  struct statfs status {};
  return ::statfs(path, &status) != 0 || status.f_type == TMPFS_MAGIC ||
         status.f_type == RAMFS_MAGIC;
}

TEST_F(LimitsTest, lowered_below_usage_reclaims_page_cache_first) {
  if (is_in_memory("/tmp"))
    GTEST_SKIP() << "page cache: /tmp is on no disk file system";
  const auto made = make_limited(mib(64));
  auto worker = Worker::start_in(made.group);
  ASSERT_EQ(worker.fill_cache(mib(32)), Worker::Answer::done);
  ASSERT_GT(made.memory.usage(), mib(24));
  made.memory.set(File::memory_max, Limit::of(mib(8)));
  EXPECT_EQ(made.memory.limit(File::memory_max), Limit::of(mib(8)));
  EXPECT_LE(made.memory.usage(), mib(8));
  EXPECT_EQ(made.memory.oom_kills(), 0u);
}

}  // namespace
}  // namespace cgroupfs
