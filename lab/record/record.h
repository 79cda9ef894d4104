// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cgroupfs/hierarchy.h"
#include "cgroupfs/memory.h"
#include "lab/base/enum_words.h"
#include "lab/record/fact.h"
#include "lab/record/plan.h"

/// One run as plain data: everything that the kernel said, nothing that was
/// concluded (but the verdict, which analyze() makes of the rest). A value that
/// could not be had is nullopt, never an invented zero. All times are
/// nanoseconds since the gate opened; what came before is negative. fields.h
/// names each field as JSON has it.
namespace lab {

template <>
struct EnumWords<cgroupfs::Version> {
  static constexpr auto table = enum_words<cgroupfs::Version>(
      {{cgroupfs::Version::v1, "v1"}, {cgroupfs::Version::v2, "v2"}});
};

/// The program that made the run.
struct Tool {
  std::string name = "cglab";
  std::string version;
  std::vector<std::string> command_line;  ///< as typed, with "cglab"
};

/// A strategy of finding the parent that did not apply.
struct Rejection {
  std::string strategy;
  std::string reason;  ///< one clause
  std::string fix;     ///< a command or step for this host; may be empty
};

/// The host, read once before the run, and where on it the run was placed.
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
  std::string strategy;             ///< how the parent cgroup was chosen
  std::vector<Rejection> rejected;  ///< strategies that did not apply
};

/// One cgroup that the run made.
struct CgroupRecord {
  std::string name;
  std::string path;
};

/// One process that the run started.
struct ProcessRecord {
  std::string name;
  std::string cgroup;                ///< the name of that in which it started
  std::vector<std::string> command;  ///< program and arguments
  pid_t pid = 0;                     ///< 0: it was not started
  std::string joined_by;  ///< "clone3", "tasks", "cgroup.procs"; empty: neither
  std::optional<int> exit_code;
  std::optional<int> signal;
  bool ended_by_cglab = false;  ///< cglab killed it
  /// OOM kills that had been counted when it was reaped, in the run's cgroups;
  /// of a command on v1, in its own one. A kill is counted before its victim
  /// gets SIGKILL (__oom_kill_process()).
  std::optional<std::uint64_t> oom_kills_at_end;
  /// By its own account; a command tells nothing.
  std::optional<Bytes> touched;
  std::optional<std::int64_t> last_touch_ns;
  std::optional<std::string> output;  ///< the last of what the hog printed
};

/// One limit: what was asked for and what the kernel made of it. Interface
/// files that hold a number of tasks or a flag are among them.
struct LimitRecord {
  std::string cgroup;                ///< its name
  std::string file;                  ///< interface file
  std::string asked;                 ///< text that was written
  std::optional<Limit> actual;       ///< read back; nullopt when it can't be
  std::optional<Limit> at_end;       ///< read again before teardown
  std::optional<std::string> error;  ///< the kernel's refusal
};

/// Numbers of one cgroup or process at one moment. What the kernel does not
/// tell is nullopt.
struct Reading {
  std::string mark;
  std::int64_t time_ns = 0;
  std::string subject;
  std::map<std::string, std::optional<std::uint64_t>> values;
};

using Column = std::vector<std::uint64_t>;

/// What the usage of the first cgroup consisted of, more seldom than the
/// samples, in bytes. A column that this kernel does not tell is nullopt; all
/// others are of equal length.
struct StatSamples {
  std::vector<std::int64_t> time_ns;
  std::optional<Column> anon;
  std::optional<Column> file;  ///< page cache of files, without shmem
  std::optional<Column> shmem;
  std::optional<Column> kernel;      ///< v2, since ~5.18
  std::optional<Column> swap;        ///< where the kernel can swap
  std::optional<Column> stalled_us;  ///< PSI `some`, since the beginning
};

/// The samples: all columns are of equal length.
struct Samples {
  std::vector<std::int64_t> time_ns;
  /// Bytes charged to each of the run's cgroups, in their order.
  std::vector<Column> usage;
  /// Bytes that the first process had touched; a command tells nothing.
  std::optional<Column> touched;
  StatSamples stat = {};
};

enum class EventKind {
  cgroup_created,
  limit_set,
  limit_refused,
  process_started,
  process_moved,
  gate_opened,
  notification,
  kill_seen,
  process_exited,
  reaped,
  signal_forwarded,
  all_killed,
  all_ended,
  deadline,
  interrupted,
  changed,  ///< by another program; the source says what
  step,     ///< of an experiment; the source says what
};

