// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cgroupfs/unique_fd.h"
#include "lab/os/child.h"
#include "lab/os/timer_fd.h"
#include "lab/record/record.h"
#include "lab/run/run_cgroups.h"

namespace lab {

/// Keeps the ledger of a run: reads which processes are in its cgroups, holds
/// each by a pidfd, and finds out how it ended and which OOM kills it outlived.
/// A lone child costs one read of cgroup.procs a reading.
class LedgerKeeper {
 public:
  /// Borrows both. `target`, which may be the top cgroup of `cgroups`, is the
  /// one that the main process is in.
  LedgerKeeper(const RunCgroups& cgroups, const cgroupfs::Cgroup& target,
               Ledger& ledger);

  /// `child` is in one of the cgroups now. For processes that this run starts.
  void add(const Child& child);
  /// The verdict will be on `child`, which was added. A lone hog, which has no
  /// threads, is not described before its end.
  void set_main(const Child& child, bool is_command) {
    main_ = &child;
    main_is_command_ = is_command;
  }

  /// Readable when the next reading is due: every 100 ms, however seldom the
  /// samples are. For on_timer().
  int fd() const noexcept { return timer_.fd(); }
  /// sample(), and notes which processes have outlived which kills.
  void on_timer();
  /// read(), unless the last one was less than 10 ms ago: it takes ten times as
  /// long as a sample of the usage.
  void sample();
  /// Reads cgroup.procs; where the main process is not in it though alive,
  /// /proc/PID/cgroup says where it is.
  void read() { read(Reading::whole); }
  /// Of the main process when it has ended and was not reaped: what a zombie
  /// still says.
  void read_zombie();
  /// A child of this process was reaped.
  void note_reaped(pid_t pid, const std::optional<int>& exit_code,
                   const std::optional<int>& signal);
  /// Takes the ends that are known by now.
  void finish();

 private:
  struct Held {
    cgroupfs::UniqueFd pidfd;  ///< empty: a child's, or it could not be opened
    std::int64_t described_ns = 0;
  };
  /// `due`: only what was not described for a while is described again.
  enum class Reading { whole, due };

  void read(Reading reading);
  std::optional<std::size_t> see(pid_t pid, std::int64_t now_ns);
  void describe(std::size_t index, std::int64_t now_ns);
  void describe_all(const std::vector<pid_t>& pids, Reading reading,
                    std::int64_t now_ns);
  void take_ends();
  void note_outlived();
  void look_for_main();

  const RunCgroups& cgroups_;
  const cgroupfs::Cgroup& target_;
  std::string name_;  ///< of the top cgroup, "/..."
  Ledger& ledger_;
  const Child* main_ = nullptr;
  bool main_is_command_ = false;
  std::vector<Held> held_;  ///< one for each of the ledger's processes
  std::size_t pidfds_ = 0;  ///< that are open
  std::unordered_map<pid_t, std::size_t> alive_;  ///< where each of them is
  std::vector<std::size_t> ended_;  ///< whose end may still become known
  TimerFd timer_;
  std::int64_t last_ns_ = 0;
  std::int64_t most_kills_ns_ = 0;  ///< when so many were read first
  /// Of the children that the main process had waited for when it last outlived
  /// a kill.
  std::uint64_t faults_of_children_ = 0;
};

}  // namespace lab
