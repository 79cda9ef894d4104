// SPDX-License-Identifier: MIT
#include <fmt/format.h>
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

void print_help() {
  write_stdout(fmt::format(
      "Usage: cglab watch [OPTION]... PATH|PID\n"
      "Follows a memory cgroup that others made, and changes nothing.\n"
      "PATH is a directory of the host or a path below the mounted hierarchy;\n"
      "PID stands for the memory cgroup of that process (a cgroup whose name\n"
      "is a number: ./123). Watch reports when the process moves or ends, and\n"
      "stays with the cgroup.\n\n{}\n"
      "TIME: 200ms, 3s or 1m.\n"
      "Exit status: 0 the cgroup is gone or the samples are taken, 2 usage,\n"
      "3 failure, 77 cannot be watched, 128+N signal N.\n",
      watch_options_help()));
}

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

int watch_command(const Command&, const std::vector<std::string>& arguments) {
  WatchOptions options = parse_watch_options(arguments);
  if (options.help) {
    print_help();
    return exit_expected;
  }
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

const CommandRegistration registration(
    {"watch", "follow a cgroup that others made, read-only", watch_command});

}  // namespace
}  // namespace lab
