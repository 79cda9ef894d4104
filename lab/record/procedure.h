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

/// The actions of a run, as plain data: the file of an experiment defines them,
/// the engine carries them out, the judge compares the readings with the
/// claims.
namespace lab {

/// A share of the run's --limit, so that one experiment fits every size.
struct Part {
  std::uint64_t numerator = 1;
  std::uint64_t denominator = 1;

  /// In whole pages, unless it is the limit itself; the largest number where it
  /// would overflow.
  Bytes of(Bytes limit) const noexcept;

  bool operator==(const Part&) const = default;
};

/// The sum; the largest number where it would overflow.
Bytes add_saturated(Bytes left, Bytes right) noexcept;

/// "max", the kernel's word for no limit.
struct Unlimited {
  bool operator==(const Unlimited&) const = default;
};

/// A share of the limit, no limit, or a plain number (of bytes or tasks, a
/// flag).
using Value = std::variant<Part, Unlimited, std::uint64_t>;

/// `value` as a number in a run with `limit`; a value that is not a share does
/// not depend on it.
Limit resolve(const Value& value, Limit limit);

/// The runs that have an item of an experiment; nullopt: both.
struct When {
  std::optional<bool> control;  ///< without the cause
  std::optional<cgroupfs::Version> version;
  /// As measured by reads_share_a_page().
  std::optional<bool> reads_share_a_page;
};

/// `item` only in the control run; in all others; only on one version.
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
/// `item` on kernels that do, or do not, map the shared zero page for pages
/// that are only read.
template <typename Item>
Item if_reads_share_a_page(bool share, Item item) {
  item.when.reads_share_a_page = share;
  return item;
}

/// A setting: a value for an interface file. memory_swap_max is only swap;
/// where the kernel limits memory plus swap (v1), the sum of the limit and this
/// is written to memory_memsw_max. memory_oom_control: 1 disables the OOM
/// killer.
struct Setting {
  cgroupfs::File file;
  Value value;
  When when = {};
};

/// A cgroup of the run. One with children ("above" of "above/child") has no
/// processes. Without a swap limit it gets that of the plan.
struct CgroupSpec {
  std::string name;
  std::vector<Setting> settings = {};
};

/// The backing of the memory of a process.
enum class Backing {
  memory,  ///< according to its kind
  tmpfs,   ///< an unnamed tmpfs file that the harness holds
  disk,  ///< an unnamed file or a scratch block device, which can be reclaimed
};

/// A process: the hog (malloc_demo) with these arguments, or any command.
struct ProcessSpec {
  std::string name;
  std::string cgroup;
  Value total = Part{};
  std::optional<Value> block = std::nullopt;  ///< nullopt: all at a time
  std::string memory = "anon";                ///< malloc_demo --memory
  std::string touch = "write";                ///< malloc_demo --touch
  nanoseconds ramp{0};  ///< in which it allocates `total` at an even rate
  bool hold = true;     ///< keeps its memory until it is killed
  std::optional<int> oom_score_adj = std::nullopt;
  Backing backing = Backing::memory;
  unsigned children = 0;
  /// Waits for a step go_on() each time this much is touched.
  std::vector<Value> pauses = {};
  /// The same, after this many of the blocks whose size the user may choose:
  /// fit() turns them into pauses.
  std::vector<std::uint64_t> pauses_after_blocks = {};
  /// Program and arguments; empty: the hog.
  std::vector<std::string> command = {};
  When when = {};
};

/// One action of the engine. Created by the functions in namespace step.
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
  std::string other = {};    ///< destination cgroup, key to wait for
  std::optional<Setting> setting = std::nullopt;
  Part part = {};
  std::uint64_t number = 0;
  /// How long to wait at most, 0: up to the deadline of the run; for rest() the
  /// whole wait, for watch_pressure() the stall.
  std::chrono::milliseconds time{0};
  When when = {};
};

