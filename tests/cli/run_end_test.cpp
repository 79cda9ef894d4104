// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <csignal>

#include <unistd.h>

#include "tests/cli/run_fixture.h"

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
  EXPECT_TRUE(has(record["verdict"]["reason"].get<std::string>(),
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

/// timeout(1) and service managers signal the whole group: the command may be
/// gone before cglab has heard of it.
TEST_F(RunEnd, BySignalToTheWholeGroupInterrupts) {
  for (const int number : {SIGTERM, SIGINT, SIGHUP}) {
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

/// One that was sent to the command alone is its own affair.
TEST_F(RunEnd, BySignalToTheCommandAloneIsNone) {
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

TEST_F(RunEnd, OfNothingLeftIsNoNewsWithNoWait) {
  const Json record = record_of({"--no-wait"}, "exit 3", 3);
  EXPECT_TRUE(record["verdict"]["findings"].empty());
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
