// SPDX-License-Identifier: MIT
#include "lab/report/live.h"

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <optional>
#include <string>

#include "tests/support/error_text.h"
#include "tests/support/sample_record.h"
#include "tests/support/screen.h"
#include "tests/support/temp_stream.h"

namespace lab {
namespace {

using test_support::killed_on_v2;
using test_support::PseudoTerminal;
using test_support::Screen;
using test_support::TempStream;

constexpr std::int64_t second_ns = 1000000000;
/// Clocks do not start at 0.
constexpr std::int64_t gate_ns = 500 * second_ns;

/// Sets an environment variable (nullptr: removes it) for one test.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* const old = ::getenv(name)) old_ = old;
    set(value);
  }
  ~Variable() { set(old_ ? old_->c_str() : nullptr); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  void set(const char* value) const {
    if (value) {
      ::setenv(name_, value, 1);
    } else {
      ::unsetenv(name_);
    }
  }

  const char* name_;
  std::optional<std::string> old_;
};

/// Shows a run that samples every 100 ms for `seconds`, filling the limit in 10
/// s at an even rate.
void play_until_end(LiveView& view, int seconds) {
  view.on_start(killed_on_v2());
  view.on_event(
      {gate_ns - 1000, EventKind::limit_set, "memorydemo", "memory.max"});
  view.on_event({gate_ns, EventKind::gate_opened, "hog", "pipe"});
  Samples samples;
  samples.usage.resize(1);
  samples.touched.emplace();
  for (int i = 0; i <= 10 * seconds; ++i) {
    samples.time_ns.push_back(gate_ns + i * second_ns / 10);
    samples.usage.front().push_back(test_support::sample_limit.count / 100 *
                                    static_cast<unsigned>(i));
    samples.touched->push_back(0);
    view.on_sample(samples);
  }
}

void play(LiveView& view, int seconds) {
  play_until_end(view, seconds);
  view.on_output("hog", "one\ntwo\n");
  view.on_end();
}

std::string played_to_file(Verbosity verbosity, int seconds) {
  const TempStream stream;
  const Terminal terminal(stream.get(), ColorChoice::never);
  LiveView view(terminal, verbosity);
  play(view, seconds);
  return stream.text();
}

std::size_t count_of(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != text.npos;
       at = text.find(part, at + part.size())) {
    ++count;
  }
  return count;
}

TEST(LiveView, says_a_plain_line_a_second_where_there_is_no_terminal) {
  EXPECT_EQ(played_to_file(Verbosity::normal, 3),
            "cglab: oom:    10 MiB of 100.1 MiB (10 %)     10 MiB/s   1.0 s\n"
            "cglab: oom:    20 MiB of 100.1 MiB (20 %)     10 MiB/s   2.0 s\n"
            "cglab: oom:    30 MiB of 100.1 MiB (30 %)     10 MiB/s   3.0 s\n");
}

TEST(LiveView, shows_no_share_of_a_limit_that_is_not_set) {
  const TempStream stream;
  const Terminal terminal(stream.get(), ColorChoice::never);
  LiveView view(terminal, Verbosity::normal);
  view.on_start(killed_on_v2());
  view.on_event({gate_ns, EventKind::gate_opened, "hog", "pipe"});
  Samples samples;
  samples.time_ns = {gate_ns + second_ns};
  samples.usage = {Column{0}};
  samples.touched = Column{3 * mebi};
  view.on_sample(samples);
  EXPECT_EQ(stream.text(),
            "cglab: oom:       0 B in the cgroup, no limit yet,     3 MiB "
            "touched   1.0 s\n");
}

TEST(LiveView, does_not_show_memory_freed_by_a_dying_child) {
  for (const EventKind end :
       {EventKind::kill_seen, EventKind::process_exited}) {
    const TempStream stream;
    const Terminal terminal(stream.get(), ColorChoice::never);
    LiveView view(terminal, Verbosity::normal);
    play(view, 1);
    const std::string before = stream.text();
    view.on_event({gate_ns + 2 * second_ns, end, "hog", "sample"});
    Samples samples;
    samples.time_ns = {gate_ns + 5 * second_ns};
    samples.usage = {Column{mebi}};
    samples.touched = Column{0};
    view.on_sample(samples);
    EXPECT_EQ(stream.text(), before);
  }
}

