// SPDX-License-Identifier: MIT
#include "lab/place/by_hand.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>

#include "lab/base/shell_quote.h"
#include "lab/place/systemd_scope.h"

namespace lab {
namespace {

const char* const procs = name_of(cgroupfs::File::cgroup_procs);
const char* const control = name_of(cgroupfs::File::cgroup_subtree_control);

/// Without a login session systemd-run does not know where the user's systemd
/// instance listens.
std::string systemd_run() {
  const uid_t user = ::geteuid();
  if (user == 0) return "systemd-run";
  const char* const folder = std::getenv("XDG_RUNTIME_DIR");
  return folder && *folder
             ? "systemd-run --user"
             : fmt::format("XDG_RUNTIME_DIR=/run/user/{} systemd-run --user",
                           user);
}

std::string enable(const char* controller) {
  return fmt::format("echo {} > \"$parent/{}\"", controller, control);
}

std::string slice_option(const std::string& parent) {
  const std::string slice = slice_to_ask_for(parent);
  return slice.empty() ? "" : " --slice=" + shell_quote(slice);
}

/// The shell of a scope reads the lines that are pasted after it.
PlaceByHand scope(const Placement& placement, bool tasks) {
  PlaceByHand place{
      {fmt::format("{} --scope{} -p Delegate=yes sh", systemd_run(),
                   slice_option(placement.parent)),
       fmt::format("parent={}$(sed -n 's/^0:://p' /proc/self/cgroup)",
                   shell_quote(placement.hierarchy.mount_point))},
      {"mkdir \"$parent/supervisor\"",
       fmt::format("echo 0 > \"$parent/supervisor/{}\"", procs),
       fmt::format("echo +memory > \"$parent/{}\"", control)},
      {"exit"}};
  if (tasks) place.share.push_back(enable("+pids"));
  return place;
}

PlaceByHand moved_aside(const Placement& placement, bool tasks) {
  PlaceByHand place{{fmt::format("parent={}", shell_quote(placement.parent))},
                    {"mkdir \"$parent/cglab.supervisor\"",
                     fmt::format("while read -r pid; do echo \"$pid\" > "
                                 "\"$parent/cglab.supervisor/{0}\"; done < "
                                 "\"$parent/{0}\"",
                                 procs),
                     fmt::format("echo +memory > \"$parent/{}\"", control)},
                    {fmt::format("echo -memory > \"$parent/{}\"", control),
                     fmt::format("while read -r pid; do echo \"$pid\" > "
                                 "\"$parent/{0}\"; done < "
                                 "\"$parent/cglab.supervisor/{0}\"",
                                 procs),
                     "rmdir \"$parent/cglab.supervisor\""}};
  if (tasks) {
    place.share.push_back(enable("+pids"));
    place.leave.insert(place.leave.begin(), enable("-pids"));
  }
  return place;
}

}  // namespace

PlaceByHand place_by_hand(const Placement& placement, bool tasks) {
  switch (placement.preparation) {
    case Preparation::systemd_scope:
      return scope(placement, tasks);
    case Preparation::move_aside:
      return moved_aside(placement, tasks);
    case Preparation::none:
      break;
  }
  return {{fmt::format("parent={}", shell_quote(placement.parent))}, {}, {}};
}

}  // namespace lab
