// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "cgroupfs/memory.h"
#include "lab/record/plan.h"
#include "lab/record/scenario_record.h"

/// One run as plain data: everything that the kernel said, nothing that was
/// concluded (but the verdict, which analyze() makes of the rest). A value that
/// could not be had is nullopt, never an invented zero. All times are
/// nanoseconds since the gate opened; what came before is negative.
namespace lab {

/// The host, read once before the run.
struct Environment {
  std::string kernel;       ///< release, as of uname -r
  std::string machine;      ///< "x86_64"
  std::string cgroup_mode;  ///< "v1", "v2" or "hybrid"
  cgroupfs::Version memory_version = cgroupfs::Version::v2;
  std::string memory_mount;  ///< where the memory hierarchy is mounted
  std::optional<Bytes> memory_total;
  std::optional<Bytes> memory_available;
  std::optional<Bytes> swap_total;
  Bytes page_size;
  std::optional<std::string> thp;  ///< "always", "madvise" or "never"
  bool psi = false;                ///< PSI is compiled in and switched on
  unsigned cpus = 0;
  bool root = false;  ///< the effective user id is 0
  /// This process is in the initial PID namespace, so that its pids are those
  /// of the kernel's log.
  bool initial_pid_namespace = false;
  /// The CPU is QEMU's software emulation: times tell of the emulator.
  std::optional<bool> emulated;
};

/// A strategy of finding the parent that did not apply.
struct Rejection {
  std::string strategy;
  std::string reason;  ///< one clause
  std::string fix;     ///< a command or step for this host; may be empty
};

/// One limit: what was asked for and what the kernel made of it.
struct LimitRecord {
  std::string file;                  ///< interface file
  std::string asked;                 ///< text that was written
  std::optional<Limit> actual;       ///< read back; nullopt when it can't be
  std::optional<std::string> error;  ///< the kernel's refusal
  /// Which cgroup of a scenario; nullopt where there is only one.
  std::optional<std::string> group = std::nullopt;
  /// Read again before teardown; nullopt when it can't be.
  std::optional<Limit> at_end = std::nullopt;
};

/// What the usage consisted of, more seldom than the samples, in bytes. A
/// column that this kernel does not tell is empty; the others are of equal
/// length.
struct StatSamples {
  std::vector<std::int64_t> time_ns;
  std::vector<std::uint64_t> anon;
  std::vector<std::uint64_t> file;  ///< page cache of files, without shmem
  std::vector<std::uint64_t> shmem;
  std::vector<std::uint64_t> kernel;      ///< v2, since ~5.18
  std::vector<std::uint64_t> swap;        ///< where the kernel can swap
  std::vector<std::uint64_t> stalled_us;  ///< PSI `some`, since the beginning

