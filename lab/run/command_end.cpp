// SPDX-License-Identifier: MIT
#include "lab/run/command_end.h"

#include <fcntl.h>
#include <poll.h>

#include "cgroupfs/directory.h"

namespace lab {
namespace {

/// From a signal that was passed on to the end by force.
constexpr std::chrono::seconds grace_period(5);
/// Who signals a process and then its whole group, as timeout(1) does, means
/// one signal.
constexpr std::chrono::milliseconds same_signal(200);

/// How often v1 is asked whether the cgroup is empty.
constexpr std::chrono::milliseconds look_interval(10);

}  // namespace

CommandEnd::CommandEnd(RunProcess& command, const cgroupfs::Cgroup& cgroup,
                       Follower& follower, RunRecord& record)
    : command_(command), cgroup_(cgroup), follower_(follower), record_(record) {
  follower_.handle_signals([this](const Signal& signal) { on_signal(signal); });
  follower_.watch(grace_.fd(), POLLIN, [this] {
    grace_.drain();
    kill_all("grace period");
  });
}

bool CommandEnd::command_ended() const noexcept {
  return command_.ended() || record_.evidence.deadline_passed;
}

void CommandEnd::reap() {
  follower_.reap_ended();
  if (command_.ended()) return;
  kill_all("deadline");
  follower_.end(command_);
}

void CommandEnd::follow_stragglers() {
  follower_.read_ledger();
  empty_ = !cgroup_.populated();
  const char* const events = name_of(cgroupfs::File::cgroup_events);
  // v2 notifies.
  if (!empty_ && cgroup_.has(cgroupfs::File::cgroup_events)) {
    events_ = cgroup_.directory().open_file(events, O_RDONLY);
    follower_.watch(events_.get(), POLLPRI, [this, events] {
      // Only a read of this very descriptor makes the next wait a wait.
      cgroupfs::read_all(events_.get(), events);
      empty_ = !cgroup_.populated();
    });
  }
  if (!empty_ && !events_) {
    looks_.every(look_interval);
    follower_.watch(looks_.fd(), POLLIN, [this] {
      looks_.drain();
      empty_ = !cgroup_.populated();
    });
  }
  follower_.follow_until(
      [this] { return empty_ || record_.evidence.deadline_passed; });
  if (record_.evidence.deadline_passed) kill_all("deadline");
  follower_.note(EventKind::all_ended, "",
                 events_ ? events : name_of(cgroupfs::File::cgroup_procs));
}

void CommandEnd::kill_all(const std::string& because) {
  follower_.reap_ended();
  const bool command_lives = !command_.ended();
  if (!command_lives && !cgroup_.populated()) return;
  follower_.note(EventKind::all_killed, "", because);
  // It may have left the cgroup.
  command_.kill();
  cgroup_.kill();
  empty_ = true;
}

bool CommandEnd::is_repetition() const noexcept {
  return forwarded_ns_ &&
         nanoseconds(monotonic_ns() - *forwarded_ns_) < same_signal;
}

void CommandEnd::on_signal(const Signal& signal) {
  const bool only_stragglers = command_.ended();
  // It has reached the command already, which decides what becomes of it.
  if (signal.from_kernel && !only_stragglers) return;
  if (is_repetition()) return;
  const bool first = !record_.evidence.interrupted_by;
  if (first) record_.evidence.interrupted_by = signal.number;
  if (first)
    follower_.note(EventKind::interrupted, "", signal_name(signal.number));
  if (first && !only_stragglers) {
    forward(signal);
  } else {
    kill_all(signal_name(signal.number));
  }
}

void CommandEnd::forward(const Signal& signal) {
  forwarded_ns_ = monotonic_ns();
  command_.child().send(signal.number);
  follower_.note(EventKind::signal_forwarded, "", signal_name(signal.number));
  grace_.once(grace_period);
}

}  // namespace lab
