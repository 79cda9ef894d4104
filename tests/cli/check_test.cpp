// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "cgroupfs/directory.h"
#include "lab/os/namespaces.h"
#include "lab/run/kmsg.h"
#include "tests/cli/classroom_fixture.h"
#include "tests/cli/own_world.h"
#include "tests/support/temp_folder.h"

namespace cli_test {
namespace {

using cgroupfs::Version;

/// As on a shared machine, where root made the parents of the cgroup: the
/// counters there, which v1 can reset, are not the student's.
const std::string give_away = "[ $(id -u) != 0 ] || chown 65533 $demo\n";

/// Everything right: `$hog` moved in before its second block, which the limit
/// kills. $LIMIT is a little above one block, as in the course.
const std::string right =
    "mkdir $demo\n" + give_away +
    "$hog --block 24M --interval 1s >/dev/null 2>&1 & pid=$!\n"
    "sleep 0.4\n"
    "echo $pid > $demo/cgroup.procs\n"
    "echo 25161728 > $demo/$limit\n"
    "[ ! -e $demo/$swap_limit ] || "
    "case $limit in memory.max) echo 0;; *) echo 25161728;; esac "
    "> $demo/$swap_limit\n"
    "wait $pid\necho status $?\n";
const Words small{"--limit", "25161728"};

/// Sets the limit, and that of swap, of the cgroup at $1 to $2.
const std::string set_limit =
    "set_limit() {\n"
    "  [ ! -e $1/$swap_limit ] || [ $limit = memory.max ] || "
    "echo -1 > $1/$swap_limit\n"
    "  echo $2 > $1/$limit\n"
    "  [ ! -e $1/$swap_limit ] || "
    "case $limit in memory.max) echo 0;; *) echo $2;; esac "
    "> $1/$swap_limit\n"
    "}\n"
    "inside() { sh -c 'echo 0 > $demo/cgroup.procs; exec \"$@\"' sh \"$@\" "
    ">/dev/null 2>&1; echo status $?; }\n";

class Check : public ClassroomTest {
 protected:
  /// As where the kernel's log may not be read.
  Json graded_without_log(const Words& more = {}) const {
    Words words{"--format", "json"};
    words.insert(words.end(), more.begin(), more.end());
    ProcessSpec spec = check_spec(words);
    spec.prepare = [] {
      leave_mounts();
      replace_file("/dev/kmsg", "/dev/null");
    };
    return parse_record(test_support::run_process(spec).out);
  }

