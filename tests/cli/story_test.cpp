// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "tests/cli/cli_test.h"
#include "tests/support/reason.h"

namespace cli_test {
namespace {

const Words fast{"--limit", "8M", "--ramp", "0"};

class Story : public CliTest {
 protected:
  Ending oom_with(Words more) const {
    more.insert(more.begin(), fast.begin(), fast.end());
    return oom(more);
  }
};

TEST_F(Story, FollowsTheReport) {
  const Ending ending = oom_with({"--explain"});
  EXPECT_EQ(ending.status, 0);
  EXPECT_EQ(ending.out.find("OOM KILL PROVEN"), 0u);
  EXPECT_TRUE(has(ending.out, "What happened, step by step"));
  EXPECT_TRUE(has(ending.out, "8388608 was written into"));
  EXPECT_TRUE(has(ending.out, "cglab explain oom-kill"));
}

TEST_F(Story, IsChineseWhileTheRecordStaysEnglish) {
  const Ending ending = oom_with({"--explain", "--lang", "zh", "--json", "-"});
  EXPECT_EQ(ending.status, 0);
  EXPECT_TRUE(has(ending.err, "已证实：OOM KILL"));
  EXPECT_TRUE(has(ending.err, "这次运行的全过程"));
  const Json record = parse_record(ending.out);
  EXPECT_TRUE(
      has(test_support::reason_in(record), "The OOM killer killed the child"));
}

TEST_F(Story, OfAnExperimentHasItsQuestionAndItsClaims) {
  const Ending ending =
      cglab({"move", "--parent", nest().path(), "--limit", "16M", "--explain"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_EQ(ending.out.find("AS PREDICTED"), 0u);
  const std::size_t at = ending.out.find("What happened, step by step");
  ASSERT_NE(at, ending.out.npos) << ending.out;
  const std::string story = ending.out.substr(at);
  EXPECT_TRUE(has(story, "Do charges follow a process"));
  EXPECT_TRUE(has(story, "16777216 was written into"));
  EXPECT_TRUE(
      has(story, "memory touched after the move is charged to the new cgroup"));
  EXPECT_TRUE(has(story, "cglab move "));
}

TEST_F(Story, OfACommandSaysHowItEnded) {
  const Ending ending = cglab({"run", "--parent", nest().path(), "--limit",
                               "16M", "--explain", "--", "true"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_EQ(ending.out, "");
  EXPECT_EQ(ending.err.find("FINISHED"), 0u);
  const std::size_t at = ending.err.find("What happened, step by step");
  ASSERT_NE(at, ending.err.npos) << ending.err;
  const std::string story = ending.err.substr(at);
  EXPECT_TRUE(has(story, "16777216 was written into"));
  EXPECT_TRUE(has(story, "The command true (pid "));
  EXPECT_TRUE(has(story, "cglab run "));
}

/// In Chinese, too, whatever it is of.
TEST_F(Story, OfEveryRunIsInTheLanguageThatIsAskedFor) {
  for (const Words& words :
       {Words{"move", "--limit", "16M"}, Words{"course", "--ramp", "0"},
        Words{"lower", "--limit", "16M", "--control"}}) {
    Words arguments = words;
    arguments.insert(arguments.end(),
                     {"--parent", nest().path(), "--explain", "--lang", "zh"});
    const Ending ending = cglab(arguments);
    EXPECT_EQ(ending.status, 0) << ending.err;
    EXPECT_TRUE(has(ending.out, "这次运行的全过程"));
  }
}

TEST_F(Story, IsLeftOutUnlessAskedFor) {
  EXPECT_EQ(oom_with({}).out.find("step by step"), std::string::npos);
}

TEST_F(Story, LanguageOfACommandsVerdictIsTheEnvironments) {
  ProcessSpec spec =
      cglab_spec({"run", "--parent", nest().path(), "--", "true"});
  spec.environment.push_back({"CGLAB_LANG", "zh"});
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 0);
  EXPECT_TRUE(has(ending.err, "已结束"));
  EXPECT_TRUE(has(ending.err, "命令退出状态为 0"));
}

/// The experiment writes the limit twice, and no other process does.
TEST_F(Story, DoesNotTakeItsOwnWriteForAnothers) {
  const Ending ending = cglab(
      {"lower", "--parent", nest().path(), "--limit", "16M", "--explain"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_FALSE(has(ending.out, "rewritten"));
  EXPECT_FALSE(has(ending.out, ", at the end "));
}

}  // namespace
}  // namespace cli_test
