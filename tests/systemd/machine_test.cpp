// SPDX-License-Identifier: MIT
// Properties of the machine that the other tests assume.
#include "tests/systemd/systemd_test.h"

#include "cgroupfs/directory.h"
#include "cgroupfs/hierarchy.h"
#include "tests/support/error_text.h"

namespace systemd_test {
namespace {

TEST_F(Systemd, IsTheFirstProcess) {
  EXPECT_EQ(cgroupfs::read_file("/proc/1/comm"), "systemd\n");
}

TEST_F(Systemd, HasTheMemoryOnV2) {
  const auto search = cgroupfs::find_controller("memory");
  EXPECT_TRUE(search.v2) << search.v2_absent_because;
}

TEST_F(Systemd, DelegatesMemoryOnlyToTheLingeringUser) {
  const std::string slices = "/sys/fs/cgroup/user.slice/";
  EXPECT_TRUE(has(cgroupfs::read_file(slices + "user-1001.slice/"
                                               "user@1001.service/"
                                               "cgroup.controllers"),
                  "memory"));
  EXPECT_FALSE(cgroupfs::try_read_file(
      slices + "user-1000.slice/user@1000.service/cgroup.controllers"));
}

TEST_F(Systemd, HasNotDelegatedTheCgroupOfTheTests) {
  EXPECT_EQ(cgroupfs::membership_path(0, ""), "/user.slice/login.scope");
}

}  // namespace
}  // namespace systemd_test
