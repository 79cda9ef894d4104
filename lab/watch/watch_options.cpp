// SPDX-License-Identifier: MIT
#include "lab/watch/watch_options.h"

#include <fmt/format.h>

#include <limits>

#include "lab/base/errors.h"
#include "lab/command/option_groups.h"

namespace lab {
namespace {

constexpr nanoseconds shortest_interval = std::chrono::milliseconds(10);

nanoseconds parse_interval(const std::string& text) {
  const nanoseconds interval = parse_time(text);
  if (interval >= shortest_interval) return interval;
  throw UsageError(fmt::format("'{}' is too short: use at least 10ms", text));
}

std::uint64_t parse_count(const std::string& text) {
  constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max();
  return parse_number(text, 1, most);
}

bool parse_is_json(const std::string& text) {
  if (text == "json") return true;
  if (text == "text") return false;
  throw UsageError(fmt::format("invalid format '{}' (use text or json)", text));
}

}  // namespace

Description describe_watch() {
  Description description{
      .about = {"Follows an existing memory cgroup, and changes nothing. PATH "
                "is a directory of the host or a path below the mounted "
                "hierarchy; PID stands for the memory cgroup of that process "
                "(a cgroup whose name is a number: ./123). Reports when the "
                "process moves or ends, and stays with the cgroup."},
      .arguments = {"PATH|PID", 1, directories()},
      .options = {{"interval", "TIME",
                   "time between samples (1s; at least 10ms)"},
                  {"count", "N", "end after N samples"},
                  choice("format", {"text", "json"},
                         "json: one object a line, also on a terminal")},
      .exit_statuses = {{"0", "the cgroup is gone or the samples are taken"},
                        {"2", "usage error"},
                        {"3", "failure"},
                        {"77", "cannot be watched"},
                        {"128+N", "ended by signal N"}},
  };
  add(description.options, view_options());
  return description;
}

WatchOptions read_watch_options(const CommandLine& line) {
  WatchOptions options;
  options.json = value_of(line, "format", parse_is_json).value_or(false);
  options.plan.interval = value_of(line, "interval", parse_interval)
                              .value_or(options.plan.interval);
  options.plan.count = value_of(line, "count", parse_count);
  const View view = read_view(line);
  options.color = view.color;
  options.language = view.language;
  if (line.positional.empty()) {
    throw UsageError("missing argument: a cgroup path or a process id");
  }
  options.target = line.positional.front();
  return options;
}

}  // namespace lab
