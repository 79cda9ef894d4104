// SPDX-License-Identifier: MIT
#include "lab/watch/watch_live.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <optional>
#include <string>

#include "tests/support/error_text.h"
#include "tests/support/screen.h"

namespace lab {
namespace {

using cgroupfs::File;
using test_support::PseudoTerminal;
using test_support::Screen;

constexpr char watched[] =
    "/sys/fs/cgroup/memory/system.slice/docker.slice/"
    "a-container-with-a-long-name.scope";

/// Standard output goes to a pseudo-terminal; what it shows is on a screen.
class WatchLiveTest : public testing::Test {
 protected:
  void SetUp() override {
    // The screen knows only ASCII.
    if (const char* const locale = ::getenv("LC_ALL")) locale_ = locale;
    ::setenv("LC_ALL", "C", 1);
    std::fflush(stdout);
    saved_ = cgroupfs::UniqueFd(::dup(STDOUT_FILENO));
    resize(100);
    ::dup2(::fileno(pseudo_.stream()), STDOUT_FILENO);
  }
  void TearDown() override {
    ::dup2(saved_.get(), STDOUT_FILENO);
    if (locale_) {
      ::setenv("LC_ALL", locale_->c_str(), 1);
    } else {
      ::unsetenv("LC_ALL");
    }
  }

  void resize(unsigned short columns, unsigned short rows = 24) {
    screen_.write(pseudo_.take());
    screen_.resize(columns);
    pseudo_.resize(columns, rows);
  }

  std::vector<std::string> shown() {
    screen_.write(pseudo_.take());
    return screen_.lines();
  }

  WatchLive start(Language language = Language::en) {
    WatchLive live(terminal_, language);
    WatchStart start;
    start.path = watched;
    live.on_start(start);
    return live;
  }

  static WatchSample sample() {
    WatchSample sample;
    sample.usage = Bytes{12 * mebi};
    sample.limits.hard = Limit::max();
    sample.binding =
        BindingLimit{"/sys/fs/cgroup/memory/system.slice", File::memory_max,
                     Bytes{32 * mebi}, Bytes{30 * mebi}, Bytes{2 * mebi}};
    sample.counters.failcnt = 3;
    sample.processes = 2;
    return sample;
  }

  PseudoTerminal pseudo_;
  Screen screen_{100};
  cgroupfs::UniqueFd saved_;
  std::optional<std::string> locale_;
  const Terminal terminal_{pseudo_.stream(), ColorChoice::never};
};

TEST_F(WatchLiveTest, leaves_no_stale_line_when_the_terminal_is_resized) {
  WatchLive live = start();
  live.on_sample(sample());
  for (const unsigned short columns : {40, 100, 20, 61, 160, 80}) {
    resize(columns);
    live.on_sample(sample());
    const auto lines = shown();
    // Nothing but the block that was drawn last.
    WatchLive again = start();
    Screen fresh(columns);
    again.on_sample(sample());
    fresh.write(pseudo_.take());
    EXPECT_EQ(lines, fresh.lines()) << columns;
  }
}

/// The next sample may be far away, or never come.
TEST_F(WatchLiveTest, counts_a_kill_at_once) {
  WatchLive live = start();
  WatchSample first = sample();
  first.counters.oom_kills = 0;
  live.on_sample(first);
  Counters counters = first.counters;
  counters.failcnt = 8;
  counters.oom_kills = 1;
  live.on_counters(counters, Bytes{31 * mebi});
  live.on_kill({}, {});
  std::string text;
  for (const std::string& line : shown()) text += line + "\n";
  EXPECT_TRUE(has(text, "failcnt +5, oom_kill +1\n")) << text;
  EXPECT_TRUE(has(text, "peak 31 MiB\n")) << text;
  EXPECT_FALSE(has(text, "none so far")) << text;
}

TEST_F(WatchLiveTest, fits_a_narrow_terminal) {
  resize(60);
  WatchLive live = start();
  live.on_sample(sample());
  live.on_limit_change(
      {}, {watched, File::memory_max, Limit::max(), Limit::of(Bytes{mebi})});
  live.on_process_change(
      {}, {ProcessChange::Kind::moved, 42, watched, "/b", false});
  live.on_end({});
  const auto lines = shown();
  ASSERT_GT(lines.size(), 8u);
  for (const std::string& line : lines) {
    EXPECT_LT(line.size(), 60u) << line;
  }
}

TEST_F(WatchLiveTest, shortens_paths_in_their_middle) {
  resize(60);
  WatchLive live = start();
  live.on_sample(sample());
  const auto lines = shown();
  EXPECT_TRUE(lines.front().starts_with("/sys/fs/cgroup/")) << lines.front();
  EXPECT_TRUE(has(lines.front(), "...")) << lines.front();
  EXPECT_TRUE(has(lines.front(), "long-name.scope ")) << lines.front();
}

/// What has scrolled off the screen could not be erased.
TEST_F(WatchLiveTest, is_no_higher_than_the_terminal) {
  resize(80, 5);
  WatchLive live = start();
  for (int i = 0; i < 3; ++i) live.on_sample(sample());
  EXPECT_LT(shown().size(), 5u);
}

TEST_F(WatchLiveTest, speaks_chinese) {
  WatchLive live = start(Language::zh);
  live.on_sample(sample());
  live.on_end({});
  const std::string text = pseudo_.take();
  EXPECT_TRUE(has(text, "上级上限 32 MiB，余量 2 MiB")) << text;
  EXPECT_TRUE(has(text, "cgroup 已被删除：")) << text;
}

}  // namespace
}  // namespace lab
