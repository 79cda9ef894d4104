// SPDX-License-Identifier: MIT
// Where a run makes its cgroup without --parent.
#include <gtest/gtest.h>

#include <csignal>
#include <string>

#include <unistd.h>

#include "cgroupfs/hierarchy.h"
#include "lab/run/kmsg.h"
#include "tests/cli/cli_test.h"
#include "tests/cli/own_world.h"
#include "tests/cli/run_fixture.h"
#include "tests/support/wait.h"

namespace cli_test {
namespace {

using cgroupfs::Cgroup;
using cgroupfs::Version;

/// Starts a long run and kills it when it has made its cgroup.
std::string kill_a_run(const std::string& mount_point) {
  return "cd " + mount_point +
         "; cglab oom --limit 32M --ramp 1m -q & run=$!\n"
         "n=0; until ls -d " +
         mount_point +
         "/cglab.oom.*; do\n"
         "n=$((n + 1)); [ $n -lt 200 ] || exit 9; sleep 0.1\ndone 2>&-\n"
         "kill -9 $run; wait $run\n";
}

const std::string run_oom = "cglab oom --limit 8M --ramp 0 -v";
/// The shell keeps running: as its last command cglab might replace it.
const std::string run_beside = run_oom + "; exit $?";

cgroupfs::Hierarchy hierarchy() {
  const auto search = cgroupfs::find_controller("memory");
  return search.v2 ? *search.v2 : *search.v1;
}

/// A cgroup in the nest that is the root of a container's cgroup namespace.
class Container : public CliTest {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    const std::string missing = missing_for_container();
    if (!missing.empty()) GTEST_SKIP() << missing;
    box_.emplace(Cgroup::create(nest().directory(), "box", version()));
  }
  void TearDown() override {
    if (box_) box_->remove();
    CliTest::TearDown();
  }

  const Cgroup& box() const { return *box_; }

  /// `script` by sh, the container's first process, as that `user`.
  ProcessSpec spec(const std::string& script, unsigned user = 0) const {
    ProcessSpec spec = cglab_spec({"-c", script});
    spec.program = "sh";
    spec.environment.emplace_back("PATH", path_with_cglab());
    spec.prepare = [this, user] {
      enter_container(box().path(), hierarchy().mount_point, version());
      if (user != 0) become_user(user);
    };
    return spec;
  }
  Ending inside(const std::string& script) const {
    Ending ending = test_support::run_process(spec(script));
    EXPECT_NE(ending.status, unprepared_status) << "the test was not prepared";
    return ending;
  }

  /// Nothing that a run has changed in the container stays.
  void expect_untouched() const {
    EXPECT_EQ(box().directory().subdirectories(), Words());
    if (version() == Version::v2) {
      EXPECT_EQ(box().directory().read("cgroup.subtree_control"), "");
    }
  }

