// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroupfs/directory.h"
#include "cgroupfs/text.h"
#include "tests/cli/run_fixture.h"
#include "tests/support/reason.h"
#include "tests/support/temp_folder.h"
#include "tests/support/wait.h"

namespace cli_test {
namespace {

class RunEnd : public RunTest {};

TEST_F(RunEnd, ComesWithTheLastOfTheTree) {
  const Ending ending = run_script(
      {"--quiet"}, "(setsid sh -c '(sleep 1; echo daemon) &' ) & exit 3");
  EXPECT_EQ(ending.status, 3);
  EXPECT_EQ(ending.out, "daemon\n");
}

TEST_F(RunEnd, ByTimeoutTakesWhatIgnoresSigterm) {
  const Json record = record_of({"--timeout", "500ms"},
                                "trap '' TERM; sleep 1000 & sleep 1000", 124);
  EXPECT_EQ(record["verdict"]["status"], "deadline");
  EXPECT_TRUE(record["evidence"]["deadline_passed"].get<bool>());
}

TEST_F(RunEnd, ByTimeoutTakesDaemons) {
  const Json record =
      record_of({"--timeout", "1s"}, "setsid sleep 1000 & exit 0", 124);
  EXPECT_EQ(record["verdict"]["status"], "deadline");
  EXPECT_EQ(record["processes"][0]["exit_code"], 0);
}

TEST_F(RunEnd, ByTimeoutTakesACommandThatHasLeft) {
  auto other = cgroupfs::Cgroup::create(nest().directory(), "other", version());
  const Json record = record_of(
      {"--timeout", "1s"},
      "echo 0 > " + other.path() + "/cgroup.procs; exec sleep 1000", 124);
  EXPECT_FALSE(other.populated());
  other.remove();
  EXPECT_EQ(record["verdict"]["status"], "deadline");
  EXPECT_TRUE(has(test_support::reason_in(record),
                  "/other, outside of the run's cgroup"));
}

TEST_F(RunEnd, BySignalIsPassedOn) {
  Subprocess run = start_script(
      {},
      "trap 'echo bye; exit 9' TERM; echo up >&2; while :; do sleep 0.1; "
      "done");
  ASSERT_TRUE(run.says("up"));
  run.signal(SIGTERM);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 9);
  EXPECT_EQ(ending.out, "bye\n");
  EXPECT_TRUE(has(ending.err, "INTERRUPTED"));
  EXPECT_TRUE(has(ending.err, "forwarded to the command"));
}

TEST_F(RunEnd, BySignalReachesWhatIgnoresItAfterAWhile) {
  Subprocess run =
      start_script({}, "trap '' TERM; echo up >&2; sleep 1000; sleep 1000");
  ASSERT_TRUE(run.says("up"));
  run.signal(SIGTERM);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 128 + SIGTERM);
  EXPECT_TRUE(has(ending.err, "all remaining processes inside were killed"));
}

/// Whoever sends another signal does not mean the first one again.
TEST_F(RunEnd, ByASecondSignalComesAtOnce) {
  Subprocess run =
      start_script({"--verbose"},
                   "trap '' TERM INT; echo is up >&2; sleep 1000; sleep 1000");
  ASSERT_TRUE(run.says("is up"));
  run.signal(SIGTERM);
  ASSERT_TRUE(run.says("signal forwarded"));
  run.signal(SIGINT);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 128 + SIGTERM) << ending.err;
  EXPECT_TRUE(has(ending.err, "all killed (SIGINT)")) << ending.err;
}

TEST_F(RunEnd, BySignalTakesDaemonsAtOnce) {
  Subprocess run = start_script(
      {"--verbose"}, "setsid sh -c 'trap \"\" TERM; sleep 1000' & exit 0");
  ASSERT_TRUE(run.says("reaped"));
  run.signal(SIGTERM);
  const Ending ending = run.wait();
  const std::size_t at = ending.err.find("all killed (");
  ASSERT_NE(at, ending.err.npos) << ending.err;
  const std::size_t end = ending.err.find('\n', at);
  EXPECT_TRUE(has(ending.err.substr(at, end - at), "SIGTERM)"));
  EXPECT_EQ(ending.status, 0);
}

TEST_F(RunEnd, IsNotAskedForByASignalOfTheUser) {
  Subprocess run = start_script(
      {},
      "trap 'echo first' USR1; trap 'echo second; exit 9' USR2; echo up >&2; "
      "while :; do sleep 0.1; done");
  ASSERT_TRUE(run.says("up"));
  run.signal(SIGUSR1);
  ASSERT_TRUE(run.prints("first\n"));
  run.signal(SIGUSR1);
  ASSERT_TRUE(run.prints("first\nfirst\n"));
  run.signal(SIGUSR2);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 9);
  EXPECT_FALSE(has(ending.err, "INTERRUPTED")) << ending.err;
}

