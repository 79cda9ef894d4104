// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include <gtest/gtest.h>

#include "tests/cli/cli_test.h"

/// Tests on a system managed by systemd, as root: see scripts/vm --systemd.
namespace systemd_test {

using cli_test::Ending;
using cli_test::ProcessSpec;
using cli_test::Words;

/// Its users: one without a session, one whose systemd instance always runs.
inline constexpr unsigned student = 1000;
inline constexpr unsigned delegated = 1001;

/// Runs `script` in a shell with cglab on its PATH, as root or as `user`, who
/// has no session.
ProcessSpec shell_spec(const std::string& script, unsigned user = 0);
Ending shell(const std::string& script, unsigned user = 0);

/// A run that does not take long.
inline const std::string run_oom = "cglab oom --limit 8M --ramp 0 -v";

/// Every test fails when a cgroup or a unit of cglab is left.
class Systemd : public testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;
};

/// The paths that `find /sys/fs/cgroup -name '*cglab*'` finds.
std::string groups_left();
/// Files of transient units of cglab, of the system instance and of that of
/// user `delegated`. Slices have none, but a cgroup.
std::string units_left();

}  // namespace systemd_test
