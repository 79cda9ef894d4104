// SPDX-License-Identifier: MIT
#include "lab/report/story.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "lab/base/message.h"
#include "lab/base/shell_quote.h"
#include "lab/report/course.h"
#include "lab/report/fact_words.h"
#include "lab/report/record_words.h"
#include "lab/verdict/oom_kills.h"

namespace lab {
namespace {

using cgroupfs::Version;

constexpr Message story_title("What happened, step by step",
                              "这次运行的全过程");
constexpr Message made(
    "A fresh cgroup was created for this run, {0}. A new memory cgroup has no "
    "limit.",
    "专为这次运行新建了一个 cgroup：{0}。新建的内存 cgroup 没有上限。");
constexpr Message limit_written(
    "{0} was written into `{1}`; read back it was {2}.",
    "向 `{1}` 写入 {0}，读回的是 {2}。");
constexpr Message limit_refused(
    "{0} was written into `{1}`; the kernel "
    "refused it: {2}.",
    "向 `{1}` 写入 {0}，内核拒绝了：{2}。");
constexpr Message no_limit_ever("No limit was ever set.", "始终没有设上限。");
constexpr Message created_inside(
    "The child (pid {0}) started inside the cgroup (via {1}) and waited until "
    "its membership was verified, so all its memory is charged here.",
    "子进程（pid {0}）一启动就在里面（经由 {1}），先停下来等着，核实归属之后才"
    "放行：它用的每一页都记在这里。");
constexpr Message moved_in(
    "The child (pid {0}) ran outside first, touched {1} there, and was moved "
    "in. Right after the move the usage here was {2}: charges do not follow a "
    "moved process.",
    "子进程（pid {0}）先在外面运行，碰了 {1}，然后才被移进来。刚移进来时这里的"
    "用量是 {2}：已记的账不会跟着进程走。");
constexpr Message climbed(
    "It touched {0} in all, the last page {1} after it was released.",
    "它总共碰了 {0}，最后一页在放行 {1} 之后。");
constexpr Message peak_was(
    "The highest usage was {0}. Usage runs ahead of what the program touched: "
    "page tables and the program itself are charged too, and charges are made "
    "in batches.",
    "用量峰值为 {0}。用量会比程序碰过的多一些：页表和程序本身也要记账，"
    "而且记账是成批进行的。");
constexpr Message highest_usage("The highest usage was {0}.",
                                "用量峰值为 {0}。");
constexpr Message failed_charges(
    "{0} charges failed at the limit (`{1}`): each time the kernel "
    "tried to reclaim.",
    "有 {0} "
    "次记账在上限处失败（`{1}`）：每一次内核都去找可以回收的页。");
constexpr Message limit_hit(
    "The limit was hit {0} times (`max` of `{1}`): each time "
    "the kernel tried to reclaim.",
    "上限被碰到 {0} 次（`{1}` 的 `max`）：每一次内核都去找"
    "可以回收的页。");
constexpr Message notified(
    "The first notification came {0} after the gate, by "
    "{1}: a hint, not proof.",
    "放行后 {0} 收到第一个通知（{1}）：它只是提醒，"
    "还不是证据。");
constexpr Message limit_rewritten(
    "At the end of the run `{0}` was {1}: it was rewritten during the run.",
    "运行结束时 `{0}` 是 {1}：其间被改写过。");
constexpr Message next("What to try next", "接下来可以试试");
constexpr Message next_control("The control run: below the limit it survives.",
                               "对照：不到上限，它就活着。");
constexpr Message next_course(
    "The course's own order: memory touched before the move stays charged to "
    "the old cgroup.",
    "按课程的顺序来：移入之前记的账留在外面。");
constexpr Message next_kill("Above the limit it is killed.",
                            "超过上限，它就被杀。");
constexpr Message next_lesson("The lesson on this:", "相关的课：");
constexpr Message asked("The question: {0}", "问题：{0}");
constexpr Message predicted("Predicted: {0}", "预测：{0}");
constexpr Message without_cause("This is the control run: {0}.",
                                "这是对照运行：{0}。");
constexpr Message ran_in(
    "{0} (pid {1}) ran in the cgroup {2} and touched {3}: {4}.",
    "{0}（pid {1}）在 cgroup {2} 里运行，碰了 {3}：{4}。");
constexpr Message claim_holds(
    "Claim: {0}. It holds: {1} was {2}, expected: {3}.",
    "论断：{0}。成立：{1} 为 {2}，预期：{3}。");
constexpr Message claim_fails(
    "Claim: {0}. It does not hold: {1} was {2}, expected: {3}.",
    "论断：{0}。不成立：{1} 为 {2}，预期：{3}。");
constexpr Message claim_unknown(
    "Claim: {0}. Unknown: {1} was {2}, expected: {3}.",
    "论断：{0}。无从得知：{1} 为 {2}，预期：{3}。");
constexpr Message command_ran(
    "The command {0} (pid {1}) started inside the cgroup (via {2}), so all "
    "its memory and that of its children is charged here. How it ended: {3}.",
    "命令 {0}（pid {1}）一启动就在这个 cgroup 里（经由 {2}）：它和它的子进程"
    "用的内存都记在这里。结局：{3}。");
constexpr Message next_without_cause("The control run ({0}):",
                                     "对照运行（{0}）：");
constexpr Message next_with_cause("The run itself:", "正式的运行：");
constexpr Message next_by_hand("The same steps as shell commands:",
                               "用 shell 命令手动做一遍：");
constexpr Message next_without_limit(
    "The run together with its control run, which has no limit:",
    "同时做一次不设上限的对照运行：");
constexpr Message left("The cgroup was removed; nothing is left behind.",
                       "cgroup 已删除，什么也没留下。");
constexpr Message unknown("unknown", "未知");

/// The command line of `cglab run` as typed, with --with-control; options that
/// cannot be combined with it, and output files, which it would overwrite, are
/// omitted.
std::string with_control(const std::vector<std::string>& typed) {
  const std::set<std::string_view> flags{"--keep", "--control"};
  const std::set<std::string_view> files{"--json", "--html", "--csv"};
  std::string line = "cglab run --with-control";
  bool is_own = true;
  for (std::size_t i = 2; i < typed.size(); ++i) {
    const std::string& word = typed[i];
    is_own = is_own && word != "--";
    const std::string_view name =
        std::string_view(word).substr(0, word.find('='));
    if (is_own && flags.contains(name)) continue;
    if (is_own && files.contains(name)) {
      if (name == word) ++i;  // its value
      continue;
    }
    line += " " + shell_quote(word);
  }
  return line;
}

class StoryWriter {
 public:
  StoryWriter(const RunRecord& record, Language language)
      : record_(record), course_(course_of(record)), language_(language) {}

