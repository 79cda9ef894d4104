// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "cgroupfs/bytes.h"
#include "cgroupfs/cgroup.h"
#include "cgroupfs/interface_files.h"
#include "cgroupfs/pressure.h"
#include "cgroupfs/text.h"

namespace cgroupfs {

/// memory.events or memory.events.local of cgroup v2. A counter that this
/// kernel does not have is absent.
struct MemoryEvents {
  std::optional<std::uint64_t> low;
  std::optional<std::uint64_t> high;
  std::optional<std::uint64_t> max;  ///< a charge hit the limit, reclaim began
  std::optional<std::uint64_t> oom;  ///< counted where the limit was hit
  std::optional<std::uint64_t> oom_kill;  ///< counted where the victim was
  std::optional<std::uint64_t> oom_group_kill;

  bool operator==(const MemoryEvents&) const = default;
};

/// memory.oom_control of cgroup v1. Not hierarchical.
struct OomControl {
  bool oom_kill_disable = false;
  bool under_oom = false;                 ///< tasks are waiting for memory
  std::optional<std::uint64_t> oom_kill;  ///< since Linux ~4.13

  bool operator==(const OomControl&) const = default;
};

/// Parses memory.events text; unknown keys are ignored. Throws ParseError.
MemoryEvents parse_memory_events(std::string_view text);
/// Parses memory.oom_control text. Throws ParseError.
OomControl parse_oom_control(std::string_view text);

/// The memory controller of one cgroup. A file that its version or kernel lacks
/// reads as nullopt, and why_absent() says why; nothing is emulated. All
/// failures throw FileError (naming file and value; ENODEV when the cgroup, or
/// its controller, is gone) or ParseError.
class Memory {
 public:
  /// The files of a v2 cgroup exist only if its parent enables `memory` in
  /// cgroup.subtree_control. Throws NotSupported when `group` has no memory
  /// controller.
  static Memory open(const Cgroup& group);

  Version version() const noexcept { return group_.version(); }
  /// Whether this kernel has `file`, and it is not disabled (PSI).
  bool has(File file) const;
  /// Why it does not have it, as one clause.
  std::string why_absent(File file) const;

  /// A limit; v1's page-rounded LONG_MAX is max.
  std::optional<Limit> limit(File file) const;
  std::optional<Bytes> bytes(File file) const;
  /// A number or a flag. memory_failcnt counts failed charges, many for one
  /// OOM; with equal limits of memory and of memory plus swap it stays 0,
  /// because the kernel charges memsw first. memory_memsw_failcnt stays 0 on
  /// newer kernels (6.18; 6.1 counts): 0 proves nothing. memory_swappiness is 0
  /// to 200 (100 on old kernels).
  std::optional<std::uint64_t> number(File file) const;
  /// Writes a limit, which the kernel rounds down to a page: read it back. With
  /// memory_max below the usage v1 returns EBUSY and keeps the old limit; v2
  /// reclaims, then kills. memory_memsw_max has to stay at or above memory_max
  /// (EINVAL): raise it first and lower it last. Throws NotSupported for a file
  /// that is absent.
  void set(File file, Limit limit) const;
  /// Writes a number, a flag, or the number of bytes to reclaim (EAGAIN: fewer
  /// were reclaimed). 1 in memory_oom_control disables the OOM killer: a
  /// faulting task then sleeps, so write 0 before teardown. Throws as the other
  /// set().
  void set(File file, std::uint64_t number) const;

  /// Charged bytes now: memory_current. One pread on an open descriptor.
  /// Charges are batched: it moves in steps of 64 pages per CPU.
  Bytes usage() const;
  /// The descriptor that usage() reads, for many samples in one loop.
  int usage_fd() const noexcept { return usage_.get(); }
  /// Swapped bytes, this cgroup and its descendants: Key::swap.
  std::optional<Bytes> swap_usage() const;
  /// memory.stat; may lag usage() by up to 2 s.
  FlatKeyed stat() const;
  /// The value of `key` in `stat`; nullopt also for a key of another file.
  std::optional<std::uint64_t> find(const FlatKeyed& stat, Key key) const;
  /// memory_events, of this cgroup and its descendants, or memory_events_local.
  std::optional<MemoryEvents> events(File file = File::memory_events) const;
  /// OOM kills of processes of this cgroup and its descendants: `oom_kill` of
  /// memory.events (v2), the sum of memory.oom_control over the subtree (v1).
  std::optional<std::uint64_t> oom_kills() const;
  /// v1: memory.oom_control.
  std::optional<OomControl> oom_control() const;
  /// memory.pressure; nullopt also where PSI is disabled.
  std::optional<Pressure> pressure() const;

 private:
  Memory(Cgroup group, UniqueFd usage) noexcept;
  std::optional<std::string> read(File file) const;

  Cgroup group_;  ///< borrowed
  UniqueFd usage_;
};

}  // namespace cgroupfs
