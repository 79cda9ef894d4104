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

TEST(ProcStat, recognises_an_exiting_process) {
  EXPECT_TRUE(parse_proc_stat(line("sh", "R", "4194564", "0")).exiting);
  EXPECT_TRUE(parse_proc_stat(line("sh", "Z", "4194560", "0")).exiting);
  EXPECT_TRUE(parse_proc_stat(line("sh", "X", "0", "0")).exiting);
}

TEST(ProcStat, counts_faults_of_reaped_children) {
  EXPECT_EQ(parse_proc_stat(line("sh", "Z", "0", "123")).faults_of_children,
            123u);
}

TEST(ProcStat, refuses_other_text) {
  for (const char* text : {"", "42", "42 (sh", "42 (sh) S 1 2 3"}) {
    EXPECT_THROW(parse_proc_stat(text), cgroupfs::ParseError) << text;
  }
}

TEST(ProcStat, is_of_an_existing_process) {
  const auto stat = proc_stat(::getpid());
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->parent, ::getppid());
  EXPECT_FALSE(proc_stat(0x7ffffff0));
}

TEST(ProcStat, has_the_name) {
  EXPECT_EQ(proc_stat(::getpid())->name, "unit_test");
}

TEST(ProcStatus, reads_what_is_pending_and_ignored) {
  const ProcStatus none = parse_proc_status(
      "Name:\tsh\nSigPnd:\t0000000000000000\nShdPnd:\t0000000000000000\n"
      "SigIgn:\t0000000000000006\n");
  EXPECT_FALSE(none.kill_pending);
  EXPECT_FALSE(none.ignores_children);
  for (const char* key : {"SigPnd", "ShdPnd"}) {
    const std::string text = std::string(key) + ":\t0000000000000100\n";
    EXPECT_TRUE(parse_proc_status(text).kill_pending) << key;
  }
  EXPECT_TRUE(
      parse_proc_status("SigIgn:\t0000000000010000\n").ignores_children);
  EXPECT_FALSE(parse_proc_status("").kill_pending);
  EXPECT_THROW(parse_proc_status("SigPnd:\tmany\n"), cgroupfs::ParseError);
}

TEST(ProcStatus, reads_the_tracer) {
  EXPECT_EQ(parse_proc_status("TracerPid:\t0\n").tracer, 0);
  EXPECT_EQ(parse_proc_status("TracerPid:\t4242\n").tracer, 4242);
}

TEST(ProcStat, has_the_wait_status_of_a_zombie) {
  std::string text = line("sh", "Z", "0", "0");
  EXPECT_EQ(parse_proc_stat(text).wait_status, 0);
  text.pop_back();
  for (int field = 25; field <= 51; ++field) text += " 1";
  text += " 1280\n";
  EXPECT_EQ(parse_proc_stat(text).wait_status, 1280);
}

TEST(ProcStatus, are_read_for_this_process) {
  const auto signals = proc_status(::getpid());
  ASSERT_TRUE(signals);
  EXPECT_FALSE(signals->kill_pending);
  EXPECT_FALSE(proc_status(1 << 30));
}

}  // namespace
}  // namespace lab
