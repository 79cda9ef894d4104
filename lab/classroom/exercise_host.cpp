// SPDX-License-Identifier: MIT
#include "lab/base/errors.h"
#include "lab/classroom/exercise.h"
#include "lab/os/find_program.h"
#include "lab/place/swap.h"

namespace lab {
namespace {

using cgroupfs::Version;

/// The VM of scripts/vm: its shell is root's, and its cgroups are not managed.
ExerciseHost vm_host(std::optional<Version> asked, std::string why) {
  ExerciseHost host;
  host.in_vm = true;
  host.why_vm = std::move(why);
  host.hog = "\"$(command -v malloc_demo)\"";
  Placement& placement = host.placement;
  placement.version = asked.value_or(Version::v2);
  placement.mode = to_string(placement.version);
  placement.parent = placement.version == Version::v1 ? "/sys/fs/cgroup/memory"
                                                      : "/sys/fs/cgroup";
  placement.hierarchy.version = placement.version;
  placement.hierarchy.mount_point = placement.parent;
  return host;
}

}  // namespace

ExerciseHost find_exercise_host(std::optional<Version> version) {
  Parameters asked;
  asked.version = version;
  try {
    ExerciseHost host;
    host.placement = choose_placement(asked);
    host.hog = find_program("malloc_demo");
    host.has_swap_limit = accounts_swap(host.placement);
    return host;
  } catch (const Unavailable& error) {
    return vm_host(version, error.what());
  }
}

}  // namespace lab
