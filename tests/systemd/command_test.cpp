// SPDX-License-Identifier: MIT
// The commands other than oom, where systemd manages the cgroups.
#include "tests/systemd/systemd_test.h"

#include <csignal>

#include "tests/support/error_text.h"
#include "tests/support/wait.h"

namespace systemd_test {
namespace {

using Commands = Systemd;

TEST_F(Commands, RunGivesACommandAScope) {
  for (const unsigned user : {0u, delegated}) {
    const Ending ending =
        shell("cglab run --limit 32M --pids 50 -v -- sh -c 'exit 7'", user);
    EXPECT_EQ(ending.status, 7) << ending.err;
    EXPECT_TRUE(has(ending.err, "placed in: a scope delegated by"));
    EXPECT_TRUE(has(ending.err, "pids.max"));
  }
}

TEST_F(Commands, RunProvesTheKillOfACommand) {
  const Ending ending = shell(
      "cglab run --limit 16M -- malloc_demo --total 64M --ramp 0", delegated);
  EXPECT_EQ(ending.status, 137);
  EXPECT_TRUE(has(ending.err, "OOM KILL PROVEN"));
}

/// The entry has the fields by which it is found.
TEST_F(Commands, WatchWritesKillsToTheJournal) {
  test_support::Subprocess watch = test_support::Subprocess::start(
      shell_spec("exec cglab watch --all --journal --log - --interval 100ms"));
  const std::string entries =
      "journalctl -q -o json --no-pager SYSLOG_IDENTIFIER=cglab "
      "MESSAGE_ID=7b2d6b1c6d0c4e0f9d3a5f4f0f6c1a58";
  ASSERT_EQ(shell(run_oom).status, 0);
  ASSERT_TRUE(watch.prints("\"kind\":\"oom_kill\""));
  ASSERT_TRUE(test_support::wait_until(
      [&] { return has(shell(entries).out, "CGLAB_CGROUP"); }));
  const Ending found = shell(entries);
  EXPECT_TRUE(has(found.out, "\"CGLAB_VICTIM_NAME\":\"malloc_demo\""))
      << found.out;
  EXPECT_TRUE(has(found.out, "OOM kill of pid ")) << found.out;
  EXPECT_TRUE(has(found.out, "\"PRIORITY\":\"3\"")) << found.out;
  watch.signal(SIGTERM);
  EXPECT_EQ(watch.wait().status, 128 + SIGTERM);
}

TEST_F(Commands, CleanRemovesWhatAKilledRunLeftInItsScope) {
  test_support::Subprocess run = test_support::Subprocess::start(
      shell_spec("exec cglab run --limit 32M -v -- sh -c 'setsid sleep 600 > "
                 "/dev/null 2>&1 & wait'"));
  ASSERT_TRUE(run.says("gate opened"));
  ASSERT_TRUE(test_support::wait_until(
      [] { return has(shell("pgrep -x sleep").out, "\n"); }));
  run.signal(SIGKILL);
  run.wait();
  // The scope stays for the daemon in it.
  EXPECT_TRUE(has(groups_left(), ".scope/cglab.run."));
  const Ending clean = shell("cglab clean");
  EXPECT_EQ(clean.status, 0) << clean.err;
  EXPECT_TRUE(has(clean.out, ".scope/cglab.run."));
}

/// The exercise as it is typed: its first command opens a shell, which reads
/// the others.
TEST_F(Commands, ExerciseWorksForRootAndForAUser) {
  const std::string script =
      "folder=$(mktemp -d) && cd $folder && cglab exercise --format markdown "
      "--interval 4s | awk '/^```sh/{f=1;next} /^```/{f=0} f' > steps\n"
      "sed 1d steps > rest; eval \"$(head -n 1 steps) rest\"; cd /; rm -r "
      "$folder";
  for (const unsigned user : {0u, delegated}) {
    const Ending ending = shell(script, user);
    EXPECT_TRUE(has(ending.out, "exit status 137")) << ending.err;
    EXPECT_TRUE(has(ending.out, "100 of 100 points")) << ending.err;
  }
}

/// A service whose process hits the service's limit after a moment.
const std::string start_victim =
    "systemd-run --quiet --unit=victim -p MemoryMax=16M -p MemorySwapMax=0 "
    "sh -c \"sleep 1; exec $(command -v malloc_demo) --total 64M --ramp 1s\"\n";

TEST_F(Commands, WatchReportsAServiceThatIsKilled) {
  for (const std::string& watch :
       {std::string("cglab watch --format json --interval 100ms "
                    "/system.slice/victim.service"),
        std::string("cglab watch --format json --interval 100ms "
                    "$(systemctl show -P MainPID victim)")}) {
    const Ending ending = shell(start_victim + watch);
    shell("systemctl reset-failed victim");
    EXPECT_EQ(ending.status, 0) << ending.err;
    EXPECT_TRUE(has(ending.out, "\"kind\":\"oom_kill\""));
    EXPECT_TRUE(has(ending.out, "\"name\":\"malloc_demo\""));
    EXPECT_TRUE(has(ending.out, "victim.service"));
    EXPECT_TRUE(has(ending.out, "\"kind\":\"end\""));
  }
}

TEST_F(Commands, WatchWorksForAnyUser) {
  const Ending ending =
      shell(start_victim +
            "setpriv --reuid 1000 --clear-groups cglab watch --interval 100ms "
            "/system.slice/victim.service");
  shell("systemctl reset-failed victim");
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "16 MiB"));
}

/// A service with all limits of systemd, for any user, by its name and by the
/// id of its process.
TEST_F(Commands, InspectShowsTheLimitsOfAService) {
  shell(
      "systemd-run --quiet --unit=inspected -p MemoryMax=32M -p TasksMax=10 "
      "-p CPUQuota=50% sleep 600");
  const std::string directory = "/sys/fs/cgroup/system.slice/inspected.service";
  for (const char* const argument :
       {"inspected", "$(systemctl show -P MainPID inspected)"}) {
    for (const unsigned user : {0u, student}) {
      const Ending ending =
          shell(std::string("cglab inspect --json ") + argument, user);
      ASSERT_EQ(ending.status, 0) << ending.err;
      const auto json = cli_test::parse_record(ending.out);
      EXPECT_EQ(json["container"]["unit"], "inspected.service");
      EXPECT_EQ(json["container"]["runtime"], nullptr);
      EXPECT_EQ(json["memory"]["binding"]["path"], directory);
      EXPECT_EQ(json["memory"]["binding"]["limit"], 32 * 1024 * 1024);
      EXPECT_EQ(json["pids"]["binding"], directory);
      EXPECT_EQ(json["pids"]["levels"][0]["max"], 10);
      EXPECT_EQ(json["cpu"]["binding"], directory);
      EXPECT_EQ(json["process"]["name"], "sleep");
      EXPECT_EQ(json["network"].is_null(), user != 0);
    }
  }
  shell("systemctl stop inspected");
}

}  // namespace
}  // namespace systemd_test
