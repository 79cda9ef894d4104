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

TreeSort parse_sort(const std::string& text) {
  if (const auto sort = from_word<TreeSort>(text)) return *sort;
  throw UsageError(
      fmt::format("invalid order '{}' (use usage, pressure or kills)", text));
}

std::size_t parse_size_of(const std::string& text) {
  return parse_number(text, 1, 1000000);
}

/// Of a tree only.
constexpr const char* tree_options[] = {"sort", "rows",       "metrics",
                                        "log",  "max-series", "journal"};

void read_tree_options(const CommandLine& line, WatchOptions& options) {
  options.sort = value_of(line, "sort", parse_sort).value_or(options.sort);
  options.rows = value_of(line, "rows", parse_size_of);
  options.metrics = value_of(line, "metrics", parse_text);
  options.most_series =
      value_of(line, "max-series", parse_size_of).value_or(options.most_series);
  options.log = value_of(line, "log", parse_text);
  options.journal = line.has("journal");
  if (line.has("max-series") && !options.metrics) {
    throw UsageError("--max-series needs --metrics");
  }
  if (options.metrics == "-") {
    throw UsageError("--metrics needs a file (for a file named -, write ./-)");
  }
  if (options.log == "-" &&
      (options.json || line.has("sort") || line.has("rows"))) {
    throw UsageError(
        "--log - prints only kills: it cannot be combined with --format json, "
        "--sort or --rows");
  }
  if (options.json && (line.has("sort") || line.has("rows"))) {
    throw UsageError(
        "--format json prints all cgroups: it cannot be combined with --sort "
        "or --rows");
  }
}

}  // namespace

Description describe_watch() {
  Description description{
      .about = {"Follows an existing memory cgroup, and changes nothing. PATH "
                "is a directory of the host or a path below the mounted "
                "hierarchy; PID stands for the memory cgroup of that process "
                "(a cgroup whose name is a number: ./123). Reports when the "
                "process moves or ends, and stays with the cgroup.",
                "With --all it follows the cgroup and every cgroup below it, "
                "also those that exist for milliseconds, and reports each OOM "
                "kill once; without PATH the whole hierarchy. On a terminal: a "
                "table, with keys to sort (u usage, p pressure, k kills), to "
                "move (arrows), to fold (space) and to quit (q)."},
      .arguments = {"[PATH|PID]", 1, directories()},
      .options =
          {{"interval", "TIME", "time between samples (1s; at least 10ms)"},
           {"count", "N", "end after N samples"},
           choice("format", {"text", "json"},
                  "json: one object a line, also on a terminal"),
           json_option(),
           {"all", "", "follow all cgroups below PATH, too"},
           choice("sort", {"usage", "pressure", "kills"},
                  "with --all: order of the table (usage)"),
           {"rows", "N",
            "with --all: cgroups to show (20; on a terminal: what "
            "fits)"},
           {"metrics", "FILE",
            "with --all: keep metrics for Prometheus in FILE, which "
            "node_exporter's textfile collector reads (*.prom)",
            files()},
           {"max-series", "N",
            "with --all: cgroups with metrics of their own (1000); their "
            "ancestors include the others"},
           {"log", "FILE|-",
            "with --all: append each OOM kill to FILE as a JSON line; "
            "-: print only these",
            files()},
           {"journal", "",
            "with --all: write each OOM kill to systemd's journal"}},
      .exit_statuses =
          {{"0", "the cgroup is gone, the samples are taken, or q was typed"},
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
  const auto format = value_of(line, "format", parse_is_json);
  options.json = has_json(line) || format.value_or(false);
  options.all = line.has("all");
  options.plan.interval = value_of(line, "interval", parse_interval)
                              .value_or(options.plan.interval);
  options.plan.count = value_of(line, "count", parse_count);
  const View view = read_view(line);
  options.color = view.color;
  options.language = view.language;
  if (options.all) {
    read_tree_options(line, options);
    if (!line.positional.empty()) options.target = line.positional.front();
    return options;
  }
  for (const char* const name : tree_options) {
    if (line.has(name)) throw UsageError(fmt::format("--{} needs --all", name));
  }
  if (line.positional.empty()) {
    throw UsageError("missing argument: a cgroup path or a process id");
  }
  options.target = line.positional.front();
  return options;
}

}  // namespace lab
