// SPDX-License-Identifier: MIT
#include "lab/command/command_line.h"

#include <gtest/gtest.h>

#include "cgroupfs/text.h"
#include "lab/command/description.h"
#include "lab/command/render_target.h"

#include "tests/support/error_text.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;

const OptionList options{
    {"name,n", "TEXT", "one value"},
    {"only", "ID", "several values", {}, /*repeats=*/true},
    {"quiet,q", "", "no value"},
};

CommandLine parse(const Words& arguments, std::size_t most_positional = 0) {
  return parse_command_line(options, arguments, most_positional);
}

std::string refusal(const Words& arguments) {
  return error_text<UsageError>([&] { parse(arguments); });
}

TEST(CommandLine, accepts_both_forms_of_a_value) {
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
  for (const Words& words :
       {Words{"--name", "a", "--name", "b"}, Words{"-n", "a", "-nb"}}) {
    EXPECT_EQ(refusal(words), "--name is given twice");
  }
}

TEST(CommandLine, refuses_a_value_that_is_missing_or_too_many) {
  for (const Words& words : {Words{"--name"}, Words{"-n"}, Words{"--name="}}) {
    EXPECT_EQ(refusal(words), "--name needs a value") << words[0];
  }
  EXPECT_EQ(refusal({"--quiet=yes"}), "--quiet takes no value");
}

TEST(CommandLine, names_an_unknown_option_as_it_was_typed) {
  for (const char* const word : {"--elsewhere", "--elsewhere=3", "-x", "-xy"}) {
    const std::string text = refusal({word});
    EXPECT_EQ(text.find("unknown option '-"), 0u) << text;
  }
}

TEST(CommandLine, suggests_the_intended_option) {
  EXPECT_NE(refusal({"--quit"}).find("did you mean --quiet?"),
            std::string::npos);
  EXPECT_NE(refusal({"--nam", "a"}).find("did you mean --name?"),
            std::string::npos);
}

TEST(CommandLine, refuses_too_many_positional_arguments) {
  EXPECT_EQ(parse({"a", "-q", "b"}, 2).positional, (Words{"a", "b"}));
  EXPECT_EQ(error_text<UsageError>([] {
              parse({"a", "b"}, 1);
            }),
            "unexpected argument 'b'");
}

TEST(CommandLine, suggests_the_format_of_that_name) {
  EXPECT_NE(
      error_text<UsageError>([] {
        parse_command_line(render_options({"text", "json"}), Words{"--json"});
      }).find("did you mean --format json?"),
      std::string::npos);
}

TEST(CommandLine, reads_numbers_within_their_range) {
  EXPECT_EQ(parse_number("1", 1, 9), 1u);
  EXPECT_EQ(parse_number("9", 1, 9), 9u);
  for (const char* const text : {"0", "10", "-1", "x", "", "1.5", " 1"}) {
    EXPECT_EQ(error_text<UsageError>([&] { parse_number(text, 1, 9); }),
              fmt::format("invalid number '{}' (use 1 to 9)", text));
  }
}

const Description description{
    .about = {"A sentence that is so long that it takes more than one line of "
              "a terminal of sixty columns."},
    .rows = {{"Question", "Which one?"}},
    .arguments = {"[TOPIC]", 1, one_of(std::vector<Word>{{"move", "moving"}}),
                  "Topics"},
    .rest = {.usage = "[-- COMMAND]"},
    .options = options,
    .exit_statuses = {{"0", "done"}},
};