 private:
  std::optional<Cgroup> box_;
};

/// What only cgroup v2 needs.
class ContainerOnV2 : public Container {
 protected:
  void SetUp() override {
    Container::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    if (version() == Version::v1) {
      GTEST_SKIP() << "cgroup v2: on v1 nothing has to be moved aside";
    }
  }
};

/// A run with a limit of 24 MiB, and others inside of it that have larger ones.
class RunInRun : public RunTest {
 protected:
  Ending in_run(const Words& command) const {
    ProcessSpec spec = run_spec({"--limit", "24M"}, command);
    spec.environment.emplace_back("PATH", path_with_cglab());
    Ending ending = test_support::run_process(spec);
    EXPECT_EQ(groups_of(ending.pid), Words());
    return ending;
  }
  /// `script` by a shell that keeps running.
  Ending beside_shell(const std::string& script) const {
    return in_run({"sh", "-c", script + "; exit $?"});
  }
  std::string outside() const { return " --parent " + nest().path(); }
};

const std::string larger_oom = "cglab oom --limit 48M --ramp 0 -v";

void expect_nested(const Ending& ending) {
  EXPECT_EQ(ending.status, 1) << ending.err;
  EXPECT_TRUE(has(ending.out, "OOM KILL AT AN ANCESTOR'S LIMIT"));
  EXPECT_EQ(ending.out.find("PROVEN"), std::string::npos) << ending.out;
}

TEST_F(RunInRun, StaysInside) {
  const Ending ending = in_run({"sh", "-c", "exec " + larger_oom});
  expect_nested(ending);
  EXPECT_TRUE(has(ending.err, version() == Version::v1
                                  ? "own v1 cgroup of this process"
                                  : "own cgroup, whose only process is"));
}

TEST_F(RunInRun, StaysInsideOfAllThatAreAround) {
  expect_nested(
      in_run({"cglab", "run", "--limit", "32M", "--", "cglab", "run", "--limit",
              "40M", "--", "sh", "-c", "exec " + larger_oom}));
}

TEST_F(RunInRun, IsInTheRecordOfTheOuter) {
  const Json record = record_of(
      {"--limit", "24M"},
      "exec " + cglab_path() + " oom --limit 48M --ramp 0 --quiet", 1);
  EXPECT_EQ(record["processes"][0]["exit_code"], 1);
  EXPECT_EQ(record["peak"]["bytes"], (24 << 20));
  EXPECT_EQ(record["cleanup"]["removed"], true);
  // On v1 the counter was removed with the inner cgroup.
  if (version() == Version::v1) return;
  EXPECT_EQ(record["verdict"]["oom_kill"], "inside") << record.dump(1);
  EXPECT_EQ(record["verdict"]["limit_owner"], "own");
}

TEST_F(RunInRun, IsRefusedOnV2NextToAShell) {
  const Ending ending = beside_shell(larger_oom);
  if (version() == Version::v1) {
    expect_nested(ending);
    return;
  }
  EXPECT_EQ(ending.status, 77);
  EXPECT_TRUE(has(ending.err, "whose memory.max is 24 MiB"));
  EXPECT_TRUE(has(ending.err, "its own cgroup has other processes"));
  EXPECT_TRUE(has(ending.err, "What to do: make cglab the only process"));
  EXPECT_TRUE(has(ending.err, "cglab run ... -- cglab oom"));
  EXPECT_TRUE(has(ending.err, "--parent "));
}

/// A dry run, the doctor and the run agree.
TEST_F(RunInRun, IsForeseen) {
  const bool v1 = version() == Version::v1;
  EXPECT_EQ(beside_shell("cglab oom --limit 8M --dry-run").status, v1 ? 0 : 77);
  const Ending doctor = beside_shell("cglab doctor --format json");
  EXPECT_EQ(doctor.status, v1 ? 0 : 77) << doctor.out;
  EXPECT_EQ(has(doctor.out, "deliberately"), !v1) << doctor.out;
  EXPECT_EQ(in_run({"cglab", "oom", "--limit", "8M", "--dry-run"}).status, 0);
  EXPECT_EQ(in_run({"cglab", "doctor"}).status, 0);
}

TEST_F(RunInRun, LeavesTheLimitAtTheUsersWord) {
  const Ending ending = beside_shell(larger_oom + outside());
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "OOM KILL PROVEN"));
}

TEST_F(Container, RunsAtTheRootOfItsNamespaceThatIsLimited) {
  cgroupfs::Memory::open(box()).set(cgroupfs::File::memory_max,
                                    cgroupfs::Limit::of(test_support::mib(64)));
  const Ending ending = inside(run_beside);
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "OOM KILL PROVEN"));
  expect_untouched();
}

TEST_F(Container, RunsAtTheRootOfItsNamespace) {
  const Ending ending = inside(run_beside);
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "OOM KILL PROVEN"));
  const bool v1 = version() == Version::v1;
  EXPECT_TRUE(has(ending.err,
                  v1 ? "placed in: own v1 cgroup of this process"
                     : "placed in: root of this container's cgroup namespace"));
  EXPECT_TRUE(has(ending.err, "not with --parent: not given"));
  EXPECT_EQ(has(ending.err, "not with own v1 cgroup of this process: "), !v1);
  expect_untouched();
}

/// Its pids are not those of the kernel log, but names are.
TEST_F(Container, IdentifiesTheVictimByItsName) {
  const lab::KernelLog log;
  if (!log.readable()) GTEST_SKIP() << "kernel log: " << log.absent_because();
  const Ending ending = inside("cglab run --limit 16M -- sh -c '" + hog("64M") +
                               "; kill -9 $$'; exit $?");
  EXPECT_EQ(ending.status, 128 + SIGKILL) << ending.err;
  EXPECT_TRUE(has(ending.err, "OOM KILL INSIDE")) << ending.err;
  expect_untouched();
}

/// The command has taken the name of the hog, and kills itself. Whether it was
/// the victim is known only where a reading shows it alive after the kill.
TEST_F(Container, IsNotMisledByTwoProcessesOfOneName) {
  const Ending ending = inside(
      "cglab run --limit 16M -- sh -c 'echo malloc_demo > /proc/self/comm; " +
      hog("64M") + "; kill -9 $$'; exit $?");
  EXPECT_EQ(ending.status, 128 + SIGKILL) << ending.err;
  const bool undetermined =
      ending.err.find("VICTIM UNDETERMINED") != std::string::npos;
  EXPECT_TRUE(has(ending.err, undetermined ? "initial PID" : "OOM KILL INSIDE"))
      << ending.err;
  expect_untouched();
}

