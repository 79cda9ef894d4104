// SPDX-License-Identifier: MIT
#include "tests/systemd/systemd_test.h"

#include <cstdlib>
#include <filesystem>

#include <unistd.h>

#include "tests/cli/own_world.h"
#include "tests/support/wait.h"

namespace systemd_test {

ProcessSpec shell_spec(const std::string& script, unsigned user) {
  ProcessSpec spec = cli_test::cglab_spec({"-c", script});
  spec.program = "sh";
  spec.environment.emplace_back("PATH", cli_test::path_with_cglab());
  if (user != 0) spec.prepare = [user] { cli_test::become_user(user); };
  return spec;
}

Ending shell(const std::string& script, unsigned user) {
  Ending ending = test_support::run_process(shell_spec(script, user));
  EXPECT_NE(ending.status, cli_test::unprepared_status);
  return ending;
}

std::string groups_left() {
  return shell("find /sys/fs/cgroup -name '*cglab.*'").out;
}

std::string units_left() {
  return shell(
             "systemctl list-units --all --no-legend 'cglab*'\n"
             "XDG_RUNTIME_DIR=/run/user/1001 setpriv --reuid 1001 "
             "--clear-groups systemctl --user list-units --all --no-legend "
             "'cglab*'")
      .out;
}

void Systemd::SetUp() {
  if (::access("/run/systemd/system", F_OK) != 0) {
    GTEST_SKIP() << "systemd as the service manager";
  }
  if (::geteuid() != 0) GTEST_SKIP() << "root";
}

void Systemd::TearDown() {
  if (IsSkipped()) return;
  // systemd removes a scope when it is notified that it is empty.
  EXPECT_TRUE(test_support::wait_until([] { return groups_left().empty(); }))
      << groups_left();
  EXPECT_TRUE(test_support::wait_until([] { return units_left().empty(); }))
      << units_left();
}

}  // namespace systemd_test
