// SPDX-License-Identifier: MIT
#include "lab/classroom/lessons/lessons.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ioctl.h>

#include <cstdio>
#include <cstdlib>
#include <set>
#include <stdexcept>

#include "cgroupfs/text.h"
#include "lab/classroom/exercise.h"
#include "lab/report/text_width.h"
#include "tests/support/matches.h"
#include "tests/support/temp_stream.h"

namespace lab {
namespace {

using cgroupfs::Version;

std::string text_of(const Document& document) {
  const test_support::TempStream stream;
  return render_text(document, Terminal(stream.get(), ColorChoice::never));
}

/// A terminal of 60 columns: the master of a pseudo-terminal, which has its
/// size.
class NarrowTerminal {
 public:
  NarrowTerminal()
      : stream_(::fdopen(::posix_openpt(O_RDWR | O_NOCTTY), "r+")) {
    const winsize size{24, columns, 0, 0};
    if (!stream_ || ::ioctl(::fileno(stream_), TIOCSWINSZ, &size) != 0) {
      throw std::runtime_error("cannot open a pseudo-terminal");
    }
  }
  ~NarrowTerminal() { std::fclose(stream_); }
  NarrowTerminal(const NarrowTerminal&) = delete;
  NarrowTerminal& operator=(const NarrowTerminal&) = delete;

  static constexpr unsigned short columns = 60;
  std::string text_of(const Document& document) const {
    return render_text(document, Terminal(stream_, ColorChoice::never));
  }

