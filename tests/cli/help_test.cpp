// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "tests/cli/cli_test.h"

namespace cli_test {
namespace {

TEST(Help, OfTheProgramNamesItsCommands) {
  for (const char* const word : {"--help", "-h", "help"}) {
    const Ending ending = cglab({word});
    EXPECT_EQ(ending.status, 0) << word;
    EXPECT_TRUE(has(ending.out, "Usage: cglab COMMAND"));
    EXPECT_TRUE(has(ending.out, "\n  oom "));
    EXPECT_TRUE(has(ending.out, "\n  clean "));
    EXPECT_EQ(ending.err, "");
  }
}

TEST(Help, OfACommandComesByTwoNames) {
  const Ending ending = cglab({"help", "clean"});
  EXPECT_EQ(ending.status, 0);
  EXPECT_EQ(ending.out, cglab({"clean", "--help"}).out);
  EXPECT_TRUE(has(cglab({"help", "help"}).out, "\nCommands:\n  bench"));
  EXPECT_EQ(cglab({"help", "oom", "clean"}).status, 2);
}

TEST(Help, SuggestsWhatWasMeant) {
  for (const Words& words : {Words{"wacth"}, Words{"help", "wacth"}}) {
    const Ending ending = cglab(words);
    EXPECT_EQ(ending.status, 2);
    EXPECT_TRUE(has(ending.err,
                    "there is no command 'wacth'; did you mean "
                    "'watch'?\n"));
  }
  EXPECT_TRUE(has(cglab({"oom", "--limti", "3M"}).err,
                  "'--limti'; did you mean --limit?\n"));
  EXPECT_FALSE(has(cglab({"frobnicate"}).err, "did you mean"));
}

TEST(Help, IsAnErrorMessageWithoutArguments) {
  const Ending ending = cglab({});
  EXPECT_EQ(ending.status, 2);
  EXPECT_EQ(ending.out, "");
  EXPECT_EQ(ending.err, cglab({"--help"}).out);
}

TEST(Help, OfOomTellsOptionsAndExitStatuses) {
  const Ending ending = cglab({"oom", "--help"});
  EXPECT_EQ(ending.status, 0);
  EXPECT_EQ(ending.err, "");
  for (const char* const option :
       {"--limit SIZE", "--swap SIZE|max", "--total SIZE", "--block SIZE",
        "--ramp TIME", "--order limit-first|course", "--cgroup auto|v1|v2",
        "--parent PATH", "--poll TIME", "--timeout TIME", "--keep", "--dry-run",
        "--json FILE|-", "--quiet", "--verbose", "--color auto|always|never",
        "Exit status", "77", "124"}) {
    EXPECT_TRUE(has(ending.out, option));
  }
}

TEST(Help, OfCleanTellsItsOptions) {
  const Ending ending = cglab({"clean", "-h"});
  EXPECT_EQ(ending.status, 0);
  EXPECT_TRUE(has(ending.out, "Usage: cglab clean"));
  EXPECT_TRUE(has(ending.out, "--dry-run"));
  EXPECT_EQ(ending.err, "");
}

TEST(Help, OfWatchTellsItsOptions) {
  const Ending ending = cglab({"watch", "--help"});
  EXPECT_EQ(ending.status, 0);
  for (const char* const part :
       {"Usage: cglab watch", "PATH|PID", "--interval TIME", "--count N",
        "--json", "--color auto|always|never", "Exit status"}) {
    EXPECT_TRUE(has(ending.out, part));
  }
}

TEST(Help, FitsATerminalOf80Columns) {
  for (const Words& words :
       {Words{"--help"}, Words{"oom", "--help"}, Words{"clean", "--help"},
        Words{"watch", "--help"}, Words{"explain", "--help"}}) {
    const std::string text = cglab(words).out;
    std::size_t begin = 0;
    while (begin < text.size()) {
      const std::size_t end = text.find('\n', begin);
      ASSERT_NE(end, text.npos);
      EXPECT_LE(end - begin, 80u) << text.substr(begin, end - begin);
      begin = end + 1;
    }
  }
}

TEST(Help, WinsOverARun) {
  const Ending ending = cglab({"oom", "--limit", "8M", "--help"});
  EXPECT_EQ(ending.status, 0);
  EXPECT_TRUE(has(ending.out, "Usage: cglab oom"));
  EXPECT_EQ(groups_of(ending.pid), Words());
}

TEST(Version, IsNameAndNumber) {
  const Ending ending = cglab({"--version"});
  EXPECT_EQ(ending.status, 0);
  EXPECT_EQ(ending.out, "cglab " CGLAB_VERSION "\n");
  EXPECT_EQ(ending.err, "");
}

}  // namespace
}  // namespace cli_test
