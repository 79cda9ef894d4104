// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "lab/base/exit_code.h"
#include "lab/command/command.h"
#include "lab/report/terminal.h"
#include "lab/watch/target.h"
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

int exit_code_of(const WatchEnd& end) {
  return end.signal ? exit_signal_base + *end.signal : exit_expected;
}

Description describe_watch_command(const Command&) {
  return describe_watch();
}

int watch_command(const Command&, const CommandLine& line) {
  WatchOptions options = read_watch_options(line);
  options.plan.reader_fd = STDOUT_FILENO;
  WatchTarget target = find_watch_target(options.target);
  const Terminal terminal(stdout, options.color);
  const auto reporter = make_reporter(options, terminal);
  const SignalFd signals;
  try {
    return exit_code_of(
        watch(std::move(target), options.plan, signals, *reporter));
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