TEST(LiveView, says_nothing_when_quiet) {
  EXPECT_EQ(played_to_file(Verbosity::quiet, 3), "");
}

TEST(LiveView, says_nothing_of_a_run_shorter_than_a_second) {
  EXPECT_EQ(played_to_file(Verbosity::normal, 0), "");
}

TEST(LiveView, shows_events_and_output_when_verbose) {
  const std::string text = played_to_file(Verbosity::verbose, 0);
  EXPECT_TRUE(has(text, "cglab: cgroup /sys/fs/cgroup/user.slice/cglab.oom."));
  EXPECT_TRUE(has(text, "(placed in: own cgroup)\n"));
  EXPECT_TRUE(has(text, "       before  limit set (memorydemo: memory.max)\n"));
  EXPECT_TRUE(has(text, "     0.000 ms  gate opened (hog: pipe)\n"));
  EXPECT_TRUE(has(text, "cglab: hog: one\ncglab: hog: two\n"));
  EXPECT_EQ(played_to_file(Verbosity::normal, 0), "");
}

TEST(LiveView, says_which_orphans_were_removed) {
  const TempStream stream;
  const Terminal terminal(stream.get(), ColorChoice::never);
  RunRecord record = killed_on_v2();
  record.cleanup.orphans_removed = {"/sys/fs/cgroup/cglab.oom.1-2-0a1b2c3d"};
  LiveView quiet(terminal, Verbosity::quiet);
  quiet.on_start(record);
  EXPECT_EQ(stream.text(), "");
  LiveView view(terminal, Verbosity::normal);
  view.on_start(record);
  EXPECT_EQ(stream.text(),
            "cglab: removed the cgroup of a killed run: "
            "/sys/fs/cgroup/cglab.oom.1-2-0a1b2c3d\n");
}

TEST(LiveView, speaks_chinese) {
  const TempStream stream;
  const Terminal terminal(stream.get(), ColorChoice::never);
  LiveView view(terminal, Verbosity::verbose, Language::zh);
  play(view, 2);
  const std::string text = stream.text();
  EXPECT_TRUE(has(text, "cglab: cgroup /")) << text;
  EXPECT_TRUE(has(text, "，上限 ")) << text;
  EXPECT_TRUE(has(text, "（位置：")) << text;
  EXPECT_FALSE(has(text, " of ")) << text;
  EXPECT_FALSE(has(text, "placed")) << text;
}

TEST(LiveView, redraws_one_line_on_a_terminal_and_clears_it) {
  const Variable term("TERM", "xterm");
  const Variable locale("LC_ALL", "C");
  const PseudoTerminal screen;
  screen.resize(80);
  const Terminal terminal(screen.stream(), ColorChoice::never);
  ASSERT_TRUE(terminal.is_live());
  ASSERT_EQ(terminal.width(), 80u);
  LiveView view(terminal, Verbosity::normal);
  play(view, 5);
  const std::string shown = screen.take();
  EXPECT_EQ(shown.find('\n'), shown.npos);
  EXPECT_TRUE(shown.ends_with("\r\033[K"));
  // 51 samples are drawn and the line is cleared once.
  EXPECT_EQ(count_of(shown, "\r\033[K"), 52u);
  EXPECT_TRUE(has(shown, "oom [----"));
  EXPECT_TRUE(has(shown, "] "));
  EXPECT_TRUE(has(shown, "(50 %)"));
  const std::size_t start = shown.rfind("oom [");
  const std::string line = shown.substr(start, shown.rfind('\r') - start);
  EXPECT_LT(line.size(), 80u);
  const std::size_t done = count_of(line, "#");
  const std::size_t open = count_of(line, "-");
  EXPECT_GE(done + open, 8u);
  EXPECT_LE(done > open ? done - open : open - done, 1u) << line;
}

