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

/// One run as plain data: what the kernel reported, without conclusions (except
/// the verdict, which analyze() derives from the rest). An unavailable value is
/// nullopt, never an invented zero. All times are nanoseconds since the gate
/// opened, negative before that. fields.h has the JSON name of each field.
namespace lab {

template <>
struct EnumWords<cgroupfs::Version> {
  static constexpr auto table = enum_words<cgroupfs::Version>(
      {{cgroupfs::Version::v1, "v1"}, {cgroupfs::Version::v2, "v2"}});
};

/// The program that carried out the run.
struct Tool {
  std::string name = "cglab";
  std::string version;
  std::vector<std::string> command_line;  ///< as typed, with "cglab"
};

/// A strategy for choosing the parent that did not apply.
struct Rejection {
  std::string strategy;  ///< a StrategyCode (place/placement.h)
  std::string reason;    ///< one clause
  std::string fix;       ///< a command or step for this host; may be empty
};

/// The host, read once before the run, and the place of the run on it.
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
  bool psi = false;                ///< PSI is built in and enabled
  unsigned cpus = 0;
  /// As the processor names itself: its brand (CPUID 0x80000002) or MIDR_EL1.
  std::optional<std::string> cpu_model;
  bool root = false;  ///< the effective user id is 0
  /// This process is in the initial PID namespace, so that its pids are those
  /// in the kernel log.
  bool initial_pid_namespace = false;
  /// The CPU is QEMU's software emulation: times are those of the emulator.
  std::optional<bool> emulated;
  /// How the parent cgroup was chosen: a StrategyCode; in records made before
  /// there were codes, a clause in English.
  std::string strategy;
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
  std::string cgroup;  ///< the name of the one in which it started
  std::vector<std::string> command;  ///< program and arguments
  pid_t pid = 0;                     ///< 0: it was not started
  std::string joined_by;  ///< "clone3", "tasks", "cgroup.procs"; empty: neither
  std::optional<int> exit_code;
  std::optional<int> signal;
  bool ended_by_cglab = false;  ///< cglab killed it
  /// OOM kills counted when it was reaped, in the run's cgroups; for a command
  /// on v1, in its own. A kill is counted before SIGKILL is sent
  /// (__oom_kill_process()).
  std::optional<std::uint64_t> oom_kills_at_end;
  /// As it reports; nullopt for a command.
  std::optional<Bytes> touched;
  std::optional<std::int64_t> last_touch_ns;
  std::optional<std::string> output;  ///< the end of the hog's output
};

/// One limit: the requested value and the actual one. Interface files that
/// contain a number of tasks or a flag are among them.
struct LimitRecord {
  std::string cgroup;                ///< its name
  std::string file;                  ///< interface file
  std::string asked;                 ///< text that was written
  std::optional<Limit> actual;       ///< read back; nullopt when it can't be
  std::optional<Limit> at_end;       ///< read again before teardown
  std::optional<std::string> error;  ///< the kernel's refusal
};

/// Numbers of one cgroup or process at one moment. A value that the kernel does
/// not provide is nullopt.
struct Reading {
  std::string mark;
  std::int64_t time_ns = 0;
  std::string subject;
  std::map<std::string, std::optional<std::uint64_t>> values;
};

using Column = std::vector<std::uint64_t>;

/// The composition of the first cgroup's usage in bytes, read less often than
/// the samples. A column that this kernel does not provide is nullopt; all
/// others have equal length.
struct StatSamples {
  std::vector<std::int64_t> time_ns;
  std::optional<Column> anon;
  std::optional<Column> file;  ///< page cache of files, without shmem
  std::optional<Column> shmem;
  std::optional<Column> kernel;      ///< v2, since ~5.18
  std::optional<Column> swap;        ///< where the kernel can swap
  std::optional<Column> stalled_us;  ///< PSI `some`, in all
};

