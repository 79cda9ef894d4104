// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <optional>
#include <thread>

#include <sys/stat.h>

#include "cgroupfs/text.h"
#include "lab/run/kmsg.h"
#include "tests/cli/own_world.h"
#include "tests/cli/watch_run.h"
#include "tests/support/worker.h"

namespace cli_test {
namespace {

using cgroupfs::Limit;
using test_support::mib;
using test_support::Worker;

/// The kernel log has pids of the initial namespace (PROC_PID_INIT_INO).
bool sees_kernel_pids() {
  struct stat status {};
  return ::stat("/proc/self/ns/pid", &status) == 0 &&
         status.st_ino == 0xEFFFFFFC;
}

class WatchKill : public WatchTest {
 protected:
  void SetUp() override {
    WatchTest::SetUp();
    log_.emplace();
    if (IsSkipped() || HasFatalFailure()) return;
    watched().memory.set(cgroupfs::File::memory_max, Limit::of(mib(16)));
    test_support::forbid_swap(watched().memory);
    ASSERT_EQ(watched().memory.limit(cgroupfs::File::memory_max),
              Limit::of(mib(16)));
  }

  /// Causes an OOM kill in the cgroup; returns the pid.
  pid_t kill_one(const cgroupfs::Cgroup& group) {
    Worker worker = Worker::start_in(group);
    const pid_t pid = worker.pid();
    EXPECT_EQ(worker.touch(mib(48)), Worker::Answer::died);
    worker.reap();
    return pid;
  }

  /// Ends the watch and returns the kills that it reported.
  static std::vector<Json> kills_of(Subprocess& run) {
    run.signal(SIGINT);
    const Ending ending = run.wait();
    EXPECT_EQ(ending.status, 130) << ending.err;
    return of_kind(watch_lines(ending.out), "oom_kill");
  }

  /// How many reports of kills in the cgroup the kernel has logged: it limits
  /// their rate, and other tests kill as well.
  std::size_t logged() {
    log_->collect();
    const std::string name = path().substr(path().rfind('/'));
    std::size_t reports = 0;
    for (const std::string_view line : cgroupfs::split_lines(log_->text())) {
      const bool report = line.find("oom-kill:constraint=") != line.npos;
      if (report && line.find(name) != line.npos) ++reports;
    }
    return reports;
  }

  /// Tries again while the kernel has logged no kill: it logs ten cgroups in
  /// five seconds, perhaps of tests before.
  void until_logged(const std::function<void()>& attempt) {
    for (int i = 0; i < 3 && logged() == 0; ++i) {
      if (i > 0) std::this_thread::sleep_for(std::chrono::seconds(5));
      attempt();
    }
    ASSERT_GT(logged(), 0u);
  }

  void check_victim(const Json& kill, pid_t pid) const {
    const Json& victim = kill["victim"];
    ASSERT_TRUE(victim.is_object()) << kill;
    EXPECT_EQ(kill["count"], 1);
    if (sees_kernel_pids()) {
      EXPECT_EQ(victim["pid"], pid);
    }
    EXPECT_EQ(victim["constraint"], "CONSTRAINT_MEMCG");
    const std::string name = path().substr(path().rfind('/'));
    EXPECT_TRUE(has(victim["oom_memcg"].get<std::string>(), name));
  }

  /// Every kill was reported, with its victim where the kernel logged it.
  void check_kills(const std::vector<Json>& kills,
                   const std::vector<pid_t>& pids) {
    std::size_t reported = 0;
    std::vector<Json> named;
    for (const Json& kill : kills) {
      reported += kill["count"].get<std::size_t>();
      EXPECT_NE(kill["victim"].is_null(),
                kill["victim_absent_because"].is_null());
      if (!kill["victim"].is_null()) named.push_back(kill);
    }
    EXPECT_EQ(reported, pids.size());
    ASSERT_EQ(named.size(), logged());
    if (named.size() != pids.size()) return;
    for (std::size_t i = 0; i < pids.size(); ++i) {
      check_victim(named[i], pids[i]);
    }
  }

