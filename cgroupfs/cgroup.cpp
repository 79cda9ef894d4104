// SPDX-License-Identifier: MIT
#include "cgroupfs/cgroup.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <exception>
#include <optional>
#include <stdexcept>
#include <thread>
#include <utility>

#include "cgroupfs/error.h"
#include "cgroupfs/text.h"
#include "cgroupfs/unique_fd.h"

namespace cgroupfs {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds retry_pause(1);

/// Runs `action`; a cgroup that vanished meanwhile is not an error.
template <typename Action>
void unless_gone(const Action& action) {
  try {
    action();
  } catch (const FileError& error) {
    if (!is_absent(error.code().value())) throw;
  }
}

/// Calls `action` with every cgroup directory below `top`, deepest first.
template <typename Action>
void for_each_below(const Directory& top, const Action& action) {
  unless_gone([&] {
    for (const std::string& name : top.subdirectories()) {
      unless_gone([&] {
        const Directory child = top.open_directory(name);
        for_each_below(child, action);
        action(top, name, child);
      });
    }
  });
}

/// Empty for a threaded cgroup of v2: its domain lists them.
std::vector<pid_t> read_processes(const Directory& group) try {
  const std::optional<std::string> text =
      group.try_read(name_of(File::cgroup_procs));
  return text ? parse_pids(*text) : std::vector<pid_t>();
} catch (const FileError& error) {
  if (error.code().value() != EOPNOTSUPP) throw;
  return {};
}

std::vector<pid_t> processes_below(const Directory& top) {
  std::vector<pid_t> pids = read_processes(top);
  for_each_below(top, [&pids](const Directory&, const std::string&,
                              const Directory& child) {
    const std::vector<pid_t> more = read_processes(child);
    pids.insert(pids.end(), more.begin(), more.end());
  });
  return pids;
}

bool populated_event(const Directory& group) {
  const std::optional<std::string> text =
      group.try_read(name_of(File::cgroup_events));
  return text && find(parse_flat_keyed(*text), "populated").value_or(0) != 0;
}

struct Handle {
  pid_t pid;
  /// Empty where a seccomp filter forbids pidfd_open(2), or no descriptor is
  /// free.
  UniqueFd pidfd;
};

/// The errors of a filter, and of a kernel without the call.
bool is_forbidden(int error) noexcept {
  return error == EPERM || error == EACCES || error == ENOSYS;
}

/// Where no pidfd can be used, by pid.
void send_kill(const Handle& handle) {
  if (handle.pidfd) {
    const long result = ::syscall(SYS_pidfd_send_signal, handle.pidfd.get(),
                                  SIGKILL, nullptr, 0);
    if (result == 0 || !is_forbidden(errno)) return;
  }
  ::kill(handle.pid, SIGKILL);
}

/// The number of pidfds open at a time: a process may have few descriptors, and
/// a cgroup thousands of processes.
constexpr std::size_t slice = 32;
/// Descriptors kept free for reading the members.
constexpr std::size_t reserve = 4;

/// Handles for the first of `pids`, which are removed from it.
std::vector<Handle> take_handles(const Directory& group,
                                 std::vector<pid_t>& pids) {
  std::array<UniqueFd, reserve> reserved;
  for (UniqueFd& each : reserved) {
    each = UniqueFd(::fcntl(group.fd(), F_DUPFD_CLOEXEC, 0));
  }
  std::vector<Handle> handles;
  while (!pids.empty() && handles.size() < slice) {
    UniqueFd pidfd(static_cast<int>(::syscall(SYS_pidfd_open, pids.back(), 0)));
    const int error = pidfd ? 0 : errno;
    // No descriptor left: the others go into the next slice.
    if (error == EMFILE && !handles.empty() && handles.front().pidfd) break;
    if (pidfd || is_forbidden(error) || error == EMFILE) {
      handles.push_back({pids.back(), std::move(pidfd)});
    }
    pids.pop_back();
  }
  return handles;
}

std::vector<pid_t> sorted_processes_below(const Directory& group) {
  std::vector<pid_t> pids = processes_below(group);
  std::sort(pids.begin(), pids.end());
  return pids;
}

/// A pid may have been reused by the time of the signal: only a process that is
/// still listed after its pidfd was opened is certainly a member. A pid of 0 is
/// a process outside this PID namespace, which cannot be signalled.
void kill_members(const Directory& group) {
  std::vector<pid_t> pids = processes_below(group);
  std::erase_if(pids, [](pid_t pid) { return pid <= 0 || pid == ::getpid(); });
  while (!pids.empty()) {
    const std::vector<Handle> handles = take_handles(group, pids);
    const std::vector<pid_t> members = sorted_processes_below(group);
    for (const Handle& handle : handles) {
      const bool is_member =
          std::binary_search(members.begin(), members.end(), handle.pid);
      if (is_member) send_kill(handle);
    }
  }
}

/// Matches the name of `group`: cgroup.kill would kill this process, too.
bool holds_caller(const Directory& group) {
  const auto own = membership_path(0, "");
  const std::string name = group.path().substr(group.path().rfind('/'));
  return own && (*own + "/").find(name + "/") != std::string::npos;
}

void kill_once(const Cgroup& group) {
  if (group.has(File::cgroup_kill) && !holds_caller(group.directory())) {
    group.write(File::cgroup_kill, "1");
  } else {
    kill_members(group.directory());
  }
}

/// Runs `attempt` until it returns true; false after `timeout`.
template <typename Attempt>
bool retry(milliseconds timeout, const Attempt& attempt) {
  const Clock::time_point end = Clock::now() + timeout;
  while (!attempt()) {
    if (Clock::now() >= end) return false;
    std::this_thread::sleep_for(retry_pause);
  }
  return true;
}

bool try_rmdir(const Directory& parent, const std::string& name) {
  try {
    parent.remove_directory(name);
  } catch (const FileError& error) {
    if (error.code().value() == EBUSY) return false;
    if (!is_absent(error.code().value())) throw;
  }
  return true;
}

}  // namespace

