// SPDX-License-Identifier: MIT
#include "lab/place/missing_controller.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "cgroupfs/directory.h"
#include "cgroupfs/interface_files.h"
#include "lab/base/shell_quote.h"
#include "lab/place/advice.h"
#include "lab/place/boot_option.h"

namespace lab {
namespace {

using cgroupfs::HostFiles;
using cgroupfs::KernelController;
using cgroupfs::Mount;
using cgroupfs::Version;

/// The usual mount point of hierarchies (cgroups(7)).
constexpr char usual_folder[] = "/sys/fs/cgroup";

/// A folder that can be created on any host.
constexpr char other_folder[] = "/run/cgroup";

bool is_cgroup(const Mount& mount) {
  return mount.type == "cgroup" || mount.type == "cgroup2";
}

bool is_at_or_below(const std::string& path, const std::string& mount_point) {
  return mount_point == "/" || path == mount_point ||
         path.starts_with(mount_point + "/");
}

/// The mount that contains `path`; nullptr when none is listed.
const Mount* mount_of(const std::string& path,
                      const std::vector<Mount>& mounts) {
  const Mount* found = nullptr;
  for (const Mount& mount : mounts) {
    if (!is_at_or_below(path, mount.mount_point)) continue;
    if (!is_reachable(mount, mounts)) continue;
    if (!found || mount.mount_point.size() >= found->mount_point.size()) {
      found = &mount;
    }
  }
  return found;
}

bool is_read_only(const Mount& mount) {
  const auto has_ro = [](const std::vector<std::string>& options) {
    return std::find(options.begin(), options.end(), "ro") != options.end();
  };
  return has_ro(mount.options) || has_ro(mount.super_options);
}

class Cure {
 public:
  Cure(const HostFiles& files, std::string controller)
      : files_(files),
        controller_(std::move(controller)),
        mounts_(
            cgroupfs::parse_mountinfo(cgroupfs::read_file(files.mountinfo))),
        table_(cgroupfs::try_read_file(files.controllers)),
        rows_(cgroupfs::parse_controllers(table_.value_or(""))) {}

  std::string text(std::optional<Version> asked) const {
    if (!table_) {
      return "use a kernel with cgroups (CONFIG_CGROUPS): this one has no "
             "/proc/cgroups";
    }
    const KernelController* const row = find_row();
    const std::string boot_options =
        cgroupfs::try_read_file(files_.boot_options).value_or("");
    const bool disabled =
        row ? !row->enabled
            : boot_options.find("cgroup_disable=" + controller_) !=
                  std::string::npos;
    if (disabled) return enable_controller_cure(controller_, boot_options);
    if (row && row->hierarchy_id != 0) return mount_v1_in_use(*row, asked);
    if (row && asked == Version::v1) return mount_v1_unused();
    const Mount* const unified = mounted_v2();
    return unified ? enable_on_v2(*unified, row) : mount_v2(row);
  }

 private:
  const KernelController* find_row() const {
    const auto row = std::find_if(
        rows_.begin(), rows_.end(),
        [&](const KernelController& each) { return each.name == controller_; });
    return row == rows_.end() ? nullptr : &*row;
  }

  const Mount* mounted_v2() const {
    const auto mount =
        std::find_if(mounts_.begin(), mounts_.end(), [&](const Mount& each) {
          return each.type == "cgroup2" && is_reachable(each, mounts_);
        });
    return mount == mounts_.end() ? nullptr : &*mount;
  }

  /// It can be mounted only together with all controllers of the same
  /// hierarchy.
  std::string controllers_with(const KernelController& row) const {
    const auto text = cgroupfs::try_read_file(files_.cgroup).value_or("");
    for (const auto& membership : cgroupfs::parse_memberships(text)) {
      if (membership.hierarchy_id == row.hierarchy_id) {
        return fmt::format("{}", fmt::join(membership.controllers, ","));
      }
    }
    std::string names;
    for (const KernelController& each : rows_) {
      if (each.hierarchy_id != row.hierarchy_id) continue;
      names += (names.empty() ? "" : ",") + each.name;
    }
    return names;
  }

  std::string mount_v1_in_use(const KernelController& row,
                              std::optional<Version> asked) const {
    const std::string controllers = controllers_with(row);
    return fmt::format(
        "/proc/cgroups lists {} as enabled, in a v1 hierarchy that is not "
        "mounted here; mount it{}:{}",
        controller_, asked == Version::v2 ? " and omit --cgroup v2" : "",
        mount_commands("cgroup -o " + controllers, controllers));
  }

