// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <memory>
#include <new>
#include <optional>
#include <span>
#include <string>

#include "malloc_demo/allocator.h"
#include "malloc_demo/harness_link.h"
#include "malloc_demo/hog.h"
#include "malloc_demo/options.h"
#include "malloc_demo/output.h"
#include "malloc_demo/progress.h"
#include "malloc_demo/units.h"

namespace malloc_demo {
namespace {

enum ExitStatus {
  exit_done = 0,
  exit_refused = 1,
  exit_usage = 2,
  exit_gate_closed = 3
};

/// Used when no process follows the progress.
ProgressPage own_progress{};

std::string plan_line(const Options& options) {
  std::string text =
      format_size(options.total) + " in " + std::to_string(options.count) +
      " x " + format_size(std::min(options.block, options.total)) +
      (options.total > options.block && options.total % options.block != 0
           ? " (the last one smaller)"
           : "") +
      ", memory " + std::string(name_of(options.memory)) + ", touch " +
      std::string(name_of(options.touch));
  if (!options.ramp) {
    return text + ", " + format_time(options.interval) + " after each block";
  }
  if (options.ramp->count() == 0) return text + ", at full speed";
  return text + ", evenly within " + format_time(*options.ramp);
}

[[noreturn]] void hold_until_signal() {
  for (;;) pause();
}

/// Outlives its parent, but not the harness: so it has no parent-death signal.
[[noreturn]] void live_as_child(const Gate* gate) {
  if (gate == nullptr) hold_until_signal();
  gate->await_closing();
  _exit(exit_gate_closed);
}

/// A fork refused by the pids limit is reported; the others continue.
void fork_children(unsigned count, const Gate* gate, const Output& output) {
  for (unsigned number = 1; number <= count; ++number) {
    const pid_t pid = fork();
    if (pid == 0) live_as_child(gate);
    if (pid > 0) continue;
    output.line("child " + std::to_string(number) + " of " +
                std::to_string(count) + " refused: " + std::strerror(errno));
  }
}

void run(const Options& options) {
  const Output output(options.quiet);
  const std::unique_ptr<Allocator> allocator = make_allocator(options);
  ProgressPage& progress =
      options.progress_fd ? map_progress(*options.progress_fd) : own_progress;
  const std::optional<Gate> gate =
      options.gate_fd ? std::optional<Gate>(*options.gate_fd) : std::nullopt;
  Hog hog(options, *allocator, gate ? &*gate : nullptr, progress, output);
  const std::string pid = std::to_string(getpid());
  output.line("pid " + pid);
  output.line(plan_line(options));
  if (gate) gate->pass();
  fork_children(options.children, gate ? &*gate : nullptr, output);
  hog.run();
  if (!options.hold) return;
  output.line("holding " + format_size(options.total) +
              " until a signal arrives: kill " + pid);
  hold_until_signal();
}

void obey(std::span<const char* const> arguments) {
  const Options options = parse_options(arguments, page_size());
  switch (options.command) {
    case Command::run:
      return run(options);
    case Command::help:
      return write_output(help_text());
    case Command::describe:
      return write_output(description_json());
    case Command::version:
      return write_output("malloc_demo " MALLOC_DEMO_VERSION "\n");
  }
}

void complain(const char* reason, const char* advice = "") noexcept {
  std::fprintf(stderr, "malloc_demo: %s%s\n", reason, advice);
}

/// The outcome, for the exit status.
ExitStatus try_to_obey(std::span<const char* const> arguments) {
  try {
    obey(arguments);
    return exit_done;
  } catch (const GateClosed&) {
    return exit_gate_closed;
  } catch (const UsageError& error) {
    complain(error.what(), " (see malloc_demo --help)");
    return exit_usage;
  } catch (const std::bad_alloc&) {
    complain("out of memory for the list of blocks");
  } catch (const std::exception& error) {
    complain(error.what());
  }
  return exit_refused;
}

}  // namespace
}  // namespace malloc_demo

int main(int argc, char** argv) {
  return malloc_demo::try_to_obey(
      std::span<const char* const>(argv, static_cast<std::size_t>(argc))
          .subspan(argc > 0 ? 1 : 0));
}