  /// What a student pastes of a hint, into a shell without variables.
  Ending paste(const Json& grade, const std::string& id) const {
    std::string script = "exec >/dev/null 2>&1; unset demo hog limit; set -e\n";
    const Json commands = result_of(grade, id)["hint"]["commands"];
    for (const Json& command : commands) {
      script += command.get<std::string>() + "\n";
    }
    EXPECT_FALSE(commands.empty());
    return type(script);
  }
};

TEST_F(Check, GivesFullMarksForARealOomKill) {
  const Ending hands = type(right);
  EXPECT_TRUE(has(hands.out, "status 137")) << hands.err;
  const Json grade = graded(small);
  EXPECT_EQ(grade["earned"], 100) << grade.dump(1);
  EXPECT_EQ(grade["points"], 100);
  for (const Json& result : grade["checks"]) {
    EXPECT_EQ(result["passed"], true) << result;
    EXPECT_TRUE(result["hint"].is_null()) << result;
  }
}

TEST_F(Check, SaysHowToStartWithoutACgroup) {
  const Json grade = graded();
  EXPECT_EQ(grade["earned"], 0);
  EXPECT_FALSE(passed(grade, "oom"));
  const std::string hint = hint_of(grade, "group");
  EXPECT_EQ(hint, version() == Version::v2 ? "v1-path-on-v2" : "not-made");
}

/// A refused write leaves no trace that could be seen afterwards.
TEST_F(Check, DoesNotBlameAWriteThatItHasNotSeen) {
  ASSERT_EQ(type("mkdir $demo; echo 104960000 > $demo/$limit").status, 0);
  const Json grade = graded();
  EXPECT_EQ(grade["earned"], 30);
  EXPECT_EQ(hint_of(grade, "process"), "not-moved");
  EXPECT_EQ(hint_of(grade, "oom"), "not-moved");
}

/// It is in a cgroup of its own, and not the student's to move.
TEST_F(Check, DoesNotHintAtTheProgramOfARun) {
  Subprocess run =
      start_oom({"--limit", "64M", "--total", "48M", "--ramp", "1m"});
  const pid_t hog = climbing_hog();
  ASSERT_EQ(type("mkdir $demo; echo 25161728 > $demo/$limit").status, 0);
  const Json grade = graded(small);
  EXPECT_EQ(hint_of(grade, "process"), "not-moved");
  const std::string hint = result_of(grade, "process")["hint"].dump();
  EXPECT_FALSE(has(hint, "echo " + std::to_string(hog))) << hint;
  EXPECT_TRUE(has(hint, "& echo $! > ")) << hint;
  run.signal(SIGINT);
  EXPECT_EQ(run.wait().status, 128 + SIGINT);
}

TEST_F(Check, GivesNoMarksForAKillAtAnotherLimit) {
  const Ending hands = type(
      "mkdir $demo; echo 2M > $demo/$limit\n"
      "[ ! -e $demo/$swap_limit ] || "
      "case $limit in memory.max) echo 0;; *) echo 2M;; esac "
      "> $demo/$swap_limit\n"
      "sh -c 'echo 0 > $demo/cgroup.procs; exec $hog --quiet --ramp 0 --total "
      "8M' & wait $!; echo status $?\n"
      "case $limit in memory.max) ;; *) [ ! -e $demo/$swap_limit ] || "
      "echo 104960000 > $demo/$swap_limit;; esac\n"
      "echo 104960000 > $demo/$limit\n"
      "sh -c 'echo 0 > $demo/cgroup.procs; exec $hog --quiet --ramp 0 --total "
      "55M'; echo then $?\n");
  EXPECT_TRUE(has(hands.out, "status 137")) << hands.err;
  EXPECT_TRUE(has(hands.out, "then 0")) << hands.err;
  const Json grade = graded();
  EXPECT_TRUE(passed(grade, "limit"));
  EXPECT_TRUE(passed(grade, "charged"));
  EXPECT_FALSE(passed(grade, "oom")) << grade.dump(1);
  EXPECT_EQ(grade["earned"], 70);
  EXPECT_EQ(hint_of(grade, "oom"), "begin-again");
  EXPECT_EQ(result_of(grade, "oom")["hint"]["commands"][0], "rmdir " + demo());
}

/// Page cache hits the cgroup's own limit, too, and kills no process.
TEST_F(Check, LeavesItUndeterminedWhetherAnAncestorKilled) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const std::string write = write_to_disk();
  if (write.empty()) GTEST_SKIP() << "a disk: all file systems lie in memory";
  const Ending hands =
      type(set_limit + "mkdir $demo; set_limit $demo 25161728\n" + "inside " +
           write + "\n" +
           "set_limit ${demo%/*} 12M\ninside $hog --quiet --ramp 0 --total "
           "20M\n");
  EXPECT_TRUE(has(hands.out, "status 0\nstatus 137")) << hands.out << hands.err;
  for (const Json& grade : {graded(small), graded_without_log(small)}) {
    EXPECT_TRUE(passed(grade, "charged"));
    EXPECT_FALSE(passed(grade, "oom")) << grade.dump(1);
  }
  EXPECT_TRUE(has(result_of(graded_without_log(small), "oom").dump(),
                  version() == Version::v1 ? "undetermined" : "limit-above"));
}

TEST_F(Check, LeavesItUndeterminedWhetherPageCacheMadeThePeak) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const std::string write = write_to_disk();
  if (write.empty()) GTEST_SKIP() << "a disk: all file systems lie in memory";
  const Ending hands = type(set_limit +
                            "mkdir $demo; set_limit $demo 2M\n"
                            "inside $hog --quiet --ramp 0 --total 8M\n"
                            "set_limit $demo 25161728\n" +
                            "inside " + write + "\n");
  EXPECT_TRUE(has(hands.out, "status 137\nstatus 0")) << hands.out << hands.err;
  for (const Json& grade : {graded(small), graded_without_log(small)}) {
    EXPECT_TRUE(passed(grade, "limit"));
    EXPECT_TRUE(passed(grade, "charged"));
    EXPECT_FALSE(passed(grade, "oom")) << grade.dump(1);
  }
  EXPECT_EQ(hint_of(graded_without_log(small), "oom"), "undetermined");
}

