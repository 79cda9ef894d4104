// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <csignal>

#include "cgroupfs/hierarchy.h"
#include "lab/report/text_width.h"
#include "tests/cli/own_world.h"
#include "tests/cli/watch_run.h"
#include "tests/support/worker.h"

namespace cli_test {
namespace {

using cgroupfs::File;
using cgroupfs::Limit;
using test_support::mib;

class Watch : public WatchTest {};

TEST_F(Watch, EndsAfterTheRequestedSamples) {
  const Ending ending =
      watch({"--format", "json", "--count", "3", "--interval", "10ms"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_EQ(ending.err, "");
  const auto lines = watch_lines(ending.out);
  ASSERT_EQ(lines.size(), 5u) << ending.out;
  EXPECT_EQ(lines.front()["kind"], "start");
  EXPECT_EQ(lines.front()["path"], path());
  EXPECT_EQ(lines.front()["pid"], nullptr);
  EXPECT_EQ(of_kind(lines, "sample").size(), 3u);
  EXPECT_EQ(lines.back()["kind"], "end");
  EXPECT_EQ(lines.back()["reason"], "count_reached");
  EXPECT_EQ(lines.back()["samples"], 3);
}

/// Usage is that of the subtree, and so are the processes.
TEST_F(Watch, CountsTheProcessesOfTheSubtree) {
  const auto child = make_below(watched().group);
  const auto above = make_below(watched().group);
  const auto inner = make_below(above.group);
  auto one = test_support::Worker::start_in(child.group);
  auto other = test_support::Worker::start_in(inner.group);
  ASSERT_EQ(other.touch(mib(8)), test_support::Worker::Answer::done);
  const Words once{"--count", "1", "--interval", "10ms"};
  Words json = once;
  json.insert(json.end(), {"--format", "json"});
  const auto samples = of_kind(watch_lines(watch(json).out), "sample");
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples[0]["processes"], 2);
  EXPECT_GE(samples[0]["usage"], mib(8).count);
  const std::string text = watch(once).out;
  const std::size_t heading = text.find("PROCS");
  ASSERT_NE(heading, text.npos) << text;
  const std::size_t column = heading - text.rfind('\n', heading);
  const std::size_t row = text.find('\n', heading);
  EXPECT_EQ(text.substr(row + column, 5), "    2") << text;
}

TEST_F(Watch, SamplesWhatTheKernelHas) {
  watched().memory.set(cgroupfs::File::memory_max, Limit::of(mib(48)));
  auto worker = test_support::Worker::start_in(watched().group);
  ASSERT_EQ(worker.touch(mib(8)), test_support::Worker::Answer::done);
  const Ending ending =
      watch({"--format", "json", "--count", "2", "--interval", "10ms"});
  const auto samples = of_kind(watch_lines(ending.out), "sample");
  ASSERT_EQ(samples.size(), 2u) << ending.err;
  const Json& sample = samples.back();
  EXPECT_GE(sample["usage"], mib(8).count);
  EXPECT_EQ(sample["limit"], mib(48).count);
  EXPECT_EQ(sample["binding"]["path"], path());
  EXPECT_EQ(sample["processes"], 1);
  EXPECT_EQ(sample["counters"]["oom_kill"], 0);
  EXPECT_EQ(samples.front()["bytes_per_second"], nullptr);
  EXPECT_TRUE(sample["bytes_per_second"].is_number_integer());
  const auto is_there = [&](File file) {
    return test_support::missing(watched().memory, file).empty();
  };
  EXPECT_EQ(!sample["pressure"].is_null(),
            is_there(cgroupfs::File::memory_pressure));
  EXPECT_EQ(!sample["swap"].is_null(),
            watched().memory.swap_usage().has_value());
  EXPECT_EQ(!sample["peak"].is_null(), is_there(cgroupfs::File::memory_peak));
  EXPECT_EQ(!sample["high"].is_null(), is_there(cgroupfs::File::memory_high));
  EXPECT_EQ(!sample["memsw_limit"].is_null(),
            is_there(cgroupfs::File::memory_memsw_max));
  worker.kill();
}

TEST_F(Watch, NamesTheAncestorWhoseLimitBinds) {
  cgroupfs::Memory::open(nest()).set(cgroupfs::File::memory_max,
                                     Limit::of(mib(32)));
  watched().memory.set(cgroupfs::File::memory_max, Limit::of(mib(64)));
  const Ending json = watch({"--format", "json", "--count", "1"});
  const auto samples = of_kind(watch_lines(json.out), "sample");
  ASSERT_EQ(samples.size(), 1u) << json.err;
  EXPECT_EQ(samples[0]["limit"], mib(64).count);
  EXPECT_EQ(samples[0]["binding"]["path"], nest().path());
  EXPECT_EQ(samples[0]["binding"]["limit"], mib(32).count);
  const Ending plain = watch({"--count", "1"});
  EXPECT_TRUE(
      has(plain.out,
          "limit of " + lab::shortened_path(nest().path(), 60) + " 32 MiB"));
}

TEST_F(Watch, NamesTheHighLimitThatBinds) {
  const std::string missing =
      test_support::missing(watched().memory, cgroupfs::File::memory_high);
  if (!missing.empty()) GTEST_SKIP() << missing;
  watched().memory.set(cgroupfs::File::memory_high, Limit::of(mib(24)));
  const Ending ending = watch({"--format", "json", "--count", "1"});
  const auto samples = of_kind(watch_lines(ending.out), "sample");
  ASSERT_EQ(samples.size(), 1u) << ending.err;
  EXPECT_EQ(samples[0]["binding_high"]["path"], path());
  EXPECT_EQ(samples[0]["binding_high"]["limit"], mib(24).count);
  EXPECT_EQ(samples[0]["binding_high"]["file"], "memory.high");
}

TEST_F(Watch, ReportsALimitThatIsChanged) {
  Subprocess run = start_json();
  cgroupfs::Memory::open(nest()).set(cgroupfs::File::memory_max,
                                     Limit::of(mib(64)));
  EXPECT_TRUE(run.prints("\"kind\":\"limit_changed\""));
  run.signal(SIGINT);
  const Ending ending = run.wait();
  const auto lines = watch_lines(ending.out);
  const auto changes = of_kind(lines, "limit_changed");
  ASSERT_EQ(changes.size(), 1u) << ending.out;
  EXPECT_EQ(changes[0]["path"], nest().path());
  EXPECT_EQ(changes[0]["from"], "max");
  EXPECT_EQ(changes[0]["to"], mib(64).count);
  EXPECT_EQ(lines.back()["limit_changes"], 1);
}

TEST_F(Watch, EndsWhenTheCgroupIsRemoved) {
  Subprocess run = start_json();
  remove_watched();
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_EQ(ending.err, "");
  const auto lines = watch_lines(ending.out);
  ASSERT_FALSE(lines.empty());
  EXPECT_EQ(lines.back()["kind"], "end");
  EXPECT_EQ(lines.back()["reason"], "gone");
  EXPECT_EQ(lines.back()["made_again"], false);
}

/// No sample would come in time.
TEST_F(Watch, EndsWhenTheCgroupIsRemovedWhateverTheInterval) {
  Subprocess run = start_json("1h");
  remove_watched();
  EXPECT_EQ(run.wait().status, 0);
}

TEST_F(Watch, SumsUpWhenItIsInterrupted) {
  for (const int number : {SIGINT, SIGTERM}) {
    Subprocess run = start_json();
    run.signal(number);
    const Ending ending = run.wait();
    EXPECT_EQ(ending.status, 128 + number);
    EXPECT_FALSE(ending.signalled);
    const auto lines = watch_lines(ending.out);
    ASSERT_FALSE(lines.empty());
    EXPECT_EQ(lines.back()["reason"], "interrupted");
    EXPECT_EQ(lines.back()["signal"], number);
  }
}

/// Without another sample, too.
TEST_F(Watch, EndsSilentlyWhenTheOutputIsClosed) {
  for (const char* const interval : {"10ms", "1h"}) {
    ProcessSpec spec = cglab_spec({});
    spec.program = "sh";
    spec.arguments = {"-c",
                      "{ \"$0\" watch \"$1\" --interval \"$2\"; "
                      "echo \"status $?\" >&2; } | head -n 1",
                      cglab_path(), path(), interval};
    const Ending ending = test_support::run_process(spec);
    EXPECT_EQ(ending.err, "status 0\n") << interval;
    EXPECT_TRUE(has(ending.out, "watching " + path()));
  }
}

TEST_F(Watch, FailsWhenTheDiskIsFull) {
  ProcessSpec spec = watch_spec({"--count", "1"});
  spec.output_file = "/dev/full";
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 3);
  EXPECT_TRUE(has(ending.err, "standard output"));
}

TEST_F(Watch, WritesPlainLinesInColumns) {
  const Ending ending = watch({"--count", "2", "--interval", "10ms"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_EQ(ending.err, "");
  EXPECT_TRUE(has(ending.out, "watching " + path()));
  EXPECT_TRUE(has(ending.out, "BINDING LIMIT"));
  EXPECT_TRUE(has(ending.out, "all samples taken: "));
  EXPECT_FALSE(has(ending.out, "\033"));
  EXPECT_FALSE(has(ending.out, "\r"));
}

class WatchOnTerminal : public WatchTest {
 protected:
  Ending on_terminal(const Words& words,
                     const decltype(ProcessSpec::environment)& more = {}) {
    ProcessSpec spec = watch_spec(words);
    spec.terminals = true;
    spec.environment.insert(spec.environment.end(), more.begin(), more.end());
    return test_support::run_process(spec);
  }

  const Words twice_{"--count", "2", "--interval", "10ms"};
};

TEST_F(WatchOnTerminal, RedrawsABlockOfLines) {
  watched().memory.set(cgroupfs::File::memory_max, Limit::of(mib(64)));
  const Ending ending = on_terminal(twice_);
  EXPECT_EQ(ending.status, 0);
  EXPECT_TRUE(has(ending.out, "\r\033[K\033[A\033[K"))
      << "it goes up and wipes";
  EXPECT_TRUE(has(ending.out, "own limit 64 MiB, headroom "));
  EXPECT_TRUE(has(ending.out, " % of the binding limit"));
  EXPECT_TRUE(has(ending.out, "all samples taken"));
  EXPECT_TRUE(has(ending.out, "\u2591"));
}

TEST_F(WatchOnTerminal, UsesNoColorsWhenAskedNotTo) {
  const Ending ending = on_terminal(twice_, {{"NO_COLOR", "1"}});
  EXPECT_TRUE(has(ending.out, "\r\033[K\033[A\033[K"));
  EXPECT_FALSE(has(ending.out,
                   "m"
                   "usage"));
  EXPECT_FALSE(has(ending.out, "\033[0m"));
}

TEST_F(WatchOnTerminal, WritesPlainLinesWhenItIsDumb) {
  const Ending ending = on_terminal(twice_, {{"TERM", "dumb"}});
  EXPECT_TRUE(has(ending.out, "BINDING LIMIT"));
  EXPECT_FALSE(has(ending.out, "\033"));
}

class WatchWithoutWriting : public WatchTest {};

TEST_F(WatchWithoutWriting, WorksForAnyUser) {
  const std::string missing = missing_for_user(65534);
  if (!missing.empty()) GTEST_SKIP() << missing;
  Subprocess run = start_json("20ms", [] { become_user(65534); });
  remove_watched();
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_EQ(watch_lines(ending.out).back()["reason"], "gone");
}

}  // namespace
}  // namespace cli_test
