// SPDX-License-Identifier: MIT
// A run in a unit with a limit must not leave it.
#include "tests/systemd/systemd_test.h"

#include "tests/support/error_text.h"

namespace systemd_test {
namespace {

using Limited = Systemd;

/// Run by a shell that stays next to it.
const std::string beside_shell = "sh -c '" + run_oom + "; exit $?'";
/// Its limit is larger than those of the units here.
const std::string larger_oom = "cglab oom --limit 128M --ramp 0 -v";
/// A service with the following arguments; its output is that of the command.
const std::string limited_service =
    "systemd-run --quiet --wait --pipe --collect -E PATH=\"$PATH\" "
    "-p MemoryMax=64M -p MemorySwapMax=0 ";

void expect_refused(const Ending& ending) {
  EXPECT_EQ(ending.status, 77) << ending.err;
  EXPECT_TRUE(has(ending.err,
                  "systemd scope:              /sys/fs/cgroup/system.slice "
                  "would leave /sys/fs/cgroup/system.slice/"));
  EXPECT_TRUE(has(ending.err, ", whose memory.max is 64 MiB"));
  EXPECT_TRUE(has(ending.err, "What to do: set Delegate=yes for its unit"));
}

TEST_F(Limited, ServiceIsNotLeft) {
  expect_refused(shell(limited_service + beside_shell));
}

TEST_F(Limited, ScopeIsNotLeft) {
  expect_refused(
      shell("systemd-run --quiet --scope -p MemoryMax=64M " + beside_shell));
}

TEST_F(Limited, DelegatedServiceContainsTheRun) {
  const Ending ending = shell(limited_service + "-p Delegate=yes " +
                              "cglab oom --limit 128M "
                              "--ramp 0 -v");
  EXPECT_EQ(ending.status, 1) << ending.err;
  EXPECT_TRUE(has(ending.out, "OOM KILL AT AN ANCESTOR'S LIMIT"));
  EXPECT_TRUE(has(ending.err, "own cgroup, whose only process is"));
}

TEST_F(Limited, ServiceIsLeftOnRequest) {
  const Ending ending =
      shell(limited_service +
            "sh -c 'cglab oom --limit 8M --ramp 0 -v --parent /; "
            "exit $?'");
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "OOM KILL PROVEN"));
}

/// A slice with a limit, in the systemd instance that `systemctl` calls.
std::string make_slice(const std::string& systemctl) {
  return systemctl +
         " set-property --runtime cglabtest.slice MemoryMax=64M "
         "MemorySwapMax=0\n";
}
std::string remove_slice(const std::string& systemctl) {
  return systemctl + " stop cglabtest.slice\n" + systemctl +
         " revert cglabtest.slice 2> /dev/null\n";
}

/// Runs `script`, a shell script without single quotes, in such a slice.
Ending in_slice(const std::string& script, unsigned user = 0) {
  const std::string manager = user == 0 ? "" : " --user";
  const std::string session =
      user == 0 ? "" : "export XDG_RUNTIME_DIR=/run/user/1001\n";
  const std::string systemctl = session + "systemctl" + manager;
  shell(make_slice(systemctl), user);
  Ending ending = shell(session + "systemd-run" + manager +
                            " --quiet --scope --slice=cglabtest.slice sh -c '" +
                            script + "'",
                        user);
  shell(remove_slice(systemctl), user);
  return ending;
}

TEST_F(Limited, SliceGetsTheScope) {
  for (const unsigned user : {0u, delegated}) {
    const Ending ending = in_slice(larger_oom + "; exit $?", user);
    EXPECT_EQ(ending.status, 1) << ending.err;
    EXPECT_TRUE(has(ending.out, "OOM KILL AT AN ANCESTOR'S LIMIT"));
    EXPECT_TRUE(has(ending.err, "/cglabtest.slice/cglab.lab."));
  }
}

TEST_F(Limited, SliceIsNamedByTheDryRun) {
  const Ending ending =
      in_slice("cglab oom --limit 8M --ramp 0 --dry-run; exit $?");
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out,
                  "systemd-run --scope --slice=cglabtest.slice "
                  "-p Delegate=yes sh\n"));
}

/// It contains the user's systemd instance.
TEST_F(Limited, SliceOfAUserContainsTheRun) {
  shell(
      "systemctl set-property --runtime user-1001.slice MemoryMax=64M "
      "MemorySwapMax=0");
  const Ending ending = shell(
      "systemd-run --quiet --scope --slice=user-1001.slice --uid=1001 "
      "-E PATH=\"$PATH\" sh -c '" +
      larger_oom + "; exit $?'");
  shell("systemctl revert user-1001.slice");
  EXPECT_EQ(ending.status, 1) << ending.err;
  EXPECT_TRUE(has(ending.out, "OOM KILL AT AN ANCESTOR'S LIMIT"));
  EXPECT_TRUE(has(ending.err, "/user@1001.service/"));
}

}  // namespace
}  // namespace systemd_test
