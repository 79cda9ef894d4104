// SPDX-License-Identifier: MIT
// Processes that do not end by SIGKILL: the time is bounded, the reason is
// named, and neither the record nor the command's exit status is lost.
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>
#include <vector>

#include <pty.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroupfs/hierarchy.h"
#include "tests/cli/own_world.h"
#include "tests/cli/record_checks.h"
#include "tests/cli/run_fixture.h"
#include "tests/support/temp_folder.h"
#include "tests/support/tracer.h"
#include "tests/support/wait.h"

namespace cli_test {
namespace {

using cgroupfs::Cgroup;
using cgroupfs::Version;

constexpr unsigned nobody = 65534;

class Held : public RunTest {
 protected:
  void TearDown() override {
    thaw();
    RunTest::TearDown();
  }

  /// A cgroup of the v1 freezer; skips where there is none.
  std::string make_freezer() {
    const auto hierarchy = cgroupfs::find_controller("freezer").v1;
    if (!hierarchy) return "";
    const auto above = cgroupfs::Directory::open(
        hierarchy->own_directory().value_or(hierarchy->mount_point));
    const std::string name =
        std::filesystem::path(nest().path()).filename().string();
    freezer_.emplace(Cgroup::create(above, name, Version::v1));
    return freezer_->path();
  }

  bool is_frozen() const {
    return freezer_->directory().read("freezer.state") == "FROZEN\n";
  }

  void thaw() {
    if (!freezer_) return;
    freezer_->directory().write("freezer.state", "THAWED\n");
    freezer_.reset();
    // What could not be removed while it was frozen.
    for (const std::string& name : in_nest()) {
      Cgroup::adopt(nest().directory(), name, version());
    }
  }

  /// The process of the run, once it is there.
  pid_t command() const {
    const Cgroup group = running_group();
    std::vector<pid_t> pids;
    const auto is_there = [&] {
      pids = group.processes();
      return !pids.empty();
    };
    EXPECT_TRUE(test_support::wait_until(is_there));
    return pids.empty() ? -1 : pids.front();
  }

  /// A cgroup in the nest that user `id` may make others in.
  Cgroup make_for_user(unsigned id) const {
    Cgroup cgroup = Cgroup::create(nest().directory(), "user", version());
    cgroup.enable_for_children("memory");
    const auto give = [&](const std::string& path) {
      if (::access(path.c_str(), F_OK) == 0) {
        EXPECT_EQ(::chown(path.c_str(), id, id), 0) << path;
      }
    };
    give(cgroup.path());
    for (const char* file :
         {"cgroup.procs", "tasks", "cgroup.subtree_control"}) {
      give(cgroup.directory().path_of(file));
    }
    return cgroup;
  }

