// SPDX-License-Identifier: MIT
#include "cgroupfs/hierarchy.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_data.h"

namespace cgroupfs {
namespace {

#define CONTAINER_ID \
  "3f4c1b7de0a94f0b8d3c6a51e2f7908b4d6e1c2a9f8b7d5e3c1a0f9e8d7c6b5a"

HostFiles host_files(const std::string& host) {
  std::string folder = test_data("hosts/" + host);
  return {folder + "/mountinfo", folder + "/cgroup", folder};
}

// "MOUNT_POINT own OWN_DIRECTORY rw|ro", or why there is none.
std::string describe(const std::optional<Hierarchy>& hierarchy,
                     const std::string& absent_because) {
  if (!hierarchy) return absent_because;
  EXPECT_EQ(absent_because, "");
  return fmt::format("{} own {} {}", hierarchy->mount_point,
                     hierarchy->own_directory().value_or("outside"),
                     hierarchy->read_only ? "ro" : "rw");
}

Hierarchy of(Version version) {
  Hierarchy hierarchy;
  hierarchy.version = version;
  return hierarchy;
}

struct HostCase {
  const char* host;
  const char* controller;
  const char* mode;
  const char* v1;
  const char* v2;
};

void PrintTo(const HostCase& c, std::ostream* stream) {
  *stream << c.controller << " on " << c.host;
}

constexpr char no_v1[] = "no cgroup v1 file system is mounted";
constexpr char no_v1_memory[] = "no cgroup v1 mount has the memory controller";
constexpr char no_v2[] = "no cgroup2 file system is mounted";

constexpr HostCase host_cases[] = {
    {"v1-debian", "memory", "v1",
     "/sys/fs/cgroup/memory own /sys/fs/cgroup/memory/user.slice rw", no_v2},
    {"v1-debian", "cpuacct", "v1",
     "/sys/fs/cgroup/cpu,cpuacct own /sys/fs/cgroup/cpu,cpuacct/user.slice rw",
     no_v2},
    {"v1-debian", "cpu", "v1",
     "/sys/fs/cgroup/cpu,cpuacct own /sys/fs/cgroup/cpu,cpuacct/user.slice rw",
     no_v2},
    {"v1-debian", "freezer", "v1",
     "/sys/fs/cgroup/freezer own /sys/fs/cgroup/freezer rw", no_v2},
    {"v1-debian", "rdma", "v1", "no cgroup v1 mount has the rdma controller",
     no_v2},
    {"v2-systemd", "memory", "v2", no_v1,
     "/sys/fs/cgroup own /sys/fs/cgroup/system.slice/ssh.service rw"},
    {"v2-systemd", "cpu", "v2", no_v1,
     "/sys/fs/cgroup own /sys/fs/cgroup/system.slice/ssh.service rw"},
    {"v2-systemd", "freezer", "v2", no_v1,
     "cgroup2 at /sys/fs/cgroup offers only: cpuset cpu io memory hugetlb pids "
     "rdma misc"},
    {"hybrid-systemd", "memory", "hybrid",
     "/sys/fs/cgroup/memory own "
     "/sys/fs/cgroup/memory/user.slice/user-1000.slice/session-3.scope rw",
     "cgroup2 at /sys/fs/cgroup/unified offers no controllers"},
    {"hybrid-hugetlb", "memory", "hybrid",
     "/sys/fs/cgroup/memory own "
     "/sys/fs/cgroup/memory/user.slice/user-1000.slice/session-3.scope rw",
     "cgroup2 at /sys/fs/cgroup/unified offers only: hugetlb"},
    {"hybrid-hugetlb", "hugetlb", "hybrid",
     "no cgroup v1 mount has the hugetlb controller",
     "/sys/fs/cgroup/unified own "
     "/sys/fs/cgroup/unified/user.slice/user-1000.slice/session-3.scope rw"},
    {"docker-v1", "memory", "v1",
     "/sys/fs/cgroup/memory own /sys/fs/cgroup/memory ro", no_v2},
    {"readonly-container", "memory", "v1",
     "/sys/fs/cgroup/memory own /sys/fs/cgroup/memory ro", no_v2},
    {"docker-v2-private-ns", "memory", "v2", no_v1,
     "/sys/fs/cgroup own /sys/fs/cgroup ro"},
    {"docker-v2-host-ns", "memory", "v2", no_v1,
     "/sys/fs/cgroup own /sys/fs/cgroup/system.slice/docker-" CONTAINER_ID
     ".scope ro"},
    {"container-v2-bind-mount", "memory", "v2", no_v1,
     "/sys/fs/cgroup own /sys/fs/cgroup/init rw"},
    {"podman-rootless", "memory", "v2", no_v1,
     "/sys/fs/cgroup own /sys/fs/cgroup ro"},
    {"podman-rootless", "io", "v2", no_v1,
     "cgroup2 at /sys/fs/cgroup offers only: cpu memory pids"},
    {"systemd-user-session", "memory", "v2", no_v1,
     "/sys/fs/cgroup own /sys/fs/cgroup/user.slice/user-1000.slice/"
     "user@1000.service/app.slice/app-org.gnome.Terminal.slice/"
     "vte-spawn-0f3a5c1e-7d52-4c3b-9a55-8f64b7f7a1d0.scope rw"},
    {"wsl2", "memory", "hybrid",
     "/sys/fs/cgroup/memory own /sys/fs/cgroup/memory rw",
     "cgroup2 at /sys/fs/cgroup/unified offers only: hugetlb rdma"},
    {"wsl2-systemd", "memory", "v2", no_v1,
     "/sys/fs/cgroup own /sys/fs/cgroup/init.scope rw"},
    {"escapes", "memory", "v2", no_v1,
     "/mnt/lab groups own /mnt/lab groups/anna: first try rw"},
    {"memory-disabled", "memory", "v2", no_v1,
     "cgroup2 at /sys/fs/cgroup offers only: cpuset cpu io hugetlb pids rdma "
     "misc"},
    {"no-cgroup", "memory", "none", no_v1, no_v2},
    {"bind-mounts", "memory", "v1",
     "/host/sys/fs/cgroup/memory own "
     "/host/sys/fs/cgroup/memory/docker/" CONTAINER_ID " rw",
     no_v2},
    {"bind-mounts", "pids", "v1",
     "/sys/fs/cgroup/pids own /sys/fs/cgroup/pids ro", no_v2},
    {"overmounted", "memory", "hybrid", no_v1,
     "/sys/fs/cgroup/unified own /sys/fs/cgroup/unified/docker/" CONTAINER_ID
     " rw"},
    {"unshared-namespace", "memory", "v2", no_v1,
     "/sys/fs/cgroup own outside rw"},
    {"outside-namespace", "memory", "v2", no_v1,
     "/sys/fs/cgroup own outside ro"},
    {"unreadable-controllers", "memory", "v2", no_v1,
     "cgroup.controllers does not exist at /sys/fs/cgroup"},
};

class FindController : public testing::TestWithParam<HostCase> {};

TEST_P(FindController, finds_it_or_says_why_not) {
  const HostCase& c = GetParam();
  HostFiles files = host_files(c.host);
  ControllerSearch search = find_controller(c.controller, files);
  EXPECT_EQ(describe(search.v1, search.v1_absent_because), c.v1);
  EXPECT_EQ(describe(search.v2, search.v2_absent_because), c.v2);
  EXPECT_EQ(search.v1.value_or(of(Version::v1)).version, Version::v1);
  EXPECT_EQ(search.v2.value_or(of(Version::v2)).version, Version::v2);
  EXPECT_EQ(host_mode(parse_mountinfo(read_file(files.mountinfo))), c.mode);
}

std::string name_of(const testing::TestParamInfo<HostCase>& info) {
  std::string name =
      fmt::format("{}_{}", info.param.host, info.param.controller);
  for (char& c : name) {
    if (c == '-') c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(Hosts, FindController, testing::ValuesIn(host_cases),
                         name_of);

// A separate host in a temporary folder.
HostFiles make_host(const TempFolder& folder, std::string_view mountinfo,
                    std::string_view cgroup) {
  return {folder.add_file("mountinfo", mountinfo),
          folder.add_file("cgroup", cgroup), folder.path()};
}

TEST(FindControllerErrors, names_the_line_that_is_garbage) {
  HostFiles files = host_files("garbage");
  EXPECT_TRUE(
      has(error_text<ParseError>([&] { find_controller("memory", files); }),
          "this is no mountinfo"));
  files.mountinfo = host_files("v1-debian").mountinfo;
  EXPECT_TRUE(
      has(error_text<ParseError>([&] { find_controller("memory", files); }),
          "nor a cgroup file"));
}

TEST(FindControllerErrors, names_the_mountinfo_that_is_missing) {
  HostFiles files = host_files("no-such-host");
  EXPECT_TRUE(
      has(error_text<FileError>([&] { find_controller("memory", files); }),
          "no-such-host/mountinfo"));
}

TEST(FindControllerErrors, gives_the_reason_when_controllers_cannot_be_read) {
  TempFolder folder;
  // A folder instead of the file: it opens, and read(2) fails with EISDIR.
  folder.add_file("sys/fs/cgroup/cgroup.controllers/x", "");
  HostFiles files =
      make_host(folder, "33 24 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
                "0::/\n");
  ControllerSearch search = find_controller("memory", files);
  EXPECT_FALSE(search.v2);
  EXPECT_EQ(search.v2_absent_because,
            "cgroup.controllers cannot be read at /sys/fs/cgroup: Is a "
            "directory");
}

TEST(FindControllerMounts, uses_the_v2_mount_that_has_the_controller) {
  TempFolder folder;
  folder.add_file("a/cgroup.controllers", "pids\n");
  folder.add_file("b/cgroup.controllers", "memory pids\n");
  HostFiles files = make_host(folder,
                              "33 24 0:28 /x /a rw - cgroup2 none rw\n"
                              "34 24 0:28 / /b rw - cgroup2 none rw\n",
                              "0::/x/y\n");
  ControllerSearch search = find_controller("memory", files);
  EXPECT_EQ(describe(search.v2, search.v2_absent_because), "/b own /b/x/y rw");
  search = find_controller("pids", files);
  EXPECT_EQ(describe(search.v2, search.v2_absent_because), "/a own /a/y rw");
}

TEST(FindControllerMounts, prefers_own_part_to_writable) {
  TempFolder folder;
  HostFiles files =
      make_host(folder,
                "33 24 0:33 /other /a rw - cgroup none rw,memory\n"
                "34 24 0:33 /own /b ro - cgroup none rw,memory\n",
                "4:memory:/own/x\n");
  ControllerSearch search = find_controller("memory", files);
  EXPECT_EQ(describe(search.v1, search.v1_absent_because), "/b own /b/x ro");
}

TEST(FindControllerMounts, treats_a_super_option_ro_as_read_only) {
  TempFolder folder;
  HostFiles files = make_host(
      folder, "33 24 0:33 / /a rw - cgroup none ro,memory\n", "4:memory:/\n");
  EXPECT_TRUE(find_controller("memory", files).v1->read_only);
}

TEST(FindControllerMounts, has_no_own_path_without_a_membership) {
  TempFolder folder;
  HostFiles files =
      make_host(folder, "33 24 0:33 / /a rw - cgroup none rw,memory\n",
                "4:cpu:/x\n0::/y\n");
  ControllerSearch search = find_controller("memory", files);
  EXPECT_EQ(describe(search.v1, search.v1_absent_because), "/a own outside rw");
}

TEST(FindControllerMounts, matches_only_whole_names) {
  TempFolder folder;
  folder.add_file("b/cgroup.controllers", "memory2 xmemory\n");
  HostFiles files =
      make_host(folder,
                "33 24 0:33 / /a rw - cgroup none rw,memory2,name=memory\n"
                "34 24 0:28 / /b rw - cgroup2 memory rw,memory_recursiveprot\n",
                "1:name=memory:/\n0::/\n");
  ControllerSearch search = find_controller("memory", files);
  EXPECT_EQ(search.v1_absent_because, no_v1_memory);
  EXPECT_EQ(search.v2_absent_because,
            "cgroup2 at /b offers only: memory2 xmemory");
}

TEST(ParseControllers, reads_the_lines_of_proc_cgroups) {
  const auto rows = parse_controllers(
      "#subsys_name\thierarchy\tnum_cgroups\tenabled\n"
      "cpuset\t0\t1\t1\nmemory\t4\t57\t0\n");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0], (KernelController{"cpuset", 0, true}));
  EXPECT_EQ(rows[1], (KernelController{"memory", 4, false}));
  EXPECT_TRUE(parse_controllers("").empty());
}

TEST(ParseControllers, names_the_line_that_is_garbage) {
  for (const std::string line : {"memory 4 57", "memory four 57 1",
                                 "memory 4 57 2", "memory 99999999999 57 1"}) {
    EXPECT_NE(error_text<ParseError>([&] { parse_controllers(line); }), "");
  }
}

TEST(HostMode, counts_only_v1_mounts_with_controllers) {
  constexpr std::string_view named =
      "35 33 0:30 / /s rw - cgroup cgroup rw,xattr,seclabel,name=systemd\n";
  constexpr std::string_view unified = "34 33 0:29 / /u rw - cgroup2 none rw\n";
  EXPECT_EQ(host_mode(parse_mountinfo(named)), "none");
  EXPECT_EQ(host_mode(parse_mountinfo(std::string(named).append(unified))),
            "v2");
  // An option of another file system is not a controller.
  EXPECT_EQ(host_mode(parse_mountinfo("9 1 8:1 / /d rw - fuse d rw,debug")),
            "none");
  EXPECT_EQ(host_mode({}), "none");
}

TEST(OwnDirectory, joins_mount_point_and_own_path) {
  Hierarchy hierarchy;
  hierarchy.mount_point = "/sys/fs/cgroup";
  EXPECT_EQ(hierarchy.own_directory(), std::nullopt);
  hierarchy.own_path = "/";
  EXPECT_EQ(hierarchy.own_directory(), "/sys/fs/cgroup");
  hierarchy.own_path = "/a/b";
  EXPECT_EQ(hierarchy.own_directory(), "/sys/fs/cgroup/a/b");
}

TEST(VersionName, is_v1_or_v2) {
  EXPECT_EQ(to_string(Version::v1), "v1");
  EXPECT_EQ(to_string(Version::v2), "v2");
}

}  // namespace
}  // namespace cgroupfs
