// SPDX-License-Identifier: MIT
#include "lab/watch/watch_live.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/report/bar.h"
#include "lab/watch/conclude.h"
#include "lab/watch/watch_text.h"

namespace lab {
namespace {

constexpr std::size_t label_width = 10;
constexpr std::size_t widest_bar = 30;

bool begins_code_point(char letter) {
  return (static_cast<unsigned char>(letter) & 0xC0) != 0x80;
}

std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), begins_code_point));
}

/// The first `count` code points.
std::string_view head(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    if (begins_code_point(text[at]) && count-- == 0) break;
  }
  return text.substr(0, at);
}

std::string_view tail(std::string_view text, std::size_t count) {
  const std::size_t all = width_of(text);
  return text.substr(head(text, all - std::min(all, count)).size());
}

/// Hours to milliseconds: whoever looks on knows the day.
std::string clock_time(const Moment& moment) {
  return utc_time(moment.wall).substr(11);
}

std::string usage_text(const WatchSample& sample) {
  std::string text = human_size(sample.usage);
  if (sample.limits.hard) {
    text += " of " + human_limit(*sample.limits.hard);
  }
  if (sample.rate) text += ", " + human_rate(*sample.rate);
  if (sample.peak) text += ", peak " + human_size(*sample.peak);
  return text;
}

std::string swap_text(const WatchSample& sample) {
  std::string text = sample.swap ? human_size(*sample.swap) : "unknown";
  if (sample.limits.swap) {
    text += fmt::format(" of {}", human_limit(*sample.limits.swap));
  }
  if (sample.limits.memsw) {
    text += fmt::format(", memory+swap limit {}",
                        human_limit(*sample.limits.memsw));
  }
  return text;
}

std::string pressure_text(const cgroupfs::Pressure& pressure) {
  std::string text = fmt::format("some {:.2f} %", pressure.some.avg10);
  if (pressure.full)
    text += fmt::format(", full {:.2f} %", pressure.full->avg10);
  return text + " of the last 10 s";
}

}  // namespace

std::string shorten(const std::string& text, std::size_t columns,
                    bool unicode) {
  if (width_of(text) <= columns) return text;
  const std::string dots = unicode ? "\u2026" : "...";
  const std::size_t room = columns - std::min(columns, width_of(dots));
  return fmt::format("{}{}{}", head(text, room / 3), dots,
                     tail(text, room - room / 3));
}

WatchLive::WatchLive(const Terminal& terminal)
    : terminal_(terminal), unicode_(locale_is_utf8()) {}

void WatchLive::on_start(const WatchStart& start) {
  start_ = start;
  for (const std::string& gap : describe_gaps(start)) {
    say(start.moment, gap, false);
  }
}

void WatchLive::on_sample(const WatchSample& sample) {
  if (!sample_) first_ = sample.counters;
  sample_ = sample;
  const std::string wiped = wipe_block();
  write_stdout(wiped + draw_block());
}

void WatchLive::on_kill(const Moment& moment, const WatchedKill& kill) {
  say(moment, describe_kill(kill), true);
}

void WatchLive::on_limit_change(const Moment& moment,
                                const LimitChange& change) {
  say(moment, describe_change(change, start_.version, start_.path), false);
}

void WatchLive::on_process_change(const Moment& moment,
                                  const ProcessChange& change) {
  say(moment, describe_process(change, start_.path), false);
}

/// The last sample is drawn again by the new name.
void WatchLive::on_rename(const Moment& moment, const GroupRename& rename) {
  start_.path = rename.to;
  if (sample_) {
    for (auto* const limit : {&sample_->binding, &sample_->binding_high}) {
      if (*limit && (*limit)->path == rename.from) (*limit)->path = rename.to;
    }
  }
  say(moment, describe_rename(rename), false);
}

/// The block stays as it was last seen.
void WatchLive::on_end(const WatchEnd& end) {
  // A terminal has echoed the ^C.
  write_stdout(fmt::format("\r{} {}\n", clock_time(end.moment),
                           terminal_.bold(describe_end(end))));
}

