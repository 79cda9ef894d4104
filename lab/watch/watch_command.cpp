// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "lab/base/exit_code.h"
#include "lab/base/visible.h"
#include "lab/command/command.h"
#include "lab/report/terminal.h"
#include "lab/watch/kill_log.h"
#include "lab/watch/metrics.h"
#include "lab/watch/target.h"
#include "lab/watch/tree_json.h"
#include "lab/watch/tree_lines.h"
#include "lab/watch/tree_live.h"
#include "lab/watch/tree_watcher.h"
#include "lab/watch/watch_json.h"
#include "lab/watch/watch_lines.h"
#include "lab/watch/watch_live.h"
#include "lab/watch/watch_options.h"
#include "lab/watch/watcher.h"

namespace lab {
namespace {

std::unique_ptr<WatchObserver> make_reporter(const WatchOptions& options,
                                             const Terminal& terminal) {
  if (options.json) return std::make_unique<WatchJson>();
  if (terminal.is_live()) {
    return std::make_unique<WatchLive>(terminal, options.language);
  }
  return std::make_unique<WatchLines>(options.language);
}

int exit_code_of(std::optional<int> signal) {
  return signal ? exit_signal_base + *signal : exit_expected;
}

Description describe_watch_command(const Command&) {
  return describe_watch();
}

std::unique_ptr<TreeObserver> make_tree_view(const WatchOptions& options,
                                             const Terminal& terminal) {
  if (options.log == "-") return nullptr;
  if (options.json) return std::make_unique<TreeJson>();
  if (terminal.is_live()) {
    return std::make_unique<TreeLive>(terminal, options.language, options.sort,
                                      options.rows.value_or(0));
  }
  return std::make_unique<TreeLines>(options.language, options.sort,
                                     options.rows.value_or(20));
}

int watch_all(const WatchOptions& options) {
  const WatchTarget target = find_watch_tree(options.target);
  const Terminal terminal(stdout, options.color);
  const SignalFd signals;
  std::vector<std::unique_ptr<TreeObserver>> owned;
  if (options.metrics) {
    if (!options.metrics->ends_with(".prom")) {
      write_stderr(fmt::format(
          "cglab: node_exporter reads only files that end in .prom, not {}\n",
          visible_line(*options.metrics)));
    }
    auto metrics =
        std::make_unique<MetricsFile>(*options.metrics, options.most_series);
    if (options.log) metrics->require_other_file(*options.log);
    owned.push_back(std::move(metrics));
  }
  if (options.log) owned.push_back(open_kill_log(*options.log));
  if (options.journal) owned.push_back(open_journal());
  if (auto view = make_tree_view(options, terminal)) {
    owned.push_back(std::move(view));
  }
  std::vector<TreeObserver*> observers;
  for (const auto& each : owned) observers.push_back(each.get());
  const TreePlan plan{options.plan.interval, options.plan.count, STDOUT_FILENO};
  const TreeEnd end = watch_tree(target, plan, signals, observers);
  return exit_code_of(end.signal);
}

int watch_command(const Command&, const CommandLine& line) {
  WatchOptions options = read_watch_options(line);
  options.plan.reader_fd = STDOUT_FILENO;
  if (options.all) return watch_all(options);
  WatchTarget target = find_watch_target(options.target);
  const Terminal terminal(stdout, options.color);
  const auto reporter = make_reporter(options, terminal);
  const SignalFd signals;
  try {
    return exit_code_of(
        watch(std::move(target), options.plan, signals, *reporter).signal);
  } catch (const ReaderGone&) {
    // `| head` has seen enough.
    return exit_expected;
  }
}

const CommandRegistration watch_registration(
    {"watch", "follow an existing cgroup, read-only", describe_watch_command,
     watch_command});

}  // namespace
}  // namespace lab
