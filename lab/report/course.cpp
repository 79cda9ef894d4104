// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "lab/report/console.h"
#include "lab/report/layout.h"

namespace lab {
namespace {

using cgroupfs::Version;

void add_move(const CourseReadings& course, Layout& layout) {
  layout.row("after the move, expected",
             fmt::format("the {} that the process holds now count against "
                         "its new cgroup",
                         human_size(course.touched_outside)));
  layout.row("observed",
             fmt::format("usage there: {}; still charged to the cgroup it "
                         "left: {}. Charges do not follow a moved process: "
                         "they stay where the pages were first touched",
                         exact_size(course.usage_after_move),
                         exact_size(course.outside_after_move)));
}

std::string old_limit(const CourseReadings& course) {
  return course.limit_before ? exact_size(*course.limit_before) : "none";
}

std::string refusal(const RunRecord& record, const CourseReadings& course,
                    const LimitRecord& refused) {
  const bool is_busy = *refused.error == std::generic_category().message(EBUSY);
  if (is_busy && refused.file != record.limits.front().file) {
    return fmt::format(
        "The limit was accepted, because swap could hold what exceeds it. The "
        "write to {}, which counts swap too, was refused: {}. The child was "
        "stopped, because it would have gone on without that limit",
        refused.file, *refused.error);
  }
  if (!is_busy) {
    return fmt::format(
        "The write to {} was refused: {}. The child was stopped, "
        "because it would have gone on without that limit",
        refused.file, *refused.error);
  }
  return fmt::format(
      "The write was refused (EBUSY): usage was above the limit, nothing could "
      "be reclaimed, and cgroup v1 then keeps the old limit ({}). The child "
      "was stopped, because it would have gone on without a limit",
      old_limit(course));
}

std::string seen_at_limit(const RunRecord& record,
                          const CourseReadings& course) {
  const LimitRecord* const refused = refused_limit(record);
  if (refused) return refusal(record, course, *refused);
  const bool is_v1 = record.environment.memory_version == Version::v1;
  if (*course.usage_before_limit > record.plan.size()) {
    return !is_v1 && record.verdict.status == Status::oom_killed
               ? "The write was accepted although usage was above: cgroup v2 "
                 "reclaims what it can and then kills, within the write"
               : "The write was accepted although usage was above: the "
                 "kernel could reclaim enough (from swap or page cache)";
  }
  return is_v1 ? "It holds from here on; with usage above it cgroup v1 would "
                 "have said EBUSY and kept the old limit"
               : "It holds from here on; with usage above it cgroup v2 would "
                 "have killed at once";
}

void add_limit(const RunRecord& record, const CourseReadings& course,
               Layout& layout) {
  if (!course.usage_before_limit || record.limits.empty()) return;
  layout.row("limit, expected",
             fmt::format("the limit {} can be set at any time and holds",
                         human_size(record.plan.size())));
  layout.row("observed", fmt::format("usage at that moment: {}. {}",
                                     exact_size(*course.usage_before_limit),
                                     seen_at_limit(record, course)));
}

/// Whether the limit was set below the usage, so that there was no going on.
bool limit_was_below_usage(const RunRecord& record,
                           const CourseReadings& course) {
  return course.usage_before_limit &&
         *course.usage_before_limit > record.plan.size();
}

void add_end(const RunRecord& record, const CourseReadings& course,
             Layout& layout) {
  const Status status = record.verdict.status;
  if (status != Status::oom_killed && status != Status::survived) return;
  if (limit_was_below_usage(record, course)) return;
  const std::string outside = human_size(course.touched_outside);
  layout.row("go on, expected", fmt::format("the process dies when it holds {}",
                                            human_size(record.plan.size())));
  layout.row(
      "observed",
      status == Status::survived
          ? fmt::format("it holds {} and lives: {} of that are charged "
                        "to the cgroup it left",
                        exact_size(*main_process(record).touched), outside)
          : fmt::format("it died when it held {}: {} of that were never "
                        "charged here",
                        exact_size(*main_process(record).touched), outside));
}

}  // namespace

std::optional<CourseReadings> course_of(const RunRecord& record) {
  if (!is_course(record.plan) || !time_of(record, EventKind::process_moved)) {
    return std::nullopt;
  }
  const auto bytes = [&](const char* mark, const std::string& subject,
                         const char* key) -> std::optional<Bytes> {
    const auto number = reading_of(record, mark, subject, key);
    return number ? std::optional(Bytes{*number}) : std::nullopt;
  };
  const std::string& inside = record.cgroups.front().name;
  const auto usage = bytes("moved", inside, "usage");
  const auto outside = bytes("moved", record.cgroups.back().name, "usage");
  const auto touched = bytes("moved", main_process(record).name, "touched");
  if (!usage || !outside || !touched) return std::nullopt;
  return CourseReadings{*touched, *usage, *outside,
                        bytes("before limit", inside, "usage"),
                        bytes("before limit", inside, "limit")};
}

std::string course_report(const RunRecord& record, const Terminal& terminal) {
  const auto course = course_of(record);
  if (!course) return "";
  Layout layout(terminal);
  layout.section("The course's order, step by step");
  add_move(*course, layout);
  add_limit(record, *course, layout);
  add_end(record, *course, layout);
  return layout.text();
}

}  // namespace lab