TEST_F(RunEnd, IsNotAskedOfWhatTheCommandLeftBySuchASignal) {
  Subprocess run = start_script({"--verbose"}, "sleep 1 & exit 3");
  ASSERT_TRUE(run.says("reaped"));
  run.signal(SIGUSR1);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 3);
  EXPECT_FALSE(has(ending.err, "all killed")) << ending.err;
  EXPECT_FALSE(has(ending.err, "forwarded")) << ending.err;
}

/// timeout(1) and service managers signal the whole group: the command may be
/// gone before cglab is notified.
TEST_F(RunEnd, BySignalToTheWholeGroupInterrupts) {
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGQUIT}) {
    ProcessSpec spec =
        run_spec({}, {"sh", "-c", "echo up >&2; exec sleep 100"});
    spec.prepare = [] { ::setsid(); };
    Subprocess run = Subprocess::start(spec);
    ASSERT_TRUE(run.says("up"));
    ASSERT_EQ(::kill(-run.pid(), number), 0);
    const Ending ending = run.wait();
    EXPECT_EQ(ending.status, 128 + number) << ending.err;
    EXPECT_TRUE(has(ending.err, "INTERRUPTED")) << ending.err;
  }
}

/// A signal sent to the command only does not concern cglab.
TEST_F(RunEnd, BySignalToTheCommandOnlyIsNone) {
  const Ending ending = run_script({}, "kill -TERM $$");
  EXPECT_EQ(ending.status, 128 + SIGTERM);
  EXPECT_FALSE(has(ending.err, "INTERRUPTED")) << ending.err;
}

TEST_F(RunEnd, IsWaitedForAloud) {
  Subprocess run = start_script({}, "sleep 100 & exit 3");
  ASSERT_TRUE(run.says("has ended (exit status 3); waiting for sleep (pid "));
  run.signal(SIGTERM);
  EXPECT_EQ(run.wait().status, 3);
}

TEST_F(RunEnd, IsWaitedForInSilenceWhereAsked) {
  const Ending ending = run_script({"--quiet"}, "sleep 1.5 & exit 3");
  EXPECT_EQ(ending.status, 3);
  EXPECT_EQ(ending.err, "");
}

TEST_F(RunEnd, IsNotWaitedForWithNoWait) {
  const Json record = record_of({"--no-wait"}, "sleep 1000 & exit 3", 3);
  EXPECT_EQ(record["verdict"]["status"], "finished");
  EXPECT_EQ(record["verdict"]["findings"][0]["kind"], "rest_killed");
  EXPECT_TRUE(record["plan"]["no_wait"].get<bool>());
}

TEST_F(RunEnd, IsSilentWithNoWaitIfNothingIsLeft) {
  const Json record = record_of({"--no-wait"}, "exit 3", 3);
  EXPECT_TRUE(record["verdict"]["findings"].empty());
}

/// Processes that wait, few pages each.
std::string many(unsigned count, const std::string& fifo) {
  return "mkfifo " + fifo + "; i=0; while [ $i -lt " + std::to_string(count) +
         " ]; do { read x < " + fifo +
         "; } > /dev/null 2>&1 & i=$((i + 1)); done; echo up >&2; exec "
         "> /dev/null 2>&1; wait";
}

void allow_few_files() {
  const rlimit few{64, 64};
  ::setrlimit(RLIMIT_NOFILE, &few);
}

/// So many that there is neither a descriptor for each, nor for most.
unsigned most_processes() {
  constexpr unsigned wanted = 1500;
  const auto threads = cgroupfs::parse_u64(
      cgroupfs::trim(cgroupfs::read_file("/proc/sys/kernel/threads-max")));
  return static_cast<unsigned>(std::min<std::uint64_t>(wanted, threads / 4));
}

TEST_F(RunEnd, OfThousandsComesWithFewDescriptors) {
  const TempFolder folder;
  const unsigned count = most_processes();
  ASSERT_GT(count, 200u);
  ProcessSpec spec = run_spec(
      {"--timeout", "100s"}, {"sh", "-c", many(count, folder.path_of("fifo"))});
  spec.prepare = allow_few_files;
  Subprocess run = Subprocess::start(spec);
  ASSERT_TRUE(run.says("up"));
  const cgroupfs::Cgroup group = running_group();
  EXPECT_GE(group.processes().size(), count);
  run.signal(SIGTERM);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 128 + SIGTERM) << ending.err;
}

/// Each process that ended before leaves one descriptor more: whatever a slice
/// of pidfds leaves then, the members can be read.
TEST_F(RunEnd, KillsAllWhateverNumberOfDescriptorsIsFree) {
  for (unsigned ended = 0; ended < 6; ++ended) {
    const std::string script =
        "i=0; while [ $i -lt 80 ]; do sleep 100 & i=$((i + 1)); "
        "[ $i -gt " +
        std::to_string(ended) + " ] || sleep 0.3 & done; sleep 0.6; exit 0";
    ProcessSpec spec = run_spec({"--timeout", "1s"}, {"sh", "-c", script});
    spec.prepare = allow_few_files;
    const Ending ending = test_support::run_process(spec);
    EXPECT_EQ(ending.status, 124) << ended << ": " << ending.err;
  }
}