TEST(Description, has_a_help_with_all_that_it_says) {
  const std::string text = help_text("name", description, 60);
  for (const char* const part :
       {"Usage: cglab name [OPTION]... [TOPIC] [-- COMMAND]\n",
        "\nQuestion:    Which one?\n", "\nTopics:\n  move  moving\n",
        "\n  -n, --name TEXT       one value\n",
        "\n      --only ID         several values\n",
        "\n  -q, --quiet           no value\n",
        "\nExit status:\n  0       done\n"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << text;
  }
  for (const std::string_view line : cgroupfs::split_lines(text)) {
    EXPECT_LE(line.size(), 60u) << line;
  }
}

TEST(Description, explains_sizes_and_times_where_an_option_takes_one) {
  EXPECT_TRUE(notes_of({.about = {}, .options = options}).empty());
  const auto notes =
      notes_of({.about = {},
                .options = {{"swap", "SIZE|max", ""}, {"ramp", "TIME", ""}}});
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes[0].find("SIZE: "), 0u);
  EXPECT_EQ(notes[1].find("TIME: "), 0u);
}

TEST(Description, splits_off_what_follows_the_mark) {
  const CommandLine line =
      parse_command_line(description, {"-q", "a", "--", "b", "--", "-q"});
  EXPECT_EQ(line.positional, Words{"a"});
  EXPECT_EQ(line.rest, (Words{"b", "--", "-q"}));
  EXPECT_EQ(parse_command_line(description, {"a"}).rest, std::nullopt);
  EXPECT_EQ(parse_command_line(description, {"--"}).rest, Words());
  EXPECT_EQ(line.typed.size(), 6u);
}

TEST(HelpWidth, is_60_to_80_columns) {
  EXPECT_EQ(help_width(20), 60u);
  EXPECT_EQ(help_width(70), 70u);
  EXPECT_EQ(help_width(200), 80u);
}

RenderTarget target(const Words& arguments) {
  const Words formats{"text", "html", "json", "junit", "autolab"};
  return read_render_target(
      parse_command_line(render_options(formats), arguments), formats);
}

std::string target_refusal(const Words& arguments) {
  return error_text<UsageError>([&] { target(arguments); });
}

TEST(RenderTarget, has_the_format_that_was_asked_for) {
  EXPECT_EQ(target({}).format, "text");
  EXPECT_TRUE(target({}).is_stdout());
  EXPECT_EQ(target({"--format", "junit"}).format, "junit");
  EXPECT_EQ(target({"--format", "json", "-o", "a.html"}).format, "json");
  EXPECT_EQ(target({"--format", "json", "-o", "a.html"}).file, "a.html");
}

TEST(RenderTarget, has_the_format_of_its_ending) {
  EXPECT_EQ(target({"-o", "a.htm"}).format, "html");
  EXPECT_EQ(target({"-o", "dir.json/a.xml"}).format, "junit");
  EXPECT_EQ(target({"-o", "/dev/stdout"}).format, "text");
  EXPECT_EQ(target({"-o", "-"}).format, "text");
}

TEST(RenderTarget, names_the_formats_and_endings_that_there_are) {
  EXPECT_EQ(target_refusal({"--format", "csv"}),
            "--format: invalid format 'csv' (use text, html, json, junit or "
            "autolab)");
  EXPECT_EQ(target_refusal({"-o", "a.csv"}),
            "--output: 'a.csv' has an unknown ending (use .txt, .html, .json "
            "or .xml, or give --format)");
  EXPECT_NE(target_refusal({"--output="}).find("--output"), std::string::npos);
}

TEST(RenderTarget, is_one_for_each_output_of_a_bench) {
  const Words formats{"text", "json", "csv"};
  OptionList list = render_options(formats);
  list.back().repeats = true;
  const auto targets = [&](const Words& arguments) {
    return read_render_targets(parse_command_line(list, arguments), formats);
  };
  EXPECT_TRUE(targets({}).empty());
  ASSERT_EQ(targets({"--format", "csv"}).size(), 1u);
  const auto two = targets({"-o", "a.json", "-o", "b.csv"});
  ASSERT_EQ(two.size(), 2u);
  EXPECT_EQ(two[0].format, "json");
  EXPECT_EQ(two[1].file, "b.csv");
  EXPECT_NE(error_text<UsageError>([&] {
              targets({"-o", "a", "-o", "b", "--format", "csv"});
            }).find("the endings decide"),
            std::string::npos);
}

}  // namespace
}  // namespace lab
