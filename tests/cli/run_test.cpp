// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include <sys/stat.h>
#include <unistd.h>

#include "tests/cli/run_fixture.h"
#include "tests/support/temp_folder.h"

namespace cli_test {
namespace {

class Run : public RunTest {};

TEST_F(Run, PassesTheStatusOn) {
  for (const int status : {0, 1, 7, 255}) {
    EXPECT_EQ(run_script({}, "exit " + std::to_string(status)).status, status);
  }
}

TEST_F(Run, PassesTheSignalOn) {
  const Ending ending = run_script({}, "kill -USR1 $$");
  EXPECT_EQ(ending.status, 128 + SIGUSR1);
  EXPECT_FALSE(ending.signalled);
  EXPECT_TRUE(has(ending.err, "ended by SIGUSR1"));
}

TEST_F(Run, LeavesTheStreamsToTheCommand) {
  TempFolder folder;
  std::string bytes;
  for (int i = 0; i < 300000; ++i) bytes += static_cast<char>(i * 31 + i / 256);
  const std::string file = folder.add_file("input", bytes);
  ProcessSpec spec = run_spec({"--quiet"}, {"cat"});
  spec.prepare = [&] {
    if (!::freopen(file.c_str(), "r", stdin)) ::_exit(98);
  };
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 0);
  EXPECT_TRUE(ending.out == bytes);
  EXPECT_EQ(ending.err, "");
}

TEST_F(Run, ReportsOnStderrVerdictFirst) {
  const Ending ending = run_script({}, "echo out; echo err >&2");
  EXPECT_EQ(ending.out, "out\n");
  EXPECT_EQ(ending.err.find("err\nFINISHED\n"), 0u) << ending.err;
  EXPECT_TRUE(has(ending.err, "peak was "));
}

TEST_F(Run, ShowsEventsWhenVerbose) {
  const Ending ending = run({"--verbose"}, {"true"});
  EXPECT_TRUE(has(ending.err, "gate opened"));
  EXPECT_TRUE(has(ending.err, "all ended"));
}

TEST_F(Run, FindsTheCommandOnThePath) {
  const Ending ending = run({}, {"no-such-command-anywhere"});
  EXPECT_EQ(ending.status, 127);
  EXPECT_TRUE(has(ending.err, "no-such-command-anywhere: command not found"));
  EXPECT_EQ(run({}, {"/nonexistent/program"}).status, 127);
}

TEST_F(Run, SaysWhatCannotBeExecuted) {
  TempFolder folder;
  const std::string file = folder.add_file("plain", "text\n");
  const Ending ending = run({}, {file});
  EXPECT_EQ(ending.status, 126);
  EXPECT_TRUE(has(ending.err, file + ": cannot be executed: Permission"));
}

TEST_F(Run, LeavesNoRecordOfWhatWasNeverExecuted) {
  TempFolder folder;
  const std::string file = folder.path_of("record.json");
  EXPECT_EQ(run({"--json", file}, {"no-such-command-anywhere"}).status, 127);
  EXPECT_NE(::access(file.c_str(), F_OK), 0);
}

TEST_F(Run, KeepsSignalsAsTheyWere) {
  ProcessSpec spec = run_spec(
      {"--quiet"}, {"grep", "-E", "SigBlk|SigIgn", "/proc/self/status"});
  spec.prepare = [] {
    // A shell's background job, as a test run may be, ignores these two.
    ::signal(SIGINT, SIG_DFL);
    ::signal(SIGQUIT, SIG_DFL);
    ::signal(SIGPIPE, SIG_IGN);
    ::signal(SIGHUP, SIG_IGN);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    ::sigprocmask(SIG_SETMASK, &set, nullptr);
  };
  const Ending ending = test_support::run_process(spec);
  EXPECT_TRUE(has(ending.out, "SigBlk:\t0000000000000800")) << ending.out;
  EXPECT_TRUE(has(ending.out, "SigIgn:\t0000000000001001")) << ending.out;
}

TEST_F(Run, PassesOnNoDescriptorOfItsOwn) {
  ProcessSpec plain;
  plain.program = "ls";
  plain.arguments = {"/proc/self/fd"};
  EXPECT_EQ(run({"--quiet"}, {"ls", "/proc/self/fd"}).out,
            test_support::run_process(plain).out);
}

TEST_F(Run, PassesItsLimitsToTheCommand) {
  const Ending ending =
      run_script({"--env", "--quiet", "--limit", "16777217"},
                 "echo $CGLAB_LIMIT $CGLAB_HIGH $CGLAB_SWAP $CGLAB_PIDS; echo "
                 "$CGLAB_CGROUP");
  EXPECT_TRUE(has(ending.out, "16777216 max 0 max\n" + nest().path() + "/"));
  EXPECT_EQ(run_script({"--quiet"}, "echo \"<$CGLAB_LIMIT>\"").out, "<>\n");
}

TEST_F(Run, IsInsideBeforeItsFirstInstruction) {
  const Ending ending = run_script({"--env", "--quiet"},
                                   "grep -c ${CGLAB_CGROUP##*/} "
                                   "/proc/self/cgroup");
  EXPECT_EQ(ending.out, "1\n");
}

TEST_F(Run, RefusesBadUsage) {
  for (const Words& words :
       {Words{"run"}, Words{"run", "true"}, Words{"run", "--"},
        Words{"run", "--json", "-", "--", "true"},
        Words{"run", "--ramp", "1s", "--", "true"}}) {
    const Ending ending = cglab(words);
    EXPECT_EQ(ending.status, 2);
    EXPECT_TRUE(has(ending.err, "Try 'cglab run --help'"));
    EXPECT_EQ(ending.out, "");
  }
}

TEST_F(Run, KeepsTheGroupWhenAsked) {
  const Ending ending =
      test_support::run_process(run_spec({"--keep"}, {"true"}));
  EXPECT_EQ(ending.status, 0);
  ASSERT_EQ(in_nest().size(), 1u);
  EXPECT_TRUE(has(ending.err, "rmdir"));
  const std::string path = nest().directory().path_of(in_nest().front());
  EXPECT_EQ(::rmdir(path.c_str()), 0);
}

TEST_F(Run, WritesARecord) {
  const Json record = record_of({}, "exit 3", 3);
  EXPECT_EQ(record["verdict"]["status"], "finished");
  EXPECT_EQ(record["plan"]["command"], Json({"sh", "-c", "exit 3"}));
  EXPECT_EQ(record["plan"]["limit"], "max");
  EXPECT_EQ(record["processes"][0]["name"], "sh");
  EXPECT_EQ(record["processes"][0]["exit_code"], 3);
}

/// Page cache can be reclaimed: who sizes a limit has to know how much it is.
TEST_F(Run, ShowsTheCompositionOfThePeak) {
  TempFolder folder;
  const std::string file = folder.path_of("file");
  const Json record = record_of(
      {}, "dd if=/dev/zero of=" + file + " bs=1024k count=40; sleep 0.1", 0);
  const Json& split = record["peak"]["split"];
  ASSERT_TRUE(split.is_object()) << record["peak"];
  EXPECT_LE(split["usage"], record["peak"]["bytes"]);
  EXPECT_LT(split["anon"], 30u << 20);
  const Json& stat = record["samples"]["usage"][0];
  EXPECT_EQ(split["usage"], *std::max_element(stat.begin(), stat.end()));
  const auto cache =
      split["file"].get<std::uint64_t>() + split["shmem"].get<std::uint64_t>();
  // memory.stat lags behind the usage.
  EXPECT_GT(cache, 8u << 20) << split;
}

}  // namespace
}  // namespace cli_test