Cgroup::Cgroup(Directory directory, Version version,
               std::unique_ptr<Place> place) noexcept
    : directory_(std::move(directory)),
      version_(version),
      place_(std::move(place)) {}

Cgroup Cgroup::create(const Directory& parent, const std::string& name,
                      Version version) {
  parent.make_directory(name);
  try {
    return adopt(parent, name, version);
  } catch (...) {
    unless_gone([&] { parent.remove_directory(name); });
    throw;
  }
}

Cgroup Cgroup::open(const std::string& path, Version version) {
  return Cgroup(Directory::open(path), version, nullptr);
}

Cgroup Cgroup::adopt(const Directory& parent, const std::string& name,
                     Version version) {
  return Cgroup(parent.open_directory(name), version,
                std::make_unique<Place>(Place{parent.duplicate(), name}));
}

Cgroup& Cgroup::operator=(Cgroup&& other) noexcept {
  Cgroup taken(std::move(other));
  std::swap(directory_, taken.directory_);
  std::swap(version_, taken.version_);
  std::swap(place_, taken.place_);
  return *this;
}

Cgroup::~Cgroup() {
  if (!owned()) return;
  try {
    kill();
    remove();
  } catch (const std::exception&) {
    // remove() is the call that reports failures.
  }
}

Cgroup Cgroup::borrow() const {
  return Cgroup(directory_.duplicate(), version_, nullptr);
}

bool Cgroup::has(File file) const {
  return is_on(file, version_) && directory_.exists(name_of(file, version_));
}

void Cgroup::require(File file) const {
  if (has(file)) return;
  const bool named = is_on(file, version_);
  const char* const name = named ? name_of(file, version_) : name_of(file);
  // Every cgroup has cgroup.procs: without it the cgroup itself is gone.
  if (named && !directory_.exists(name_of(File::cgroup_procs))) {
    throw FileError(ENODEV, "access", directory_.path_of(name));
  }
  throw NotSupported(name, why_absent(file, version_));
}

std::optional<std::string> Cgroup::read(File file) const {
  if (!is_on(file, version_)) return std::nullopt;
  const char* const name = name_of(file, version_);
  const auto fd = directory_.try_open_file(name, O_RDONLY);
  std::string text;
  const int error = fd ? read_to_end(fd->get(), text) : ENOENT;
  if (error == 0) return text;
  const bool switched_off =
      file == File::memory_pressure && error == EOPNOTSUPP;
  if (!is_absent(error) && !switched_off) {
    throw FileError(error, "read", directory_.path_of(name));
  }
  if (!directory_.exists(name_of(File::cgroup_procs))) {
    throw FileError(ENODEV, "read", directory_.path_of(name));
  }
  return std::nullopt;
}

void Cgroup::write(File file, std::string_view value) const {
  if (!is_on(file, version_)) require(file);
  try {
    directory_.write(name_of(file, version_), value);
  } catch (const FileError& error) {
    // The kernel returns ENOENT also for a value: for an unknown controller.
    const bool gone = !directory_.exists(name_of(File::cgroup_procs));
    if (is_absent(error.code().value()) && !gone) require(file);
    throw;
  }
}

void Cgroup::enable_for_children(std::string_view controller) const {
  if (version_ == Version::v1) return;
  write(File::cgroup_subtree_control, "+" + std::string(controller));
}

void Cgroup::add(pid_t pid) const {
  write(File::cgroup_procs, std::to_string(pid));
}

std::vector<pid_t> Cgroup::processes() const {
  return parse_pids(directory_.read(name_of(File::cgroup_procs)));
}

bool Cgroup::populated() const {
  if (is_on(File::cgroup_events, version_)) return populated_event(directory_);
  return !processes_below(directory_).empty();
}

std::vector<pid_t> Cgroup::subtree_processes() const {
  return processes_below(directory_);
}

void Cgroup::kill(milliseconds timeout) const {
  const bool ended = retry(timeout, [this] {
    if (!populated()) return true;
    unless_gone([this] { kill_once(*this); });
    return !populated();
  });
  if (!ended) {
    throw FileError(EBUSY, "kill all processes of", path());
  }
}

void Cgroup::remove(milliseconds timeout) {
  if (!owned()) throw std::logic_error("remove() of a borrowed cgroup");
  const bool removed = retry(timeout, [this] {
    for_each_below(directory_,
                   [](const Directory& parent, const std::string& name,
                      const Directory&) { try_rmdir(parent, name); });
    return try_rmdir(place_->parent, place_->name);
  });
  if (!removed) throw FileError(EBUSY, "remove directory", path());
  place_.reset();
  remove_renamed();
}

/// A cgroup of v1 may have been renamed.
void Cgroup::remove_renamed() const {
  if (!directory_.exists(name_of(File::cgroup_procs))) return;
  const std::string now = directory_.path_now().value_or(path());
  if (::rmdir(now.c_str()) != 0) throw_errno("remove directory", now);
}

}  // namespace cgroupfs
