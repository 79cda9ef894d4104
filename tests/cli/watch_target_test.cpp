// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroupfs/directory.h"
#include "cgroupfs/hierarchy.h"
#include "tests/cli/own_world.h"
#include "tests/cli/watch_run.h"
#include "tests/support/wait.h"
#include "tests/support/worker.h"

namespace cli_test {
namespace {

using cgroupfs::Version;

/// The state letter of /proc/PID/stat.
char state_of(pid_t pid) {
  const std::string path = "/proc/" + std::to_string(pid) + "/stat";
  const std::string stat = cgroupfs::read_file(path);
  return stat.at(stat.rfind(')') + 2);
}

/// A process in a cgroup whose leader exits while another thread stays alive.
class Leaderless {
 public:
  explicit Leaderless(const cgroupfs::Cgroup& group) {
    const pid_t parent = ::getpid();
    pid_ = ::fork();
    if (pid_ == 0) live(group, parent);
    EXPECT_GT(pid_, 0);
    EXPECT_TRUE(test_support::wait_until([this] { return state() == 'Z'; }));
  }
  Leaderless(const Leaderless&) = delete;
  Leaderless& operator=(const Leaderless&) = delete;
  ~Leaderless() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }

  pid_t pid() const noexcept { return pid_; }
  char state() const { return state_of(pid_); }

 private:
  [[noreturn]] static void live(const cgroupfs::Cgroup& group, pid_t parent) {
    group.add(0);
    std::thread([parent] {
      // It dies with the thread that has started it, too.
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::getppid() != parent) ::_exit(1);
      for (;;) ::pause();
    }).detach();
    ::syscall(SYS_exit, 0);
    ::_exit(1);
  }

  pid_t pid_ = 0;
};

class WatchTarget : public WatchTest {
 protected:
  static Ending watch_this(const std::string& target) {
    return cglab({"watch", target, "--format", "json", "--count", "1"});
  }

  /// The directory that is watched for `target`.
  static std::string found(const std::string& target) {
    const Ending ending = watch_this(target);
    EXPECT_EQ(ending.status, 0) << ending.err;
    const auto lines = watch_lines(ending.out);
    return lines.empty() ? "" : lines.front()["path"].get<std::string>();
  }

  static void check_refused(const std::string& target, const std::string& why) {
    const Ending ending = watch_this(target);
    EXPECT_EQ(ending.status, 2) << target;
    EXPECT_EQ(ending.out, "");
    EXPECT_TRUE(has(ending.err, why));
    EXPECT_TRUE(has(ending.err, "Try 'cglab watch --help'."));
  }

  static cgroupfs::Hierarchy hierarchy() {
    const auto search = cgroupfs::find_controller("memory");
    return search.v1 ? *search.v1 : *search.v2;
  }
};

TEST_F(WatchTarget, IsADirectoryOrAPathBelowTheMountPoint) {
  EXPECT_EQ(found(path()), path());
  EXPECT_EQ(found(path() + "/../."), nest().path());
  const std::string below = path().substr(hierarchy().mount_point.size());
  EXPECT_EQ(found(below), path());
  EXPECT_EQ(found(below.substr(1)), path());
}

TEST_F(WatchTarget, IsTheCgroupOfAProcess) {
  auto worker = test_support::Worker::start_in(watched().group);
  const std::string pid = std::to_string(worker.pid());
  const Ending ending = watch_this(pid);
  EXPECT_EQ(ending.status, 0) << ending.err;
  const Json start = watch_lines(ending.out).front();
  EXPECT_EQ(start["path"], path());
  EXPECT_EQ(start["pid"], worker.pid());
  worker.kill();
}

/// v1 shows the root in /proc/PID/cgroup of such a process.
TEST_F(WatchTarget, IsTheCgroupOfAProcessWhoseLeaderHasExited) {
  const Leaderless process(watched().group);
  EXPECT_EQ(found(std::to_string(process.pid())), path());
}

TEST_F(WatchTarget, IsTheCgroupOfAThread) {
  const Leaderless process(watched().group);
  const auto threads = cgroupfs::Directory::open(
      "/proc/" + std::to_string(process.pid()) + "/task");
  for (const std::string& thread : threads.subdirectories()) {
    EXPECT_EQ(found(thread), path()) << thread;
  }
}

TEST_F(WatchTarget, IsNotAZombie) {
  auto worker = test_support::Worker::start_in(watched().group);
  worker.kill();
  ASSERT_TRUE(test_support::wait_until([&] { return worker.state() == 'Z'; }));
  const std::string pid = std::to_string(worker.pid());
  check_refused(pid, "process " + pid + " has ended (zombie)");
  ProcessSpec spec = cglab_spec({"watch", pid, "--count", "1"});
  spec.prepare = [] { forbid_process_calls(); };
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 2);
  EXPECT_TRUE(has(ending.err, "process " + pid + " has ended (zombie)"));
}