/// The samples: all columns have equal length.
struct Samples {
  std::vector<std::int64_t> time_ns;
  /// Bytes charged to each of the run's cgroups, in their order.
  std::vector<Column> usage;
  /// Bytes that the first process had touched; nullopt for a command.
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
  step,     ///< of an experiment; source and detail say what
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

/// "SIGKILL"; "signal 99" for a number without a name.
std::string signal_name(int number);

/// An event, its time and its source.
struct Event {
  std::int64_t time_ns = 0;
  EventKind kind = EventKind::cgroup_created;
  /// The name of the cgroup or process concerned; empty: the run.
  std::string subject;
  std::string source;  ///< "eventfd", "pidfd", "memory.max", "SIGINT", ...
  /// What a step did, the place of a move, an exit status, ...
  std::optional<Fact> detail = std::nullopt;
};

/// Counters of the first cgroup at one moment.
struct Counters {
  std::optional<std::uint64_t> oom_kills;  ///< in all of the run's cgroups
  std::optional<cgroupfs::MemoryEvents> events;        ///< v2
  std::optional<cgroupfs::MemoryEvents> local_events;  ///< v2
  std::optional<std::uint64_t> failcnt;                ///< v1
  std::optional<std::uint64_t> memsw_failcnt;          ///< v1
  std::optional<Bytes> swap;  ///< absent also where the host has no swap
  /// Time in which a task stalled on memory (PSI `some`); v2, and only where a
  /// high limit may throttle.
  std::optional<nanoseconds> stalled;
};

/// An ancestor within the mounted tree, whose limit may have been hit.
struct Ancestor {
  std::string path;
  std::optional<Limit> max;  ///< nullopt also where it changed during the run
  /// How often its own limit was hit, before and after the run, where it has
  /// one: `oom` of memory.events.local (v2), the failcnt of memory and memsw
  /// together (v1).
  std::optional<std::uint64_t> hits_before;
  std::optional<std::uint64_t> hits_after;
  /// v1: the number of its OOM notifications, at most one for each OOM at its
  /// limit or at that of one of its ancestors. nullopt if none was registered:
  /// its files are not writable, or it has no limit and the hog is run.
  std::optional<std::uint64_t> notifications = std::nullopt;
};

/// The composition of the first cgroup's usage at its highest sample, in bytes.
/// A part that this kernel does not provide is nullopt.
struct PeakSplit {
  std::int64_t time_ns = 0;
  Bytes usage;
  std::optional<std::uint64_t> anon;
  std::optional<std::uint64_t> file;  ///< page cache, which can be reclaimed
  std::optional<std::uint64_t> shmem;
  std::optional<std::uint64_t> kernel;  ///< v2, since ~5.18
};

/// The highest usage, and the file it was read from ("samples": only the
/// samples).
struct Peak {
  Bytes bytes;
  std::string source;
  std::optional<PeakSplit> split = std::nullopt;  ///< nullopt: no samples
};

/// A process seen in the run's cgroup or a descendant, or as a child of the
/// main process.
struct Member {
  pid_t pid = 0;
  /// As last read, escaped as in /dev/kmsg; empty: it was never read.
  std::string name;
  std::optional<std::uint64_t> start_time;  ///< clock ticks since boot
  std::int64_t first_seen_ns = 0;
  std::int64_t last_seen_ns = 0;
  std::optional<int> exit_code;
  std::optional<int> signal;
  /// How its end is known: "waitid", "pidfd" (PIDFD_GET_INFO, since ~6.15) or
  /// "kmsg" (the kernel log has its OOM kill). nullopt: unknown, or it had not
  /// ended.
  std::optional<std::string> end_source;
  /// OOM kills counted, as for the main process, when its end was noticed: it
  /// was not the victim of a later one.
  std::optional<std::uint64_t> kills_at_end;
  /// OOM kills counted, as for the main process, before a reading that showed
  /// it alive and without a pending SIGKILL: it was the victim of none of them.
  std::uint64_t outlived_kills = 0;
  /// At the last reading with both alive it shared the main process' memory, or
  /// may have: then the OOM killer kills both at once. From kcmp(2) or, where
  /// that is not permitted, the address of the stack. nullopt: unknown.
  std::optional<bool> shares_memory;
  /// For a process whose leader has exited: the ids of its threads, one of
  /// which is in the kernel log instead of the pid.
  std::vector<pid_t> threads;
  /// The cgroup outside the run in which it was last seen.
  std::optional<std::string> left_for;
  /// It was started before the main process, or by a process outside: another
  /// program moved it in.
  bool moved_in = false;
  /// A reading showed it with oom_score_adj -1000: then the OOM killer spares
  /// it.
  bool oom_protected = false;
};

/// The processes that the readings of cgroup.procs showed in the run's cgroup
/// and its descendants. There may have been others between two readings.
struct Ledger {
  std::vector<Member> processes;  ///< in the order in which they were seen
  /// The highest count of OOM kills inside: that of a v1 cgroup is removed with
  /// it.
  std::uint64_t most_kills = 0;
  /// Since the last OOM kill that the main process survived, it waited for
  /// children, had some that no reading showed, or ignored SIGCHLD; or another
  /// process waited for some. These may be missing from `processes`.
  bool may_have_missed_children = false;
  /// A reading failed or was late, more were seen than are kept, or the command
  /// created cgroups inside, so that others may have been there.
  bool incomplete = false;
  /// The main process was inside at the last reading that showed it alive (v1:
  /// in the run's own cgroup, whose counter stays).
  bool main_inside = false;
  /// Another program moved cglab itself in; it moved out again.
  bool cglab_inside = false;
  /// `oom_group_kill` of memory.events.local when the main process was reaped
  /// (v2).
  std::optional<std::uint64_t> main_group_kills;
};

/// The kernel's log record of the kill, from /dev/kmsg.
struct Victim {
  pid_t pid = 0;
  std::string name;
  std::optional<std::string> constraint;  ///< "CONSTRAINT_MEMCG"
  std::optional<std::string> oom_memcg;   ///< whose limit was hit
  std::optional<std::string> task_memcg;  ///< whose process
  std::optional<Bytes> limit;             ///< hard limit of oom_memcg
  std::optional<Bytes> anon_rss;
  std::vector<std::string> lines;  ///< the record itself
};

/// A cgroup that existed inside the run's cgroup at its end (v2).
struct Descendant {
  std::string path;
  std::optional<Limit> max;
  std::optional<std::uint64_t> hits;  ///< `oom` of memory.events.local
};

/// Why SIGKILL has not ended a process.
enum class HoldReason {
  frozen,  ///< by the v1 freezer: the signal takes effect when it is thawed
  not_permitted,    ///< kill(2) returns EPERM: it belongs to another user
  traced,           ///< its tracer has not reaped it yet
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

/// A process that cglab could not kill or reap.
struct HeldProcess {
  pid_t pid = 0;
  std::string name;   ///< empty: it could not be read
  std::string state;  ///< its letter in /proc/PID/stat; empty likewise
  HoldReason reason = HoldReason::unknown;
  /// The frozen cgroups; the tracer, "gdb (pid 12)"; the kernel function in
  /// which it sleeps.
  std::optional<std::string> by;
};

/// A file, or a segment of System V shared memory ("shmid 3"), that may hold
/// shared memory.
struct SharedFile {
  std::string path;
  Bytes bytes;  ///< that it occupies
  /// Pages of it are charged to the run's cgroup, according to
  /// /proc/kpagecgroup. False: none of the pages that were checked, or they
  /// could not be checked; but it was changed during the run.
  bool charged = false;
};

/// Shared memory that stays charged after the last process has ended: when the
/// cgroup is removed, it is charged to the parent.
struct SharedMemoryLeft {
  Bytes bytes;
  std::vector<SharedFile> files;  ///< those visible from here, largest first
  bool all_searched = false;      ///< no file was skipped for lack of time
};

/// The evidence for the verdict.
struct Evidence {
  Counters before;
  Counters after;  ///< read after every process was reaped
  /// v1: the number of OOM notifications of the first cgroup, as in Ancestor.
  std::optional<std::uint64_t> notifications;
  std::vector<Ancestor> ancestors;
  bool all_ancestors_seen = false;  ///< up to the root of the hierarchy
  std::vector<Descendant> descendants;
  Ledger ledger;
  /// OOM kills in the run's cgroups from the kernel log: the first process, if
  /// it is among them, comes first.
  std::vector<Victim> victims;
  /// Those during the run whose cgroup was not logged.
  std::vector<Victim> unplaced_victims;
  /// Pids of those logged only after the main process was reaped: they are not
  /// that process, even with its pid.
  std::vector<pid_t> later_victims;
  std::optional<Fact> victims_absent_because;
  /// The log was readable and lost no record during the run.
  bool kernel_log_complete = false;
  std::optional<int> interrupted_by;  ///< signal number
  bool deadline_passed = false;
  /// Another program removed a cgroup of the run: later readings are absent.
  bool cgroup_removed = false;
  /// v2: it disabled the memory controller, and the limit with it.
  bool controller_removed = false;
  /// v1: the run's cgroups or ancestors whose OOM killer was disabled while a
  /// process waited there for memory.
  std::vector<std::string> disabled_oom_killers;
  /// v2: the run's cgroup or the nearest ancestor that was frozen
  /// (cgroup.freeze) when a signal or the deadline ended the run.
  std::optional<std::string> frozen_cgroup;
  std::vector<HeldProcess> held;
  std::optional<SharedMemoryLeft> shared_memory_left;
};

/// Whose limit invoked the OOM killer.
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

/// The outcome of the run, in one word.
enum class Status {
  oom_killed,              ///< proven, at the limit of the child's own cgroup
  oom_killed_by_ancestor,  ///< proven, at the limit of an ancestor
  /// Proven, at the limit of a cgroup that the child created in its own.
  oom_killed_by_descendant,
  oom_killed_by_host,       ///< proven, but the host was out of memory
  oom_killed_by_unknown,    ///< proven, but it is unknown whose limit was hit
  killed,                   ///< by SIGKILL, but not by the OOM killer
  killed_undetermined,      ///< by SIGKILL, perhaps from the OOM killer
  crashed,                  ///< ended by another signal
  survived,                 ///< allocated everything and exited
  child_failed,             ///< exited with an error
  limit_refused,            ///< the kernel refused the limit
  oom_killed_inside,        ///< a process inside, but not the command
  oom_killed_undetermined,  ///< OOM kill inside, of the child or of another
                            ///< process
  left,                     ///< the command moved out of its cgroup
  throttled,  ///< the command ended by itself, throttled by `high`
  finished,   ///< the command ended by itself
  deadline,
  interrupted,
  as_predicted,      ///< every claim of the experiment holds
  not_as_predicted,  ///< a claim does not hold
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

/// What is known about OOM kills in the run's cgroups.
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

/// Other events of a run, whatever its outcome.
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
  rest_killed,  ///< processes that the command left behind
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

/// A finding.
struct Finding {
  FindingKind kind = FindingKind::limit_hit;
  Fact fact;  ///< with the numbers

