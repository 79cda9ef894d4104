// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <unistd.h>

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

/// Options of the project's programs. tests/peers/lessons_test.py runs the
/// commands of others.
std::string known_options() {
  std::string text = " --hold --touch ";  // of malloc_demo
  for (const char* const command : {"oom", "run", "doctor"}) {
    text += cglab({command, "--help"}).out;
  }
  return text;
}

/// The lines of `markdown` that run cglab or malloc_demo, each with those that
/// continue it.
Words commands_of_cglab(const std::string& markdown) {
  Words found;
  for (const std::string& block : fenced_commands(markdown)) {
    bool is_other = false;
    for (const std::string_view line : cgroupfs::split_lines(block)) {
      if (!line.starts_with(' ')) {
        is_other = false;
        for (const char* const other :
             {"buildah ", "nsenter ", "printf ", "unshare "}) {
          is_other = is_other || line.starts_with(other);
        }
      }
      if (!is_other || has(std::string(line), "  cglab ")) {
        found.emplace_back(line);
      }
    }
  }
  return found;
}

TEST(Explain, shows_only_existing_options) {
  const std::string known = known_options();
  for (const std::string& id : lab::lesson_ids()) {
    for (const char* const version : {"v1", "v2"}) {
      const Ending ending =
          cglab({"explain", id, "--cgroup", version, "--format", "markdown"});
      for (const std::string& command : commands_of_cglab(ending.out)) {
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
    name.resize(12, ' ');
    topics += "  " + name +
              std::string(lesson->summary.text(lab::Language::en)) + "\n";
  }
  topics +=
      "  scratch     PROGRAM: the files that it lacks in an empty image\n";
  EXPECT_TRUE(has(ending.out, topics + "\n")) << ending.out;
  EXPECT_EQ(cglab({"explain", "-h"}).out, ending.out);
}

TEST(Explain, uses_bold_type_on_request) {
  EXPECT_TRUE(has(cglab({"explain", "--color", "always"}).out, "\x1b["));
  EXPECT_FALSE(has(cglab({"explain"}).out, "\x1b["));
}

/// Runs the commands of a block as a user does who pastes them.
Ending pasted(const std::string& commands) {
  ProcessSpec shell;
  shell.program = "/bin/sh";
  shell.arguments = {"-c", commands};
  shell.environment = {{"PATH", path_with_cglab()}, {"LC_ALL", "C.UTF-8"}};
  return test_support::run_process(shell);
}

/// What the commands of the lesson on namespaces lack here; empty: nothing.
std::string missing_for_namespaces() {
  if (::geteuid() != 0) return "root";
  const Ending version = pasted("unshare --version; nsenter --version");
  if (!has(version.out, "unshare from util-linux") ||
      !has(version.out, "nsenter from util-linux")) {
    return "unshare and nsenter of util-linux";
  }
  return pasted("command -v ip && command -v ps").status == 0
             ? ""
             : "ip of iproute2, or ps of procps";
}

TEST(Explain, shows_namespaces_by_commands_that_do_so) {
  const std::string missing = missing_for_namespaces();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const Words blocks = fenced_commands(
      cglab({"explain", "namespaces", "--format", "markdown"}).out);
  ASSERT_EQ(blocks.size(), 4u);

  const Ending processes = pasted(blocks[0]);
  EXPECT_TRUE(processes.out.starts_with("1\n")) << processes.out;
  EXPECT_EQ(cgroupfs::split_lines(processes.out).size(), 4u) << processes.out;

  const Ending changes = pasted(blocks[1]);
  const std::string host = pasted("hostname; ls /mnt").out;
  const std::size_t end = host.find('\n') + 1;
  EXPECT_TRUE(changes.out.starts_with("inside\n" + host.substr(0, end) +
                                      "1: lo: <LOOPBACK>"))
      << changes.out << changes.err;
  EXPECT_TRUE(changes.out.ends_with("\ninside\n" + host.substr(end)))
      << changes.out << changes.err;

  const Ending memory = pasted(blocks[2]);
  EXPECT_TRUE(has(memory.out, pasted("grep MemTotal /proc/meminfo").out))
      << memory.out << memory.err;

  const Ending seen = pasted(blocks[3]);
  EXPECT_TRUE(seen.out.starts_with("1: lo: <LOOPBACK>")) << seen.out;
  EXPECT_FALSE(has(seen.out, "\n2: ")) << seen.out;
  EXPECT_TRUE(has(seen.out, "\ninside\nnet:[")) << seen.out;
  EXPECT_TRUE(has(seen.out, "differ from the caller's")) << seen.out;
}

}  // namespace
}  // namespace cli_test
