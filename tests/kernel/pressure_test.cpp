// SPDX-License-Identifier: MIT
#include "cgroupfs/pressure.h"

#include <chrono>

#include <poll.h>

#include "cgroupfs/error.h"
#include "tests/support/memory_test.h"
#include "tests/support/wait.h"
#include "tests/support/worker.h"

namespace cgroupfs {
namespace {

using std::chrono::milliseconds;
using test_support::MemoryTest;
using test_support::mib;
using test_support::missing;
using test_support::wait_until;
using test_support::Worker;

constexpr PressureTrigger trigger{false, milliseconds(150), milliseconds(1000)};

class PressureTest : public MemoryTest {};

TEST_F(PressureTest, throttling_shows_and_wakes_the_watch) {
  const auto made = make_memory();
  const auto why = missing(made.memory, File::memory_pressure);
  if (!why.empty()) GTEST_SKIP() << why;
  EXPECT_EQ(made.memory.pressure()->some.total, milliseconds(0));
  test_support::forbid_swap(made.memory);
  made.memory.set(File::memory_high, Limit::of(mib(16)));
  const auto watch = PressureWatch::open(made.group, trigger);
  auto worker = Worker::start_in(made.group);
  worker.order_touch(mib(40));
  pollfd wait{watch.fd(), PressureWatch::poll_events(), 0};
  ASSERT_EQ(::poll(&wait, 1,
                   static_cast<int>(
                       milliseconds(test_support::wait_timeout).count())),
            1);
  EXPECT_TRUE(wait.revents & POLLPRI);
  EXPECT_TRUE(wait_until(
      [&] { return made.memory.pressure()->some.total >= trigger.stall; }));
  EXPECT_GT(made.memory.events()->high.value_or(0), 0u);
  EXPECT_EQ(made.memory.oom_kills(), 0u);
}

TEST_F(PressureTest, a_trigger_out_of_range_is_refused) {
  const auto made = make_memory();
  const auto why = missing(made.memory, File::memory_pressure);
  if (!why.empty()) GTEST_SKIP() << why;
  const PressureTrigger too_long{false, milliseconds(150),
                                 std::chrono::seconds(11)};
  try {
    PressureWatch::open(made.group, too_long);
    ADD_FAILURE() << "a window of 11 s was accepted";
  } catch (const FileError& error) {
    EXPECT_EQ(error.code().value(), EINVAL);
    EXPECT_EQ(error.value(), "some 150000 11000000");
  }
}

TEST_F(PressureTest, without_pressure_the_watch_is_not_supported) {
  const auto made = make_memory();
  if (missing(made.memory, File::memory_pressure).empty()) {
    GTEST_SKIP() << "a cgroup without memory.pressure: this one has it";
  }
  EXPECT_THROW(PressureWatch::open(made.group, trigger), NotSupported);
}

TEST_F(PressureTest, is_absent_while_it_is_disabled) {
  const auto made = make_memory();
  const std::string control = "cgroup.pressure";
  if (!made.group.directory().exists(control)) {
    GTEST_SKIP() << control << ": cgroup v2 since Linux 6.1";
  }
  ASSERT_TRUE(made.memory.has(File::memory_pressure));
  made.group.directory().write(control, "0");
  EXPECT_FALSE(made.memory.has(File::memory_pressure));
  EXPECT_EQ(made.memory.pressure(), std::nullopt);
  EXPECT_THROW(PressureWatch::open(made.group, {}), NotSupported);
  made.group.directory().write(control, "1");
  EXPECT_TRUE(made.memory.pressure());
}

}  // namespace
}  // namespace cgroupfs