template <>
struct EnumWords<EventKind> {
  static constexpr auto table = enum_words<EventKind>({
      {EventKind::cgroup_created, "cgroup_created"},
      {EventKind::limit_set, "limit_set"},
      {EventKind::limit_refused, "limit_refused"},
      {EventKind::process_started, "process_started"},
      {EventKind::process_moved, "process_moved"},
      {EventKind::gate_opened, "gate_opened"},
      {EventKind::notification, "notification"},
      {EventKind::kill_seen, "kill_seen"},
      {EventKind::process_exited, "process_exited"},
      {EventKind::reaped, "reaped"},
      {EventKind::signal_forwarded, "signal_forwarded"},
      {EventKind::all_killed, "all_killed"},
      {EventKind::all_ended, "all_ended"},
      {EventKind::deadline, "deadline"},
      {EventKind::interrupted, "interrupted"},
      {EventKind::changed, "changed"},
      {EventKind::step, "step"},
  });
};

/// "SIGKILL"; "signal 99" for a number that has no name.
std::string signal_name(int number);

/// Something that happened, when, and who said so.
struct Event {
  std::int64_t time_ns = 0;
  EventKind kind = EventKind::cgroup_created;
  /// The name of the cgroup or process that it happened to; empty: the run.
  std::string subject;
  std::string source;  ///< "eventfd", "pidfd", "memory.max", "SIGINT", ...
};

/// Counters of the first cgroup at one moment.
struct Counters {
  std::optional<std::uint64_t> oom_kills;  ///< in all of the run's cgroups
  std::optional<cgroupfs::MemoryEvents> events;        ///< v2
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
  /// How often its own limit was hit, before and after the run, where it has
  /// one: `oom` of memory.events.local (v2), the failcnt of memory and memsw
  /// together (v1).
  std::optional<std::uint64_t> hits_before;
  std::optional<std::uint64_t> hits_after;
  /// v1: how many OOM notifications it sent, at most one for each OOM at its
  /// limit or at that of an ancestor of it. nullopt if none was registered: its
  /// files may not be written, or it has no limit and the run is of a hog.
  std::optional<std::uint64_t> notifications = std::nullopt;
};

/// What the usage of the first cgroup consisted of when a sample showed its
/// highest, in bytes. A part that this kernel does not tell is nullopt.
struct PeakSplit {
  std::int64_t time_ns = 0;
  Bytes usage;
  std::optional<std::uint64_t> anon;
  std::optional<std::uint64_t> file;  ///< page cache, which can be reclaimed
  std::optional<std::uint64_t> shmem;
  std::optional<std::uint64_t> kernel;  ///< v2, since ~5.18
};

/// The highest usage, and which file said so ("samples": only the samples).
struct Peak {
  Bytes bytes;
  std::string source;
  std::optional<PeakSplit> split = std::nullopt;  ///< nullopt: no samples
};

/// A process that was seen in the run's cgroup or a descendant, or as a child
/// of the main process.
struct Member {
  pid_t pid = 0;
  /// When it was last read, escaped as in /dev/kmsg; empty: it never was.
  std::string name;
  std::optional<std::uint64_t> start_time;  ///< clock ticks since boot
  std::int64_t first_seen_ns = 0;
  std::int64_t last_seen_ns = 0;
  std::optional<int> exit_code;
  std::optional<int> signal;
  /// How its end is known: "waitid", "pidfd" (PIDFD_GET_INFO, since ~6.15) or
  /// "kmsg" (the kernel's log has its OOM kill). nullopt: it is not, or it had
  /// not ended.
  std::optional<std::string> end_source;
  /// OOM kills that had been counted, as of the main process, when its end was
  /// noticed: it was the victim of no later one.
  std::optional<std::uint64_t> kills_at_end;
  /// So many OOM kills, as of the main process, were counted before a reading
  /// that showed it alive and without a pending SIGKILL: it was the victim of
  /// none of them.
  std::uint64_t outlived_kills = 0;
  /// At the last reading at which both lived it had the main process' memory,
  /// or may have had: then the OOM killer kills both at once. By kcmp(2), or
  /// where that is not permitted by the place of the stack. nullopt: not known.
  std::optional<bool> shares_memory;
  /// Of a process whose leader has exited: its threads' ids, one of which is in
  /// the kernel's log in place of the pid.
  std::vector<pid_t> threads;
  /// The cgroup outside of the run's that it was last seen in.
  std::optional<std::string> left_for;
  /// It was started before the main process, or by a process outside: another
  /// program has moved it in.
  bool moved_in = false;
  /// A reading showed it with oom_score_adj -1000: then no OOM killer kills it.
  bool oom_protected = false;
};

