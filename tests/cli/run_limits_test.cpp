// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <csignal>

#include "tests/cli/record_checks.h"
#include "tests/cli/run_fixture.h"
#include "tests/support/reason.h"

namespace cli_test {
namespace {

using cgroupfs::Version;

class RunLimits : public RunTest {
 protected:
  /// Empty, or why the nest cannot enable pids for children.
  std::string prepare_pids() const {
    if (version() == Version::v1) {
      const auto search = cgroupfs::find_controller("pids");
      return search.v1 || search.v2 ? "" : "no pids controller";
    }
    const std::string has = nest().directory().read("cgroup.controllers");
    if (has.find("pids") == has.npos) return "pids: not handed to this cgroup";
    nest().directory().write("cgroup.subtree_control", "+pids");
    return "";
  }
};

TEST_F(RunLimits, KillTheCommand) {
  const Json record =
      record_of({"--limit", "16M"}, "exec " + hog("64M"), 128 + SIGKILL);
  EXPECT_EQ(record["verdict"]["status"], "oom_killed");
  EXPECT_EQ(record["verdict"]["limit_owner"], "own");
  EXPECT_EQ(record["evidence"]["before"]["oom_kill"], 0);
  EXPECT_EQ(record["evidence"]["after"]["oom_kill"], 1);
  EXPECT_EQ(hard_limit(record)["actual"], 16 << 20);
}

TEST_F(RunLimits, KillWhatTheCommandHasStarted) {
  const Json record = record_of({"--limit", "16M"}, hog("64M") + "; exit 5", 5);
  EXPECT_EQ(record["verdict"]["status"], "oom_killed_inside");
  EXPECT_EQ(record["processes"][0]["exit_code"], 5);
  if (!record["evidence"]["victims"].empty()) {
    EXPECT_TRUE(has(test_support::reason_in(record), "malloc_demo (pid "));
  }
}

TEST_F(RunLimits, AreNotBlamedForAForeignSigkill) {
  const Json record =
      record_of({"--limit", "16M"}, "kill -KILL $$", 128 + SIGKILL);
  EXPECT_EQ(record["verdict"]["status"], "killed");
}

TEST_F(RunLimits, OfV2AreUnavailableOnV1) {
  if (version() == Version::v2) GTEST_SKIP() << "cgroup v1";
  for (const Words& option : {Words{"--high", "8M"}, Words{"--oom-group"}}) {
    const Ending ending = run(option, {"true"});
    EXPECT_EQ(ending.status, 77);
    EXPECT_TRUE(has(ending.err, option.front()));
    EXPECT_TRUE(has(ending.err, "scripts/vm -- cglab run"));
  }
  EXPECT_EQ(run({"--swap", "1M"}, {"true"}).status, 77);
}

TEST_F(RunLimits, ThrottleAtHigh) {
  if (version() == Version::v1) GTEST_SKIP() << "memory.high: cgroup v2";
  const Json record =
      record_of({"--high", "8M", "--swap", "0", "--timeout", "60s"},
                "exec " + hog("9M"), 0);
  EXPECT_EQ(record["verdict"]["status"], "throttled");
  EXPECT_GT(record["evidence"]["after"]["events"]["high"], 0);
  EXPECT_EQ(record["evidence"]["after"]["oom_kill"], 0);
  EXPECT_EQ(limit_of(record, "memory.high")["asked"], "8388608");
  EXPECT_EQ(limit_of(record, "memory.high")["actual"], 8 << 20);
}

TEST_F(RunLimits, KillAllTogetherInAnOomGroup) {
  if (version() == Version::v1) GTEST_SKIP() << "memory.oom.group: cgroup v2";
  const Json record =
      record_of({"--limit", "16M", "--oom-group"},
                "sleep 1000 & " + hog("64M") + "; exit 5", 128 + SIGKILL);
  if (record["evidence"]["kernel_log_complete"].get<bool>()) {
    EXPECT_EQ(record["verdict"]["status"], "oom_killed");
    EXPECT_GE(record["evidence"]["victims"].size(), 3u);
  } else {
    EXPECT_EQ(record["verdict"]["status"], "oom_killed_undetermined");
  }
  EXPECT_EQ(record["evidence"]["after"]["events"]["oom_group_kill"], 1);
  EXPECT_EQ(limit_of(record, "memory.oom.group")["actual"], 1);
}

TEST_F(RunLimits, RefuseForks) {
  const std::string missing = prepare_pids();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const std::string script =
      "echo $CGLAB_PIDS >&2; for i in 1 2 3 4 5 6 7 8; do sleep 1 & done; wait";
  Words arguments{"--pids", "5", "--env"};
  const Ending ending = run_script(arguments, script);
  EXPECT_EQ(ending.err.find("5\n"), 0u) << ending.err;
  EXPECT_TRUE(has(ending.err, "pids limit"));
  const Json record = record_of({"--pids", "5"}, script, ending.status);
  EXPECT_EQ(limit_of(record, "pids.max")["actual"], 5);
  ASSERT_EQ(record["readings"].size(), 1u);
  EXPECT_EQ(record["readings"][0]["mark"], "after");
  EXPECT_EQ(record["readings"][0]["subject"], "run");
  EXPECT_GT(record["readings"][0]["values"]["forks_refused"], 0);
}

TEST_F(RunLimits, OfPidsNeedTheController) {
  if (version() == Version::v1) GTEST_SKIP() << "cgroup v2";
  const Ending ending = run({"--pids", "5"}, {"true"});
  EXPECT_EQ(ending.status, 77);
  EXPECT_TRUE(has(ending.err,
                  "echo +pids > " + nest().path() + "/cgroup.subtree_control"));
}

TEST_F(RunLimits, OfPidsAreCleanedUpAfterAKill) {
  const std::string missing = prepare_pids();
  if (!missing.empty()) GTEST_SKIP() << missing;
  Subprocess run =
      start_script({"--pids", "5"}, "echo up >&2; exec sleep 1000");
  ASSERT_TRUE(run.says("up"));
  EXPECT_FALSE(groups_of(run.pid()).empty());
  run.signal(SIGKILL);
  const Ending ending = run.wait();
  EXPECT_EQ(cglab({"clean"}).status, 0);
  EXPECT_EQ(groups_of(ending.pid), Words());
}

}  // namespace
}  // namespace cli_test
