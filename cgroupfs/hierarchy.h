// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "cgroupfs/mountinfo.h"

namespace cgroupfs {

/// The two generations of the cgroup interface.
enum class Version { v1, v2 };

/// "v1" or "v2".
std::string_view to_string(Version version) noexcept;

/// One line of /proc/PID/cgroup (cgroups(7)).
struct Membership {
  unsigned hierarchy_id = 0;             ///< 0 is the v2 hierarchy
  std::vector<std::string> controllers;  ///< empty on v2; may be "name=systemd"
  std::string path;  ///< from the root of the reader's cgroup namespace; may
                     ///< begin with "/.." and end in " (deleted)"

  bool operator==(const Membership&) const = default;
};

/// Parses /proc/PID/cgroup text. Throws ParseError naming the line.
std::vector<Membership> parse_memberships(std::string_view text);

/// One line of /proc/cgroups (cgroups(7)).
struct KernelController {
  std::string name;
  unsigned hierarchy_id = 0;  ///< of the v1 hierarchy that has it; 0: none
  bool enabled = true;        ///< false: disabled at boot (cgroup_disable=)

  bool operator==(const KernelController&) const = default;
};

/// Parses /proc/cgroups text. Throws ParseError naming the line.
std::vector<KernelController> parse_controllers(std::string_view text);

/// A mounted hierarchy that has the requested controller.
struct Hierarchy {
  Version version = Version::v2;
  std::string mount_point;  ///< as this process sees it
  std::string mount_root;   ///< the hierarchy's directory that is mounted there
  bool read_only = false;
  /// The cgroup of this process below `mount_point`: "/" or "/a/b". nullopt
  /// when it lies outside the mounted subtree (namespace, bind mount).
  std::optional<std::string> own_path;

  /// Directory of that cgroup; nullopt as for own_path.
  std::optional<std::string> own_directory() const;
};

/// The files that detection reads. By default those of this process on this
/// host; a test names a folder of captured files.
struct HostFiles {
  std::string mountinfo = "/proc/self/mountinfo";
  std::string cgroup = "/proc/self/cgroup";
  /// Prefixed to a mount point when cgroup.controllers is read there.
  std::string root_prefix;
  /// The kernel's controllers, mounted or not.
  std::string controllers = "/proc/cgroups";
  std::string boot_options = "/proc/cmdline";
};

/// The result of a search for a controller: a hierarchy for each version that
/// has it (at most one, except in odd captured files), and for each other
/// version the reason in one clause.
struct ControllerSearch {
  std::optional<Hierarchy> v1;
  std::optional<Hierarchy> v2;
  std::string v1_absent_because;  ///< empty when v1 is set
  std::string v2_absent_because;  ///< empty when v2 is set
  std::string_view mode;          ///< host_mode() of the same mounts
};

/// Looks for `controller` ("memory", "pids", ...) on this host. A controller is
/// attached to one hierarchy at a time, whatever else is mounted: the evidence
/// for v1 is a cgroup mount with the controller as super option, for v2 its
/// name in cgroup.controllers of the cgroup2 mount. Throws FileError and
/// ParseError.
ControllerSearch find_controller(std::string_view controller,
                                 const HostFiles& files = {});

/// Which hierarchies are mounted, as one word for people and records: "v1",
/// "v2", "hybrid" (v1 controllers and a cgroup2 mount) or "none". A v1 mount
/// without controllers (systemd's own, name=systemd) does not count.
std::string_view host_mode(const std::vector<Mount>& mounts) noexcept;

/// Directory of `path` (from /proc/PID/cgroup) below a mount whose root is
/// `mount_root`; nullopt when it lies outside that root, or is deleted. Both
/// may begin with "/..", as they do inside a cgroup namespace
/// (cgroup_namespaces(7)).
std::optional<std::string> rebase(std::string_view path,
                                  std::string_view mount_root);

/// The cgroup path of process `pid` (0: this one) on the hierarchy that has
/// `controller` (v1) or on the v2 hierarchy (empty controller), from
/// /proc/PID/cgroup; nullopt when it has none or the process is gone.
std::optional<std::string> membership_path(pid_t pid,
                                           std::string_view controller);

}  // namespace cgroupfs