/// The processes that the readings of cgroup.procs showed in the run's cgroup
/// and its descendants. Between two readings others may have come and gone.
struct Ledger {
  std::vector<Member> processes;  ///< in the order in which they were seen
  /// The highest count of OOM kills inside: that of a v1 cgroup goes with it.
  std::uint64_t most_kills = 0;
  /// Since the main process last outlived a kill it has waited for children,
  /// had some that no reading showed, or ignored SIGCHLD; or another process
  /// has waited for some. They may be none of `processes`.
  bool may_have_missed_children = false;
  /// A reading failed or came late, more were seen than are kept, or the
  /// command has made cgroups inside, so that others may have been there.
  bool incomplete = false;
  /// At the last reading at which it was alive the main process was in it (v1:
  /// in the run's own cgroup, whose counter stays).
  bool main_inside = false;
  /// Another program had moved cglab itself in; it has moved out again.
  bool cglab_inside = false;
  /// `oom_group_kill` of memory.events.local when the main process was reaped
  /// (v2).
  std::optional<std::uint64_t> main_group_kills;
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

/// A cgroup that was there in the run's own at its end (v2).
struct Descendant {
  std::string path;
  std::optional<Limit> max;
  std::optional<std::uint64_t> hits;  ///< `oom` of memory.events.local
};

/// Why a process has not ended by SIGKILL.
enum class HoldReason {
  frozen,           ///< by the v1 freezer: the signal waits for the thaw
  not_permitted,    ///< kill(2) says EPERM: it has another user
  traced,           ///< its tracer has yet to take its end
  uninterruptible,  ///< it sleeps in state D
  unknown,
};

template <>
struct EnumWords<HoldReason> {
  static constexpr auto table = enum_words<HoldReason>({
      {HoldReason::frozen, "frozen"},
      {HoldReason::not_permitted, "not_permitted"},
      {HoldReason::traced, "traced"},
      {HoldReason::uninterruptible, "uninterruptible"},
      {HoldReason::unknown, "unknown"},
  });
};

/// A process that cglab could not end, or whose end it could not take.
struct HeldProcess {
  pid_t pid = 0;
  std::string name;   ///< empty: it may not be read
  std::string state;  ///< its letter in /proc/PID/stat; empty likewise
  HoldReason reason = HoldReason::unknown;
  /// The frozen cgroups; the tracer, "gdb (pid 12)"; the kernel function that
  /// it sleeps in.
  std::optional<std::string> by;
};

/// A file, or a segment of System V shared memory ("shmid 3"), that may hold
/// shared memory.
struct SharedFile {
  std::string path;
  Bytes bytes;  ///< that it takes
  /// Pages of it are charged to the run's cgroup, by /proc/kpagecgroup. False:
  /// none of those that were asked for, or they may not be asked for; but it
  /// was changed during the run.
  bool charged = false;
};

/// Shared memory that stays charged after the last process has ended: removing
/// the cgroup charges it to the parent.
struct SharedMemoryLeft {
  Bytes bytes;
  std::vector<SharedFile> files;  ///< that can be seen from here, largest first
  bool all_searched = false;      ///< no file was passed over for want of time
};

/// What the verdict rests on.
struct Evidence {
  Counters before;
  Counters after;  ///< read when every process was reaped
  /// v1: how many OOM notifications the first cgroup sent, as Ancestor has it.
  std::optional<std::uint64_t> notifications;
  std::vector<Ancestor> ancestors;
  bool all_ancestors_seen = false;  ///< up to the root of the hierarchy
  std::vector<Descendant> descendants;
  Ledger ledger;
  /// The kernel log's OOM kills in the run's cgroups: the first process, if it
  /// is among them, comes first.
  std::vector<Victim> victims;
  /// Those during the run whose cgroup the kernel did not log.
  std::vector<Victim> unplaced_victims;
  /// Pids of those that were logged only when the main process had been reaped:
  /// they are not that process, even with its pid.
  std::vector<pid_t> later_victims;
  std::optional<Fact> victims_absent_because;
  /// The log was readable and lost no record during the run.
  bool kernel_log_complete = false;
  std::optional<int> interrupted_by;  ///< signal number
  bool deadline_passed = false;
  /// Another program has removed a cgroup of the run: what would have been read
  /// later is absent.
  bool cgroup_removed = false;
  /// v2: it has taken the memory controller away, and the limit with it.
  bool controller_removed = false;
  /// v1: cgroups, the run's own or above, whose OOM killer was disabled while a
  /// process waited there for memory.
  std::vector<std::string> disabled_oom_killers;
  /// v2: the run's own cgroup, or the nearest above it, that was frozen
  /// (cgroup.freeze) when the run was ended by a signal or the deadline.
  std::optional<std::string> frozen_cgroup;
  std::vector<HeldProcess> held;
  std::optional<SharedMemoryLeft> shared_memory_left;
};

/// Whose limit brought the OOM killer.
enum class LimitOwner { own, ancestor, descendant, host, unknown };

template <>
struct EnumWords<LimitOwner> {
  static constexpr auto table = enum_words<LimitOwner>({
      {LimitOwner::own, "own"},
      {LimitOwner::ancestor, "ancestor"},
      {LimitOwner::descendant, "descendant"},
      {LimitOwner::host, "host"},
      {LimitOwner::unknown, "unknown"},
  });
};

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
  as_predicted,      ///< every claim of the experiment holds
  not_as_predicted,  ///< one does not
};

