// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "cgroupfs/directory.h"
#include "cgroupfs/text.h"
#include "lab/doctor/checks.h"
#include "lab/place/missing_controller.h"

namespace lab {
namespace {

using cgroupfs::Hierarchy;
using cgroupfs::Version;

/// The hierarchy that a run would take.
const std::optional<Hierarchy>& chosen(const Host& host) {
  return host.search.v2 ? host.search.v2 : host.search.v1;
}

std::string absence(const Host& host) {
  return fmt::format("{}; {}", host.search.v2_absent_because,
                     host.search.v1_absent_because);
}

std::string controllers_of(const std::string& directory,
                           const std::string& file) {
  const auto text = cgroupfs::try_read_file(directory + "/" + file);
  const std::string words(cgroupfs::trim(text.value_or("")));
  return words.empty() ? "none" : words;
}

}  // namespace

Requirement check_hierarchies(const Host& host) {
  const std::string_view mode = host.search.mode;
  Requirement result{"hierarchies", "the lab works through a mounted one",
                     Health::ok, std::string(mode), std::nullopt};
  if (mode == "hybrid")
    result.found = "hybrid: v1 controllers beside a cgroup2";
  if (mode == "v1") result.found = "cgroup v1 alone";
  if (mode == "v2") result.found = "cgroup v2 alone";
  if (mode != "none") return result;
  result.health = Health::missing;
  result.found = "no cgroup file system is mounted";
  return result;
}

Requirement check_memory_controller(const Host& host) {
  Requirement result{"memory_controller",
                     "it charges memory and enforces "
                     "limits",
                     Health::ok, "", std::nullopt};
  const auto& hierarchy = chosen(host);
  if (hierarchy) {
    result.found = fmt::format(
        "on cgroup {} at {}{}", to_string(hierarchy->version),
        hierarchy->mount_point, hierarchy->read_only ? ", read-only" : "");
    return result;
  }
  result.health = Health::missing;
  result.found = absence(host);
  set_cure(missing_controller_cure("memory"), result);
  return result;
}

Requirement check_delegation(const Host& host) {
  Requirement result{"delegation",
                     "which controllers this process may hand "
                     "to cgroups of its own",
                     Health::unknown, "no cgroup can be made here",
                     std::nullopt};
  if (!host.placement) return result;
  const Placement& placement = *host.placement;
  if (placement.version == Version::v1) {
    result.health = Health::absent;
    result.found = "not needed: cgroup v1 has none";
    return result;
  }
  result.health = Health::ok;
  result.found = fmt::format(
      "{} in {}",
      controllers_of(placement.parent,
                     name_of(cgroupfs::File::cgroup_subtree_control)),
      placement.parent);
  return result;
}

Requirement check_place(const Host& host) {
  Requirement result{"place",
                     "a run makes its cgroup there, and must be "
                     "permitted to",
                     Health::ok, "", std::nullopt};
  if (host.placement) {
    result.found = fmt::format("{} ({})", host.placement->parent,
                               host.placement->strategy);
    return result;
  }
  result.health = Health::missing;
  result.found = host.no_place_because;
  set_cure(host.place_fix, result);
  return result;
}

}  // namespace lab