 private:
  std::optional<lab::KernelLog> log_;
};

TEST_F(WatchKill, IsReportedWithItsVictim) {
  Subprocess run = start_json();
  const pid_t pid = kill_one(watched().group);
  EXPECT_TRUE(run.prints("\"kind\":\"oom_kill\""));
  const auto kills = kills_of(run);
  check_kills(kills, {pid});
}

/// Not that of a sample before.
TEST_F(WatchKill, PrecedesTheLastReadingOfThePeak) {
  Subprocess run = start_json("1h");
  kill_one(watched().group);
  run.signal(SIGINT);
  const auto lines = watch_lines(run.wait().out);
  const Json end = of_kind(lines, "end").at(0);
  if (end["peak"].is_null()) GTEST_SKIP() << "no memory.peak";
  EXPECT_GT(end["peak"], mib(15).count) << end;
  EXPECT_LT(end["highest_usage"], mib(8).count) << end;
}

TEST_F(WatchKill, InADescendantIsReported) {
  auto below = make_below(watched().group);
  Subprocess run = start_json();
  const pid_t pid = kill_one(below.group);
  EXPECT_TRUE(run.prints("\"kind\":\"oom_kill\""));
  const auto kills = kills_of(run);
  check_kills(kills, {pid});
}

/// On v1 its count is removed with its directory: only the log has it.
TEST_F(WatchKill, InARemovedChildIsReported) {
  if (!lab::KernelLog().readable()) {
    GTEST_SKIP() << "kernel log: " << lab::KernelLog().absent_because();
  }
  std::vector<Json> kills;
  pid_t pid = 0;
  ASSERT_NO_FATAL_FAILURE(until_logged([&] {
    Subprocess run = start_json("1h");
    // It cannot look in between.
    run.signal(SIGSTOP);
    {
      auto below = make_below(watched().group);
      pid = kill_one(below.group);
    }
    run.signal(SIGCONT);
    kills = kills_of(run);
  }));
  check_kills(kills, {pid});
}

/// On v1 the sum of their counts does not rise.
TEST_F(WatchKill, InARemovedChildHidesNoOther) {
  const std::string missing = missing_for_losing_kernel_log();
  if (!missing.empty()) GTEST_SKIP() << missing;
  auto one = std::make_optional(make_below(watched().group));
  auto other = make_below(watched().group);
  Subprocess run = start_json("20ms", [] { lose_kernel_log(); });
  kill_one(one->group);
  EXPECT_TRUE(run.prints("\"kind\":\"oom_kill\""));
  run.signal(SIGSTOP);
  one.reset();
  kill_one(other.group);
  run.signal(SIGCONT);
  const auto kills = kills_of(run);
  ASSERT_EQ(kills.size(), 2u) << Json(kills);
  EXPECT_EQ(kills[0]["count"], 1);
  EXPECT_EQ(kills[1]["count"], 1);
}

TEST_F(WatchKill, IsDocumentedAsMissedWithoutTheLogOnV1) {
  const std::string missing = missing_for_losing_kernel_log();
  if (!missing.empty()) GTEST_SKIP() << missing;
  for (const bool readable : {true, false}) {
    ProcessSpec spec = watch_spec({"--format", "json", "--count", "1"});
    if (!readable) spec.prepare = [] { lose_kernel_log(); };
    const Json start = watch_lines(test_support::run_process(spec).out).front();
    const Json& reason = start["kills_missed_because"];
    const bool missed = version() == cgroupfs::Version::v1 && !readable;
    EXPECT_EQ(!reason.is_null(), missed) << start;
    EXPECT_EQ(start["victims_absent_because"].is_null(), readable) << start;
    if (missed) {
      EXPECT_TRUE(has(reason.get<std::string>(), "/dev/kmsg"));
    }
  }
}

/// Its name in the log is unknown there.
TEST_F(WatchKill, AtTheRootOfANamespaceIsCounted) {
  const std::string missing = missing_for_container();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const std::string box = path();
  const std::string mount_point = memory_mount();
  Subprocess run = start_json_of(mount_point, "20ms", [&] {
    enter_cgroup_namespace(box, mount_point, version());
  });
  kill_one(watched().group);
  EXPECT_TRUE(run.prints("\"kind\":\"oom_kill\""));
  run.signal(SIGINT);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 130) << ending.err;
  const auto lines = watch_lines(ending.out);
  const auto kills = of_kind(lines, "oom_kill");
  ASSERT_EQ(kills.size(), 1u) << ending.out;
  EXPECT_EQ(kills[0]["count"], 1);
  EXPECT_FALSE(lines.front()["victims_absent_because"].is_null());
  EXPECT_EQ(kills[0]["victim_absent_because"],
            lines.front()["victims_absent_because"]);
}

/// Several between two samples.
TEST_F(WatchKill, EachOfSeveralIsReported) {
  if (!lab::KernelLog().readable()) {
    GTEST_SKIP() << "kernel log: " << lab::KernelLog().absent_because();
  }
  Subprocess run = start_json("1h");
  const pid_t first = kill_one(watched().group);
  const pid_t second = kill_one(watched().group);
  const auto kills = kills_of(run);
  check_kills(kills, {first, second});
}

TEST_F(WatchKill, InASiblingIsNotReported) {
  auto other = make_below(nest());
  other.memory.set(cgroupfs::File::memory_max, Limit::of(mib(16)));
  test_support::forbid_swap(other.memory);
  Subprocess run = start_json();
  kill_one(other.group);
  EXPECT_EQ(kills_of(run).size(), 0u);
}

TEST_F(WatchKill, RightBeforeTheCgroupIsRemovedIsReported) {
  Subprocess run = start_json("1s");
  kill_one(watched().group);
  remove_watched();
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 0) << ending.err;
  const auto lines = watch_lines(ending.out);
  const auto kills = of_kind(lines, "oom_kill");
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines.back()["reason"], "gone");
  if (logged() == 1) {
    EXPECT_EQ(kills.size(), 1u);
  }
}