  /// A kernel without the controller's v1 files (CONFIG_MEMCG_V1 for memory)
  /// lists it anyway.
  std::string mount_v1_unused() const {
    return fmt::format(
        "/proc/cgroups lists {0} as enabled, in no v1 hierarchy; mount one (a "
        "kernel without {0} on v1 fails with EINVAL, one that uses it on v2 "
        "with EBUSY: then omit --cgroup v1):{1}",
        controller_, mount_commands("cgroup -o " + controller_, controller_));
  }

  /// Since ~6.13 a kernel that has it only on v2 does not list it.
  std::string mount_v2(const KernelController* row) const {
    return fmt::format(
        "{}; mount it:{}",
        row ? fmt::format("/proc/cgroups lists {} as enabled, in no v1 "
                          "hierarchy: cgroup2 has it",
                          controller_)
            : fmt::format("cgroup2 is not mounted, and may have {}",
                          controller_),
        mount_commands("cgroup2", "unified"));
  }

  /// It is mounted, but does not have the controller.
  std::string enable_on_v2(const Mount& unified,
                           const KernelController* row) const {
    const std::string type = files_.root_prefix + unified.mount_point + "/" +
                             name_of(cgroupfs::File::cgroup_type);
    // The root of the hierarchy has no such file.
    std::error_code ignored;
    if (std::filesystem::exists(type, ignored)) {
      return fmt::format(
          "{} is not the root of the hierarchy: write +{} to the {} of each of "
          "its ancestors, or start this container with the controller "
          "delegated",
          unified.mount_point, controller_,
          name_of(cgroupfs::File::cgroup_subtree_control));
    }
    if (row) return "";
    return fmt::format(
        "this kernel was built without the controller: use one that has it{}",
        controller_ == "memory" ? " (CONFIG_MEMCG)" : "");
  }

  /// The folder that contains, or can contain, the hierarchies of this host.
  std::string folder() const {
    for (const Mount& mount : mounts_) {
      if (mount.type != "cgroup") continue;
      std::string parent =
          std::filesystem::path(mount.mount_point).parent_path();
      if (holds_folders(parent)) return parent;
    }
    return holds_folders(usual_folder) ? usual_folder : other_folder;
  }

  /// A folder in a cgroup2 mount would be a cgroup, and in sysfs it cannot be
  /// created.
  bool holds_folders(const std::string& path) const {
    const Mount* const mount = mount_of(path, mounts_);
    return mount && !is_cgroup(*mount) && mount->type != "sysfs";
  }

  bool exists(const std::string& path) const {
    std::error_code ignored;
    return std::filesystem::is_directory(files_.root_prefix + path, ignored);
  }

  /// Mounts `what` as this host mounts the others.
  std::string mount_commands(const std::string& what,
                             const std::string& name) const {
    const Mount* const usual = mount_of(usual_folder, mounts_);
    const bool none = std::none_of(mounts_.begin(), mounts_.end(), is_cgroup);
    if (what == "cgroup2" && none && usual && usual->type == "sysfs") {
      return root_command(
          fmt::format("mount -t cgroup2 cgroup2 {}", usual_folder));
    }
    const std::string parent = folder();
    const std::string path = shell_quote(parent + "/" + name);
    return make_folder(parent, parent + "/" + name) +
           root_command(fmt::format("mount -t {} {} {}", what,
                                    what == "cgroup2" ? what : "cgroup", path));
  }

  std::string make_folder(const std::string& parent,
                          const std::string& path) const {
    if (exists(path)) return "";
    std::string make = root_command("mkdir -p " + shell_quote(path));
    const Mount* const mount = mount_of(parent, mounts_);
    if (!mount || !is_read_only(*mount)) return make;
    return root_command("mount -o remount,rw " +
                        shell_quote(mount->mount_point)) +
           make;
  }

  const HostFiles& files_;
  std::string controller_;
  std::vector<Mount> mounts_;
  std::optional<std::string> table_;  ///< /proc/cgroups
  std::vector<KernelController> rows_;
};

}  // namespace

std::string missing_controller_cure(const std::string& controller,
                                    const HostFiles& files,
                                    std::optional<Version> asked) {
  return Cure(files, controller).text(asked);
}

}  // namespace lab
