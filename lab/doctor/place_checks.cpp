// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "cgroupfs/directory.h"
#include "cgroupfs/text.h"
#include "lab/doctor/checks.h"
#include "lab/place/missing_controller.h"
#include "lab/report/record_words.h"

namespace lab {
namespace {

using cgroupfs::Hierarchy;
using cgroupfs::Version;

namespace messages = doctor_messages;

/// The hierarchy that a run would use.
const std::optional<Hierarchy>& chosen(const Host& host) {
  return host.search.v2 ? host.search.v2 : host.search.v1;
}

std::string absence(const Host& host) {
  return fmt::format("{}; {}", host.search.v2_absent_because,
                     host.search.v1_absent_because);
}

std::string controllers_of(const std::string& directory,
                           const std::string& file, Language language) {
  const auto text = cgroupfs::try_read_file(directory + "/" + file);
  const std::string words(cgroupfs::trim(text.value_or("")));
  return words.empty() ? say(language, messages::no_controllers) : words;
}

}  // namespace

Requirement check_hierarchies(const Host& host) {
  const std::string_view mode = host.search.mode;
  const Language language = host.language;
  Requirement result = requirement(host, "hierarchies", messages::hierarchies,
                                   messages::hierarchies_use);
  result.health = mode == "none" ? Health::missing : Health::ok;
  result.found = mode == "hybrid" ? say(language, messages::hybrid_found)
                 : mode == "v1"   ? say(language, messages::only_v1)
                 : mode == "v2"   ? say(language, messages::only_v2)
                                  : say(language, messages::none_mounted);
  return result;
}

Requirement check_memory_controller(const Host& host) {
  Requirement result =
      requirement(host, "memory_controller", messages::memory_controller,
                  messages::memory_controller_use);
  const auto& hierarchy = chosen(host);
  if (hierarchy) {
    result.health = Health::ok;
    result.found =
        say(host.language,
            hierarchy->read_only ? messages::read_only_controller_found
                                 : messages::controller_found,
            to_string(hierarchy->version), hierarchy->mount_point);
    return result;
  }
  result.health = Health::missing;
  result.found = absence(host);
  set_cure(missing_controller_cure("memory"), result);
  return result;
}

Requirement check_delegation(const Host& host) {
  Requirement result = requirement(host, "delegation", messages::delegation,
                                   messages::delegation_use);
  result.found = say(host.language, messages::no_cgroup);
  if (!host.placement) return result;
  const Placement& placement = *host.placement;
  if (placement.version == Version::v1) {
    result.health = Health::absent;
    result.found = say(host.language, messages::no_delegation);
    return result;
  }
  result.health = Health::ok;
  result.found =
      say(host.language, messages::delegation_found,
          controllers_of(placement.parent,
                         name_of(cgroupfs::File::cgroup_subtree_control),
                         host.language),
          placement.parent);
  return result;
}

Requirement check_place(const Host& host) {
  Requirement result =
      requirement(host, "place", messages::place, messages::place_use);
  if (host.placement) {
    result.health = Health::ok;
    result.found =
        say(host.language, messages::place_found, host.placement->parent,
            strategy_words(std::string(to_string(host.placement->strategy)),
                           host.language));
    return result;
  }
  result.health = Health::missing;
  result.found = host.no_place_because;
  set_cure(host.place_fix, result);
  return result;
}

}  // namespace lab