TEST_F(WatchKill, OfAWholeGroupIsReportedForEach) {
  const std::string missing =
      test_support::missing(watched().memory, cgroupfs::File::memory_oom_group);
  if (!missing.empty()) GTEST_SKIP() << missing;
  if (!lab::KernelLog().readable()) {
    GTEST_SKIP() << "kernel log: " << lab::KernelLog().absent_because();
  }
  watched().memory.set(cgroupfs::File::memory_oom_group, 1);
  std::vector<Json> kills;
  ASSERT_NO_FATAL_FAILURE(until_logged([&] {
    Worker bystander = Worker::start_in(watched().group);
    EXPECT_EQ(bystander.touch(mib(1)), Worker::Answer::done);
    Subprocess run = start_json();
    kill_one(watched().group);
    bystander.reap();
    kills = kills_of(run);
  }));
  ASSERT_EQ(kills.size(), 2u) << Json(kills);
  EXPECT_NE(kills[0]["victim"]["pid"], kills[1]["victim"]["pid"]);
}

/// Any opening for writing would fail.
TEST_F(WatchKill, IsSeenThroughAReadOnlyMount) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const std::string mount_point = memory_mount();
  Subprocess run = start_json("20ms", [&] {
    leave_mounts();
    make_read_only(mount_point);
  });
  const pid_t pid = kill_one(watched().group);
  EXPECT_TRUE(run.prints("\"kind\":\"oom_kill\""));
  const auto kills = kills_of(run);
  check_kills(kills, {pid});
}

TEST_F(WatchKill, IsCountedWhereTheLogIsUnreadable) {
  const std::string missing = missing_for_user(65534);
  if (!missing.empty()) GTEST_SKIP() << missing;
  const bool readable = succeeds_in_child([] {
    become_user(65534);
    return lab::KernelLog().readable();
  });
  if (readable) GTEST_SKIP() << "dmesg_restrict: any user may read the log";
  Subprocess run = start_json("20ms", [] { become_user(65534); });
  kill_one(watched().group);
  EXPECT_TRUE(run.prints("\"kind\":\"oom_kill\""));
  const auto kills = kills_of(run);
  ASSERT_EQ(kills.size(), 1u);
  EXPECT_EQ(kills[0]["count"], 1);
  EXPECT_TRUE(kills[0]["victim"].is_null());
  EXPECT_TRUE(
      has(kills[0]["victim_absent_because"].get<std::string>(), "/dev/kmsg"));
}

}  // namespace
}  // namespace cli_test
