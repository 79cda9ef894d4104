// SPDX-License-Identifier: MIT
#include <cerrno>

#include <unistd.h>

#include "cgroupfs/error.h"
#include "tests/support/memory_test.h"
#include "tests/support/wait.h"
#include "tests/support/worker.h"

namespace cgroupfs {
namespace {

using test_support::MemoryTest;
using test_support::mib;
using test_support::missing;
using test_support::wait_until;
using test_support::Worker;

class UsageTest : public MemoryTest {};

/// How much usage may exceed the charged memory: each CPU keeps a batch of up
/// to 64 pages.
Bytes batch_slack() {
  const auto cpus = static_cast<std::uint64_t>(::sysconf(_SC_NPROCESSORS_CONF));
  return {64 * page_size().count * cpus};
}

TEST_F(UsageTest, an_empty_cgroup_uses_nothing) {
  const auto made = make_memory();
  EXPECT_EQ(made.memory.usage(), Bytes{0});
  EXPECT_EQ(made.memory.oom_kills(), 0u);
}

TEST_F(UsageTest, follows_the_touched_memory) {
  const auto made = make_memory();
  auto worker = Worker::start_in(made.group);
  ASSERT_EQ(worker.touch(mib(1)), Worker::Answer::done);
  const auto slack = batch_slack().count;
  auto last = made.memory.usage().count;
  for (int step = 0; step < 4; ++step) {
    ASSERT_EQ(worker.touch(mib(8)), Worker::Answer::done);
    const auto now = made.memory.usage().count;
    EXPECT_GE(now + slack, last + mib(8).count);
    // Page tables: one page for each 2 MiB.
    EXPECT_LE(now, last + mib(8).count + slack + 16 * page_size().count);
    last = now;
  }
}

TEST_F(UsageTest, the_descriptor_returns_the_same_number) {
  const auto made = make_memory();
  char buffer[32] = {};
  ASSERT_GT(::pread(made.memory.usage_fd(), buffer, sizeof buffer - 1, 0), 0);
  EXPECT_EQ(parse_bytes(buffer), made.memory.usage());
}

TEST_F(UsageTest, peak_is_the_limit_after_an_oom) {
  const auto made = make_limited(mib(16));
  const auto why = missing(made.memory, File::memory_peak);
  if (!why.empty()) GTEST_SKIP() << why;
  auto worker = Worker::start_in(made.group);
  worker.touch(mib(32));
  ASSERT_TRUE(test_support::killed_by_sigkill(worker.reap()));
  EXPECT_EQ(made.memory.bytes(File::memory_peak), mib(16));
  EXPECT_LT(made.memory.usage(), mib(16));
}

TEST_F(UsageTest, stat_counts_anonymous_memory) {
  const auto made = make_memory();
  auto worker = Worker::start_in(made.group);
  ASSERT_EQ(worker.touch(mib(8)), Worker::Answer::done);
  const auto* key = version() == Version::v1 ? "rss" : "anon";
  // The kernel updates memory.stat every 2 s.
  EXPECT_TRUE(wait_until([&] {
    return find(made.memory.stat(), key).value_or(0) >= mib(8).count;
  })) << key;
}

TEST_F(UsageTest, swap_holds_what_exceeds_the_limit) {
  if (!test_support::host_has_swap())
    GTEST_SKIP() << "swap space: this host has none";
  const auto made = make_memory();
  if (!made.memory.swap_usage()) {
    GTEST_SKIP() << "swap usage: " << why_absent(Key::swap, version());
  }
  made.memory.set(File::memory_max, Limit::of(mib(16)));
  EXPECT_EQ(made.memory.swap_usage(), Bytes{0});
  auto worker = Worker::start_in(made.group);
  EXPECT_EQ(worker.touch(mib(32)), Worker::Answer::done);
  EXPECT_TRUE(wait_until([&] { return made.memory.swap_usage() >= mib(15); }));
  EXPECT_LE(made.memory.usage(), mib(16));
  EXPECT_EQ(made.memory.oom_kills(), 0u);
}

TEST_F(UsageTest, reclaim_swaps_out) {
  const auto made = make_memory();
  const auto why = missing(made.memory, File::memory_reclaim);
  if (!why.empty()) GTEST_SKIP() << why;
  if (!test_support::host_has_swap())
    GTEST_SKIP() << "swap space: this host has none";
  auto worker = Worker::start_in(made.group);
  ASSERT_EQ(worker.touch(mib(16)), Worker::Answer::done);
  made.memory.set(File::memory_reclaim, mib(8).count);
  EXPECT_LE(made.memory.usage(), mib(10));
  EXPECT_GE(made.memory.swap_usage(), mib(7));
}

TEST_F(UsageTest, reclaim_of_more_than_is_reclaimable_is_eagain) {
  const auto made = make_limited(mib(32));
  const auto why = missing(made.memory, File::memory_reclaim);
  if (!why.empty()) GTEST_SKIP() << why;
  auto worker = Worker::start_in(made.group);
  ASSERT_EQ(worker.touch(mib(8)), Worker::Answer::done);
  try {
    made.memory.set(File::memory_reclaim, mib(8).count);
    ADD_FAILURE() << "memory that cannot be swapped was reclaimed";
  } catch (const FileError& error) {
    EXPECT_EQ(error.code().value(), EAGAIN);
    EXPECT_EQ(error.value(), "8388608");
  }
}

}  // namespace
}  // namespace cgroupfs
