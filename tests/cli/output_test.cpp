// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>

#include "lab/base/visible.h"
#include "tests/cli/cli_test.h"
#include "tests/support/temp_folder.h"

namespace cli_test {
namespace {

constexpr char escape[] = "\033[";
constexpr char redraw[] = "\r\033[K";

/// A run that the live view can follow for a while.
const Words slow_run{"--limit", "16M", "--ramp", "400ms"};
const Words fast_run{"--limit", "8M", "--ramp", "0"};

Words with(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (std::size_t at = text.find(part); at != text.npos;
       at = text.find(part, at + part.size())) {
    ++found;
  }
  return found;
}

class Output : public CliTest {
 protected:
  /// A cgroup to run in, whose name a terminal and a browser would obey.
  cgroupfs::Cgroup hostile_parent() {
    auto parent = cgroupfs::Cgroup::create(
        nest().directory(), "cglab-\033[2J<script>`\xff", version());
    if (version() == cgroupfs::Version::v2) {
      parent.directory().write("cgroup.subtree_control", "+memory");
    }
    return parent;
  }

  /// Both streams are terminals.
  Ending on_terminal(const Words& words,
                     const decltype(ProcessSpec::environment)& more = {}) {
    ProcessSpec spec = oom_spec(words);
    spec.terminals = true;
    spec.environment.insert(spec.environment.end(), more.begin(), more.end());
    return test_support::run_process(spec);
  }
};

TEST_F(Output, ShowsNamesFromOutsideEscaped) {
  const cgroupfs::Cgroup parent = hostile_parent();
  const TempFolder folder;
  const std::string record = folder.path_of("record.json");
  const Words run{"oom",    "--parent", parent.path(), "--limit", "8M",
                  "--ramp", "0"};
  for (const Words& more : {Words{"--verbose", "--explain", "--json", record},
                            Words{"--dry-run"}, Words{"--limit", "1"},
                            Words{"--parent", parent.path() + "/\033\xff"}}) {
    const Ending ending = cglab(with(run, more));
    EXPECT_EQ(lab::visible(ending.out), ending.out);
    EXPECT_EQ(lab::visible(ending.err), ending.err);
  }
  const Ending placed = cglab(with(run, {"--verbose"}));
  EXPECT_TRUE(has(placed.err, "cglab-\\x1b[2J<script>`")) << placed.err;
  for (const char* const format : {"text", "markdown", "html"}) {
    const Ending ending = cglab({"report", record, "--format", format});
    EXPECT_EQ(ending.status, 0) << ending.err;
    EXPECT_EQ(lab::visible(ending.out), ending.out) << format;
  }
  const Ending markdown = cglab({"report", record, "--format", "markdown"});
  EXPECT_FALSE(has(markdown.out, "`<script>"));
}

/// What is printed for pasting reaches the cgroup all the same.
TEST_F(Output, OfADryRunNamesAHostileParentForTheShell) {
  const cgroupfs::Cgroup parent = hostile_parent();
  const TempFolder folder;
  const Ending printed = cglab({"oom", "--parent", parent.path(), "--limit",
                                "8M", "--ramp", "0", "--dry-run"});
  ASSERT_EQ(printed.status, 0) << printed.err;
  ProcessSpec spec;
  spec.program = "sh";
  spec.arguments = {folder.add_file("by-hand", printed.out)};
  const Ending hands = test_support::run_process(spec);
  EXPECT_EQ(hands.status, 0) << hands.err;
  EXPECT_TRUE(has(hands.out, "exit status 137")) << hands.out << hands.err;
}

TEST_F(Output, OfAQuietRunIsNone) {
  const Ending ending = oom(with(slow_run, {"--quiet"}));
  EXPECT_EQ(ending.status, 0);
  EXPECT_EQ(ending.out, "");
  EXPECT_EQ(ending.err, "");
}

TEST_F(Output, OfAQuietRunOnATerminalIsNone) {
  const Ending ending = on_terminal(with(slow_run, {"-q"}));
  EXPECT_EQ(ending.status, 0);
  EXPECT_EQ(ending.out, "");
  EXPECT_EQ(ending.err, "");
}

TEST_F(Output, OfAQuietFailureIsTheError) {
  const Ending ending =
      oom(with(fast_run, {"-q", "--json", "/no/such/folder/r"}));
  EXPECT_EQ(ending.status, 3);
  EXPECT_TRUE(has(ending.err, "/no/such/folder/r"));
}

TEST_F(Output, OfAVerboseRunShowsItsEventsInOrder) {
  const Ending ending = oom(with(fast_run, {"--verbose"}));
  EXPECT_EQ(ending.status, 0);
  std::size_t at = 0;
  for (const char* const part :
       {"cglab.oom.", "limit set (memorydemo: memory.",
        "process started (hog: ", "gate opened (", "end seen (hog: pidfd)",
        "reaped (hog: SIGKILL)"}) {
    at = ending.err.find(part, at);
    ASSERT_NE(at, ending.err.npos) << part << " in " << ending.err;
  }
  // The kernel may show the end before the count has risen.
  EXPECT_TRUE(
      has(ending.err.substr(ending.err.find("gate opened (")), "kill seen ("));
  EXPECT_FALSE(has(ending.out, "cglab: "));
}

TEST_F(Output, WithoutTerminalIsPlain) {
  const Ending ending = oom({"--limit", "16M", "--ramp", "3s"});
  EXPECT_EQ(ending.status, 0);
  EXPECT_TRUE(has(ending.err, "cglab: oom: "));
  EXPECT_TRUE(has(ending.err, " of 16 MiB ("));
  EXPECT_FALSE(has(ending.err, "\r"));
  EXPECT_FALSE(has(ending.err, "\033"));
  EXPECT_FALSE(has(ending.out, "\033"));
  EXPECT_FALSE(has(ending.out, "cglab: oom: "));
}

TEST_F(Output, OnATerminalIsOneLineRedrawnInPlaceAndCleared) {
  const Ending ending = on_terminal(slow_run);
  EXPECT_EQ(ending.status, 0);
  EXPECT_EQ(ending.err.find(redraw), 0u) << ending.err;
  EXPECT_TRUE(has(ending.err, "oom ["));
  EXPECT_TRUE(has(ending.err, " of 16 MiB ("));
  EXPECT_EQ(ending.err.find('\n'), ending.err.npos) << ending.err;
  EXPECT_EQ(ending.err.rfind(redraw), ending.err.size() + 1 - sizeof(redraw));
  EXPECT_TRUE(has(ending.out, escape));
}

TEST_F(Output, OnADumbTerminalIsPlain) {
  const Ending ending = on_terminal(slow_run, {{"TERM", "dumb"}});
  EXPECT_EQ(ending.status, 0);
  EXPECT_FALSE(has(ending.err, "\033"));
  EXPECT_FALSE(has(ending.err, "\r"));
  EXPECT_FALSE(has(ending.out, "\033"));
}

TEST_F(Output, OnATerminalOfUnknownKindIsPlain) {
  const Ending ending = on_terminal(slow_run, {{"TERM", std::nullopt}});
  EXPECT_EQ(ending.status, 0);
  EXPECT_FALSE(has(ending.err, "\033"));
  EXPECT_FALSE(has(ending.out, "\033"));
}

TEST_F(Output, HasNoColorWhenNoColorIsSet) {
  const Ending ending = on_terminal(slow_run, {{"NO_COLOR", "1"}});
  EXPECT_EQ(ending.status, 0);
  EXPECT_FALSE(has(ending.out, "\033"));
  EXPECT_TRUE(has(ending.err, redraw)) << "the live line needs no color";
  EXPECT_EQ(count(ending.err, escape), count(ending.err, redraw));
}

TEST_F(Output, HasColorWhenNoColorIsEmpty) {
  const Ending ending = on_terminal(fast_run, {{"NO_COLOR", ""}});
  EXPECT_TRUE(has(ending.out, escape));
}

TEST_F(Output, HasColorWhenAskedFor) {
  const Ending ending = oom(with(fast_run, {"--color", "always"}));
  EXPECT_EQ(ending.status, 0);
  EXPECT_TRUE(has(ending.out, escape));
  EXPECT_FALSE(has(ending.err, redraw));
}

TEST_F(Output, HasColorWhenAskedForInSpiteOfNoColor) {
  const Ending ending =
      on_terminal(with(fast_run, {"--color=always"}), {{"NO_COLOR", "1"}});
  EXPECT_TRUE(has(ending.out, escape));
}

TEST_F(Output, HasNoColorWhenNotWanted) {
  const Ending ending = on_terminal(with(fast_run, {"--color", "never"}));
  EXPECT_EQ(ending.status, 0);
  EXPECT_FALSE(has(ending.out, "\033"));
}

TEST_F(Output, DrawsWithPlainLettersWhereTheLocaleIsNotUtf8) {
  const Ending ending = on_terminal(slow_run, {{"LC_ALL", "C"}});
  EXPECT_TRUE(has(ending.err, "#"));
  EXPECT_TRUE(std::all_of(ending.err.begin(), ending.err.end(), [](char c) {
    return static_cast<unsigned char>(c) < 128;
  }));
}

TEST_F(Output, ThatCannotBeWrittenIsAFailureAfterCleaningUp) {
  ProcessSpec spec = oom_spec(fast_run);
  spec.output_file = "/dev/full";
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 3);
  EXPECT_TRUE(has(ending.err, "standard output"));
  EXPECT_EQ(in_nest(), Words());
}

TEST_F(Output, ToAClosedStreamIsAFailureAfterCleaningUp) {
  ProcessSpec spec = oom_spec(fast_run);
  spec.prepare = [] { ::close(STDOUT_FILENO); };
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 3);
  EXPECT_TRUE(has(ending.err, "standard output"));
  EXPECT_EQ(in_nest(), Words());
}

TEST_F(Output, OfAQuietRunNeedsNoStream) {
  ProcessSpec spec = oom_spec(with(fast_run, {"--quiet"}));
  spec.prepare = [] {
    for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
      ::close(fd);
    }
  };
  EXPECT_EQ(test_support::run_process(spec).status, 0);
}

TEST_F(Output, OfHelpAndVersionThatCannotBeWrittenIsAFailure) {
  for (const Words& words :
       {Words{"--help"}, Words{"--version"}, Words{"oom", "--help"},
        Words{"clean", "--help"}}) {
    ProcessSpec spec = cglab_spec(words);
    spec.output_file = "/dev/full";
    const Ending ending = test_support::run_process(spec);
    EXPECT_EQ(ending.status, 3) << words.back();
    EXPECT_TRUE(has(ending.err, "standard output"));
  }
}

}  // namespace
}  // namespace cli_test
