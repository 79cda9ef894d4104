// SPDX-License-Identifier: MIT
#include "tests/systemd/systemd_test.h"

#include <cstdlib>
#include <filesystem>

#include <unistd.h>

#include "tests/cli/own_world.h"
#include "tests/support/wait.h"

namespace systemd_test {
namespace {

/// Paths there whose names are cglab's, a line each. To start find and
/// systemctl would take most of the time of many tests.
std::string cglabs_below(const std::string& folder) {
  namespace fs = std::filesystem;
  std::string found;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, error), end;
       !error && at != end; at.increment(error)) {
    const std::string name = at->path().filename();
    if (name.find("cglab") != name.npos) found += at->path().string() + "\n";
  }
  // A folder that goes away meanwhile ends the search.
  if (error && fs::exists(folder)) found += error.message() + "\n";
  return found;
}

}  // namespace

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
  return cglabs_below("/sys/fs/cgroup");
}

std::string units_left() {
  return cglabs_below("/run/systemd/transient") +
         cglabs_below("/run/user/1001/systemd/transient");
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