  std::optional<Cgroup> freezer_;
};

std::string freeze(const std::string& pid, const std::string& freezer) {
  // Whoever is frozen keeps the test's pipes open.
  return "exec > /dev/null 2>&1; echo " + pid + " > " + freezer +
         "/cgroup.procs; echo FROZEN > " + freezer + "/freezer.state; ";
}

TEST_F(Held, ByTheFreezerIsNamedWithItsCure) {
  const std::string freezer = make_freezer();
  if (freezer.empty()) GTEST_SKIP() << "the freezer of cgroup v1";
  const Ending ending = test_support::run_process(run_spec(
      {"--timeout", "500ms"}, {"sh", "-c", freeze("$$", freezer) + "sleep 5"}));
  EXPECT_EQ(ending.status, 4) << ending.err;
  EXPECT_TRUE(has(ending.err, "is frozen by " + freezer));
  EXPECT_TRUE(has(ending.err, "echo THAWED > " + freezer + "/freezer.state"));
  EXPECT_TRUE(has(ending.err, "not everything inside could be killed"));
}

TEST_F(Held, StragglerDoesNotCostTheStatus) {
  const std::string freezer = make_freezer();
  if (freezer.empty()) GTEST_SKIP() << "the freezer of cgroup v1";
  const Ending ending = test_support::run_process(
      run_spec({"--no-wait"}, {"sh", "-c",
                               "exec > /dev/null 2>&1; sleep 100 & " +
                                   freeze("$!", freezer) + "exit 7"}));
  EXPECT_EQ(ending.status, 7) << ending.err;
  EXPECT_TRUE(has(ending.err, "is left behind"));
  EXPECT_TRUE(has(ending.err, "FINISHED"));
}

/// An orphan of a run that was killed itself.
TEST_F(Held, ByTheFreezerIsNamedByClean) {
  const std::string freezer = make_freezer();
  if (freezer.empty()) GTEST_SKIP() << "the freezer of cgroup v1";
  Subprocess run = start_script(
      {}, "echo up >&2; trap '' TERM; " + freeze("$$", freezer) + "sleep 5");
  ASSERT_TRUE(run.says("up"));
  ASSERT_TRUE(test_support::wait_until([&] { return is_frozen(); }));
  run.signal(SIGKILL);
  run.wait();
  const Ending ending = cglab({"clean"});
  EXPECT_EQ(ending.status, 4);
  EXPECT_TRUE(has(ending.err, "is frozen by " + freezer)) << ending.err;
}

/// A signal cannot be passed on to it.
TEST_F(Held, EndsByASignalToCglab) {
  const std::string freezer = make_freezer();
  if (freezer.empty()) GTEST_SKIP() << "the freezer of cgroup v1";
  Subprocess run =
      start_script({}, "echo up >&2; " + freeze("$$", freezer) + "sleep 5");
  ASSERT_TRUE(run.says("up"));
  ASSERT_TRUE(test_support::wait_until([&] { return is_frozen(); }));
  run.signal(SIGTERM);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 4) << ending.err;
  EXPECT_TRUE(has(ending.err, "INTERRUPTED"));
  EXPECT_TRUE(has(ending.err, "is frozen by " + freezer));
}

/// A terminal's signal cannot reach what is frozen.
TEST_F(Held, IsNoReasonToIgnoreCtrlC) {
  const std::string freezer = make_freezer();
  if (freezer.empty()) GTEST_SKIP() << "the freezer of cgroup v1";
  int master = -1;
  int slave = -1;
  ASSERT_EQ(::openpty(&master, &slave, nullptr, nullptr, nullptr), 0);
  ProcessSpec spec = run_spec(
      {}, {"sh", "-c", "echo up >&2; " + freeze("$$", freezer) + "sleep 5"});
  spec.prepare = [&] {
    ::setsid();
    ::dup2(slave, STDIN_FILENO);
    ::ioctl(STDIN_FILENO, TIOCSCTTY, 0);
  };
  Subprocess run = Subprocess::start(spec);
  ASSERT_TRUE(run.says("up"));
  ASSERT_TRUE(test_support::wait_until([&] { return is_frozen(); }));
  ASSERT_EQ(::write(master, "\x03", 1), 1);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 4) << ending.err;
  EXPECT_TRUE(has(ending.err, "INTERRUPTED"));
  EXPECT_TRUE(has(ending.err, "not all"));
  ::close(master);
  ::close(slave);
}

/// The same on v2, where it accepts SIGKILL.
TEST_F(Held, ByTheFreezerOfV2IsNoReasonToIgnoreSignals) {
  if (version() == Version::v1) GTEST_SKIP() << "cgroup v2";
  Subprocess run = start_script(
      {"--env"},
      "echo up >&2; echo 1 > $CGLAB_CGROUP/cgroup.freeze; sleep 100");
  ASSERT_TRUE(run.says("up"));
  const Cgroup group = running_group();
  ASSERT_TRUE(test_support::wait_until([&] {
    return has(group.directory().read("cgroup.events"), "frozen 1");
  }));
  run.signal(SIGINT);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 128 + SIGINT) << ending.err;
  EXPECT_TRUE(has(ending.err, "was frozen"));
}

