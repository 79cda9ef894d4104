// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroupfs/directory.h"
#include "cgroupfs/hierarchy.h"
#include "lab/place/owner.h"
#include "tests/cli/cli_test.h"
#include "tests/cli/own_world.h"
#include "tests/support/temp_folder.h"

namespace cli_test {
namespace {

using cgroupfs::Version;

const Words small_run{"--limit", "8M", "--ramp", "0"};

std::string memory_mount() {
  const auto search = cgroupfs::find_controller("memory");
  return search.v1 ? search.v1->mount_point : search.v2->mount_point;
}

/// The command lines of "What to do", one a line.
std::string commands_in(const std::string& text) {
  const std::size_t begin = text.find("What to do:");
  const std::size_t end = text.find("\nOr run it", begin);
  std::string commands;
  for (std::size_t at = begin; (at = text.find("\n  ", at)) < end;) {
    at += 3;
    commands += text.substr(at, text.find('\n', at) - at) + "\n";
  }
  return commands;
}

class Unavailable : public CliTest {
 protected:
  /// Runs oom where `prepare` has changed the world, without --parent.
  Ending oom_after(const std::function<void()>& prepare,
                   const Words& words = small_run) {
    ProcessSpec spec = cglab_spec({"oom"});
    spec.arguments.insert(spec.arguments.end(), words.begin(), words.end());
    spec.prepare = prepare;
    Ending ending = test_support::run_process(spec);
    EXPECT_NE(ending.status, unprepared_status) << "the test was not prepared";
    return ending;
  }

  /// It did not run, said so with what to do, and changed nothing.
  static void check_unavailable(const Ending& ending, const std::string& why) {
    EXPECT_EQ(ending.status, 77);
    EXPECT_EQ(ending.out, "");
    EXPECT_EQ(ending.err.find("cglab: cannot run here: "), 0u) << ending.err;
    EXPECT_TRUE(has(ending.err, why));
    EXPECT_EQ(groups_of(ending.pid), Words());
  }

  static void check_vm_command(const Ending& ending,
                               const std::string& command) {
    EXPECT_TRUE(has(ending.err, "\n  " + command + "\n"));
  }
};

TEST_F(Unavailable, WithoutPermission) {
  for (const unsigned user : {65534u, 1000u}) {
    const std::string missing = missing_for_user(user);
    if (!missing.empty()) GTEST_SKIP() << missing;
    const Ending ending = oom_after([user] { become_user(user); });
    check_unavailable(ending, "no permission to make a cgroup in");
    EXPECT_TRUE(has(ending.err, "What to do: "));
    EXPECT_TRUE(has(ending.err, "sudo"));
    check_vm_command(ending, "scripts/vm -- cglab oom --limit 8M --ramp 0");
  }
}

TEST_F(Unavailable, WithoutPermissionInTheParentThatIsAskedFor) {
  const std::string missing = missing_for_user(65534);
  if (!missing.empty()) GTEST_SKIP() << missing;
  ProcessSpec spec = oom_spec(small_run);
  spec.prepare = [] { become_user(65534); };
  const Ending ending = test_support::run_process(spec);
  check_unavailable(ending, nest().path());
  check_vm_command(ending, "scripts/vm -- cglab oom --limit 8M --ramp 0");
}

TEST_F(Unavailable, ForMoreThanASafeShareOfTheMemory) {
  const Ending ending = oom({"--limit", "100T"});
  check_unavailable(ending, "109951162777600 bytes");
  EXPECT_TRUE(has(ending.err, "safe share"));
  EXPECT_TRUE(has(ending.err, "use less, for example --limit "));
  EXPECT_FALSE(has(ending.err, "scripts/vm")) << "the VM has less still";
}

TEST_F(Unavailable, ForATotalBeyondASafeShareInTheCoursesOrder) {
  const Ending ending =
      oom({"--order", "course", "--limit", "8M", "--total", "100T"});
  check_unavailable(ending, "safe share");
  EXPECT_TRUE(has(ending.err, "use less, for example --total "));
}

TEST_F(Unavailable, OnTheVersionThatThisHostDoesNotHave) {
  const bool is_v1 = version() == Version::v1;
  const Ending ending = is_v1 ? oom({"--cgroup", "v2", "--limit", "8M"})
                              : oom({"--cgroup=v1", "--limit", "8M"});
  check_unavailable(ending, is_v1 ? "no cgroup v2 memory controller"
                                  : "no cgroup v1 memory controller");
  EXPECT_TRUE(has(ending.err, is_v1 ? "omit --cgroup to use v1"
                                    : "omit --cgroup to use v2"));
  check_vm_command(ending,
                   is_v1 ? "scripts/vm -- cglab oom --cgroup v2 --limit 8M"
                         : "scripts/vm --cgroup v1 -- cglab oom --cgroup=v1 "
                           "--limit 8M");
}

TEST_F(Unavailable, OnAReadOnlyFileSystem) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const std::string mount_point = memory_mount();
  const auto prepare = [&] {
    leave_mounts();
    make_read_only(mount_point);
  };
  const Ending ending = oom_after(prepare);
  check_unavailable(ending, mount_point + " is mounted read-only");
  check_vm_command(ending, "scripts/vm -- cglab oom --limit 8M --ramp 0");
  Words in_parent = small_run;
  in_parent.insert(in_parent.end(), {"--parent", nest().path()});
  check_unavailable(oom_after(prepare, in_parent), "read-only");
}

TEST_F(Unavailable, WithoutAMemoryController) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const std::string mount_point = memory_mount();
  const auto prepare = [&] {
    leave_mounts();
    hide(mount_point);
  };
  const Ending ending = oom_after(prepare);
  check_unavailable(ending, "no memory controller");
  EXPECT_TRUE(has(ending.err, "What to do: "));
  EXPECT_TRUE(has(ending.err, "/proc/cgroups lists memory as enabled"));
  check_vm_command(ending, "scripts/vm -- cglab oom --limit 8M --ramp 0");
  ProcessSpec clean = cglab_spec({"clean"});
  clean.prepare = prepare;
  EXPECT_EQ(test_support::run_process(clean).status, 77);
}

