// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <cerrno>
#include <system_error>

#include "lab/report/console.h"
#include "lab/report/layout.h"

namespace lab {
namespace {

using cgroupfs::Version;

void add_move(const CourseRecord& course, Layout& layout) {
  layout.row("move in: one thinks",
             fmt::format("the {} that the process holds now count against "
                         "its new cgroup",
                         human_size(course.touched_outside)));
  layout.row("in fact",
             fmt::format("usage there: {}; still charged to the cgroup it "
                         "left: {}. Charges do not follow a moved process: "
                         "they stay where the pages were first touched",
                         exact_size(course.usage_after_move),
                         exact_size(course.outside_after_move)));
}

/// v1 writes and reads "no limit" as a number: people get words.
std::string old_limit(const CourseRecord& course) {
  if (!course.limit_before) return "unknown";
  return course.limit_before->is_max()
             ? "none"
             : exact_size(course.limit_before->bytes());
}

std::string refusal(const RunRecord& record, const LimitRecord& refused) {
  const bool is_busy = *refused.error == std::generic_category().message(EBUSY);
  if (is_busy && refused.file != record.limits.front().file) {
    return fmt::format(
        "The limit was accepted, because swap could take what is above it. The "
        "write to {}, which counts swap too, was refused: {}. The child was "
        "ended, because it would have gone on without that limit",
        refused.file, *refused.error);
  }
  if (!is_busy) {
    return fmt::format(
        "The write to {} was refused: {}. The child was ended, "
        "because it would have gone on without that limit",
        refused.file, *refused.error);
  }
  return fmt::format(
      "The write was refused (EBUSY): usage was above the limit, nothing could "
      "be reclaimed, and cgroup v1 then keeps the old limit ({}). The child "
      "was ended, because it would have gone on without a limit",
      old_limit(*record.course));
}

std::string seen_at_limit(const RunRecord& record) {
  const LimitRecord* const refused = refused_limit(record);
  if (refused) return refusal(record, *refused);
  const bool is_v1 = record.environment.memory_version == Version::v1;
  if (*record.course->usage_before_limit > record.plan.limit) {
    return !is_v1 && record.verdict.status == Status::oom_killed
               ? "The write was accepted although usage was above: cgroup v2 "
                 "reclaims what it can and then kills, within the write"
               : "The write was accepted although usage was above: the "
                 "kernel could reclaim enough, which takes swap or page "
                 "cache";
  }
  return is_v1 ? "It holds from here on; with usage above it cgroup v1 would "
                 "have said EBUSY and kept the old limit"
               : "It holds from here on; with usage above it cgroup v2 would "
                 "have killed at once";
}

void add_limit(const RunRecord& record, Layout& layout) {
  if (!record.course->usage_before_limit || record.limits.empty()) return;
  layout.row("limit: one thinks",
             fmt::format("the limit {} can be set at any time and holds",
                         human_size(record.plan.limit)));
  layout.row("in fact",
             fmt::format("usage at that moment: {}. {}",
                         exact_size(*record.course->usage_before_limit),
                         seen_at_limit(record)));
}

/// Whether the limit was set below the usage, so that there was no going on.
bool limit_was_below_usage(const RunRecord& record) {
  return record.course->usage_before_limit &&
         *record.course->usage_before_limit > record.plan.limit;
}

void add_end(const RunRecord& record, Layout& layout) {
  const Status status = record.verdict.status;
  if (status != Status::oom_killed && status != Status::survived) return;
  if (limit_was_below_usage(record)) return;
  const std::string outside = human_size(record.course->touched_outside);
  layout.row("go on: one thinks",
             fmt::format("the process dies when it holds {}",
                         human_size(record.plan.limit)));
  layout.row("in fact",
             status == Status::survived
                 ? fmt::format("it holds {} and lives: {} of that are charged "
                               "to the cgroup it left",
                               exact_size(*record.child.touched), outside)
                 : fmt::format("it died when it held {}: {} of that were never "
                               "charged here",
                               exact_size(*record.child.touched), outside));
}

}  // namespace

std::string course_report(const RunRecord& record, const Terminal& terminal) {
  if (!record.course) return "";
  Layout layout(terminal);
  layout.section("The course's order, step by step");
  add_move(*record.course, layout);
  add_limit(record, layout);
  add_end(record, layout);
  return layout.text();
}

}  // namespace lab
