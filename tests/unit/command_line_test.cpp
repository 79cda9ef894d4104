// SPDX-License-Identifier: MIT
#include "lab/command/command_line.h"

#include <gtest/gtest.h>

#include "tests/support/error_text.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;

const OptionList options{
    {"name,n", "TEXT", "one value"},
    {"only", "ID", "several values", /*repeats=*/true},
    {"quiet,q", nullptr, "no value"},
};

CommandLine parse(const Words& arguments, std::size_t most_positional = 0) {
  return parse_command_line(options, arguments, most_positional);
}

std::string refusal(const Words& arguments) {
  return error_text<UsageError>([&] { parse(arguments); });
}

TEST(CommandLine, has_what_was_given_in_either_form) {
  for (const Words& words : {Words{"--name", "a"}, Words{"--name=a"},
                             Words{"-n", "a"}, Words{"-na"}}) {
    const CommandLine line = parse(words);
    EXPECT_EQ(line.all("name"), Words{"a"});
    EXPECT_FALSE(line.has("quiet"));
  }
  EXPECT_TRUE(parse({"-q"}).has("quiet"));
  EXPECT_TRUE(parse({}).all("name").empty());
}

TEST(CommandLine, keeps_the_values_of_a_repeated_option_in_order) {
  const CommandLine line = parse({"--only", "b", "-q", "--only=a"});
  EXPECT_EQ(line.all("only"), (Words{"b", "a"}));
  EXPECT_TRUE(parse({}).all("only").empty());
}

TEST(CommandLine, refuses_to_repeat_another_option) {
  EXPECT_NE(refusal({"--name", "a", "--name", "b"}).find("--name"),
            std::string::npos);
}

TEST(CommandLine, refuses_a_value_that_is_missing_or_too_many) {
  EXPECT_NE(refusal({"--name"}).find("--name"), std::string::npos);
  EXPECT_NE(refusal({"--quiet=yes"}).find("--quiet"), std::string::npos);
}

TEST(CommandLine, suggests_the_option_that_was_meant) {
  EXPECT_NE(refusal({"--quit"}).find("did you mean --quiet?"),
            std::string::npos);
  EXPECT_NE(refusal({"--nam", "a"}).find("did you mean --name?"),
            std::string::npos);
}

TEST(CommandLine, takes_no_more_positional_arguments_than_allowed) {
  EXPECT_EQ(parse({"a", "-q", "b"}, 2).positional, (Words{"a", "b"}));
  EXPECT_EQ(error_text<UsageError>([] {
              parse({"a", "b"}, 1);
            }),
            "unexpected argument 'b'");
}

TEST(CommandLine, help_shows_names_values_and_texts) {
  const std::string text = options_text(options);
  for (const char* const part :
       {"-n [ --name ] TEXT", "one value", "--only ID", "-q [ --quiet ]"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part;
  }
}

}  // namespace
}  // namespace lab
