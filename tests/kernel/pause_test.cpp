// SPDX-License-Identifier: MIT
#include "cgroupfs/error.h"
#include "tests/support/memory_test.h"
#include "tests/support/wait.h"
#include "tests/support/worker.h"

namespace cgroupfs {
namespace {

using test_support::killed_by_sigkill;
using test_support::MemoryGroup;
using test_support::MemoryTest;
using test_support::mib;
using test_support::missing;
using test_support::wait_until;
using test_support::Worker;

/// With the OOM killer disabled (memory.oom_control, cgroup v1).
class PauseTest : public MemoryTest {
 protected:
  void SetUp() override {
    MemoryTest::SetUp();
    if (IsSkipped()) return;
    const auto why = missing(make_memory().memory, File::memory_oom_control);
    if (!why.empty()) GTEST_SKIP() << why;
  }

  MemoryGroup make_pausing() {
    auto made = make_limited(mib(16));
    made.memory.set(File::memory_oom_control, 1);
    return made;
  }
};

/// Makes `worker` fault beyond the limit and waits until it sleeps.
bool pauses(Worker& worker, const Memory& memory) {
  worker.order_touch(mib(32));
  return wait_until(
      [&] { return memory.oom_control()->under_oom && worker.state() == 'D'; });
}

TEST_F(PauseTest, the_flag_is_read_back) {
  const auto made = make_memory();
  EXPECT_FALSE(made.memory.oom_control()->oom_kill_disable);
  made.memory.set(File::memory_oom_control, 1);
  EXPECT_TRUE(made.memory.oom_control()->oom_kill_disable);
  made.memory.set(File::memory_oom_control, 0);
  EXPECT_FALSE(made.memory.oom_control()->oom_kill_disable);
}

TEST_F(PauseTest, a_fault_at_the_limit_sleeps_until_the_limit_is_raised) {
  const auto made = make_pausing();
  auto worker = Worker::start_in(made.group);
  ASSERT_TRUE(pauses(worker, made.memory));
  EXPECT_FALSE(worker.has_answered());
  made.memory.set(File::memory_max, Limit::of(mib(64)));
  EXPECT_EQ(worker.answer(), Worker::Answer::done);
  EXPECT_FALSE(made.memory.oom_control()->under_oom);
  EXPECT_EQ(made.memory.oom_kills(), 0u);
}

TEST_F(PauseTest, enabled_again_the_oom_killer_kills_the_sleeper) {
  const auto made = make_pausing();
  auto worker = Worker::start_in(made.group);
  ASSERT_TRUE(pauses(worker, made.memory));
  made.memory.set(File::memory_oom_control, 0);
  EXPECT_TRUE(killed_by_sigkill(worker.reap()));
  EXPECT_EQ(made.memory.oom_kills(), 1u);
}

TEST_F(PauseTest, a_sleeper_can_be_killed_and_its_cgroup_removed) {
  auto made = make_pausing();
  auto worker = Worker::start_in(made.group);
  ASSERT_TRUE(pauses(worker, made.memory));
  made.group.kill();
  EXPECT_TRUE(killed_by_sigkill(worker.reap()));
  EXPECT_EQ(made.memory.oom_kills(), 0u);
  made.group.remove();
  EXPECT_FALSE(Directory::try_open(made.group.path()));
}

}  // namespace
}  // namespace cgroupfs
