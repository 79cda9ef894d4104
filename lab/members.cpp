// SPDX-License-Identifier: MIT
#include "lab/members.h"

#include <sys/stat.h>

#include <algorithm>
#include <vector>

#include "cgroupfs/error.h"
#include "cgroupfs/hierarchy.h"
#include "lab/membership.h"
#include "lab/proc_stat.h"

namespace lab {
namespace {

using cgroupfs::Cgroup;

constexpr std::int64_t interval_ns = 10000000;

/// The kernel counts a link for each child cgroup: "." and ".." are two.
bool has_children(const Cgroup& group) {
  struct stat status {};
  return ::fstat(group.directory().fd(), &status) != 0 || status.st_nlink > 2;
}

/// Calls `action`; what is gone meanwhile, or cannot be read (a threaded
/// cgroup of v2), is left out.
template <typename Action>
void where_readable(const Action& action) {
  try {
    action();
  } catch (const cgroupfs::FileError&) {
  }
}

void add_members(const Cgroup& group, std::vector<pid_t>& pids) {
  where_readable([&] {
    const auto own = group.processes();
    pids.insert(pids.end(), own.begin(), own.end());
  });
  if (!has_children(group)) return;
  where_readable([&] {
    for (const std::string& name : group.directory().subdirectories()) {
      where_readable([&] {
        add_members(
            Cgroup::open(group.directory().path_of(name), group.version()),
            pids);
      });
    }
  });
}

}  // namespace

MemberReader::MemberReader(const Cgroup& group, Membership& membership)
    : group_(group),
      name_(group.path().substr(group.path().rfind('/'))),
      membership_(membership) {}

void MemberReader::sample(const Child& child, std::int64_t now_ns) {
  if (now_ns < next_ns_) return;
  next_ns_ = now_ns + interval_ns;
  read(child);
}

void MemberReader::read(const Child& child) {
  std::vector<pid_t> pids;
  add_members(group_, pids);
  const auto own = std::remove(pids.begin(), pids.end(), child.pid());
  if (own != pids.begin()) membership_.others_seen = true;
  if (own != pids.end()) {
    membership_.child_inside = true;
  } else if (!child.has_ended()) {
    where_readable([&] { look_for(child); });
  }
}

void MemberReader::look_for(const Child& child) {
  const auto path = cgroupfs::membership_path(
      child.pid(), group_.version() == cgroupfs::Version::v1 ? "memory" : "");
  if (!path || is_in_cgroup(*path, name_)) return;
  // On its way out it has left its cgroup before its end can be seen.
  const auto stat = proc_stat(child.pid());
  if (!stat || stat->exiting) return;
  membership_.child_inside = false;
  membership_.child_left_for = path;
}

void MemberReader::read_ended(const Child& child) {
  where_readable([&] {
    const auto stat = proc_stat(child.pid());
    if (stat && stat->faults_of_children > 0) membership_.others_seen = true;
  });
}

}  // namespace lab
