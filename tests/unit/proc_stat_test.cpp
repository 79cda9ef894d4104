// SPDX-License-Identifier: MIT
#include "lab/os/proc_stat.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <string>

#include "cgroupfs/error.h"

namespace lab {
namespace {

/// Fields 3 to 22 of a stat line; 9 are the flags.
std::string line(const std::string& name, const std::string& state,
                 const std::string& flags, const std::string& faults) {
  return "42 (" + name + ") " + state + " 7 42 42 0 -1 " + flags + " 11 " +
         faults + " 1 0 5 6 7 8 20 0 1 0 9000 1000 200\n";
}

TEST(ProcStat, reads_what_follows_the_last_bracket) {
  for (const char* name : {"sh", "a b", ") Z 1 (", "((", "x) R 9"}) {
    const ProcStat stat = parse_proc_stat(line(name, "S", "4194560", "0"));
    EXPECT_EQ(stat.state, 'S') << name;
    EXPECT_EQ(stat.parent, 7);
    EXPECT_EQ(stat.start_time, 9000u);
    EXPECT_FALSE(stat.exiting);
    EXPECT_EQ(stat.faults_of_children, 0u);
  }
}

TEST(ProcStat, knows_a_process_on_its_way_out) {
  EXPECT_TRUE(parse_proc_stat(line("sh", "R", "4194564", "0")).exiting);
  EXPECT_TRUE(parse_proc_stat(line("sh", "Z", "4194560", "0")).exiting);
  EXPECT_TRUE(parse_proc_stat(line("sh", "X", "0", "0")).exiting);
}

TEST(ProcStat, knows_of_children_that_were_waited_for) {
  EXPECT_EQ(parse_proc_stat(line("sh", "Z", "0", "123")).faults_of_children,
            123u);
}

TEST(ProcStat, refuses_other_text) {
  for (const char* text : {"", "42", "42 (sh", "42 (sh) S 1 2 3"}) {
    EXPECT_THROW(parse_proc_stat(text), cgroupfs::ParseError) << text;
  }
}

TEST(ProcStat, is_of_a_process_that_is_there) {
  const auto stat = proc_stat(::getpid());
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->parent, ::getppid());
  EXPECT_FALSE(proc_stat(0x7ffffff0));
}

}  // namespace
}  // namespace lab
