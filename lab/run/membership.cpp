// SPDX-License-Identifier: MIT
#include "lab/run/membership.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <vector>

#include "cgroupfs/error.h"
#include "cgroupfs/hierarchy.h"
#include "lab/base/errors.h"
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

}  // namespace

std::string tail_below(const std::string& path, const Placement& placement) {
  return path.substr(placement.parent.size());
}

void verify_membership(const Child& child, const cgroupfs::Cgroup& group,
                       const Placement& placement) {
  const auto path = memory_membership(child.pid(), placement.version);
  const std::string tail = tail_below(group.path(), placement);
  if (path && path->ends_with(tail)) return;
  // On its way out it has left its cgroup before its end can be seen.
  if (child.has_ended(std::chrono::seconds(1))) return;
  throw RunError(
      fmt::format("the child (pid {0}) is in {1}, not {2} (/proc/{0}/cgroup)",
                  child.pid(), path.value_or("(unknown)"), tail));
}

MemberReader::MemberReader(const Cgroup& group, const Cgroup& target,
                           Membership& membership)
    : group_(group),
      target_(target),
      name_(group.path().substr(group.path().rfind('/'))),
      membership_(membership) {
  timer_.every(interval);
}

void MemberReader::sample(const Child& child) {
  timer_.drain();
  if (monotonic_ns() >= last_ns_ + shortest_ns) read(child);
}

void MemberReader::read(const Child& child) {
  const std::int64_t now_ns = monotonic_ns();
  if (last_ns_ != 0 && now_ns > last_ns_ + longest_gap_ns) {
    membership_.unread = true;
  }
  last_ns_ = now_ns;
  Pids pids;
  bool all = add_own(group_, pids);
  if (&target_ != &group_) all = add_own(target_, pids) && all;
  const bool counted = has(pids, child.pid());
  all = add_descendants(group_, pids) && all;
  // A command that makes cgroups inside may have had processes there between
  // two readings, and this cgroup is not notified of a kill at their limits.
  const bool has_more = &target_ == &group_ && has_children(group_);
  if (!all || has_more) membership_.unread = true;
  const bool inside = has(pids, child.pid());
  if (std::any_of(pids.begin(), pids.end(),
                  [&](pid_t pid) { return pid != child.pid(); })) {
    membership_.others_seen = true;
  }
  if (inside) {
    membership_.child_inside =
        counted || group_.version() == cgroupfs::Version::v2;
  } else if (!child.has_ended()) {
    look_for(child);
  }
}

void MemberReader::look_for(const Child& child) try {
  const auto path = memory_membership(child.pid(), group_.version());
  if (!path || is_in_cgroup(*path, name_)) return;
  // On its way out it has left its cgroup before its end can be seen.
  const auto stat = proc_stat(child.pid());
  if (!stat || stat->exiting) return;
  membership_.child_inside = false;
  membership_.child_left_for = path;
} catch (const cgroupfs::FileError&) {
  // Hidden (hidepid): where it is stays unknown.
  membership_.child_inside = false;
}

void MemberReader::read_ended(const Child& child) try {
  const auto stat = proc_stat(child.pid());
  if (stat && stat->faults_of_children > 0) membership_.others_seen = true;
} catch (const cgroupfs::FileError&) {
  membership_.unread = true;
}

}  // namespace lab
