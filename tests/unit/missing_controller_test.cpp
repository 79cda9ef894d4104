// SPDX-License-Identifier: MIT
#include "lab/place/missing_controller.h"

#include <gtest/gtest.h>

#include <unistd.h>

#include "tests/support/error_text.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_data.h"

namespace lab {
namespace {

using cgroupfs::HostFiles;
using cgroupfs::Version;

constexpr std::string_view heading =
    "#subsys_name\thierarchy\tnum_cgroups\tenabled\n";
constexpr char ext4[] = "20 1 8:1 / / rw - ext4 /dev/vda rw\n";
constexpr char sysfs[] = "21 20 0:20 / /sys rw - sysfs sysfs rw\n";
constexpr char tmpfs[] = "31 21 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw\n";
constexpr char v1_pids[] =
    "39 31 0:36 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n";

/// A host without a hierarchy that has the memory controller.
class MountedHost {
 public:
  explicit MountedHost(const std::string& mounts, const std::string& rows) {
    files_.mountinfo = folder_.add_file("mountinfo", mounts);
    files_.cgroup = folder_.add_file("cgroup", "0::/\n");
    files_.root_prefix = folder_.path();
    files_.controllers =
        folder_.add_file("cgroups", std::string(heading) + rows);
    files_.boot_options = folder_.add_file("cmdline", "quiet\n");
  }

  void add(const std::string& file, const std::string& text = "") {
    folder_.add_file(file, text);
  }
  std::string cure(std::optional<Version> asked = std::nullopt,
                   const std::string& controller = "memory") const {
    return missing_controller_cure(controller, files_, asked);
  }

