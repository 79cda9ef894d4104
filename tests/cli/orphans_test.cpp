// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <csignal>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lab/place/owner.h"
#include "tests/cli/cli_test.h"
#include "tests/support/worker.h"

namespace cli_test {
namespace {

const Words slow{"--limit", "64M", "--ramp", "1m"};
const Words fast{"--limit", "8M", "--ramp", "0"};

class Orphans : public CliTest {
 protected:
  /// The path of the group that a run left when it was killed.
  std::string make_orphan() {
    Subprocess run = start_oom(slow);
    std::string path = running_group().path();
    const pid_t hog = climbing_hog();
    run.signal(SIGKILL);
    run.wait();
    EXPECT_TRUE(ends(hog));
    return path;
  }

  std::string make_by_hand(const std::string& name) {
    nest().directory().make_directory(name);
    return nest().directory().path_of(name);
  }

  bool is_there(const std::string& path) const {
    return ::access(path.c_str(), F_OK) == 0;
  }
};

TEST_F(Orphans, AreOnlyNamedByADryRun) {
  const std::string orphan = make_orphan();
  for (int i = 0; i < 2; ++i) {
    const Ending ending = cglab({"clean", "--dry-run"});
    EXPECT_EQ(ending.status, 0) << ending.err;
    EXPECT_TRUE(has(ending.out, "would remove " + orphan + "\n"));
    EXPECT_TRUE(is_there(orphan));
  }
  cglab({"clean"});
}

TEST_F(Orphans, AreRemovedByClean) {
  const std::string orphan = make_orphan();
  const Ending ending = cglab({"clean"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "removed " + orphan + "\n"));
  EXPECT_FALSE(is_there(orphan));
  EXPECT_FALSE(has(cglab({"clean"}).out, orphan));
}

TEST_F(Orphans, AreRemovedByTheNextRun) {
  const std::string orphan = make_orphan();
  const Ending ending = oom(fast);
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.err, orphan));
  EXPECT_FALSE(is_there(orphan));
}

TEST_F(Orphans, AreInTheRecordOfTheNextRun) {
  const std::string orphan = make_orphan();
  const Ending ending =
      oom({"--limit", "8M", "--ramp", "0", "--quiet", "--json", "-"});
  EXPECT_EQ(parse_record(ending.out)["cleanup"]["orphans_removed"],
            Json::array({orphan}));
}

TEST_F(Orphans, AreGroupsOfAnEarlierBootToo) {
  lab::Owner earlier = lab::this_process();
  earlier.boot_id = earlier.boot_id == "00000000" ? "00000001" : "00000000";
  const std::string orphan = make_by_hand(lab::group_name("oom", earlier));
  EXPECT_TRUE(has(cglab({"clean"}).out, "removed " + orphan + "\n"));
  EXPECT_FALSE(is_there(orphan));
}

TEST_F(Orphans, AreGroupsOfAReusedPidToo) {
  lab::Owner earlier = lab::this_process();
  --earlier.start_time;
  const std::string orphan = make_by_hand(lab::group_name("oom", earlier));
  EXPECT_TRUE(has(cglab({"clean"}).out, "removed " + orphan + "\n"));
  EXPECT_FALSE(is_there(orphan));
}

TEST_F(Orphans, AreNotGroupsOfOtherNames) {
  lab::Owner gone = lab::this_process();
  --gone.start_time;
  const std::string name = lab::group_name("oom", gone);
  const std::string kept = lab::kept_group_name("oom", gone);
  Words others{"cglab.oom.byhand",
               "cglab.oom.",
               "cglab.oom",
               "cglab.oom.1-2-3",
               "cglab.oom.1-2-DEADBEEF",
               "cglab.oom.0-2-deadbeef",
               "cglab.oom.-1-2-deadbeef",
               "cglab.oom.1-2-deadbeef-3",
               "cglab.oom.99999999999-2-deadbeef",
               "cglab.OOM.1-2-deadbeef",
               "cglab..1-2-deadbeef",
               "mylab.oom.1-2-deadbeef",
               kept,
               name + ".old",
               "x" + name};
  for (const std::string& other : others) make_by_hand(other);
  const Ending clean = cglab({"clean"});
  EXPECT_EQ(clean.status, 0) << clean.err;
  EXPECT_FALSE(has(clean.out, "removed " + nest().path()));
  EXPECT_TRUE(has(clean.out, "kept " + nest().directory().path_of(kept)));
  EXPECT_FALSE(has(clean.out, "kept " + nest().directory().path_of(name)));
  EXPECT_EQ(oom(fast).status, 0);
  for (const std::string& other : others) {
    EXPECT_EQ(::rmdir(nest().directory().path_of(other).c_str()), 0) << other;
  }
}

