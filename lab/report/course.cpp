// SPDX-License-Identifier: MIT
#include "lab/report/course.h"

#include <cerrno>
#include <system_error>

#include "lab/base/message.h"
#include "lab/report/fact_words.h"

namespace lab {
namespace {

using cgroupfs::Version;

constexpr Message heading("The course's order, step by step",
                          "按课程的顺序，一步一步");
constexpr Message observed("observed", "实际");
constexpr Message move_expected("after the move, expected", "移动之后，预期");
constexpr Message move_expectation(
    "the {0} that the process holds is now charged to its new cgroup",
    "进程占着的 {0} 现在算在新的 cgroup 上");
constexpr Message move_observation(
    "usage there: {0}; still charged to its old cgroup: {1}. Charges do "
    "not follow a moved process: they stay where the pages were first touched",
    "那里的用量：{0}；仍记在它离开的 cgroup 上：{1}。已记的账不跟着进程走，"
    "留在页第一次被碰到的地方");
constexpr Message limit_expected("limit, expected", "设上限，预期");
constexpr Message limit_expectation(
    "the limit {0} can be set at any time and takes effect",
    "上限 {0} 随时可以设，而且管用");
constexpr Message limit_observation("usage at that moment: {0}. {1}",
                                    "当时的用量：{0}。{1}");
constexpr Message swap_refused(
    "The limit was accepted, because swap could hold what exceeds it. The "
    "write to {0}, which counts swap too, was refused: {1}. The child was "
    "stopped, because it would have continued without that limit",
    "上限被接受了，因为超出的部分可以换出。但对 {0}（连交换空间一起算）的写入"
    "被拒绝：{1}。子进程被停下，否则它会在没有这个上限的情况下继续");
constexpr Message other_refusal(
    "The write to {0} was refused: {1}. The child was stopped, because it "
    "would have continued without that limit",
    "对 {0} 的写入被拒绝：{1}。子进程被停下，否则它会在没有这个上限的情况下"
    "继续");
constexpr Message busy(
    "The write was refused (EBUSY): usage was above the limit, nothing could "
    "be reclaimed, and cgroup v1 then keeps the old limit ({0}). The child was "
    "stopped, because it would have continued without a limit",
    "写入被拒绝（EBUSY）：用量高于上限，又没有可回收的，cgroup v1 "
    "就保留旧的上限（{0}）。子进程被停下，否则它会在没有上限的情况下继续");
constexpr Message no_limit("none", "无");
constexpr Message killed_in_write(
    "The write was accepted although usage was above: cgroup v2 reclaims what "
    "it can and then kills, within the write",
    "用量虽然更高，写入仍被接受：cgroup v2 先尽量回收，再杀进程，都在这次写入"
    "之中");
constexpr Message reclaimed(
    "The write was accepted although usage was above: the kernel could reclaim "
    "enough (from swap or page cache)",
    "用量虽然更高，写入仍被接受：内核能回收到足够的内存（靠换出或页缓存）");
constexpr Message holds_v1(
    "It is in effect from here on; with usage above it, cgroup v1 would have "
    "returned EBUSY and kept the old limit",
    "从此管用；假如用量更高，cgroup v1 会返回 EBUSY，保留旧的上限");
constexpr Message holds_v2(
    "It is in effect from here on; with usage above it, cgroup v2 would have "
    "killed at once",
    "从此管用；假如用量更高，cgroup v2 会当场杀进程");
constexpr Message end_expected("continuing, expected", "继续，预期");
constexpr Message end_expectation("the process dies when it holds {0}",
                                  "进程占到 {0} 时被杀");
constexpr Message lives(
    "it holds {0} and survives: {1} of that is charged to its old cgroup",
    "它占着 {0}，还活着：其中 {1} 记在它离开的 cgroup 上");
constexpr Message died(
    "it died when it held {0}: {1} of that was never charged here",
    "它占到 {0} 时被杀：其中 {1} 从来没有记在这里");

std::string refusal(const RunRecord& record, const CourseReadings& course,
                    const LimitRecord& refused, Language language) {
  const bool is_busy = *refused.error == std::generic_category().message(EBUSY);
  if (is_busy && refused.file == record.limits.front().file) {
    return say(language, busy,
               course.limit_before ? size_text(language, *course.limit_before)
                                   : say(language, no_limit));
  }
  return say(language, is_busy ? swap_refused : other_refusal, refused.file,
             *refused.error);
}

std::string seen_at_limit(const RunRecord& record, const CourseReadings& course,
                          Language language) {
  if (const LimitRecord* const refused = refused_limit(record)) {
    return refusal(record, course, *refused, language);
  }
  const bool is_v1 = record.environment.memory_version == Version::v1;
  if (*course.usage_before_limit > record.plan.size()) {
    return say(language, !is_v1 && record.verdict.status == Status::oom_killed
                             ? killed_in_write
                             : reclaimed);
  }
  return say(language, is_v1 ? holds_v1 : holds_v2);
}

void add_move(const CourseReadings& course, Language language,
              Document& document) {
  document.field(
      say(language, move_expected),
      say(language, move_expectation, human_size(course.touched_outside)));
  document.field(say(language, observed),
                 say(language, move_observation,
                     size_text(language, course.usage_after_move),
                     size_text(language, course.outside_after_move)));
}

void add_limit(const RunRecord& record, const CourseReadings& course,
               Language language, Document& document) {
  if (!course.usage_before_limit || record.limits.empty()) return;
  document.field(
      say(language, limit_expected),
      say(language, limit_expectation, human_size(record.plan.size())));
  document.field(say(language, observed),
                 say(language, limit_observation,
                     size_text(language, *course.usage_before_limit),
                     seen_at_limit(record, course, language)));
}

void add_end(const RunRecord& record, const CourseReadings& course,
             Language language, Document& document) {
  const Status status = record.verdict.status;
  if (status != Status::oom_killed && status != Status::survived) return;
  // The limit was set below the usage: the run ended there.
  if (course.usage_before_limit &&
      *course.usage_before_limit > record.plan.size()) {
    return;
  }
  document.field(
      say(language, end_expected),
      say(language, end_expectation, human_size(record.plan.size())));
  document.field(
      say(language, observed),
      say(language, status == Status::survived ? lives : died,
          size_text(language, main_process(record).touched.value_or(Bytes{})),
          human_size(course.touched_outside)));
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

void add_course(const RunRecord& record, Language language,
                Document& document) {
  const auto course = course_of(record);
  if (!course) return;
  document.section(say(language, heading));
  add_move(*course, language, document);
  add_limit(record, *course, language, document);
  add_end(record, *course, language, document);
}

}  // namespace lab
