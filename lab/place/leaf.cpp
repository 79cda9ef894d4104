// SPDX-License-Identifier: MIT
#include "lab/place/leaf.h"

#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include "cgroupfs/error.h"
#include "cgroupfs/text.h"
#include "lab/base/errors.h"
#include "lab/os/signal_fd.h"
#include "lab/place/owner.h"

namespace lab {
namespace {

using cgroupfs::Cgroup;
using cgroupfs::Directory;
using cgroupfs::File;
using cgroupfs::Version;

using Clock = std::chrono::steady_clock;

/// Processes may fork while they are being moved.
constexpr int most_move_rounds = 100;
constexpr std::chrono::milliseconds lock_interval(10);

std::vector<std::string> words_of(const Directory& directory,
                                  const std::string& file) {
  const std::string text = directory.read(file);
  const auto words = cgroupfs::split_words(cgroupfs::trim(text));
  return {words.begin(), words.end()};
}

bool contains(const std::vector<std::string>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Writes "+NAME" for each of our controllers that `parent` has.
void enable_controllers(const Directory& parent) {
  parent.write(name_of(File::cgroup_subtree_control), "+memory");
  if (contains(words_of(parent, name_of(File::cgroup_controllers)), "pids")) {
    parent.write(name_of(File::cgroup_subtree_control), "+pids");
  }
}

void disable_controllers(const Directory& parent) {
  const auto enabled = words_of(parent, name_of(File::cgroup_subtree_control));
  for (const char* const name : {"memory", "pids"}) {
    if (!contains(enabled, name)) continue;
    parent.write(name_of(File::cgroup_subtree_control),
                 fmt::format("-{}", name));
  }
}

void move_process(pid_t pid, const Cgroup& to) {
  try {
    to.add(pid);
  } catch (const cgroupfs::FileError& error) {
    // It has ended, or is being created: the next round sees it.
    const int code = error.code().value();
    if (code != ESRCH && code != EINVAL) throw;
  }
}

void move_all(const Cgroup& from, const Cgroup& to) {
  for (int round = 0; round < most_move_rounds; ++round) {
    const std::vector<pid_t> pids = from.processes();
    if (pids.empty()) return;
    for (const pid_t pid : pids) move_process(pid, to);
  }
  throw RunError(fmt::format("processes of {} cannot be moved to {}",
                             from.path(), to.path()));
}

bool is_same_directory(const Directory& a, const Directory& b) {
  struct stat of_a {};
  struct stat of_b {};
  return ::fstat(a.fd(), &of_a) == 0 && ::fstat(b.fd(), &of_b) == 0 &&
         of_a.st_ino == of_b.st_ino;
}

void lock_shared(const Directory& leaf, Clock::time_point end) {
  while (::flock(leaf.fd(), LOCK_SH | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) cgroupfs::throw_errno("lock", leaf.path());
    if (Clock::now() >= end) {
      throw Leaf::Locked(fmt::format(
          "{} is {}: end that process, or use another place with --parent",
          leaf.path(), lab::locked_by(leaf)));
    }
    if (const auto signal = pending_end_signal()) throw Interrupted{*signal};
    std::this_thread::sleep_for(lock_interval);
  }
}

/// The leaf, locked so that no other run undoes it; nullopt when it does not
/// exist.
std::optional<Cgroup> open_locked(const Directory& parent,
                                  std::chrono::milliseconds timeout) {
  const std::string name(leaf_name);
  const Clock::time_point end = Clock::now() + timeout;
  for (;;) {
    if (!parent.exists(name)) return std::nullopt;
    try {
      Cgroup group = Cgroup::open(parent.path_of(name), Version::v2);
      lock_shared(group.directory(), end);
      // Before the lock another run may have undone it and created a new one.
      if (is_same_directory(group.directory(), parent.open_directory(name))) {
        return group;
      }
    } catch (const cgroupfs::FileError& error) {
      if (!cgroupfs::is_absent(error.code().value())) throw;
    }
  }
}

Cgroup make_locked(const Directory& parent) {
  for (;;) {
    try {
      parent.make_directory(std::string(leaf_name));
    } catch (const cgroupfs::FileError& error) {
      if (error.code().value() != EEXIST) throw;
    }
    if (auto group = open_locked(parent, lock_timeout))
      return *std::move(group);
  }
}

}  // namespace

Leaf::Leaf(Directory parent, Cgroup group)
    : parent_(std::move(parent)), group_(std::move(group)) {}

Leaf Leaf::make(const Directory& parent) {
  Leaf leaf(parent.duplicate(), make_locked(parent));
  const Cgroup above = Cgroup::open(parent.path(), Version::v2);
  // With a process that is created meanwhile the kernel returns EBUSY.
  for (int round = 1;; ++round) {
    move_all(above, leaf.group_);
    try {
      enable_controllers(parent);
      return leaf;
    } catch (const cgroupfs::FileError& error) {
      if (error.code().value() != EBUSY || round == most_move_rounds) throw;
    }
  }
}

std::optional<Leaf> Leaf::join(const Directory& parent,
                               std::chrono::milliseconds timeout) {
  auto group = open_locked(parent, timeout);
  if (!group) return std::nullopt;
  return Leaf(parent.duplicate(), *std::move(group));
}

bool Leaf::is_unused() const noexcept {
  return ::flock(group_.directory().fd(), LOCK_EX | LOCK_NB) == 0;
}

std::string Leaf::locked_by() const {
  return lab::locked_by(group_.directory());
}

bool Leaf::leave() {
  left_ = true;
  const std::string name(leaf_name);
  if (!is_unused() ||
      parent_.subdirectories() != std::vector<std::string>{name}) {
    return false;
  }
  disable_controllers(parent_);
  move_all(group_, Cgroup::open(parent_.path(), Version::v2));
  parent_.remove_directory(name);
  return true;
}

Leaf::~Leaf() {
  // Moved-from objects have no directory.
  if (left_ || group_.directory().fd() < 0) return;
  try {
    leave();
  } catch (const std::exception&) {
    // leave() is the call that reports failures; `cglab clean` finds the leaf
    // later.
  }
}

void move_self_aside(const Directory& parent, const std::string& name) {
  parent.make_directory(name);
  const Cgroup leaf = Cgroup::open(parent.path_of(name), Version::v2);
  leaf.add(0);
  enable_controllers(parent);
}

}  // namespace lab
