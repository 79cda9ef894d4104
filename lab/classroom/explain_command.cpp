// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <exception>

#include "cgroupfs/hierarchy.h"
#include "lab/base/exit_code.h"
#include "lab/base/nearest.h"
#include "lab/classroom/lessons/lessons.h"
#include "lab/classroom/scratch/scratch_document.h"
#include "lab/command/command.h"
#include "lab/command/option_groups.h"
#include "lab/command/render_target.h"

namespace lab {
namespace {

using cgroupfs::Version;

/// The topic that is about a program of the user's.
constexpr std::string_view scratch_topic = "scratch";
constexpr Message scratch_summary(
    "PROGRAM: the files that it lacks in an empty image",
    "程序：在空镜像里它还缺哪些文件");

Description describe_explain(const Command&) {
  std::vector<Word> topics;
  for (const Lesson* const lesson : all_lessons()) {
    topics.push_back(
        {std::string(lesson->id), say(Language::en, lesson->summary)});
  }
  topics.push_back({std::string(scratch_topic),
                    say(Language::en, scratch_summary), /*takes_file=*/true});
  Description description{
      .about = {"A short lesson: a question, the answer, and commands to try "
                "it. Without TOPIC: the list of lessons. Nothing is run.",
                "scratch PROGRAM reads the ELF header or the first line of a "
                "program of yours (a path, or a name on PATH), and of the "
                "libraries that it needs, and lists the files to copy into an "
                "image FROM scratch. Unlike ldd, it never runs the program."},
      .arguments = {"[TOPIC|scratch PROGRAM]", 2, one_of(std::move(topics)),
                    "Topics"},
      .options = {version_option(
          "cgroup version of the commands (auto: this host's)")},
      .examples = {"cglab explain move", "cglab explain scratch build/program"},
      .exit_statuses = {{"0", "shown"},
                        {"2", "usage error; no such program"},
                        {"3", "the program cannot be read, or is damaged"}},
  };
  add(description.options, render_options(document_formats()));
  add(description.options, view_options());
  return description;
}

/// Where nothing can be found out, that of today's distributions.
Version version_of_host() {
  try {
    const auto search = cgroupfs::find_controller("memory");
    return search.v1 && !search.v2 ? Version::v1 : Version::v2;
  } catch (const std::exception&) {
    return Version::v2;
  }
}

const Lesson& lesson_on(const std::string& topic) {
  if (const Lesson* const lesson = find_lesson(topic)) return *lesson;
  std::vector<std::string> ids = lesson_ids();
  ids.emplace_back(scratch_topic);
  const std::optional<std::string> meant = nearest(topic, ids);
  throw UsageError(
      fmt::format("unknown topic '{}'{} Topics: {}", topic,
                  meant ? fmt::format("; did you mean '{}'?", *meant) : ".",
                  fmt::join(ids, ", ")));
}

/// Of `scratch PROGRAM`.
const std::string& program_of(const std::vector<std::string>& words) {
  if (words.size() > 1) return words[1];
  throw UsageError(
      "explain scratch: missing argument: a program, as a path or a name on "
      "PATH (the lesson is cglab explain image)");
}

Document explain_topic(const std::vector<std::string>& words, Language language,
                       Version version) {
  if (words.empty()) return lesson_list(language);
  const Lesson& lesson = lesson_on(words[0]);
  if (words.size() > 1) {
    throw UsageError(fmt::format("unexpected argument '{}'", words[1]));
  }
  return lesson_document(lesson, language, version);
}

int explain(const Command&, const CommandLine& line) {
  const View view = read_view(line);
  const RenderTarget target = read_render_target(line, document_formats());
  const std::optional<Version> version = read_version(line);
  const std::vector<std::string>& words = line.positional;
  const auto write = [&](const Document& document,
                         const std::vector<std::string>& inputs = {}) {
    write_rendered(target, render_document(document, target, view), inputs);
  };
  if (!words.empty() && words[0] == scratch_topic) {
    const ProgramNeeds needs = needs_of(program_of(words));
    write(scratch_document(needs, view.language), {needs.path});
  } else {
    write(explain_topic(words, view.language,
                        version ? *version : version_of_host()));
  }
  return exit_expected;
}

const CommandRegistration explain_registration(
    {"explain", "explain what the kernel does, with commands to see it",
     describe_explain, explain});

}  // namespace
}  // namespace lab