  bool operator==(const Finding&) const = default;
};

/// A claim and its result.
struct ClaimRecord {
  Text text;
  Fact what;      ///< reading_in: "oom_kill", of "team", "memory.events.local"
  Fact seen;      ///< change: 0, 1
  Fact expected;  ///< rise
  /// nullopt: this kernel does not provide it, or the run ended before
  std::optional<bool> held;
  bool decided_by_cause = false;  ///< must fail in the control run
};

/// The conclusions of analyze().
struct Verdict {
  Status status = Status::child_failed;
  std::vector<Fact> reason;  ///< sentences, with the numbers that prove them
  std::optional<OomKill> oom_kill = std::nullopt;  ///< nullopt: undetermined
  std::optional<LimitOwner> limit_owner;           ///< set after an OOM kill
  /// The ancestor's or the descendant's, where it is known.
  std::optional<std::string> limit_owner_path;
  /// The cgroup that the kernel log names, where that decided on the owner.
  std::optional<std::string> oom_memcg = std::nullopt;
  /// How the OOM kill of the main process is known, sentence by sentence;
  /// nullopt without one.
  std::optional<std::vector<Fact>> proof = std::nullopt;
  std::vector<Finding> findings;
  std::vector<ClaimRecord> claims;  ///< of an experiment that has some
};

/// The result of teardown.
struct Cleanup {
  bool removed = false;           ///< everything that this run created is gone
  std::vector<std::string> left;  ///< what still exists
  std::vector<std::string>
      orphans_removed;  ///< of earlier runs that were killed
  std::optional<std::string> error;
};

/// Records that `path` could not be removed, and why.
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

/// "/cglab...", the end of the path of the run's own cgroup, which contains all
/// its others.
std::string tail_of_run(const RunRecord& record);

/// Whether the verdict depends on claims, and not on the end of one process.
inline bool makes_claims(const RunRecord& record) noexcept {
  return !record.verdict.claims.empty();
}

/// Whether a cgroup is left behind that was not to be kept.
bool left_something(const RunRecord& record) noexcept;

/// The process with this pid; nullptr when no reading showed it.
const Member* member_of(const RunRecord& record, pid_t pid) noexcept;

/// The main process in the ledger; nullptr before it was started.
Member* main_member(RunRecord& record) noexcept;
const Member* main_member(const RunRecord& record) noexcept;

/// The first victim; nullptr when the log has none.
const Victim* first_victim(const RunRecord& record) noexcept;

/// The limit that the kernel refused, keeping the old one; nullptr when it
/// refused none. An absent interface file is not a refusal.
const LimitRecord* refused_limit(const RunRecord& record) noexcept;

/// The first limit that was set through `file`; nullptr when none was.
const LimitRecord* limit_of(const RunRecord& record,
                            cgroupfs::File file) noexcept;

/// The hard limit with its actual value; nullptr when none was set.
const LimitRecord* hard_limit(const RunRecord& record) noexcept;

/// Whether the value read at the end differs from the one read back when it was
/// set.
bool was_rewritten(const LimitRecord& limit) noexcept;

/// `key` of `subject` at `mark`; nullopt when it was not read.
std::optional<std::uint64_t> reading_of(const RunRecord& record,
                                        std::string_view mark,
                                        std::string_view subject,
                                        const std::string& key);

/// By how much the oom_kill counter rose; nullopt where the kernel has none.
std::optional<std::uint64_t> oom_kills_in(const RunRecord& record);

/// Time of the first event of `kind`; nullopt when there was none.
std::optional<std::int64_t> time_of(const RunRecord& record, EventKind kind);

}  // namespace lab
