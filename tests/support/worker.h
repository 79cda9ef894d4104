// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <sys/types.h>

#include "cgroupfs/bytes.h"
#include "cgroupfs/cgroup.h"
#include "cgroupfs/unique_fd.h"

namespace test_support {

/// A child process that allocates memory and forks as it is told. It dies with
/// the test (PR_SET_PDEATHSIG) and is the OOM killer's first choice. Failures
/// of the harness itself throw std::system_error.
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
  /// Kills and reaps what was not reaped.
  ~Worker();

  pid_t pid() const noexcept { return pid_; }

  /// Maps `amount` and writes to each of its 4 KiB pages, no huge pages.
  Answer touch(cgroupfs::Bytes amount);
  /// The same without waiting for answer().
  void order_touch(cgroupfs::Bytes amount);
  /// Fills the page cache: writes `amount` to a file without a name in the
  /// temporary folder and keeps it open.
  Answer fill_cache(cgroupfs::Bytes amount);
  /// Starts `count` chains of processes, in which each one forks the next after
  /// a millisecond and exits. A chain ends by itself after 20 s.
  Answer start_chains(unsigned count);
  /// Ends with `status`; reap() then.
  void order_exit(int status);

  /// Waits for the answer to the last order.
  Answer answer();
  /// Whether an answer has come, without waiting.
  bool has_answered() const;
  /// SIGKILL, by hand.
  void kill() const;
  /// The state letter of /proc/PID/stat: 'S' sleeping, 'D' not interruptible.
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

/// Whether wait status `status` says: ended by SIGKILL.
bool killed_by_sigkill(int status) noexcept;

}  // namespace test_support
