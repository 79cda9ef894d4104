// SPDX-License-Identifier: MIT
#include "lab/run/command_end.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>

#include <thread>

#include "cgroupfs/directory.h"
#include "lab/base/exit_code.h"
#include "lab/place/held.h"

namespace lab {
namespace {

/// From a forwarded signal to SIGKILL.
constexpr std::chrono::seconds grace_period(5);
/// A program that signals a process and then its whole group, like timeout(1),
/// means one signal.
constexpr std::chrono::milliseconds same_signal(200);

/// How long a signal to a process group may take from one process to another.
constexpr std::chrono::milliseconds same_signal_delay(20);
/// The delay before the observer is notified.
constexpr std::chrono::seconds notice_delay(1);

/// The interval between checks on v1 whether the cgroup is empty.
constexpr std::chrono::milliseconds empty_check_interval(10);

}  // namespace

CommandEnd::CommandEnd(RunProcess& command, const RunCgroups& cgroups,
                       Follower& follower, RunRecord& record)
    : command_(command),
      cgroups_(cgroups),
      follower_(follower),
      record_(record) {
  follower_.handle_signals([this](const Signal& signal) { on_signal(signal); });
  follower_.watch(grace_.fd(), POLLIN, [this] {
    grace_.drain();
    kill_all("grace period");
  });
}

bool CommandEnd::command_ended() const noexcept {
  return command_.ended() || record_.evidence.deadline_passed || killed_;
}

void CommandEnd::reap() {
  follower_.reap_ended();
  if (!command_.ended()) {
    if (!killed_) kill_all("--timeout");
    follower_.end(command_);
  }
  note_common_signal();
}

/// A signal that was sent to this process and the command together: it may have
/// ended the command before this process received it.
void CommandEnd::note_common_signal() {
  const ProcessRecord& command = command_.record();
  const auto is_one = [](int number) {
    return number == SIGINT || number == SIGTERM || number == SIGHUP ||
           number == SIGQUIT;
  };
  const int shell_status = command.exit_code.value_or(0) - exit_signal_base;
  const int ended_by = command.signal.value_or(shell_status);
  if (!is_one(ended_by) || record_.evidence.interrupted_by) return;
  if (terminal_signal_ != ended_by) {
    std::this_thread::sleep_for(same_signal_delay);
    return follower_.take_signals();
  }
  record_.evidence.interrupted_by = ended_by;
  follower_.note(EventKind::interrupted, "", signal_name(ended_by));
}

void CommandEnd::follow_stragglers() {
  follower_.read_ledger();
  // Processes that could not be killed are not waited for.
  empty_ = killed_ || !cgroups_.populated();
  if (!empty_ && record_.plan.no_wait) kill_all("--no-wait");
  const char* const events = name_of(cgroupfs::File::cgroup_events);
  // v2 notifies.
  if (!empty_ && cgroups_.first().cgroup.has(cgroupfs::File::cgroup_events)) {
    events_ = cgroups_.first().cgroup.directory().open_file(events, O_RDONLY);
    follower_.watch(events_.get(), POLLPRI, [this] {
      // Without a read of this descriptor the next wait would return at once. A
      // cgroup that is gone cannot be read, and is empty.
      std::string text;
      if (cgroupfs::read_to_end(events_.get(), text) != 0) {
        follower_.unwatch(events_.get());
      }
      empty_ = !cgroups_.populated();
    });
  }
  // v1, or the pids limit is on v1.
  if (!empty_ && (!events_ || cgroups_.has_own_pids())) {
    looks_.every(empty_check_interval);
    follower_.watch(looks_.fd(), POLLIN, [this] {
      looks_.drain();
      empty_ = !cgroups_.populated();
    });
  }
  if (!empty_) {
    waiting_.once(notice_delay);
    follower_.watch(waiting_.fd(), POLLIN, [this] {
      waiting_.drain();
      if (!empty_) follower_.notify_waiting(std::nullopt);
    });
  }
  follower_.follow_until(
      [this] { return empty_ || record_.evidence.deadline_passed; });
  if (record_.evidence.deadline_passed) kill_all("--timeout");
  follower_.note(EventKind::all_ended, "",
                 events_ ? events : name_of(cgroupfs::File::cgroup_procs));
}

void CommandEnd::kill_all(const std::string& because) {
  follower_.reap_ended();
  const bool command_lives = !command_.ended();
  if (!command_lives && !cgroups_.populated()) return;
  follower_.note(EventKind::all_killed, "", because);
  killed_ = true;
  // It may have left the cgroup.
  command_.kill();
  follower_.kill_inside();
  empty_ = true;
}

bool CommandEnd::is_repetition(int number) const noexcept {
  return record_.evidence.interrupted_by == number && forwarded_ns_ &&
         nanoseconds(monotonic_ns() - *forwarded_ns_) < same_signal;
}

void CommandEnd::on_signal(const Signal& signal) {
  // A process that its tracer has not reaped has ended.
  const bool only_stragglers = command_.child().has_ended();
  if (is_user_defined(signal.number)) {
    // The command defines its meaning; after its end it has none.
    if (!only_stragglers) pass_on(signal.number);
    return;
  }
  // It has already reached the command, which handles it.
  const bool is_frozen = !only_stragglers && follower_.is_frozen(command_);
  if (signal.from_terminal && !only_stragglers && !is_frozen) {
    follower_.note_before_end();
    terminal_signal_ = signal.number;
    return;
  }
  if (is_repetition(signal.number)) return;
  const bool first = !record_.evidence.interrupted_by;
  if (first && !only_stragglers) follower_.note_before_end();
  if (first) record_.evidence.interrupted_by = signal.number;
  if (first) {
    follower_.note(EventKind::interrupted, "", signal_name(signal.number));
  }
  if (first && !only_stragglers && !is_frozen && pass_on(signal.number)) {
    forwarded_ns_ = monotonic_ns();
    grace_.once(grace_period);
  } else {
    kill_all(signal_name(signal.number));
  }
}

bool CommandEnd::pass_on(int number) {
  if (!command_.child().send(number)) return false;
  follower_.note(EventKind::signal_forwarded, "", signal_name(number));
  return true;
}

}  // namespace lab
