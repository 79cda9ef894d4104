// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cgroupfs/bytes.h"
#include "cgroupfs/cgroup.h"
#include "cgroupfs/pressure.h"
#include "cgroupfs/text.h"

namespace cgroupfs {

/// memory.events or memory.events.local of cgroup v2. A count that this kernel
/// does not have is absent.
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
  bool under_oom = false;                 ///< tasks wait for memory right now
  std::optional<std::uint64_t> oom_kill;  ///< since Linux ~4.13

  bool operator==(const OomControl&) const = default;
};

/// Parses memory.events text; unknown keys are ignored. Throws ParseError.
MemoryEvents parse_memory_events(std::string_view text);
/// Parses memory.oom_control text. Throws ParseError.
OomControl parse_oom_control(std::string_view text);

/// What a memory controller may offer; each is one interface file.
enum class MemoryFeature {
  max,
  swap_max,
  memsw_max,
  high,
  low,
  min,
  soft_limit,
  oom_group,
  swappiness,
  usage,
  swap_usage,
  peak,
  stat,
  events,
  local_events,
  failcnt,
  memsw_failcnt,
  oom_kills,
  oom_control,
  reclaim,
  pressure,
};

/// "swap_max" and so on, for records and messages.
std::string_view to_string(MemoryFeature feature) noexcept;

/// Whether one feature is there, and where.
struct Capability {
  MemoryFeature feature = MemoryFeature::max;
  std::string file;  ///< interface file; empty when this version has none
  bool present = false;
  std::string reason;  ///< why not; empty when present
};

/// The memory controller of one cgroup. What its version or kernel lacks throws
/// NotSupported with the reason and changes nothing; nothing is emulated. All
/// other failures throw FileError (naming file and value) or ParseError.
/// Limits are rounded down to a page by the kernel: read back what was written.
/// Rests on Documentation/admin-guide/cgroup-v2.rst ("Memory Interface Files")
/// and Documentation/admin-guide/cgroup-v1/memory.rst.
class MemoryController {
 public:
  virtual ~MemoryController() = default;
  MemoryController(const MemoryController&) = delete;
  MemoryController& operator=(const MemoryController&) = delete;

  Version version() const noexcept { return version_; }
  /// Every feature in the order of MemoryFeature, probed now.
  virtual std::vector<Capability> capabilities() const = 0;

  /// Hard limit: memory.max (v2), memory.limit_in_bytes (v1). Below the usage
  /// v1 answers EBUSY and keeps the old limit, v2 reclaims, then kills.
  virtual void set_max(Limit limit) = 0;
  virtual Limit max() const = 0;

  /// v2: memory.swap.max, swap alone.
  virtual void set_swap_max(Limit limit);
  virtual Limit swap_max() const;
  /// v1: memory.memsw.limit_in_bytes, memory plus swap; must stay at or above
  /// the hard limit (EINVAL), so raise it first and lower it last.
  virtual void set_memsw_max(Limit limit);
  virtual Limit memsw_max() const;

  /// v2: memory.high, the throttling limit.
  virtual void set_high(Limit limit);
  virtual Limit high() const;
  /// v2: memory.low, best-effort protection.
  virtual void set_low(Limit limit);
  virtual Limit low() const;
  /// v2: memory.min, hard protection.
  virtual void set_min(Limit limit);
  virtual Limit min() const;
  /// v1: memory.soft_limit_in_bytes.
  virtual void set_soft_limit(Limit limit);
  virtual Limit soft_limit() const;

  /// v2: memory.oom.group, all die together.
  virtual void set_oom_group(bool together);
  virtual bool oom_group() const;
  /// v1: memory.swappiness, 0 to 200 (100 on old kernels).
  virtual void set_swappiness(unsigned value);
  virtual unsigned swappiness() const;

  /// Charged bytes now: memory.current (v2), memory.usage_in_bytes (v1). One
  /// pread on a kept descriptor. Moves in batches of 64 pages a CPU.
  virtual Bytes usage() const = 0;
  /// The descriptor that usage() reads, for many samples in one loop.
  virtual int usage_fd() const = 0;
  /// Swapped bytes, this cgroup and all below it: memory.swap.current (v2),
  /// `total_swap` of memory.stat (v1).
  virtual Bytes swap_usage() const = 0;
  /// Highest usage so far: memory.peak (v2, since ~5.19),
  /// memory.max_usage_in_bytes (v1).
  virtual Bytes peak() const = 0;
  /// memory.stat; may lag up to 2 s behind usage().
  virtual FlatKeyed stat() const = 0;

  /// v2: memory.events, this cgroup and all below it.
  virtual MemoryEvents events() const;
  /// v2: memory.events.local, this cgroup alone.
  virtual MemoryEvents local_events() const;
  /// v1: memory.failcnt, failed charges (many for one OOM).
  virtual std::uint64_t failcnt() const;
  /// v1: memory.memsw.failcnt, the same for memory plus swap. With both limits
  /// equal failcnt() stays 0, for the kernel charges memsw first; and this one
  /// stays 0 on newer kernels (6.18; 6.1 counts), so that 0 proves nothing.
  virtual std::uint64_t memsw_failcnt() const;
  /// OOM kills of processes of this cgroup and all below it: `oom_kill` of
  /// memory.events (v2), the sum of memory.oom_control over the subtree (v1).
  virtual std::uint64_t oom_kills() const = 0;
  /// v1: memory.oom_control.
  virtual OomControl oom_control() const;
  /// v1: switches the OOM killer off (1) or on (0). While off a faulting task
  /// sleeps; always switch it on again before teardown.
  virtual void set_oom_kill_disable(bool disable);

  /// v2: memory.reclaim, asks the kernel to take back `bytes`. Throws FileError
  /// (EAGAIN) when it got less.
  virtual void reclaim(Bytes bytes);
  /// v2: memory.pressure. NotSupported also when PSI is switched off.
  virtual Pressure pressure() const;

 protected:
  explicit MemoryController(Version version) noexcept : version_(version) {}

 private:
  Version version_;
};

/// The controller of `group`, by its version. The files of a v2 cgroup exist
/// only if its parent delegates `memory` in cgroup.subtree_control. Throws
/// NotSupported when `group` has no memory controller.
std::unique_ptr<MemoryController> open_memory(const Cgroup& group);

}  // namespace cgroupfs
