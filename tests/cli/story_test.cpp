// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "tests/cli/cli_test.h"

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
  EXPECT_TRUE(has(record["verdict"]["reason"].get<std::string>(),
                  "The OOM killer killed the child"));
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

}  // namespace
}  // namespace cli_test
