// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "lab/report/text_width.h"
#include "tests/cli/own_world.h"
#include "tests/cli/watch_run.h"
#include "tests/support/worker.h"

namespace cli_test {
namespace {

using cgroupfs::Version;
using test_support::Worker;

/// Watches of a process in the cgroup.
class WatchProcess : public WatchTest {
 protected:
  void SetUp() override {
    WatchTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    other_.emplace(make_below(nest()));
    worker_.emplace(Worker::start_in(watched().group));
  }

  void TearDown() override {
    worker_.reset();
    other_.reset();
    WatchTest::TearDown();
  }

  Worker& worker() { return *worker_; }
  /// A sibling of the watched cgroup.
  cgroupfs::Cgroup& other() { return other_->group; }

  Subprocess start(
      const std::string& interval = "1h",
      const std::function<void()>& prepare = [] {}) {
    return start_json_of(std::to_string(worker().pid()), interval, prepare);
  }

  static std::vector<Json> lines_of(Subprocess& run) {
    run.signal(SIGINT);
    const Ending ending = run.wait();
    EXPECT_EQ(ending.status, 130) << ending.err;
    return watch_lines(ending.out);
  }

  void check_move(const Json& move, const std::string& from,
                  const std::string& to, bool inside) {
    EXPECT_EQ(move["pid"], worker().pid());
    EXPECT_EQ(move["from"], from);
    EXPECT_EQ(move["to"], to);
    EXPECT_EQ(move["inside"], inside);
  }

 private:
  std::optional<test_support::MemoryGroup> other_;
  std::optional<Worker> worker_;
};

/// Without another sample, too.
TEST_F(WatchProcess, MoveIsReported) {
  for (const char* const interval : {"20ms", "1h"}) {
    Subprocess run = start(interval);
    other().add(worker().pid());
    EXPECT_TRUE(run.prints("\"kind\":\"process_moved\""));
    watched().group.add(worker().pid());
    EXPECT_TRUE(run.prints("\"inside\":true"));
    const auto lines = lines_of(run);
    const auto moves = of_kind(lines, "process_moved");
    ASSERT_EQ(moves.size(), 2u) << interval;
    check_move(moves[0], path(), other().path(), false);
    check_move(moves[1], other().path(), path(), true);
    EXPECT_EQ(lines.front()["path"], path());
  }
}

TEST_F(WatchProcess, MoveToADescendantIsReported) {
  const auto below =
      cgroupfs::Cgroup::create(watched().group.directory(), "below", version());
  Subprocess run = start();
  below.add(worker().pid());
  EXPECT_TRUE(run.prints("\"kind\":\"process_moved\""));
  const auto moves = of_kind(lines_of(run), "process_moved");
  ASSERT_EQ(moves.size(), 1u);
  check_move(moves[0], path(), below.path(), true);
  worker().kill();
  worker().reap();
}

/// Later samples are still those of the cgroup.
TEST_F(WatchProcess, IsNotFollowed) {
  Subprocess run = start("20ms");
  other().add(worker().pid());
  EXPECT_TRUE(run.prints("\"processes\":0"));
  const auto lines = lines_of(run);
  EXPECT_EQ(of_kind(lines, "process_moved").size(), 1u);
  EXPECT_EQ(of_kind(lines, "sample").back()["processes"], 0);
}

TEST_F(WatchProcess, EndIsReportedOnce) {
  for (const char* const interval : {"20ms", "1h"}) {
    auto process = Worker::start_in(watched().group);
    Subprocess run = start_json_of(std::to_string(process.pid()), interval);
    const pid_t pid = process.pid();
    // A zombie has ended, whenever it is reaped.
    process.kill();
    EXPECT_TRUE(run.prints("\"kind\":\"process_ended\""));
    process.reap();
    const auto lines = lines_of(run);
    const auto ends = of_kind(lines, "process_ended");
    ASSERT_EQ(ends.size(), 1u) << interval;
    EXPECT_EQ(ends[0]["pid"], pid);
    EXPECT_EQ(ends[0]["from"], path());
    EXPECT_TRUE(of_kind(lines, "process_moved").empty());
    EXPECT_EQ(lines.back()["reason"], "interrupted");
  }
}

TEST_F(WatchProcess, EndsBeforeItsCgroupIsRemoved) {
  Subprocess run = start();
  worker().kill();
  worker().reap();
  remove_watched();
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 0) << ending.err;
  const auto lines = watch_lines(ending.out);
  EXPECT_EQ(of_kind(lines, "process_ended").size(), 1u);
  EXPECT_EQ(lines.back()["reason"], "gone");
}

TEST_F(WatchProcess, MovesBeforeItsCgroupIsRemoved) {
  Subprocess run = start();
  other().add(worker().pid());
  remove_watched();
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 0) << ending.err;
  const auto lines = watch_lines(ending.out);
  const auto moves = of_kind(lines, "process_moved");
  ASSERT_EQ(moves.size(), 1u) << ending.out;
  check_move(moves[0], path(), other().path(), false);
  EXPECT_EQ(lines.back()["reason"], "gone");
}

TEST_F(WatchProcess, IsIdentifiedByItsStartTimeWithoutPidfds) {
  Subprocess run = start("20ms", [] { forbid_process_calls(); });
  other().add(worker().pid());
  EXPECT_TRUE(run.prints("\"kind\":\"process_moved\""));
  worker().kill();
  EXPECT_TRUE(run.prints("\"kind\":\"process_ended\""));
  worker().reap();
  const auto lines = lines_of(run);
  EXPECT_EQ(of_kind(lines, "process_moved").size(), 1u);
  const auto ends = of_kind(lines, "process_ended");
  ASSERT_EQ(ends.size(), 1u);
  EXPECT_EQ(ends[0]["from"], other().path());
}

