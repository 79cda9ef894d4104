// SPDX-License-Identifier: MIT
#include "lab/classroom/exercise.h"

#include <fmt/format.h>

#include "lab/base/exit_code.h"
#include "lab/command/command.h"
#include "lab/command/command_line.h"

namespace lab {
namespace {

OptionList exercise_description() {
  return {
      {"group", "NAME", "name of the cgroup (memorydemo)"},
      {"limit", "SIZE", "the limit to set (104960000)"},
      {"interval", "TIME",
       "time between two blocks of malloc (1m), to get ready for the next "
       "step"},
      {"cgroup", "auto|v1|v2", "for this version"},
      {"format", "text|markdown", "form of the text"},
      {"lang", "en|zh", "language (of the environment)"},
      {"color", "auto|always|never", "colours"},
      {"help,h", nullptr, "this text"},
  };
}

void print_help() {
  write_stdout(fmt::format(
      "Usage: cglab exercise [OPTION]...\n"
      "Prints the course's exercise, to be done by hand, with the commands "
      "that "
      "work on\nthis host; 'cglab check' grades it. Changes nothing.\n\n{}\n"
      "Exit status: 0, 2 usage, 3 failure.\n",
      options_text(exercise_description())));
}

nanoseconds parse_interval(const std::string& text) {
  const nanoseconds interval = parse_time(text);
  if (interval.count() > 0) return interval;
  throw UsageError("0 leaves no time for the next step");
}

int exercise(const Command&, const std::vector<std::string>& arguments) {
  const CommandLine line =
      parse_command_line(exercise_description(), arguments);
  if (line.has("help")) {
    print_help();
    return exit_expected;
  }
  ExercisePlan plan;
  plan.assignment.group =
      value_of(line, "group", parse_group_name).value_or(plan.assignment.group);
  plan.assignment.limit = value_of(line, "limit", parse_exercise_limit)
                              .value_or(plan.assignment.limit);
  plan.interval =
      value_of(line, "interval", parse_interval).value_or(plan.interval);
  plan.language = choose_language(value_of(line, "lang", parse_language));
  const auto format = value_of(line, "format", parse_document_format)
                          .value_or(DocumentFormat::text);
  const auto color =
      value_of(line, "color", parse_color).value_or(ColorChoice::automatic);
  const auto version =
      value_of(line, "cgroup", parse_version).value_or(std::nullopt);
  print_document(exercise_document(plan, find_exercise_host(version)), format,
                 color);
  return exit_expected;
}

const CommandRegistration registration({"exercise",
                                        "print the exercise to be done by hand",
                                        exercise});

}  // namespace
}  // namespace lab