/// In a mount namespace: the commands are run there, and then oom.
TEST_F(Unavailable, WithoutTheHierarchyItSaysHowToMountIt) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const std::string mount_point = memory_mount();
  for (const bool hidden : {false, true}) {
    const auto prepare = [&] {
      leave_mounts();
      hidden ? hide("/sys/fs/cgroup") : unmount(mount_point);
    };
    const Ending refused = oom_after(prepare);
    check_unavailable(refused, "no memory controller");
    const std::string commands = commands_in(refused.err);
    EXPECT_TRUE(has(commands, "mount -t cgroup"));
    EXPECT_EQ(refused.err.find("boot"), refused.err.npos) << refused.err;
    ProcessSpec doctor = cglab_spec({"doctor", "--format", "json"});
    doctor.prepare = prepare;
    const Ending diagnosed = test_support::run_process(doctor);
    EXPECT_EQ(diagnosed.status, 77);
    const Json diagnosis = parse_record(diagnosed.out);
    for (const Json& each : diagnosis.at("requirements")) {
      if (each.at("id") != "memory_controller") continue;
      EXPECT_TRUE(has(each.at("fix").get<std::string>() + "\n",
                      "  " + commands.substr(0, commands.find('\n')) + "\n"));
    }
    ProcessSpec shell;
    shell.program = "sh";
    shell.arguments = {"-ec", "sudo() { \"$@\"; }\n" + commands +
                                  "exec cglab oom --limit 8M --ramp 0"};
    shell.environment = {{"PATH", path_with_cglab()}};
    shell.prepare = prepare;
    const Ending ending = test_support::run_process(shell);
    EXPECT_EQ(ending.status, 0) << commands << ending.err;
  }
}

TEST_F(Unavailable, WithTooLittleAddressSpaceForTheHog) {
  struct Case {
    decltype(RLIMIT_AS) resource;
    const char* name;
    const char* cure;
  };
  for (const Case& c :
       {Case{RLIMIT_AS, "RLIMIT_AS", "ulimit -v unlimited"},
        Case{RLIMIT_DATA, "RLIMIT_DATA", "ulimit -d unlimited"}}) {
    const auto prepare = [&] {
      const rlimit limit{60000UL * 1024, RLIM_INFINITY};
      ::setrlimit(c.resource, &limit);
    };
    const Ending ending =
        oom_after(prepare, {"--limit", "100M", "--ramp", "0"});
    check_unavailable(ending, std::string(c.name) +
                                  " is 58.6 MiB (61440000 bytes), less than "
                                  "the 100 MiB (104857600 bytes)");
    EXPECT_EQ(commands_in(ending.err), std::string(c.cure) + "\n");
    EXPECT_FALSE(has(ending.err, "scripts/vm")) << "it would inherit the limit";
    EXPECT_EQ(oom_after(prepare).status, 0) << "8 MiB fit";
    ProcessSpec doctor = cglab_spec({"doctor"});
    doctor.prepare = prepare;
    const Ending diagnosed = test_support::run_process(doctor);
    EXPECT_EQ(diagnosed.status, 77);
    EXPECT_TRUE(has(diagnosed.out, std::string("\n    ") + c.cure + "\n"));
  }
}

/// The hog's own program has to fit as well.
TEST_F(Unavailable, WithAnAddressSpaceThatIsTooSmallByALittle) {
  const Ending ending = oom_after(
      [] {
        const rlimit limit{100 << 20, RLIM_INFINITY};
        ::setrlimit(RLIMIT_AS, &limit);
      },
      {"--limit", "100M", "--ramp", "0"});
  EXPECT_EQ(ending.status, 77) << ending.err;
  EXPECT_TRUE(has(ending.err, "RLIMIT_AS"));
}

TEST_F(Unavailable, WithTooSmallFilesForAHogWhoseMemoryIsAFile) {
  ProcessSpec spec = cglab_spec({"tmpfs", "--parent", nest().path()});
  spec.prepare = [] {
    const rlimit limit{1 << 20, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  };
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 77) << ending.out;
  EXPECT_TRUE(has(ending.err, "RLIMIT_FSIZE is 1 MiB")) << ending.err;
  EXPECT_EQ(commands_in(ending.err), "ulimit -f unlimited\n");
}

