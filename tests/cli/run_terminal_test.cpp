// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <csignal>
#include <string_view>

#include "tests/cli/own_terminal.h"
#include "tests/cli/run_fixture.h"

namespace cli_test {
namespace {

/// A run that leads a session on a terminal of its own, which is its standard
/// input.
class RunTerminal : public RunTest {
 protected:
  Subprocess start(const std::string& script, const Words& options = {}) const {
    ProcessSpec spec = run_spec(options, {"sh", "-c", script});
    spec.prepare = [this] { terminal_.become_controlling(false); };
    return Subprocess::start(spec);
  }

  void type(std::string_view text) const { terminal_.type(text); }

 private:
  OwnTerminal terminal_;
};

TEST_F(RunTerminal, GivesTheCommandItsInput) {
  Subprocess run = start("read line; echo \"<$line>\"; test -t 0");
  type("typed\n");
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 0);
  EXPECT_EQ(ending.out, "<typed>\n");
}

TEST_F(RunTerminal, SendsCtrlCOnce) {
  Subprocess run = start(
      "n=0; i=0; trap 'n=$((n+1))' INT; echo up >&2; "
      "while [ $n = 0 ] && [ $i -lt 300 ]; do sleep 0.1; i=$((i+1)); done; "
      "sleep 0.5; exit $n");
  ASSERT_TRUE(run.says("up"));
  type("\x03");
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 1);
  EXPECT_TRUE(has(ending.err, "FINISHED")) << ending.err;
}

/// A second run is not what a user wants who has stopped the first.
TEST_F(RunTerminal, MakesNoControlRunAfterCtrlC) {
  Subprocess run = start("echo up >&2; exec sleep 100", {"--with-control"});
  ASSERT_TRUE(run.says("up"));
  type("\x03");
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 128 + SIGINT);
  EXPECT_TRUE(has(ending.err, "a signal came: the control run is left out"))
      << ending.err;
}

TEST_F(RunTerminal, EndsTheCommandByCtrlC) {
  Subprocess run = start("echo up >&2; exec sleep 100");
  ASSERT_TRUE(run.says("up"));
  type("\x03");
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 128 + SIGINT);
  EXPECT_TRUE(has(ending.err, "ended by SIGINT"));
  EXPECT_TRUE(has(ending.err, "INTERRUPTED"));
}

/// As a shell has it, of what it started.
TEST_F(RunTerminal, InterruptsACommandThatSaysSoByItsStatus) {
  Subprocess run = start(
      "trap 'exit 130' INT; echo up >&2; while :; do sleep "
      "0.1; done");
  ASSERT_TRUE(run.says("up"));
  type("\x03");
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 128 + SIGINT);
  EXPECT_TRUE(has(ending.err, "INTERRUPTED")) << ending.err;
}

}  // namespace
}  // namespace cli_test
