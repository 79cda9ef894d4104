// SPDX-License-Identifier: MIT
#include <vector>

#include "tests/support/memory_test.h"
#include "tests/support/worker.h"

namespace cgroupfs {
namespace {

using test_support::killed_by_sigkill;
using test_support::MemoryTest;
using test_support::mib;
using test_support::Worker;

class IsolationTest : public MemoryTest {};

TEST_F(IsolationTest, charges_do_not_follow_a_moved_process) {
  const auto before = make_memory();
  const auto after = make_memory();
  auto worker = Worker::start_in(before.group);
  ASSERT_EQ(worker.touch(mib(16)), Worker::Answer::done);
  after.group.add(worker.pid());
  EXPECT_EQ(after.group.processes(), std::vector<pid_t>{worker.pid()});
  EXPECT_GE(before.memory.usage(), mib(15));
  EXPECT_LT(after.memory.usage(), mib(2));
  ASSERT_EQ(worker.touch(mib(8)), Worker::Answer::done);
  EXPECT_GE(after.memory.usage(), mib(8));
}

TEST_F(IsolationTest,
       the_limit_of_the_new_cgroup_spares_what_was_charged_before) {
  const auto before = make_memory();
  const auto after = make_limited(mib(8));
  auto worker = Worker::start_in(before.group);
  ASSERT_EQ(worker.touch(mib(16)), Worker::Answer::done);
  after.group.add(worker.pid());
  EXPECT_EQ(worker.touch(mib(4)), Worker::Answer::done);
  EXPECT_EQ(worker.touch(mib(16)), Worker::Answer::died);
  EXPECT_TRUE(killed_by_sigkill(worker.reap()));
  EXPECT_EQ(before.memory.oom_kills(), 0u);
  EXPECT_EQ(after.memory.oom_kills(), 1u);
}

TEST_F(IsolationTest, two_ooms_at_once_count_each_their_own) {
  const auto one = make_limited(mib(16));
  const auto two = make_limited(mib(16));
  const auto bystander = make_limited(mib(16));
  auto in_one = Worker::start_in(one.group);
  auto in_two = Worker::start_in(two.group);
  auto unharmed = Worker::start_in(bystander.group);
  in_one.order_touch(mib(32));
  in_two.order_touch(mib(32));
  EXPECT_TRUE(killed_by_sigkill(in_one.reap()));
  EXPECT_TRUE(killed_by_sigkill(in_two.reap()));
  EXPECT_EQ(one.memory.oom_kills(), 1u);
  EXPECT_EQ(two.memory.oom_kills(), 1u);
  EXPECT_EQ(bystander.memory.oom_kills(), 0u);
  EXPECT_EQ(unharmed.touch(mib(8)), Worker::Answer::done);
}

}  // namespace
}  // namespace cgroupfs
