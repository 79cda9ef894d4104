// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "cgroupfs/hierarchy.h"
#include "tests/support/error_text.h"

namespace cgroupfs {
namespace {

TEST(ParseMemberships, reads_every_field) {
  auto memberships = parse_memberships(
      "4:cpu,cpuacct:/user.slice\n1:name=systemd:/\n0::/a:b c\n");
  std::vector<Membership> expected = {{4, {"cpu", "cpuacct"}, "/user.slice"},
                                      {1, {"name=systemd"}, "/"},
                                      {0, {}, "/a:b c"}};
  EXPECT_EQ(memberships, expected);
  EXPECT_TRUE(parse_memberships("").empty());
}

TEST(ParseMemberships, names_the_malformed_line) {
  for (std::string_view line :
       {"", "0", "0:", "0:/", "x::/", ":memory:/", "-1::/", "0 ::/",
        "4:memory:", "4:memory:relative", "99999999999::/"}) {
    std::string text = "0::/\n";
    text.append(line).append("\n");
    std::string message =
        error_text<ParseError>([&] { parse_memberships(text); });
    EXPECT_TRUE(has(message, "an \"ID:CONTROLLERS:PATH\" line")) << line;
    EXPECT_TRUE(has(message, line)) << line;
  }
}

TEST(Rebase, returns_the_path_below_the_mount_root) {
  struct {
    std::string_view path;
    std::string_view mount_root;
    std::optional<std::string> expected;
  } cases[] = {
      {"/", "/", "/"},
      {"/a/b", "/", "/a/b"},
      {"/a/b", "/a", "/b"},
      {"/a/b", "/a/b", "/"},
      {"/a/b", "/a/bc", std::nullopt},
      {"/a/bc", "/a/b", std::nullopt},
      {"/a", "/a/b", std::nullopt},
      {"/", "/a", std::nullopt},
      {"/a/..b", "/a", "/..b"},
      {"/..", "/", std::nullopt},
      {"/../x", "/", std::nullopt},
      {"/", "/..", std::nullopt},
      {"/../x/y", "/..", "/x/y"},
      {"/../../x", "/..", std::nullopt},
      {"/../..", "/..", std::nullopt},
      {"/../x", "/../x", "/"},
      {"/a (deleted)", "/", std::nullopt},
      {"/a (deleted)/b", "/", "/a (deleted)/b"},
      {"/a", "/a//deleted", std::nullopt},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(rebase(c.path, c.mount_root), c.expected)
        << c.path << " below " << c.mount_root;
  }
}

TEST(MembershipPath, of_this_process_is_the_same_by_pid) {
  for (const Membership& membership :
       parse_memberships(try_read_file("/proc/self/cgroup").value_or(""))) {
    std::string controller =
        membership.controllers.empty() ? "" : membership.controllers.front();
    EXPECT_EQ(membership_path(0, controller), membership.path);
    EXPECT_EQ(membership_path(::getpid(), controller), membership.path);
  }
  EXPECT_EQ(membership_path(0, "no-such-controller"), std::nullopt);
}

TEST(MembershipPath, of_no_process_is_absent) {
  // Above any pid_max (4194304), so unused.
  EXPECT_EQ(membership_path(99999999, "memory"), std::nullopt);
}

}  // namespace
}  // namespace cgroupfs
