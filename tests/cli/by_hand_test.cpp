// SPDX-License-Identifier: MIT
/// What --dry-run prints for each experiment and its control run, typed into a
/// shell.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "tests/cli/cli_test.h"
#include "tests/support/temp_folder.h"

namespace cli_test {
namespace {

using cgroupfs::Version;

/// A line that the script shows, on one version or both, in the run or its
/// control run.
struct Shown {
  const char* experiment;
  bool control;
  const char* line;
  std::optional<Version> version = std::nullopt;
};

const std::vector<Shown> shown = {
    {"oom", false, "exit status 137"},
    {"oom", false, "oom_kill 1"},
    {"oom", true, "exit status 0"},
    {"oom", true, "oom_kill 0"},
    {"course", false, "hog: exit status 137"},
    {"course", false, "oom_kill 1"},
    {"course", true, "hog: exit status 0"},
    {"forks", false, "hog: exit status 137"},
    {"forks", false, "processes of family: 3"},
    {"forks", true, "processes of family: 8"},
    {"forks", true, "forks_refused of family: 0"},
    {"group", false, "one: exit status 137"},
    {"group", false, "three: exit status 137"},
    {"group", true, "one is running"},
    {"huge", false, "hog is running"},
    {"huge", true, "0 kB in huge pages"},
    {"kill", false, "quiet: exit status 137"},
    {"kill", false, "oom_kill of by-hand: 0"},
    {"kill", true, "oom_kill of by-hand: 1"},
    {"leak", false, "oom_kill of limited: 1"},
    {"leak", true, "oom_kill of limited: 0"},
    {"locked", false, "oom_kill of populate: 1"},
    {"locked", true, "oom_kill of populate: 1"},
    {"lower", false, "limit of limited: 33554432", Version::v1},
    {"lower", false, "hog is running", Version::v1},
    {"lower", false, "limit of limited: 8388608", Version::v2},
    {"lower", false, "hog: exit status 137", Version::v2},
    {"lower", true, "limit of limited: 29360128"},
    {"move", false, "hog is running"},
    {"page-cache", false, "hog is running"},
    {"page-cache", true, "hog: exit status 137"},
    {"parent", false, "oom_kill of above/child: 1"},
    {"parent", false, "failcnt of above/child: 0", Version::v1},
    {"parent", false, "oom of above: 1", Version::v2},
    {"parent", true, "oom of above: 0", Version::v2},
    {"parent", true, "oom_kill of above/child: 1"},
    {"pause", false, "under_oom of limited: 1"},
    {"pause", false, "hog is running"},
    {"pause", true, "under_oom of limited: 0"},
    {"soft", false, "hog is running"},
    {"soft", true, "hog: exit status 137"},
    {"swap", false, "oom_kill of none: 1"},
    {"swap", false, "oom_kill of max: 0"},
    {"swap", true, "oom_kill of max: 1"},
    {"threshold", false, "hog is running"},
    {"threshold", true, "hog is running"},
    {"throttle", false, "hog is running"},
    {"tmpfs", false, "hog: exit status 137"},
    {"untouched", false, "allocator: exit status 0"},
    {"untouched", true, "allocator: exit status 137"},
    {"victim", false, "small: exit status 137"},
    {"victim", false, "large is running"},
    {"victim", true, "large: exit status 137"},
};

/// A number at the end of the last line that begins so, or of the first.
struct Measured {
  const char* experiment;
  bool control;
  const char* begin;
  std::uint64_t at_least;
  std::uint64_t at_most;
  bool of_first = false;
};

constexpr std::uint64_t mib = 1 << 20;
constexpr std::uint64_t any = std::numeric_limits<std::uint64_t>::max();

const std::vector<Measured> measured = {
    {"move", false, "usage of old: ", 14 * mib, any},
    {"move", true, "usage of old: ", 0, 4 * mib},
    {"pressure", false, "stalled_us of limited: ", 150000, any},
    {"pressure", true, "stalled_us of limited: ", 0, 149999},
    {"protect", false, "usage of above/min: ", 5 * mib, any},
    {"protect", false, "usage of above/low: ", 5 * mib, any},
    {"protect", true, "usage of above/min: ", 0, 5 * mib},
    {"reclaim", false, "usage of cache: ", 0, 12 * mib},
    {"reclaim", true, "usage of cache: ", 16 * mib, any},
    {"throttle", false, "high of limited: ", 1, any},
    {"throttle", true, "high of limited: ", 0, 0},
    {"tmpfs", false, "usage of files: ", 16 * mib, any, /*of_first=*/true},
    {"tmpfs", true, "usage of files: ", 0, 4 * mib, /*of_first=*/true},
};

/// nullopt where no line of `text` begins so.
std::optional<std::uint64_t> number_in(const std::string& text,
                                       const Measured& each) {
  const std::string begin = std::string("\n") + each.begin;
  const std::string lines = "\n" + text;
  const auto line = each.of_first ? lines.find(begin) : lines.rfind(begin);
  if (line == lines.npos) return std::nullopt;
  const auto end = lines.find('\n', line + 1);
  const auto number = lines.find_last_not_of("0123456789", end - 1) + 1;
  return std::stoull(lines.substr(number, end - number));
}

class ByHand : public CliTest, public testing::WithParamInterface<std::string> {
 protected:
  /// The script, or a skip where the experiment does not exist here.
  Ending printed(bool control) {
    Words words{GetParam(), "--parent", nest().path(),
                "--limit",  "32M",      "--dry-run"};
    if (control) words.emplace_back("--control");
    return cglab(words);
  }

