// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "lab/report/console.h"
#include "lab/report/layout.h"

namespace lab {
namespace {

using cgroupfs::Version;

void add_move(const CourseRecord& course, Layout& layout) {
  layout.row("move in, expected",
             fmt::format("the {} that the process holds now count against "
                         "its new cgroup",
                         human_size(course.touched_outside)));
  layout.row("seen",
             fmt::format("usage there: {}; still charged to the cgroup it "
                         "left: {}. Charges do not follow a moved process: "
                         "they stay where the pages were first touched",
                         exact_size(course.usage_after_move),
                         exact_size(course.outside_after_move)));
}

std::string seen_at_limit(const RunRecord& record) {
  const LimitRecord& limit = record.limits.front();
  if (limit.error) {
    return fmt::format(
        "refused ({}): usage was above the limit, nothing could be reclaimed, "
        "and "
        "cgroup v1 then keeps the old limit ({}). The child was ended, "
        "because it would have gone on without a limit",
        *limit.error,
        record.course->limit_before ? exact_limit(*record.course->limit_before)
                                    : "unknown");
  }
  const bool above = *record.course->usage_before_limit > record.plan.limit;
  if (above) {
    return "accepted although usage was above it: cgroup v2 reclaims what it "
           "can and then kills, within the write";
  }
  return record.environment.memory_version == Version::v1
             ? "accepted; with usage above it cgroup v1 would have said EBUSY "
               "and kept the old limit"
             : "accepted; with usage above it cgroup v2 would have killed at "
               "once";
}

void add_limit(const RunRecord& record, Layout& layout) {
  if (!record.course->usage_before_limit || record.limits.empty()) return;
  layout.row("set limit, expected",
             fmt::format("the limit {} holds from here on",
                         human_size(record.plan.limit)));
  layout.row("seen", fmt::format("usage at that moment: {}. The write was {}",
                                 exact_size(*record.course->usage_before_limit),
                                 seen_at_limit(record)));
}

void add_end(const RunRecord& record, Layout& layout) {
  if (record.verdict.status != Status::oom_killed) return;
  layout.row("go on, expected", fmt::format("the process dies when it holds {}",
                                            human_size(record.plan.limit)));
  layout.row("seen",
             fmt::format("it died when it held {}: {} of that was never "
                         "charged here",
                         exact_size(record.child.touched),
                         human_size(record.course->touched_outside)));
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
