// SPDX-License-Identifier: MIT
#include "lab/place/foreign_process.h"

#include <fmt/format.h>

#include <cerrno>
#include <charconv>
#include <csignal>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/os/pidfd.h"
#include "lab/os/proc_stat.h"

namespace lab {
namespace {

/// Whether a process with this id exists, even if /proc hides it.
bool exists(pid_t pid) noexcept {
  return ::kill(pid, 0) == 0 || errno == EPERM;
}

/// nullopt also for one that is hidden from this user (hidepid).
std::optional<ProcStat> visible_stat(pid_t pid) try {
  return proc_stat(pid);
} catch (const cgroupfs::FileError&) {
  return std::nullopt;
}

/// A leader that has exited is a zombie, too, while other threads are alive.
bool is_zombie(pid_t pid, const ProcStat& stat) try {
  if (stat.state != 'Z' && stat.state != 'X') return false;
  const auto threads =
      cgroupfs::Directory::try_open(fmt::format("/proc/{}/task", pid));
  return !threads || threads->subdirectories().size() <= 1;
} catch (const cgroupfs::FileError&) {
  return false;
}

[[noreturn]] void refuse_ended(pid_t pid, const char* how) {
  throw UsageError(fmt::format(
      "process {0} {1}; for a cgroup of that name, write ./{0}", pid, how));
}

}  // namespace

bool is_pid(const std::string& argument) noexcept {
  return !argument.empty() &&
         argument.find_first_not_of("0123456789") == argument.npos;
}

pid_t parse_pid(const std::string& text) {
  pid_t pid = 0;
  const auto result =
      std::from_chars(text.data(), text.data() + text.size(), pid);
  if (result.ec == std::errc() && pid > 0) return pid;
  throw UsageError(fmt::format(
      "{0} is not a process id; for a cgroup of that name, write ./{0}", text));
}

ForeignProcess::ForeignProcess(pid_t pid) : pid_(pid), pidfd_(open_pidfd(pid)) {
  const auto stat = visible_stat(pid);
  if (!stat) refuse_unseen();
  start_time_ = stat->start_time;
}

bool ForeignProcess::has_ended() const {
  if (pidfd_) return lab::has_ended(pidfd_);
  const auto stat = visible_stat(pid_);
  if (!stat) return !exists(pid_);
  return stat->start_time != start_time_ || is_zombie(pid_, *stat);
}

bool ForeignProcess::is_exiting() const {
  const auto stat = visible_stat(pid_);
  return !stat || stat->exiting;
}

void ForeignProcess::require_alive() const {
  if (has_ended() && exists(pid_)) refuse_ended(pid_, "has ended (zombie)");
}

void ForeignProcess::refuse_unseen() const {
  if (!exists(pid_)) {
    throw UsageError(fmt::format(
        "there is no process {0}; for a cgroup of that name, write ./{0}",
        pid_));
  }
  throw Unavailable(
      fmt::format("process {0} exists, but /proc/{0} does not show its cgroup "
                  "to this user (hidepid, or /proc of another PID namespace)",
                  pid_),
      "run as root, or give the path of the cgroup", /*vm_helps=*/false);
}

void ForeignProcess::refuse_exiting() const {
  refuse_ended(pid_, "is exiting");
}

}  // namespace lab