  Document write();

 private:
  void write_hog();
  void write_claims();
  void write_command();
  void add_made();
  void add_outcome();
  template <typename... Values>
  std::string say(const Message& message, const Values&... values) const {
    return lab::say(language_, message, values...);
  }
  void add_limits();
  void add_start();
  void add_climb();
  void add_limit_hit();
  void add_notification();
  void add_proof();
  void add_next();

  const RunRecord& record_;
  std::optional<CourseReadings> course_;
  Language language_;
  Document document_;
};

void StoryWriter::add_limits() {
  if (record_.limits.empty()) {
    document_.item(say(no_limit_ever));
    return;
  }
  for (const LimitRecord& limit : record_.limits) {
    if (limit.error) {
      document_.item(say(limit_refused, limit.asked,
                         limit_place(limit, record_), *limit.error));
    } else {
      document_.item(
          say(limit_written, limit.asked, limit_place(limit, record_),
              limit.actual ? to_string(*limit.actual) : say(unknown)));
    }
    if (was_rewritten(limit)) {
      document_.item(
          say(limit_rewritten, limit.file, to_string(*limit.at_end)));
    }
  }
}

void StoryWriter::add_start() {
  const ProcessRecord& child = main_process(record_);
  if (child.pid == 0) return;
  if (course_) {
    document_.item(say(moved_in, child.pid,
                       human_size(course_->touched_outside),
                       human_size(course_->usage_after_move)));
  } else if (!is_course(record_.plan) &&
             time_of(record_, EventKind::gate_opened)) {
    document_.item(say(created_inside, child.pid, child.joined_by));
  }
}

void StoryWriter::add_climb() {
  const ProcessRecord& child = main_process(record_);
  if (child.touched && child.last_touch_ns && *child.last_touch_ns >= 0) {
    document_.item(say(climbed, human_size(*child.touched),
                       human_ms(nanoseconds(*child.last_touch_ns))));
  }
  if (!record_.peak) return;
  const bool ahead =
      child.touched && !course_ && record_.peak->bytes > *child.touched;
  document_.item(
      say(ahead ? peak_was : highest_usage, human_size(record_.peak->bytes)));
}

void StoryWriter::add_limit_hit() {
  const bool v1 = record_.environment.memory_version == Version::v1;
  const std::uint64_t hits =
      v1 ? rise(record_.evidence.before.failcnt, record_.evidence.after.failcnt)
      : record_.evidence.before.local_events &&
              record_.evidence.after.local_events
          ? rise(record_.evidence.before.local_events->max,
                 record_.evidence.after.local_events->max)
          : 0;
  if (hits == 0) return;
  document_.item(say(v1 ? failed_charges : limit_hit, hits,
                     name_of(v1 ? cgroupfs::File::memory_failcnt
                                : cgroupfs::File::memory_events_local)));
}

void StoryWriter::add_notification() {
  for (const Event& event : record_.events) {
    if (event.kind != EventKind::notification || event.time_ns < 0) continue;
    return document_.item(
        say(notified, human_ms(nanoseconds(event.time_ns)), event.source));
  }
}

void StoryWriter::add_proof() {
  if (!record_.verdict.proof) return;
  for (const Fact& fact : *record_.verdict.proof) {
    document_.item(lab::say(language_, fact));
  }
}

void StoryWriter::add_outcome() {
  document_.item(lab::say(language_, record_.verdict.reason));
  for (const Finding& finding : record_.verdict.findings) {
    document_.item(lab::say(language_, finding.fact));
  }
  if (record_.cleanup.removed && record_.cleanup.left.empty()) {
    document_.item(say(left));
  }
}

const char* topic_of(Status status) {
  switch (status) {
    case Status::oom_killed:
    case Status::oom_killed_by_ancestor:
    case Status::oom_killed_by_descendant:
    case Status::oom_killed_by_unknown:
    case Status::oom_killed_inside:
    case Status::oom_killed_undetermined:
      return "oom-kill";
    case Status::killed:
    case Status::killed_undetermined:
    case Status::crashed:
      return "exit-137";
    case Status::limit_refused:
      return "limit";
    default:
      return "charge";
  }
}

void StoryWriter::add_next() {
  const std::string limit = size_argument(record_.plan.size());
  const std::string name = "cglab " + record_.plan.experiment;
  document_.section(say(next));
  if (record_.verdict.status == Status::survived) {
    document_.paragraph(say(next_kill));
    document_.command(fmt::format("{} --limit {}", name, limit));
  } else {
    const Bytes below{record_.plan.size().count / 2};
    document_.paragraph(say(next_control));
    document_.command(fmt::format("{} --limit {} --total {}", name, limit,
                                  size_argument(below)));
  }
  if (!is_course(record_.plan)) {
    document_.paragraph(say(next_course));
    document_.command(fmt::format("cglab course --limit {}", limit));
  }
  document_.paragraph(say(next_lesson));
  document_.command(
      fmt::format("cglab explain {}", topic_of(record_.verdict.status)));
}

void StoryWriter::add_made() {
  document_.item(say(made, outside_text(cgroup_path(record_))));
}

void StoryWriter::write_hog() {
  add_made();
  if (!course_) add_limits();
  add_start();
  if (course_) add_limits();
  add_climb();
  add_notification();
  add_limit_hit();
  add_proof();
  add_outcome();
  add_next();
}

void StoryWriter::write_claims() {
  const Plan& plan = record_.plan;
  document_.item(say(asked, plan.question.in(language_)));
  document_.item(say(predicted, plan.prediction.in(language_)));
  if (plan.control)
    document_.item(say(without_cause, plan.control_run.in(language_)));
  add_made();
  add_limits();
  for (const ProcessRecord& process : record_.processes) {
    if (process.pid == 0) continue;
    document_.item(say(ran_in, process.name, process.pid, process.cgroup,
                       size_words(process.touched, language_),
                       end_words(process, language_)));
  }
  for (const ClaimRecord& claim : record_.verdict.claims) {
    const Message& outcome = !claim.held   ? claim_unknown
                             : *claim.held ? claim_holds
                                           : claim_fails;
    document_.item(say(
        outcome, claim.text.in(language_), lab::say(language_, claim.what),
        lab::say(language_, claim.seen), lab::say(language_, claim.expected)));
  }
  add_outcome();
  document_.section(say(next));
  const std::string command = fmt::format(
      "cglab {} --limit {}", plan.experiment, size_argument(plan.size()));
  if (plan.control) {
    document_.paragraph(say(next_with_cause));
    document_.command(command);
  } else {
    document_.paragraph(
        say(next_without_cause, plan.control_run.in(language_)));
    document_.command(command + " --control");
  }
  document_.paragraph(say(next_by_hand));
  document_.command(command + " --dry-run");
}

void StoryWriter::write_command() {
  const ProcessRecord& command = main_process(record_);
  add_made();
  add_limits();
  document_.item(say(command_ran, code_text(command.name), command.pid,
                     command.joined_by, end_words(command, language_)));
  add_limit_hit();
  add_proof();
  add_outcome();
  const auto& typed = record_.tool.command_line;
  const auto command_mark = std::find(typed.begin(), typed.end(), "--");
  const bool limited = !record_.plan.limit.is_max();
  const bool both =
      std::find(typed.begin(), command_mark, "--with-control") != command_mark;
  if (!limited || both) return;
  document_.section(say(next));
  document_.paragraph(say(next_without_limit));
  document_.command(with_control(typed));
}

Document StoryWriter::write() {
  document_.title(say(story_title));
  if (makes_claims(record_)) {
    write_claims();
  } else if (is_command(record_.plan)) {
    write_command();
  } else {
    write_hog();
  }
  return std::move(document_);
}

}  // namespace

Document story(const RunRecord& record, Language language) {
  return StoryWriter(record, language).write();
}

}  // namespace lab
