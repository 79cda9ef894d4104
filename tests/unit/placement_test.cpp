// SPDX-License-Identifier: MIT
// The choices in composed folders; tests on real kernels show that the places
// work.
#include "lab/place/placement.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "lab/base/errors.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_folder.h"
#include "tests/support/test_data.h"

namespace lab {
namespace {

using cgroupfs::Version;

/// A host of plain files: the memory hierarchy is mounted at mount().
class Host {
 public:
  std::string mount() const { return folder_.path_of("mnt"); }
  std::string path(const std::string& below) const { return mount() + below; }

  void mount_v1(std::string_view options, std::string_view own) {
    describe(fmt::format("- cgroup cgroup {},memory", options),
             fmt::format("4:memory:{}\n0::/\n", own));
  }
  void mount_v2(std::string_view options, std::string_view own) {
    describe(fmt::format("- cgroup2 cgroup2 {}", options),
             fmt::format("0::{}\n", own));
    add("/cgroup.controllers", "cpu memory pids\n");
  }
  /// systemd manages this host.
  void manage() { folder_.add_file("systemd", ""); }
  /// A cgroup that is not the root of the hierarchy.
  void add_below(const std::string& path) {
    add(path + "/cgroup.type", "domain\n");
  }
  void add(const std::string& file, std::string_view text) {
    folder_.add_file("mnt" + file, text);
  }
  /// A cgroup that enables `controllers` for children and accepts processes.
  void add_cgroup(const std::string& path, std::string_view controllers) {
    if (!path.empty()) add_below(path);
    add(path + "/cgroup.subtree_control", controllers);
    add(path + "/cgroup.procs", "");
  }

  Placement choose(const Parameters& asked = {}) const {
    PlacementHost host;
    host.files = files_;
    host.systemd = folder_.path_of("systemd");
    host.first_process = files_.cgroup;
    return choose_placement(asked, host);
  }
  Unavailable refusal(const Parameters& asked = {}) const {
    try {
      choose(asked);
    } catch (const Unavailable& error) {
      return error;
    }
    ADD_FAILURE() << "a place was found";
    return {"", ""};
  }

 private:
  void describe(const std::string& mount_line, const std::string& membership) {
    files_.mountinfo = folder_.add_file(
        "mountinfo", "20 1 8:1 / / rw - ext4 /dev/vda rw\n31 20 0:28 / " +
                         mount() + " rw " + mount_line + "\n");
    files_.cgroup = folder_.add_file("cgroup", membership);
  }

