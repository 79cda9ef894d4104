// SPDX-License-Identifier: MIT
#include "lab/classroom/check_live.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "lab/classroom/hint_messages.h"
#include "lab/os/timer_fd.h"
#include "lab/report/bar.h"
#include "lab/report/document.h"
#include "lab/report/layout.h"
#include "lab/report/text_width.h"

namespace lab {
namespace {

constexpr Message following(
    "Following {0}, limit {1} bytes (cgroup {2}). Work in the other terminal; "
    "Ctrl-C ends this.",
    "正在跟踪 {0}，上限 {1} 字节（cgroup {2}）。请在另一个终端里操作；"
    "按 Ctrl-C 结束。");
constexpr Message usage_now("usage {0} of {1}", "用量 {0}，上限 {1}");
constexpr Message usage_unlimited("usage {0}, no limit yet",
                                  "用量 {0}，还没设上限");
constexpr Message next_step("next: {0}", "下一步：{0}");

/// The step that makes a check pass.
constexpr Message step_of(CheckId check) {
  switch (check) {
    case CheckId::group:
      return {"create the cgroup {0}", "建好 cgroup {0}"};
    case CheckId::limit:
      return {"write {1} into {2}", "把 {1} 写入 {2}"};
    case CheckId::process:
      return {"write the program's pid into cgroup.procs",
              "把程序的 pid 写入 cgroup.procs"};
    case CheckId::charged:
      return {"let the program allocate memory", "让程序继续申请内存"};
    case CheckId::oom:
      return {"let usage reach the limit, and the kernel kill the program",
              "等用量到上限，由内核杀死程序"};
  }
  return {"", ""};
}

constexpr Message was_refused(
    "{0} was written, but nothing changed: the kernel probably refused the "
    "write",
    "有人写了 {0}，但什么也没变：多半是内核拒绝了这次写入");
constexpr Message starts_over(
    "The cgroup was removed, or you have a nearer one: starting over.",
    "cgroup 被删除了，或出现了更近的、你自己的同名 cgroup：一切重新开始。");

/// The details of a step are printed under its tick.
constexpr std::string_view indent = "          ";
constexpr std::size_t widest_bar = 20;
constexpr std::int64_t redraw_ns = 100000000;
/// The change of usage that is worth a plain line.
constexpr std::uint64_t plain_step = 16 * mebi;

std::string clock_time() {
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  return fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min,
                     local.tm_sec);
}

std::string mark(const Terminal& terminal) {
  return terminal.green(locale_is_utf8() ? "✓" : "ok");
}

void add_commands(const std::vector<std::string>& commands, Layout& layout) {
  for (const std::string& command : commands) {
    layout.line(fmt::format("{}    {}", indent, command));
  }
}

std::string cross(const Terminal& terminal) {
  return terminal.red(locale_is_utf8() ? "✗" : "no");
}

/// The hard limit; nullopt if there is none.
std::optional<Bytes> limit_of(const GroupEvidence& group) {
  if (!group.limit || group.limit->is_max()) return std::nullopt;
  return group.limit->bytes();
}

}  // namespace

CheckLive::CheckLive(const Terminal& terminal, const GradingPlan& plan)
    : terminal_(terminal), plan_(plan), line_(terminal) {}

void CheckLive::on_start(const Grade& grade) {
  Layout layout(terminal_);
  version_ = grade.version;
  layout.paragraph(say(plan_.language, following, plan_.assignment.group,
                       plan_.assignment.limit.count, to_string(grade.version)));
  terminal_.write(layout.text());
  for (const CheckResult& result : grade.results) {
    if (result.passed) on_step(result);
  }
}

void CheckLive::on_step(const CheckResult& result) {
  say_check(mark(terminal_), result);
}

void CheckLive::on_lost(const CheckResult& result) {
  say_check(cross(terminal_), result);
}

void CheckLive::say_check(const std::string& mark, const CheckResult& result) {
  line_.erase();
  Layout layout(terminal_);
  layout.line(fmt::format("{}  {} {} {}", clock_time(), mark,
                          padded(result.check->name, 8),
                          say(plan_.language, result.check->title)));
  layout.hanging(indent, result.evidence);
  terminal_.write(layout.text());
}

void CheckLive::on_next(const CheckResult& result,
                        const std::vector<std::string>& commands) {
  line_.erase();
  Layout layout(terminal_);
  const std::string step =
      say(plan_.language, step_of(result.check->id), plan_.assignment.group,
          plan_.assignment.limit.count,
          name_of(cgroupfs::File::memory_max, version_));
  layout.hanging(indent, say(plan_.language, next_step, step));
  add_commands(commands, layout);
  terminal_.write(layout.text());
}

void CheckLive::on_refused(const std::string& file) {
  say_line(fmt::format("{}  {} {}", clock_time(), cross(terminal_),
                       say(plan_.language, was_refused, file)));
}

void CheckLive::on_hint(const Hint& hint) {
  line_.erase();
  const std::string text = plain_text(hint.text, std::string::npos);
  Layout layout(terminal_);
  layout.hanging(
      "          ",
      fmt::format("{} {}: {}", say(plan_.language, hint_messages::mark),
                  hint.id, text));
  add_commands(hint.commands, layout);
  terminal_.write(layout.text());
}

std::string CheckLive::usage_text(const GroupEvidence& group) const {
  const std::string usage = human_size(group.usage);
  const auto limit = limit_of(group);
  return limit ? say(plan_.language, usage_now, usage, human_size(*limit))
               : say(plan_.language, usage_unlimited, usage);
}

/// Empty without a limit, and in a narrow terminal.
std::string CheckLive::bar_of(const GroupEvidence& group,
                              std::size_t width) const {
  const auto limit = limit_of(group);
  if (!limit || width < 5) return "";
  // The limit may be 0.
  const double share =
      static_cast<double>(group.usage.count) /
      static_cast<double>(std::max<std::uint64_t>(limit->count, 1));
  return usage_bar(terminal_, locale_is_utf8(), share, width) + " ";
}

void CheckLive::on_usage(const GroupEvidence& group) {
  const std::string text = usage_text(group);
  if (!terminal_.is_live()) {
    const std::uint64_t low = std::min(group.usage.count, last_usage_.count);
    const std::uint64_t high = std::max(group.usage.count, last_usage_.count);
    if (high - low < plain_step) return;
    last_usage_ = group.usage;
    return say_line(fmt::format("{}  {}", clock_time(), text));
  }
  const std::int64_t now = monotonic_ns();
  if (now - last_draw_ns_ < redraw_ns) return;
  last_draw_ns_ = now;
  const std::string time = clock_time() + "  ";
  const std::size_t taken = time.size() + display_width(text) + 3;
  const std::size_t room = line_.width() - std::min(line_.width(), taken);
  const std::size_t bar_width = std::min(room, widest_bar);
  const std::string bar = bar_of(group, bar_width);
  line_.draw(time + bar, time.size() + (bar.empty() ? 0 : bar_width + 3), text);
}

void CheckLive::on_restart() {
  say_line(say(plan_.language, starts_over));
}

void CheckLive::on_end() {
  line_.erase();
}

void CheckLive::say_line(std::string_view text) {
  line_.erase();
  Layout layout(terminal_);
  layout.line(text);
  terminal_.write(layout.text());
}

}  // namespace lab