/// A file that is removed afterwards leaves no page cache, and no page faults.
TEST_F(Check, LeavesItUndeterminedWhetherADroppedFileMadeThePeak) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const std::string write = write_to_disk();
  if (write.empty()) GTEST_SKIP() << "a disk: all file systems lie in memory";
  const Ending hands =
      type(set_limit + "mkdir $demo; set_limit $demo 2M\n" + give_away +
           "inside $hog --quiet --ramp 0 --total 8M\n"
           "set_limit $demo 25161728\n" +
           "inside " + write + "\n" + empty_disk() + "\n");
  EXPECT_TRUE(has(hands.out, "status 137\nstatus 0")) << hands.out << hands.err;
  const Json grade = graded_without_log(small);
  EXPECT_TRUE(passed(grade, "limit"));
  EXPECT_TRUE(passed(grade, "charged"));
  EXPECT_FALSE(passed(grade, "oom")) << grade.dump(1);
  EXPECT_EQ(hint_of(grade, "oom"), "undetermined");
  EXPECT_TRUE(has(result_of(grade, "oom").dump(), "page faults explain"));
}

/// Of an ancestor without a counter it is not known that its limit was not hit.
TEST_F(Check, LeavesItUndeterminedWhereAnAncestorCannotBeRead) {
  constexpr unsigned student = 65533;
  for (const std::string& missing :
       {missing_for_own_mounts(), missing_for_user(student)}) {
    if (!missing.empty()) GTEST_SKIP() << missing;
  }
  EXPECT_TRUE(has(type(right).out, "status 137"));
  const std::string counter =
      nest().path() +
      (version() == Version::v1 ? "/memory.failcnt" : "/memory.events.local");
  const auto grade_of_student = [&] {
    ProcessSpec spec = check_spec({"--format", "json", "--limit", "25161728"});
    spec.prepare = [] {
      leave_mounts();
      replace_file("/dev/kmsg", "/dev/null");
      become_user(student);
    };
    return parse_record(test_support::run_process(spec).out);
  };
  EXPECT_TRUE(passed(grade_of_student(), "oom"));
  ASSERT_EQ(type("chmod 0 " + counter).status, 0);
  const Json grade = grade_of_student();
  EXPECT_FALSE(passed(grade, "oom")) << grade.dump(1);
  EXPECT_TRUE(has(result_of(grade, "oom").dump(),
                  "the limit of " + nest().path() + " may also have been hit"));
}

TEST_F(Check, GivesFullMarksByThePeakWithoutALog) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  if (!nest().directory().exists(version() == Version::v1
                                     ? "memory.max_usage_in_bytes"
                                     : "memory.peak")) {
    GTEST_SKIP() << "memory.peak: it appeared in Linux 5.19";
  }
  if (::geteuid() != 0) GTEST_SKIP() << "root, who can give a cgroup away";
  EXPECT_TRUE(has(type(right).out, "status 137"));
  const Json grade = graded_without_log(small);
  EXPECT_EQ(grade["earned"], 100) << grade.dump(1);
  EXPECT_TRUE(has(grade.dump(), "inferred from the peak"));
}

