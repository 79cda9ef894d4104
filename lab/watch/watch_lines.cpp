// SPDX-License-Identifier: MIT
#include "lab/watch/watch_lines.h"

#include <fmt/format.h>

#include "lab/base/visible.h"
#include "lab/report/terminal.h"
#include "lab/watch/watch_messages.h"

namespace lab {
namespace {

namespace messages = watch_messages;

constexpr char columns[] = "{:<24} {:>9} {:>10} {:>10} {:>10} {:>13} {:>5} {}";

template <typename Value, typename Text>
std::string cell(const std::optional<Value>& value, const Text& text) {
  return value ? text(*value) : "-";
}

/// The values that have no column.
std::string remarks(const WatchSample& sample, const std::string& own_path,
                    const WatchStyle& style) {
  std::string text = describe_binding(sample.binding, own_path, style);
  if (sample.binding_high) {
    text += "; " + describe_binding(sample.binding_high, own_path, style);
  }
  if (sample.pressure) {
    text += "; " + say(style.language, messages::pressure_remark,
                       fmt::format("{:.2f}", sample.pressure->some.avg10));
  }
  if (sample.under_oom.value_or(false)) {
    text += "; " + say(style.language, messages::under_oom_remark);
  }
  const std::string rises = describe_rises(sample.growth);
  return rises.empty() ? text : text + "; " + rises;
}

}  // namespace

std::string watch_heading(Language language) {
  return fmt::format(columns, messages::time_column.text(language),
                     messages::seconds_column.text(language),
                     messages::usage_column.text(language),
                     messages::limit_column.text(language),
                     messages::swap_column.text(language),
                     messages::rate_column.text(language),
                     messages::processes_column.text(language),
                     messages::remarks_column.text(language));
}

std::string watch_row(const WatchSample& sample, const std::string& own_path,
                      const WatchStyle& style) {
  return fmt::format(
      columns, utc_time(sample.moment.wall),
      fmt::format("{:.3f}",
                  static_cast<double>(sample.moment.elapsed.count()) / 1e9),
      human_size(sample.usage), cell(sample.limits.hard, human_limit),
      cell(sample.swap, human_size), cell(sample.rate, human_rate),
      cell(sample.processes,
           [](std::size_t count) { return std::to_string(count); }),
      remarks(sample, own_path, style));
}

void WatchLines::on_start(const WatchStart& start) {
  path_ = start.path;
  version_ = start.version;
  // The one line with the whole path.
  write(start.moment, say(style_.language, messages::watching,
                          visible_line(path_), to_string(version_)));
  for (const std::string& gap : describe_gaps(start, style_.language)) {
    write(start.moment, gap);
  }
  write_stdout(watch_heading(style_.language) + "\n");
}

void WatchLines::on_sample(const WatchSample& sample) {
  write_stdout(watch_row(sample, path_, style_) + "\n");
}

void WatchLines::on_kill(const Moment& moment, const WatchedKill& kill) {
  write(moment, describe_kill(kill, style_));
}

void WatchLines::on_limit_change(const Moment& moment,
                                 const LimitChange& change) {
  write(moment, describe_change(change, version_, path_, style_));
}

void WatchLines::on_process_change(const Moment& moment,
                                   const ProcessChange& change) {
  write(moment, describe_process(change, path_, style_));
}

void WatchLines::on_rename(const Moment& moment, const GroupRename& rename) {
  path_ = rename.to;
  write(moment, describe_rename(rename, style_));
}

void WatchLines::on_end(const WatchEnd& end) {
  write(end.moment, describe_end(end, style_.language));
}

void WatchLines::write(const Moment& moment, const std::string& text) {
  write_stdout(fmt::format("{} {}\n", utc_time(moment.wall), text));
}

}  // namespace lab
