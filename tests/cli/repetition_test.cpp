// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/cli/cli_test.h"
#include "tests/cli/record_checks.h"

namespace cli_test {
namespace {

class Repetition : public CliTest {};

TEST_F(Repetition, GivesExactlyOneKillEachTime) {
  for (int i = 0; i < 30; ++i) {
    const Ending ending =
        oom({"--limit", "8M", "--ramp", "0", "--quiet", "--json", "-"});
    ASSERT_EQ(ending.status, 0) << ending.err;
    ASSERT_EQ(ending.err, "");
    const Json record = parse_record(ending.out);
    check_record(record);
    ASSERT_EQ(record["verdict"]["status"], "oom_killed");
    ASSERT_EQ(in_nest(), Words());
  }
}

TEST_F(Repetition, AtTheSameTimeDisturbsNoRun) {
  constexpr std::size_t at_once = 4;
  std::vector<Subprocess> runs;
  runs.reserve(at_once);
  for (std::size_t i = 0; i < at_once; ++i) {
    runs.push_back(start_oom(
        {"--limit", "16M", "--ramp", "500ms", "--quiet", "--json", "-"}));
  }
  Words groups;
  for (Subprocess& run : runs) {
    const Ending ending = run.wait();
    EXPECT_EQ(ending.status, 0) << ending.err;
    const Json record = parse_record(ending.out);
    check_record(record);
    EXPECT_TRUE(record["cleanup"]["orphans_removed"].empty());
    groups.push_back(record["cgroups"][0]["path"]);
  }
  std::sort(groups.begin(), groups.end());
  EXPECT_EQ(std::unique(groups.begin(), groups.end()), groups.end());
}

}  // namespace
}  // namespace cli_test