  void SetUp() override {
    CliTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    enable_pids();
  }

  void carry_out(bool control) {
    const Ending script = printed(control);
    if (script.status == 77) GTEST_SKIP() << script.err;
    ASSERT_EQ(script.status, 0) << script.err;
    ASSERT_EQ(in_nest(), Words()) << "printing changed something";
    TempFolder folder;
    ProcessSpec spec;
    spec.program = "sh";
    spec.arguments = {folder.add_file("by-hand", script.out)};
    const Ending ending = test_support::run_process(spec);
    EXPECT_EQ(ending.status, 0) << ending.err;
    EXPECT_EQ(in_nest(), Words());
    for (const char* const complaint :
         {"No such", "denied", "nvalid", "not found", "yntax"}) {
      EXPECT_FALSE(has(ending.err, complaint)) << ending.err << script.out;
    }
    EXPECT_GT(
        check_lines(ending.out, control) + check_numbers(ending.out, control),
        0)
        << "nothing shows the outcome";
    if (HasFailure()) ADD_FAILURE() << ending.out << script.out;
  }

  /// How many of them are of this run.
  int check_lines(const std::string& out, bool control) {
    int checked = 0;
    for (const Shown& each : shown) {
      const bool is_here = each.version.value_or(version()) == version();
      if (each.experiment != GetParam() || each.control != control ||
          !is_here) {
        continue;
      }
      ++checked;
      EXPECT_TRUE(has("\n" + out, "\n" + std::string(each.line) + "\n"));
    }
    return checked;
  }

  int check_numbers(const std::string& out, bool control) {
    int checked = 0;
    for (const Measured& each : measured) {
      if (each.experiment != GetParam() || each.control != control) continue;
      ++checked;
      const auto number = number_in(out, each);
      EXPECT_TRUE(number) << each.begin;
      EXPECT_GE(number.value_or(0), each.at_least) << each.begin;
      EXPECT_LE(number.value_or(0), each.at_most) << each.begin;
    }
    return checked;
  }
};

TEST_P(ByHand, ShowsTheOutcome) {
  carry_out(/*control=*/false);
}

TEST_P(ByHand, ShowsTheOtherOutcomeWithoutTheCause) {
  carry_out(/*control=*/true);
}

/// The first column of `cglab list`.
Words names() {
  Words names;
  const Ending listed = cglab({"list"});
  std::size_t at = listed.out.find('\n') + 1;
  while (at < listed.out.size()) {
    const std::size_t end = listed.out.find('\n', at);
    const std::size_t begin = listed.out.find_first_not_of(' ', at);
    const bool is_name = begin == at + 2;
    if (is_name) {
      names.push_back(
          listed.out.substr(begin, listed.out.find(' ', begin) - begin));
    }
    at = end + 1;
  }
  return names;
}

INSTANTIATE_TEST_SUITE_P(Each, ByHand, testing::ValuesIn(names()),
                         [](const auto& info) {
                           std::string name = info.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace cli_test
