// SPDX-License-Identifier: MIT
#include "lab/watch/watch_lines.h"

#include <fmt/format.h>

#include "lab/report/terminal.h"
#include "lab/watch/watch_text.h"

namespace lab {
namespace {

constexpr char columns[] = "{:<24} {:>9} {:>10} {:>10} {:>10} {:>13} {:>5} {}";

template <typename Value, typename Text>
std::string cell(const std::optional<Value>& value, const Text& text) {
  return value ? text(*value) : "-";
}

/// What is not in a column of its own.
std::string remarks(const WatchSample& sample, const std::string& own_path) {
  std::string text = describe_binding(sample.binding, own_path);
  if (sample.binding_high) {
    text += "; " + describe_binding(sample.binding_high, own_path);
  }
  if (sample.pressure) {
    text += fmt::format("; pressure {:.2f} %", sample.pressure->some.avg10);
  }
  if (sample.under_oom.value_or(false)) text += "; under OOM";
  const std::string rises = describe_counters(sample.growth, "+");
  return rises.empty() ? text : text + "; " + rises;
}

}  // namespace

std::string watch_heading() {
  return fmt::format(columns, "TIME", "SECONDS", "USAGE", "LIMIT", "SWAP",
                     "RATE", "PROCS", "BINDING LIMIT; EVENTS");
}

std::string watch_row(const WatchSample& sample, const std::string& own_path) {
  return fmt::format(
      columns, utc_time(sample.moment.wall),
      fmt::format("{:.3f}",
                  static_cast<double>(sample.moment.elapsed.count()) / 1e9),
      human_size(sample.usage), cell(sample.limits.hard, human_limit),
      cell(sample.swap, human_size), cell(sample.rate, human_rate),
      cell(sample.processes,
           [](std::size_t count) { return std::to_string(count); }),
      remarks(sample, own_path));
}

void WatchLines::on_start(const WatchStart& start) {
  path_ = start.path;
  version_ = start.version;
  write(start.moment, fmt::format("watching {} (cgroup {})", printable(path_),
                                  to_string(version_)));
  for (const std::string& gap : describe_gaps(start)) write(start.moment, gap);
  write_stdout(watch_heading() + "\n");
}

void WatchLines::on_sample(const WatchSample& sample) {
  write_stdout(watch_row(sample, path_) + "\n");
}

void WatchLines::on_kill(const Moment& moment, const WatchedKill& kill) {
  write(moment, describe_kill(kill));
}

void WatchLines::on_limit_change(const Moment& moment,
                                 const LimitChange& change) {
  write(moment, describe_change(change, version_, path_));
}

void WatchLines::on_process_change(const Moment& moment,
                                   const ProcessChange& change) {
  write(moment, describe_process(change, path_));
}

void WatchLines::on_rename(const Moment& moment, const GroupRename& rename) {
  path_ = rename.to;
  write(moment, describe_rename(rename));
}

void WatchLines::on_end(const WatchEnd& end) {
  write(end.moment, describe_end(end));
}

void WatchLines::write(const Moment& moment, const std::string& text) {
  write_stdout(fmt::format("{} {}\n", utc_time(moment.wall), text));
}

}  // namespace lab