/// Each has to be thawed.
TEST_F(Held, ByTwoFreezersIsNamedWithBothCures) {
  const std::string freezer = make_freezer();
  if (freezer.empty()) GTEST_SKIP() << "the freezer of cgroup v1";
  const Ending ending = test_support::run_process(run_spec(
      {"--timeout", "500ms"},
      {"sh", "-c",
       "mkdir " + freezer + "/in; echo $$ > " + freezer +
           "/in/cgroup.procs; exec > /dev/null 2>&1; (sleep 0.1; echo FROZEN "
           "> " +
           freezer + "/in/freezer.state; echo FROZEN > " + freezer +
           "/freezer.state) & echo $! > " + freezer +
           "/../cgroup.procs; sleep 5"}));
  EXPECT_EQ(ending.status, 4) << ending.err;
  EXPECT_TRUE(has(ending.err, "echo THAWED > " + freezer +
                                  "/in/freezer.state; echo THAWED > " +
                                  freezer + "/freezer.state"))
      << ending.err;
  freezer_->directory().write("freezer.state", "THAWED\n");
  freezer_->directory().open_directory("in").write("freezer.state", "THAWED\n");
}

/// A frozen v2 cgroup accepts SIGKILL.
TEST_F(Held, IsReportedByTheFreezerOfV2) {
  if (version() == Version::v1) GTEST_SKIP() << "cgroup v2";
  const Json record =
      record_of({"--env", "--timeout", "500ms"},
                "echo 1 > $CGLAB_CGROUP/cgroup.freeze; sleep 100", 124);
  EXPECT_TRUE(record["evidence"]["held"].empty());
  EXPECT_EQ(record["verdict"]["findings"][0]["kind"], "frozen");
}

/// cgroup.kill of v2 asks for no right to signal.
TEST_F(Held, ByAnotherUserIsNamed) {
  const std::string missing = missing_for_user(nobody);
  if (!missing.empty()) GTEST_SKIP() << missing;
  Cgroup user = make_for_user(nobody);
  // On v2 a process can move only within a subtree that its user owns.
  const Cgroup shell = Cgroup::create(user.directory(), "shell", version());
  ProcessSpec stranger;
  stranger.program = "sleep";
  stranger.arguments = {"1000"};
  Subprocess other = Subprocess::start(stranger);
  ProcessSpec spec = cglab_spec({"run", "--parent", user.path(), "--timeout",
                                 "2s", "--", "sleep", "1000"});
  spec.prepare = [&] {
    shell.add(0);
    become_user(nobody);
  };
  Subprocess run = Subprocess::start(spec);
  std::optional<Cgroup> group;
  const auto is_made = [&] {
    for (const std::string& name : user.directory().subdirectories()) {
      if (!name.starts_with("cglab.")) continue;
      group.emplace(Cgroup::open(user.directory().path_of(name), version()));
      return !group->processes().empty();
    }
    return false;
  };
  ASSERT_TRUE(test_support::wait_until(is_made));
  group->add(other.pid());
  const bool may_kill = group->has(cgroupfs::File::cgroup_kill);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, may_kill ? 124 : 4) << ending.err;
  EXPECT_EQ(has(ending.err, "sleep (pid " + std::to_string(other.pid()) +
                                ") cannot be signalled (EPERM)"),
            !may_kill)
      << ending.err;
  other.signal(SIGKILL);
  other.wait();
  group.reset();
  user.kill();
  user.remove();
}

