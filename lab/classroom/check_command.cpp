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
  const std::string& format = options.target.format;
  if (format == "json") return check_json(grade);
  if (format == "tap") return check_tap(grade);
  if (format == "junit") return check_junit(grade);
  if (format == "autolab") {
    return render_text(check_document(grade),
                       Terminal(stdout, ColorChoice::never)) +
           check_autolab(grade, options.problem);
  }
  return render_document(check_document(grade), options.target, options.view);
}

void print_grade(const Grade& grade, const CheckOptions& options) {
  if (options.quiet) return;
  write_rendered(options.target,
                 options.points
                     ? fmt::format("{}/{}\n", grade.earned, grade.points)
                     : rendered(grade, options));
}

/// What keeps the exercise from being graded is not a failure of a student's.
/// The grader that reads the format still gets one.
void print_skipped(const std::string& reason, const CheckOptions& options) {
  const std::string& format = options.target.format;
  if (format == "tap") {
    write_rendered(options.target, check_tap_skipped(reason));
  } else if (format == "junit") {
    write_rendered(options.target, check_junit_skipped(reason));
  } else if (format == "autolab") {
    write_rendered(options.target, check_autolab_skipped(reason));
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
  const Terminal progress(stderr, options.view.color);
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

int check(const Command&, const CommandLine& line) {
  const CheckOptions options = read_check_options(line);
  if (options.list) {
    print_list(options);
    return exit_expected;
  }
  try {
    return options.watch ? check_live(options) : check_once(options);
  } catch (const std::exception& error) {
    print_skipped(error.what(), options);
    throw;
  }
}

Description describe_check_command(const Command&) {
  return describe_check();
}

const CommandRegistration check_registration(
    {"check", "grade the exercise that was done by hand",
     describe_check_command, check});

}  // namespace
}  // namespace lab