 private:
  std::FILE* stream_;
};

/// Commands are not wrapped, so that they can be pasted.
bool is_command(std::string_view line) {
  return line.starts_with("    ");
}

/// Each lesson, in each language, for each version.
class Lessons
    : public testing::TestWithParam<std::tuple<const Lesson*, Language>> {
 protected:
  static const Lesson& lesson() { return *std::get<0>(GetParam()); }
  static Language language() { return std::get<1>(GetParam()); }
  static Document document(Version version) {
    return lesson_document(lesson(), language(), version);
  }
};

TEST_P(Lessons, fit_a_terminal_of_80_columns) {
  for (const Version version : {Version::v1, Version::v2}) {
    const std::string text = text_of(document(version));
    for (const std::string_view line : cgroupfs::split_lines(text)) {
      if (is_command(line)) continue;
      EXPECT_LE(display_width(line), 80u) << line;
    }
  }
}

void expect_narrow(const Document& document) {
  const std::string text = NarrowTerminal().text_of(document);
  for (const std::string_view line : cgroupfs::split_lines(text)) {
    if (is_command(line)) continue;
    EXPECT_LE(display_width(line), NarrowTerminal::columns) << line;
  }
}

TEST_P(Lessons, fit_a_terminal_of_60_columns) {
  for (const Version version : {Version::v1, Version::v2}) {
    expect_narrow(document(version));
  }
}

TEST(ExerciseDocument, fits_a_terminal_of_60_columns) {
  for (const Version version : {Version::v1, Version::v2}) {
    for (const Language language : {Language::en, Language::zh}) {
      ExerciseHost host;
      host.placement.version = version;
      host.placement.parent = "/sys/fs/cgroup/memory/student";
      host.placement.hierarchy.mount_point = "/sys/fs/cgroup/memory";
      host.has_swap_limit = true;
      ExercisePlan plan;
      plan.language = language;
      expect_narrow(exercise_document(plan, host));
    }
  }
}

TEST_P(Lessons, are_in_their_language) {
  const bool chinese = language() == Language::zh;
  for (const Version version : {Version::v1, Version::v2}) {
    const Document text = document(version);
    EXPECT_EQ(has_chinese(render_markdown(text)), chinese);
    EXPECT_EQ(is_ascii(render_markdown(text)), !chinese);
    for (const Block& block : text.blocks()) {
      // A cell may be a file name, which is the same in both.
      const bool prose = block.kind != Block::Kind::commands &&
                         block.kind != Block::Kind::table;
      if (!prose) continue;
      EXPECT_EQ(has_chinese(block.text), chinese) << block.text;
      EXPECT_EQ(is_ascii(block.text), !chinese) << block.text;
    }
  }
}

TEST_P(Lessons, begin_with_a_question_and_end_with_commands) {
  for (const Version version : {Version::v1, Version::v2}) {
    const Document text = document(version);
    const auto& blocks = text.blocks();
    ASSERT_GT(blocks.size(), 4u);
    EXPECT_EQ(blocks[0].kind, Block::Kind::title);
    EXPECT_EQ(blocks[1].kind, Block::Kind::question);
    std::size_t sections = 0;
    std::size_t commands = 0;
    for (const Block& block : blocks) {
      if (block.kind == Block::Kind::section) ++sections;
      if (block.kind != Block::Kind::commands) continue;
      EXPECT_EQ(sections, 1u) << "a command before the section to try it";
      ++commands;
    }
    EXPECT_EQ(sections, 1u);
    EXPECT_GE(commands, 1u);
  }
}

TEST_P(Lessons, are_short) {
  std::size_t lines = 0;
  const std::string text = text_of(document(Version::v2));
  for (const std::string_view line : cgroupfs::split_lines(text)) {
    if (line == "Try it" || line == "动手试试") break;
    if (!line.empty()) ++lines;
  }
  EXPECT_GE(lines, 10u);
  EXPECT_LE(lines, 40u);
}

/// Lines of all commands in `text`.
std::vector<std::string> command_lines(const Document& text) {
  std::vector<std::string> lines;
  for (const Block& block : text.blocks()) {
    if (block.kind != Block::Kind::commands) continue;
    for (const std::string_view line : cgroupfs::split_lines(block.text)) {
      lines.emplace_back(line);
    }
  }
  return lines;
}

bool contains(const std::string& line, const char* part) {
  return line.find(part) != line.npos;
}

/// Only v2 has memory.high, memory.pressure and groups that are killed
/// together.
TEST_P(Lessons, use_features_of_the_version) {
  for (const std::string& line : command_lines(document(Version::v1))) {
    const bool of_v2 =
        contains(line, "--high") || contains(line, "--oom-group");
    EXPECT_EQ(of_v2, of_v2 && line.starts_with("scripts/vm --cgroup v2 "))
        << line;
    EXPECT_FALSE(contains(line, "/memory.max")) << line;
  }
  for (const std::string& line : command_lines(document(Version::v2))) {
    EXPECT_FALSE(contains(line, "_in_bytes")) << line;
    EXPECT_FALSE(contains(line, "--cgroup v2 ") && contains(line, "--high"))
        << line;
  }
}

std::string name_of(const testing::TestParamInfo<Lessons::ParamType>& info) {
  std::string name(std::get<0>(info.param)->id);
  std::erase(name, '-');
  return name + (std::get<1>(info.param) == Language::zh ? "_zh" : "_en");
}

INSTANTIATE_TEST_SUITE_P(
    All, Lessons,
    testing::Combine(testing::ValuesIn(all_lessons().begin(),
                                       all_lessons().end()),
                     testing::Values(Language::en, Language::zh)),
    name_of);

TEST(LessonIds, are_unique_and_found) {
  std::set<std::string> ids;
  for (const std::string& id : lesson_ids()) {
    EXPECT_TRUE(ids.insert(id).second) << id;
    EXPECT_EQ(find_lesson(id)->id, id);
  }
  EXPECT_EQ(ids.size(), all_lessons().size());
  EXPECT_EQ(find_lesson("none"), nullptr);
  EXPECT_EQ(find_lesson(""), nullptr);
}

TEST(LessonList, names_each_with_its_summary) {
  for (const Language language : {Language::en, Language::zh}) {
    const std::string text = text_of(lesson_list(language));
    for (const Lesson* const lesson : all_lessons()) {
      EXPECT_NE(text.find(padded(lesson->id, 12) +
                          say(language, lesson->summary) + "\n"),
                text.npos)
          << text;
    }
    for (const std::string_view line : cgroupfs::split_lines(text)) {
      EXPECT_LE(display_width(line), 80u) << line;
    }
  }
}

}  // namespace
}  // namespace lab
