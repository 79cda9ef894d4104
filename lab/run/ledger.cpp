// SPDX-License-Identifier: MIT
#include "lab/run/ledger.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "cgroupfs/error.h"
#include "lab/os/pidfd.h"
#include "lab/os/proc_stat.h"
#include "lab/place/kernel_name.h"
#include "lab/place/memory_access.h"

namespace lab {
namespace {

using cgroupfs::Cgroup;

constexpr std::int64_t shortest_ns = 10000000;
constexpr std::chrono::milliseconds interval(100);
/// Without a reading for so long, any process may have come and gone.
constexpr std::int64_t longest_gap_ns = 1000000000;
/// From a count of kills to a look at who lives on. The kernel counts a kill
/// and sends SIGKILL under one spinlock (__oom_kill_process()).
constexpr std::int64_t outlived_after_ns = 90000000;
/// A fork bomb must not fill the record, or use up the descriptors.
constexpr std::size_t most_processes = 1000;
constexpr std::size_t most_pidfds = 200;
constexpr int least_oom_score_adj = -1000;
/// So many that are known are described again at a reading.
constexpr std::size_t most_described = 16;

/// The kernel counts a link for each child cgroup: "." and ".." are two.
bool has_children(const Cgroup& group) {
  struct stat status {};
  return ::fstat(group.directory().fd(), &status) != 0 || status.st_nlink > 2;
}

using Pids = std::vector<pid_t>;

/// False when `action` failed for another reason than that the cgroup is gone
/// or a threaded one of v2, whose processes are listed above it.
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

/// The ids of its threads. The directory is read, as a dead leader is in no
/// other list.
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

bool is_alive(pid_t pid) {
  const auto stat = proc_stat(pid);
  return stat && !stat->exiting;
}

/// Not so where it may not be asked.
bool is_known_to_live(pid_t pid) try {
  const auto signals = proc_signals(pid);
  return signals && !signals->kill_pending && is_alive(pid);
} catch (const std::exception&) {
  return false;
}

std::uint64_t faults_of_children(pid_t pid) {
  const auto stat = proc_stat(pid);
  return stat ? stat->faults_of_children : 0;
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
                           Ledger& ledger)
    : cgroups_(cgroups),
      target_(target),
      name_(cgroups.top().path().substr(cgroups.top().path().rfind('/'))),
      ledger_(ledger) {
  timer_.every(interval);
}

void LedgerKeeper::add(const Child& child) {
  const auto index = see(child.pid(), monotonic_ns());
  // Its end comes from waitid(2).
  if (!index || !held_[*index].pidfd) return;
  held_[*index].pidfd.reset();
  --pidfds_;
}

/// Where the entry of a live process is; nullopt when the ledger is full.
std::optional<std::size_t> LedgerKeeper::see(pid_t pid, std::int64_t now_ns) {
  const auto place = alive_.find(pid);
  if (place != alive_.end()) {
    ledger_.processes[place->second].last_seen_ns = now_ns;
    return place->second;
  }
  const std::size_t index = ledger_.processes.size();
  if (index >= most_processes) {
    ledger_.incomplete = true;
    return std::nullopt;
  }
  Member& member = ledger_.processes.emplace_back();
  member.pid = pid;
  member.first_seen_ns = member.last_seen_ns = now_ns;
  Held& held = held_.emplace_back();
  if (pidfds_ < most_pidfds) held.pidfd = open_pidfd(pid);
  if (held.pidfd) ++pidfds_;
  alive_[pid] = index;
  return index;
}

/// What changes while a process lives.
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
    // Without a pidfd: another process has got the pid.
    alive_.erase(member.pid);
    return;
  }
  member.name = stat->name;
  member.start_time = stat->start_time;
  // One that is exiting has no memory any more: what was known before counts.
  if (same && !stat->exiting && (*same || is_alive(main_->pid()))) {
    member.shares_memory = same;
  }
  if (!stat->exiting) return;
  // The leader may have exited and left other threads.
  std::vector<pid_t> threads = threads_of(member.pid);
  if (threads.size() > 1) member.threads = std::move(threads);
} catch (const std::exception&) {
  // Hidden (hidepid), or on its way out.
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

/// Of those whose pidfds say so.
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
    const auto kills = cgroups_.top_memory().oom_kills();
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

void LedgerKeeper::note_outlived() {
  const std::int64_t now_ns = monotonic_ns();
  if (ledger_.most_kills > 0 && now_ns >= most_kills_ns_ + outlived_after_ns) {
    for (const auto& [pid, index] : alive_) {
      Member& member = ledger_.processes[index];
      if (member.outlived_kills >= ledger_.most_kills || !is_known_to_live(pid))
        continue;
      member.outlived_kills = ledger_.most_kills;
      if (main_ && pid == main_->pid()) {
        faults_of_children_ = faults_of_children(pid);
      }
    }
  }
  const auto kills = cgroups_.top_memory().oom_kills();
  if (!kills || *kills <= ledger_.most_kills) return;
  ledger_.most_kills = *kills;
  most_kills_ns_ = monotonic_ns();
}

void LedgerKeeper::sample() {
  if (monotonic_ns() >= last_ns_ + shortest_ns) read(Reading::due);
}

void LedgerKeeper::read(Reading reading) {
  const std::int64_t now_ns = monotonic_ns();
  if (last_ns_ != 0 && now_ns > last_ns_ + longest_gap_ns) {
    ledger_.incomplete = true;
  }
  last_ns_ = now_ns;
  take_ends();
  const Cgroup& top = cgroups_.top();
  Pids pids;
  bool all = add_own(top, pids);
  if (&target_ != &top) all = add_own(target_, pids) && all;
  const bool counted = main_ && has(pids, main_->pid());
  all = add_descendants(top, pids) && all;
  // A command that makes cgroups inside may have had processes there between
  // two readings, and this cgroup is not notified of a kill at their limits.
  const bool has_more = &target_ == &top && has_children(top);
  if (!all || (main_ && has_more)) ledger_.incomplete = true;
  for (const pid_t pid : pids) see(pid, now_ns);
  if (main_is_command_ || alive_.size() > 1)
    describe_all(pids, reading, now_ns);
  if (!main_) return;
  if (has(pids, main_->pid())) {
    ledger_.main_inside = counted || top.version() == cgroupfs::Version::v2;
  } else if (!main_->has_ended()) {
    look_for_main();
  }
}

void LedgerKeeper::look_for_main() try {
  const auto path = memory_membership(main_->pid(), cgroups_.top().version());
  if (!path || is_in_cgroup(*path, name_)) return;
  // On its way out it has left its cgroup before its end can be seen.
  const auto stat = proc_stat(main_->pid());
  if (!stat || stat->exiting) return;
  ledger_.main_inside = false;
  ledger_.main_left_for = path;
} catch (const cgroupfs::FileError&) {
  // Hidden (hidepid): where it is stays unknown.
  ledger_.main_inside = false;
}

void LedgerKeeper::read_zombie() try {
  const pid_t pid = main_->pid();
  const auto stat = proc_stat(pid);
  const auto signals = proc_signals(pid);
  if (!stat || !signals) return;
  if (const auto index = see(pid, monotonic_ns())) {
    ledger_.processes[*index].name = stat->name;
    ledger_.processes[*index].start_time = stat->start_time;
  }
  ledger_.may_have_missed_children =
      stat->faults_of_children > faults_of_children_ ||
      signals->ignores_children;
  ledger_.main_protected = oom_score_adj_of(pid) == least_oom_score_adj;
} catch (const std::exception&) {
  ledger_.may_have_missed_children = true;
}

void LedgerKeeper::note_reaped(pid_t pid, const std::optional<int>& exit_code,
                               const std::optional<int>& signal) {
  const auto place = alive_.find(pid);
  if (place == alive_.end()) return;
  set_end(ledger_.processes[place->second], exit_code, signal, "waitid");
  alive_.erase(place);
}

void LedgerKeeper::finish() {
  take_ends();
}

}  // namespace lab
