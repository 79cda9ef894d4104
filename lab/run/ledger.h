// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "cgroupfs/unique_fd.h"
#include "lab/os/child.h"
#include "lab/os/proc_stat.h"
#include "lab/os/timer_fd.h"
#include "lab/place/placement.h"
#include "lab/record/record.h"
#include "lab/run/run_cgroups.h"

namespace lab {

/// Keeps the ledger of a run: reads which processes are in its cgroups, holds a
/// pidfd of each, and determines how it ended and which OOM kills it survived.
/// A single child costs one read of cgroup.procs per reading.
class LedgerKeeper {
 public:
  /// Borrows all arguments. `target`, which may be the top cgroup of `cgroups`,
  /// is the one that contains the main process. If another program has moved
  /// this process in, it moves out again, to its place in `placement`.
  LedgerKeeper(const RunCgroups& cgroups, const cgroupfs::Cgroup& target,
               const Placement& placement, Ledger& ledger);

  /// Adds `child`, which this run has started in one of the cgroups.
  void add(const Child& child);
  /// The verdict will be on `child`, which was added and has not run yet. A
  /// single hog, which has no threads, is not described before its end.
  void set_main(const Child& child, bool is_command);

  /// Readable when the next reading is due: every 100 ms, independent of the
  /// sampling interval. For on_timer().
  int fd() const noexcept { return timer_.fd(); }
  /// As sample(), and records which processes have survived which kills.
  void on_timer();
  /// As read(), unless the last one was less than 10 ms ago: it takes ten times
  /// as long as a sample of the usage.
  void sample();
  /// Reads cgroup.procs; if the main process is alive but not in it, finds it
  /// through /proc/PID/cgroup.
  void read() { read(Reading::whole); }
  /// Reads from /proc the remaining values of the main process, which has ended
  /// and was not reaped.
  void read_zombie();
  /// A child of this process was reaped.
  void note_reaped(pid_t pid, const std::optional<int>& exit_code,
                   const std::optional<int>& signal);
  /// Collects the exit statuses and survived kills that are known so far.
  void finish();
  /// The kernel log has the OOM kill of the process with this pid.
  void note_logged_kill(pid_t pid);
  /// Finds out which of the live processes the OOM killer spares.
  void read_protection();
  /// Since the last reading everything inside was being killed: no new process
  /// was missed.
  void skip_gap() noexcept { last_ns_ = monotonic_ns(); }
  /// Before finish(): waits until the live processes are known to have survived
  /// the kills so far, which takes 200 ms.
  void await_outlived();

  /// OOM kills counted in all of the run's cgroups; nullopt, and an incomplete
  /// ledger, where one of them is not readable.
  std::optional<std::uint64_t> kills();
  /// The same for kills that may have hit the main process: on v1, where each
  /// cgroup counts its own kills, only those of its own cgroup, whose count
  /// does not fall.
  std::optional<std::uint64_t> kills_around_main();

 private:
  struct Held {
    cgroupfs::UniqueFd pidfd;  ///< empty: a child, or it could not be opened
    std::int64_t described_ns = 0;
    std::int64_t looked_ns =
        0;  ///< of the last search for the cgroup to which it moved
  };
  /// `due`: describes only processes that were not described for a while.
  enum class Reading { whole, due };

  void read(Reading reading);
  std::optional<std::size_t> see(pid_t pid, std::int64_t now_ns);
  void describe(std::size_t index, std::int64_t now_ns);
  void describe_all(const std::vector<pid_t>& pids, Reading reading,
                    std::int64_t now_ns);
  void take_ends();
  void describe_main(const ProcStat& stat, std::int64_t now_ns);
  void note_other(Member& member, const ProcStat& stat,
                  std::optional<bool> same, std::int64_t now_ns);
  void note_outlived();
  void note_group_kills();
  void look_for_main();
  bool is_same(std::size_t index) const;
  bool is_inside(const std::string& path) const;
  std::optional<std::string> cgroup_outside(pid_t pid) const;
  Member& main_member() { return ledger_.processes.front(); }
  void look_for_others(const std::vector<pid_t>& pids, std::int64_t now_ns);
  static void note_protection(Member& member);
  void note_origin(Member& member, const ProcStat& stat);
  bool descends_from_elsewhere(pid_t pid, std::uint64_t started);

  const std::size_t most_pidfds_;
  const RunCgroups& cgroups_;
  const cgroupfs::Cgroup& target_;
  const Placement& placement_;
  std::string name_;  ///< of the top cgroup, "/..."
  Ledger& ledger_;
  const Child* main_ = nullptr;
  bool main_is_command_ = false;
  bool main_reaped_ = false;
  std::optional<pid_t> reaper_;  ///< of orphans; 0: not known
  std::vector<Held> held_;       ///< one for each of the ledger's processes
  std::size_t pidfds_ = 0;       ///< open ones
  std::unordered_map<pid_t, std::size_t> alive_;  ///< index of each
  std::vector<std::size_t> ended_;  ///< whose end may still become known
  TimerFd timer_;
  std::int64_t changed_ns_ = 0;  ///< of the top cgroup, when it had no children
  std::int64_t last_ns_ = 0;
  std::int64_t next_ns_ = 0;
  std::uint64_t counted_ = 0;    ///< kills that may have hit the main process
  std::int64_t counted_ns_ = 0;  ///< when this number was first counted
  std::int64_t before_count_ns_ = 0;  ///< just before that reading
  std::int64_t outlived_ns_ = 0;      ///< kills before that were survived
  std::int64_t missed_ns_ = 0;  ///< when a child may last have been missed
  /// Page faults of the children that the main process had waited for at these
  /// times.
  std::uint64_t faults_when_counted_ = 0;
  std::uint64_t faults_when_outlived_ = 0;
};

}  // namespace lab
