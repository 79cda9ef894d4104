// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>

#include "cgroupfs/hierarchy.h"
#include "cgroupfs/text.h"
#include "lab/classroom/lessons/lessons.h"
#include "tests/cli/cli_test.h"

namespace cli_test {
namespace {

/// cglab explain with these arguments, where `variables` are set.
Ending explain_with(
    const Words& arguments,
    const std::vector<std::pair<std::string, std::string>>& variables) {
  Words all{"explain"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  ProcessSpec spec = cglab_spec(std::move(all));
  for (const auto& [name, value] : variables) {
    spec.environment.emplace_back(name, value);
  }
  return test_support::run_process(spec);
}

/// What is between the fences of the markdown `text`.
Words fenced_commands(const std::string& text) {
  Words found;
  bool inside = false;
  for (const std::string_view line : cgroupfs::split_lines(text)) {
    if (line.starts_with("```")) {
      inside = !inside;
      if (inside) found.emplace_back();
    } else if (inside) {
      found.back().append(line).append("\n");
    }
  }
  return found;
}

TEST(Explain, lists_its_topics) {
  const Ending ending = cglab({"explain"});
  EXPECT_EQ(ending.status, 0);
  EXPECT_EQ(ending.err, "");
  for (const std::string& id : lab::lesson_ids()) {
    EXPECT_TRUE(has(ending.out, "\n  " + id + " ")) << id;
  }
  EXPECT_TRUE(has(ending.out, "cglab explain TOPIC"));
}

TEST(Explain, explains_each_topic_in_each_language) {
  for (const std::string& id : lab::lesson_ids()) {
    const Ending english = cglab({"explain", id, "--lang", "en"});
    EXPECT_EQ(english.status, 0);
    EXPECT_EQ(english.err, "");
    EXPECT_TRUE(has(english.out, "\nTry it\n")) << id;
    const Ending chinese = cglab({"explain", "--lang", "zh", id});
    EXPECT_EQ(chinese.status, 0);
    EXPECT_EQ(chinese.err, "");
    EXPECT_TRUE(has(chinese.out, "\n动手试试\n")) << id;
  }
}

TEST(Explain, takes_the_language_of_the_environment) {
  const auto is_chinese = [](const Ending& ending) {
    EXPECT_EQ(ending.status, 0);
    return has(ending.out, "动手试试");
  };
  EXPECT_FALSE(is_chinese(explain_with({"move"}, {})));
  EXPECT_TRUE(is_chinese(explain_with({"move"}, {{"LC_ALL", "zh_CN.UTF-8"}})));
  EXPECT_TRUE(is_chinese(explain_with({"move"}, {{"CGLAB_LANG", "zh"}})));
  EXPECT_FALSE(is_chinese(explain_with(
      {"move"}, {{"LC_ALL", "zh_CN.UTF-8"}, {"CGLAB_LANG", "en"}})));
  EXPECT_FALSE(is_chinese(
      explain_with({"move", "--lang", "en"}, {{"CGLAB_LANG", "zh"}})));
}

TEST(Explain, writes_markdown) {
  const Ending ending = cglab({"explain", "versions", "--format", "markdown"});
  EXPECT_EQ(ending.status, 0);
  EXPECT_TRUE(ending.out.starts_with("# cgroup v1 and v2"));
  EXPECT_TRUE(has(ending.out, "\n## Try it\n"));
  EXPECT_TRUE(has(ending.out, "\n|---|---|---|\n"));
  EXPECT_TRUE(has(ending.out, "\n```sh\ncglab oom --dry-run\n"));
}

TEST(Explain, shows_the_commands_of_the_version) {
  const std::string v1 = cglab({"explain", "high", "--cgroup", "v1"}).out;
  const std::string v2 = cglab({"explain", "high", "--cgroup", "v2"}).out;
  EXPECT_TRUE(has(v1, "\n    scripts/vm --cgroup v2 -- cglab run --high "));
  EXPECT_TRUE(has(v2, "\n    cglab run --high "));
  EXPECT_FALSE(has(v2, "scripts/vm"));
  const auto search = cgroupfs::find_controller("memory");
  const bool is_v1 = search.v1 && !search.v2;
  EXPECT_EQ(cglab({"explain", "high"}).out, is_v1 ? v1 : v2);
  EXPECT_EQ(cglab({"explain", "high", "--cgroup", "auto"}).out,
            is_v1 ? v1 : v2);
}

TEST(Explain, shows_commands_that_a_shell_can_read) {
  for (const std::string& id : lab::lesson_ids()) {
    for (const char* const version : {"v1", "v2"}) {
      const Ending ending =
          cglab({"explain", id, "--cgroup", version, "--format", "markdown"});
      const Words commands = fenced_commands(ending.out);
      EXPECT_FALSE(commands.empty()) << id;
      for (const std::string& command : commands) {
        ProcessSpec shell;
        shell.program = "/bin/sh";
        shell.arguments = {"-n", "-c", command};
        EXPECT_EQ(test_support::run_process(shell).status, 0) << command;
      }
    }
  }
}

/// Options that there are, those of all programs that lessons use.
std::string known_options() {
  std::string text = " --hold --touch ";  // of malloc_demo
  for (const char* const command : {"oom", "run", "doctor"}) {
    text += cglab({command, "--help"}).out;
  }
  return text;
}

TEST(Explain, shows_only_existing_options) {
  const std::string known = known_options();
  for (const std::string& id : lab::lesson_ids()) {
    for (const char* const version : {"v1", "v2"}) {
      const Ending ending =
          cglab({"explain", id, "--cgroup", version, "--format", "markdown"});
      for (std::string& command : fenced_commands(ending.out)) {
        std::replace(command.begin(), command.end(), '\n', ' ');
        for (const std::string_view word : cgroupfs::split_words(command)) {
          if (!word.starts_with("--") || word == "--") continue;
          EXPECT_TRUE(has(known, std::string(word) + " "))
              << word << " in " << command;
        }
      }
    }
  }
}

TEST(Explain, names_the_topic_that_was_meant) {
  const Ending ending = cglab({"explain", "chrage"});
  EXPECT_EQ(ending.status, 2);
  EXPECT_EQ(ending.out, "");
  EXPECT_TRUE(has(ending.err,
                  "unknown topic 'chrage'; did you mean 'charge'? Topics: "
                  "charge, move, "));
  const Ending far = cglab({"explain", "weather"});
  EXPECT_EQ(far.status, 2);
  EXPECT_TRUE(has(far.err, "unknown topic 'weather'. Topics: charge, "));
}

TEST(Explain, refuses_unknown_values) {
  EXPECT_EQ(cglab({"explain", "move", "high"}).status, 2);
  EXPECT_EQ(cglab({"explain", ""}).status, 2);
  EXPECT_TRUE(has(cglab({"explain", "--lang", "fr"}).err,
                  "--lang: invalid language 'fr' (use en or zh)"));
  EXPECT_TRUE(has(cglab({"explain", "--format", "pdf"}).err, "--format: "));
  EXPECT_TRUE(has(cglab({"explain", "--cgroup", "v3"}).err, "--cgroup: "));
  EXPECT_TRUE(has(cglab({"explain", "--color", "red"}).err, "--color: "));
}

TEST(Explain, lists_the_topics_in_its_help) {
  const Ending ending = cglab({"explain", "--help"});
  EXPECT_EQ(ending.status, 0);
  EXPECT_EQ(ending.err, "");
  std::string topics = "\nTopics:\n";
  for (const lab::Lesson* const lesson : lab::all_lessons()) {
    std::string name(lesson->id);
    name.resize(10, ' ');
    topics += "  " + name +
              std::string(lesson->summary.text(lab::Language::en)) + "\n";
  }
  topics += "  scratch   PROGRAM: the files that it lacks in an empty image\n";
  EXPECT_TRUE(has(ending.out, topics + "\n")) << ending.out;
  EXPECT_EQ(cglab({"explain", "-h"}).out, ending.out);
}

TEST(Explain, uses_bold_type_on_request) {
  EXPECT_TRUE(has(cglab({"explain", "--color", "always"}).out, "\x1b["));
  EXPECT_FALSE(has(cglab({"explain"}).out, "\x1b["));
}

}  // namespace
}  // namespace cli_test