template <>
struct EnumWords<Status> {
  static constexpr auto table = enum_words<Status>({
      {Status::oom_killed, "oom_killed"},
      {Status::oom_killed_by_ancestor, "oom_killed_by_ancestor"},
      {Status::oom_killed_by_descendant, "oom_killed_by_descendant"},
      {Status::oom_killed_by_host, "oom_killed_by_host"},
      {Status::oom_killed_by_unknown, "oom_killed_by_unknown"},
      {Status::killed, "killed"},
      {Status::killed_undetermined, "killed_undetermined"},
      {Status::crashed, "crashed"},
      {Status::survived, "survived"},
      {Status::child_failed, "child_failed"},
      {Status::limit_refused, "limit_refused"},
      {Status::oom_killed_inside, "oom_killed_inside"},
      {Status::oom_killed_undetermined, "oom_killed_undetermined"},
      {Status::left, "left"},
      {Status::throttled, "throttled"},
      {Status::finished, "finished"},
      {Status::deadline, "deadline"},
      {Status::interrupted, "interrupted"},
      {Status::as_predicted, "as_predicted"},
      {Status::not_as_predicted, "not_as_predicted"},
  });
};

/// What is known of OOM kills in the run's cgroups.
enum class OomKill {
  process,  ///< the main process was killed: proven
  inside,   ///< a process inside was killed, which may be the main one
  none,     ///< none was killed
};

template <>
struct EnumWords<OomKill> {
  static constexpr auto table = enum_words<OomKill>({
      {OomKill::process, "process"},
      {OomKill::inside, "inside"},
      {OomKill::none, "none"},
  });
};

/// What else happened in a run, whatever its outcome.
enum class FindingKind {
  throttled,            ///< at its high limit
  limit_hit,            ///< without a kill
  no_victim,            ///< the limit was hit, and no process could be killed
  oom_killer_disabled,  ///< v1: processes waited instead
  frozen,               ///< v2
  forks_refused,
  limit_rewritten,
  process_left,
  process_moved_in,
  cgroup_removed,
  controller_removed,
  cglab_moved_in,
  held,         ///< a process that could not be ended
  rest_killed,  ///< what the command left behind
  shared_memory_left,
};

template <>
struct EnumWords<FindingKind> {
  static constexpr auto table = enum_words<FindingKind>({
      {FindingKind::throttled, "throttled"},
      {FindingKind::limit_hit, "limit_hit"},
      {FindingKind::no_victim, "no_victim"},
      {FindingKind::oom_killer_disabled, "oom_killer_disabled"},
      {FindingKind::frozen, "frozen"},
      {FindingKind::forks_refused, "forks_refused"},
      {FindingKind::limit_rewritten, "limit_rewritten"},
      {FindingKind::process_left, "process_left"},
      {FindingKind::process_moved_in, "process_moved_in"},
      {FindingKind::cgroup_removed, "cgroup_removed"},
      {FindingKind::controller_removed, "controller_removed"},
      {FindingKind::cglab_moved_in, "cglab_moved_in"},
      {FindingKind::held, "held"},
      {FindingKind::rest_killed, "rest_killed"},
      {FindingKind::shared_memory_left, "shared_memory_left"},
  });
};