/// Perhaps its owner is in another PID namespace; perhaps another user wants it
/// to stay.
TEST_F(Orphans, ThatAreLockedAreUndecided) {
  lab::Owner gone = lab::this_process();
  --gone.start_time;
  const std::string path = make_by_hand(lab::group_name("oom", gone));
  test_support::Worker worker =
      test_support::Worker::start_in(cgroupfs::Cgroup::open(path, version()));
  auto group = cgroupfs::Cgroup::open(path, version());
  ASSERT_TRUE(lab::lock_group(group));
  const std::string line = "undecided " + path + " (locked by cli_test (pid " +
                           std::to_string(::getpid()) + ")";
  for (const Words& words : {Words{"clean", "--dry-run"}, Words{"clean"}}) {
    const Ending ending = cglab(words);
    EXPECT_EQ(ending.status, 0) << ending.err;
    EXPECT_TRUE(has(ending.out, line)) << ending.out;
    EXPECT_FALSE(has(ending.out, "nothing to clean")) << ending.out;
  }
  const Ending run = oom(fast);
  EXPECT_EQ(run.status, 0) << run.err;
  EXPECT_FALSE(has(run.err, path)) << run.err;
  EXPECT_TRUE(is_running(worker.pid()));

  group = cgroupfs::Cgroup::open(nest().path(), version());
  EXPECT_TRUE(has(cglab({"clean"}).out, "removed " + path + "\n"));
  worker.reap();
}

/// A leaf exists only on v2.
TEST_F(Orphans, AreNotLeavesOnV1) {
  if (version() == cgroupfs::Version::v2) GTEST_SKIP() << "cgroup v1";
  const std::string leaf = make_by_hand("cglab.supervisor");
  const Ending ending = cglab({"clean"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_FALSE(has(ending.out + ending.err, leaf));
  EXPECT_EQ(oom(fast).status, 0);
  EXPECT_EQ(::rmdir(leaf.c_str()), 0);
}

/// Any user who can create a cgroup can lock it, which must not block others.
TEST_F(Orphans, AreNotWaitedForWhereALeafIsLocked) {
  if (version() == cgroupfs::Version::v1) GTEST_SKIP() << "cgroup v2";
  const std::string leaf = make_by_hand("cglab.supervisor");
  auto group = cgroupfs::Cgroup::open(leaf, version());
  ASSERT_TRUE(lab::lock_group(group));
  const std::string by =
      "locked by cli_test (pid " + std::to_string(::getpid()) + ")";
  const Ending clean = cglab({"clean"});
  EXPECT_EQ(clean.status, 0) << clean.err;
  EXPECT_TRUE(has(clean.out, "undecided " + leaf + " (" + by)) << clean.out;

  const Ending run = oom(fast);
  EXPECT_EQ(run.status, 3) << run.out;
  EXPECT_TRUE(has(run.err, leaf + " is " + by)) << run.err;
  EXPECT_TRUE(has(run.err, "--parent")) << run.err;

  // While it waits for the lock, or before.
  Subprocess interrupted = start_oom(fast);
  ::usleep(100000);
  interrupted.signal(SIGTERM);
  EXPECT_EQ(interrupted.wait().status, 128 + SIGTERM);

  group = cgroupfs::Cgroup::open(nest().path(), version());
  EXPECT_TRUE(has(cglab({"clean"}).out, "removed " + leaf + "\n"));
}

TEST_F(Orphans, WithAPathOfControlCharactersArePrintedEscaped) {
  const std::string between = make_by_hand("be\033[31mtween");
  const auto group = cgroupfs::Cgroup::open(between, version());
  lab::Owner gone = lab::this_process();
  --gone.start_time;
  group.directory().make_directory(lab::group_name("oom", gone));
  const Ending ending = cglab({"clean"});
  EXPECT_TRUE(has(ending.out, "/be\\x1b[31mtween/cglab.oom.")) << ending.out;
  EXPECT_EQ(::rmdir(between.c_str()), 0);
}

/// Deeper than there are descriptors.
TEST_F(Orphans, AreFoundBelowATreeOfOthers) {
  constexpr int depth = 70;
  Words paths{make_by_hand("cglab-deep")};
  for (int i = 1; i < depth; ++i) {
    paths.push_back(paths.back() + "/d");
    ASSERT_EQ(::mkdir(paths.back().c_str(), 0755), 0);
  }
  lab::Owner gone = lab::this_process();
  --gone.start_time;
  const std::string orphan = paths.back() + "/" + lab::group_name("oom", gone);
  ASSERT_EQ(::mkdir(orphan.c_str(), 0755), 0);
  ProcessSpec clean = cglab_spec({"clean"});
  clean.prepare = [] {
    const rlimit few{64, 64};
    ::setrlimit(RLIMIT_NOFILE, &few);
  };
  const Ending ending = test_support::run_process(clean);
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "removed " + orphan));
  for (auto path = paths.rbegin(); path != paths.rend(); ++path) {
    EXPECT_EQ(::rmdir(path->c_str()), 0) << *path;
  }
}

class Kept : public Orphans {
 protected:
  std::string make_kept() {
    EXPECT_EQ(oom({"--limit", "8M", "--ramp", "0", "--keep"}).status, 0);
    return nest().directory().path_of(in_nest().front());
  }
};

