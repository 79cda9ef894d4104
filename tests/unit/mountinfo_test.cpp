// SPDX-License-Identifier: MIT
#include "cgroupfs/mountinfo.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cgroupfs/error.h"
#include "tests/support/error_text.h"

namespace cgroupfs {
namespace {

using Words = std::vector<std::string>;

// A mount that is_reachable() can distinguish from others.
Mount mount_at(unsigned id, unsigned parent_id, std::string mount_point) {
  Mount mount;
  mount.id = id;
  mount.parent_id = parent_id;
  mount.mount_point = std::move(mount_point);
  return mount;
}

TEST(ParseMountinfo, reads_every_field) {
  auto mounts = parse_mountinfo(
      "38 33 0:33 /docker/4f /sys/fs/cgroup/memory ro,nosuid,relatime "
      "master:16 - cgroup none rw,memory\n");
  Mount expected;
  expected.id = 38;
  expected.parent_id = 33;
  expected.root = "/docker/4f";
  expected.mount_point = "/sys/fs/cgroup/memory";
  expected.options = {"ro", "nosuid", "relatime"};
  expected.type = "cgroup";
  expected.source = "none";
  expected.super_options = {"rw", "memory"};
  EXPECT_EQ(mounts, std::vector<Mount>{expected});
}

TEST(ParseMountinfo, accepts_any_number_of_optional_fields) {
  for (std::string_view optional :
       {"", "shared:1 ", "shared:1 master:2 propagate_from:3 unbindable "}) {
    std::string line = "36 35 98:0 / /mnt rw " + std::string(optional) +
                       "- ext4 /dev/sda1 rw,errors=continue";
    auto mounts = parse_mountinfo(line);
    ASSERT_EQ(mounts.size(), 1u) << line;
    EXPECT_EQ(mounts[0].type, "ext4") << line;
    EXPECT_EQ(mounts[0].super_options, (Words{"rw", "errors=continue"}));
  }
}

TEST(ParseMountinfo, accepts_a_source_that_is_a_dash_or_empty) {
  auto mounts = parse_mountinfo(
      "36 35 0:28 / /a rw - cgroup2 - rw,nsdelegate\n"
      "37 35 0:29 / /b rw - tmpfs  rw,size=64k\n");
  ASSERT_EQ(mounts.size(), 2u);
  EXPECT_EQ(mounts[0].source, "-");
  EXPECT_EQ(mounts[0].super_options, (Words{"rw", "nsdelegate"}));
  EXPECT_EQ(mounts[1].source, "");
  EXPECT_EQ(mounts[1].super_options, (Words{"rw", "size=64k"}));
}

TEST(ParseMountinfo, accepts_bare_spaces_in_super_options) {
  auto mounts = parse_mountinfo(
      "81 61 0:51 / /Docker/host rw - 9p drvfs rw,path=C:\\Program Files,mmap");
  ASSERT_EQ(mounts.size(), 1u);
  EXPECT_EQ(mounts[0].super_options,
            (Words{"rw", "path=C:\\Program Files", "mmap"}));
}

TEST(ParseMountinfo, undoes_escapes_in_paths) {
  auto mounts = parse_mountinfo(
      "36 35 0:28 /class\\040a /mnt/lab\\040groups\\134x rw - cgroup2 "
      "my\\040source rw\n");
  ASSERT_EQ(mounts.size(), 1u);
  EXPECT_EQ(mounts[0].root, "/class a");
  EXPECT_EQ(mounts[0].mount_point, "/mnt/lab groups\\x");
  EXPECT_EQ(mounts[0].source, "my source");
}

TEST(ParseMountinfo, of_nothing_is_nothing) {
  EXPECT_TRUE(parse_mountinfo("").empty());
}

TEST(ParseMountinfo, names_the_malformed_line) {
  struct {
    std::string_view line;
    std::string_view expected;
  } cases[] = {
      {"not a mount at all", "a mountinfo line with \" - \""},
      {"36 35 98:0 / /mnt rw", "a mountinfo line with \" - \""},
      {"36 35 98:0 / /mnt - ext4 /dev/sda1 rw", "10 fields"},
      {"36 35 98:0 / /mnt rw - ", "10 fields"},
      {"x 35 98:0 / /mnt rw - ext4 /dev/sda1 rw", "two ids"},
      {"36 -5 98:0 / /mnt rw - ext4 /dev/sda1 rw", "two ids"},
      {"99999999999 35 98:0 / /mnt rw - ext4 /dev/sda1 rw", "two ids"},
      {"", "a mountinfo line with \" - \""},
  };
  for (const auto& c : cases) {
    std::string text = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n";
    text.append(c.line).append("\n");
    std::string message =
        error_text<ParseError>([&] { parse_mountinfo(text); });
    EXPECT_TRUE(has(message, c.expected)) << c.line;
    EXPECT_TRUE(has(message, c.line)) << c.line;
  }
}

TEST(UnescapeOctal, undoes_what_the_kernel_escapes) {
  EXPECT_EQ(unescape_octal("a\\040b\\011c\\012d\\134e\\043"), "a b\tc\nd\\e#");
  EXPECT_EQ(unescape_octal("\\303\\251"), "\303\251");
  EXPECT_EQ(unescape_octal("plain"), "plain");
  EXPECT_EQ(unescape_octal(""), "");
}

TEST(UnescapeOctal, undoes_each_escape_once) {
  EXPECT_EQ(unescape_octal("\\134040"), "\\040");
}

TEST(UnescapeOctal, keeps_other_backslashes) {
  for (std::string_view text :
       {"\\", "\\0", "\\04", "\\08", "\\048", "\\400", "C:\\Program", "a\\"}) {
    EXPECT_EQ(unescape_octal(text), text);
  }
}

TEST(IsReachable, unless_another_mount_covers_the_same_place) {
  std::vector<Mount> mounts = {mount_at(1, 1, "/"), mount_at(2, 1, "/"),
                               mount_at(3, 2, "/sys/fs/cgroup"),
                               mount_at(4, 3, "/sys/fs/cgroup")};
  EXPECT_FALSE(is_reachable(mounts[0], mounts));
  EXPECT_TRUE(is_reachable(mounts[1], mounts));
  EXPECT_FALSE(is_reachable(mounts[2], mounts));
  EXPECT_TRUE(is_reachable(mounts[3], mounts));
}

TEST(IsReachable, unless_another_mount_covers_a_parent_directory) {
  std::vector<Mount> mounts = {mount_at(2, 1, "/"), mount_at(3, 2, "/sys"),
                               mount_at(4, 3, "/sys/fs/cgroup"),
                               mount_at(5, 4, "/sys/fs/cgroup/memory"),
                               mount_at(6, 3, "/sys/fs")};
  EXPECT_TRUE(is_reachable(mounts[1], mounts));
  EXPECT_FALSE(is_reachable(mounts[2], mounts));
  EXPECT_FALSE(is_reachable(mounts[3], mounts));
  EXPECT_TRUE(is_reachable(mounts[4], mounts));
}

TEST(IsReachable, next_to_mounts_of_a_similar_name) {
  std::vector<Mount> mounts = {mount_at(2, 1, "/"), mount_at(3, 2, "/mnt/abc"),
                               mount_at(4, 2, "/mnt/a")};
  for (const Mount& mount : mounts) {
    EXPECT_TRUE(is_reachable(mount, mounts)) << mount.mount_point;
  }
}

TEST(IsReachable, below_a_root_that_is_its_own_parent) {
  std::vector<Mount> mounts = {mount_at(1, 1, "/"), mount_at(22, 1, "/sys"),
                               mount_at(24, 22, "/sys/fs/cgroup")};
  for (const Mount& mount : mounts) {
    EXPECT_TRUE(is_reachable(mount, mounts)) << mount.mount_point;
  }
}

TEST(IsReachable, ends_when_parents_form_a_cycle) {
  std::vector<Mount> mounts = {mount_at(1, 2, "/a"), mount_at(2, 1, "/b")};
  EXPECT_TRUE(is_reachable(mounts[0], mounts));
  EXPECT_TRUE(is_reachable(mounts[1], mounts));
}

}  // namespace
}  // namespace cgroupfs
