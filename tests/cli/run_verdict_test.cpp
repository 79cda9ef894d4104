// SPDX-License-Identifier: MIT
// What a run's verdict claims, and what it leaves undetermined.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "lab/os/namespaces.h"
#include "lab/run/kmsg.h"
#include "tests/cli/own_world.h"
#include "tests/cli/record_checks.h"
#include "tests/cli/run_fixture.h"
#include "tests/support/reason.h"
#include "tests/support/temp_folder.h"

namespace cli_test {
namespace {

using cgroupfs::Version;

/// The hog is a process of its own, and the shell is killed by itself.
std::string killed_beside_the_hog() {
  return hog("64M") + "; kill -9 $$";
}

class RunVerdict : public RunTest {
 protected:
  /// Empty, or why the log does not decide here.
  static std::string missing_log() {
    if (!lab::KernelLog().readable()) {
      return "kernel log: " + lab::KernelLog().absent_because();
    }
    return lab::in_initial_pid_namespace() ? "" : "the initial PID namespace";
  }

  /// record_of() of a run whose victim the log names. The kernel logs ten
  /// victims' cgroups in five seconds, and tests before may have used them up.
  Json record_with_victim(const Words& options, const std::string& script,
                          int expected_status) const {
    Json record = record_of(options, script, expected_status);
    for (int i = 0; i < 3 && victim_of(record)["constraint"].is_null(); ++i) {
      std::this_thread::sleep_for(std::chrono::seconds(5));
      record = record_of(options, script, expected_status);
    }
    return record;
  }