  /// The columns beside the time and their names in records.
  std::array<std::pair<const char*, std::vector<std::uint64_t>*>, 6> columns() {
    return {{{"anon", &anon},
             {"file", &file},
             {"shmem", &shmem},
             {"kernel", &kernel},
             {"swap", &swap},
             {"stalled_us", &stalled_us}}};
  }
};

/// The samples, one column a vector, all of equal length.
struct Samples {
  std::vector<std::int64_t> time_ns;
  std::vector<std::uint64_t> usage;  ///< bytes charged to the cgroup
  /// Bytes the program had touched; empty for a command, which tells nothing.
  std::vector<std::uint64_t> touched;
  StatSamples stat = {};
};

enum class EventKind {
  group_created,
  limit_set,
  limit_refused,
  child_started,
  child_moved,
  gate_opened,
  notification,
  kill_seen,
  child_exited,
  reaped,
  signal_forwarded,
  tree_killed,
  tree_ended,
  deadline,
  interrupted,
  step,         ///< of a scenario; the source says what
  actor_ended,  ///< a process of a scenario; the source says which and how
};

/// "gate_opened" and so on, as in records.
std::string_view to_string(EventKind kind) noexcept;

/// "SIGKILL"; "signal 99" for a number that has no name.
std::string signal_name(int number);

/// Something that happened, when, and who said so.
struct Event {
  std::int64_t time_ns = 0;
  EventKind kind = EventKind::group_created;
  std::string source;  ///< "eventfd", "pidfd", "memory.max", "SIGINT", ...
};

/// Counters of the child's cgroup at one moment.
struct Counters {
  std::optional<std::uint64_t> oom_kills;        ///< this cgroup and below
  std::optional<cgroupfs::MemoryEvents> events;  ///< v2
  std::optional<cgroupfs::MemoryEvents> local_events;  ///< v2
  std::optional<std::uint64_t> failcnt;                ///< v1
  std::optional<std::uint64_t> memsw_failcnt;          ///< v1
  std::optional<Bytes> swap;  ///< absent also where the host has no swap
  /// Time in which a task waited for memory (PSI `some`); v2, and only where a
  /// high limit may throttle.
  std::optional<nanoseconds> stalled;
};

/// An ancestor within the mounted tree: whose limit else could have fired.
struct Ancestor {
  std::string path;
  std::optional<Limit> max;  ///< nullopt also where it changed during the run
  /// How often its own limit was hit, before and after the run: `oom` of
  /// memory.events.local (v2), the failcnt of memory and memsw together (v1).
  std::optional<std::uint64_t> hits_before;
  std::optional<std::uint64_t> hits_after;
  /// v1: it sent an OOM notification; nullopt if none was registered (it has no
  /// limit, or its files may not be written).
  std::optional<bool> notified = std::nullopt;
};

/// The highest usage, and which file said so ("samples": only the samples).
struct Peak {
  Bytes bytes;
  std::string source;
};

/// The child as the harness saw it.
struct ChildRecord {
  pid_t pid = 0;
  std::string joined_by;  ///< "clone3", "tasks" or "cgroup.procs"
  std::optional<int> exit_code;
  std::optional<int> signal;
  std::optional<Bytes> touched;  ///< by its own account
  std::optional<std::int64_t> last_touch_ns;
  std::string output;  ///< the last of what it printed
};

/// Which processes the readings of cgroup.procs showed in the run's cgroup and
/// its descendants. Between two readings others may have come and gone.
struct Membership {
  /// A process other than the child; also one that the child has waited for.
  bool others_seen = false;
  /// A reading failed or came late, or the command has made cgroups inside, so
  /// that others may have been there.
  bool unread = false;
  /// At the last reading at which it was alive the child was in it (v1: in the
  /// run's own cgroup, whose counter stays).
  bool child_inside = false;
  /// The cgroup outside of it that the child was last seen in.
  std::optional<std::string> child_left_for;
};

/// The kernel's own record of the kill, from /dev/kmsg.
struct Victim {
  pid_t pid = 0;
  std::string name;
  std::optional<std::string> constraint;  ///< "CONSTRAINT_MEMCG"
  std::optional<std::string> oom_memcg;   ///< whose limit
  std::optional<std::string> task_memcg;  ///< whose process
  std::optional<Bytes> limit;             ///< hard limit of oom_memcg
  std::optional<Bytes> anon_rss;
  std::vector<std::string> lines;  ///< the record itself
};

/// What was seen in the course's own order, between its steps.
struct CourseRecord {
  Bytes touched_outside;     ///< by the program, before it was moved
  Bytes usage_after_move;    ///< charged to its new cgroup right after
  Bytes outside_after_move;  ///< still charged to the cgroup it left
  std::optional<Bytes> usage_before_limit;
  std::optional<Limit> limit_before;  ///< in force when the limit was written
};

/// The limit of tasks of a command.
struct PidsRecord {
  std::string group;                     ///< the cgroup that has it
  std::optional<std::uint64_t> max;      ///< read back; nullopt: no limit
  std::optional<std::uint64_t> refused;  ///< forks, during the run
};

/// Whose limit brought the OOM killer.
enum class LimitOwner { own, ancestor, descendant, host, unknown };

/// What became of the run, in one word.
enum class Status {
  oom_killed,              ///< proven, by the limit of the child's own cgroup
  oom_killed_by_ancestor,  ///< proven, at the limit of an ancestor
  /// Proven, at the limit of a cgroup that the child made in its own.
  oom_killed_by_descendant,
  oom_killed_by_host,       ///< proven, but the host was out of memory
  oom_killed_by_unknown,    ///< proven, but nothing tells by whose limit
  killed,                   ///< by SIGKILL, but not by the OOM killer
  killed_undetermined,      ///< by SIGKILL, from the OOM killer or another
  crashed,                  ///< ended by another signal
  survived,                 ///< took all it wanted and exited
  child_failed,             ///< exited with an error of its own
  limit_refused,            ///< the kernel refused the limit
  oom_killed_inside,        ///< a process inside, but not the command
  oom_killed_undetermined,  ///< OOM kill inside, of the child or of another
  left,                     ///< the command moved out of its cgroup
  throttled,  ///< the command ended by itself, slowed down by `high`
  finished,   ///< the command ended by itself
  deadline,
  interrupted,
  as_predicted,      ///< every claim of a scenario holds
  not_as_predicted,  ///< one does not
};

/// "oom_killed" and so on; "own", "ancestor", ... as in records.
std::string_view to_string(Status status) noexcept;
std::string_view to_string(LimitOwner owner) noexcept;

/// What analyze() concludes.
struct Verdict {
  Status status = Status::child_failed;
  std::string reason;  ///< one sentence with the numbers that prove it
  std::optional<LimitOwner> limit_owner;  ///< set after an OOM kill
  /// The ancestor's or the descendant's.
  std::optional<std::string> limit_owner_path;
};

/// What teardown did.
struct Cleanup {
  bool removed = false;           ///< everything that this run made is gone
  std::vector<std::string> left;  ///< what is still there
  std::vector<std::string> orphans_removed;  ///< of earlier, dead runs
  std::optional<std::string> error;
};

/// One run.
struct RunRecord {
  Environment environment;
  Plan plan;
  std::string group;                ///< the child's cgroup
  std::string strategy;             ///< how its parent was chosen
  std::vector<Rejection> rejected;  ///< strategies that did not apply
  std::vector<LimitRecord> limits;
  Samples samples;
  std::vector<Event> events;
  Counters before;
  Counters after;
  std::vector<Ancestor> ancestors;
  bool all_ancestors_seen = false;  ///< up to the root of the hierarchy
  std::optional<Peak> peak;
  ChildRecord child;
  std::optional<Membership> membership;
  std::optional<Victim> victim;       ///< the child, else the first one inside
  std::vector<Victim> other_victims;  ///< inside the run's cgroup
  std::optional<std::string> victim_absent_because;
  /// The log was readable and lost no record during the run.
  bool kernel_log_complete = false;
  std::optional<CourseRecord> course;
  std::optional<PidsRecord> pids;
  std::optional<ScenarioRecord> scenario;
  std::optional<int> interrupted_by;  ///< signal number
  bool deadline_passed = false;
  Verdict verdict;
  Cleanup cleanup;
};

/// The limit that the kernel refused, keeping the old one; nullptr when it
/// refused none. An interface file that is absent is no refusal.
const LimitRecord* refused_limit(const RunRecord& record) noexcept;

/// The limit that was set by `file`; nullptr when none was.
const LimitRecord* limit_of(const RunRecord& record,
                            cgroupfs::File file) noexcept;

/// What the kernel made of the hard limit; nullptr when none was set.
const LimitRecord* hard_limit(const RunRecord& record) noexcept;

/// Whether another value was read back at the end than when it was set.
bool was_rewritten(const LimitRecord& limit) noexcept;

/// Whether the oom_kill counter rose, and by how much; nullopt where the kernel
/// has none.
std::optional<std::uint64_t> oom_kills_in(const RunRecord& record);

/// Time of the first event of `kind`; nullopt when there was none.
std::optional<std::int64_t> time_of(const RunRecord& record, EventKind kind);

}  // namespace lab
