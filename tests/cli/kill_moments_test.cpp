// SPDX-License-Identifier: MIT
// cglab is killed between any two of its steps: what it leaves is removed by
// `cglab clean`, and no other process is touched.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <optional>

#include <sys/syscall.h>

#include "tests/cli/cli_test.h"
#include "tests/support/tracer.h"
#include "tests/support/wait.h"

namespace cli_test {
namespace {

using test_support::Tracer;

constexpr int moments = 24;

/// The orders in which limit and child meet.
class KillMoments : public CliTest,
                    public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    if (!test_support::may_trace()) GTEST_SKIP() << "ptrace: not permitted";
    make_bystanders();
  }

  void TearDown() override {
    if (stranger_) {
      expect_bystanders();
      stranger_->signal(SIGKILL);
      stranger_->wait();
      for (const std::string& name : bystanders_) {
        cgroupfs::Cgroup::adopt(nest().directory(), name, version()).remove();
      }
    }
    CliTest::TearDown();
  }

  ProcessSpec traced_spec() const {
    ProcessSpec spec =
        oom_spec({"--limit", "4M", "--ramp", "0", "-q", "--order", GetParam()});
    spec.prepare = test_support::ask_to_be_traced;
    return spec;
  }

  /// How many system calls a run makes from its first cgroup on, to its end.
  int count_calls() const {
    Subprocess run = Subprocess::start(traced_spec());
    Tracer tracer(run.pid());
    if (!go_to_mkdir(tracer)) return 0;
    int count = 1;
    while (tracer.go_on()) ++count;
    EXPECT_EQ(run.wait().status, 0);
    return count;
  }

  static bool go_to_mkdir(Tracer& tracer) {
    while (tracer.go_on()) {
      if (tracer.number() == SYS_mkdirat) return true;
    }
    return false;
  }

  /// Kills a run before its system call of that number, counted from its first
  /// mkdir on. False when it has ended before that.
  bool kill_before(int call) const {
    Subprocess run = Subprocess::start(traced_spec());
    Tracer tracer(run.pid());
    bool there = go_to_mkdir(tracer);
    for (int i = 0; i < call && there; ++i) there = tracer.go_on();
    if (there) run.signal(SIGKILL);
    run.wait();
    return there;
  }

  /// What is in the nest besides the bystanders.
  Words left() const {
    Words names = in_nest();
    std::erase_if(names, [this](const std::string& name) {
      return std::count(bystanders_.begin(), bystanders_.end(), name) > 0;
    });
    return names;
  }

  bool is_populated(const std::string& name) const {
    const auto directory =
        cgroupfs::Directory::try_open(nest().directory().path_of(name));
    return directory &&
           cgroupfs::Cgroup::open(directory->path(), version()).populated();
  }

  void expect_cleaned() const {
    for (const std::string& name : left()) {
      EXPECT_TRUE(test_support::wait_until([&] { return !is_populated(name); }))
          << "the hog outlives its harness";
    }
    const Ending clean = cglab({"clean"});
    EXPECT_EQ(clean.status, 0) << clean.err;
    EXPECT_EQ(left(), Words()) << clean.out;
  }

  void expect_bystanders() const {
    for (const std::string& name : bystanders_) {
      EXPECT_TRUE(nest().directory().exists(name)) << name;
    }
    EXPECT_TRUE(is_running(stranger_->pid()));
  }

 private:
  /// Names that look like ours and are not, and a process in one of them.
  void make_bystanders() {
    for (const std::string& name : bystanders_) {
      nest().directory().make_directory(name);
    }
    ProcessSpec spec;
    spec.program = "sleep";
    spec.arguments = {"600"};
    const auto home = cgroupfs::Cgroup::open(
        nest().directory().path_of(bystanders_.front()), version());
    spec.prepare = [&home] { home.add(0); };
    stranger_.emplace(Subprocess::start(spec));
    ASSERT_TRUE(test_support::wait_until([&] { return home.populated(); }));
  }

  const Words bystanders_{"cglab.oom.1-1-0", "cglab.oom", "memorydemo"};
  std::optional<Subprocess> stranger_;
};

TEST_P(KillMoments, SpreadOverARunLeaveNothingThatCleanDoesNotRemove) {
  const int calls = count_calls();
  ASSERT_GT(calls, moments);
  for (int i = 0; i < moments; ++i) {
    int call = calls * i / moments;
    // A run may need fewer turns of its loop than the counted one.
    while (!kill_before(call)) call = call * 3 / 4;
    SCOPED_TRACE(testing::Message()
                 << "call " << call << " of " << calls << " from mkdir on");
    expect_cleaned();
  }
  expect_bystanders();
}

/// The steps themselves, at each of the calls that change something.
TEST_P(KillMoments, BeforeAndAfterEachStepLeaveNothing) {
  for (const long number :
       {SYS_mkdirat, SYS_write, SYS_clone3, SYS_clone, SYS_unlinkat}) {
    for (const int more : {0, 1}) {
      Subprocess run = Subprocess::start(traced_spec());
      Tracer tracer(run.pid());
      bool there = go_to_mkdir(tracer);
      while (there && tracer.number() != number) there = tracer.go_on();
      for (int i = 0; i < more && there; ++i) there = tracer.go_on();
      if (there) run.signal(SIGKILL);
      run.wait();
      SCOPED_TRACE(testing::Message()
                   << "system call " << number << " + " << more);
      expect_cleaned();
    }
  }
  expect_bystanders();
}

INSTANTIATE_TEST_SUITE_P(Orders, KillMoments,
                         testing::Values("limit-first", "course"),
                         [](const auto& order) {
                           return std::string(order.param) == "course"
                                      ? "Course"
                                      : "LimitFirst";
                         });

}  // namespace
}  // namespace cli_test
