// SPDX-License-Identifier: MIT
#include "lab/place/placement.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "cgroupfs/text.h"
#include "lab/base/errors.h"
#include "lab/place/missing_controller.h"
#include "lab/place/strategy.h"

namespace lab {
namespace {

using cgroupfs::ControllerSearch;
using cgroupfs::Hierarchy;
using cgroupfs::Version;

/// In the order in which they are tried.
constexpr Strategy strategies[] = {
    {StrategyCode::parent_option, "--parent", consider_parent_option},
    {StrategyCode::delegated_subtree, "delegated subtree",
     consider_delegated_subtree},
    {StrategyCode::systemd_scope, "systemd scope", consider_systemd_scope},
    {StrategyCode::own_v1_cgroup, "own v1 cgroup", consider_own_v1_cgroup},
    {StrategyCode::hierarchy_root, "root of the hierarchy",
     consider_hierarchy_root},
    {StrategyCode::namespace_root, "root of a cgroup namespace",
     consider_namespace_root},
};

std::string describe_absence(std::optional<Version> asked,
                             const ControllerSearch& search) {
  if (!asked) return no_memory_controller(search);
  return fmt::format("no cgroup {} memory controller: {}", to_string(*asked),
                     asked == Version::v1 ? search.v1_absent_because
                                          : search.v2_absent_because);
}

[[noreturn]] void no_controller(const Parameters& asked,
                                const PlacementHost& host,
                                const ControllerSearch& search) {
  const auto& other = asked.version == Version::v1 ? search.v2 : search.v1;
  throw Unavailable(
      describe_absence(asked.version, search),
      other ? fmt::format("omit --cgroup to use {}", to_string(other->version))
            : missing_controller_cure("memory", host.files, asked.version));
}

Hierarchy choose_hierarchy(const Parameters& asked, const PlacementHost& host,
                           const ControllerSearch& search) {
  if (asked.version != Version::v1 && search.v2) return *search.v2;
  if (asked.version != Version::v2 && search.v1) return *search.v1;
  no_controller(asked, host, search);
}

/// Whether a component of `path` is named like a systemd unit: in a container
/// that shares the host's tree this is the only visible sign of systemd.
bool has_unit_name(const std::string& path) {
  for (const std::string& each : upwards(path, "")) {
    for (const char* const suffix : {".slice", ".scope", ".service"}) {
      if (each.ends_with(suffix)) return true;
    }
  }
  return false;
}

bool is_managed(const Hierarchy& hierarchy, const PlacementHost& host) {
  return ::access(host.systemd.c_str(), F_OK) == 0 ||
         has_unit_name(hierarchy.own_path.value_or(""));
}

std::string describe(const std::vector<Rejection>& rejected) {
  std::string text = "no usable parent cgroup";
  // From the second: that --parent is not given is not worth a line.
  for (std::size_t i = 1; i < rejected.size(); ++i) {
    text += fmt::format("\n  {:<28}{}", strategies[i].name + std::string(":"),
                        rejected[i].reason);
  }
  return text;
}

/// The first fix of a strategy. Only the user may decide to leave a limit.
std::string fix_for(const std::vector<Rejection>& rejected,
                    const Situation& situation) {
  const auto fixable =
      std::find_if(rejected.begin(), rejected.end(),
                   [](const Rejection& each) { return !each.fix.empty(); });
  const std::string fix = fixable == rejected.end() ? "" : fixable->fix;
  if (!situation.limiting)
    return fix.empty() ? "run cglab as root (sudo)" : fix;
  const std::string leave = fmt::format(
      "to leave the limit of {} deliberately, use --parent {}",
      situation.limiting->path,
      situation.root ? "/" : "with a cgroup that you own outside it");
  return fix.empty() ? leave : fmt::format("{}\nor, {}", fix, leave);
}

/// The result of `strategy`, unless the run would leave a limit of this
/// process: a limit that a run could escape would be useless.
Answer consider(const Strategy& strategy, const Situation& situation) {
  Answer answer = strategy.consider(situation);
  const Place* const place = std::get_if<Place>(&answer);
  const auto& limiting = situation.limiting;
  if (!place || !limiting || is_within(place->parent, limiting->path)) {
    return answer;
  }
  return No{
      fmt::format("{} would leave {}", place->parent, limiting->describe()),
      ""};
}

[[noreturn]] void refuse_read_only(const Hierarchy& hierarchy) {
  throw Unavailable(
      fmt::format("the cgroup file system at {} is mounted read-only",
                  hierarchy.mount_point),
      "in a container: start it with its cgroups writable (podman: "
      "--security-opt unmask=/sys/fs/cgroup; docker 28 or newer: "
      "--security-opt writable-cgroups=true; else --privileged)");
}

/// The first place from the strategy after `rejected.back()` on.
Placement choose(const Parameters& asked, const PlacementHost& host,
                 std::vector<Rejection> rejected) {
  const ControllerSearch search =
      cgroupfs::find_controller("memory", host.files);
  Situation situation{asked, host, choose_hierarchy(asked, host, search)};
  const Hierarchy& hierarchy = situation.hierarchy;
  if (hierarchy.read_only) refuse_read_only(hierarchy);
  situation.root = ::geteuid() == 0;
  situation.managed = is_managed(hierarchy, host);
  if (!asked.parent) situation.limiting = nearest_limiting_cgroup(hierarchy);
  for (std::size_t i = rejected.size(); i < std::size(strategies); ++i) {
    const Answer answer = consider(strategies[i], situation);
    if (const Place* const place = std::get_if<Place>(&answer)) {
      return {hierarchy.version,
              hierarchy,
              place->parent,
              place->how,
              std::string(search.mode),
              place->preparation,
              std::move(rejected)};
    }
    const No& no = std::get<No>(answer);
    rejected.push_back(
        {std::string(to_string(strategies[i].code)), no.reason, no.fix});
  }
  throw Unavailable(describe(rejected), fix_for(rejected, situation));
}

}  // namespace

std::string no_memory_controller(const ControllerSearch& search) {
  return fmt::format("no memory controller: {}; {}", search.v2_absent_because,
                     search.v1_absent_because);
}

Placement choose_placement(const Parameters& asked, const PlacementHost& host) {
  return choose(asked, host, {});
}

Placement choose_after(const Placement& failed, const std::string& reason,
                       const Parameters& asked, const PlacementHost& host) {
  std::vector<Rejection> rejected = failed.rejected;
  const StrategyCode code = strategies[rejected.size()].code;
  rejected.push_back({std::string(to_string(code)), reason, ""});
  return choose(asked, host, std::move(rejected));
}

}  // namespace lab
