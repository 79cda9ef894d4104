// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cgroupfs/text.h"
#include "lab/report/text_width.h"
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
  EXPECT_TRUE(has(cglab({"help", "help"}).out, "\nCommands:\n  bench "));
  EXPECT_EQ(cglab({"help", "oom", "clean"}).status, 2);
}

TEST(Help, SuggestsWhatWasMeant) {
  for (const Words& words : {Words{"wacth"}, Words{"help", "wacth"}}) {
    const Ending ending = cglab(words);
    EXPECT_EQ(ending.status, 2);
    EXPECT_TRUE(
        has(ending.err, "unknown command 'wacth'; did you mean 'watch'?\n"));
  }
  EXPECT_TRUE(has(cglab({"oom", "--limti", "3M"}).err,
                  "unknown option '--limti'; did you mean --limit?\n"));
  EXPECT_FALSE(has(cglab({"frobnicate"}).err, "did you mean"));
}

TEST(Help, IsAnErrorMessageWithoutArguments) {
  const Ending ending = cglab({});
  EXPECT_EQ(ending.status, 2);
  EXPECT_EQ(ending.out, "");
  EXPECT_EQ(ending.err, cglab({"--help"}).out);
}

TEST(Help, OfOomShowsOptionsAndExitStatuses) {
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

TEST(Help, OfCleanShowsItsOptions) {
  const Ending ending = cglab({"clean", "-h"});
  EXPECT_EQ(ending.status, 0);
  EXPECT_TRUE(has(ending.out, "Usage: cglab clean"));
  EXPECT_TRUE(has(ending.out, "--dry-run"));
  EXPECT_EQ(ending.err, "");
}

TEST(Help, OfWatchShowsItsOptions) {
  const Ending ending = cglab({"watch", "--help"});
  EXPECT_EQ(ending.status, 0);
  for (const char* const part :
       {"Usage: cglab watch", "PATH|PID", "--interval TIME", "--count N",
        "--format text|json", "--color auto|always|never", "Exit status"}) {
    EXPECT_TRUE(has(ending.out, part));
  }
}

/// Every command, as the build gets them.
Words commands() {
  Words names;
  const Json program = Json::parse(cglab({"--describe"}).out);
  for (const Json& command : program["commands"]) {
    names.push_back(command["name"]);
  }
  return names;
}

/// What `cglab WORDS` prints on a terminal of so many columns.
std::string printed_on(unsigned short columns, const Words& words) {
  ProcessSpec spec = cglab_spec(words);
  spec.terminals = true;
  spec.environment.push_back({"NO_COLOR", "1"});
  spec.prepare = [columns] {
    const winsize size{24, columns, 0, 0};
    ::ioctl(STDOUT_FILENO, TIOCSWINSZ, &size);
  };
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 0) << ending.err;
  std::string text = ending.out;
  std::erase(text, '\r');
  return text;
}

void expect_fits(const std::string& text, std::size_t columns,
                 const std::string& what) {
  ASSERT_NE(text, "") << what;
  for (const std::string_view line : cgroupfs::split_lines(text)) {
    EXPECT_LE(lab::display_width(line), columns) << what << ": " << line;
  }
}

TEST(Help, OfEveryCommandFitsItsTerminal) {
  std::vector<Words> all{{"--help"}, {"list"}};
  for (const std::string& name : commands()) all.push_back({name, "--help"});
  EXPECT_GT(all.size(), 30u);
  for (const Words& words : all) {
    expect_fits(cglab(words).out, 80, words[0]);
    expect_fits(printed_on(60, words), 60, words[0]);
    // As on one of 60.
    expect_fits(printed_on(20, words), 60, words[0]);
  }
}

TEST(Help, OfTheProgramPartsToolsFromExperiments) {
  const std::string text = cglab({"--help"}).out;
  const std::size_t tools = text.find("\nTools:\n");
  const std::size_t experiments = text.find("\nExperiments (");
  ASSERT_NE(tools, text.npos);
  ASSERT_NE(experiments, text.npos);
  for (const char* const tool : {"bench", "run", "watch", "list"}) {
    const std::size_t at = text.find(std::string("\n  ") + tool + " ");
    EXPECT_TRUE(tools < at && at < experiments) << tool;
  }
  for (const char* const experiment : {"course", "oom", "victim"}) {
    EXPECT_GT(text.find(std::string("\n  ") + experiment + " "), experiments);
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
