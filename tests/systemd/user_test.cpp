// SPDX-License-Identifier: MIT
#include "tests/systemd/systemd_test.h"

#include "tests/support/error_text.h"

namespace systemd_test {
namespace {

/// A user without delegation, and the doctor's report for them.
class User : public Systemd {
 protected:
  void TearDown() override {
    shell("loginctl disable-linger student; systemctl stop user@1000");
    Systemd::TearDown();
  }

  static cli_test::Json place(const Ending& ending) {
    const cli_test::Json diagnosis = cli_test::parse_record(ending.out);
    for (const auto& each : diagnosis.at("requirements")) {
      if (each.at("id") == "place") return each;
    }
    return nullptr;
  }
};

TEST_F(User, WithoutDelegationGetsAFixThatWorks) {
  const Ending before = shell("cglab doctor --format json", student);
  EXPECT_EQ(before.status, 77);
  EXPECT_EQ(place(before).at("state"), "missing");
  const std::string fix = place(before).at("fix");
  const std::string commands =
      "  sudo loginctl enable-linger 1000\n"
      "  sudo systemctl start user@1000";
  EXPECT_EQ(fix, "start it:\n" + commands);
  const Ending refused = shell(run_oom, student);
  EXPECT_EQ(refused.status, 77);
  EXPECT_TRUE(has(refused.err, "What to do: " + fix + "\n"));

  EXPECT_EQ(shell("sudo() { \"$@\"; }\nset -e\n" + commands).status, 0);
  EXPECT_EQ(shell("cglab doctor --format json", student).status, 0);
  const Ending ending = shell(run_oom, student);
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.err, "/user@1000.service/"));
}

TEST_F(User, WhoLogsInNeedsNothing) {
  const Ending ending = shell("su student -c '" + run_oom + "'");
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.err, "a scope delegated by the user's systemd"));
}

TEST_F(User, CanBeGivenACgroupByHand) {
  const Ending ending = shell(
      "systemd-run --quiet --scope -p Delegate=yes sh -c '\n"
      "cd /sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup) && mkdir shell "
      "given && echo 0 > shell/cgroup.procs && echo +memory > "
      "cgroup.subtree_control && echo +memory > given/cgroup.subtree_control "
      "&& mkdir given/shell && chown student given given/cgroup.procs given/"
      "cgroup.subtree_control given/shell given/shell/cgroup.procs && echo 0 > "
      "given/shell/cgroup.procs\n"
      "setpriv --reuid 1000 --clear-groups " +
      run_oom + "; exit $?'");
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.err, "nearest ancestor that delegates memory"));
}

}  // namespace
}  // namespace systemd_test
