// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <sys/types.h>

#include "cgroupfs/bytes.h"
#include "cgroupfs/cgroup.h"
#include "cgroupfs/unique_fd.h"

namespace test_support {

/// A child process that allocates memory and forks on request. It dies with the
/// test (PR_SET_PDEATHSIG) and is the preferred victim of the OOM killer.
/// Failures of the harness itself throw std::system_error.
class Worker {
 public:
  enum class Answer {
    done,  ///< the order was carried out
    died,  ///< the process ended first
    late,  ///< neither within `wait_timeout`
  };

  /// In the cgroup of the test itself.
  static Worker start();
  /// In `group`, before its first order.
  static Worker start_in(const cgroupfs::Cgroup& group);

  Worker(Worker&& other) noexcept;
  Worker& operator=(Worker&&) = delete;
  /// Kills and reaps the process, if it was not reaped.
  ~Worker();

  pid_t pid() const noexcept { return pid_; }

  /// Maps `amount` and writes to each of its 4 KiB pages, without huge pages.
  Answer touch(cgroupfs::Bytes amount);
  /// The same without waiting for answer().
  void order_touch(cgroupfs::Bytes amount);
  /// Fills the page cache: writes `amount` to an unnamed file in the temporary
  /// folder and keeps it open.
  Answer fill_cache(cgroupfs::Bytes amount);
  /// Starts `count` chains of processes, in which each one forks the next after
  /// a millisecond and exits. A chain ends by itself after 20 s.
  Answer start_chains(unsigned count);
  /// Exits with `status`; call reap() afterwards.
  void order_exit(int status);

  /// Waits for the answer to the last order.
  Answer answer();
  /// Whether an answer has arrived, without waiting.
  bool has_answered() const;
  /// Sends SIGKILL.
  void kill() const;
  /// The state letter of /proc/PID/stat: 'S' sleeping, 'D' uninterruptible.
  char state() const;
  /// Waits for the end and returns the wait status.
  int reap();

 private:
  Worker(pid_t pid, cgroupfs::UniqueFd pidfd,
         cgroupfs::UniqueFd channel) noexcept;
  void send(char kind, std::uint64_t amount) const;

  pid_t pid_;  ///< 0 when reaped or moved from
  cgroupfs::UniqueFd pidfd_;
  cgroupfs::UniqueFd channel_;
};

/// Whether wait status `status` means: killed by SIGKILL.
bool killed_by_sigkill(int status) noexcept;

}  // namespace test_support
