// SPDX-License-Identifier: MIT
#include "lab/base/shell_quote.h"

#include <gtest/gtest.h>
#include <stdio.h>

#include <array>
#include <string>

#include "lab/base/visible.h"

namespace lab {
namespace {

/// The output of `command`, run by sh.
std::string output_of(const std::string& command) {
  FILE* const shell = ::popen(command.c_str(), "r");
  if (!shell) return "popen failed";
  std::string output;
  std::array<char, 512> buffer;
  while (const std::size_t count =
             ::fread(buffer.data(), 1, buffer.size(), shell)) {
    output.append(buffer.data(), count);
  }
  return ::pclose(shell) == 0 ? output : output + " (sh failed)";
}

TEST(ShellQuote, is_one_word_for_a_shell) {
  for (const std::string text :
       {"/plain",          "/with space", "/it's",         "/\"quoted\"",
        "/$(touch x)`id`", "/a\nb",       "/back\\slash",  "/semi;colon&",
        "/*?[x]~",         "/-dash",      "/\xe4\xb8\xad", "/a\033[31mb",
        "/tab\there",      "/\x9b\xff",   "/it's\033",     "/100%\033\\n",
        "\033\n\n",        "/a\nb\033",   "/\xc2\x9b",     "-n\033"}) {
    EXPECT_EQ(output_of("printf %s. " + shell_quote(text)), text + ".");
  }
  EXPECT_EQ(output_of("printf '<%s>' " + shell_quote("")), "<>");
}

TEST(ShellQuote, leaves_plain_words_readable) {
  EXPECT_EQ(shell_quote("/sys/fs/cgroup/a-b_c.d:e=f+1,2@3%4"),
            "/sys/fs/cgroup/a-b_c.d:e=f+1,2@3%4");
  EXPECT_EQ(shell_quote("it's"), "'it'\\''s'");
}

/// Text to be pasted must not contain control characters.
TEST(ShellQuote, prints_no_control_character) {
  EXPECT_EQ(shell_quote("/a\033[2J"), "\"$(printf '/a\\033[2J')\"");
  for (const std::string text : {"\033", "a\x9b", "\xc2\x9b", "\t", "\x7f"}) {
    EXPECT_EQ(visible_line(shell_quote(text)), shell_quote(text));
  }
}

}  // namespace
}  // namespace lab
