// SPDX-License-Identifier: MIT
#include "lab/run/tree_end.h"

#include <fcntl.h>
#include <poll.h>

#include <chrono>

namespace lab {
namespace {

/// From a signal that was passed on to the end by force.
constexpr std::chrono::seconds grace_period(5);
/// Who signals a process and then its whole group, as timeout(1) does, means
/// one signal.
constexpr std::chrono::milliseconds same_signal(200);

}  // namespace

TreeEnd::TreeEnd(const Child& child, const cgroupfs::Cgroup& group,
                 Follower& follower, RunRecord& record)
    : child_(child), group_(group), follower_(follower), record_(record) {
  follower_.handle_signals([this](const Signal& signal) { on_signal(signal); });
  follower_.watch(grace_.fd(), POLLIN, [this] {
    grace_.drain();
    kill_all("grace period");
  });
}

bool TreeEnd::command_ended() const noexcept {
  return follower_.child_exited() || record_.evidence.deadline_passed;
}

void TreeEnd::follow_stragglers() {
  reaped_ = true;
  follower_.read_members();
  empty_ = !group_.populated();
  const char* const events = name_of(cgroupfs::File::cgroup_events);
  // v2 notifies; on v1 each sample looks.
  if (!empty_ && group_.has(cgroupfs::File::cgroup_events)) {
    events_ = group_.directory().open_file(events, O_RDONLY);
    follower_.watch(events_.get(), POLLPRI, [this, events] {
      // Only a read of this very descriptor makes the next wait a wait.
      cgroupfs::read_all(events_.get(), events);
      empty_ = !group_.populated();
    });
  }
  follower_.follow_on_until([this] {
    if (record_.evidence.deadline_passed) return true;
    if (!events_) empty_ = !group_.populated();
    return empty_;
  });
  if (record_.evidence.deadline_passed) kill_all("deadline");
  follower_.add_event(EventKind::all_ended,
                      events_ ? events : name_of(cgroupfs::File::cgroup_procs));
}

void TreeEnd::kill_all(const std::string& because) {
  const bool command_lives = !reaped_ && !child_.has_ended();
  if (!command_lives && !group_.populated()) return;
  follower_.add_event(EventKind::all_killed, because);
  // It may have left the cgroup.
  child_.kill();
  group_.kill();
  empty_ = true;
}

bool TreeEnd::is_repetition() const noexcept {
  return forwarded_ns_ &&
         nanoseconds(monotonic_ns() - *forwarded_ns_) < same_signal;
}

void TreeEnd::on_signal(const Signal& signal) {
  const bool only_stragglers = reaped_ || follower_.child_exited();
  // It has reached the command already, which decides what becomes of it.
  if (signal.from_kernel && !only_stragglers) return;
  if (is_repetition()) return;
  const bool first = !record_.evidence.interrupted_by;
  if (first) record_.evidence.interrupted_by = signal.number;
  if (first)
    follower_.add_event(EventKind::interrupted, signal_name(signal.number));
  if (first && !only_stragglers) {
    forward(signal);
  } else {
    kill_all(signal_name(signal.number));
  }
}

void TreeEnd::forward(const Signal& signal) {
  forwarded_ns_ = monotonic_ns();
  child_.send(signal.number);
  follower_.add_event(EventKind::signal_forwarded, signal_name(signal.number));
  grace_.once(grace_period);
}

}  // namespace lab
