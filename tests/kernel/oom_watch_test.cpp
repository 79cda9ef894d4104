// SPDX-License-Identifier: MIT
#include "cgroupfs/oom_watch.h"

#include <chrono>

#include <poll.h>

#include "cgroupfs/error.h"
#include "tests/support/memory_test.h"
#include "tests/support/wait.h"
#include "tests/support/worker.h"

namespace cgroupfs {
namespace {

using std::chrono::milliseconds;
using test_support::killed_by_sigkill;
using test_support::MemoryTest;
using test_support::mib;
using test_support::Worker;

class OomWatchTest : public MemoryTest {};

bool wakes(const OomWatch& watch, milliseconds timeout) {
  pollfd wait{watch.fd(), watch.poll_events(), 0};
  return ::poll(&wait, 1, static_cast<int>(timeout.count())) > 0;
}

/// Consumes every wake-up until none arrives for a while: the kernel may delay
/// the last by 10 ms.
void drain_to_the_end(OomWatch& watch) {
  for (int taken = 0; taken < 100 && wakes(watch, milliseconds(100)); ++taken) {
    if (!watch.drain()) return;
  }
}

TEST_F(OomWatchTest, sleeps_while_nothing_happens) {
  const auto made = make_limited(mib(16));
  auto worker = Worker::start_in(made.group);
  auto watch = OomWatch::open(made.group);
  ASSERT_EQ(worker.touch(mib(2)), Worker::Answer::done);
  EXPECT_FALSE(wakes(watch, milliseconds(0)));
  EXPECT_FALSE(watch.drain());
}

TEST_F(OomWatchTest, wakes_for_an_oom_and_can_be_drained) {
  const auto made = make_limited(mib(16));
  auto watch = OomWatch::open(made.group);
  auto worker = Worker::start_in(made.group);
  worker.order_touch(mib(32));
  EXPECT_TRUE(wakes(watch, test_support::wait_timeout));
  EXPECT_TRUE(watch.drain());
  EXPECT_TRUE(killed_by_sigkill(worker.reap()));
  drain_to_the_end(watch);
  EXPECT_FALSE(wakes(watch, milliseconds(0)));
  EXPECT_FALSE(watch.drain());
  EXPECT_EQ(made.memory.oom_kills(), 1u);
}

TEST_F(OomWatchTest, wakes_again_for_the_next_oom) {
  const auto made = make_limited(mib(16));
  auto watch = OomWatch::open(made.group);
  for (unsigned run = 1; run <= 3; ++run) {
    auto worker = Worker::start_in(made.group);
    worker.order_touch(mib(32));
    EXPECT_TRUE(wakes(watch, test_support::wait_timeout));
    EXPECT_TRUE(killed_by_sigkill(worker.reap()));
    drain_to_the_end(watch);
    EXPECT_EQ(made.memory.oom_kills(), run);
  }
}

TEST_F(OomWatchTest, uses_the_mechanism_of_the_version) {
  const auto made = make_memory();
  EXPECT_STREQ(OomWatch::open(made.group).mechanism(),
               version() == Version::v1 ? "eventfd" : "poll");
}

TEST_F(OomWatchTest, of_another_directory_is_a_file_error) {
  const auto group = Cgroup::open("/proc/self", version());
  EXPECT_THROW(OomWatch::open(group), FileError);
}

TEST_F(OomWatchTest, the_wake_up_of_a_removed_v1_cgroup_is_not_a_kill) {
  if (version() != Version::v1) {
    GTEST_SKIP() << "eventfd signal on rmdir: cgroup v1 only";
  }
  const auto above = make_memory();
  auto made = make_below(above.group);
  auto watch = OomWatch::open(made.group);
  made.group.remove();
  EXPECT_TRUE(wakes(watch, test_support::wait_timeout));
  EXPECT_TRUE(watch.drain());
  EXPECT_FALSE(watch.drain());
  EXPECT_EQ(above.memory.oom_kills(), 0u);
}

TEST_F(OomWatchTest, drain_of_a_removed_v2_cgroup_says_so) {
  if (version() != Version::v2) {
    GTEST_SKIP() << "memory.events: cgroup v2 only";
  }
  auto made = make_memory();
  auto watch = OomWatch::open(made.group);
  made.group.remove();
  EXPECT_FALSE(watch.drain());
}

}  // namespace
}  // namespace cgroupfs