/// Who may write to an ancestor can have it kill, and reset what shows that.
TEST_F(Check, LeavesItUndeterminedWhereAnAncestorCanBeReset) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  if (version() == Version::v2) GTEST_SKIP() << "cgroup v1, to reset a counter";
  const std::string write = write_to_disk();
  if (write.empty()) GTEST_SKIP() << "a disk: all file systems lie in memory";
  const Ending hands =
      type(set_limit + "mkdir $demo; set_limit $demo 25161728\ninside " +
           write + "\n" + empty_disk() +
           "\nfor i in $(seq 60); do inside sh -c :; done >/dev/null\n"
           "set_limit ${demo%/*} 4M; inside $hog --quiet --ramp 0 --total 20M\n"
           "set_limit ${demo%/*} 100M; echo 0 > ${demo%/*}/memory.failcnt\n"
           "echo 0 > ${demo%/*}/memory.max_usage_in_bytes\n");
  EXPECT_TRUE(has(hands.out, "status 137")) << hands.out << hands.err;
  const Json grade = graded_without_log(small);
  EXPECT_FALSE(passed(grade, "oom")) << grade.dump(1);
  EXPECT_TRUE(has(result_of(grade, "oom").dump(), "the limit of")) << grade;
}

/// The peak of v1 may be reset: the log has the limit at the kill.
TEST_F(Check, PrefersTheLogsLimitToAPeakThatWasReset) {
  if (version() == Version::v2) GTEST_SKIP() << "cgroup v1";
  if (!lab::KernelLog().readable() || !lab::in_initial_cgroup_namespace()) {
    GTEST_SKIP() << "a readable kernel log";
  }
  Json grade = Json::object();
  // The kernel logs ten cgroups in five seconds, perhaps of tests before.
  for (int i = 0; i < 3 && !grade.value("full", false); ++i) {
    if (i > 0) std::this_thread::sleep_for(std::chrono::seconds(5));
    const Ending hands = type("rmdir $demo 2>/dev/null\n" + right +
                              "echo 0 > $demo/memory.max_usage_in_bytes\n");
    EXPECT_TRUE(has(hands.out, "status 137")) << hands.err;
    grade = graded(small);
  }
  EXPECT_EQ(grade["earned"], 100) << grade.dump(1);
}

/// A child's process is charged to the cgroup as well.
TEST_F(Check, KnowsAProcessInAChild) {
  if (version() == Version::v2) GTEST_SKIP() << "cgroup v1";
  const std::string start =
      "mkdir -p $demo/sub; echo 25161728 > $demo/$limit\n"
      "[ ! -e $demo/$swap_limit ] || echo 25161728 > $demo/$swap_limit\n"
      "(echo 0 > $demo/sub/cgroup.procs; exec $hog --quiet --ramp 0 ";
  ASSERT_EQ(
      type(start + "--total 4M --hold) >/dev/null 2>&1 & sleep 0.5").status, 0);
  EXPECT_TRUE(has(result_of(graded(small), "process").dump(), "in it now: "));
  cgroupfs::Cgroup::open(demo(), version()).kill();
  if (!lab::KernelLog().readable() || !lab::in_initial_cgroup_namespace()) {
    return;
  }
  Json grade = Json::object();
  for (int i = 0; i < 3 && !grade.value("full", false); ++i) {
    if (i > 0) std::this_thread::sleep_for(std::chrono::seconds(5));
    const Ending hands = type(start + "--total 40M) & wait $!; echo status $?");
    EXPECT_TRUE(has(hands.out, "status 137")) << hands.err;
    grade = graded(small);
    EXPECT_NE(hint_of(grade, "oom"), "killed-by-hand");
  }
  EXPECT_TRUE(passed(grade, "oom")) << grade.dump(1);
  EXPECT_EQ(type("rmdir $demo/sub").status, 0);
}

