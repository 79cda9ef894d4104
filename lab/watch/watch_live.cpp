// SPDX-License-Identifier: MIT
#include "lab/watch/watch_live.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/base/visible.h"
#include "lab/report/bar.h"
#include "lab/report/text_width.h"
#include "lab/watch/conclude.h"
#include "lab/watch/watch_messages.h"

namespace lab {
namespace {

namespace messages = watch_messages;

constexpr std::size_t label_width = 10;
constexpr std::size_t widest_bar = 30;
/// Of the time before an event, and the blank after it.
constexpr std::size_t time_width = 14;

/// Hours to milliseconds: a person at the terminal knows the day.
std::string clock_time(const Moment& moment) {
  return utc_time(moment.wall).substr(11);
}

std::size_t minus(std::size_t columns, std::size_t used) {
  return columns - std::min(columns, used);
}

std::string usage_text(const WatchSample& sample, Language language) {
  std::string text = human_size(sample.usage);
  if (sample.limits.hard) {
    text = say(language, messages::size_of_limit, text,
               human_limit(*sample.limits.hard));
  }
  if (sample.rate) {
    text = say(language, messages::and_rate, text, human_rate(*sample.rate));
  }
  if (sample.peak) {
    text = say(language, messages::and_peak, text, human_size(*sample.peak));
  }
  return text;
}

std::string swap_text(const WatchSample& sample, Language language) {
  std::string text =
      sample.swap ? human_size(*sample.swap) : say(language, messages::unknown);
  if (sample.limits.swap) {
    text = say(language, messages::size_of_limit, text,
               human_limit(*sample.limits.swap));
  }
  if (sample.limits.memsw) {
    text = say(language, messages::and_memsw, text,
               human_limit(*sample.limits.memsw));
  }
  return text;
}

std::string pressure_text(const cgroupfs::Pressure& pressure,
                          Language language) {
  const std::string some = fmt::format("{:.2f}", pressure.some.avg10);
  if (!pressure.full) return say(language, messages::some_pressure, some);
  return say(language, messages::full_pressure, some,
             fmt::format("{:.2f}", pressure.full->avg10));
}

}  // namespace

std::size_t event_columns(std::size_t columns) {
  return std::max(minus(columns, time_width), time_width);
}

std::string event_lines(const Terminal& terminal, std::size_t columns,
                        const Moment& moment, const std::string& text,
                        bool alarming) {
  std::string lines;
  std::string time = padded(clock_time(moment), time_width);
  std::string_view rest = text;
  do {
    const std::string_view part = take_line(rest, event_columns(columns));
    lines += time + (alarming ? terminal.red(part) : std::string(part)) + "\n";
    time.assign(time_width, ' ');
  } while (!rest.empty());
  return lines;
}

WatchLive::WatchLive(const Terminal& terminal, Language language)
    : terminal_(terminal), language_(language), unicode_(locale_is_utf8()) {}

void WatchLive::on_start(const WatchStart& start) {
  start_ = start;
  for (const std::string& gap : describe_gaps(start, language_)) {
    show(start.moment, gap);
  }
}

void WatchLive::on_sample(const WatchSample& sample) {
  if (!sample_) first_ = sample.counters;
  sample_ = sample;
  const std::string erased = erase_block();
  write_stdout(erased + draw_block());
}

/// Drawn with what has happened.
void WatchLive::on_counters(const Counters& counters,
                            const std::optional<Bytes>& peak) {
  if (!sample_) return;
  sample_->counters = counters;
  sample_->peak = peak;
}

void WatchLive::on_kill(const Moment& moment, const WatchedKill& kill) {
  show(moment, describe_kill(kill, style()), true);
}

void WatchLive::on_limit_change(const Moment& moment,
                                const LimitChange& change) {
  show(moment, describe_change(change, start_.version, start_.path, style()));
}

void WatchLive::on_process_change(const Moment& moment,
                                  const ProcessChange& change) {
  show(moment, describe_process(change, start_.path, style()));
}

/// The last sample is redrawn with the new name.
void WatchLive::on_rename(const Moment& moment, const GroupRename& rename) {
  start_.path = rename.to;
  if (sample_) {
    for (auto* const limit : {&sample_->binding, &sample_->binding_high}) {
      if (*limit && (*limit)->path == rename.from) (*limit)->path = rename.to;
    }
  }
  show(moment, describe_rename(rename, style()));
}

/// The block stays, with the summary after it.
void WatchLive::on_end(const WatchEnd& end) {
  const std::string erased = erase_block();
  const std::string block = sample_ ? draw_block() : "";
  // Also over the ^C that a terminal has echoed.
  write_stdout(erased + block +
               event_lines(terminal_, columns(), end.moment,
                           describe_end(end, language_), false));
}

/// The last column stays free: some terminals wrap when it is filled.
std::size_t WatchLive::columns() const {
  return std::max(terminal_.width(), 2u) - 1;
}

/// A path fits on one line after the time of an event.
WatchStyle WatchLive::style() const {
  return {language_, event_columns(columns())};
}

std::vector<WatchLive::Row> WatchLive::rows_of(
    const WatchSample& sample) const {
  const Counters rises = growth(first_, sample.counters);
  const std::string events = describe_rises(rises);
  std::vector<Row> rows{{&messages::usage, usage_text(sample, language_)}};
  add_binding(rows, messages::binding, sample.binding);
  add_binding(rows, messages::high, sample.binding_high);
  rows.push_back({&messages::swap, swap_text(sample, language_)});
  if (sample.processes) {
    rows.push_back({&messages::processes, std::to_string(*sample.processes)});
  }
  rows.push_back({&messages::events,
                  events.empty() ? say(language_, messages::no_events) : events,
                  rises.oom_kills.value_or(0) > 0});
  if (sample.pressure) {
    rows.push_back(
        {&messages::pressure, pressure_text(*sample.pressure, language_)});
  }
  if (sample.under_oom.value_or(false)) {
    rows.push_back(
        {&messages::under_oom, say(language_, messages::stalled), true});
  }
  return rows;
}

/// The path of an ancestor has a separate row.
void WatchLive::add_binding(std::vector<Row>& rows, const Message& label,
                            const std::optional<BindingLimit>& binding) const {
  if (!binding) return;
  rows.push_back({&label,
                  describe_binding_briefly(*binding, start_.path, language_),
                  binding->headroom == Bytes{}});
  if (binding->path == start_.path) return;
  rows.push_back(
      {&messages::of, shortened_path(visible_line(binding->path),
                                     minus(columns(), label_width))});
}

WatchLive::Line WatchLive::heading() const {
  const std::string time = human_seconds(sample_->moment.elapsed);
  const std::string path = shortened_path(visible_line(start_.path),
                                          minus(columns(), time.size() + 2));
  const std::size_t used = display_width(path) + time.size();
  const std::string gap(minus(columns(), used), ' ');
  return {fmt::format("{}{}{}", terminal_.bold(path), gap, time),
          used + gap.size()};
}

WatchLive::Line WatchLive::bar_line() const {
  const BindingLimit& binding = *sample_->binding;
  const double share =
      static_cast<double>(binding.usage.count) /
      static_cast<double>(std::max<std::uint64_t>(1, binding.limit.count));
  const std::string text = " " + say(language_, messages::share_of_limit,
                                     fmt::format("{:.0f}", 100 * share));
  const std::size_t taken = display_width(text) + 2;
  const std::size_t width =
      std::min(std::max(columns(), taken + 1) - taken, widest_bar);
  return {usage_bar(terminal_, unicode_, share, width) + text, width + taken};
}

void WatchLive::add_lines(const Row& row, std::vector<Line>& lines) const {
  const std::size_t width =
      std::max<std::size_t>(minus(columns(), label_width), 1);
  std::string label =
      padded(std::string(row.label->text(language_)), label_width);
  std::string_view rest = row.value;
  do {
    const std::string part(take_line(rest, width));
    lines.push_back(
        {terminal_.dim(label) + (row.alarming ? terminal_.red(part) : part),
         label_width + display_width(part)});
    label.assign(label_width, ' ');
  } while (!rest.empty());
}

std::string WatchLive::draw_block() {
  std::vector<Line> lines{heading()};
  if (sample_->binding) lines.push_back(bar_line());
  for (const Row& row : rows_of(*sample_)) add_lines(row, lines);
  std::string text;
  drawn_.clear();
  // What has scrolled off a low terminal could not be erased.
  std::size_t rows = 1;
  for (const Line& line : lines) {
    rows += terminal_.rows_of(line.columns);
    if (rows > terminal_.height() && !drawn_.empty()) break;
    text += line.text + "\n";
    drawn_.push_back(line.columns);
  }
  return text;
}

std::string WatchLive::erase_block() const {
  std::size_t rows = 0;
  for (const std::size_t line : drawn_) rows += terminal_.rows_of(line);
  return clear_from_above(rows);
}

void WatchLive::show(const Moment& moment, const std::string& text,
                     bool alarming) {
  const std::string erased = erase_block();
  const std::string lines =
      event_lines(terminal_, columns(), moment, text, alarming);
  write_stdout(erased + lines + (sample_ ? draw_block() : ""));
}

}  // namespace lab
