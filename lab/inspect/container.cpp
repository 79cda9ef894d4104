// SPDX-License-Identifier: MIT
#include "lab/inspect/container.h"

#include <algorithm>
#include <vector>

namespace lab {
namespace {

using Components = std::vector<std::string_view>;

constexpr std::size_t id_digits = 64;

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == text.npos;
}

bool is_container_id(std::string_view text) {
  return text.size() == id_digits && is_hex(text);
}

/// What is between `prefix` and `suffix`; nullopt where `text` has not both.
std::optional<std::string_view> between(std::string_view text,
                                        std::string_view prefix,
                                        std::string_view suffix) {
  if (text.size() < prefix.size() + suffix.size()) return std::nullopt;
  if (!text.starts_with(prefix) || !text.ends_with(suffix)) return std::nullopt;
  return text.substr(prefix.size(),
                     text.size() - prefix.size() - suffix.size());
}

/// A name of a runtime with an id in it.
struct IdPattern {
  std::string_view prefix;
  std::string_view suffix;
  Runtime runtime;
};

/// Monitors (libpod-conmon-ID.scope) have another prefix before the id.
constexpr IdPattern id_patterns[] = {
    {"docker-", ".scope", Runtime::docker},
    {"libpod-", ".scope", Runtime::podman},
    {"libpod-", "", Runtime::podman},
    {"cri-containerd-", ".scope", Runtime::containerd},
    {"cri-containerd:", "", Runtime::containerd},
    {"nerdctl-", ".scope", Runtime::containerd},
    {"crio-", ".scope", Runtime::crio},
    {"crio-", "", Runtime::crio},
};

/// A name that is chosen by people.
struct NamePattern {
  std::string_view prefix;
  std::string_view suffix;
  Runtime runtime;
};

constexpr NamePattern name_patterns[] = {
    {"machine-", ".scope", Runtime::machine},
    {"systemd-nspawn@", ".service", Runtime::machine},
    {"lxc.payload.", "", Runtime::lxc},
};

/// The runtime of a bare id, by the cgroups above it.
Runtime runtime_above(const Components& above) {
  if (above.empty()) return Runtime::unknown;
  if (above.back() == "docker") return Runtime::docker;
  const bool in_pod = std::any_of(
      above.begin(), above.end(),
      [](std::string_view each) { return each.starts_with("kubepods"); });
  return in_pod ? Runtime::kubernetes : Runtime::unknown;
}

bool is_below_lxc(const Components& above) {
  return !above.empty() &&
         (above.back() == "lxc" || above.back() == "lxc.payload");
}

/// systemd's own notation, where a runtime took it for a path:
/// "kubepods.slice:cri-containerd:ID".
std::string_view without_slice(std::string_view name) {
  const std::size_t colon = name.find(':');
  return colon == name.npos ? name : name.substr(colon + 1);
}

std::optional<ContainerName> container_of(std::string_view component,
                                          const Components& above) {
  const std::string_view name = without_slice(component);
  for (const IdPattern& each : id_patterns) {
    const auto id = between(name, each.prefix, each.suffix);
    if (id && is_container_id(*id)) {
      return ContainerName{each.runtime, std::string(*id), ""};
    }
  }
  if (is_container_id(name)) {
    return ContainerName{runtime_above(above), std::string(name), ""};
  }
  for (const NamePattern& each : name_patterns) {
    const auto found = between(name, each.prefix, each.suffix);
    if (found && !found->empty()) {
      return ContainerName{each.runtime, unescape_unit(*found), ""};
    }
  }
  if (is_below_lxc(above)) {
    return ContainerName{Runtime::lxc, std::string(name), ""};
  }
  return std::nullopt;
}

/// In a slice '-' separates its parents, so that the uid has '_' instead.
std::optional<std::string> pod_of(std::string_view component) {
  const std::string_view slice = component.substr(0, component.find(':'));
  if (const auto uid = between(slice, "pod", "")) {
    const bool is_uid = !uid->empty() && uid->find_first_not_of(
                                             "0123456789abcdef-") == uid->npos;
    return is_uid ? std::optional(std::string(*uid)) : std::nullopt;
  }
  if (!slice.starts_with("kubepods") || !slice.ends_with(".slice")) {
    return std::nullopt;
  }
  const std::size_t at = slice.rfind("-pod");
  if (at == slice.npos) return std::nullopt;
  std::string uid(slice.substr(at + 4, slice.size() - at - 10));
  std::replace(uid.begin(), uid.end(), '_', '-');
  return uid;
}

bool is_unit(std::string_view component) {
  return component.ends_with(".service") || component.ends_with(".scope");
}

Components components_of(std::string_view path) {
  Components components;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/'), path.size());
    if (end > 0) components.push_back(path.substr(0, end));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return components;
}

}  // namespace

std::string unescape_unit(std::string_view name) {
  std::string result;
  while (!name.empty()) {
    const std::string_view digits = name.substr(0, 4);
    const bool escaped =
        digits.size() == 4 && digits.starts_with("\\x") &&
        digits.find_first_not_of("0123456789abcdef", 2) == digits.npos;
    if (!escaped) {
      result += name.front();
      name.remove_prefix(1);
      continue;
    }
    result += static_cast<char>(
        std::stoi(std::string(digits.substr(2)), nullptr, 16));
    name.remove_prefix(4);
  }
  return result;
}

CgroupNames names_in(std::string_view path) {
  CgroupNames names;
  Components above;
  for (const std::string_view component : components_of(path)) {
    if (const auto pod = pod_of(component)) names.pod = pod;
    auto container = container_of(component, above);
    if (container) {
      container->cgroup = std::string(
          path.data(), static_cast<std::size_t>(
                           component.data() + component.size() - path.data()));
      names.container = std::move(container);
      // The units above are those of the host.
      names.unit.reset();
    } else if (const auto user = between(component, "user@", ".service")) {
      names.user = std::string(*user);
      names.unit = unescape_unit(component);
    } else if (is_unit(component)) {
      names.unit = unescape_unit(component);
    }
    above.push_back(component);
  }
  return names;
}

}  // namespace lab