/// A library or another file was charged to who read it first.
TEST_F(Check, DoesNotTakeFilePagesForChargesThatStay) {
  if (type("command -v python3").status != 0) GTEST_SKIP() << "python3";
  const Ending hands = type(
      "mkdir $demo; echo 104960000 > $demo/$limit; cat $cglab >/dev/null\n"
      "(echo 0 > $demo/cgroup.procs; exec python3 -c 'import mmap,sys,time\n"
      "f = open(sys.argv[1])\n"
      "m = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)\n"
      "m.find(b\"none of this\" * 3); time.sleep(60)' $cglab) "
      ">/dev/null 2>&1 & sleep 1; grep -E 'VmRSS|RssAnon' /proc/$!/status");
  EXPECT_TRUE(has(hands.out, "RssAnon")) << hands.err;
  const Json grade = graded();
  EXPECT_FALSE(passed(grade, "charged"));
  EXPECT_EQ(hint_of(grade, "charged"), "waiting") << grade.dump(1) << hands.out;
}

/// Commands of hints need nothing that the student's shell may not have.
TEST_F(Check, HasHintsThatWorkWhenPasted) {
  const Ending hands = type(set_limit +
                            "mkdir $demo; set_limit $demo 2M\n"
                            "inside $hog --quiet --ramp 0 --total 8M\n");
  EXPECT_TRUE(has(hands.out, "status 137")) << hands.err;
  const Json wrong = graded();
  EXPECT_EQ(hint_of(wrong, "limit"), "limit-differs");
  EXPECT_EQ(hint_of(wrong, "oom"), "begin-again");
  EXPECT_EQ(paste(wrong, "limit").status, 0) << wrong.dump(1);
  const Json again = graded();
  for (const char* const id : {"group", "limit", "process"}) {
    EXPECT_TRUE(passed(again, id)) << again.dump(1);
  }
  cgroupfs::Cgroup::open(demo(), version()).kill();
  ASSERT_EQ(type("until rmdir $demo; do sleep 0.1; done 2>/dev/null; "
                 "mkdir $demo")
                .status,
            0);
  for (const char* const id : {"limit", "process"}) {
    EXPECT_EQ(paste(graded(), id).status, 0);
    EXPECT_TRUE(passed(graded(), id)) << id;
  }
}

/// A rate-limited log has kills without their cgroup, and those of an earlier
/// cgroup of that path with it.
TEST_F(Check, DoesNotCountTheKillsOfAnEarlierCgroup) {
  const std::string kill = "mkdir $demo; set_limit $demo $1\n" + give_away +
                           "inside $hog --quiet --ramp 0 --total 40M\n";
  std::string script = set_limit + "set -- 2M\n";
  for (int i = 0; i < 12; ++i) {
    script += kill + "until rmdir $demo; do sleep 0.05; done 2>/dev/null\n";
  }
  const Ending hands = type(script + "set -- 25161728\n" + kill);
  EXPECT_TRUE(has(hands.out, "status 137")) << hands.err;
  const Json grade = graded(small);
  EXPECT_TRUE(passed(grade, "oom")) << grade.dump(1);
}

/// On a shared machine every student has one of that name.
TEST_F(Check, DoesNotTakeANamesakeForARemovedCgroup) {
  const std::string kill_namesake =
      "mkdir ${demo%/*}/x; case $limit in memory.max) "
      "echo +memory > ${demo%/*}/x/cgroup.subtree_control;; esac\n"
      "demo=${demo%/*}/x/memorydemo; mkdir $demo; echo 4M > $demo/$limit\n"
      "[ ! -e $demo/$swap_limit ] || "
      "case $limit in memory.max) echo 0;; *) echo 4M;; esac "
      "> $demo/$swap_limit\n"
      "sh -c 'echo 0 > '$demo'/cgroup.procs; exec $hog --quiet --ramp 0 "
      "--total 8M' & wait $!; echo status $?\n"
      "until rmdir $demo ${demo%/*}; do sleep 0.1; done 2>/dev/null\n";
  const std::string other = nest().path() + "/x/memorydemo";
  const bool logged =
      lab::KernelLog().readable() && lab::in_initial_cgroup_namespace();
  std::string hint;
  // The kernel logs ten cgroups in five seconds, perhaps of tests before.
  for (int i = 0; i < 3 && hint != "group-gone"; ++i) {
    if (i > 0) std::this_thread::sleep_for(std::chrono::seconds(5));
    const Ending hands = type(kill_namesake);
    EXPECT_TRUE(has(hands.out, "status 137")) << hands.err;
    EXPECT_NE(hint_of(graded(), "group"), "group-gone");
    const Ending ending =
        cglab({"check", "--group", other, "--format", "json"});
    hint = hint_of(parse_record(ending.out), "group");
    if (!logged) break;
  }
  if (logged) {
    EXPECT_EQ(hint, "group-gone");
  }
}