TEST_F(WatchProcess, MayMoveOutOfTheMountedHierarchy) {
  const std::string missing = missing_for_container();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const std::string box = watched().group.path();
  const auto inner =
      cgroupfs::Cgroup::create(watched().group.directory(), "inner", version());
  auto process = Worker::start_in(inner);
  const std::string mount_point = memory_mount();
  // On v2 the processes of `watched` keep it from having the controller.
  Subprocess run = start_json_of(std::to_string(process.pid()), "20ms", [&] {
    enter_cgroup_namespace(box, mount_point, version());
  });
  other().add(process.pid());
  EXPECT_TRUE(run.prints("\"kind\":\"process_moved\""));
  const auto moves = of_kind(lines_of(run), "process_moved");
  ASSERT_EQ(moves.size(), 1u);
  EXPECT_EQ(moves[0]["from"], mount_point + "/inner");
  const std::string name = other().path().substr(other().path().rfind('/'));
  EXPECT_EQ(moves[0]["to"], "/.." + name);
  EXPECT_EQ(moves[0]["inside"], false);
  process.kill();
}

/// As with a hidepid option of /proc, which hides processes of others.
TEST_F(WatchProcess, MayBecomeHidden) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  Subprocess run = start("20ms", [] { leave_mounts(); });
  ASSERT_TRUE(succeeds_in_child([&] {
    join_mounts_of(run.pid());
    hide("/proc");
    return true;
  }));
  EXPECT_TRUE(run.prints("\"kind\":\"process_hidden\""));
  worker().kill();
  EXPECT_TRUE(run.prints("\"kind\":\"process_ended\""));
  const auto lines = lines_of(run);
  EXPECT_EQ(of_kind(lines, "process_hidden").size(), 1u);
  EXPECT_TRUE(of_kind(lines, "process_moved").empty());
}

TEST_F(WatchProcess, MoveIsReportedInPlainLinesAndOnATerminal) {
  for (const bool terminal : {false, true}) {
    ProcessSpec spec = cglab_spec(
        {"watch", std::to_string(worker().pid()), "--interval", "20ms"});
    spec.terminals = terminal;
    Subprocess run = Subprocess::start(spec);
    EXPECT_TRUE(run.prints(terminal ? "none so far" : "no limit in effect"));
    other().add(worker().pid());
    const std::string process = "process " + std::to_string(worker().pid());
    EXPECT_TRUE(run.prints(process + " moved to"));
    EXPECT_TRUE(
        run.prints(lab::shortened_path(other().path(), terminal ? 65 : 60)));
    // A terminal may have a new line between two words.
    EXPECT_TRUE(run.prints(terminal ? "still" : "still watching"));
    watched().group.add(worker().pid());
    EXPECT_TRUE(run.prints(process + " moved from"));
    EXPECT_TRUE(run.prints(terminal ? "watched" : "the watched cgroup"));
    run.signal(SIGINT);
    run.wait();
  }
}

class WatchName : public WatchProcess {
 protected:
  void SetUp() override {
    WatchProcess::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    if (version() == Version::v2) {
      GTEST_SKIP() << "cgroup v1: cgroups of v2 cannot be renamed";
    }
  }
};

TEST_F(WatchName, IsThatOfNow) {
  auto group =
      cgroupfs::Cgroup::create(nest().directory(), "before", version());
  group.add(worker().pid());
  const std::string before = group.path();
  const std::string after = nest().path() + "/after";
  Subprocess run = start("20ms");
  std::filesystem::rename(before, after);
  group.disown();
  const auto renamed =
      cgroupfs::Cgroup::adopt(nest().directory(), "after", version());
  EXPECT_TRUE(run.prints("\"kind\":\"renamed\""));
  cgroupfs::Memory::open(renamed).set(
      cgroupfs::File::memory_max, cgroupfs::Limit::of(test_support::mib(16)));
  test_support::forbid_swap(cgroupfs::Memory::open(renamed));
  EXPECT_TRUE(run.prints("\"binding\":{"));
  EXPECT_EQ(worker().touch(test_support::mib(48)), Worker::Answer::died);
  EXPECT_TRUE(run.prints("\"kind\":\"oom_kill\""));
  const auto lines = lines_of(run);
  const auto renames = of_kind(lines, "renamed");
  ASSERT_EQ(renames.size(), 1u);
  EXPECT_EQ(renames[0]["from"], before);
  EXPECT_EQ(renames[0]["to"], after);
  EXPECT_TRUE(of_kind(lines, "process_moved").empty());
  EXPECT_EQ(of_kind(lines, "sample").back()["binding"]["path"], after);
  const auto kills = of_kind(lines, "oom_kill");
  ASSERT_EQ(kills.size(), 1u);
  EXPECT_EQ(kills[0]["count"], 1);
}

TEST_F(WatchProcess, OfAnotherCgroupOfTheSameNameIsNotWatched) {
  const std::string name = path().substr(path().rfind('/') + 1);
  Subprocess run = start_json();
  other().add(worker().pid());
  // It cannot look in between.
  run.signal(SIGSTOP);
  remove_watched();
  const auto again =
      cgroupfs::Cgroup::create(nest().directory(), name, version());
  run.signal(SIGCONT);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 0) << ending.err;
  const auto lines = watch_lines(ending.out);
  EXPECT_EQ(lines.back()["reason"], "gone");
  EXPECT_EQ(lines.back()["made_again"], true);
}

}  // namespace
}  // namespace cli_test
