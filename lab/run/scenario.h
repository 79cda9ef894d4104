// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "cgroupfs/interface_files.h"
#include "lab/base/units.h"

/// What an experiment of several cgroups and processes consists of. Plain data:
/// an experiment's file writes it down, the stage carries it out, the judge
/// compares what was seen with what was claimed.
namespace lab {

/// A share of the run's --limit, so that one scenario fits every size.
struct Part {
  std::uint64_t numerator = 1;
  std::uint64_t denominator = 1;

  /// In whole pages; the largest number where it would be more than that.
  Bytes of(Bytes limit) const noexcept {
    std::uint64_t product = 0;
    const bool overflows =
        __builtin_mul_overflow(limit.count / denominator, numerator, &product);
    return cgroupfs::round_down_to_page(
        Bytes{overflows ? std::numeric_limits<std::uint64_t>::max() : product});
  }
};

/// The sum; the largest number where it would be more than that.
inline Bytes add_saturated(Bytes left, Bytes right) noexcept {
  std::uint64_t sum = 0;
  if (__builtin_add_overflow(left.count, right.count, &sum)) {
    return Bytes{std::numeric_limits<std::uint64_t>::max()};
  }
  return Bytes{sum};
}

/// "max", as the kernel writes no limit.
struct Unlimited {};

/// A share of the limit, no limit, or a plain number (of tasks, 0 or 1).
using Value = std::variant<Part, Unlimited, std::uint64_t>;

/// A setting: what is written to an interface file. memory_swap_max is swap
/// alone; where the kernel limits memory and swap together (v1), the limit and
/// this are written to memory_memsw_max. memory_oom_control: 1 disables the OOM
/// killer.
struct Setting {
  cgroupfs::File file;
  Value value;
};

/// A cgroup of the run. One that has others below it ("above" of "above/child")
/// holds no process. Without a setting of its own it may not swap.
struct GroupSpec {
  std::string name;
  std::vector<Setting> settings;
};

/// What the memory of an actor lies in.
enum class Backing {
  memory,  ///< as its kind says
  tmpfs,   ///< a nameless tmpfs file that the harness holds
  disk,  ///< a nameless file, or a scratch block device, that can be reclaimed
};

/// A process: malloc_demo with these arguments.
struct ActorSpec {
  std::string name;
  std::string group;
  Part total;
  std::string memory = "anon";  ///< malloc_demo --memory
  std::string touch = "write";  ///< malloc_demo --touch
  std::chrono::milliseconds ramp{0};
  bool hold = true;  ///< keeps its memory until it is killed
  std::optional<int> oom_score_adj = std::nullopt;
  Backing backing = Backing::memory;
  unsigned children = 0;
  /// Waits for a step go_on() when this much is touched.
  std::optional<Part> pause_at = std::nullopt;
};

/// One thing that the stage does. Made by the functions in namespace step.
struct Step {
  enum class Kind {
    start,
    settle,
    await_value,
    await_end,
    rest,
    set,
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
  std::string subject;  ///< actor, group or mark
  std::string other;    ///< group that is moved to, key that is awaited
  std::optional<Setting> setting;
  Part part;
  std::uint64_t number = 0;
  std::chrono::milliseconds time{0};
};

namespace step {

/// Starts `actor` inside its group and lets it go.
inline Step start(std::string actor) {
  return {Step::Kind::start, std::move(actor), "", {}, {}, 0, {}};
}
/// Until `actor` has ended, waits at its pause or holds all it wanted.
inline Step settle(std::string actor) {
  return {Step::Kind::settle, std::move(actor), "", {}, {}, 0, {}};
}
/// Until `key` of `group` is at least `number`, every actor has ended or
/// `patience` is over.
inline Step await_value(std::string group, std::string key,
                        std::uint64_t number,
                        std::chrono::milliseconds patience) {
  return {Step::Kind::await_value,
          std::move(group),
          std::move(key),
          {},
          {},
          number,
          patience};
}
/// Until `actor` has ended or `patience` is over: what kills it may take a
/// while.
inline Step await_end(std::string actor, std::chrono::milliseconds patience) {
  return {Step::Kind::await_end, std::move(actor), "", {}, {}, 0, patience};
}
inline Step rest(std::chrono::milliseconds time) {
  return {Step::Kind::rest, "", "", {}, {}, 0, time};
}
/// Writes an interface file; a refusal of the kernel is recorded and no error:
/// its errno is `refused` of the group from then on.
inline Step set(std::string group, cgroupfs::File file, Value value) {
  return {
      Step::Kind::set, std::move(group), "", Setting{file, value}, {}, 0, {}};
}
inline Step move(std::string actor, std::string group) {
  return {Step::Kind::move, std::move(actor), std::move(group), {}, {}, 0, {}};
}
/// Lets an actor go on from its pause.
inline Step go_on(std::string actor) {
  return {Step::Kind::go_on, std::move(actor), "", {}, {}, 0, {}};
}
/// Reads everything of every group and actor under the name `mark`. "before"
/// and "after" are taken by themselves.
inline Step mark(std::string name) {
  return {Step::Kind::mark, std::move(name), "", {}, {}, 0, {}};
}
/// cgroup.kill.
inline Step kill(std::string group) {
  return {Step::Kind::kill, std::move(group), "", {}, {}, 0, {}};
}
/// memory.reclaim.
inline Step reclaim(std::string group, Part part) {
  return {Step::Kind::reclaim, std::move(group), "", {}, part, 0, {}};
}
/// Lets the tmpfs file of `actor` go, as unlinking its last name would.
inline Step release_file(std::string actor) {
  return {Step::Kind::release_file, std::move(actor), "", {}, {}, 0, {}};
}
/// v1: counts each crossing of `part` by the usage of `group`: in `notified`,
/// and the n-th watch of the run in `notified_n`.
inline Step watch_usage(std::string group, Part part) {
  return {Step::Kind::watch_usage, std::move(group), "", {}, part, 0, {}};
}
/// v2: counts in `notified` each time that tasks of `group` were stalled for
/// `stall` within a window of 2 s.
inline Step watch_pressure(std::string group, std::chrono::milliseconds stall) {
  return {Step::Kind::watch_pressure, std::move(group), "", {}, {}, 0, stall};
}

/// Notes in `predicted_ms` when the usage of `group`, going on as it did so
/// far, will meet the limit.
inline Step predict(std::string group) {
  return {Step::Kind::predict, std::move(group), "", {}, {}, 0, {}};
}

}  // namespace step

/// A number that was read: `key` of a group or actor at a mark.
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
  std::string text;  ///< one clause for people
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
};

/// `claim` as one that has to fail in the control run.
inline Claim decided_by_cause(Claim claim) {
  claim.decided_by_cause = true;
  return claim;
}

/// Stands for all cgroups of the run together: `oom_kills`.
inline constexpr char all_groups[] = "all cgroups";

/// No process was killed for want of memory, whatever cgroup it was in.
inline Claim nothing_was_killed() {
  return {"nothing was killed in any of the cgroups",
          {all_groups, "oom_kills"},
          Relation::stays};
}

/// What a host has to have beside the right version of the controller.
enum class Need {
  swap,
  disk,
  huge_pages,
  pressure,
  locked_memory,
  pids,
  cgroup_kill
};

/// All of it.
struct Scenario {
  std::vector<GroupSpec> groups;  ///< the first is the one that is pictured
  std::vector<ActorSpec> actors;
  std::vector<Step> steps;
  std::vector<Claim> claims;
  /// Hard limit of everything together, as a share of --limit: holds whatever
  /// has no limit of its own.
  Part guard{4, 1};
  /// Built without what decides.
  bool control = false;
};

}  // namespace lab
