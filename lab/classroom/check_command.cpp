// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <cstdio>
#include <exception>

#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/classroom/check_live.h"
#include "lab/classroom/check_options.h"
#include "lab/classroom/check_report.h"
#include "lab/classroom/follow.h"
#include "lab/classroom/grade.h"
#include "lab/command/command.h"
#include "lab/place/placement.h"
#include "lab/report/text_width.h"

namespace lab {
namespace {

void print_help() {
  write_stdout(fmt::format(
      "Usage: cglab check [OPTION]...\n"
      "Grades the exercise that was done by hand ('cglab exercise'), by what "
      "the\nkernel shows of its cgroup, and changes nothing. Failed checks "
      "come with a hint\nbased on the evidence.\n\n{}\n"
      "Exit status: 0 full marks, 1 points are lost, 2 usage, 3 failure, 77 "
      "it cannot\nbe graded on this machine, 124 timeout, 128+N signal N.\n",
      check_options_help()));
}

void print_list(const CheckOptions& options) {
  std::string text;
  for (const Check& check : all_checks()) {
    const auto weight = options.plan.weights.find(check.name);
    text += fmt::format(
        "{} {:>3}  {}\n", padded(check.name, 8),
        weight == options.plan.weights.end() ? check.points : weight->second,
        say(options.plan.language, check.title));
  }
  write_stdout(text);
}

std::string rendered(const Grade& grade, const CheckOptions& options) {
  switch (options.format) {
    case GradeFormat::json:
      return check_json(grade);
    case GradeFormat::tap:
      return check_tap(grade);
    case GradeFormat::junit:
      return check_junit(grade);
    case GradeFormat::autolab:
      return check_text(grade, Terminal(stdout, ColorChoice::never)) +
             check_autolab(grade, options.problem);
    case GradeFormat::text:
      break;
  }
  return check_text(grade, Terminal(stdout, options.color));
}

void print_grade(const Grade& grade, const CheckOptions& options) {
  if (options.quiet) return;
  write_stdout(options.points
                   ? fmt::format("{}/{}\n", grade.earned, grade.points)
                   : rendered(grade, options));
}

/// What keeps the exercise from being graded is no failure of a student's. The
/// grader that reads the form still gets one.
void print_skipped(const std::string& reason, const CheckOptions& options) {
  if (options.quiet || options.points) return;
  if (options.format == GradeFormat::tap) {
    write_stdout(check_tap_skipped(reason));
  } else if (options.format == GradeFormat::junit) {
    write_stdout(check_junit_skipped(reason));
  } else if (options.format == GradeFormat::autolab) {
    write_stdout(check_autolab_skipped(reason));
  }
}

/// Without the cgroup: whether one could have been made here at all.
void require_place(const ExerciseEvidence& evidence) {
  if (evidence.directory || evidence.misplaced ||
      !evidence.logged.kills.empty()) {
    return;
  }
  choose_placement(Parameters());
}

Grade look_and_grade(const CheckOptions& options) {
  const ExerciseEvidence evidence = read_evidence(options.plan.assignment);
  require_place(evidence);
  return grade(options.plan, evidence);
}

void require_some_place(const CheckOptions& options) {
  require_place(read_evidence(options.plan.assignment));
}

/// Prints nothing, for --quiet.
class Silence final : public FollowObserver {
 public:
  void on_start(const Grade&) override {}
  void on_step(const CheckResult&) override {}
  void on_lost(const CheckResult&) override {}
  void on_next(const CheckResult&, const std::vector<std::string>&) override {}
  void on_refused(const std::string&) override {}
  void on_hint(const Hint&) override {}
  void on_usage(const GroupEvidence&) override {}
  void on_restart() override {}
  void on_end() override {}
};

FollowEnd follow_live(const CheckOptions& options) {
  require_some_place(options);
  const SignalFd signals;
  if (options.quiet) {
    Silence silence;
    return follow(options.plan, options.timeout, signals, silence);
  }
  const Terminal progress(stderr, options.color);
  CheckLive live(progress, options.plan);
  return follow(options.plan, options.timeout, signals, live);
}

int check_live(const CheckOptions& options) {
  const FollowEnd end = follow_live(options);
  print_grade(end.grade, options);
  if (end.signal) return exit_signal_base + *end.signal;
  if (end.grade.is_full()) return exit_expected;
  return end.timed_out ? exit_deadline : exit_other;
}

int check_once(const CheckOptions& options) {
  const Grade grade = look_and_grade(options);
  print_grade(grade, options);
  return grade.is_full() ? exit_expected : exit_other;
}

int check(const Command&, const std::vector<std::string>& arguments) {
  const CheckOptions options = parse_check_options(arguments);
  if (options.help || options.list) {
    options.help ? print_help() : print_list(options);
    return exit_expected;
  }
  try {
    return options.watch ? check_live(options) : check_once(options);
  } catch (const std::exception& error) {
    print_skipped(error.what(), options);
    throw;
  }
}

const CommandRegistration registration(
    {"check", "grade the exercise that was done by hand", check});

}  // namespace
}  // namespace lab
