// SPDX-License-Identifier: MIT
#include "lab/classroom/lessons/lessons.h"

#include <algorithm>

#include "lab/classroom/lessons/topics.h"

namespace lab {
namespace {

using cgroupfs::Version;

constexpr const Lesson* lessons[] = {
    &charge_lesson,     &move_lesson,     &limit_lesson, &oom_kill_lesson,
    &exit_137_lesson,   &victim_lesson,   &swap_lesson,  &high_lesson,
    &pressure_lesson,   &versions_lesson, &image_lesson, &layers_lesson,
    &namespaces_lesson,
};

constexpr Message try_it("Try it", "动手试试");

constexpr Message list_title("Lessons on memory cgroups and containers",
                             "内存 cgroup 与容器小课");
constexpr Message topic_head("topic", "主题");
constexpr Message summary_head("what it explains", "内容");
constexpr Message list_end(
    "`cglab explain TOPIC` shows one: a question to guess first, then the "
    "answer, then commands for this host to see it for yourself. `--cgroup "
    "v1|v2` shows the commands for the other version, `--lang zh` prints "
    "Chinese, `--format markdown` is for handouts.",
    "`cglab explain 主题` 显示其中一课：先提一个问题，请先猜一猜；然后是解答；"
    "最后是可以在这台主机上动手验证的命令。`--cgroup v1|v2` "
    "换成另一版本的命令，"
    "`--lang en` 换成英文，`--format markdown` 适合做讲义。");
constexpr Message list_scratch(
    "`cglab explain scratch PROGRAM` reads the ELF header of a program of "
    "yours and lists the files that it lacks in an empty image.",
    "`cglab explain scratch 程序` 读取你自己的程序的 ELF "
    "头，列出它在空镜像里还缺哪些文件。");
constexpr Message list_path(
    "The commands take `cglab` and `malloc_demo` from PATH. In a checkout that "
    "`scripts/cglab` has built:",
    "命令从 PATH 里找 `cglab` 和 `malloc_demo`。如果用的是源码目录，"
    "先用 `scripts/cglab` 构建，然后：");

std::vector<std::vector<std::string>> rendered(std::span<const LessonRow> rows,
                                               Language language) {
  std::vector<std::vector<std::string>> text;
  for (const LessonRow& row : rows) {
    text.emplace_back();
    for (const Message& cell : row) text.back().push_back(say(language, cell));
  }
  return text;
}

void add_part(const LessonPart& part, Language language, Document& document) {
  switch (part.kind) {
    case LessonPart::Kind::paragraph:
      return document.paragraph(say(language, part.text));
    case LessonPart::Kind::item:
      return document.item(say(language, part.text));
    case LessonPart::Kind::question:
      return document.question(say(language, part.text));
    case LessonPart::Kind::table:
      return document.table(rendered(part.rows, language));
    case LessonPart::Kind::commands:
      return document.command(std::string(part.commands));
  }
}

void add_parts(std::span<const LessonPart> parts, Language language,
               Version version, Document& document) {
  for (const LessonPart& part : parts) {
    if (part.only_on.value_or(version) == version) {
      add_part(part, language, document);
    }
  }
}

}  // namespace

std::span<const Lesson* const> all_lessons() {
  return lessons;
}

const Lesson* find_lesson(std::string_view id) {
  const auto found =
      std::find_if(std::begin(lessons), std::end(lessons),
                   [id](const Lesson* lesson) { return lesson->id == id; });
  return found == std::end(lessons) ? nullptr : *found;
}

std::vector<std::string> lesson_ids() {
  std::vector<std::string> ids;
  for (const Lesson* const lesson : lessons) ids.emplace_back(lesson->id);
  return ids;
}

Document lesson_document(const Lesson& lesson, Language language,
                         Version version) {
  Document document;
  document.title(say(language, lesson.title));
  document.question(say(language, lesson.question));
  add_parts(lesson.body, language, version, document);
  document.section(say(language, try_it));
  add_parts(lesson.experiments, language, version, document);
  return document;
}

Document lesson_list(Language language) {
  Document document;
  document.title(say(language, list_title));
  std::vector<std::vector<std::string>> rows = {
      {say(language, topic_head), say(language, summary_head)}};
  for (const Lesson* const lesson : lessons) {
    rows.push_back({std::string(lesson->id), say(language, lesson->summary)});
  }
  document.table(std::move(rows));
  document.paragraph(say(language, list_end));
  document.paragraph(say(language, list_scratch));
  document.paragraph(say(language, list_path));
  document.command("PATH=$PWD/build/lab:$PWD/build/malloc_demo:$PATH");
  return document;
}

}  // namespace lab
