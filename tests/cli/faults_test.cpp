// SPDX-License-Identifier: MIT
// What is taken away from a run, or held back, while it goes on.
#include <gtest/gtest.h>

#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "cgroupfs/hierarchy.h"
#include "lab/place/owner.h"
#include "tests/cli/cli_test.h"
#include "tests/cli/own_world.h"
#include "tests/support/temp_folder.h"
#include "tests/support/wait.h"

namespace cli_test {
namespace {

using cgroupfs::Version;

const Words slow{"--limit", "64M", "--ramp", "1m"};

using Faults = CliTest;

TEST_F(Faults, TheCgroupIsRemovedByAnotherProcess) {
  Subprocess run = start_oom(slow);
  const pid_t hog = climbing_hog();
  const std::string name = in_nest().front();
  run.signal(SIGSTOP);
  ::kill(hog, SIGKILL);
  ASSERT_TRUE(test_support::wait_until([&] {
    try {
      nest().directory().remove_directory(name);
      return true;
    } catch (const cgroupfs::FileError&) {
      return false;
    }
  }));
  run.signal(SIGCONT);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 1) << ending.err;
  EXPECT_TRUE(has(ending.out, "KILLED"));
  EXPECT_TRUE(has(ending.out, "was removed during the run"));
}

TEST_F(Faults, TheMemoryControllerIsTakenFromACommand) {
  if (version() == Version::v1) GTEST_SKIP() << "cgroup v2: v1 delegates none";
  ProcessSpec spec =
      cglab_spec({"run", "--parent", nest().path(), "--limit", "64M", "--",
                  "sh", "-c", "echo up >&2; sleep 1; exit 7"});
  Subprocess run = Subprocess::start(spec);
  ASSERT_TRUE(run.says("up"));
  nest().directory().write("cgroup.subtree_control", "-memory");
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 7) << ending.err;
  EXPECT_TRUE(has(ending.err, "The memory controller was disabled for"));
}

TEST_F(Faults, TheMemoryControllerIsTakenAway) {
  if (version() == Version::v1) GTEST_SKIP() << "cgroup v2: v1 delegates none";
  Subprocess run = start_oom(slow);
  const pid_t hog = climbing_hog();
  nest().directory().write("cgroup.subtree_control", "-memory");
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 3);
  EXPECT_TRUE(has(ending.err, "/memory."));
  EXPECT_TRUE(has(ending.err, "No such device"));
  EXPECT_FALSE(is_running(hog));
  EXPECT_EQ(in_nest(), Words());
}

TEST_F(Faults, TheParentCgroupIsFrozen) {
  if (!nest().directory().exists("cgroup.freeze")) {
    GTEST_SKIP() << "cgroup.freeze";
  }
  Words words = slow;
  words.insert(words.end(), {"--timeout", "1s"});
  Subprocess run = start_oom(words);
  climbing_hog();
  nest().directory().write("cgroup.freeze", "1");
  const Ending ending = run.wait();
  nest().directory().write("cgroup.freeze", "0");
  EXPECT_EQ(ending.status, 124) << ending.err;
  EXPECT_EQ(in_nest(), Words());
}

TEST_F(Faults, TheFileSystemTurnsReadOnly) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const auto search = cgroupfs::find_controller("memory");
  const std::string mount_point =
      search.v2 ? search.v2->mount_point : search.v1->mount_point;
  ProcessSpec spec = oom_spec(slow);
  spec.prepare = leave_mounts;
  Subprocess run = Subprocess::start(spec);
  const pid_t hog = climbing_hog();
  ASSERT_TRUE(succeeds_in_child([&] {
    join_mounts_of(run.pid());
    make_read_only(mount_point);
    return true;
  }));
  run.signal(SIGTERM);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 4);
  ASSERT_EQ(in_nest().size(), 1u);
  const std::string path = nest().directory().path_of(in_nest().front());
  EXPECT_TRUE(has(ending.err, path + " is left behind"));
  EXPECT_TRUE(has(ending.err, "Read-only file system"));
  EXPECT_TRUE(ends(hog));
  const Ending clean = cglab({"clean"});
  EXPECT_EQ(clean.status, 0);
  EXPECT_TRUE(has(clean.out, "removed " + path));
}

TEST_F(Faults, TheDiskIsFullWhenTheRecordIsWritten) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const TempFolder folder;
  const std::string file = folder.path_of("run.json");
  ProcessSpec spec = oom_spec(
      {"--limit", "8M", "--ramp", "500ms", "--poll", "1ms", "--json", file});
  spec.prepare = [&] {
    leave_mounts();
    hide_behind(folder.path(), 4096);
  };
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 3);
  EXPECT_TRUE(has(ending.err, file));
  EXPECT_TRUE(has(ending.err, "No space left on device"));
  EXPECT_EQ(in_nest(), Words());
}

/// Nothing here ends by a signal that can be ignored.
const char* const stubborn =
    "trap '' TERM HUP INT QUIT\n"
    "sleep 600 &\n"
    "(setsid sh -c 'trap \"\" TERM HUP; sleep 600 & sleep 600; :' &)\n"
    "(sh -c '(sleep 600 &)' &)\n"
    "while :; do sleep 600; done";

TEST_F(Faults, StubbornChildrenOfADeadRunEndWithIt) {
  // The owner has ended: its identity is that of a process that was reaped.
  const pid_t gone = ::fork();
  if (gone == 0) ::_exit(0);
  ASSERT_EQ(::waitpid(gone, nullptr, 0), gone);
  lab::Owner owner = lab::this_process();
  owner.pid = gone;
  const std::string name = lab::group_name("run", owner);
  nest().directory().make_directory(name);
  const auto group =
      cgroupfs::Cgroup::open(nest().directory().path_of(name), version());
  ProcessSpec spec;
  spec.program = "sh";
  spec.arguments = {"-c", stubborn};
  spec.prepare = [&] { group.add(0); };
  Subprocess shell = Subprocess::start(spec);
  ASSERT_TRUE(
      test_support::wait_until([&] { return group.processes().size() >= 6; }));
  const auto pids = group.processes();
  for (const pid_t pid : pids) ::kill(pid, SIGTERM);
  const Ending clean = cglab({"clean"});
  EXPECT_EQ(clean.status, 0) << clean.err;
  EXPECT_TRUE(has(clean.out, "removed " + group.path()));
  for (const pid_t pid : pids) EXPECT_TRUE(ends(pid)) << pid;
  shell.wait();
}

}  // namespace
}  // namespace cli_test