TEST_F(Check, KnowsThatChargesDoNotMove) {
  const Ending hands = type(
      "mkdir $demo; echo 104960000 > $demo/$limit\n"
      "$hog --block 24M --interval 1h >/dev/null 2>&1 & sleep 0.5\n"
      "echo $! > $demo/cgroup.procs\n");
  EXPECT_EQ(hands.status, 0) << hands.err;
  const Json grade = graded();
  EXPECT_TRUE(passed(grade, "process"));
  EXPECT_FALSE(passed(grade, "charged"));
  EXPECT_EQ(hint_of(grade, "charged"), "charges-stay");
  EXPECT_EQ(hint_of(grade, "oom"), "charges-stay");
}

TEST_F(Check, KnowsWhyV1RefusesALimitBelowTheUsage) {
  if (version() == Version::v2) GTEST_SKIP() << "cgroup v1";
  const Ending hands = type(
      "mkdir $demo\n"
      "sh -c 'echo 0 > $demo/cgroup.procs; "
      "exec $hog --block 24M --interval 1h' >/dev/null 2>&1 & sleep 0.6\n"
      "echo 0 > $demo/memory.swappiness\n"
      "echo 8M > $demo/$limit\n");
  EXPECT_NE(hands.status, 0) << "the kernel took the limit";
  const Json grade = graded({"--limit", "8M"});
  EXPECT_EQ(hint_of(grade, "limit"), "ebusy");
  EXPECT_FALSE(passed(grade, "oom"));
}

TEST_F(Check, CountsTheKillOfV2DuringTheWrite) {
  if (version() == Version::v1) GTEST_SKIP() << "cgroup v2";
  const Ending hands = type(
      "mkdir $demo; echo 0 > $demo/memory.swap.max\n"
      "sh -c 'echo 0 > $demo/cgroup.procs; "
      "exec $hog --block 24M --interval 1h' >/dev/null 2>&1 & sleep 1\n"
      "echo 8M > $demo/$limit; wait $!; echo status $?\n");
  EXPECT_TRUE(has(hands.out, "status 137")) << hands.err;
  EXPECT_EQ(graded({"--limit", "8M"})["earned"], 100);
}

TEST_F(Check, KnowsWhenSwapPreventsTheKill) {
  if (!test_support::host_has_swap())
    GTEST_SKIP() << "swap: this host has none";
  if (!has_swap_limit()) GTEST_SKIP() << "a kernel that limits swap";
  const Ending hands = type(
      "mkdir $demo; echo 8M > $demo/$limit\n"
      "sh -c 'echo 0 > $demo/cgroup.procs; "
      "exec $hog --block 24M --count 1 --hold' >/dev/null 2>&1 & sleep 2\n");
  EXPECT_EQ(hands.status, 0) << hands.err;
  const Json grade = graded({"--limit", "8M"});
  EXPECT_FALSE(passed(grade, "oom"));
  EXPECT_EQ(hint_of(grade, "oom"), "swap");
}

