// SPDX-License-Identifier: MIT
#include "lab/os/reaper.h"

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace lab {
namespace {

/// In a separate child, because it would adopt the orphans of other tests.
template <typename Check>
bool holds_in_child(const Check& check) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(check() ? 0 : 1);
  int status = 0;
  return ::waitpid(child, &status, 0) == child && status == 0;
}

TEST(Reaper, is_the_nearest_child_subreaper) {
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
  const pid_t self = ::getpid();
  EXPECT_TRUE(holds_in_child([self] { return find_reaper() == self; }));
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
  while (::waitpid(-1, nullptr, 0) > 0) {
  }
  EXPECT_FALSE(holds_in_child([self] { return find_reaper() == self; }));
}

TEST(Reaper, is_not_the_caller) {
  const auto reaper = find_reaper();
  ASSERT_TRUE(reaper);
  EXPECT_NE(*reaper, ::getpid());
}

}  // namespace
}  // namespace lab
