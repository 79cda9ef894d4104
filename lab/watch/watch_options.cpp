// SPDX-License-Identifier: MIT
#include "lab/watch/watch_options.h"

#include <fmt/format.h>

#include <charconv>

#include "lab/base/errors.h"
#include "lab/command/command_line.h"

namespace lab {
namespace {

constexpr nanoseconds shortest_interval = std::chrono::milliseconds(10);

OptionList watch_description() {
  return {
      {"interval", "TIME", "time between samples (1s; at least 10ms)"},
      {"count", "N", "end after N samples"},
      {"json", nullptr, "one JSON object a line, whatever standard output is"},
      {"color", "auto|always|never", "colours"},
      {"lang", "en|zh", "language (default: from the environment)"},
      {"help,h", nullptr, "this text"},
  };
}

nanoseconds parse_interval(const std::string& text) {
  const nanoseconds interval = parse_time(text);
  if (interval >= shortest_interval) return interval;
  throw UsageError(fmt::format("'{}' is too short; take 10ms or more", text));
}

std::uint64_t parse_count(const std::string& text) {
  std::uint64_t count = 0;
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, count);
  if (result.ec == std::errc() && result.ptr == end && count > 0) return count;
  throw UsageError(
      fmt::format("'{}' is no number of samples; write 1 or more", text));
}

}  // namespace

WatchOptions parse_watch_options(const std::vector<std::string>& arguments) {
  const CommandLine line =
      parse_command_line(watch_description(), arguments, 1);
  WatchOptions options;
  options.help = line.has("help");
  options.json = line.has("json");
  options.plan.interval = value_of(line, "interval", parse_interval)
                              .value_or(options.plan.interval);
  options.plan.count = value_of(line, "count", parse_count);
  options.color =
      value_of(line, "color", parse_color).value_or(ColorChoice::automatic);
  options.language = choose_language(value_of(line, "lang", parse_language));
  if (!line.positional.empty()) options.target = line.positional.front();
  if (line.positional.empty() && !options.help) {
    throw UsageError("watch what? Name a cgroup's path or a process id");
  }
  return options;
}

std::string watch_options_help() {
  return options_text(watch_description());
}

}  // namespace lab
