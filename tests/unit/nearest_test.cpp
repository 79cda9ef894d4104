// SPDX-License-Identifier: MIT
#include "lab/nearest.h"

#include <gtest/gtest.h>

namespace lab {
namespace {

TEST(EditDistance, counts_what_has_to_be_changed) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("oom", "oom"), 0u);
  EXPECT_EQ(edit_distance("", "oom"), 3u);
  EXPECT_EQ(edit_distance("limt", "limit"), 1u);
  EXPECT_EQ(edit_distance("wacth", "watch"), 1u);
  EXPECT_EQ(edit_distance("clean", "doctor"), 6u);
}

TEST(Nearest, is_what_was_probably_meant) {
  EXPECT_EQ(nearest("wathc", {"oom", "watch", "run"}), "watch");
  EXPECT_EQ(nearest("rnu", {"oom", "watch", "run"}), "run");
}

TEST(Nearest, is_nothing_where_nothing_is_near) {
  EXPECT_EQ(nearest("frobnicate", {"oom", "watch"}), std::nullopt);
  EXPECT_EQ(nearest("x", {}), std::nullopt);
}

}  // namespace
}  // namespace lab