TEST_F(Check, KnowsADisabledOomKiller) {
  if (version() == Version::v2) GTEST_SKIP() << "cgroup v1";
  const Ending hands = type(
      "mkdir $demo; echo 8M > $demo/$limit\n"
      "[ ! -e $demo/$swap_limit ] || echo 8M > $demo/$swap_limit\n"
      "echo 1 > $demo/memory.oom_control\n"
      "sh -c 'echo 0 > $demo/cgroup.procs; "
      "exec $hog --block 24M --interval 1h --memory thp' >/dev/null 2>&1 &\n"
      "for i in 1 2 3 4 5 6 7 8 9 10; do\n"
      "  grep -q 'under_oom 1' $demo/memory.oom_control && exit 0; sleep 0.2\n"
      "done; exit 9\n");
  if (hands.status == 9) GTEST_SKIP() << "a hog that sleeps at the limit";
  const Json asleep = graded({"--limit", "8M"});
  EXPECT_FALSE(passed(asleep, "oom"));
  EXPECT_EQ(hint_of(asleep, "oom"), "oom-disabled");
  // The command of the hint mends it: the kernel kills.
  const std::string mend = result_of(asleep, "oom")["hint"]["commands"][0];
  EXPECT_EQ(type(mend + "; sleep 1").status, 0);
  EXPECT_TRUE(has(result_of(graded({"--limit", "8M"}), "oom").dump(),
                  "oom_kill is 1 in"));
}

TEST_F(Check, KnowsAControllerThatIsNotEnabled) {
  if (version() == Version::v1) GTEST_SKIP() << "cgroup v2: v1 delegates none";
  EXPECT_EQ(type("mkdir ${demo%/*}/plain ${demo%/*}/plain/memorydemo").status,
            0);
  const std::string inner = nest().path() + "/plain/memorydemo";
  const Words words{"check", "--group", inner, "--format", "json"};
  const Json before = parse_record(cglab(words).out);
  EXPECT_FALSE(passed(before, "group"));
  EXPECT_EQ(hint_of(before, "group"), "not-delegated");
  const Json group = result_of(before, "group");
  for (const Json& command : group["hint"]["commands"]) {
    EXPECT_EQ(type(command.get<std::string>()).status, 0) << command;
  }
  EXPECT_TRUE(passed(parse_record(cglab(words).out), "group"));
  EXPECT_EQ(type("rmdir ${demo%/*}/plain/memorydemo ${demo%/*}/plain").status,
            0);
}

TEST_F(Check, GivesNoMarksForAKillByHand) {
  const Ending hands = type(
      "mkdir $demo; echo 104960000 > $demo/$limit\n"
      "sh -c 'echo 0 > $demo/cgroup.procs; "
      "exec $hog --block 60M --interval 1h' >/dev/null 2>&1 & pid=$!; sleep 1\n"
      "kill -9 $pid; wait $pid; echo status $?\n");
  EXPECT_TRUE(has(hands.out, "status 137")) << hands.err;
  const Json grade = graded();
  EXPECT_TRUE(passed(grade, "process"));
  EXPECT_TRUE(passed(grade, "charged"));
  EXPECT_FALSE(passed(grade, "oom"));
  EXPECT_EQ(grade["earned"], 70);
  EXPECT_EQ(hint_of(grade, "oom"), "killed-by-hand");
}

TEST_F(Check, GivesNoMarksForAKillByAnAncestorsLimit) {
  const std::string kill =
      "rmdir $demo 2>/dev/null\n"
      "mkdir $demo; echo 104960000 > $demo/$limit\n"
      "[ ! -e ${demo%/*}/$swap_limit ] || "
      "case $limit in memory.max) echo 0 > $demo/$swap_limit;; esac\n"
      "echo 16M > ${demo%/*}/$limit\n"
      "case $limit in memory.max) ;; *) [ ! -e ${demo%/*}/$swap_limit ] || "
      "echo 16M > ${demo%/*}/$swap_limit;; esac\n"
      "sh -c 'echo 0 > $demo/cgroup.procs; exec $hog --block 60M --interval "
      "1h' >/dev/null 2>&1 & wait $!; echo status $?\n";
  Json grade = Json::object();
  std::string hint;
  // The kernel logs ten cgroups in five seconds, perhaps of tests before.
  for (int i = 0; i < 3 && hint != "limit-above"; ++i) {
    if (i > 0) std::this_thread::sleep_for(std::chrono::seconds(5));
    const Ending hands = type(kill);
    EXPECT_TRUE(has(hands.out, "status 137")) << hands.err;
    grade = graded();
    EXPECT_FALSE(passed(grade, "oom"));
    hint = hint_of(grade, "oom");
  }
  EXPECT_EQ(hint, "limit-above") << grade.dump(1);
}