TEST_F(RunEnd, OfThousandsThatAreOrphansComesWithClean) {
  const TempFolder folder;
  const unsigned count = most_processes();
  Subprocess run = start_script({}, many(count, folder.path_of("fifo")));
  ASSERT_TRUE(run.says("up"));
  const std::string path = running_group().path();
  run.signal(SIGKILL);
  run.wait();
  ProcessSpec clean = cglab_spec({"clean"});
  clean.prepare = allow_few_files;
  const Ending ending = test_support::run_process(clean);
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "removed " + path));
}

/// A fork bomb in the cgroups of a run, where it forks until it is refused, and
/// then again. It ends with the run. Few processes are enough: they take the
/// CPU from everything else, and a VM has one.
class ForkBomb : public RunTest {
 protected:
  Subprocess start() {
    enable_pids();
    Subprocess run =
        start_script({"--pids", "25", "--limit", "200M", "--verbose"},
                     "echo up >&2; exec sleep 100");
    if (!run.says("up\n")) return run;
    const Words groups = groups_of(run.pid());
    const auto limited = std::find_if(groups.begin(), groups.end(), is_limited);
    if (limited == groups.end()) {
      ADD_FAILURE() << "no pids limit holds the fork bomb";
      return run;
    }
    bomb_ = start_in(groups);
    const auto directory = cgroupfs::Directory::open(*limited);
    EXPECT_TRUE(test_support::wait_until(
        [&] { return directory.read("pids.events") != "max 0\n"; }));
    return run;
  }

  void TearDown() override {
    if (bomb_ > 0) {
      EXPECT_EQ(::waitpid(bomb_, nullptr, 0), bomb_);
    }
    RunTest::TearDown();
  }

  bool has_started() const { return bomb_ > 0; }

 private:
  static pid_t start_in(const Words& groups) {
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    try {
      for (const std::string& path : groups) {
        cgroupfs::Directory::open(path).write("cgroup.procs", "0");
      }
    } catch (const std::exception&) {
      ::_exit(1);
    }
    for (;;) ::fork();
  }

  static bool is_limited(const std::string& path) {
    const auto max = cgroupfs::Directory::open(path).try_read("pids.max");
    return max == "25\n";
  }

  pid_t bomb_ = -1;
};

TEST_F(ForkBomb, EndsWithTheRun) {
  Subprocess run = start();
  if (!has_started()) GTEST_SKIP() << run.wait().err;
  run.signal(SIGTERM);
  EXPECT_TRUE(run.says("reaped"));
  run.signal(SIGINT);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 128 + SIGTERM) << ending.err;
  EXPECT_TRUE(has(ending.err, "was refused")) << ending.err;
}

TEST_F(ForkBomb, ThatIsAnOrphanEndsByClean) {
  Subprocess run = start();
  const pid_t pid = run.pid();
  run.signal(SIGKILL);
  const std::string error = run.wait().err;
  if (!has_started()) GTEST_SKIP() << error;
  const Ending ending = cglab({"clean"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_EQ(groups_of(pid), Words());
}

/// Fewer than a run needs are one error, whatever they would have been for.
TEST_F(RunEnd, OfAnyWithFewDescriptorsIsOneError) {
  unsigned refused = 0;
  for (rlim_t count = 3; count <= 64; ++count) {
    for (const Words& words :
         {Words{"run", "--parent", nest().path(), "--", "true"},
          Words{"oom", "--parent", nest().path(), "--limit", "8M", "--ramp",
                "0"}}) {
      ProcessSpec spec = cglab_spec(words);
      spec.prepare = [count] {
        const rlimit few{count, count};
        ::setrlimit(RLIMIT_NOFILE, &few);
        // What the test has open is not cglab's.
        ::close_range(3, ~0u, 0);
      };
      const Ending ending = test_support::run_process(spec);
      if (ending.status == 0) continue;
      ++refused;
      EXPECT_EQ(ending.status, 77) << count << ending.err;
      EXPECT_TRUE(has(ending.err, "RLIMIT_NOFILE is " + std::to_string(count)))
          << ending.err;
      EXPECT_TRUE(has(ending.err, "\n  ulimit -n 1024\n")) << ending.err;
      EXPECT_EQ(in_nest(), Words());
    }
  }
  EXPECT_GT(refused, 50u);
}

TEST_F(RunEnd, OfCglabItselfIsTheEndOfTheCommand) {
  Subprocess run = start_script({"--quiet"}, "echo $$ >&2; exec sleep 1000");
  ASSERT_TRUE(run.says("\n"));
  const pid_t child = running_group().processes().front();
  run.signal(SIGKILL);
  run.wait();
  EXPECT_TRUE(ends(child));
  EXPECT_EQ(cglab({"clean"}).status, 0);
}

}  // namespace
}  // namespace cli_test