/// One of them.
struct Finding {
  FindingKind kind = FindingKind::limit_hit;
  Fact fact;  ///< with the numbers
};

/// A claim and what became of it.
struct ClaimRecord {
  Text text;
  Fact what;      ///< reading_in: "oom_kill", of "team", "memory.events.local"
  Fact seen;      ///< change: 0, 1
  Fact expected;  ///< rise
  /// nullopt: this kernel does not tell, or the run ended before
  std::optional<bool> held;
  bool decided_by_cause = false;  ///< has to fail in the control run
};

/// What analyze() concludes.
struct Verdict {
  Status status = Status::child_failed;
  std::vector<Fact> reason;  ///< sentences, with the numbers that prove them
  std::optional<OomKill> oom_kill = std::nullopt;  ///< nullopt: undetermined
  std::optional<LimitOwner> limit_owner;           ///< set after an OOM kill
  /// The ancestor's or the descendant's, where it is known.
  std::optional<std::string> limit_owner_path;
  std::vector<Finding> findings;
  std::vector<ClaimRecord> claims;  ///< of an experiment that makes some
};

/// What teardown did.
struct Cleanup {
  bool removed = false;           ///< everything that this run made is gone
  std::vector<std::string> left;  ///< what is still there
  std::vector<std::string> orphans_removed;  ///< of earlier, dead runs
  std::optional<std::string> error;
};

/// Notes that `path` could not be removed, and why.
void note_left_behind(Cleanup& cleanup, std::string path,
                      const std::string& error);

/// One run.
struct RunRecord {
  Tool tool;
  std::string date;  ///< when it began, UTC, "2026-01-31T23:59:59.000Z"
  Environment environment;
  Plan plan;
  std::vector<CgroupRecord> cgroups;     ///< the first is the subject
  std::vector<ProcessRecord> processes;  ///< the first is the main one
  std::vector<LimitRecord> limits;
  std::vector<Reading> readings;
  std::vector<Event> events;
  Samples samples;
  std::optional<Peak> peak;  ///< of the first cgroup
  Evidence evidence;
  Verdict verdict;
  Cleanup cleanup;
};

/// The first process: the hog, or the command.
inline ProcessRecord& main_process(RunRecord& record) {
  return record.processes.at(0);
}
inline const ProcessRecord& main_process(const RunRecord& record) {
  return record.processes.at(0);
}

/// The directory of the first cgroup.
inline const std::string& cgroup_path(const RunRecord& record) {
  return record.cgroups.at(0).path;
}

/// "/cglab...", the tail of the path of the run's own cgroup, which has all its
/// others in it.
std::string tail_of_run(const RunRecord& record);

/// Whether the verdict is by claims, and not on the end of one process.
inline bool makes_claims(const RunRecord& record) noexcept {
  return !record.verdict.claims.empty();
}

/// The process of this pid; nullptr when no reading showed it.
const Member* member_of(const RunRecord& record, pid_t pid) noexcept;

/// The main process in the ledger; nullptr before it was started.
Member* main_member(RunRecord& record) noexcept;
const Member* main_member(const RunRecord& record) noexcept;

/// The first of the victims; nullptr when the log has none.
const Victim* first_victim(const RunRecord& record) noexcept;

/// The limit that the kernel refused, keeping the old one; nullptr when it
/// refused none. An interface file that is absent is no refusal.
const LimitRecord* refused_limit(const RunRecord& record) noexcept;

/// The first limit that was set by `file`; nullptr when none was.
const LimitRecord* limit_of(const RunRecord& record,
                            cgroupfs::File file) noexcept;

/// What the kernel made of the hard limit; nullptr when none was set.
const LimitRecord* hard_limit(const RunRecord& record) noexcept;

/// Whether another value was read back at the end than when it was set.
bool was_rewritten(const LimitRecord& limit) noexcept;

/// `key` of `subject` at `mark`; nullopt when it was not read.
std::optional<std::uint64_t> reading_of(const RunRecord& record,
                                        std::string_view mark,
                                        std::string_view subject,
                                        const std::string& key);

/// Whether the oom_kill counter rose, and by how much; nullopt where the kernel
/// has none.
std::optional<std::uint64_t> oom_kills_in(const RunRecord& record);

/// Time of the first event of `kind`; nullopt when there was none.
std::optional<std::int64_t> time_of(const RunRecord& record, EventKind kind);

}  // namespace lab
