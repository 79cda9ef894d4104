// SPDX-License-Identifier: MIT
#include <vector>

#include <sys/wait.h>

#include "tests/support/memory_test.h"
#include "tests/support/worker.h"

namespace cgroupfs {
namespace {

using test_support::forbid_swap;
using test_support::killed_by_sigkill;
using test_support::MemoryTest;
using test_support::mib;
using test_support::missing;
using test_support::Worker;

class OomTest : public MemoryTest {};

TEST_F(OomTest, is_proven_by_sigkill_and_the_counter) {
  const auto made = make_limited(mib(16));
  auto worker = Worker::start_in(made.group);
  ASSERT_EQ(made.memory.oom_kills(), 0u);
  EXPECT_EQ(worker.touch(mib(32)), Worker::Answer::died);
  EXPECT_TRUE(killed_by_sigkill(worker.reap()));
  EXPECT_EQ(made.memory.oom_kills(), 1u);
}

TEST_F(OomTest, below_the_limit_nothing_is_killed) {
  const auto made = make_limited(mib(16));
  auto worker = Worker::start_in(made.group);
  EXPECT_EQ(worker.touch(mib(8)), Worker::Answer::done);
  worker.order_exit(7);
  const int status = worker.reap();
  EXPECT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 7);
  EXPECT_EQ(made.memory.oom_kills(), 0u);
}

TEST_F(OomTest, sigkill_from_elsewhere_is_not_counted) {
  const auto made = make_limited(mib(16));
  auto worker = Worker::start_in(made.group);
  ASSERT_EQ(worker.touch(mib(8)), Worker::Answer::done);
  worker.kill();
  EXPECT_TRUE(killed_by_sigkill(worker.reap()));
  EXPECT_EQ(made.memory.oom_kills(), 0u);
}

TEST_F(OomTest, v2_events_show_what_happened) {
  const auto made = make_limited(mib(16));
  const auto why = missing(made.memory, File::memory_events);
  if (!why.empty()) GTEST_SKIP() << why;
  auto worker = Worker::start_in(made.group);
  worker.touch(mib(32));
  worker.reap();
  const auto events = made.memory.events();
  EXPECT_GT(events->max.value_or(0), 0u);
  EXPECT_GT(events->oom.value_or(0), 0u);
  EXPECT_EQ(events->oom_kill, 1u);
}

TEST_F(OomTest, v1_failcnt_counts_failed_charges) {
  const auto made = make_limited(mib(16));
  const auto why = missing(made.memory, File::memory_failcnt);
  if (!why.empty()) GTEST_SKIP() << why;
  EXPECT_EQ(made.memory.number(File::memory_failcnt), 0u);
  auto worker = Worker::start_in(made.group);
  worker.touch(mib(32));
  worker.reap();
  EXPECT_GT(made.memory.number(File::memory_failcnt), 0u);
}

TEST_F(OomTest, v1_failcnt_misses_an_oom_where_memsw_is_equal) {
  const auto made = make_limited(mib(16));
  const auto why = missing(made.memory, File::memory_memsw_failcnt);
  if (!why.empty()) GTEST_SKIP() << why;
  made.memory.set(File::memory_memsw_max, Limit::of(mib(16)));
  auto worker = Worker::start_in(made.group);
  EXPECT_EQ(worker.touch(mib(32)), Worker::Answer::died);
  worker.reap();
  EXPECT_EQ(made.memory.number(File::memory_failcnt), 0u);
  // memory_memsw_failcnt counts it on 6.1; 6.18 counts only for memory.failcnt.
  EXPECT_EQ(made.memory.oom_kills(), 1u);
}

TEST_F(OomTest, the_limit_of_the_parent_kills_in_the_child) {
  const auto parent = make_limited(mib(16));
  const auto child = make_below(parent.group);
  forbid_swap(child.memory);
  auto worker = Worker::start_in(child.group);
  EXPECT_EQ(worker.touch(mib(32)), Worker::Answer::died);
  EXPECT_TRUE(killed_by_sigkill(worker.reap()));
  EXPECT_EQ(child.memory.oom_kills(), 1u);
  EXPECT_EQ(parent.memory.oom_kills(), 1u);
}

TEST_F(OomTest, v2_local_events_show_whose_limit_and_whose_victim) {
  const auto parent = make_limited(mib(16));
  const auto why = missing(parent.memory, File::memory_events_local);
  if (!why.empty()) GTEST_SKIP() << why;
  const auto child = make_below(parent.group);
  auto worker = Worker::start_in(child.group);
  worker.touch(mib(32));
  worker.reap();
  const auto above = parent.memory.events(File::memory_events_local);
  const auto below = child.memory.events(File::memory_events_local);
  EXPECT_GT(above->oom.value_or(0), 0u);
  EXPECT_EQ(above->oom_kill, 0u);
  EXPECT_EQ(below->oom, 0u);
  EXPECT_EQ(below->oom_kill, 1u);
}

TEST_F(OomTest, v1_counts_only_in_the_victims_cgroup) {
  const auto parent = make_limited(mib(16));
  const auto why = missing(parent.memory, File::memory_oom_control);
  if (!why.empty()) GTEST_SKIP() << why;
  const auto child = make_below(parent.group);
  forbid_swap(child.memory);
  auto worker = Worker::start_in(child.group);
  worker.touch(mib(32));
  worker.reap();
  EXPECT_EQ(parent.memory.oom_control()->oom_kill, 0u);
  EXPECT_EQ(child.memory.oom_control()->oom_kill, 1u);
}

TEST_F(OomTest, with_oom_group_all_are_killed_together) {
  const auto made = make_limited(mib(32));
  const auto why = missing(made.memory, File::memory_oom_group);
  if (!why.empty()) GTEST_SKIP() << why;
  made.memory.set(File::memory_oom_group, 1);
  std::vector<Worker> workers;
  for (int i = 0; i < 4; ++i) {
    workers.push_back(Worker::start_in(made.group));
    ASSERT_EQ(workers.back().touch(mib(4)), Worker::Answer::done);
  }
  EXPECT_EQ(workers.front().touch(mib(32)), Worker::Answer::died);
  for (auto& worker : workers) EXPECT_TRUE(killed_by_sigkill(worker.reap()));
  const auto events = made.memory.events();
  // Four were killed; the kernel counts the first one twice.
  EXPECT_EQ(events->oom_kill, 5u);
  EXPECT_EQ(events->oom_group_kill.value_or(1), 1u);
}

TEST_F(OomTest, without_oom_group_the_others_survive) {
  const auto made = make_limited(mib(32));
  auto small = Worker::start_in(made.group);
  auto large = Worker::start_in(made.group);
  ASSERT_EQ(small.touch(mib(2)), Worker::Answer::done);
  EXPECT_EQ(large.touch(mib(40)), Worker::Answer::died);
  EXPECT_TRUE(killed_by_sigkill(large.reap()));
  EXPECT_EQ(small.touch(mib(2)), Worker::Answer::done);
  EXPECT_EQ(made.memory.oom_kills(), 1u);
}

TEST_F(OomTest, thirty_runs_count_one_kill_each_and_leave_nothing) {
  for (int run = 0; run < 30; ++run) {
    SCOPED_TRACE(run);
    auto made = make_limited(mib(8));
    auto worker = Worker::start_in(made.group);
    EXPECT_EQ(worker.touch(mib(16)), Worker::Answer::died);
    EXPECT_TRUE(killed_by_sigkill(worker.reap()));
    EXPECT_EQ(made.memory.oom_kills(), 1u);
    made.group.remove();
    EXPECT_FALSE(Directory::try_open(made.group.path()));
  }
}

}  // namespace
}  // namespace cgroupfs
