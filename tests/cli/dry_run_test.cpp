// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>

#include <unistd.h>

#include "tests/cli/cli_test.h"
#include "tests/support/temp_folder.h"

namespace cli_test {
namespace {

using cgroupfs::Version;

class DryRun : public CliTest {
 protected:
  static Words with_dry_run(Words words) {
    words.push_back("--dry-run");
    return words;
  }

  /// Types what cglab prints into a shell. The commands work, and say nothing
  /// but what they show.
  Ending carry_out(const Words& words) {
    const Ending printed = oom(with_dry_run(words));
    EXPECT_EQ(printed.status, 0) << printed.err;
    ProcessSpec spec;
    spec.program = "sh";
    spec.arguments = {folder_.add_file("by-hand", printed.out)};
    Ending ending = test_support::run_process(spec);
    EXPECT_EQ(ending.status, 0) << ending.err;
    for (const char* const complaint :
         {"an't", "annot", "No such", "denied", "rror", "usy", "nvalid",
          "not found", "usage"}) {
      EXPECT_FALSE(has(ending.err, complaint));
    }
    EXPECT_EQ(in_nest(), Words());
    return ending;
  }

  /// Whether one of the lines that it showed is this.
  static testing::AssertionResult shows(const Ending& ending,
                                        const std::string& line) {
    return has("\n" + ending.out, "\n" + line + "\n");
  }

 private:
  TempFolder folder_;
};

TEST_F(DryRun, PrintsCommandsAndChangesNothing) {
  const Ending ending = oom(with_dry_run({"--limit", "8M"}));
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_EQ(ending.err, "");
  EXPECT_TRUE(has(ending.out, "parent=" + nest().path() + "\n"));
  EXPECT_TRUE(has(ending.out, "echo 8388608 > "));
  EXPECT_EQ(has(ending.out, "memory.max\""), version() == Version::v2);
  EXPECT_EQ(has(ending.out, "memory.limit_in_bytes"), version() == Version::v1);
  EXPECT_EQ(in_nest(), Words());
}

TEST_F(DryRun, IsRefusedWhereTheRunWouldBe) {
  EXPECT_EQ(oom(with_dry_run({"--limit", "100MB"})).status, 2);
  EXPECT_EQ(oom(with_dry_run({"--limit", "100000T"})).status, 77);
}

TEST_F(DryRun, CommandsGiveTheProvenKill) {
  for (int i = 0; i < 5; ++i) {
    const Ending ending = carry_out({"--limit", "8M", "--ramp", "0"});
    EXPECT_TRUE(shows(ending, "8388608"));
    EXPECT_TRUE(shows(ending, "exit status 137"));
    EXPECT_TRUE(shows(ending, "oom_kill 1"));
  }
}

TEST_F(DryRun, CommandsGiveTheSurvivalOfTheControlRun) {
  const Ending ending =
      carry_out({"--limit", "8M", "--total", "4M", "--ramp", "0"});
  EXPECT_TRUE(shows(ending, "exit status 0"));
  EXPECT_TRUE(shows(ending, "oom_kill 0"));
}

TEST_F(DryRun, CommandsWorkInAGroupWhoseNameNeedsQuotes) {
  nest().directory().make_directory("it's a $HOME group");
  const auto odd = cgroupfs::Cgroup::open(
      nest().directory().path_of("it's a $HOME group"), version());
  if (version() == Version::v2) {
    odd.directory().write("cgroup.subtree_control", "+memory");
  }
  const Ending printed = cglab({"oom", "--parent", odd.path(), "--limit", "8M",
                                "--ramp", "0", "--dry-run"});
  TempFolder folder;
  ProcessSpec spec;
  spec.program = "sh";
  spec.arguments = {folder.add_file("by-hand", printed.out)};
  const Ending ending = test_support::run_process(spec);
  EXPECT_TRUE(shows(ending, "oom_kill 1")) << ending.err;
  EXPECT_EQ(::rmdir(odd.path().c_str()), 0);
}

TEST_F(DryRun, CommandsOfTheCoursesOrderShowWhatItTeaches) {
  const Ending ending = carry_out({"--order", "course", "--limit", "4M",
                                   "--block", "3M", "--total", "12M"});
  EXPECT_TRUE(shows(ending, "4194304"));
  EXPECT_TRUE(shows(ending, "hog: exit status 137"));
  EXPECT_TRUE(shows(ending, "oom_kill 1"));
}

}  // namespace
}  // namespace cli_test
