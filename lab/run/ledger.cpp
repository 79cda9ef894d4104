// SPDX-License-Identifier: MIT
#include "lab/run/ledger.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>
#include <utility>

#include "cgroupfs/error.h"
#include "cgroupfs/text.h"
#include "lab/os/descriptors.h"
#include "lab/os/pidfd.h"
#include "lab/os/proc_stat.h"
#include "lab/os/reaper.h"
#include "lab/place/kernel_name.h"
#include "lab/place/memory_access.h"
#include "lab/run/membership.h"

namespace lab {
namespace {

using cgroupfs::Cgroup;

constexpr std::int64_t shortest_ns = 10000000;
constexpr std::chrono::milliseconds interval(100);
/// Without a reading for this long, processes may have come and gone unseen.
constexpr std::int64_t longest_gap_ns = 250000000;
/// A hog starts no process: only other programs can move one in.
constexpr std::int64_t longest_gap_of_hog_ns = 1000000000;
/// Within the longest gap, even on a slow machine.
constexpr std::int64_t longest_pause_ns = 150000000;
/// From a count of kills to the check of which processes are still alive. The
/// kernel counts a kill and sends SIGKILL under one spinlock
/// (__oom_kill_process()).
constexpr std::int64_t outlived_after_ns = 90000000;
/// A fork bomb must not fill the record, or use up the descriptors.
constexpr std::size_t most_processes = 1000;
constexpr std::size_t most_pidfds = 200;
/// Descriptors that a run opens after its ledger.
constexpr std::size_t own_descriptors = 32;
constexpr int least_oom_score_adj = -1000;
/// The number of known processes that are described again at a reading.
constexpr std::size_t most_described = 16;

/// The kernel counts a link for each child cgroup: "." and ".." are two.
bool has_children(const Cgroup& group) {
  struct stat status {};
  return ::fstat(group.directory().fd(), &status) != 0 || status.st_nlink > 2;
}

using Pids = std::vector<pid_t>;

/// False when `action` failed for a reason other than that the cgroup is gone,
/// or is a threaded one of v2, whose processes an ancestor lists.
template <typename Action>
bool is_done(const Action& action) {
  try {
    action();
    return true;
  } catch (const cgroupfs::FileError& error) {
    const int code = error.code().value();
    return cgroupfs::is_absent(code) || code == EOPNOTSUPP;
  }
}

bool add_own(const Cgroup& group, Pids& pids) {
  return is_done([&] {
    const Pids own = group.processes();
    pids.insert(pids.end(), own.begin(), own.end());
  });
}

bool add_descendants(const Cgroup& group, Pids& pids) {
  if (!has_children(group)) return true;
  bool all = true;
  const bool listed = is_done([&] {
    for (const std::string& name : group.directory().subdirectories()) {
      const bool opened = is_done([&] {
        const auto child =
            Cgroup::open(group.directory().path_of(name), group.version());
        all = add_own(child, pids) && all;
        all = add_descendants(child, pids) && all;
      });
      all = all && opened;
    }
  });
  return all && listed;
}

bool has(const Pids& pids, pid_t pid) {
  return std::find(pids.begin(), pids.end(), pid) != pids.end();
}

/// The ids of its threads. The directory is read because a leader that has
/// exited is in no other list.
std::vector<pid_t> threads_of(pid_t pid) {
  const auto directory =
      cgroupfs::Directory::open("/proc/" + std::to_string(pid) + "/task");
  std::vector<pid_t> threads;
  for (const std::string& name : directory.subdirectories()) {
    pid_t thread = 0;
    std::from_chars(name.data(), name.data() + name.size(), thread);
    if (thread > 0) threads.push_back(thread);
  }
  return threads;
}

/// False where it is not readable, or where a tracer may hold a process that
/// has received SIGKILL.
bool is_known_to_live(pid_t pid) try {
  const auto signals = proc_status(pid);
  const auto stat = proc_stat(pid);
  return signals && !signals->kill_pending && stat && !stat->exiting &&
         stat->state != 't' && stat->state != 'T';
} catch (const std::exception&) {
  return false;
}

/// The children of a process, zombies among them. Empty where the kernel does
/// not list them (CONFIG_PROC_CHILDREN).
std::vector<pid_t> children_of(pid_t pid) {
  const std::string id = std::to_string(pid);
  const std::string text =
      cgroupfs::try_read_file("/proc/" + id + "/task/" + id + "/children")
          .value_or("");
  std::vector<pid_t> children;
  for (const std::string_view word : cgroupfs::split_words(text)) {
    children.push_back(static_cast<pid_t>(cgroupfs::parse_u64(word)));
  }
  return children;
}

/// When a cgroup was last created in `group` or removed from it, in
/// nanoseconds.
std::int64_t changed_ns(const Cgroup& group) {
  struct stat status {};
  if (::fstat(group.directory().fd(), &status) != 0) return 0;
  return status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
}

/// Makes the kernel keep that time, which it does once a time was set (kernfs).
/// inotify would report the same, but takes 20 ms to close.
std::int64_t start_changes(const Cgroup& group) {
  ::futimens(group.directory().fd(), nullptr);
  return changed_ns(group);
}

/// Leaves enough for the run.
std::size_t pidfd_share() {
  const std::size_t free = free_descriptors(most_pidfds + own_descriptors);
  return free - std::min(free, own_descriptors);
}

/// 0 where they are hidden (hidepid): then no process is known to be older.
std::uint64_t faults_of_children(pid_t pid) try {
  const auto stat = proc_stat(pid);
  return stat ? stat->faults_of_children : 0;
} catch (const std::exception&) {
  return 0;
}

/// Whether this process descends from `pid`. Unknown where an ancestor is
/// hidden (hidepid).
bool is_ancestor(pid_t pid) try {
  for (auto stat = proc_stat(::getpid()); stat;
       stat = proc_stat(stat->parent)) {
    if (stat->parent == pid) return true;
  }
  return false;
} catch (const std::exception&) {
  return false;
}

std::optional<int> oom_score_adj_of(pid_t pid) {
  const auto text = cgroupfs::try_read_file("/proc/" + std::to_string(pid) +
                                            "/oom_score_adj");
  if (!text) return std::nullopt;
  return std::atoi(text->c_str());
}

void set_end(Member& member, const std::optional<int>& exit_code,
             const std::optional<int>& signal, const char* source) {
  member.exit_code = exit_code;
  member.signal = signal;
  member.end_source = source;
}

}  // namespace

LedgerKeeper::LedgerKeeper(const RunCgroups& cgroups, const Cgroup& target,
                           const Placement& placement, Ledger& ledger)
    : most_pidfds_(pidfd_share()),
      cgroups_(cgroups),
      target_(target),
      placement_(placement),
      name_(cgroups.top().path().substr(cgroups.top().path().rfind('/'))),
      ledger_(ledger) {
  timer_.every(interval);
}

void LedgerKeeper::set_main(const Child& child, bool is_command) {
  main_ = &child;
  main_is_command_ = is_command;
  if (is_command) changed_ns_ = start_changes(cgroups_.top());
}

void LedgerKeeper::add(const Child& child) {
  const auto index = see(child.pid(), monotonic_ns());
  // Its end is read with waitid(2).
  if (!index || !held_[*index].pidfd) return;
  held_[*index].pidfd.reset();
  --pidfds_;
}

/// The index of a live process; nullopt when the ledger is full.
std::optional<std::size_t> LedgerKeeper::see(pid_t pid, std::int64_t now_ns) {
  const auto place = alive_.find(pid);
  if (place != alive_.end()) {
    ledger_.processes[place->second].last_seen_ns = now_ns;
    return place->second;
  }
  const std::size_t index = ledger_.processes.size();
  // Processes of an outer PID namespace have no pid here.
  if (index >= most_processes || pid <= 0) {
    ledger_.incomplete = true;
    return std::nullopt;
  }
  Member& member = ledger_.processes.emplace_back();
  member.pid = pid;
  member.first_seen_ns = member.last_seen_ns = now_ns;
  Held& held = held_.emplace_back();
  if (pidfds_ < most_pidfds_) held.pidfd = open_pidfd(pid);
  if (held.pidfd) ++pidfds_;
  alive_[pid] = index;
  return index;
}

/// The values that change while a process is alive.
void LedgerKeeper::describe(std::size_t index, std::int64_t now_ns) try {
  Member& member = ledger_.processes[index];
  held_[index].described_ns = now_ns;
  const bool is_main = main_ && member.pid == main_->pid();
  const auto same = main_ && !is_main
                        ? have_same_memory(main_->pid(), member.pid)
                        : std::nullopt;
  const auto stat = proc_stat(member.pid);
  if (!stat) return;
  if (member.start_time && *member.start_time != stat->start_time) {
    // Without a pidfd: another process has this pid now.
    alive_.erase(member.pid);
    return;
  }
  if (!member.start_time && index > 0) note_origin(member, *stat);
  member.name = log_escaped(stat->name);
  member.start_time = stat->start_time;
  if (main_ && !is_main) note_other(member, *stat, same, now_ns);
  if (stat->exiting) {
    // The leader may have exited before other threads.
    std::vector<pid_t> threads = threads_of(member.pid);
    if (threads.size() > 1) member.threads = std::move(threads);
  }
  if (is_main) describe_main(*stat, now_ns);
} catch (const std::exception&) {
  // Hidden (hidepid), or exiting.
}

/// Conditions that hide children from the readings.
void LedgerKeeper::describe_main(const ProcStat& stat, std::int64_t now_ns) {
  if (stat.exiting || !main_is_command_) return;
  const pid_t pid = main_->pid();
  const auto signals = proc_status(pid);
  const std::vector<pid_t> children = children_of(pid);
  // Also those that have ended and are no longer in cgroup.procs.
  for (const pid_t child : children) {
    const bool known = std::any_of(
        ledger_.processes.begin(), ledger_.processes.end(),
        [child](const Member& member) { return member.pid == child; });
    if (!known) see(child, now_ns);
  }
  take_ends();
  if (!signals || signals->ignores_children) missed_ns_ = now_ns;
  note_protection(main_member());
}

void LedgerKeeper::note_protection(Member& member) {
  if (oom_score_adj_of(member.pid) == least_oom_score_adj) {
    member.oom_protected = true;
  }
}

void LedgerKeeper::read_protection() try {
  for (const auto& [pid, index] : alive_) {
    note_protection(ledger_.processes[index]);
  }
} catch (const std::exception&) {
  // Hidden (hidepid): then it is assumed that it may be killed.
}

/// The first of the ledger was started by this run before all others.
void LedgerKeeper::note_origin(Member& member, const ProcStat& stat) {
  std::optional<std::uint64_t> started = ledger_.processes.front().start_time;
  if (!started && !main_reaped_) {
    const auto first = proc_stat(ledger_.processes.front().pid);
    if (first) started = first->start_time;
  }
  if (!started) return;
  member.moved_in = stat.start_time < *started ||
                    descends_from_elsewhere(stat.parent, *started);
}

/// Whether the chain of parents from `pid` on shows that the run did not start
/// it: it contains a process older than the run, or an ancestor of this
/// process. For a process of the run it leads to others of the run, to this
/// process or, for an orphan, to the reaper.
bool LedgerKeeper::descends_from_elsewhere(pid_t pid, std::uint64_t started) {
  const auto is_inside = [this](pid_t each) {
    return std::any_of(
        ledger_.processes.begin(), ledger_.processes.end(),
        [each](const Member& member) { return member.pid == each; });
  };
  while (pid > 0 && pid != ::getpid() && !is_inside(pid)) {
    if (!reaper_) reaper_ = find_reaper().value_or(0);
    if (reaper_ <= 0 || pid == reaper_) return false;
    const auto stat = proc_stat(pid);
    if (!stat) return false;
    if (stat->start_time < started || is_ancestor(pid)) return true;
    pid = stat->parent;
  }
  return false;
}

/// `same`: it shared the main process' memory just before.
void LedgerKeeper::note_other(Member& member, const ProcStat& stat,
                              std::optional<bool> same, std::int64_t now_ns) {
  const auto main = proc_stat(main_->pid());
  const bool main_lives = main && !main->exiting;
  if (main_lives && stat.faults_of_children > 0) missed_ns_ = now_ns;
  if (!main_lives) return;
  // Where kcmp(2) is not permitted: after exec the memory is a different one.
  const bool by_stack =
      !same && stat.start_stack != 0 && main->start_stack != 0;
  if (by_stack) same = stat.start_stack == main->start_stack;
  // A vfork(2) child, whose parent is in state D, is about to exec. A process
  // that is exiting may have no memory any more, which kcmp(2) does not show.
  if (!same) return;
  if (*same ? main->state == 'D' : stat.exiting && !by_stack) return;
  member.shares_memory = same;
}

void LedgerKeeper::describe_all(const std::vector<pid_t>& pids, Reading reading,
                                std::int64_t now_ns) {
  const bool all = reading == Reading::whole && pids.size() <= most_described;
  std::size_t again = 0;
  for (const pid_t pid : pids) {
    const auto place = alive_.find(pid);
    if (place == alive_.end()) continue;
    const std::size_t index = place->second;
    const std::int64_t last_ns = held_[index].described_ns;
    const bool is_due = now_ns >= last_ns + nanoseconds(interval).count();
    if (last_ns == 0 || all || (is_due && again++ < most_described)) {
      describe(index, now_ns);
    }
  }
}

/// For those whose pidfds report it.
void LedgerKeeper::take_ends() {
  std::vector<std::size_t> ended;
  for (auto place = alive_.begin(); place != alive_.end();) {
    const cgroupfs::UniqueFd& pidfd = held_[place->second].pidfd;
    if (!pidfd || !has_ended(pidfd)) {
      ++place;
      continue;
    }
    ended.push_back(place->second);
    place = alive_.erase(place);
  }
  if (!ended.empty()) {
    const auto kills = kills_around_main();
    for (const std::size_t i : ended) {
      ledger_.processes[i].kills_at_end = kills;
    }
  }
  ended_.insert(ended_.end(), ended.begin(), ended.end());
  std::erase_if(ended_, [this](std::size_t i) {
    const PidfdEnd end = end_of(held_[i].pidfd);
    if (end.may_come) return false;
    held_[i].pidfd.reset();
    --pidfds_;
    if (end.status) {
      set_end(ledger_.processes[i], end.status->exit_code, end.status->signal,
              "pidfd");
    }
    return true;
  });
}

void LedgerKeeper::on_timer() {
  timer_.drain();
  sample();
  note_outlived();
}

std::optional<std::uint64_t> LedgerKeeper::kills() try {
  return cgroups_.top_memory().oom_kills();
} catch (const cgroupfs::FileError&) {
  // A cgroup inside that is not readable.
  ledger_.incomplete = true;
  return std::nullopt;
}

std::optional<std::uint64_t> LedgerKeeper::kills_around_main() try {
  if (!main_ || cgroups_.top().version() == cgroupfs::Version::v2) {
    return kills();
  }
  const auto control = cgroups_.first().memory.oom_control();
  return control ? control->oom_kill : std::nullopt;
} catch (const cgroupfs::FileError&) {
  return std::nullopt;
}

void LedgerKeeper::note_outlived() {
  const std::int64_t now_ns = monotonic_ns();
  if (counted_ > 0 && now_ns >= counted_ns_ + outlived_after_ns) {
    for (const auto& [pid, index] : alive_) {
      Member& member = ledger_.processes[index];
      if (member.outlived_kills >= counted_ || !is_same(index) ||
          !is_known_to_live(pid)) {
        continue;
      }
      member.outlived_kills = counted_;
      if (!main_ || pid != main_->pid()) continue;
      faults_when_outlived_ = faults_when_counted_;
      outlived_ns_ = before_count_ns_;
    }
  }
  // Read before the count: a child that is reaped in between may be the victim
  // of a kill that is not counted yet.
  const bool asks_main = main_ && main_is_command_ && !main_reaped_;
  const std::uint64_t faults = asks_main ? faults_of_children(main_->pid()) : 0;
  const std::int64_t before_ns = monotonic_ns();
  const auto counted = kills_around_main();
  if (counted && *counted > counted_) {
    counted_ = *counted;
    counted_ns_ = monotonic_ns();
    faults_when_counted_ = faults;
    before_count_ns_ = before_ns;
  }
  ledger_.most_kills = std::max(ledger_.most_kills, kills().value_or(0));
}

void LedgerKeeper::sample() {
  if (monotonic_ns() >= next_ns_) read(Reading::due);
}

void LedgerKeeper::read(Reading reading) {
  const std::int64_t now_ns = monotonic_ns();
  const std::int64_t longest_ns =
      main_is_command_ ? longest_gap_ns : longest_gap_of_hog_ns;
  const bool is_late = last_ns_ != 0 && now_ns > last_ns_ + longest_ns;
  if (is_late && !main_reaped_) ledger_.incomplete = true;
  last_ns_ = now_ns;
  take_ends();
  const Cgroup& top = cgroups_.top();
  Pids pids;
  bool all = add_own(top, pids);
  if (&target_ != &top) all = add_own(target_, pids) && all;
  const bool counted = main_ && has(pids, main_->pid());
  all = add_descendants(top, pids) && all;
  // A command that creates cgroups inside may have had processes there between
  // two readings, and this cgroup gets no notification of a kill at their
  // limits.
  const bool has_more = &target_ == &top && has_children(top);
  if (!all || (main_ && has_more) ||
      (changed_ns_ != 0 && changed_ns(top) != changed_ns_)) {
    ledger_.incomplete = true;
  }
  // It is still alive, and so was not a victim.
  if (std::erase(pids, ::getpid()) > 0) {
    ledger_.cglab_inside = true;
    leave_run(placement_);
  }
  for (const pid_t pid : pids) see(pid, now_ns);
  look_for_others(pids, now_ns);
  if (main_is_command_ || alive_.size() > 1)
    describe_all(pids, reading, now_ns);
  if (main_ && has(pids, main_->pid())) {
    ledger_.main_inside = counted || top.version() == cgroupfs::Version::v2;
  } else if (main_ && !main_->has_ended()) {
    look_for_main();
  }
  // With many processes a reading takes long: readings take a tenth of the
  // time.
  const std::int64_t took_ns = monotonic_ns() - now_ns;
  next_ns_ = now_ns + std::clamp(10 * took_ns, shortest_ns, longest_pause_ns);
}

/// Processes that are no longer listed, have not ended, and are not the main
/// process.
void LedgerKeeper::look_for_others(const Pids& pids, std::int64_t now_ns) {
  if (alive_.size() <= 1) return;
  std::vector<std::size_t> due;
  for (const auto& [pid, index] : alive_) {
    if ((main_ && pid == main_->pid()) || has(pids, pid)) continue;
    const std::int64_t next_ns =
        held_[index].looked_ns + nanoseconds(interval).count();
    if (now_ns >= next_ns && due.size() < most_described) due.push_back(index);
  }
  for (const std::size_t index : due) {
    held_[index].looked_ns = now_ns;
    if (!is_same(index)) continue;
    auto path = cgroup_outside(ledger_.processes[index].pid);
    if (!path) continue;
    ledger_.processes[index].left_for = std::move(path);
    describe(index, now_ns);
  }
}

/// A cgroup of v1 may be renamed: the descriptor leads to its new name.
bool LedgerKeeper::is_inside(const std::string& path) const {
  if (is_in_cgroup(path, name_)) return true;
  const auto now = cgroups_.top().directory().path_now();
  return now && is_in_cgroup(path, now->substr(now->rfind('/')));
}

/// Whether its pid is still valid: a pidfd shows when it has ended, otherwise
/// its start time must be known.
bool LedgerKeeper::is_same(std::size_t index) const try {
  const Member& member = ledger_.processes[index];
  const bool is_childs = main_ && member.pid == main_->pid();
  if (held_[index].pidfd || is_childs) return true;
  const auto stat = proc_stat(member.pid);
  return stat && member.start_time == stat->start_time;
} catch (const std::exception&) {
  return false;
}

/// The cgroup that contains it; nullopt where that belongs to the run, where it
/// is hidden, and while it is exiting, when v1 shows the root.
std::optional<std::string> LedgerKeeper::cgroup_outside(pid_t pid) const try {
  auto path = memory_membership(pid, cgroups_.top().version());
  if (!path || is_inside(*path)) return std::nullopt;
  const auto stat = proc_stat(pid);
  if (!stat || stat->exiting) return std::nullopt;
  return path;
} catch (const std::exception&) {
  return std::nullopt;
}

void LedgerKeeper::look_for_main() try {
  const auto path = memory_membership(main_->pid(), cgroups_.top().version());
  if (!path) {
    // Hidden (hidepid), or it has just ended.
    ledger_.main_inside = ledger_.main_inside && main_->has_ended();
    return;
  }
  if (is_inside(*path)) return;
  // An exiting process leaves its cgroup before its end is visible.
  const auto stat = proc_stat(main_->pid());
  if (!stat || stat->exiting) return;
  ledger_.main_inside = false;
  main_member().left_for = path;
} catch (const cgroupfs::FileError&) {
  // Hidden (hidepid): its cgroup stays unknown.
  ledger_.main_inside = false;
}

void LedgerKeeper::read_zombie() try {
  const pid_t pid = main_->pid();
  const auto stat = proc_stat(pid);
  // A hog ignores no signals and stays where it is.
  const auto signals =
      main_is_command_ ? proc_status(pid) : std::optional(ProcStatus{});
  if (!stat || !signals) {
    // Hidden (hidepid).
    ledger_.may_have_missed_children = true;
    return;
  }
  if (const auto index = see(pid, monotonic_ns())) {
    ledger_.processes[*index].name = log_escaped(stat->name);
    ledger_.processes[*index].start_time = stat->start_time;
  }
  if (!main_is_command_) {
    ledger_.may_have_missed_children = stat->faults_of_children > 0;
    return;
  }
  // On v1 a zombie is in the root.
  if (cgroups_.top().version() == cgroupfs::Version::v2) {
    const auto path = memory_membership(pid, cgroupfs::Version::v2);
    if (path && !is_inside(*path)) {
      ledger_.main_inside = false;
      main_member().left_for = path;
    }
  }
  ledger_.may_have_missed_children =
      stat->faults_of_children > faults_when_outlived_ ||
      (missed_ns_ != 0 && missed_ns_ > outlived_ns_) ||
      signals->ignores_children;
  note_protection(main_member());
} catch (const std::exception&) {
  ledger_.may_have_missed_children = true;
}

void LedgerKeeper::note_reaped(pid_t pid, const std::optional<int>& exit_code,
                               const std::optional<int>& signal) {
  const auto place = alive_.find(pid);
  if (place == alive_.end()) return;
  set_end(ledger_.processes[place->second], exit_code, signal, "waitid");
  alive_.erase(place);
  if (!main_ || pid != main_->pid()) return;
  main_reaped_ = true;
  note_group_kills();
}

/// v2.
void LedgerKeeper::note_group_kills() try {
  const auto events =
      cgroups_.first().memory.events(cgroupfs::File::memory_events_local);
  if (events) ledger_.main_group_kills = events->oom_group_kill;
} catch (const cgroupfs::FileError&) {
  // The cgroup is gone.
}

void LedgerKeeper::note_logged_kill(pid_t pid) {
  for (Member& member : ledger_.processes) {
    if (member.pid != pid || member.end_source) continue;
    set_end(member, std::nullopt, SIGKILL, "kmsg");
  }
}

void LedgerKeeper::await_outlived() {
  for (int i = 0; i < 3 && !alive_.empty(); ++i) {
    if (i > 0) std::this_thread::sleep_for(interval);
    note_outlived();
    if (counted_ == 0) return;
  }
}

void LedgerKeeper::finish() {
  take_ends();
  if (!alive_.empty()) note_outlived();
}

}  // namespace lab
