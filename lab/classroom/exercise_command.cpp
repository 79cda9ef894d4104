// SPDX-License-Identifier: MIT
#include "lab/classroom/exercise.h"

#include "lab/base/exit_code.h"
#include "lab/command/command.h"
#include "lab/command/option_groups.h"
#include "lab/command/render_target.h"

namespace lab {
namespace {

Description describe_exercise(const Command&) {
  Description description{
      .about = {"Prints the course's exercise, to be done by hand, with the "
                "commands that work on this host; 'cglab check' grades it. "
                "Changes nothing."},
      .options = {{"group", "NAME", "name of the cgroup (memorydemo)"},
                  {"limit", "SIZE", "the limit to set (104960000)"},
                  {"interval", "TIME",
                   "time between two blocks of malloc, to prepare the next "
                   "step (1m)"},
                  version_option("cgroup version of the commands")},
      .exit_statuses = {{"0", "printed"},
                        {"2", "usage error"},
                        {"3", "failure"}},
  };
  add(description.options, render_options(document_formats()));
  add(description.options, view_options());
  return description;
}

nanoseconds parse_interval(const std::string& text) {
  const nanoseconds interval = parse_time(text);
  if (interval.count() > 0) return interval;
  throw UsageError("0 leaves no time for the next step");
}

int exercise(const Command&, const CommandLine& line) {
  ExercisePlan plan;
  plan.assignment.group =
      value_of(line, "group", parse_group_name).value_or(plan.assignment.group);
  plan.assignment.limit = value_of(line, "limit", parse_exercise_limit)
                              .value_or(plan.assignment.limit);
  plan.interval =
      value_of(line, "interval", parse_interval).value_or(plan.interval);
  const View view = read_view(line);
  plan.language = view.language;
  const RenderTarget target = read_render_target(line, document_formats());
  const Document document =
      exercise_document(plan, find_exercise_host(read_version(line)));
  write_rendered(target, render_document(document, target, view));
  return exit_expected;
}

const CommandRegistration exercise_registration(
    {"exercise", "print the exercise to be done by hand", describe_exercise,
     exercise});

}  // namespace
}  // namespace lab
