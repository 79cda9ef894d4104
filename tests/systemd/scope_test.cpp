// SPDX-License-Identifier: MIT
#include "tests/systemd/systemd_test.h"

#include <csignal>

#include "tests/support/error_text.h"
#include "tests/support/wait.h"

namespace systemd_test {
namespace {

using Scope = Systemd;

TEST_F(Scope, IsRequestedByRoot) {
  const Ending ending = shell(run_oom);
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "OOM KILL PROVEN"));
  EXPECT_TRUE(has(ending.err, "placed in: a scope delegated by systemd"));
  EXPECT_TRUE(has(ending.err, "/sys/fs/cgroup/system.slice/cglab.lab."));
  EXPECT_TRUE(has(ending.err, "not with delegated subtree: "));
  EXPECT_TRUE(has(ending.err, "but systemd manages it"));
}

TEST_F(Scope, IsRequestedByAUserFromTheirSystemdInstance) {
  const Ending ending = shell(run_oom, delegated);
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "OOM KILL PROVEN"));
  EXPECT_TRUE(has(ending.err, "a scope delegated by the user's systemd"));
  EXPECT_TRUE(has(ending.err, "/user@1001.service/"));
}

TEST_F(Scope, IsNotNeededInADelegatedOne) {
  const Ending ending =
      shell("systemd-run --quiet --scope -p Delegate=yes " + run_oom);
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.err, "own cgroup, whose only process is"));
}

TEST_F(Scope, IsNotNeededBelowADelegatedOneThatEnablesMemory) {
  const Ending ending = shell(
      "systemd-run --quiet --scope -p Delegate=yes sh -c '\n"
      "cd /sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup) && mkdir shell "
      "&& echo 0 > shell/cgroup.procs && echo +memory > "
      "cgroup.subtree_control\n" +
      run_oom + "; exit $?'");
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.err, "nearest ancestor that delegates memory"));
}

TEST_F(Scope, OfOthersIsNotUsed) {
  const Ending ending =
      shell("systemd-run --quiet --scope -p Delegate=yes sh -c '" + run_oom +
            "; exit $?'");
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.err, "its own cgroup has other processes"));
  EXPECT_TRUE(has(ending.err, "placed in: a scope delegated by systemd"));
}

TEST_F(Scope, DisappearsWithAKilledRunAndDoesNotBlockTheNext) {
  for (const unsigned user : {0u, delegated}) {
    test_support::Subprocess run = test_support::Subprocess::start(
        shell_spec("exec cglab oom --limit 64M --ramp 1m -v", user));
    ASSERT_TRUE(run.says("gate opened"));
    run.signal(SIGKILL);
    run.wait();
    EXPECT_TRUE(test_support::wait_until([] { return groups_left().empty(); }))
        << groups_left();
    EXPECT_EQ(shell(run_oom, user).status, 0);
  }
}

TEST_F(Scope, AllowsManyAtTheSameTime) {
  const Ending ending = shell(
      "for i in 1 2 3; do " + run_oom +
      " > /dev/null & done\n"
      "status=0; for i in 1 2 3; do wait -n || status=1; done; exit $status");
  EXPECT_EQ(shell("wait").status, 0);
  EXPECT_TRUE(has(ending.err, "placed in: a scope delegated by systemd"));
}

TEST_F(Scope, CannotKeepACgroup) {
  const Ending ending = shell("cglab oom --limit 8M --ramp 0 --keep");
  EXPECT_EQ(ending.status, 77);
  EXPECT_TRUE(has(ending.err, "systemd removes a scope"));
  EXPECT_TRUE(has(ending.err, "omit --keep"));
}

TEST_F(Scope, IsRequestedEvenWithoutABus) {
  shell("systemctl stop dbus.socket dbus.service");
  const Ending ending = shell(run_oom);
  shell("systemctl start dbus.socket dbus.service");
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.err, "placed in: a scope delegated by systemd"));
}

TEST_F(Scope, ThatCannotBeStartedIsExplained) {
  const Ending ending = shell("CGLAB_CGLAB_SCOPE=/nonexistent " + run_oom);
  EXPECT_EQ(ending.status, 77);
  EXPECT_TRUE(has(ending.err, "systemd scope:              /nonexistent"));
  EXPECT_TRUE(has(ending.err, "systemd manages the cgroups of this host"));
}

TEST_F(Scope, IsCreatedByHandAsTheDryRunSays) {
  const Ending dry = shell("cglab oom --limit 8M --ramp 0 --dry-run");
  const std::string first = "systemd-run --scope -p Delegate=yes sh\n";
  const std::size_t begin = dry.out.find(first);
  ASSERT_NE(begin, dry.out.npos) << dry.out;
  const Ending ending =
      shell("systemd-run --quiet --scope -p Delegate=yes sh -s <<'END'\n" +
            dry.out.substr(begin + first.size()) + "END\n");
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "exit status 137"));
  EXPECT_TRUE(has(ending.out, "oom_kill 1"));
}

}  // namespace
}  // namespace systemd_test
