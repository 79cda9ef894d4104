// SPDX-License-Identifier: MIT
#include "lab/classroom/check_live.h"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "lab/os/timer_fd.h"
#include "lab/report/bar.h"
#include "lab/report/layout.h"
#include "lab/report/text_width.h"

namespace lab {
namespace {

constexpr Message following(
    "Following {0}, limit {1} bytes (cgroup {2}). Go on in the other terminal; "
    "Ctrl-C ends this.",
    "正在跟踪 {0}，上限 {1} 字节（cgroup {2}）。请在另一个终端里操作；"
    "按 Ctrl-C 结束。");
constexpr Message usage_now("usage {0} of {1}", "用量 {0}，上限 {1}");
constexpr Message hint_mark("hint", "提示");
constexpr Message was_refused(
    "{0} was written to, but that changed nothing: the kernel refused it",
    "有人写了 {0}，但什么也没变：内核拒绝了这次写入");
constexpr Message begins_anew(
    "The cgroup was removed before all was done: everything begins anew.",
    "还没做完，cgroup 就被删除了：一切重新开始。");

/// What is said of a step stands under its tick.
constexpr std::string_view indent = "          ";
constexpr std::int64_t redraw_ns = 100000000;
/// What the usage has to change by for a plain line.
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

}  // namespace

CheckLive::CheckLive(const Terminal& terminal, const GradingPlan& plan)
    : terminal_(terminal), plan_(plan) {}

void CheckLive::on_start(const Grade& grade) {
  Layout layout(terminal_);
  layout.paragraph(say(plan_.language, following, plan_.assignment.group,
                       plan_.assignment.limit.count, to_string(grade.version)));
  terminal_.write(layout.text());
  for (const CheckResult& result : grade.results) {
    if (result.passed) on_step(result);
  }
}

void CheckLive::on_step(const CheckResult& result) {
  clear_line();
  Layout layout(terminal_);
  layout.line(fmt::format("{}  {} {} {}", clock_time(), mark(terminal_),
                          padded(result.check->name, 8),
                          say(plan_.language, result.check->title)));
  layout.hanging(indent, result.evidence);
  terminal_.write(layout.text());
}

void CheckLive::on_refused(const std::string& file) {
  say_line(fmt::format("{}  {} {}", clock_time(),
                       terminal_.red(locale_is_utf8() ? "✗" : "no"),
                       say(plan_.language, was_refused, file)));
}

void CheckLive::on_hint(const Hint& hint) {
  clear_line();
  std::string text = hint.text;
  std::erase(text, '`');
  Layout layout(terminal_);
  layout.hanging(
      "          ",
      fmt::format("{} {}: {}", say(plan_.language, hint_mark), hint.id, text));
  for (const std::string& command : hint.commands) {
    layout.line(fmt::format("{}    {}", indent, command));
  }
  terminal_.write(layout.text());
}

void CheckLive::on_usage(const GroupEvidence& group) {
  const std::string text =
      say(plan_.language, usage_now, human_size(group.usage),
          human_size(plan_.assignment.limit));
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
  const double share = static_cast<double>(group.usage.count) /
                       static_cast<double>(plan_.assignment.limit.count);
  terminal_.write(fmt::format("\r\033[K{}  {} {}", clock_time(),
                              usage_bar(terminal_, locale_is_utf8(), share, 20),
                              text));
  line_shown_ = true;
}

void CheckLive::on_restart() {
  say_line(say(plan_.language, begins_anew));
}

void CheckLive::on_end() {
  clear_line();
}

void CheckLive::say_line(std::string_view text) {
  clear_line();
  Layout layout(terminal_);
  layout.line(text);
  terminal_.write(layout.text());
}

void CheckLive::clear_line() {
  if (line_shown_) terminal_.write("\r\033[K");
  line_shown_ = false;
}

}  // namespace lab
