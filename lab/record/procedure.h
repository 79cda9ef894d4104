// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cgroupfs/bytes.h"
#include "cgroupfs/hierarchy.h"
#include "cgroupfs/interface_files.h"
#include "lab/base/message.h"
#include "lab/base/units.h"

/// What a run does, as plain data: an experiment's file writes it down, the
/// engine carries it out, the judge compares what was read with the claims.
namespace lab {

/// A share of the run's --limit, so that one experiment fits every size.
struct Part {
  std::uint64_t numerator = 1;
  std::uint64_t denominator = 1;

  /// In whole pages, unless it is the limit itself; the largest number where it
  /// would be more than that.
  Bytes of(Bytes limit) const noexcept;

  bool operator==(const Part&) const = default;
};

/// The sum; the largest number where it would be more than that.
Bytes add_saturated(Bytes left, Bytes right) noexcept;

/// "max", as the kernel writes no limit.
struct Unlimited {
  bool operator==(const Unlimited&) const = default;
};

/// A share of the limit, no limit, or a plain number (of bytes or tasks, a
/// flag).
using Value = std::variant<Part, Unlimited, std::uint64_t>;

/// `value` as a number, where the run's limit is `limit`; what is no share is
/// independent of it.
Limit resolve(const Value& value, Limit limit);

/// In which runs an item of an experiment is there; nullopt: in both.
struct When {
  std::optional<bool> control;  ///< the cause is left out
  std::optional<cgroupfs::Version> version;
  /// As reads_share_a_page() has measured.
  std::optional<bool> reads_share_a_page;
};

/// `item` in the control run alone; in all others; on one version alone.
template <typename Item>
Item in_control(Item item) {
  item.when.control = true;
  return item;
}
template <typename Item>
Item unless_control(Item item) {
  item.when.control = false;
  return item;
}
template <typename Item>
Item on(cgroupfs::Version version, Item item) {
  item.when.version = version;
  return item;
}
/// `item` on kernels that do, or do not, map the shared zero page for what is
/// only read.
template <typename Item>
Item if_reads_share_a_page(bool share, Item item) {
  item.when.reads_share_a_page = share;
  return item;
}

/// A setting: what is written to an interface file. memory_swap_max is swap
/// alone; where the kernel limits memory and swap together (v1), the limit and
/// this are written to memory_memsw_max. memory_oom_control: 1 disables the OOM
/// killer.
struct Setting {
  cgroupfs::File file;
  Value value;
  When when = {};
};

/// A cgroup of the run. One that has others below it ("above" of "above/child")
/// holds no process. Without a swap limit of its own it has that of the plan.
struct CgroupSpec {
  std::string name;
  std::vector<Setting> settings = {};
};

/// What the memory of a process lies in.
enum class Backing {
  memory,  ///< as its kind says
  tmpfs,   ///< a nameless tmpfs file that the harness holds
  disk,  ///< a nameless file, or a scratch block device, that can be reclaimed
};

/// A process: the hog (malloc_demo) with these arguments, or any command.
struct ProcessSpec {
  std::string name;
  std::string cgroup;
  Value total = Part{};
  std::optional<Value> block = std::nullopt;  ///< nullopt: all at a time
  std::string memory = "anon";                ///< malloc_demo --memory
  std::string touch = "write";                ///< malloc_demo --touch
  nanoseconds ramp{0};  ///< in which it takes `total` at an even rate
  bool hold = true;     ///< keeps its memory until it is killed
  std::optional<int> oom_score_adj = std::nullopt;
  Backing backing = Backing::memory;
  unsigned children = 0;
  /// Waits for a step go_on() each time that this much is touched.
  std::vector<Value> pauses = {};
  /// The same, after so many of the blocks that the user may size: fit() makes
  /// pauses of them.
  std::vector<std::uint64_t> pauses_after_blocks = {};
  /// Program and arguments; empty: the hog.
  std::vector<std::string> command = {};
  When when = {};
};

/// One thing that the engine does. Made by the functions in namespace step.
struct Step {
  enum class Kind {
    start,
    settle,
    await_value,
    await_end,
    await_empty,
    rest,
    set,
    limit,
    move,
    go_on,
    mark,
    kill,
    reclaim,
    release_file,
    watch_usage,
    watch_pressure,
    predict,
  };
  Kind kind;
  std::string subject = {};  ///< process, cgroup or mark
  std::string other = {};    ///< cgroup that is moved to, key that is awaited
  std::optional<Setting> setting = std::nullopt;
  Part part = {};
  std::uint64_t number = 0;
  /// How long to wait at most, 0: as long as the run may take; of rest() the
  /// whole wait, of watch_pressure() the stall.
  std::chrono::milliseconds time{0};
  When when = {};
};

namespace step {

using std::chrono::milliseconds;

/// Starts `process` inside its cgroup and lets it go.
inline Step start(std::string process) {
  return {.kind = Step::Kind::start, .subject = std::move(process)};
}
/// Until `process` has ended, waits at its pause or holds all it wanted.
inline Step settle(std::string process) {
  return {.kind = Step::Kind::settle, .subject = std::move(process)};
}
/// Until `key` of `cgroup` is at least `number`, every process has ended or
/// `timeout` is over.
inline Step await_value(std::string cgroup, std::string key,
                        std::uint64_t number, milliseconds timeout) {
  return {.kind = Step::Kind::await_value,
          .subject = std::move(cgroup),
          .other = std::move(key),
          .number = number,
          .time = timeout};
}
/// Until `process` has ended or `timeout` is over: what kills it may take a
/// while.
inline Step await_end(std::string process, milliseconds timeout = {}) {
  return {.kind = Step::Kind::await_end,
          .subject = std::move(process),
          .time = timeout};
}
/// Until nothing is left in `cgroup`: what a command has started may outlive
/// it.
inline Step await_empty(std::string cgroup) {
  return {.kind = Step::Kind::await_empty, .subject = std::move(cgroup)};
}
inline Step rest(milliseconds time) {
  return {.kind = Step::Kind::rest, .time = time};
}
/// Writes an interface file; a refusal of the kernel is recorded and no error:
/// its errno is `refused` of the cgroup from then on.
inline Step set(std::string cgroup, cgroupfs::File file, Value value) {
  return {.kind = Step::Kind::set,
          .subject = std::move(cgroup),
          .setting = Setting{file, value}};
}
/// The same, with the swap limit that belongs to it; a refusal ends the run,
/// for a process must not go on without the limit.
inline Step limit(std::string cgroup, cgroupfs::File file, Value value) {
  return {.kind = Step::Kind::limit,
          .subject = std::move(cgroup),
          .setting = Setting{file, value}};
}
inline Step move(std::string process, std::string cgroup) {
  return {.kind = Step::Kind::move,
          .subject = std::move(process),
          .other = std::move(cgroup)};
}
/// Lets a process go on from its pause.
inline Step go_on(std::string process) {
  return {.kind = Step::Kind::go_on, .subject = std::move(process)};
}
/// Reads everything of every cgroup and process under the name `mark`. Where
/// claims are made, "before" and "after" are taken by themselves.
inline Step mark(std::string name) {
  return {.kind = Step::Kind::mark, .subject = std::move(name)};
}
/// cgroup.kill.
inline Step kill(std::string cgroup) {
  return {.kind = Step::Kind::kill, .subject = std::move(cgroup)};
}
/// memory.reclaim.
inline Step reclaim(std::string cgroup, Part part) {
  return {
      .kind = Step::Kind::reclaim, .subject = std::move(cgroup), .part = part};
}
/// Lets the tmpfs file of `process` go, as unlinking its last name would.
inline Step release_file(std::string process) {
  return {.kind = Step::Kind::release_file, .subject = std::move(process)};
}
/// v1: counts each crossing of `part` by the usage of `cgroup`: in `notified`,
/// and the n-th watch of the run in `notified_n`.
inline Step watch_usage(std::string cgroup, Part part) {
  return {.kind = Step::Kind::watch_usage,
          .subject = std::move(cgroup),
          .part = part};
}
/// v2: counts in `notified` each time that tasks of `cgroup` were stalled for
/// `stall` within a window of 2 s.
inline Step watch_pressure(std::string cgroup, milliseconds stall) {
  return {.kind = Step::Kind::watch_pressure,
          .subject = std::move(cgroup),
          .time = stall};
}
/// Notes in `predicted_ms` when the usage of `cgroup`, going on as it did so
/// far, will meet the limit.
inline Step predict(std::string cgroup) {
  return {.kind = Step::Kind::predict, .subject = std::move(cgroup)};
}

}  // namespace step

/// A number that was read: `key` of a cgroup or process at a mark.
struct Quantity {
  std::string subject;
  std::string key;
  std::string mark = "after";
};

enum class Relation {
  equals,
  at_least,
  at_most,
  rises,  ///< above its value at the mark "before"
  stays,  ///< equal to its value at the mark "before"
};

/// What has to be seen.
struct Claim {
  Message text;  ///< a clause that stands alone
  Quantity what;
  Relation relation;
  /// For the first three: a number, a share of the limit, or a share of another
  /// quantity.
  std::variant<std::uint64_t, Part, Quantity> operand = std::uint64_t{0};
  Part of_quantity{};
  /// Whether a kernel may lack the number without the claim failing.
  bool may_be_unknown = false;
  /// Whether it has to fail, by a number that was read, in the control run.
  bool decided_by_cause = false;
  When when = {};
};

/// `claim` as one that has to fail in the control run.
inline Claim decided_by_cause(Claim claim) {
  claim.decided_by_cause = true;
  return claim;
}

/// Stands for all cgroups of the run together: `oom_kills`.
inline constexpr char all_cgroups[] = "all cgroups";

/// No process was killed for want of memory, whatever cgroup it was in.
inline Claim nothing_was_killed() {
  return {{"no process was OOM-killed in any of the cgroups",
           "各个 cgroup 里都没有进程被 OOM killer 杀死"},
          {all_cgroups, "oom_kills"},
          Relation::stays};
}

/// All of it.
struct Procedure {
  std::vector<CgroupSpec> cgroups;     ///< the first is the subject
  std::vector<ProcessSpec> processes;  ///< the first is the main one
  std::vector<Step> steps;
  std::vector<Claim> claims = {};
  /// Hard limit of a cgroup around all others, which holds whatever has no
  /// limit of its own; nullopt: there is one cgroup, and none around it.
  std::optional<Value> guard = Part{4, 1};
};

/// Whether the verdict is by claims, and not on the end of the main process.
inline bool makes_claims(const Procedure& procedure) noexcept {
  return !procedure.claims.empty();
}

/// Which of a procedure's items belong to a run.
struct Choice {
  bool control = false;
  cgroupfs::Version version = cgroupfs::Version::v2;
  bool reads_share_a_page = true;
};

/// `procedure` without the items of other runs.
Procedure select(Procedure procedure, const Choice& choice);

/// Whether `file` is among `settings`.
bool has_setting(const std::vector<Setting>& settings, cgroupfs::File file);

/// Whether the cgroup called `name` has others below it.
bool is_above_others(const Procedure& procedure, const std::string& name);

/// Whether a cgroup limits tasks.
bool limits_tasks(const Procedure& procedure);

/// Whether `cgroup` gets its limits by a step, or none: the guard holds it.
bool is_limited_later(const Procedure& procedure, const CgroupSpec& cgroup);

/// Whether an item depends on how memory that was only read is charged.
bool asks_for_zero_page(const Procedure& procedure);

}  // namespace lab