TEST_F(Kept, AreListedAndRemovedWhenAsked) {
  const std::string path = make_kept();
  for (const Words& words : {Words{"clean"}, Words{"clean", "--dry-run"}}) {
    const Ending ending = cglab(words);
    EXPECT_EQ(ending.status, 0) << ending.err;
    EXPECT_TRUE(has(ending.out, "kept " + path + " ")) << ending.out;
    EXPECT_TRUE(has(ending.out, "cglab clean --kept")) << ending.out;
    EXPECT_FALSE(has(ending.out, "nothing to clean")) << ending.out;
  }
  const Ending dry = cglab({"clean", "--kept", "--dry-run"});
  EXPECT_TRUE(has(dry.out, "would remove " + path + "\n")) << dry.out;
  EXPECT_TRUE(is_there(path));
  const Ending ending = cglab({"clean", "--kept"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "removed " + path + "\n")) << ending.out;
  EXPECT_FALSE(is_there(path));
}

TEST_F(Kept, WithAllBelowThem) {
  const Ending ending =
      cglab({"parent", "--parent", nest().path(), "--keep", "--quiet"});
  ASSERT_EQ(ending.status, 0) << ending.err;
  const std::string path = nest().directory().path_of(in_nest().front());
  EXPECT_TRUE(has(cglab({"clean", "--kept"}).out, "removed " + path + "\n"));
}

/// Somebody has put it there to look at what it does.
TEST_F(Kept, StayWithWhatRunsInThem) {
  const std::string path = make_kept();
  const auto group = cgroupfs::Cgroup::open(path, version());
  test_support::Worker worker = test_support::Worker::start_in(group);
  const Ending ending = cglab({"clean", "--kept"});
  EXPECT_EQ(ending.status, 4);
  EXPECT_TRUE(has(ending.err, path + " is left: processes run in it (pid " +
                                  std::to_string(worker.pid()) + ")"))
      << ending.err;
  EXPECT_TRUE(is_running(worker.pid()));
  worker.kill();
  worker.reap();
  EXPECT_EQ(cglab({"clean", "--kept"}).status, 0);
}

TEST_F(Kept, ThatAreLockedAreUndecided) {
  const std::string path = make_kept();
  auto group = cgroupfs::Cgroup::open(path, version());
  ASSERT_TRUE(lab::lock_group(group));
  for (const Words& words : {Words{"clean"}, Words{"clean", "--kept"}}) {
    const Ending ending = cglab(words);
    EXPECT_EQ(ending.status, 0) << ending.err;
    EXPECT_TRUE(has(ending.out, "undecided " + path)) << ending.out;
  }
  group = cgroupfs::Cgroup::open(nest().path(), version());
  EXPECT_TRUE(has(cglab({"clean", "--kept"}).out, "removed " + path));
}

TEST_F(Kept, StayWhileTheirRunGoesOn) {
  Subprocess run = start_oom({"--limit", "64M", "--ramp", "1m", "--keep"});
  const pid_t hog = climbing_hog();
  const std::string path = running_group().path();
  EXPECT_FALSE(has(cglab({"clean", "--kept"}).out, path));
  EXPECT_TRUE(is_running(hog));
  run.signal(SIGINT);
  EXPECT_EQ(run.wait().status, 130);
  EXPECT_TRUE(has(cglab({"clean", "--kept"}).out, "removed " + path));
}

TEST_F(Orphans, AreNotGroupsOfLiveOwners) {
  const std::string mine =
      make_by_hand(lab::group_name("oom", lab::this_process()));
  EXPECT_FALSE(has(cglab({"clean"}).out, mine));
  EXPECT_EQ(oom(fast).status, 0);
  EXPECT_EQ(::rmdir(mine.c_str()), 0);
}

TEST_F(Orphans, AreNotGroupsOfLiveRuns) {
  Subprocess run = start_oom(slow);
  const pid_t hog = climbing_hog();
  const std::string live = running_group().path();
  EXPECT_FALSE(has(cglab({"clean", "--dry-run"}).out, live));
  EXPECT_FALSE(has(cglab({"clean"}).out, live));
  EXPECT_EQ(oom(fast).status, 0);
  EXPECT_TRUE(is_running(hog));
  EXPECT_TRUE(is_there(live));
  run.signal(SIGINT);
  EXPECT_EQ(run.wait().status, 130);
}

TEST_F(Orphans, DeepBelowOtherGroupsAreFound) {
  const std::string between = make_by_hand("between");
  const auto group = cgroupfs::Cgroup::open(between, version());
  lab::Owner gone = lab::this_process();
  --gone.start_time;
  const std::string name = lab::group_name("oom", gone);
  group.directory().make_directory(name);
  EXPECT_TRUE(has(cglab({"clean"}).out, "removed " + between + "/" + name));
  EXPECT_EQ(::rmdir(between.c_str()), 0);
}

}  // namespace
}  // namespace cli_test