/// The kernel refuses a signal to a command that has become another user's.
TEST_F(Held, ClaimsNoForwardThatTheKernelRefused) {
  const std::string missing = missing_for_user(nobody);
  if (!missing.empty()) GTEST_SKIP() << missing;
  const TempFolder folder;
  const std::string program = folder.path_of("setpriv");
  std::error_code error;
  std::filesystem::copy_file("/usr/bin/setpriv", program, error);
  struct statvfs status {};
  ::statvfs(folder.path().c_str(), &status);
  if (error || (status.f_flag & ST_NOSUID) != 0) {
    GTEST_SKIP() << "setpriv, and a file system with setuid programs";
  }
  ::chmod(program.c_str(), 04755);
  Cgroup user = make_for_user(nobody);
  const Cgroup shell = Cgroup::create(user.directory(), "shell", version());
  ProcessSpec spec = cglab_spec(
      {"run", "--verbose", "--parent", user.path(), "--", program, "--reuid=0",
       "sh", "-c", "echo is up >&2; exec sleep 1000 2>/dev/null >&2"});
  spec.prepare = [&] {
    shell.add(0);
    become_user(nobody);
  };
  Subprocess run = Subprocess::start(spec);
  ASSERT_TRUE(run.says("is up"));
  const bool may_kill = shell.has(cgroupfs::File::cgroup_kill);
  run.signal(SIGTERM);
  const Ending ending = run.wait();
  user.kill();
  EXPECT_EQ(ending.status, may_kill ? 128 + SIGTERM : 4) << ending.err;
  EXPECT_EQ(has(ending.err, "cannot be signalled (EPERM)"), !may_kill)
      << ending.err;
  EXPECT_FALSE(has(ending.err, "forwarded")) << ending.err;
  user.remove();
}

/// The tracer reaps nothing: the kept status is read from /proc/PID/stat. A
/// command with a child would stop when that ends.
TEST_F(Held, ByATracerIsNamedAndItsStatusKnown) {
  if (!test_support::may_trace()) GTEST_SKIP() << "the right to trace";
  TempFolder folder;
  const std::string fifo = folder.path_of("fifo");
  ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
  for (const int status : {0, 5}) {
    Subprocess run = Subprocess::start(run_spec(
        {"--timeout", "4s"}, {"sh", "-c",
                              "echo up >&2; read line < " + fifo + "; exit " +
                                  std::to_string(status)}));
    ASSERT_TRUE(run.says("up"));
    const pid_t child = command();
    ASSERT_EQ(::ptrace(PTRACE_SEIZE, child, nullptr, nullptr), 0);
    std::ofstream(fifo) << "go" << std::endl;
    EXPECT_TRUE(run.says("has ended; waiting: sh (pid " +
                         std::to_string(child) + ") is traced by cli_test"));
    const Ending ending = run.wait();
    EXPECT_EQ(ending.status, status) << ending.err;
    EXPECT_TRUE(has(ending.err, "FINISHED"));
    EXPECT_EQ(::waitpid(child, nullptr, __WALL), child);
  }
}

TEST_F(Held, ByATracerAtTheDeadlineCostsNeitherRecordNorStatus) {
  if (!test_support::may_trace()) GTEST_SKIP() << "the right to trace";
  TempFolder folder;
  const std::string file = folder.path_of("record.json");
  Subprocess run = Subprocess::start(
      run_spec({"--timeout", "1s", "--json", file}, {"sleep", "1000"}));
  const pid_t child = command();
  ASSERT_EQ(::ptrace(PTRACE_SEIZE, child, nullptr, nullptr), 0);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 124) << ending.err;
  EXPECT_EQ(::waitpid(child, nullptr, __WALL), child);
  const auto text = cgroupfs::try_read_file(file);
  ASSERT_TRUE(text);
  const Json record = parse_record(*text);
  check_command_record(record);
  EXPECT_EQ(record["processes"][0]["signal"], SIGKILL);
  const Json& held = record["evidence"]["held"];
  ASSERT_EQ(held.size(), 1u);
  EXPECT_EQ(held[0]["reason"], "traced");
  EXPECT_EQ(held[0]["by"], "cli_test (pid " + std::to_string(::getpid()) + ")");
}

