// SPDX-License-Identifier: MIT
#include "lab/report/live_line.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/support/screen.h"

namespace lab {
namespace {

using test_support::PseudoTerminal;
using test_support::Screen;
using Lines = std::vector<std::string>;

TEST(LiveLine, is_cut_and_the_bar_kept) {
  PseudoTerminal pseudo;
  pseudo.resize(20);
  const Terminal terminal(pseudo.stream(), ColorChoice::never);
  LiveLine line(terminal);
  Screen screen(20);
  line.draw("[##  ] ", 7, "3 of 10 runs, 5 s left");
  screen.write(pseudo.take());
  EXPECT_EQ(screen.lines(), Lines{"[##  ] 3 of 10 run"});
}

TEST(LiveLine, cuts_no_character_in_two) {
  PseudoTerminal pseudo;
  pseudo.resize(9);
  const Terminal terminal(pseudo.stream(), ColorChoice::never);
  LiveLine line(terminal);
  line.draw("", 0, "已完成三次");
  EXPECT_TRUE(pseudo.take().ends_with("\033[K已完成"));
}

TEST(LiveLine, is_erased_whole_after_the_terminal_became_narrower) {
  PseudoTerminal pseudo;
  const Terminal terminal(pseudo.stream(), ColorChoice::never);
  for (const std::size_t columns : {60u, 20u, 7u, 3u}) {
    pseudo.resize(80);
    Screen screen(80);
    LiveLine line(terminal);
    screen.write("before\n");
    line.draw("", 0, std::string(60, 'x'));
    screen.write(pseudo.take());
    pseudo.resize(columns);
    screen.resize(columns);
    line.draw("", 0, "y");
    screen.write(pseudo.take());
    EXPECT_EQ(screen.lines(), (Lines{"before", "y"})) << columns;
    line.erase();
    line.erase();
    screen.write(pseudo.take());
    EXPECT_EQ(screen.lines(), Lines{"before"}) << columns;
  }
}

}  // namespace
}  // namespace lab
