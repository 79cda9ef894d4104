// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cgroupfs/unique_fd.h"
#include "lab/place/kernel_name.h"
#include "lab/record/record.h"

namespace lab {

/// Finds the kernel's reports of OOM kills in text of /dev/kmsg records
/// (Documentation/ABI/testing/dev-kmsg), which may arrive piece by piece. The
/// parts of a report are those of mm/oom_kill.c: "memory: usage ..., limit
/// ...", "oom-kill:constraint=...", and "Memory cgroup out of memory: Killed
/// process PID (NAME) ...". All but the last are rate-limited: without them a
/// victim has neither constraint nor memcgs. Only records of the kernel's own
/// facility count, and only if they begin with such a part. Where the leader of
/// a process has exited, the pid in the last part is that of a thread
/// (find_lock_task_mm()).
class VictimReader {
 public:
  /// The victims whose report ends in `records`, which are complete, in their
  /// order. The parts of an unfinished report are kept for the next call. All
  /// tasks of a group that is killed together (memory.oom.group) are victims;
  /// those without a constraint have the group as task_memcg.
  std::vector<Victim> read(std::string_view records);
  /// The first victims of groups that were killed, and counted, again with the
  /// others, since the last call. The kernel does so unless they have exited
  /// meanwhile. In read() they are once.
  std::vector<Victim> take_repeated() noexcept {
    return std::exchange(repeated_, {});
  }

 private:
  void forget();
  std::optional<Victim> read_message(std::string_view message,
                                     std::uint64_t time_us);
  std::optional<Victim> take_begun();
  std::optional<Victim> conclude(Victim victim);

  std::optional<Bytes> limit_;  ///< of the current report
  std::string begun_;           ///< a message with cgroup names, before a kill
  Victim leader_;  ///< the last one that was single or the first of a group
  pid_t leader_pid_ = 0;       ///< as in its line
  std::uint64_t last_us_ = 0;  ///< of the last kill
  std::optional<std::string>
      group_;  ///< that is killed together with the leader
  std::vector<Victim> repeated_;
};

/// The OOM kills in a part of the kernel log.
struct FoundKills {
  std::vector<Victim> inside;
  /// Those of processes that the run does not know, without the full name of
  /// their cgroup.
  std::vector<Victim> unplaced;
  std::vector<pid_t> later;  ///< only victims from `reaped_at` on
};

/// Pids of the initial PID namespace.
struct KnownPids {
  std::vector<pid_t> started;  ///< by the run
  std::vector<pid_t> seen;     ///< inside, and their threads
};

/// `inside` are the victims whose task_memcg is `group` or a descendant, those
/// that the run started, wherever they were, and those that were seen inside
/// and whose cgroup was not logged; all in the order of `kmsg`. From
/// `reaped_at` of `kmsg` on, where the main process had been reaped, known pids
/// may have been reused.
FoundKills find_kills(std::string_view kmsg, const KernelName& group,
                      const KnownPids& known,
                      std::size_t reaped_at = std::string_view::npos);

/// The kernel log.
class KernelLog {
 public:
  /// Which records are read: all that still exist, or only future ones.
  enum class From { beginning, now };

  /// Opens /dev/kmsg. Never throws: where it is forbidden (dmesg_restrict) the
  /// log is unreadable and absent_because() says why.
  explicit KernelLog(From from = From::now);

  /// Readable when something was logged; -1 when the log cannot be read.
  int fd() const noexcept { return fd_.get(); }
  bool readable() const noexcept { return static_cast<bool>(fd_); }
  /// Why the log cannot be read; empty when it can.
  const std::string& absent_because() const noexcept { return reason_; }
  /// Whether no record was lost: the log is readable, and none of its records
  /// was overwritten before it was collected. For a log that is read from the
  /// beginning: nothing was overwritten since boot.
  bool complete() const noexcept { return readable() && complete_; }
  /// Reads the records logged since it was opened or last read. Never blocks.
  void collect();
  /// The collected records of OOM kills, one per line.
  const std::string& text() const noexcept { return text_; }
  /// Moves out the collected records, so that a long watch stays small.
  std::string take() noexcept { return std::exchange(text_, {}); }

 private:
  void take_record(std::string_view record);

  From from_;
  cgroupfs::UniqueFd fd_;
  std::string reason_;
  std::string text_;
  bool complete_ = true;
};

}  // namespace lab