  TempFolder folder_;
  cgroupfs::HostFiles files_;
};

Parameters of_version(std::optional<Version> version) {
  Parameters asked;
  asked.version = version;
  return asked;
}

Parameters in_parent(std::string parent) {
  Parameters asked;
  asked.parent = std::move(parent);
  return asked;
}

TEST(PlaceOnV1, uses_the_own_cgroup) {
  Host host;
  host.mount_v1("rw", "/user.slice");
  host.add("/user.slice/cgroup.procs", "");
  for (auto version : {std::optional<Version>(), std::optional(Version::v1)}) {
    const Placement placement = host.choose(of_version(version));
    EXPECT_EQ(placement.version, Version::v1);
    EXPECT_EQ(placement.parent, host.path("/user.slice"));
    EXPECT_EQ(placement.hierarchy.mount_point, host.mount());
    EXPECT_EQ(placement.strategy, StrategyCode::own_v1_cgroup);
  }
}

TEST(PlaceOnV1, refuses_where_nothing_is_writable) {
  Host read_only;
  read_only.mount_v1("ro", "/");
  read_only.add("/cgroup.procs", "");
  const Unavailable error = read_only.refusal();
  EXPECT_TRUE(has(error.what(), read_only.mount() + " is mounted read-only"));
  EXPECT_TRUE(has(error.fix(), "in a container"));

  Host forbidden;
  forbidden.mount_v1("rw", "/a");
  forbidden.add("/a/memory.stat", "");
  const Unavailable no_permission = forbidden.refusal();
  EXPECT_TRUE(has(no_permission.what(),
                  "no permission to make a cgroup in " + forbidden.path("/a")));
  EXPECT_TRUE(has(no_permission.fix(), "sudo"));
  EXPECT_TRUE(has(no_permission.fix(), "--parent"));
}

TEST(PlaceOnV2, uses_the_own_cgroup_when_it_delegates) {
  Host host;
  host.mount_v2("rw", "/a/b");
  host.add_cgroup("/a/b", "memory pids\n");
  host.add_cgroup("/a", "memory\n");
  const Placement placement = host.choose();
  EXPECT_EQ(placement.version, Version::v2);
  EXPECT_EQ(placement.parent, host.path("/a/b"));
  EXPECT_EQ(placement.strategy, StrategyCode::own_delegating);
}

TEST(PlaceOnV2, goes_up_to_the_nearest_that_delegates) {
  Host host;
  host.mount_v2("rw", "/a/b/c");
  host.add_cgroup("/a/b/c", "");
  host.add_cgroup("/a/b", "cpu pids memory_like\n");
  host.add_cgroup("/a", "cpu memory\n");
  host.add_cgroup("", "memory\n");
  const Placement placement = host.choose(of_version(Version::v2));
  EXPECT_EQ(placement.parent, host.path("/a"));
  EXPECT_EQ(placement.strategy, StrategyCode::delegating_ancestor);
}

TEST(PlaceOnV2, goes_up_past_cgroups_that_are_not_writable) {
  Host host;
  host.mount_v2("rw", "/a");
  host.add("/a/cgroup.subtree_control", "memory\n");
  host.add_cgroup("", "memory\n");
  EXPECT_EQ(host.choose().parent, host.mount());
}

TEST(PlaceOnV2, begins_at_the_mount_for_a_process_outside_it) {
  Host host;
  host.mount_v2("rw", "/../elsewhere");
  host.add_cgroup("", "memory\n");
  EXPECT_EQ(host.choose().parent, host.mount());
}

TEST(PlaceOnV2, refuses_where_nothing_delegates_and_says_how_to) {
  Host host;
  host.mount_v2("rw", "/a");
  host.add_cgroup("/a", "");
  host.add_cgroup("", "cpu\n");
  const Unavailable error = host.refusal();
  EXPECT_TRUE(
      has(error.what(), "from " + host.path("/a") + " up to " + host.mount()));
  EXPECT_TRUE(has(error.fix(),
                  "echo +memory > " + host.path("/cgroup.subtree_control")));
}

TEST(PlaceOnV2, refuses_where_nothing_is_writable) {
  Host read_only;
  read_only.mount_v2("ro", "/");
  read_only.add_cgroup("", "memory\n");
  EXPECT_TRUE(has(read_only.refusal().what(), "is mounted read-only"));

  Host forbidden;
  forbidden.mount_v2("rw", "/a");
  forbidden.add("/a/cgroup.subtree_control", "memory\n");
  EXPECT_TRUE(has(forbidden.refusal().what(), "no permission"));
}

std::string reason_of(const std::vector<Rejection>& rejected,
                      const std::string& strategy) {
  for (const Rejection& each : rejected) {
    if (each.strategy == strategy) return each.reason;
  }
  return "";
}

TEST(PlaceOnV2, does_not_use_cgroups_that_systemd_manages) {
  Host host;
  host.mount_v2("rw", "/user.slice/session-1.scope");
  host.add_cgroup("/user.slice/session-1.scope", "memory\n");
  host.add_cgroup("/user.slice", "memory\n");
  host.add_cgroup("", "memory\n");
  host.manage();
  Parameters asked;
  // A scope of systemd cannot be kept.
  asked.keep = true;
  const Unavailable error = host.refusal(asked);
  EXPECT_TRUE(has(error.what(),
                  "session-1.scope enables memory for its children, but "
                  "systemd manages it"));
  EXPECT_TRUE(has(error.what(), "systemd removes a scope"));
  EXPECT_TRUE(has(error.what(), "systemd manages the cgroups of this host"));
}

TEST(PlaceOnV2, recognises_the_units_of_an_invisible_systemd) {
  Host host;
  host.mount_v2("rw", "/system.slice/docker-1.scope");
  host.add_cgroup("/system.slice/docker-1.scope", "");
  host.add_cgroup("/system.slice", "memory\n");
  host.add_cgroup("", "memory\n");
  const Unavailable error = host.refusal();
  EXPECT_TRUE(has(
      error.what(),
      "/system.slice enables memory for its children, but systemd manages it"));
  EXPECT_TRUE(has(error.what(), "systemd is not running here"));
}

const std::string v1_max = "9223372036854771712\n";

TEST(PlaceOnV1, stays_within_a_limit) {
  for (const char* const file :
       {"memory.limit_in_bytes", "memory.memsw.limit_in_bytes"}) {
    for (const std::string limited : {"/a", "/a/b"}) {
      Host host;
      host.mount_v1("rw", "/a/b");
      // The own cgroup is not writable; the root is.
      host.add("/a/b/memory.stat", "");
      host.add("/cgroup.procs", "");
      host.add("/memory.limit_in_bytes", v1_max);
      EXPECT_EQ(host.choose().parent, host.mount()) << "without a limit";
      host.add(limited + "/" + file, "52428800\n");
      const Unavailable error = host.refusal();
      EXPECT_TRUE(has(error.what(), host.mount() + " would leave " +
                                        host.path(limited) + ", whose " + file +
                                        " is 50 MiB"));
      EXPECT_TRUE(has(error.fix(), host.path(limited) + "/lab-"));
      EXPECT_TRUE(has(error.fix(), "deliberately"));
    }
  }
}

TEST(PlaceOnV1, nests_in_a_limited_cgroup) {
  Host host;
  host.mount_v1("rw", "/a");
  host.add("/a/cgroup.procs", "");
  host.add("/a/memory.limit_in_bytes", "52428800\n");
  EXPECT_EQ(host.choose().parent, host.path("/a"));
}

TEST(PlaceOnV1, is_not_limited_by_the_largest_number) {
  Host host;
  host.mount_v1("rw", "/a");
  host.add("/a/memory.limit_in_bytes", v1_max);
  host.add("/a/memory.memsw.limit_in_bytes", v1_max);
  host.add("/cgroup.procs", "");
  EXPECT_EQ(host.choose().parent, host.mount());
}

TEST(PlaceOnV2, goes_up_no_further_than_a_limit) {
  for (const char* const file :
       {"memory.max", "memory.high", "memory.swap.max"}) {
    Host host;
    host.mount_v2("rw", "/a/b/c");
    host.add_cgroup("/a/b/c", "");
    host.add("/a/b/c/memory.max", "max\n");
    host.add_cgroup("/a/b", "");
    // Without the memory controller its ancestors count.
    host.add_cgroup("/a", "memory\n");
    host.add_cgroup("", "memory\n");
    EXPECT_EQ(host.choose().parent, host.path("/a")) << "without a limit";
    host.add(std::string("/a/") + file, "52428800\n");
    EXPECT_EQ(host.choose().parent, host.path("/a")) << "at the limit";
    host.add(std::string("/a/b/") + file, "16777216\n");
    const Unavailable error = host.refusal();
    EXPECT_TRUE(has(error.what(), "from " + host.path("/a/b/c") + " up to " +
                                      host.path("/a/b") + ", whose " + file +
                                      " is 16 MiB, enables"));
    EXPECT_TRUE(has(error.fix(), "deliberately"));
    EXPECT_EQ(error.fix().find("sudo"), std::string::npos) << error.fix();
  }
}

TEST(PlaceOnV2, is_not_limited_by_the_root_of_the_mounted_hierarchy) {
  Host host;
  host.mount_v2("rw", "/a");
  host.add_cgroup("/a", "");
  host.add("/cgroup.type", "domain\n");
  host.add_cgroup("", "memory\n");
  host.add("/memory.max", "52428800\n");
  EXPECT_EQ(host.choose().parent, host.mount());
}

TEST(PlaceOnV2, refuses_a_limited_unit_that_is_not_delegated) {
  Host host;
  host.mount_v2("rw", "/system.slice/a.service");
  host.add_cgroup("/system.slice/a.service", "");
  host.add("/system.slice/a.service/cgroup.controllers", "memory pids\n");
  host.add("/system.slice/a.service/memory.max", "52428800\n");
  host.add_cgroup("/system.slice", "memory\n");
  host.add_cgroup("", "memory\n");
  host.manage();
  const Unavailable error = host.refusal();
  EXPECT_TRUE(
      has(error.what(), host.path("/system.slice/a.service") +
                            ", whose memory.max is 50 MiB, does not enable "
                            "memory for its children, and systemd manages it"));
  EXPECT_TRUE(has(error.fix(), "Delegate=yes"));
}

TEST(ChoosePlacement, lists_the_strategies_before_the_one_that_applies) {
  Host host;
  host.mount_v1("rw", "/a");
  host.add("/a/cgroup.procs", "");
  const Placement placement = host.choose();
  ASSERT_EQ(placement.rejected.size(), 3u);
  EXPECT_EQ(reason_of(placement.rejected, "parent_option"), "not given");
  EXPECT_TRUE(
      has(reason_of(placement.rejected, "delegated_subtree"), "no delegation"));
  EXPECT_TRUE(has(reason_of(placement.rejected, "systemd_scope"),
                  "systemd is not running here"));
  EXPECT_EQ(placement.preparation, Preparation::none);
}

TEST(ChoosePlacement, names_the_available_version) {
  Host v1;
  v1.mount_v1("rw", "/");
  const Unavailable no_v2 = v1.refusal(of_version(Version::v2));
  EXPECT_TRUE(has(no_v2.what(), "no cgroup v2 memory controller: no cgroup2"));
  EXPECT_TRUE(has(no_v2.fix(), "to use v1"));
  Host v2;
  v2.mount_v2("rw", "/");
  const Unavailable no_v1 = v2.refusal(of_version(Version::v1));
  EXPECT_TRUE(
      has(no_v1.what(), "no cgroup v1 memory controller: no cgroup v1"));
  EXPECT_TRUE(has(no_v1.fix(), "to use v2"));
}

TEST(ChoosePlacement, gives_both_reasons_where_there_is_no_controller) {
  const std::string folder = test_data("hosts/no-cgroup");
  PlacementHost none;
  none.files = {folder + "/mountinfo", folder + "/cgroup", folder,
                folder + "/cgroups", folder + "/cmdline"};
  for (auto version : {std::optional<Version>(), std::optional(Version::v1),
                       std::optional(Version::v2)}) {
    try {
      choose_placement(of_version(version), none);
      ADD_FAILURE() << "a place was found";
    } catch (const Unavailable& error) {
      const bool v1 = version != Version::v2;
      const bool v2 = version != Version::v1;
      const std::string what = error.what();
      EXPECT_EQ(what.find("no cgroup2 file system") != what.npos, v2) << what;
      EXPECT_EQ(what.find("no cgroup v1 file system") != what.npos, v1) << what;
      EXPECT_TRUE(has(error.fix(), "CONFIG_CGROUPS"));
    }
  }
}

TEST(ChoosePlacement, refuses_a_parent_that_is_not_a_cgroup) {
  Host host;
  host.mount_v2("rw", "/");
  host.add_cgroup("/a", "memory\n");
  const auto refusal = [&](const std::string& parent) {
    return error_text<UsageError>([&] { host.choose(in_parent(parent)); });
  };
  EXPECT_TRUE(has(refusal("/none"), "--parent /none: no such cgroup"));
  EXPECT_TRUE(has(refusal("none"), "--parent none: no such cgroup"));
  // A folder is not a cgroup, whatever its name.
  for (const std::string& parent : {std::string("/a"), host.path("/a")}) {
    EXPECT_TRUE(
        has(refusal(parent),
            host.path("/a") +
                " is not a directory of the cgroup v2 memory hierarchy"))
        << parent;
  }
}

}  // namespace
}  // namespace lab