  /// The first of them; one without pid and name where the log has none.
  static Json victim_of(const Json& record) {
    const Json& victims = record["evidence"]["victims"];
    return victims.empty()
               ? Json({{"pid", 0}, {"name", ""}, {"constraint", nullptr}})
               : victims.front();
  }
  static std::string status_of(const Json& record) {
    return record["verdict"]["status"];
  }
  static std::string reason_of(const Json& record) {
    return test_support::reason_in(record);
  }
};

TEST_F(RunVerdict, IsUndeterminedAmongSeveralWithoutTheLog) {
  const std::string missing = missing_for_losing_kernel_log();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const Json record = record_of({"--limit", "16M"}, killed_beside_the_hog(),
                                128 + SIGKILL, lose_kernel_log);
  EXPECT_EQ(status_of(record), "oom_killed_undetermined") << record.dump(1);
  EXPECT_EQ(record["verdict"]["oom_kill"], "inside");
  EXPECT_EQ(record["verdict"]["limit_owner"], "own");
  EXPECT_TRUE(has(reason_of(record), "/dev/kmsg: Operation not permitted"));
  EXPECT_TRUE(has(reason_of(record), "sudo sysctl kernel.dmesg_restrict=0"));
}

TEST_F(RunVerdict, IsProvenForASingleCommandWithoutTheLog) {
  const std::string missing = missing_for_losing_kernel_log();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const Json record = record_of({"--limit", "16M"}, "exec " + hog("64M"),
                                128 + SIGKILL, lose_kernel_log);
  EXPECT_EQ(status_of(record), "oom_killed") << record.dump(1);
  const Json& ledger = record["evidence"]["ledger"];
  EXPECT_EQ(ledger["processes"].size(), 1U);
  EXPECT_EQ(ledger["processes"][0]["name"], "malloc_demo");
  EXPECT_EQ(ledger["processes"][0]["signal"], SIGKILL);
  EXPECT_FALSE(ledger["may_have_missed_children"].get<bool>());
  EXPECT_TRUE(record["evidence"]["victims"].empty());
}

/// A process that lives on was not the victim.
TEST_F(RunVerdict, IsRuledOutForACommandThatOutlivedTheKill) {
  const std::string missing = missing_for_losing_kernel_log();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const Json record =
      record_of({"--limit", "16M"}, hog("64M") + "; sleep 1; kill -9 $$",
                128 + SIGKILL, lose_kernel_log);
  EXPECT_EQ(status_of(record), "oom_killed_inside") << record.dump(1);
  EXPECT_TRUE(has(reason_of(record), "sudo sysctl kernel.dmesg_restrict=0"));
  const Json& ledger = record["evidence"]["ledger"];
  EXPECT_EQ(ledger["processes"][0]["outlived_kills"], 1);
}

/// How the others ended is known where the kernel has PIDFD_GET_INFO.
TEST_F(RunVerdict, KeepsALedgerOfTheProcesses) {
  const Json record = record_of({"--limit", "16M"},
                                "sleep 0.3; sh -c 'sleep 0.2; exit 3'; :", 0);
  const Json& processes = record["evidence"]["ledger"]["processes"];
  ASSERT_GE(processes.size(), 3U) << record.dump(1);
  EXPECT_EQ(processes[0]["pid"], record["processes"][0]["pid"]);
  EXPECT_EQ(processes[0]["end_source"], "waitid");
  EXPECT_EQ(processes[0]["exit_code"], 0);
  EXPECT_EQ(processes[1]["name"], "sleep");
  EXPECT_GT(processes[1]["last_seen_ns"], processes[1]["first_seen_ns"]);
  EXPECT_EQ(processes[1]["shares_memory"], false);
  for (const Json& process : processes) {
    EXPECT_GT(process["start_time"], 0);
    if (process["end_source"] == "pidfd") {
      EXPECT_FALSE(process["exit_code"].is_null());
    }
  }
}

/// However short it lives, between two readings.
TEST_F(RunVerdict, KnowsOfACgroupThatCameAndWent) {
  const std::string script = "mkdir $CGLAB_CGROUP/x; rmdir $CGLAB_CGROUP/x";
  for (int i = 0; i < 5; ++i) {
    const Json record =
        record_of({"--limit", "16M", "--env", "--poll", "10s"}, script, 0);
    EXPECT_TRUE(record["evidence"]["ledger"]["incomplete"].get<bool>());
  }
  const Json without = record_of({"--limit", "16M", "--env"}, "exit 0", 0);
  EXPECT_FALSE(without["evidence"]["ledger"]["incomplete"].get<bool>());
}

/// The end of a victim that its own parent has reaped.
TEST_F(RunVerdict, KnowsTheEndOfAVictim) {
  const std::string missing = missing_log();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const Json record = record_with_victim(
      {"--limit", "16M"}, "sleep 0.3 & " + hog("64M") + "; wait", 0);
  const Json pid = victim_of(record)["pid"];
  for (const Json& process : record["evidence"]["ledger"]["processes"]) {
    if (process["pid"] != pid) continue;
    EXPECT_EQ(process["signal"], SIGKILL) << record.dump(1);
    EXPECT_FALSE(process["end_source"].is_null());
    return;
  }
  FAIL() << "the victim was not seen inside\n" << record.dump(1);
}

/// The kernel begins a new record of its log after about 1000 bytes.
TEST_F(RunVerdict, KnowsTheVictimInACgroupWhosePathIsLong) {
  const std::string missing = missing_log();
  if (!missing.empty()) GTEST_SKIP() << missing;
  if (version() == Version::v2) {
    GTEST_SKIP() << "cgroup v1: here the command cannot limit a descendant";
  }
  const std::string script =
      "d=$CGLAB_CGROUP; n=$(printf %0250d 7)\n"
      "for i in 1 2 3 4 5; do d=$d/$n; mkdir $d; done\n"
      "echo 8M > $d/memory.limit_in_bytes; export d\n"
      "sh -c 'echo 0 > $d/cgroup.procs; exec " +
      hog("64M") + "'; exit 5";
  const Json record =
      record_with_victim({"--limit", "64M", "--env"}, script, 5);
  EXPECT_EQ(status_of(record), "oom_killed_inside") << record.dump(1);
  EXPECT_EQ(record["verdict"]["limit_owner"], "descendant");
  // Each path is cut there.
  EXPECT_TRUE(record["verdict"]["limit_owner_path"].is_null());
  EXPECT_GT(victim_of(record)["lines"][0].get<std::string>().size(), 1500U);
}

TEST_F(RunVerdict, NamesTheLimitAtTheKill) {
  const std::string missing = missing_log();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const std::string file =
      version() == Version::v1 ? "memory.limit_in_bytes" : "memory.max";
  const std::string memsw = "memory.memsw.limit_in_bytes";
  const Json record = record_with_victim(
      {"--limit", "16M", "--env"},
      "cd $CGLAB_CGROUP; [ ! -e " + memsw + " ] || echo 24M > " + memsw +
          "; echo 24M > " + file + "; exec " + hog("64M"),
      128 + SIGKILL);
  EXPECT_EQ(status_of(record), "oom_killed") << record.dump(1);
  EXPECT_TRUE(has(reason_of(record),
                  "25165824 bytes at the kill and 16777216 at the start"));
}

/// As with only `unshare --pid`: the pids in /proc are of other processes.
TEST_F(RunVerdict, NeedsAProcOfItsOwnPidNamespace) {
  const std::string missing = missing_for_container();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const Ending ending =
      run({"--limit", "16M"}, {"true"}, [] { enter_pid_namespace(false); });
  EXPECT_EQ(ending.status, 77) << ending.err;
  EXPECT_TRUE(has(ending.err, "/proc shows another PID namespace"))
      << ending.err;
}

/// A process that came and went between two readings was waited for.
TEST_F(RunVerdict, KnowsOfAProcessThatNoReadingShowed) {
  const std::string missing = missing_for_losing_kernel_log();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const Json record =
      record_of({"--limit", "16M", "--poll", "10s"}, "(:); exec " + hog("64M"),
                128 + SIGKILL, lose_kernel_log);
  EXPECT_EQ(status_of(record), "oom_killed_undetermined") << record.dump(1);
}

TEST_F(RunVerdict, IsInsideByTheLog) {
  const std::string missing = missing_log();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const Json record = record_with_victim(
      {"--limit", "16M"}, killed_beside_the_hog(), 128 + SIGKILL);
  EXPECT_EQ(status_of(record), "oom_killed_inside") << record.dump(1);
  EXPECT_NE(victim_of(record)["pid"], record["processes"][0]["pid"]);
  EXPECT_EQ(victim_of(record)["name"], "malloc_demo");
}

TEST_F(RunVerdict, IsProvenByTheLogAmongSeveral) {
  const std::string missing = missing_log();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const Json record =
      record_of({"--limit", "16M"}, "(:); exec " + hog("64M"), 128 + SIGKILL);
  EXPECT_EQ(status_of(record), "oom_killed") << record.dump(1);
  EXPECT_EQ(victim_of(record)["pid"], record["processes"][0]["pid"]);
}

/// On v1 its counter goes with it.
TEST_F(RunVerdict, FindsTheKillInARemovedCgroup) {
  const std::string missing = missing_log();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const Json record = record_with_victim(
      {"--limit", "16M", "--env"},
      "mkdir $CGLAB_CGROUP/sub\n"
      "sh -c 'echo 0 > $CGLAB_CGROUP/sub/cgroup.procs; exec " +
          hog("64M") +
          "'\n"
          "until rmdir $CGLAB_CGROUP/sub; do sleep 0.1; done; exit 5",
      5);
  EXPECT_EQ(status_of(record), "oom_killed_inside") << record.dump(1);
  EXPECT_EQ(victim_of(record)["name"], "malloc_demo");
  EXPECT_EQ(record["verdict"]["limit_owner"], "own");
  if (version() == Version::v1) {
    EXPECT_EQ(record["evidence"]["after"]["oom_kill"], 0);
  }
}

TEST_F(RunVerdict, SaysThatTheCommandHasLeft) {
  auto other = cgroupfs::Cgroup::create(nest().directory(), "other", version());
  const std::string procs = other.path() + "/cgroup.procs";
  const Json record = record_of({"--limit", "16M"},
                                "echo 0 > " + procs + "; sleep 1; exit 4", 4);
  other.remove();
  EXPECT_EQ(status_of(record), "left") << record.dump(1);
  EXPECT_TRUE(has(reason_of(record),
                  "/other, outside of the run's cgroup: what it did there was "
                  "neither"));
  EXPECT_FALSE(record["evidence"]["ledger"]["main_inside"].get<bool>());
}

TEST_F(RunVerdict, ShowsTheLimitAtTheStartAndAtTheEnd) {
  const std::string file =
      version() == Version::v1 ? "memory.limit_in_bytes" : "memory.max";
  const std::string memsw = "memory.memsw.limit_in_bytes";
  const std::string script = "cd $CGLAB_CGROUP; [ ! -e " + memsw +
                             " ] || echo 32M > " + memsw + "; echo 32M > " +
                             file;
  const Json record = record_of({"--limit", "16M", "--env"}, script, 0);
  EXPECT_EQ(hard_limit(record)["actual"], 16 << 20);
  EXPECT_EQ(hard_limit(record)["at_end"], 32 << 20);
  const Ending ending = run_script({"--limit", "16M", "--env"}, script);
  EXPECT_TRUE(has(ending.err, "at the end 32 MiB")) << ending.err;
  const Json kept = record_of({"--limit", "16M"}, "exit 0", 0);
  EXPECT_EQ(hard_limit(kept)["at_end"], 16 << 20);
}

TEST_F(RunVerdict, AddsTheKillsToADeadline) {
  const Json record = record_of({"--limit", "16M", "--timeout", "4s"},
                                hog("64M") + "; sleep 1000", 124);
  EXPECT_EQ(status_of(record), "deadline");
  EXPECT_TRUE(has(reason_of(record), "OOM kills inside: 1, "))
      << record.dump(1);
  if (!record["evidence"]["victims"].empty()) {
    EXPECT_TRUE(has(reason_of(record), "malloc_demo (pid "));
  }
}

TEST_F(RunVerdict, ReportsTheKillInsideAndTheSignal) {
  const Json record = record_of({"--limit", "16M"},
                                hog("64M") + "; kill -SEGV $$", 128 + SIGSEGV);
  EXPECT_EQ(status_of(record), "oom_killed_inside");
  EXPECT_TRUE(has(reason_of(record), "oom_kill rose from 0 to 1"));
  EXPECT_TRUE(has(reason_of(record), "ended by SIGSEGV"));
}

TEST_F(RunVerdict, AddsTheKillsToAnInterrupt) {
  Subprocess run = start_script({"--limit", "16M"},
                                hog("64M") + "; echo up >&2; exec sleep 1000");
  ASSERT_TRUE(run.says("up"));
  run.signal(SIGTERM);
  const Ending ending = run.wait();
  EXPECT_TRUE(has(ending.err, "INTERRUPTED")) << ending.err;
  EXPECT_TRUE(has(ending.err, "OOM kills inside: 1,")) << ending.err;
}

/// On v1 the counter of a cgroup goes with it, and nothing else would show who
/// sent the signal.
TEST_F(RunVerdict, LeavesTheKillerUndeterminedInACgroupInside) {
  const std::string missing = missing_for_losing_kernel_log();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const Json record =
      record_of({"--limit", "16M", "--env"},
                "mkdir $CGLAB_CGROUP/sub; echo 0 > $CGLAB_CGROUP/sub/"
                "cgroup.procs; sleep 0.5; kill -9 $$",
                128 + SIGKILL, lose_kernel_log);
  EXPECT_EQ(status_of(record),
            version() == Version::v1 ? "killed_undetermined" : "killed")
      << record.dump(1);
}

/// As in containers that have /dev/null or the console in its place.
TEST_F(RunVerdict, DoesNotTakeAnotherFileForTheKernelLog) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const Json record =
      record_of({"--limit", "16M"}, killed_beside_the_hog(), 128 + SIGKILL, [] {
        leave_mounts();
        replace_file("/dev/kmsg", "/dev/null");
      });
  EXPECT_FALSE(record["evidence"]["kernel_log_complete"].get<bool>());
  const Json& reason = record["evidence"]["victims_absent_because"];
  EXPECT_EQ(reason["fact"], "log_unreadable");
  EXPECT_EQ(reason["values"][0], "/dev/kmsg: not the kernel log device");
  EXPECT_EQ(status_of(record), "oom_killed_undetermined") << record.dump(1);
}

/// A child of the process that started cglab, as in a shell: only what the
/// command starts descends from cglab or, as an orphan, from the reaper.
TEST_F(RunVerdict, DistinguishesAStrangerFromAnOrphan) {
  TempFolder folder;
  const std::string file = folder.path_of("record.json");
  Subprocess run = Subprocess::start(run_spec(
      {"--json", file}, {"sh", "-c", "(sleep 2 &); echo up >&2; sleep 1"}));
  ASSERT_TRUE(run.says("up"));
  ProcessSpec spec;
  spec.program = "sleep";
  spec.arguments = {"1.5"};
  Subprocess stranger = Subprocess::start(spec);
  const pid_t pid = stranger.pid();
  running_group().add(pid);
  EXPECT_EQ(run.wait().status, 0);
  stranger.wait();
  const auto text = cgroupfs::try_read_file(file);
  ASSERT_TRUE(text);
  const Json record = parse_record(*text);
  std::vector<int> moved_in;
  for (const Json& member : record["evidence"]["ledger"]["processes"]) {
    if (member["moved_in"].get<bool>()) moved_in.push_back(member["pid"]);
  }
  EXPECT_EQ(moved_in, std::vector<int>{pid}) << record["evidence"];
}

/// Orphans go to the first process of the namespace, which did not start cglab.
TEST_F(RunVerdict, DoesNotTakeANamespacesOrphanForAStranger) {
  const std::string missing = missing_for_container();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const Json record = record_of({}, "(sleep 0.6 &); sleep 0.3; exit 3", 3,
                                [] { enter_pid_namespace(); });
  for (const Json& member : record["evidence"]["ledger"]["processes"]) {
    EXPECT_FALSE(member["moved_in"].get<bool>()) << member;
  }
}

/// Its parent had left before a reading showed it.
TEST_F(RunVerdict, DoesNotTakeAChildOfALeaverForAStranger) {
  const auto elsewhere = make_memory();
  const Json record =
      record_of({"--poll", "1s"},
                "sh -c 'sleep .6 & echo $$ > " + elsewhere.group.path() +
                    "/cgroup.procs; exec sleep .5'; exit 3",
                3);
  for (const Json& member : record["evidence"]["ledger"]["processes"]) {
    EXPECT_FALSE(member["moved_in"].get<bool>()) << member;
  }
}

}  // namespace
}  // namespace cli_test