/// The record and the status are what was left to lose.
TEST_F(Held, IsNothingByTheRemovalOfTheParent) {
  Cgroup parent = Cgroup::create(nest().directory(), "parent", version());
  parent.enable_for_children("memory");
  const auto elsewhere = make_memory();
  ProcessSpec spec =
      cglab_spec({"run", "--env", "--parent", parent.path(), "--", "sh", "-c",
                  "echo $$ > " + elsewhere.group.path() +
                      "/cgroup.procs; sleep 0.3; rmdir $CGLAB_CGROUP; rmdir "
                      "${CGLAB_CGROUP%/*}; "
                      "exit 7"});
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 7) << ending.err;
  EXPECT_TRUE(has(ending.err, "was removed during the run"));
  EXPECT_EQ(in_nest(), Words());
  parent.disown();
}

/// On v1 it is in a hierarchy of its own.
TEST_F(Held, IsNothingByTheRemovalOfThePidsCgroup) {
  const auto pids = cgroupfs::find_controller("pids").v1;
  if (!pids) GTEST_SKIP() << "a pids controller of cgroup v1";
  const std::string own = pids->own_directory().value_or(pids->mount_point);
  const Ending ending =
      run_script({"--env", "--pids", "20"},
                 "d=" + own + "/${CGLAB_CGROUP##*/}; echo $$ > " + own +
                     "/cgroup.procs; sleep 0.3; rmdir $d; exit 7");
  EXPECT_EQ(ending.status, 7) << ending.err;
}

/// A segment of shared memory is held by who is alive.
TEST_F(Held, SharedMemoryIsNotSaidToBeLeft) {
  const std::string freezer = make_freezer();
  if (freezer.empty()) GTEST_SKIP() << "the freezer of cgroup v1";
  TempFolder folder;
  const Ending ending = test_support::run_process(run_spec(
      {"--timeout", "1s"}, {"sh", "-c",
                            hog("8M") +
                                " --memory shm --hold > /dev/null 2>&1 & "
                                "sleep 0.3; " +
                                freeze("$!", freezer) + "exit 7"}));
  EXPECT_EQ(ending.status, 4) << ending.err;
  EXPECT_FALSE(has(ending.err, "shared memory stayed")) << ending.err;
}

/// Its processes are listed in its parent cgroup.
TEST_F(Held, IsNothingByAThreadedChildOfV2) {
  if (version() == Version::v1) GTEST_SKIP() << "cgroup v2";
  const std::string make =
      "mkdir $CGLAB_CGROUP/c; echo threaded > $CGLAB_CGROUP/c/cgroup.type; ";
  Json record = record_of({"--env", "--timeout", "500ms"},
                          make + "sleep 100 & exec sleep 100", 124);
  EXPECT_TRUE(record["evidence"]["held"].empty());
  record = record_of({"--env", "--no-wait"}, make + "sleep 100 & exit 7", 7);
  EXPECT_TRUE(record["evidence"]["held"].empty());
  record =
      record_of({"--env", "--timeout", "2s"}, make + "sleep 100 & exit 7", 124);
  EXPECT_TRUE(record["evidence"]["held"].empty());
}

/// It is limited still: killed silently it would be lost.
TEST_F(Held, IsNobodyWhoOnlyLeftTheMemoryCgroup) {
  const auto pids = cgroupfs::find_controller("pids").v1;
  if (!pids || version() == Version::v2) {
    GTEST_SKIP() << "a pids controller of cgroup v1 beside that of memory";
  }
  const auto elsewhere = make_memory();
  TempFolder folder;
  const std::string file = folder.path_of("lived");
  const Ending ending =
      run_script({"--pids", "20"}, "sh -c 'echo 0 > " + elsewhere.group.path() +
                                       "/cgroup.procs; sleep 1; echo lived > " +
                                       file + "' & sleep 0.3; exit 6");
  EXPECT_EQ(ending.status, 6) << ending.err;
  EXPECT_EQ(cgroupfs::try_read_file(file), "lived\n");
  // The deadline is theirs, too.
  const Ending late =
      run_script({"--pids", "20", "--timeout", "1s"},
                 "sh -c 'echo 0 > " + elsewhere.group.path() +
                     "/cgroup.procs; exec sleep 100' & sleep 0.3; exit 6");
  EXPECT_EQ(late.status, 124) << late.err;
}

