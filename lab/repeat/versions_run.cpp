// SPDX-License-Identifier: MIT
#include "lab/repeat/versions_run.h"

#include <fmt/format.h>
#include <poll.h>

#include <array>
#include <cerrno>
#include <csignal>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/base/exit_code.h"
#include "lab/base/visible.h"
#include "lab/os/captured_process.h"
#include "lab/os/find_program.h"
#include "lab/record/record_reader.h"
#include "lab/repeat/vm_command.h"
#include "lab/report/terminal.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;
using cgroupfs::Version;

struct Finished {
  int code = 0;
  std::string said;
  std::string complaint;
};

/// Forwards a signal that was sent only to this process; one from a terminal
/// has reached the run itself.
void pass_on(const Signal& signal, const CapturedProcess& process) {
  if (!signal.from_terminal) ::kill(process.pid, signal.number);
}

/// Waits for its end, also after a signal: it cleans up.
Finished finish(CapturedProcess process, const SignalFd& signals) {
  std::optional<int> interrupted_by;
  while (!process.has_said_all()) {
    std::array<pollfd, 3> fds{{{signals.fd(), POLLIN, 0},
                               {process.output.get(), POLLIN, 0},
                               {process.errors.get(), POLLIN, 0}}};
    if (::poll(fds.data(), fds.size(), -1) < 0) {
      if (errno == EINTR) continue;
      cgroupfs::throw_errno("poll", "a run");
    }
    if (fds[0].revents) {
      if (const auto signal = signals.take_signal()) {
        interrupted_by = signal->number;
        pass_on(*signal, process);
      }
    }
    take_output(process, fds[1].revents, fds[2].revents);
  }
  const int code = reap(process);
  if (interrupted_by && code != exit_left_behind) {
    throw Interrupted{*interrupted_by};
  }
  return {code, std::move(process.said), std::move(process.complaint)};
}

/// A failure of the run on `where`, with its error messages.
[[noreturn]] void fail(const std::string& where, const Finished& run) {
  const std::string text = fmt::format(
      "the run on {} ended with exit status {}: {}", where, run.code,
      run.complaint.empty() ? "no error message" : run.complaint);
  switch (run.code) {
    case exit_unavailable:
      throw Unavailable(text, "", /*vm_helps=*/false);
    case exit_usage:
      throw UsageError(text);
    case exit_left_behind:
      throw LeftBehind(text);
    default:
      throw RunError(text);
  }
}

VersionRun read_run(const std::string& where, Finished run) {
  if (run.code > exit_other) fail(where, run);
  RunRecord record =
      parse_record(run.said, fmt::format("the record of the run on {}", where));
  return {{where, std::move(record)}, std::move(run.said), run.code};
}

void say(bool verbose, const std::string& text) {
  if (verbose) write_stderr(fmt::format("cglab: {}\n", visible(text)));
}

}  // namespace

VersionRun run_on_version(Version version, const Words& arguments,
                          const std::string& vm_options,
                          const SignalFd& signals, bool verbose) {
  const std::string name(to_string(version));
  Words words{"cglab"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  words.insert(words.end(), {"--cgroup", name, "--quiet"});
  const Words run(words.begin() + 1, words.end());
  words.insert(words.end(), {"--json", "-"});
  const auto search = cgroupfs::find_controller("memory");
  if (version == Version::v1 ? search.v1 : search.v2) {
    say(verbose, fmt::format("cgroup {}, on this host", name));
    Finished native = finish(start_captured("/proc/self/exe", words), signals);
    if (native.code != exit_unavailable) {
      return read_run(name, std::move(native));
    }
    say(verbose,
        fmt::format("not possible on this host: {}", native.complaint));
  }
  say(verbose, fmt::format("cgroup {}, in the disposable VM", name));
  return read_run(
      name + " (emulated)",
      finish(start_captured(find_vm(), recording_vm_words(
                                           run, fmt::format(" --cgroup {}{}",
                                                            name, vm_options))),
             signals));
}

}  // namespace lab