std::vector<WatchLive::Row> WatchLive::rows_of(
    const WatchSample& sample) const {
  const Counters rises = growth(first_, sample.counters);
  const std::string events = describe_counters(rises, "+");
  std::vector<Row> rows{{"usage", usage_text(sample)}};
  add_binding(rows, "binding", sample.binding);
  add_binding(rows, "high", sample.binding_high);
  rows.push_back({"swap", swap_text(sample)});
  if (sample.processes) {
    rows.push_back({"processes", std::to_string(*sample.processes)});
  }
  rows.push_back({"events", events.empty() ? "none so far" : events,
                  rises.oom_kills.value_or(0) > 0});
  if (sample.pressure) {
    rows.push_back({"pressure", pressure_text(*sample.pressure)});
  }
  if (sample.under_oom.value_or(false)) {
    rows.push_back({"under OOM", "tasks wait for memory", true});
  }
  return rows;
}

/// The path of an upper one gets a row of its own, where its end is not cut.
void WatchLive::add_binding(std::vector<Row>& rows, const char* label,
                            const std::optional<BindingLimit>& binding) const {
  if (!binding) return;
  rows.push_back({label, describe_binding_briefly(*binding, start_.path),
                  binding->headroom == Bytes{}});
  if (binding->path == start_.path) return;
  rows.push_back({"  of", printable(binding->path)});
}

WatchLive::Line WatchLive::heading(std::size_t columns) const {
  const std::string time = human_seconds(sample_->moment.elapsed);
  const std::string path =
      shorten(printable(start_.path),
              columns - std::min(columns, time.size() + 2), unicode_);
  const std::size_t used = width_of(path) + time.size();
  const std::string gap(columns - std::min(columns, used), ' ');
  return {fmt::format("{}{}{}", terminal_.bold(path), gap, time),
          used + gap.size()};
}

WatchLive::Line WatchLive::bar_line(std::size_t columns) const {
  const BindingLimit& binding = *sample_->binding;
  const double share =
      static_cast<double>(binding.usage.count) /
      static_cast<double>(std::max<std::uint64_t>(1, binding.limit.count));
  const std::string text =
      fmt::format(" {:.0f} % of the binding limit", 100 * share);
  const std::size_t taken = text.size() + 2;
  const std::size_t width =
      std::min(std::max<std::size_t>(columns, taken + 1) - taken, widest_bar);
  return {usage_bar(terminal_, unicode_, share, width) + text, width + taken};
}

WatchLive::Line WatchLive::line_of(const Row& row, std::size_t columns) const {
  const std::string value =
      shorten(row.value, columns - std::min(columns, label_width), unicode_);
  const std::string label = fmt::format("{:<{}}", row.label, label_width);
  return {terminal_.dim(label) + (row.alarming ? terminal_.red(value) : value),
          label_width + width_of(value)};
}

std::string WatchLive::draw_block() {
  // The last column stays free: some terminals wrap when it is filled.
  const std::size_t columns = std::max(terminal_.width(), 2u) - 1;
  std::vector<Line> lines{heading(columns)};
  if (sample_->binding) lines.push_back(bar_line(columns));
  for (const Row& row : rows_of(*sample_)) {
    lines.push_back(line_of(row, columns));
  }
  std::string text;
  drawn_.clear();
  for (const Line& line : lines) {
    text += line.text + "\n";
    drawn_.push_back(line.columns);
  }
  return text;
}

/// A window that has become narrower has wrapped what was drawn.
std::string WatchLive::wipe_block() const {
  const std::size_t width = std::max(terminal_.width(), 1u);
  std::size_t rows = 0;
  for (const std::size_t columns : drawn_) {
    rows += std::max<std::size_t>(1, (columns + width - 1) / width);
  }
  return rows == 0 ? "" : fmt::format("\033[{}A\r\033[J", rows);
}

void WatchLive::say(const Moment& moment, const std::string& text,
                    bool alarming) {
  const std::string line = fmt::format("{} {}\n", clock_time(moment),
                                       alarming ? terminal_.red(text) : text);
  const std::string wiped = wipe_block();
  write_stdout(wiped + line + (sample_ ? draw_block() : ""));
}

}  // namespace lab
