// SPDX-License-Identifier: MIT
#include "lab/report/live.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "cgroupfs/text.h"
#include "lab/base/message.h"
#include "lab/base/visible.h"
#include "lab/place/held.h"
#include "lab/report/bar.h"
#include "lab/report/record_words.h"
#include "lab/report/text_width.h"
#include "lab/run/run_process.h"

namespace lab {
namespace {

constexpr std::int64_t redraw_interval_ns = 40000000;
constexpr std::int64_t plain_interval_ns = 1000000000;
/// The rate is taken over the last part of the samples, so that it is steady.
constexpr std::int64_t rate_window_ns = 1000000000;
constexpr std::size_t widest_bar = 40;

constexpr Message orphan_removed("removed the cgroup of a killed run: {0}",
                                 "已清理：被杀死的运行留下的 cgroup {0}");
constexpr Message rejected("not with {0}: {1}", "没有采用 {0}：{1}");
constexpr Message placed("cgroup {0} (placed in: {1})",
                         "cgroup {0}（位置：{1}）");
constexpr Message event_and_source("{0} ({1})", "{0}（{1}）");
constexpr Message before_gate("before", "放行前");
constexpr Message waiting_for_traced("{0} has ended; waiting: {1}",
                                     "{0} 已结束；仍在等待：{1}");
constexpr Message waiting_for(
    "{0} has ended ({1}); waiting for {2}; press Ctrl-C to end them",
    "{0} 已结束（{1}）；正在等待 {2}；按 Ctrl-C 结束它们");
constexpr Message others("others", "其他进程");
constexpr Message descendants("its descendants", "它的后代进程");
constexpr Message frozen("{0} is frozen (cgroup.freeze)",
                         "{0} 已被冻结（cgroup.freeze）");
constexpr Message exit_status("exit status {0}", "退出状态 {0}");
constexpr Message no_limit_yet(
    "{0} in the cgroup, no limit yet, {1} touched  {2}",
    "cgroup 用量 {0}，还没设上限，已写入 {1}  {2}");
constexpr Message of_limit("{0} of {1} ({2} %)  {3}/s  {4}",
                           "{0}，上限 {1}（{2} %）  {3}/s  {4}");

/// As wide in each line, so that what follows stays in place.
std::string column_of(Bytes size) {
  return fmt::format("{:>9}", human_size(size));
}

std::string say_end(const ProcessRecord& process, Language language) {
  return process.signal
             ? signal_name(*process.signal)
             : say(language, exit_status, process.exit_code.value_or(0));
}

/// Bytes per second over the last samples; 0 when there are too few.
Bytes rate(const Samples& samples) {
  const std::size_t last = samples.time_ns.size() - 1;
  std::size_t first = last;
  while (first > 0 &&
         samples.time_ns[last] - samples.time_ns[first] < rate_window_ns) {
    --first;
  }
  const std::int64_t time = samples.time_ns[last] - samples.time_ns[first];
  const Column& usage = samples.usage.front();
  if (time <= 0 || usage[last] <= usage[first]) return Bytes{};
  const auto grown = static_cast<double>(usage[last] - usage[first]);
  return Bytes{
      static_cast<std::uint64_t>(grown / (static_cast<double>(time) / 1e9))};
}

std::string name_of_command(const ProcessRecord& command) {
  const std::string& program = command.command.front();
  return fmt::format("{} (pid {})", program.substr(program.rfind('/') + 1),
                     command.pid);
}

}  // namespace

LiveView::LiveView(const Terminal& terminal, Verbosity verbosity,
                   Language language)
    : terminal_(terminal),
      verbosity_(verbosity),
      language_(language),
      unicode_(locale_is_utf8()),
      line_(terminal) {}

void LiveView::on_start(const RunRecord& record) {
  if (!record.plan.limit.is_max()) limit_ = record.plan.size();
  name_ = record.plan.experiment;
  alone_ = record.plan.procedure.processes.size() < 2;
  if (verbosity_ == Verbosity::quiet) return;
  for (const std::string& orphan : record.cleanup.orphans_removed) {
    show(say(language_, orphan_removed, orphan));
  }
  if (verbosity_ != Verbosity::verbose) return;
  for (const Rejection& rejection : record.environment.rejected) {
    show(say(language_, rejected, strategy_words(rejection.strategy, language_),
             rejection.reason));
  }
  show(say(language_, placed, cgroup_path(record),
           strategy_words(record.environment.strategy, language_)));
}

void LiveView::on_event(const Event& event) {
  if (event.kind == EventKind::gate_opened && start_ns_ == 0) {
    start_ns_ = event.time_ns;
  }
  if (event.kind == EventKind::limit_set) limited_ = true;
  if (alone_ && (event.kind == EventKind::kill_seen ||
                 event.kind == EventKind::process_exited)) {
    dying_ = true;
  }
  if (verbosity_ != Verbosity::verbose) return;
  const std::string time =
      start_ns_ == 0 ? say(language_, before_gate)
                     : human_ms(nanoseconds(event.time_ns - start_ns_));
  show(fmt::format(
      "{:>13}  {}", time,
      say(language_, event_and_source, event_name(event.kind, language_),
          event_source(event, language_))));
}

void LiveView::on_sample(const Samples& samples) {
  // Memory that a dying process frees is not progress.
  if (verbosity_ == Verbosity::quiet || dying_) return;
  const std::int64_t interval =
      terminal_.is_live() ? redraw_interval_ns : plain_interval_ns;
  const std::int64_t now = samples.time_ns.back();
  const std::int64_t last =
      terminal_.is_live() ? last_draw_ns_ : std::max(start_ns_, last_draw_ns_);
  if (now - last < interval) return;
  last_draw_ns_ = now;
  draw(samples);
}

void LiveView::on_output(const std::string& process, std::string_view text) {
  if (verbosity_ != Verbosity::verbose) return;
  for (const std::string_view line : cgroupfs::split_lines(text)) {
    if (!line.empty()) show(fmt::format("{}: {}", process, line));
  }
}

void LiveView::on_waiting(const Waiting& waiting) {
  if (verbosity_ != Verbosity::quiet) say_waiting(waiting);
}

void LiveView::say_waiting(const Waiting& waiting) {
  const ProcessRecord& command = waiting.command;
  if (waiting.traced) {
    show(say(language_, waiting_for_traced, name_of_command(command),
             held_text(*waiting.traced, language_)));
    return;
  }
  std::vector<std::string> names;
  for (const HeldProcess& process : waiting.processes) {
    names.push_back(name_of(process));
    if (process.reason == HoldReason::frozen) {
      show(held_text(process, language_));
    }
  }
  if (waiting.has_more) names.push_back(say(language_, others));
  if (waiting.frozen_cgroup) {
    show(say(language_, frozen, *waiting.frozen_cgroup));
  }
  show(say(language_, waiting_for, name_of_command(command),
           say_end(command, language_),
           names.empty() ? say(language_, descendants)
                         : fmt::format("{}", fmt::join(names, ", "))));
}

void LiveView::on_end() {
  line_.erase();
}

void LiveView::draw(const Samples& samples) {
  const std::string text = describe(samples);
  if (!terminal_.is_live()) {
    terminal_.write(fmt::format("cglab: {}: {}\n", name_, text));
    return;
  }
  const double share = static_cast<double>(samples.usage.front().back()) /
                       static_cast<double>(limit_.count);
  const std::size_t taken = display_width(name_) + display_width(text) + 4;
  const std::size_t room = line_.width() - std::min(line_.width(), taken);
  if (!limited_ || room < 8) return line_.draw("", 0, text);
  const std::size_t bar_width = std::min(room, widest_bar);
  line_.draw(fmt::format("{} {} ", name_,
                         usage_bar(terminal_, unicode_, share, bar_width)),
             display_width(name_) + bar_width + 4, text);
}

std::string LiveView::describe(const Samples& samples) const {
  const Bytes usage{samples.usage.front().back()};
  const std::string time =
      human_seconds(nanoseconds(samples.time_ns.back() - start_ns_));
  if (!limited_) {
    const Bytes touched{samples.touched ? samples.touched->back() : 0};
    return say(language_, no_limit_yet, column_of(usage), column_of(touched),
               fmt::format("{:>6}", time));
  }
  const double percent = 100.0 * static_cast<double>(usage.count) /
                         static_cast<double>(limit_.count);
  return say(language_, of_limit, column_of(usage), human_size(limit_),
             fmt::format("{:.0f}", percent), column_of(rate(samples)),
             fmt::format("{:>6}", time));
}

void LiveView::show(std::string_view line) {
  line_.erase();
  terminal_.write(fmt::format("cglab: {}\n", visible_line(line)));
}

}  // namespace lab
