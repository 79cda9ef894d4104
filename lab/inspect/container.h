// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "lab/base/enum_words.h"

/// Which container or systemd unit a cgroup belongs to, by its name.
namespace lab {

/// What gives such a cgroup its name.
enum class Runtime {
  docker,
  podman,
  containerd,
  crio,
  kubernetes,  ///< a pod's container; its runtime does not name itself
  machine,     ///< systemd-machined: systemd-nspawn, libvirt
  lxc,
  unknown,  ///< a name of 64 hexadecimal digits, as container runtimes use
};

template <>
struct EnumWords<Runtime> {
  static constexpr auto table =
      enum_words<Runtime>({{Runtime::docker, "docker"},
                           {Runtime::podman, "podman"},
                           {Runtime::containerd, "containerd"},
                           {Runtime::crio, "cri-o"},
                           {Runtime::kubernetes, "kubernetes"},
                           {Runtime::machine, "machine"},
                           {Runtime::lxc, "lxc"},
                           {Runtime::unknown, "unknown"}});
};

/// A container as the name of a cgroup denotes it.
struct ContainerName {
  Runtime runtime = Runtime::unknown;
  std::string id;      ///< 64 hexadecimal digits, or the name
  std::string cgroup;  ///< up to the component that has the name

  bool operator==(const ContainerName&) const = default;
};

/// What the path of a cgroup says.
struct CgroupNames {
  std::optional<ContainerName> container;  ///< the innermost
  std::optional<std::string> pod;          ///< the uid of a Kubernetes pod
  /// The innermost service or scope of systemd that is not the container's own,
  /// unescaped.
  std::optional<std::string> unit;
  /// The user whose systemd instance manages it.
  std::optional<std::string> user;

  bool operator==(const CgroupNames&) const = default;
};

/// Of `path`, as in /proc/PID/cgroup. Anyone who may create a cgroup may give
/// it such a name: it is a hint until namespaces support it.
CgroupNames names_in(std::string_view path);

/// systemd's escapes undone (systemd.unit(5)): "a\x2db" is "a-b". Others are
/// kept.
std::string unescape_unit(std::string_view name);

/// The conclusion.
struct ContainerFinding {
  enum class Evidence {
    namespaces,  ///< the name, and PID and mount namespaces of its own
    name,        ///< only the name: these namespaces are the caller's
    unknown,     ///< the name; the namespaces could not be read
  };
  CgroupNames names;
  Evidence evidence = Evidence::unknown;  ///< of names.container
  /// It has PID and mount namespaces of its own, whatever its name.
  bool isolated = false;
};

template <>
struct EnumWords<ContainerFinding::Evidence> {
  using Evidence = ContainerFinding::Evidence;
  static constexpr auto table =
      enum_words<Evidence>({{Evidence::namespaces, "namespaces"},
                            {Evidence::name, "name"},
                            {Evidence::unknown, "unknown"}});
};

}  // namespace lab