TEST_F(Check, KnowsADifferentLimit) {
  ASSERT_EQ(type("mkdir $demo; echo 100M > $demo/$limit").status, 0);
  EXPECT_EQ(hint_of(graded(), "limit"), "limit-differs");
  const std::string soft =
      version() == Version::v1 ? "memory.soft_limit_in_bytes" : "memory.high";
  const Ending hands = type(
      "case $limit in memory.max) echo max;; *) echo -1;; "
      "esac > $demo/$limit; echo 104960000 > $demo/" +
      soft);
  ASSERT_EQ(hands.status, 0) << hands.err;
  EXPECT_EQ(hint_of(graded(), "limit"), "other-limit");
}

TEST_F(Check, AcceptsALimitRoundedByTheKernel) {
  ASSERT_EQ(type("mkdir $demo; echo 104960001 > $demo/$limit").status, 0);
  const Json grade = graded({"--limit", "104960001"});
  EXPECT_TRUE(passed(grade, "limit"));
  EXPECT_TRUE(has(result_of(grade, "limit")["evidence"].get<std::string>(),
                  "104960000 bytes: 104960001, rounded down"));
}

TEST_F(Check, WarnsOfTheShellInTheCgroup) {
  const Ending hands = type(
      "mkdir $demo; echo 104960000 > $demo/$limit; echo $$ > "
      "$demo/cgroup.procs\n$cglab check --group $demo --format json; "
      "echo $$ > ${demo%/*/*}/cgroup.procs");
  const Json grade = parse_record(hands.out);
  EXPECT_EQ(hint_of(grade, "charged"), "own-shell");
}

TEST_F(Check, ReportsTheShellAndChargesThatStay) {
  const Ending hands = type(
      "mkdir $demo; echo 104960000 > $demo/$limit; echo $$ > "
      "$demo/cgroup.procs\n(echo 0 > ${demo%/*/*}/cgroup.procs; exec $hog "
      "--block 24M --interval 1h) >/dev/null 2>&1 & sleep 0.6\n"
      "echo $! > $demo/cgroup.procs\n$cglab check --group $demo --format json; "
      "echo $$ > ${demo%/*/*}/cgroup.procs");
  const Json grade = parse_record(hands.out);
  EXPECT_EQ(hint_of(grade, "charged"), "charges-stay") << grade.dump(1);
  EXPECT_EQ(hint_of(grade, "oom"), "own-shell");
}

/// Files that only look like a cgroup.
TEST_F(Check, IsNotFooledByPlainFiles) {
  const TempFolder folder;
  const std::string fake = folder.path_of("cglab-fake-demo");
  const Ending hands = type(
      "mkdir " + fake + "; cd " + fake +
      "; echo 104960000 > $limit; echo 1 > " +
      "cgroup.procs; echo 'oom_kill 5' > $counters; echo 104960000 > $usage");
  ASSERT_EQ(hands.status, 0) << hands.err;
  ProcessSpec spec =
      cglab_spec({"check", "--group", "cglab-fake-demo", "--format", "json"});
  spec.prepare = [&] {
    if (::chdir(folder.path().c_str()) != 0) ::_exit(98);
  };
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 1) << ending.err;
  const Json grade = parse_record(ending.out);
  EXPECT_EQ(grade["earned"], 0);
  EXPECT_EQ(hint_of(grade, "group"), "plain-directory");
}

TEST_F(Check, GivesOnlyTheCgroupForZeroCounters) {
  ASSERT_EQ(type("mkdir $demo").status, 0);
  const Json grade = graded();
  EXPECT_EQ(grade["earned"], 10);
  EXPECT_EQ(hint_of(grade, "limit"), "limit-not-set");
}

}  // namespace
}  // namespace cli_test