TEST_F(Unavailable, WhereAnOomKillPanics) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  TempFolder folder;
  const std::string file = folder.add_file("panic_on_oom", "2\n");
  const Ending ending = oom_after([&] {
    leave_mounts();
    replace_file("/proc/sys/vm/panic_on_oom", file);
  });
  check_unavailable(ending, "vm.panic_on_oom is 2");
  EXPECT_TRUE(has(ending.err, "sysctl vm.panic_on_oom=0"));
  check_vm_command(ending, "scripts/vm -- cglab oom --limit 8M --ramp 0");
}

/// "SwapTotal: ..." as it is: a run has to know whether this host swaps.
std::string swap_line() {
  const std::string text = cgroupfs::read_file("/proc/meminfo");
  const std::size_t at = text.find("SwapTotal:");
  return text.substr(at, text.find('\n', at) + 1 - at);
}

TEST_F(Unavailable, WithoutOvercommitAndWithTooLittleMemory) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  TempFolder folder;
  const std::string mode = folder.add_file("overcommit_memory", "2\n");
  const std::string left = folder.add_file(
      "meminfo", "MemTotal: 4096000 kB\nMemAvailable: 4096000 kB\n" +
                     swap_line() +
                     "CommitLimit: 2048000 kB\nCommitted_AS: 2043904 kB\n");
  const auto prepare = [&] {
    leave_mounts();
    replace_file("/proc/sys/vm/overcommit_memory", mode);
    replace_file("/proc/meminfo", left);
  };
  const Ending ending = oom_after(prepare);
  check_unavailable(ending, "vm.overcommit_memory is 2");
  EXPECT_TRUE(has(ending.err, "only 4 MiB (4194304 bytes) of"));
  EXPECT_TRUE(has(commands_in(ending.err), "sysctl vm.overcommit_memory=0"));
  EXPECT_EQ(oom_after(prepare, {"--limit", "4M", "--ramp", "0"}).status, 0);
  ProcessSpec doctor = cglab_spec({"doctor"});
  doctor.prepare = prepare;
  const Ending diagnosed = test_support::run_process(doctor);
  EXPECT_EQ(diagnosed.status, 77);
  EXPECT_TRUE(has(diagnosed.out, "sysctl vm.overcommit_memory=0\n"));
}

TEST_F(Unavailable, InAParentThatDelegatesNothing) {
  if (version() == Version::v1) GTEST_SKIP() << "cgroup v2";
  const auto leaf = make_below(nest());
  const Ending ending =
      cglab({"oom", "--parent", leaf.group.path(), "--limit", "8M"});
  check_unavailable(ending, "does not enable memory for its children");
  const std::string fix =
      "echo +memory > " + leaf.group.path() + "/cgroup.subtree_control";
  EXPECT_TRUE(has(ending.err, fix));
  const std::string inner = leaf.group.path() + "/inner";
  ASSERT_EQ(::mkdir(inner.c_str(), 0755), 0);
  EXPECT_TRUE(has(cglab({"oom", "--parent", inner, "--limit", "8M"}).err,
                  "\n  " + fix + "\n  echo +memory > " + inner));
  EXPECT_EQ(::rmdir(inner.c_str()), 0);
}

class Failed : public CliTest {};

TEST_F(Failed, WhenTheNameIsTaken) {
  const cgroupfs::Directory& place = nest().directory();
  ProcessSpec spec = oom_spec(small_run);
  spec.prepare = [&] {
    place.make_directory(lab::group_name("oom", lab::this_process()));
  };
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 3);
  ASSERT_EQ(in_nest().size(), 1u) << "the other's group is not touched";
  EXPECT_TRUE(has(ending.err, place.path_of(in_nest().front())));
  EXPECT_TRUE(has(ending.err, "File exists"));
  place.remove_directory(in_nest().front());
}

TEST_F(Failed, WithoutTheHog) {
  ProcessSpec spec = oom_spec(small_run);
  spec.environment.push_back({"CGLAB_MALLOC_DEMO", "/nonexistent/hog"});
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 3);
  EXPECT_TRUE(has(ending.err, "/nonexistent/hog"));
  EXPECT_TRUE(has(ending.err, "No such file or directory"));
  EXPECT_EQ(in_nest(), Words());
}

TEST_F(Failed, WithAHogThatIsNotAProgram) {
  TempFolder folder;
  const std::string file = folder.add_file("hog", "#!/bin/sh\n");
  ASSERT_EQ(::chmod(file.c_str(), 0644), 0);
  ProcessSpec spec = oom_spec(small_run);
  spec.environment.push_back({"CGLAB_MALLOC_DEMO", file});
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 3);
  EXPECT_TRUE(has(ending.err, file));
  EXPECT_TRUE(has(ending.err, "Permission denied"));
  EXPECT_EQ(in_nest(), Words());
}

}  // namespace
}  // namespace cli_test
