// SPDX-License-Identifier: MIT
#include "lab/watch/keyboard.h"

#include <gtest/gtest.h>

namespace lab {
namespace {

using Keys = std::vector<int>;

TEST(TakeKeys, reads_characters_and_arrows) {
  std::string text = "u\033[A \033OBq";
  EXPECT_EQ(take_keys(text),
            (Keys{'u', TypedKey::up, ' ', TypedKey::down, 'q'}));
  EXPECT_EQ(text, "");
}

TEST(TakeKeys, reads_pages) {
  std::string text = "\033[5~\033[6~";
  EXPECT_EQ(take_keys(text), (Keys{TypedKey::page_up, TypedKey::page_down}));
}

/// A terminal may send a key in pieces.
TEST(TakeKeys, waits_for_the_end_of_a_sequence) {
  std::string text = "p\033[";
  EXPECT_EQ(take_keys(text), Keys{'p'});
  EXPECT_EQ(text, "\033[");
  text += "D";
  EXPECT_EQ(take_keys(text), Keys{TypedKey::left});
}

TEST(TakeKeys, drops_other_keys) {
  std::string text = "\033[15~\033[1;5Ck\033x";
  EXPECT_EQ(take_keys(text), (Keys{'k', 'x'}));
}

}  // namespace
}  // namespace lab