namespace step {

using std::chrono::milliseconds;

/// Starts `process` inside its cgroup and opens its gate.
inline Step start(std::string process) {
  return {.kind = Step::Kind::start, .subject = std::move(process)};
}
/// Until `process` has ended, waits at its pause or holds all its memory.
inline Step settle(std::string process) {
  return {.kind = Step::Kind::settle, .subject = std::move(process)};
}
/// Until `key` of `cgroup` is at least `number`, every process has ended or
/// `timeout` has expired.
inline Step await_value(std::string cgroup, std::string key,
                        std::uint64_t number, milliseconds timeout) {
  return {.kind = Step::Kind::await_value,
          .subject = std::move(cgroup),
          .other = std::move(key),
          .number = number,
          .time = timeout};
}
/// Until `process` has ended or `timeout` has expired: the kill may take a
/// while.
inline Step await_end(std::string process, milliseconds timeout = {}) {
  return {.kind = Step::Kind::await_end,
          .subject = std::move(process),
          .time = timeout};
}
/// Until `cgroup` is empty: processes that a command has started may outlive
/// it.
inline Step await_empty(std::string cgroup) {
  return {.kind = Step::Kind::await_empty, .subject = std::move(cgroup)};
}
inline Step rest(milliseconds time) {
  return {.kind = Step::Kind::rest, .time = time};
}
/// Writes an interface file; an error of the kernel is recorded and does not
/// end the run: its errno is `refused` of the cgroup from then on.
inline Step set(std::string cgroup, cgroupfs::File file, Value value) {
  return {.kind = Step::Kind::set,
          .subject = std::move(cgroup),
          .setting = Setting{file, value}};
}
/// The same, with the corresponding swap limit; an error ends the run, since a
/// process must not continue without the limit.
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
/// Lets a process continue after its pause.
inline Step go_on(std::string process) {
  return {.kind = Step::Kind::go_on, .subject = std::move(process)};
}
/// Reads all values of every cgroup and process, under the name `mark`. With
/// claims, "before" and "after" are read automatically.
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
/// Releases the tmpfs file of `process`, like unlinking its last name.
inline Step release_file(std::string process) {
  return {.kind = Step::Kind::release_file, .subject = std::move(process)};
}
/// v1: counts how often the usage of `cgroup` crosses `part`: in `notified`,
/// and for the n-th watch of the run in `notified_n`.
inline Step watch_usage(std::string cgroup, Part part) {
  return {.kind = Step::Kind::watch_usage,
          .subject = std::move(cgroup),
          .part = part};
}
/// v2: counts in `notified` how often tasks of `cgroup` were stalled for
/// `stall` within a window of 2 s.
inline Step watch_pressure(std::string cgroup, milliseconds stall) {
  return {.kind = Step::Kind::watch_pressure,
          .subject = std::move(cgroup),
          .time = stall};
}
/// Records in `predicted_ms` when the usage of `cgroup`, extrapolated, will
/// reach the limit.
inline Step predict(std::string cgroup) {
  return {.kind = Step::Kind::predict, .subject = std::move(cgroup)};
}

}  // namespace step

/// A reading: `key` of a cgroup or process at a mark.
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

/// An expected observation.
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
  /// Whether it must fail in the control run, shown by a reading.
  bool decided_by_cause = false;
  When when = {};
};

/// `claim` as one that must fail in the control run.
inline Claim decided_by_cause(Claim claim) {
  claim.decided_by_cause = true;
  return claim;
}

/// Denotes all cgroups of the run together, for `oom_kills`.
inline constexpr char all_cgroups[] = "all cgroups";

/// No process was OOM-killed in any cgroup.
inline Claim nothing_was_killed() {
  return {{"no process was OOM-killed in any of the cgroups",
           "各个 cgroup 里都没有进程被 OOM killer 杀死"},
          {all_cgroups, "oom_kills"},
          Relation::stays};
}

/// All items of a run.
struct Procedure {
  std::vector<CgroupSpec> cgroups;     ///< the first is the subject
  std::vector<ProcessSpec> processes;  ///< the first is the main one
  std::vector<Step> steps;
  std::vector<Claim> claims = {};
  /// Hard limit of an ancestor of all others, for those without a limit;
  /// nullopt: there is one cgroup, without such an ancestor.
  std::optional<Value> guard = Part{4, 1};
};

/// Whether the verdict depends on claims, and not on the end of the main
/// process.
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

/// Whether the cgroup `name` has children.
bool is_above_others(const Procedure& procedure, const std::string& name);

/// Whether a cgroup has a pids limit.
bool limits_tasks(const Procedure& procedure);

/// Whether a step sets the limits of `cgroup`, or it has none: then the guard
/// limits it.
bool is_limited_later(const Procedure& procedure, const CgroupSpec& cgroup);

/// Whether an item depends on how memory that is only read is charged.
bool asks_for_zero_page(const Procedure& procedure);

}  // namespace lab
