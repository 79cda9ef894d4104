// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <unistd.h>

#include <chrono>
#include <thread>

#include "cgroupfs/text.h"
#include "tests/cli/classroom_fixture.h"
#include "tests/support/temp_folder.h"

namespace cli_test {
namespace {

/// What a student pastes: the commands of the markdown form.
std::string pasted_commands(const std::string& markdown) {
  std::string commands;
  bool inside = false;
  for (const std::string_view line : cgroupfs::split_lines(markdown)) {
    if (line.starts_with("```")) {
      inside = line == "```sh";
    } else if (inside) {
      commands += std::string(line) + "\n";
    }
  }
  return commands;
}

class Exercise : public ClassroomTest {};

TEST_F(Exercise, WorksWhenItIsPasted) {
  const std::string name = "cglab.exercise." + std::to_string(::getpid());
  const Ending text = cglab({"exercise", "--format", "markdown", "--interval",
                             "3s", "--group", name});
  ASSERT_EQ(text.status, 0) << text.err;
  if (has(text.out, "scripts/vm")) {
    GTEST_SKIP() << "a place for a cgroup without --parent";
  }
  const TempFolder folder;
  ProcessSpec spec = script_spec("PATH=${cglab%/*}:$PATH\ncd " + folder.path() +
                                 "\n" + pasted_commands(text.out));
  Ending hands;
  // The kernel logs ten cgroups in five seconds, perhaps of tests before.
  for (int i = 0; i < 3 && !has(hands.out, "100 of 100 points"); ++i) {
    if (i > 0) std::this_thread::sleep_for(std::chrono::seconds(5));
    hands = test_support::run_process(spec);
    EXPECT_TRUE(has(hands.out, "exit status 137")) << hands.out << hands.err;
    EXPECT_TRUE(has(hands.out, "oom_kill 1")) << hands.out;
  }
  EXPECT_TRUE(has(hands.out, "100 of 100 points")) << hands.out << hands.err;
}

TEST(ExerciseText, IsForTheVersionAskedFor) {
  const Ending v1 = cglab({"exercise", "--cgroup", "v1"});
  const Ending v2 = cglab({"exercise", "--cgroup", "v2"});
  EXPECT_EQ(v1.status + v2.status, 0);
  EXPECT_TRUE(has(v1.out, "/memory.limit_in_bytes"));
  EXPECT_TRUE(has(v1.out, "memory.oom_control"));
  EXPECT_TRUE(has(v2.out, "echo 104960000 > $demo/memory.max"));
  EXPECT_TRUE(has(v2.out, "no such file on v2"));
  for (const Ending& each : {v1, v2}) {
    EXPECT_TRUE(has(each.out, "echo ps ..."));
    EXPECT_TRUE(has(each.out, "./malloc &"));
    EXPECT_TRUE(has(each.out, "/memorydemo"));
  }
}

TEST(ExerciseText, IsInTheLanguageAskedFor) {
  const Ending ending = cglab({"exercise", "--lang", "zh"});
  EXPECT_EQ(ending.status, 0);
  EXPECT_TRUE(has(ending.out, "实验：内存上限与 OOM killer"));
  EXPECT_EQ(ending.out.find("Goal"), std::string::npos);
}

TEST(ExerciseText, TakesTheCoursesOwnNumbers) {
  const Ending ending = cglab(
      {"exercise", "--limit", "50M", "--group", "mine", "--interval", "20s"});
  EXPECT_EQ(ending.status, 0);
  EXPECT_TRUE(has(ending.out, "echo 52428800 > $demo/"));
  EXPECT_TRUE(has(ending.out, "/mine\n"));
  EXPECT_TRUE(has(ending.out, "./malloc --interval 20s &"));
  EXPECT_TRUE(has(ending.out, "cglab check --group mine --limit 52428800"));
}

TEST(ExerciseText, RefusesAnInvalidName) {
  for (const char* const name : {"a/b", "..", ""}) {
    const Ending ending = cglab({"exercise", "--group", name});
    EXPECT_EQ(ending.status, 2) << name;
  }
  EXPECT_EQ(cglab({"exercise", "--interval", "0"}).status, 2);
  EXPECT_EQ(cglab({"exercise", "--limit", "100"}).status, 2);
}

}  // namespace
}  // namespace cli_test