 private:
  TempFolder folder_;
  HostFiles files_;
};

/// The command lines of a cure, without the sudo of a user.
std::string commands_of(const std::string& cure) {
  std::string commands;
  std::size_t at = 0;
  while ((at = cure.find("\n  ", at)) != cure.npos) {
    at += 3;
    std::string line = cure.substr(at, cure.find('\n', at) - at);
    if (line.starts_with("sudo ")) line = line.substr(5);
    commands += line + "\n";
  }
  return commands;
}

TEST(MissingController, is_mounted_next_to_the_other_v1_hierarchies) {
  const MountedHost host(std::string(ext4) + sysfs + tmpfs + v1_pids,
                         "memory 4 57 1\npids 8 1 1\n");
  const std::string cure = host.cure();
  EXPECT_TRUE(has(cure, "/proc/cgroups lists memory as enabled"));
  EXPECT_EQ(commands_of(cure),
            "mkdir -p /sys/fs/cgroup/memory\n"
            "mount -t cgroup -o memory cgroup /sys/fs/cgroup/memory\n");
  EXPECT_TRUE(has(host.cure(Version::v2), "omit --cgroup v2"));
}

TEST(MissingController, is_mounted_in_the_existing_folder) {
  MountedHost host(std::string(ext4) + sysfs + tmpfs + v1_pids,
                   "memory 4 57 1\n");
  host.add("sys/fs/cgroup/memory/x");
  EXPECT_EQ(commands_of(host.cure()),
            "mount -t cgroup -o memory cgroup /sys/fs/cgroup/memory\n");
}

/// systemd mounts the folder of the hierarchies read-only.
TEST(MissingController, gets_a_folder_where_the_others_are_read_only) {
  const MountedHost host(
      std::string(ext4) + sysfs +
          "31 21 0:28 / /sys/fs/cgroup ro - tmpfs tmpfs ro\n" + v1_pids,
      "memory 4 57 1\n");
  EXPECT_EQ(commands_of(host.cure()),
            "mount -o remount,rw /sys/fs/cgroup\n"
            "mkdir -p /sys/fs/cgroup/memory\n"
            "mount -t cgroup -o memory cgroup /sys/fs/cgroup/memory\n");
}

/// The kernel refuses to mount only one of them.
TEST(MissingController, is_mounted_with_all_of_its_hierarchy) {
  MountedHost host(std::string(ext4) + sysfs + tmpfs + v1_pids,
                   "cpuset 4 57 1\nmemory 4 57 1\npids 8 1 1\n");
  EXPECT_TRUE(has(host.cure(), "-o cpuset,memory cgroup "));
  host.add("cgroup", "4:memory,cpuset,name=own:/x\n0::/\n");
  EXPECT_TRUE(has(host.cure(), "-o memory,cpuset,name=own cgroup "));
}

TEST(MissingController, is_mounted_elsewhere_where_no_folder_can_be_made) {
  for (const std::string unusable :
       {"31 21 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", ""}) {
    const MountedHost host(std::string(ext4) + sysfs + unusable,
                           "memory 4 57 1\n");
    EXPECT_EQ(commands_of(host.cure()),
              "mkdir -p /run/cgroup/memory\n"
              "mount -t cgroup -o memory cgroup /run/cgroup/memory\n");
  }
}

TEST(MissingController, of_no_v1_hierarchy_comes_with_cgroup2) {
  const MountedHost alone(std::string(ext4) + sysfs, "memory 0 1 1\n");
  EXPECT_EQ(commands_of(alone.cure()),
            "mount -t cgroup2 cgroup2 /sys/fs/cgroup\n");
  const MountedHost with_v1(std::string(ext4) + sysfs + tmpfs + v1_pids,
                            "memory 0 1 1\npids 8 1 1\n");
  EXPECT_EQ(commands_of(with_v1.cure()),
            "mkdir -p /sys/fs/cgroup/unified\n"
            "mount -t cgroup2 cgroup2 /sys/fs/cgroup/unified\n");
}

/// As kernels without CONFIG_MEMCG_V1 do since about 6.13.
TEST(MissingController, that_is_not_listed_may_come_with_cgroup2) {
  const MountedHost host(std::string(ext4) + sysfs, "cpu 0 1 1\n");
  EXPECT_TRUE(has(host.cure(), "may have memory"));
  EXPECT_EQ(commands_of(host.cure()),
            "mount -t cgroup2 cgroup2 /sys/fs/cgroup\n");
}

TEST(MissingController, on_v1_is_refused_by_kernels_that_have_it_on_v2_only) {
  const MountedHost host(std::string(ext4) + sysfs + tmpfs + v1_pids,
                         "memory 0 1 1\n");
  const std::string cure = host.cure(Version::v1);
  EXPECT_TRUE(has(cure, "EINVAL"));
  EXPECT_TRUE(has(cure, "EBUSY"));
  EXPECT_TRUE(has(cure, "-o memory cgroup /sys/fs/cgroup/memory"));
}

TEST(MissingController, that_is_disabled_needs_a_boot_option) {
  MountedHost host(std::string(ext4) + sysfs + tmpfs + v1_pids,
                   "memory 4 57 0\n");
  EXPECT_TRUE(has(host.cure(), "cgroup_enable=memory"));
  host.add("cmdline", "quiet cgroup_disable=memory\n");
  const bool pi = ::access("/boot/firmware/cmdline.txt", F_OK) == 0 ||
                  ::access("/boot/cmdline.txt", F_OK) == 0;
  EXPECT_TRUE(
      has(host.cure(), pi ? "cgroup_enable=memory" : "cgroup_disable=memory"));
  EXPECT_EQ(host.cure().find("mount"), std::string::npos) << host.cure();
}

TEST(MissingController, that_cgroup2_lacks_is_not_enabled_or_not_built) {
  const std::string mounts =
      std::string(ext4) + sysfs +
      "31 21 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
  MountedHost host(mounts, "cpu 0 1 1\n");
  EXPECT_TRUE(has(host.cure(), "built without the controller"));
  EXPECT_TRUE(has(host.cure(), "CONFIG_MEMCG"));
  EXPECT_FALSE(has(host.cure(std::nullopt, "pids"), "MEMCG"));
  host.add("sys/fs/cgroup/cgroup.type", "domain\n");
  EXPECT_TRUE(has(host.cure(), "+memory"));
  EXPECT_TRUE(has(host.cure(), "ancestors"));
  // It could not be read.
  EXPECT_EQ(MountedHost(mounts, "memory 0 1 1\n").cure(), "");
}

TEST(MissingController, is_missing_with_all_others_without_cgroups) {
  const std::string folder = test_data("hosts/no-cgroup");
  const HostFiles files{folder + "/mountinfo", folder + "/cgroup", folder,
                        folder + "/cgroups", folder + "/cmdline"};
  EXPECT_TRUE(has(missing_controller_cure("memory", files), "CONFIG_CGROUPS"));
}

}  // namespace
}  // namespace lab
