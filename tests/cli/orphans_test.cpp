// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <csignal>

#include <sys/stat.h>
#include <unistd.h>

#include "lab/place/owner.h"
#include "tests/cli/cli_test.h"

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
