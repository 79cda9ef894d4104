// SPDX-License-Identifier: MIT
#include "lab/base/nearest.h"

#include <gtest/gtest.h>

namespace lab {
namespace {

TEST(EditDistance, counts_inserted_deleted_and_changed_letters) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("oom", "oom"), 0u);
  EXPECT_EQ(edit_distance("", "oom"), 3u);
  EXPECT_EQ(edit_distance("oom", ""), 3u);
  EXPECT_EQ(edit_distance("om", "oom"), 1u);
  EXPECT_EQ(edit_distance("room", "oom"), 1u);
  EXPECT_EQ(edit_distance("oon", "oom"), 1u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);
}

TEST(EditDistance, counts_swapped_neighbours_once) {
  EXPECT_EQ(edit_distance("wtach", "watch"), 1u);
  EXPECT_EQ(edit_distance("ab", "ba"), 1u);
  EXPECT_EQ(edit_distance("ca", "abc"), 3u);
}

TEST(Nearest, is_the_intended_word) {
  const std::vector<std::string> known{"charge", "move", "oom-kill", "swap"};
  EXPECT_EQ(nearest("chrage", known), "charge");
  EXPECT_EQ(nearest("oomkill", known), "oom-kill");
  EXPECT_EQ(nearest("swop", known), "swap");
  EXPECT_EQ(nearest("move", known), "move");
}

TEST(Nearest, needs_two_thirds_of_the_letters) {
  EXPECT_EQ(nearest("abcd", {"abxy"}), "abxy");
  EXPECT_EQ(nearest("abc", {"axy"}), std::nullopt);
  EXPECT_EQ(nearest("abc", {"abx"}), "abx");
  EXPECT_EQ(nearest("", {"a"}), std::nullopt);
  EXPECT_EQ(nearest("abc", {}), std::nullopt);
}

TEST(Nearest, is_the_first_of_several_equally_near_ones) {
  EXPECT_EQ(nearest("rum", {"run", "ram"}), "run");
  EXPECT_EQ(nearest("ran", {"rum", "run", "ram"}), "run");
}

}  // namespace
}  // namespace lab