TEST(LiveView, has_blocks_where_the_locale_has_them) {
  const Variable term("TERM", "xterm");
  const Variable locale("LC_ALL", "C.UTF-8");
  const PseudoTerminal screen;
  screen.resize(120);
  const Terminal terminal(screen.stream(), ColorChoice::never);
  LiveView view(terminal, Verbosity::normal);
  play(view, 5);
  EXPECT_TRUE(has(screen.take(), "\u2588\u2591"));
}

TEST(LiveView, fits_a_narrow_terminal) {
  const Variable term("TERM", "xterm");
  const PseudoTerminal screen;
  for (const unsigned short columns : {1, 2, 20, 40, 60}) {
    screen.resize(columns);
    const Terminal terminal(screen.stream(), ColorChoice::never);
    LiveView view(terminal, Verbosity::normal);
    play(view, 1);
    const std::string shown = screen.take();
    std::size_t start = 0;
    while ((start = shown.find("\033[K", start)) != shown.npos) {
      start += 3;
      const std::size_t end = std::min(shown.find('\r', start), shown.size());
      EXPECT_LT(end - start, columns) << shown.substr(start, end - start);
    }
  }
}

TEST(LiveView, leaves_no_stale_line_when_the_terminal_is_resized) {
  const Variable term("TERM", "xterm");
  const Variable locale("LC_ALL", "C");
  const PseudoTerminal pseudo;
  pseudo.resize(80);
  const Terminal terminal(pseudo.stream(), ColorChoice::never);
  LiveView view(terminal, Verbosity::normal);
  play_until_end(view, 1);
  Screen screen(80);
  std::int64_t now = gate_ns + 2 * second_ns;
  for (const unsigned short columns : {30, 80, 10, 120, 25, 24}) {
    screen.write(pseudo.take());
    ASSERT_EQ(screen.lines().size(), 1u) << columns;
    screen.resize(columns);
    pseudo.resize(columns);
    Samples samples;
    samples.time_ns = {now};
    samples.usage = {Column{mebi}};
    samples.touched = Column{0};
    view.on_sample(samples);
    now += second_ns;
    screen.write(pseudo.take());
    // One row, drawn for the present width.
    ASSERT_EQ(screen.lines().size(), 1u) << columns;
    EXPECT_LT(screen.lines().front().size(), columns);
  }
  screen.resize(12);
  pseudo.resize(12);
  view.on_end();
  screen.write(pseudo.take());
  EXPECT_TRUE(screen.lines().empty()) << screen.lines().front();
}

TEST(Terminal, obeys_the_environment_unless_overridden) {
  const PseudoTerminal screen;
  struct {
    const char* term;
    const char* no_color;
    ColorChoice choice;
    bool live;
    bool colored;
  } cases[] = {
      {"xterm", nullptr, ColorChoice::automatic, true, true},
      {"xterm", "", ColorChoice::automatic, true, true},
      {"xterm", "1", ColorChoice::automatic, true, false},
      {"xterm", "1", ColorChoice::always, true, true},
      {"xterm", nullptr, ColorChoice::never, true, false},
      {"dumb", nullptr, ColorChoice::automatic, false, false},
      {"dumb", nullptr, ColorChoice::always, false, true},
      {nullptr, nullptr, ColorChoice::automatic, false, false},
  };
  for (const auto& c : cases) {
    const Variable term("TERM", c.term);
    const Variable no_color("NO_COLOR", c.no_color);
    const Terminal terminal(screen.stream(), c.choice);
    EXPECT_EQ(terminal.is_live(), c.live) << (c.term ? c.term : "unset");
    EXPECT_EQ(terminal.red("x") != "x", c.colored)
        << (c.term ? c.term : "unset");
  }
}

}  // namespace
}  // namespace lab