TEST_F(WatchTarget, MayBeHidden) {
  std::string missing = missing_for_user(65534);
  if (missing.empty()) missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  auto worker = test_support::Worker::start_in(watched().group);
  const std::string pid = std::to_string(worker.pid());
  ProcessSpec spec = cglab_spec({"watch", pid, "--count", "1"});
  spec.prepare = [] {
    hide_processes_of_others();
    become_user(65534);
  };
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 77) << ending.err;
  EXPECT_EQ(ending.out, "");
  EXPECT_TRUE(has(ending.err, "process " + pid + " exists, but /proc/" + pid +
                                  " does not show its cgroup"));
  EXPECT_TRUE(has(ending.err, "What to do: run as root"));
}

TEST_F(WatchTarget, MustBeInTheMountedHierarchy) {
  const std::string missing = missing_for_container();
  if (!missing.empty()) GTEST_SKIP() << missing;
  auto worker = test_support::Worker::start_in(watched().group);
  const auto box =
      cgroupfs::Cgroup::create(nest().directory(), "box", version());
  const std::string mount_point = hierarchy().mount_point;
  ProcessSpec spec = cglab_spec({"watch", std::to_string(worker.pid())});
  spec.prepare = [&] {
    enter_cgroup_namespace(box.path(), mount_point, version());
  };
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 3) << ending.err;
  EXPECT_TRUE(has(ending.err, "is in the memory cgroup /../"));
  EXPECT_TRUE(has(ending.err, "which is outside " + mount_point));
}

TEST_F(WatchTarget, OfAProcessIsTheChargedCgroupOnV2) {
  if (version() == Version::v1) {
    GTEST_SKIP() << "cgroup v2: v1 cgroups all have the controller";
  }
  // `watched` enables no controller for its children.
  auto leaf =
      cgroupfs::Cgroup::create(watched().group.directory(), "leaf", version());
  auto worker = test_support::Worker::start_in(leaf);
  EXPECT_EQ(found(std::to_string(worker.pid())), path());
  const Ending by_path = watch_this(leaf.path());
  EXPECT_EQ(by_path.status, 77);
  EXPECT_TRUE(has(by_path.err, "has no memory controller"));
  EXPECT_TRUE(has(by_path.err, "What to do: watch " + path()));
  const auto lower =
      cgroupfs::Cgroup::create(leaf.directory(), "leaf", version());
  EXPECT_TRUE(
      has(watch_this(lower.path()).err, "What to do: watch " + path() + "\n"));
  worker.kill();
}

TEST_F(WatchTarget, IsNotTheRootOfV2) {
  const std::string mount = hierarchy().mount_point;
  const bool is_root =
      version() == Version::v2 &&
      !cgroupfs::Directory::open(mount).exists("memory.current");
  const Ending ending = watch_this(mount);
  if (!is_root) {
    EXPECT_EQ(ending.status, 0) << ending.err;
    return;
  }
  EXPECT_EQ(ending.status, 77);
  EXPECT_TRUE(has(ending.err, "v2 root cgroup"));
  EXPECT_FALSE(has(ending.err, "scripts/vm"));
}

TEST_F(WatchTarget, MustExist) {
  check_refused("99999999", "there is no process 99999999");
  check_refused("0", "0 is not a process id");
  check_refused("99999999999999999999", "is not a process id");
  check_refused("./99999999", "no such cgroup under");
  check_refused("/no/such", "no such cgroup under");
  check_refused(path() + "/memory.stat", "no such cgroup under");
  check_refused("", "no such cgroup under");
  check_refused("/etc", "no such cgroup under");
}

TEST_F(WatchTarget, MayHaveANumberAsItsName) {
  const auto group =
      cgroupfs::Cgroup::create(nest().directory(), "4242", version());
  EXPECT_EQ(found(group.path()), group.path());
  ProcessSpec spec =
      cglab_spec({"watch", "./4242", "--format", "json", "--count", "1"});
  const std::string folder = nest().path();
  spec.prepare = [&] { ::chdir(folder.c_str()) == 0 ? void() : ::_exit(99); };
  if (version() == Version::v2) {
    nest().directory().write("cgroup.subtree_control", "+memory");
  }
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, group.path()));
}

TEST_F(WatchTarget, MustBeReadable) {
  const std::string missing = missing_for_user(65534);
  if (!missing.empty()) GTEST_SKIP() << missing;
  ASSERT_EQ(::chmod(nest().path().c_str(), 0700), 0);
  ProcessSpec spec = watch_spec({"--count", "1"});
  spec.prepare = [] { become_user(65534); };
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 3);
  EXPECT_TRUE(has(ending.err, path()));
  EXPECT_TRUE(has(ending.err, "Permission denied"));
  EXPECT_TRUE(has(ending.err, "What to do: run as root"));
}

TEST_F(WatchTarget, NeedsKnownOptions) {
  for (const Words& words : {Words{"watch"}, Words{"watch", path(), path()},
                             Words{"watch", path(), "--interval", "1ms"},
                             Words{"watch", path(), "--count", "0"},
                             Words{"watch", path(), "--limit", "1M"}}) {
    const Ending ending = cglab(words);
    EXPECT_EQ(ending.status, 2);
    EXPECT_EQ(ending.out, "");
  }
}

}  // namespace
}  // namespace cli_test