TEST_F(ContainerOnV2, SaysWhyEarlierStrategiesDoNotApply) {
  const Ending ending = inside(run_beside);
  EXPECT_TRUE(has(ending.err, "not with delegated subtree: "));
  EXPECT_TRUE(has(ending.err, "its own cgroup has other processes"));
  EXPECT_TRUE(has(ending.err,
                  "not with a scope delegated by systemd: systemd is "
                  "not running"));
  EXPECT_TRUE(has(ending.err,
                  "not with root of the hierarchy: " + hierarchy().mount_point +
                      " is the root of a namespace"));
}

TEST_F(Container, KeepsItsPlaceForAllRunsAtTheSameTime) {
  const Ending ending =
      inside("cglab oom --limit 32M --ramp 2s -q & first=$!\n" + run_oom +
             " && " + run_oom + "\nlater=$?\nwait $first && exit $later");
  EXPECT_EQ(ending.status, 0) << ending.err;
  expect_untouched();
}

TEST_F(ContainerOnV2, HoldsOnlyCglabWhichMovesItselfAside) {
  const Ending ending = inside("exec " + run_oom);
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.err, "whose only process is this one"));
  expect_untouched();
}

TEST_F(ContainerOnV2, IsPutBackInOrderByCleanAfterAKill) {
  const std::string leaf = hierarchy().mount_point + "/cglab.supervisor";
  const Ending ending = inside(kill_a_run(hierarchy().mount_point) +
                               "cglab clean --dry-run; cat /proc/self/cgroup\n"
                               "cglab clean; cat /proc/self/cgroup");
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "would remove " + leaf + "\n"));
  EXPECT_TRUE(has(ending.out, "\n0::/cglab.supervisor\n"));
  EXPECT_TRUE(has(ending.out, "removed " + leaf + "\n0::/\n"));
  expect_untouched();
}

TEST_F(ContainerOnV2, IsPutBackInOrderWheneverARunIsKilled) {
  const Ending ending =
      inside("cd " + hierarchy().mount_point +
             "\nfor ms in 00 02 04 06 08 10 12 14 16 18 20 25 30 40 50 60; do\n"
             "cglab oom --limit 4M --ramp 20ms -q & run=$!\n"
             "sleep 0.0$ms; kill -9 $run 2>&-; wait $run\n"
             "cglab clean > /dev/null || exit 9\n"
             "for left in cglab.*; do [ ! -e $left ] || { echo $left; exit 8; "
             "}; done\n"
             "[ -z \"$(cat cgroup.subtree_control)\" ] || exit 7\ndone");
  EXPECT_EQ(ending.status, 0) << ending.out << ending.err;
  expect_untouched();
}

TEST_F(ContainerOnV2, IsPutBackInOrderByTheNextRunAfterAKill) {
  const Ending ending =
      inside(kill_a_run(hierarchy().mount_point) + run_beside);
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.err, "removed the cgroup of a killed run"));
  expect_untouched();
}

TEST_F(ContainerOnV2, IsLeftAloneWhenItHoldsProcessesThatItDoesNotSee) {
  ProcessSpec stranger;
  stranger.program = "sleep";
  stranger.arguments = {"600"};
  stranger.prepare = [this] { box().add(0); };
  Subprocess outside = Subprocess::start(stranger);
  ASSERT_TRUE(
      test_support::wait_until([this] { return !box().processes().empty(); }));
  const Ending ending = inside(run_beside);
  EXPECT_EQ(ending.status, 77);
  EXPECT_TRUE(has(ending.err, "is shared: it contains processes"));
  EXPECT_TRUE(
      has(ending.err, "private cgroup namespace and a private PID namespace"));
  expect_untouched();
  outside.signal(SIGKILL);
  outside.wait();
}

TEST_F(Container, ShowsAUserWhatRootCanDoAndThatWorks) {
  if (version() == Version::v2) {
    GTEST_SKIP() << "cgroup v1: on v2 see the fix on the root of a hierarchy";
  }
  const std::string missing = missing_for_user(1000);
  if (!missing.empty()) GTEST_SKIP() << missing;
  const Ending refused = test_support::run_process(spec(run_oom, 1000));
  EXPECT_EQ(refused.status, 77);
  const std::string mark = "What to do: have root create a cgroup for you:\n";
  const std::size_t begin = refused.err.find(mark);
  ASSERT_NE(begin, refused.err.npos) << refused.err;
  const std::size_t commands = begin + mark.size();
  const std::size_t end = refused.err.find("and use it with --parent");
  ASSERT_NE(end, refused.err.npos) << refused.err;
  const std::string group = hierarchy().mount_point + "/lab-1000";
  EXPECT_TRUE(has(refused.err, "--parent " + group));
  inside("sudo() { \"$@\"; }\n" + refused.err.substr(commands, end - commands));
  const Ending ending =
      test_support::run_process(spec(run_oom + " --parent " + group, 1000));
  inside("rmdir " + group);
  EXPECT_EQ(ending.status, 0) << ending.err;
  expect_untouched();
}

}  // namespace
}  // namespace cli_test
