// SPDX-License-Identifier: MIT
// A container as a runtime creates it on a host with systemd: in a delegated
// scope, with private namespaces.
#include "tests/systemd/systemd_test.h"

#include <csignal>

#include "cgroupfs/directory.h"
#include "cgroupfs/hierarchy.h"
#include "tests/cli/own_world.h"
#include "tests/support/error_text.h"
#include "tests/support/wait.h"

namespace systemd_test {
namespace {

const std::string scope = "/sys/fs/cgroup/system.slice/box.scope";
const std::string payload = scope + "/payload";

class ContainerOnSystemd : public Systemd {
 protected:
  void SetUp() override {
    Systemd::SetUp();
    if (IsSkipped()) return;
    shell(
        "systemd-run --quiet --scope -p Delegate=yes --unit=box.scope sh -c '"
        "cd " +
        scope +
        " && mkdir runtime && echo 0 > runtime/cgroup.procs && "
        "echo +memory > cgroup.subtree_control && mkdir payload && "
        "exec sleep 600' > /dev/null 2>&1 &");
    ASSERT_TRUE(test_support::wait_until([] {
      return cgroupfs::try_read_file(payload + "/cgroup.procs").has_value();
    }));
  }
  void TearDown() override {
    if (!IsSkipped()) shell("systemctl stop box.scope");
    Systemd::TearDown();
  }

  /// Runs `script` inside, where the host's systemd is not visible.
  static Ending inside(const std::string& script) {
    ProcessSpec spec = shell_spec(script);
    spec.prepare = [] {
      cli_test::enter_container(payload, "/sys/fs/cgroup",
                                cgroupfs::Version::v2);
      cli_test::hide("/run");
    };
    Ending ending = test_support::run_process(spec);
    EXPECT_NE(ending.status, cli_test::unprepared_status);
    return ending;
  }
};

TEST_F(ContainerOnSystemd, RunsAtTheRootOfItsNamespace) {
  const Ending ending = inside(run_oom + "; exit $?");
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "OOM KILL PROVEN"));
  EXPECT_TRUE(has(ending.err, "root of this container's cgroup namespace"));
  EXPECT_EQ(cgroupfs::read_file(payload + "/cgroup.subtree_control"), "");
}

TEST_F(ContainerOnSystemd, IsExaminedByTheDoctor) {
  const Ending ending = inside("cglab doctor; exit $?");
  EXPECT_EQ(ending.status, 0) << ending.out;
  EXPECT_TRUE(has(ending.out, "cglab oom RUNS HERE"));
}

/// Inside, limits of the host may bind: what is not visible is said so.
TEST_F(ContainerOnSystemd, IsInspectedFromInside) {
  const Ending ending = inside("cglab inspect $$; exit $?");
  EXPECT_EQ(ending.status, 0) << ending.out;
  EXPECT_TRUE(has(ending.out, "NO VISIBLE MEMORY LIMIT"));
  EXPECT_TRUE(has(ending.out, "all are the caller's"));
}

}  // namespace
}  // namespace systemd_test
