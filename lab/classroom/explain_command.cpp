// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <exception>

#include "cgroupfs/hierarchy.h"
#include "lab/base/exit_code.h"
#include "lab/base/nearest.h"
#include "lab/classroom/lessons/lessons.h"
#include "lab/command/command.h"
#include "lab/command/option_groups.h"
#include "lab/command/render_target.h"

namespace lab {
namespace {

using cgroupfs::Version;

Description describe_explain(const Command&) {
  std::vector<Word> topics;
  for (const Lesson* const lesson : all_lessons()) {
    topics.push_back(
        {std::string(lesson->id), say(Language::en, lesson->summary)});
  }
  Description description{
      .about = {"A short lesson: a question, the answer, and commands to try "
                "it. Without TOPIC: the list of lessons. Nothing is run."},
      .arguments = {"[TOPIC]", 1, one_of(std::move(topics)), "Topics"},
      .options = {version_option(
          "cgroup version of the commands (auto: this host's)")},
      .exit_statuses = {{"0", "shown"}, {"2", "usage error"}},
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
  const std::vector<std::string> ids = lesson_ids();
  const std::optional<std::string> meant = nearest(topic, ids);
  throw UsageError(
      fmt::format("unknown topic '{}'{} Topics: {}", topic,
                  meant ? fmt::format("; did you mean '{}'?", *meant) : ".",
                  fmt::join(ids, ", ")));
}

int explain(const Command&, const CommandLine& line) {
  const View view = read_view(line);
  const RenderTarget target = read_render_target(line, document_formats());
  const std::optional<Version> version = read_version(line);
  const Document document =
      line.positional.empty()
          ? lesson_list(view.language)
          : lesson_document(lesson_on(line.positional.front()), view.language,
                            version ? *version : version_of_host());
  write_rendered(target, render_document(document, target, view));
  return exit_expected;
}

const CommandRegistration explain_registration(
    {"explain", "explain what the kernel does, with commands to see it",
     describe_explain, explain});

}  // namespace
}  // namespace lab