/// By its new name, and by counters: the log has both names.
TEST_F(Held, IsNothingByARenamedCgroup) {
  if (version() == Version::v2) GTEST_SKIP() << "cgroup v1: v2 renames none";
  const Json record = record_of(
      {"--env", "--limit", "16M"},
      "mv $CGLAB_CGROUP ${CGLAB_CGROUP%/*}/cglab.renamed; sleep 0.3; exec " +
          hog("64M"),
      137);
  // mv and sleep were inside as well, and only the log would name the victim.
  EXPECT_EQ(record["verdict"]["oom_kill"], "inside") << record["verdict"];
  EXPECT_EQ(record["verdict"]["limit_owner"], "own");
  EXPECT_EQ(record["verdict"]["status"], "oom_killed_undetermined");
  EXPECT_EQ(in_nest(), Words());
}

/// v1: also where the command has disabled it in a cgroup that it made.
TEST_F(Held, ForWantOfMemoryInsideIsNamed) {
  if (version() == Version::v2) GTEST_SKIP() << "cgroup v1";
  const Json record = record_of(
      {"--env", "--timeout", "1s"},
      "d=$CGLAB_CGROUP/in; mkdir $d; echo 8M > $d/memory.limit_in_bytes; "
      "[ ! -e $d/memory.memsw.limit_in_bytes ] || echo 8M > "
      "$d/memory.memsw.limit_in_bytes; echo 1 > $d/memory.oom_control; echo 0 "
      "> $d/cgroup.procs; exec " +
          hog("64M"),
      124);
  const Json& paths = record["evidence"]["disabled_oom_killers"];
  ASSERT_EQ(paths.size(), 1u) << record["evidence"];
  EXPECT_TRUE(paths[0].get<std::string>().ends_with("/in"));
}

/// On cgroup v1 new cgroups inherit these.
TEST_F(Held, IsNothingByWhatTheParentWasSetTo) {
  if (version() == Version::v2) GTEST_SKIP() << "cgroup v1";
  nest().directory().write("memory.oom_control", "1");
  nest().directory().write("notify_on_release", "1");
  nest().directory().write("memory.swappiness", "0");
  const Ending ending =
      run_script({"--env", "--quiet"},
                 "cd $CGLAB_CGROUP; cat memory.oom_control notify_on_release "
                 "memory.swappiness");
  const std::string host =
      cgroupfs::try_read_file("/proc/sys/vm/swappiness").value_or("");
  EXPECT_TRUE(has(ending.out, "oom_kill_disable 0\n"));
  EXPECT_TRUE(ending.out.ends_with("\n0\n" + host)) << ending.out;
  EXPECT_EQ(oom({"--limit", "16M", "--ramp", "0"}).status, 0);
  nest().directory().write("memory.oom_control", "0");
}

/// At the limit of an ancestor, whose OOM killer is not the run's to enable.
TEST_F(Held, ForWantOfMemoryIsNamed) {
  if (version() == Version::v2) GTEST_SKIP() << "cgroup v1";
  nest().directory().write("memory.limit_in_bytes", "16M");
  const bool has_memsw = nest().has(cgroupfs::File::memory_memsw_max);
  if (has_memsw) nest().directory().write("memory.memsw.limit_in_bytes", "16M");
  nest().directory().write("memory.oom_control", "1");
  const Json record = record_of({"--timeout", "1s"}, hog("64M"), 124);
  const Json& paths = record["evidence"]["disabled_oom_killers"];
  ASSERT_EQ(paths.size(), 1u) << record["evidence"];
  EXPECT_EQ(paths[0], nest().path());
  EXPECT_EQ(record["verdict"]["findings"][0]["kind"], "oom_killer_disabled");
  nest().directory().write("memory.oom_control", "0");
  if (has_memsw) nest().directory().write("memory.memsw.limit_in_bytes", "-1");
  nest().directory().write("memory.limit_in_bytes", "-1");
}

}  // namespace
}  // namespace cli_test
