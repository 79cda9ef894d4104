// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <exception>

#include "cgroupfs/hierarchy.h"
#include "lab/base/exit_code.h"
#include "lab/base/nearest.h"
#include "lab/classroom/lessons/lessons.h"
#include "lab/command/command.h"
#include "lab/command/command_line.h"
#include "lab/report/text_width.h"

namespace lab {
namespace {

using cgroupfs::Version;

OptionList explain_description() {
  return {
      {"lang", "LANGUAGE",
       "en or zh (by CGLAB_LANG, LC_ALL, "
       "LC_MESSAGES or LANG)"},
      {"format", "FORMAT", "text or markdown"},
      {"cgroup", "VERSION",
       "whose commands are shown: auto (this host's), v1 or v2"},
      {"color", "WHEN", "auto, always or never"},
      {"help,h", nullptr, "this text"},
  };
}

/// Completions for shells are made of it.
std::string topics_text() {
  std::size_t widest = 0;
  for (const std::string& id : lesson_ids()) {
    widest = std::max(widest, id.size());
  }
  std::string text = "Topics:\n";
  for (const Lesson* const lesson : all_lessons()) {
    text += fmt::format("  {}{}\n", padded(lesson->id, widest + 2),
                        say(Language::en, lesson->summary));
  }
  return text;
}

void print_help() {
  write_stdout(
      fmt::format("Usage: cglab explain [TOPIC] [OPTION]...\nA short lesson: a "
                  "question, the answer, and commands to see it for "
                  "yourself.\nWithout TOPIC: the list of them. Nothing is "
                  "run.\n\n{}\n{}",
                  topics_text(), options_text(explain_description())));
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
      fmt::format("there is no topic '{}'{} Topics: {}", topic,
                  meant ? fmt::format("; did you mean '{}'?", *meant) : ".",
                  fmt::join(ids, ", ")));
}

int explain(const Command&, const std::vector<std::string>& arguments) {
  const CommandLine line =
      parse_command_line(explain_description(), arguments, 1);
  if (line.has("help")) {
    print_help();
    return exit_expected;
  }
  const Language language =
      choose_language(value_of(line, "lang", parse_language));
  const DocumentFormat format = value_of(line, "format", parse_document_format)
                                    .value_or(DocumentFormat::text);
  const std::optional<Version> version =
      value_of(line, "cgroup", parse_version).value_or(std::nullopt);
  const ColorChoice color =
      value_of(line, "color", parse_color).value_or(ColorChoice::automatic);
  const Document document =
      line.positional.empty()
          ? lesson_list(language)
          : lesson_document(lesson_on(line.positional.front()), language,
                            version ? *version : version_of_host());
  print_document(document, format, color);
  return exit_expected;
}

const CommandRegistration registration(
    {"explain", "explain what the kernel does, with commands to see it",
     explain});

}  // namespace
}  // namespace lab
