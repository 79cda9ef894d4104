// SPDX-License-Identifier: MIT
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <sstream>
#include <thread>

#include "cgroupfs/text.h"
#include "tests/cli/own_world.h"
#include "tests/cli/record_schema.h"
#include "tests/cli/watch_run.h"
#include "tests/support/temp_folder.h"
#include "tests/support/wait.h"
#include "tests/support/worker.h"

namespace cli_test {
namespace {

using cgroupfs::Cgroup;
using cgroupfs::File;
using cgroupfs::Limit;
using cgroupfs::Version;
using test_support::MemoryGroup;
using test_support::mib;
using test_support::Worker;

std::vector<Json> tree_lines(const std::string& text) {
  std::vector<Json> lines;
  for (const std::string_view line : cgroupfs::split_lines(text)) {
    lines.push_back(parse_record(std::string(line)));
    EXPECT_EQ(watch_all_schema_errors(lines.back()), "") << line;
  }
  return lines;
}

/// Of the last sample.
std::vector<Json> last_cgroups(const std::vector<Json>& lines) {
  const auto samples = of_kind(lines, "sample");
  return samples.back().at("cgroups").get<std::vector<Json>>();
}

std::string content_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::uint64_t number_after(const std::string& text, const std::string& key) {
  const std::size_t at = text.find(key);
  if (at == text.npos) return 0;
  return std::strtoull(text.c_str() + at + key.size(), nullptr, 10);
}

class WatchAll : public WatchTest {
 protected:
  /// Of the watched cgroup, as in the output.
  std::string name() const { return path().substr(memory_mount().size()); }

  ProcessSpec all_spec(const Words& more) const {
    Words arguments{"watch", "--all", path()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return cglab_spec(std::move(arguments));
  }

  /// Has begun when it returns.
  Subprocess start_all(
      const Words& more = {},
      const std::function<void()>& prepare = [] {}) const {
    Words arguments{"--format", "json", "--interval", "50ms"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    ProcessSpec spec = all_spec(arguments);
    spec.prepare = prepare;
    Subprocess run = Subprocess::start(spec);
    EXPECT_TRUE(run.prints("\"kind\":\"sample\""));
    return run;
  }

  /// Ends it and returns its lines.
  static std::vector<Json> end(Subprocess& run) {
    run.signal(SIGINT);
    const Ending ending = run.wait();
    EXPECT_EQ(ending.status, 130) << ending.err;
    return tree_lines(ending.out);
  }

  /// An OOM kill in a child of the watched cgroup that exists no longer than
  /// necessary. Returns its pid.
  pid_t kill_in_a_child() {
    MemoryGroup child = make_below(watched().group);
    child.memory.set(File::memory_max, Limit::of(mib(4)));
    test_support::forbid_swap(child.memory);
    return kill_in(child.group);
  }

  static pid_t kill_in(const Cgroup& group, std::uint64_t size = 16) {
    Worker worker = Worker::start_in(group);
    const pid_t pid = worker.pid();
    EXPECT_EQ(worker.touch(mib(size)), Worker::Answer::died);
    worker.reap();
    return pid;
  }

  /// v2 counts all; on v1 other tests on this host may have killed as well.
  void expect_kills(const Json& end, std::uint64_t kills) {
    const auto counted = end.at("oom_kills").get<std::uint64_t>();
    const auto unplaced = end.at("unplaced").get<std::uint64_t>();
    if (version() == Version::v2) {
      EXPECT_EQ(counted, kills) << end;
      EXPECT_EQ(unplaced, 0u) << end;
    } else {
      EXPECT_LE(counted, kills) << end;
      EXPECT_GE(counted + unplaced, kills) << end;
    }
  }
};

TEST_F(WatchAll, CountsEveryKillInShortLivedCgroupsOnce) {
  constexpr std::uint64_t kills = 30;
  Subprocess run = start_all();
  for (std::uint64_t i = 0; i < kills; ++i) kill_in_a_child();
  const auto lines = end(run);
  const Json& last = lines.back();
  ASSERT_EQ(last.at("kind"), "end");
  expect_kills(last, kills);
  EXPECT_EQ(last.at("created"), kills);
  std::uint64_t reported = 0;
  std::map<std::string, std::uint64_t> of_cgroup;
  std::map<int, int> of_pid;
  for (const Json& kill : of_kind(lines, "oom_kill")) {
    const auto count = kill.at("count").get<std::uint64_t>();
    reported += count;
    if (kill.at("exact")) of_cgroup[kill.at("cgroup")] += count;
    if (!kill.at("victim").is_null()) ++of_pid[kill.at("victim").at("pid")];
  }
  EXPECT_EQ(reported, last.at("oom_kills"));
  for (const auto& [cgroup, count] : of_cgroup) EXPECT_EQ(count, 1u) << cgroup;
  for (const auto& [pid, count] : of_pid) EXPECT_EQ(count, 1) << pid;
  EXPECT_EQ(of_kind(lines, "created").size(), kills);
  EXPECT_EQ(of_kind(lines, "removed").size(), kills);
}

TEST_F(WatchAll, CountsAKillForEveryAncestor) {
  MemoryGroup parent = make_below(watched().group);
  MemoryGroup child = make_below(parent.group);
  MemoryGroup other = make_below(watched().group);
  child.memory.set(File::memory_max, Limit::of(mib(4)));
  test_support::forbid_swap(child.memory);
  Subprocess run = start_all();
  const pid_t pid = kill_in(child.group);
  EXPECT_TRUE(run.prints("\"oom_kills\":1"));
  const auto lines = end(run);
  const auto kills = of_kind(lines, "oom_kill");
  ASSERT_EQ(kills.size(), 1u);
  const std::string mount = memory_mount();
  EXPECT_EQ(kills[0].at("cgroup"), child.group.path().substr(mount.size()));
  EXPECT_EQ(kills[0].at("exact"), true);
  if (!kills[0].at("victim").is_null()) {
    EXPECT_EQ(kills[0].at("victim").at("pid"), pid);
  }
  std::map<std::string, Json> states;
  for (const Json& each : last_cgroups(lines)) {
    states[mount + each.at("cgroup").get<std::string>()] = each;
  }
  EXPECT_EQ(states.size(), 4u);
  EXPECT_EQ(states.at(path()).at("oom_kills"), 1);
  EXPECT_EQ(states.at(parent.group.path()).at("oom_kills"), 1);
  EXPECT_EQ(states.at(child.group.path()).at("oom_kills"), 1);
  EXPECT_EQ(states.at(other.group.path()).at("oom_kills"), 0);
  EXPECT_EQ(states.at(child.group.path()).at("limit"), mib(4).count);
}

/// The limit of an ancestor: the victim's own cgroup is named all the same.
TEST_F(WatchAll, NamesTheVictimsCgroupWhereAnAncestorsLimitWasHit) {
  watched().memory.set(File::memory_max, Limit::of(mib(8)));
  test_support::forbid_swap_below(watched().memory);
  MemoryGroup child = make_below(watched().group);
  test_support::forbid_swap(child.memory);
  Subprocess run = start_all();
  kill_in(child.group, 32);
  EXPECT_TRUE(run.prints("\"oom_kills\":1"));
  const auto kills = of_kind(end(run), "oom_kill");
  ASSERT_EQ(kills.size(), 1u);
  EXPECT_EQ(kills[0].at("cgroup"),
            child.group.path().substr(memory_mount().size()));
}

/// The kernel counts the first victim twice.
TEST_F(WatchAll, CountsAGroupThatIsKilledTogether) {
  MemoryGroup group = make_below(watched().group);
  const std::string absent =
      test_support::missing(group.memory, File::memory_oom_group);
  if (!absent.empty()) GTEST_SKIP() << absent;
  group.memory.set(File::memory_oom_group, std::uint64_t{1});
  group.memory.set(File::memory_max, Limit::of(mib(16)));
  test_support::forbid_swap(group.memory);
  Subprocess run = start_all();
  {
    Worker first = Worker::start_in(group.group);
    Worker second = Worker::start_in(group.group);
    Worker third = Worker::start_in(group.group);
    EXPECT_EQ(first.touch(mib(48)), Worker::Answer::died);
    second.reap();
    third.reap();
    first.reap();
  }
  EXPECT_TRUE(run.prints("\"oom_kills\":3"));
  const auto lines = end(run);
  EXPECT_EQ(lines.back().at("oom_kills"), 3);
  if (HasFailure()) {
    for (const Json& kill : of_kind(lines, "oom_kill"))
      std::cerr << kill << '\n';
  }
}

TEST_F(WatchAll, SeesCgroupsThatExistForMoments) {
  Subprocess run = start_all();
  Words names;
  for (int i = 0; i < 50; ++i) {
    Cgroup child =
        Cgroup::create(watched().group.directory(),
                       "cglab.test.moment" + std::to_string(i), version());
    names.push_back(child.path().substr(memory_mount().size()));
    child.remove();
  }
  const auto lines = end(run);
  for (const char* const kind : {"created", "removed"}) {
    Words seen;
    for (const Json& each : of_kind(lines, kind)) {
      seen.push_back(each.at("cgroup"));
    }
    EXPECT_EQ(seen, names) << kind;
  }
}

TEST_F(WatchAll, FollowsCgroupsWithinNewOnes) {
  Subprocess run = start_all();
  MemoryGroup parent = make_below(watched().group);
  MemoryGroup child = make_below(parent.group);
  MemoryGroup grandchild = make_below(child.group);
  const std::string below =
      grandchild.group.path().substr(memory_mount().size());
  EXPECT_TRUE(run.prints("\"created\",")) << "kind";
  EXPECT_TRUE(run.prints("\"cgroup\":\"" + below + "\",\"usage\":"));
  end(run);
}

TEST_F(WatchAll, CountsProcessesOfTheSubtree) {
  MemoryGroup child = make_below(watched().group);
  Worker one = Worker::start_in(child.group);
  Worker two = Worker::start_in(child.group);
  Worker three = Worker::start_in(make_below(watched().group).group);
  three.kill();
  three.reap();
  Subprocess run = start_all();
  const Json top = last_cgroups(end(run)).front();
  EXPECT_EQ(top.at("cgroup"), name());
  EXPECT_EQ(top.at("processes"), 2);
}

TEST_F(WatchAll, FollowsARenamedCgroup) {
  if (version() == Version::v2) GTEST_SKIP() << "v2: renames of cgroups";
  MemoryGroup child = make_below(watched().group);
  child.memory.set(File::memory_max, Limit::of(mib(4)));
  test_support::forbid_swap(child.memory);
  Subprocess run = start_all();
  const std::string renamed = child.group.path() + ".new";
  ASSERT_EQ(::rename(child.group.path().c_str(), renamed.c_str()), 0);
  const std::string below = renamed.substr(memory_mount().size());
  EXPECT_TRUE(run.prints("\"cgroup\":\"" + below + "\",\"usage\":"));
  kill_in(child.group);
  EXPECT_TRUE(run.prints("\"oom_kills\":1"));
  const auto kills = of_kind(end(run), "oom_kill");
  ASSERT_EQ(kills.size(), 1u);
  EXPECT_EQ(kills[0].at("cgroup"), below);
}

TEST_F(WatchAll, EndsWhenTheTopIsRemoved) {
  Subprocess run = start_all();
  remove_watched();
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_EQ(tree_lines(ending.out).back().at("reason"), "gone");
}

TEST_F(WatchAll, TakesTheSamplesThatWereAskedFor) {
  const Ending ending = test_support::run_process(
      all_spec({"--json", "--interval", "10ms", "--count", "3"}));
  EXPECT_EQ(ending.status, 0) << ending.err;
  const auto lines = tree_lines(ending.out);
  EXPECT_EQ(of_kind(lines, "sample").size(), 3u);
  EXPECT_EQ(lines.back().at("reason"), "count_reached");
}

TEST_F(WatchAll, FollowsTheWholeHierarchyWithoutAPath) {
  const Ending ending =
      cglab({"watch", "--all", "--json", "--interval", "10ms", "--count", "1"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  const auto lines = tree_lines(ending.out);
  EXPECT_EQ(lines.front().at("cgroup"), "/");
  bool is_seen = false;
  for (const Json& each : last_cgroups(lines)) {
    is_seen |= each.at("cgroup") == name();
  }
  EXPECT_TRUE(is_seen);
}

/// v1 states what it cannot see.
TEST_F(WatchAll, StatesItsBlindSpot) {
  const Ending ending = test_support::run_process(
      all_spec({"--interval", "10ms", "--count", "1"}));
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_EQ(has(ending.out, "blind spot: on cgroup v1"),
            version() == Version::v1)
      << ending.out;
  EXPECT_TRUE(has(ending.out, "KILLS  CGROUP")) << ending.out;
  EXPECT_TRUE(has(ending.out, "all samples taken: 0 OOM kills"));
}

TEST_F(WatchAll, SpeaksChinese) {
  const Ending ending = test_support::run_process(
      all_spec({"--interval", "10ms", "--count", "1", "--lang", "zh"}));
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "正在跟踪")) << ending.out;
  EXPECT_TRUE(has(ending.out, "采样已完成")) << ending.out;
}

TEST_F(WatchAll, ShowsTheRowsThatWereAskedFor) {
  MemoryGroup one = make_below(watched().group);
  MemoryGroup two = make_below(watched().group);
  Worker worker = Worker::start_in(two.group);
  ASSERT_EQ(worker.touch(mib(4)), Worker::Answer::done);
  const Ending ending = test_support::run_process(
      all_spec({"--interval", "10ms", "--count", "1", "--rows", "2"}));
  const std::string mount = memory_mount();
  EXPECT_TRUE(has(ending.out, two.group.path().substr(mount.size()).c_str()));
  EXPECT_FALSE(has(ending.out, one.group.path().substr(mount.size()).c_str()));
  EXPECT_TRUE(has(ending.out, "1 more")) << ending.out;
}

/// The kernel gives a list in pieces of a page.
TEST_F(WatchAll, CountsMoreProcessesThanFitOnAPage) {
  constexpr int count = 1100;
  Subprocess run = start_all();
  // Much faster than cgroup.procs on v1.
  const File file = version() == Version::v1 ? File::tasks : File::cgroup_procs;
  const auto join =
      watched().group.directory().open_file(name_of(file, version()), O_WRONLY);
  std::vector<pid_t> pids;
  for (int i = 0; i < count; ++i) {
    const pid_t pid = ::fork();
    if (pid < 0) break;
    if (pid == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      if (::write(join.get(), "0", 1) != 1) ::_exit(1);
      ::pause();
      ::_exit(0);
    }
    pids.push_back(pid);
  }
  const bool are_all = pids.size() == count;
  const bool is_seen =
      are_all && run.prints("\"processes\":" + std::to_string(count));
  for (const pid_t pid : pids) ::kill(pid, SIGKILL);
  for (const pid_t pid : pids) ::waitpid(pid, nullptr, 0);
  EXPECT_TRUE(is_seen);
  end(run);
  if (!are_all) GTEST_SKIP() << "room for " << count << " processes";
}

/// The kernel log escapes them.
TEST_F(WatchAll, CountsAKillOnceInACgroupWithAnOddName) {
  const std::string odd = "cglab.test.\x1b[31m \xc3\xa9\\x41\"";
  watched().group.enable_for_children("memory");
  Cgroup child = Cgroup::create(watched().group.directory(), odd, version());
  const auto memory = cgroupfs::Memory::open(child);
  memory.set(File::memory_max, Limit::of(mib(4)));
  test_support::forbid_swap(memory);
  Subprocess run = start_all();
  kill_in(child);
  EXPECT_TRUE(run.prints("\"oom_kills\":1"));
  const auto lines = end(run);
  const auto kills = of_kind(lines, "oom_kill");
  ASSERT_EQ(kills.size(), 1u);
  EXPECT_EQ(kills[0].at("cgroup"), name() + "/" + odd);
  EXPECT_EQ(lines.back().at("oom_kills"), 1);
}

/// Counters go with a top that is removed at once.
TEST_F(WatchAll, CountsTheKillOfATopThatIsRemovedAtOnce) {
  watched().memory.set(File::memory_max, Limit::of(mib(4)));
  test_support::forbid_swap(watched().memory);
  Subprocess run = start_all();
  kill_in(watched().group);
  remove_watched();
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 0) << ending.err;
  expect_kills(tree_lines(ending.out).back(), 1);
}

/// v2: systemd does so when the last unit with accounting goes. The files of
/// the cgroup are new ones then.
TEST_F(WatchAll, FollowsAControllerThatIsEnabledAgain) {
  if (version() == Version::v1) GTEST_SKIP() << "v1: cgroup.subtree_control";
  MemoryGroup child = make_below(watched().group);
  Subprocess run = start_all();
  const std::string below = child.group.path().substr(memory_mount().size());
  watched().group.write(File::cgroup_subtree_control, "-memory");
  EXPECT_TRUE(
      run.prints("\"cgroup\":\"" + below + "\",\"usage\":null,\"limit\":null"));
  watched().group.write(File::cgroup_subtree_control, "+memory");
  child.group.write(File::memory_max, "4M");
  child.group.write(File::memory_swap_max, "0");
  kill_in(child.group);
  EXPECT_TRUE(run.prints("\"oom_kills\":1"));
  const auto kills = of_kind(end(run), "oom_kill");
  ASSERT_EQ(kills.size(), 1u);
  EXPECT_EQ(kills[0].at("cgroup"), below);
}

/// Nothing is invented for what this user may not read.
TEST_F(WatchAll, SaysWhatItCannotFollow) {
  const std::string missing = missing_for_user(65534);
  if (!missing.empty()) GTEST_SKIP() << missing;
  MemoryGroup child = make_below(watched().group);
  ASSERT_EQ(::chmod(child.group.path().c_str(), 0700), 0);
  Subprocess run = start_all({}, [] { become_user(65534); });
  const auto lines = end(run);
  EXPECT_FALSE(lines.front().at("cgroups_missed_because").is_null());
  EXPECT_TRUE(last_cgroups(lines).at(1).at("usage").is_null());
  EXPECT_TRUE(last_cgroups(lines).at(1).at("oom_kills").is_null());
}

/// What the host counts besides is not in the tree.
TEST_F(WatchAll, TakesARootOfANamespaceForNoWholeHierarchy) {
  if (version() == Version::v2) GTEST_SKIP() << "v2: mounts of a controller";
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  ProcessSpec spec = cglab_spec({"watch", "--all", "--json", "--count", "1"});
  spec.prepare = [this, mount = memory_mount()] {
    leave_mounts();
    enter_cgroup_namespace(path(), mount, version());
  };
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 0) << ending.err;
  const Json start = tree_lines(ending.out).front();
  EXPECT_EQ(start.at("cgroup"), "/");
  EXPECT_TRUE(has(start.at("kills_missed_because").get<std::string>(),
                  "count only for the whole host"))
      << start;
}

/// Fewer than its cgroups have files.
TEST_F(WatchAll, MakesDoWithFewDescriptors) {
  std::vector<MemoryGroup> groups;
  for (int i = 0; i < 60; ++i) groups.push_back(make_below(watched().group));
  groups.back().memory.set(File::memory_max, Limit::of(mib(4)));
  test_support::forbid_swap(groups.back().memory);
  Subprocess run = start_all({}, [] {
    const rlimit few{100, 100};
    ::setrlimit(RLIMIT_NOFILE, &few);
  });
  kill_in(groups.back().group);
  EXPECT_TRUE(run.prints("\"oom_kills\":1"));
  const auto lines = end(run);
  EXPECT_EQ(lines.back().at("oom_kills"), 1);
  for (const Json& each : last_cgroups(lines)) {
    EXPECT_FALSE(each.at("usage").is_null()) << each;
  }
}

/// Each is looked for at every second then.
TEST_F(WatchAll, MakesDoWithoutInotify) {
  const auto forbid = [] {
    if (::unshare(CLONE_NEWUSER) != 0) _exit(99);
    const int fd =
        ::open("/proc/sys/user/max_inotify_instances", O_WRONLY | O_CLOEXEC);
    if (fd < 0 || ::write(fd, "0", 1) != 1) _exit(99);
    ::close(fd);
  };
  if (!succeeds_in_child([&] {
        forbid();
        return true;
      })) {
    GTEST_SKIP() << "user namespaces with a limit of inotify instances";
  }
  Subprocess run = start_all({}, forbid);
  MemoryGroup child = make_below(watched().group);
  const std::string below = child.group.path().substr(memory_mount().size());
  EXPECT_TRUE(run.prints("\"cgroup\":\"" + below + "\",\"usage\":"));
  const auto lines = end(run);
  EXPECT_FALSE(lines.front().at("cgroups_missed_because").is_null());
}

class WatchAllOutput : public WatchAll {
 protected:
  TempFolder folder_;
};

TEST_F(WatchAllOutput, KeepsMetricsUpToDate) {
  const std::string file = folder_.path_of("cglab.prom");
  Subprocess run = start_all({"--metrics", file});
  const std::string label = "{cgroup=\"" + name() + "\"} ";
  const std::string before = content_of(file);
  EXPECT_TRUE(has(before, "# TYPE cglab_oom_kills_total counter\n"));
  EXPECT_TRUE(
      has(before, ("cglab_cgroup_oom_kills_total" + label + "0\n").c_str()))
      << before;
  // While it is open its number is not given to another file.
  const cgroupfs::UniqueFd open(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat first {};
  ASSERT_EQ(::fstat(open.get(), &first), 0);
  kill_in_a_child();
  kill_in_a_child();
  EXPECT_TRUE(test_support::wait_until([&] {
    const std::string text = content_of(file);
    return number_after(text, "\ncglab_oom_kills_total ") +
               number_after(text, "\ncglab_oom_kills_unplaced_total ") >=
           2;
  })) << content_of(file);
  const auto lines = end(run);
  const std::string text = content_of(file);
  const std::string kills = lines.back().at("oom_kills").dump() + "\n";
  for (const char* const metric :
       {"cglab_cgroup_oom_kills_total", "cglab_cgroup_oom_kills_local_total"}) {
    EXPECT_TRUE(has(text, (metric + label + kills).c_str())) << text;
  }
  struct stat last {};
  ASSERT_EQ(::stat(file.c_str(), &last), 0);
  EXPECT_NE(first.st_ino, last.st_ino) << "it was not replaced in one step";
}

/// The folder was removed and made anew, with and without the file at start.
TEST_F(WatchAllOutput, WritesMetricsIntoAFolderThatWasReplaced) {
  for (const bool exists : {true, false}) {
    const std::string folder = folder_.path_of("metrics");
    const std::string file = folder + "/cglab.prom";
    ASSERT_EQ(::mkdir(folder.c_str(), 0755), 0);
    if (exists) std::ofstream(file) << "old\n";
    Subprocess run = start_all({"--metrics", file});
    std::filesystem::remove_all(folder);
    ASSERT_EQ(::mkdir(folder.c_str(), 0755), 0);
    EXPECT_TRUE(test_support::wait_until([&] {
      return content_of(file).find("cglab_oom_kills_total") !=
             std::string::npos;
    }));
    end(run);
    std::filesystem::remove_all(folder);
  }
}

TEST_F(WatchAllOutput, RefusesAPipeForMetrics) {
  const std::string file = folder_.path_of("cglab.prom");
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  const Ending ending =
      test_support::run_process(all_spec({"--metrics", file}));
  EXPECT_EQ(ending.status, 3);
  EXPECT_TRUE(has(ending.err, "keep metrics in the pipe")) << ending.err;
}

TEST_F(WatchAllOutput, RefusesOneFileForMetricsAndLog) {
  const std::string file = folder_.path_of("cglab.prom");
  const std::string link = folder_.path_of("link");
  const auto refuse = [&](const std::string& log) {
    const Ending ending = test_support::run_process(
        all_spec({"--metrics", file, "--log", log, "--count", "1"}));
    EXPECT_EQ(ending.status, 2) << ending.out;
    EXPECT_TRUE(has(ending.err, "two outputs go to the same file"))
        << ending.err;
  };
  refuse(file);
  refuse(folder_.path() + "/./cglab.prom");
  EXPECT_NE(::access(file.c_str(), F_OK), 0);
  std::ofstream(file) << "";
  ASSERT_EQ(::link(file.c_str(), link.c_str()), 0);
  refuse(file);
  refuse(link);
  ProcessSpec spec = all_spec({"--metrics", file, "--log", "-"});
  spec.output_file = file;
  EXPECT_EQ(test_support::run_process(spec).status, 2);
}

TEST_F(WatchAllOutput, BoundsTheNumberOfSeries) {
  std::vector<MemoryGroup> groups;
  for (int i = 0; i < 5; ++i) groups.push_back(make_below(watched().group));
  const std::string file = folder_.path_of("cglab.prom");
  Subprocess run = start_all({"--metrics", file, "--max-series", "2"});
  end(run);
  const std::string text = content_of(file);
  EXPECT_TRUE(has(text, "\ncglab_cgroups 6\n")) << text;
  EXPECT_TRUE(has(text, "\ncglab_cgroups_without_series 4\n"));
  EXPECT_TRUE(has(
      text,
      ("cglab_cgroup_memory_usage_bytes{cgroup=\"" + name() + "\"} ").c_str()));
  std::size_t series = 0;
  for (const std::string_view line : cgroupfs::split_lines(text)) {
    if (line.starts_with("cglab_cgroup_memory_usage_bytes{")) ++series;
  }
  EXPECT_EQ(series, 2u);
}

TEST_F(WatchAllOutput, RefusesMetricsThatCannotBeWritten) {
  const std::string file = folder_.path_of("none/cglab.prom");
  const Ending ending =
      test_support::run_process(all_spec({"--metrics", file}));
  EXPECT_EQ(ending.status, 3);
  EXPECT_TRUE(has(ending.err, file.c_str())) << ending.err;
}

TEST_F(WatchAllOutput, WarnsOfANameThatIsNotRead) {
  const Ending ending = test_support::run_process(
      all_spec({"--metrics", folder_.path_of("cglab.txt"), "--count", "1"}));
  EXPECT_EQ(ending.status, 0);
  EXPECT_TRUE(has(ending.err, ".prom")) << ending.err;
}

TEST_F(WatchAllOutput, AppendsKillsToALog) {
  const std::string log = folder_.path_of("kills.jsonl");
  std::ofstream(log) << "{\"earlier\":true}\n";
  MemoryGroup child = make_below(watched().group);
  child.memory.set(File::memory_max, Limit::of(mib(4)));
  test_support::forbid_swap(child.memory);
  Subprocess run = start_all({"--log", log});
  kill_in(child.group);
  EXPECT_TRUE(run.prints("\"kind\":\"oom_kill\""));
  // As logrotate does.
  ASSERT_EQ(::rename(log.c_str(), (log + ".1").c_str()), 0);
  kill_in(child.group);
  EXPECT_TRUE(run.prints("\"oom_kills\":2"));
  const auto printed = of_kind(end(run), "oom_kill");
  ASSERT_EQ(printed.size(), 2u);
  const std::string rotated = content_of(log + ".1");
  EXPECT_TRUE(rotated.starts_with("{\"earlier\":true}\n"));
  EXPECT_EQ(parse_record(rotated.substr(rotated.find('\n') + 1)), printed[0]);
  EXPECT_EQ(parse_record(content_of(log)), printed[1]);
}

TEST_F(WatchAllOutput, PrintsOnlyKillsWithALogOnStandardOutput) {
  MemoryGroup child = make_below(watched().group);
  child.memory.set(File::memory_max, Limit::of(mib(4)));
  test_support::forbid_swap(child.memory);
  const std::string file = folder_.path_of("cglab.prom");
  Subprocess run =
      Subprocess::start(all_spec({"--log", "-", "--metrics", file}));
  EXPECT_TRUE(test_support::wait_until(
      [&] { return ::access(file.c_str(), F_OK) == 0; }));
  kill_in(child.group);
  EXPECT_TRUE(run.prints("\"kind\":\"oom_kill\""));
  const auto lines = end(run);
  EXPECT_EQ(lines.size(), 1u);
}

/// Opening a pipe waits for a reader.
TEST_F(WatchAllOutput, IsNotStoppedByALogWithoutAReader) {
  const std::string log = folder_.path_of("fifo");
  ASSERT_EQ(::mkfifo(log.c_str(), 0600), 0);
  Subprocess run = start_all({"--log", log});
  kill_in_a_child();
  EXPECT_TRUE(run.prints("\"kind\":\"removed\""));
  const cgroupfs::UniqueFd reader(
      ::open(log.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  const auto printed = of_kind(end(run), "oom_kill");
  std::array<char, 65536> buffer;
  const ssize_t count = ::read(reader.get(), buffer.data(), buffer.size());
  ASSERT_EQ(count > 0, !printed.empty());
  if (printed.empty()) return;
  EXPECT_EQ(tree_lines({buffer.data(), static_cast<std::size_t>(count)}),
            printed);
}

/// The kills are kept, and the watch goes on.
TEST_F(WatchAllOutput, GoesOnWhereStandardOutputIsFull) {
  MemoryGroup child = make_below(watched().group);
  child.memory.set(File::memory_max, Limit::of(mib(4)));
  test_support::forbid_swap(child.memory);
  const std::string file = folder_.path_of("cglab.prom");
  ProcessSpec spec = all_spec({"--log", "-", "--metrics", file});
  spec.output_file = "/dev/full";
  Subprocess run = Subprocess::start(spec);
  EXPECT_TRUE(test_support::wait_until(
      [&] { return ::access(file.c_str(), F_OK) == 0; }));
  kill_in(child.group);
  EXPECT_TRUE(run.says("No space left on device; trying again"));
  EXPECT_TRUE(test_support::wait_until([&] {
    return number_after(content_of(file), "\ncglab_oom_kills_total ") == 1;
  }));
  run.signal(SIGINT);
  EXPECT_EQ(run.wait().status, 3);
}

/// The reader of the output is gone before the kill could be printed.
TEST_F(WatchAllOutput, LogsTheLastKillOfAClosedOutput) {
  MemoryGroup child = make_below(watched().group);
  child.memory.set(File::memory_max, Limit::of(mib(4)));
  test_support::forbid_swap(child.memory);
  const std::string log = folder_.path_of("kills.jsonl");
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  cgroupfs::UniqueFd reader(ends[0]);
  cgroupfs::UniqueFd writer(ends[1]);
  ProcessSpec spec = all_spec({"--json", "--log", log});
  spec.prepare = [&] { ::dup2(writer.get(), STDOUT_FILENO); };
  Subprocess run = Subprocess::start(spec);
  writer.reset();
  std::array<char, 65536> buffer;
  std::string seen;
  while (seen.find("sample") == seen.npos) {
    const ssize_t count = ::read(reader.get(), buffer.data(), buffer.size());
    ASSERT_GT(count, 0);
    seen.append(buffer.data(), static_cast<std::size_t>(count));
  }
  kill_in(child.group);
  reader.reset();
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_EQ(of_kind(tree_lines(content_of(log)), "oom_kill").size(), 1u);
}

TEST_F(WatchAllOutput, SaysThatThereIsNoJournal) {
  if (::access("/run/systemd/journal/socket", F_OK) == 0) {
    GTEST_SKIP() << "a host without a journal";
  }
  const Ending ending =
      test_support::run_process(all_spec({"--journal", "--count", "1"}));
  EXPECT_EQ(ending.status, 77);
  EXPECT_EQ(ending.out, "");
  EXPECT_TRUE(has(ending.err, "journal")) << ending.err;
}

TEST_F(WatchAllOutput, SaysThatTheJournalsProgramIsMissing) {
  ProcessSpec spec = all_spec({"--journal", "--count", "1"});
  spec.environment.push_back({"CGLAB_CGLAB_JOURNAL", "/nonexistent"});
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 77);
  EXPECT_TRUE(has(ending.err, "cglab_journal")) << ending.err;
}

struct WrongTreeOption {
  const char* title;
  Words arguments;
  const char* said;
};

class WatchAllMistake : public testing::TestWithParam<WrongTreeOption> {};

TEST_P(WatchAllMistake, IsAUsageError) {
  const Ending ending = cglab(GetParam().arguments);
  EXPECT_EQ(ending.status, 2);
  EXPECT_EQ(ending.out, "");
  EXPECT_TRUE(has(ending.err, GetParam().said)) << ending.err;
}

INSTANTIATE_TEST_SUITE_P(
    All, WatchAllMistake,
    testing::Values(
        WrongTreeOption{"sort_without_all",
                        {"watch", "/", "--sort", "usage"},
                        "--sort needs --all"},
        WrongTreeOption{"log_without_all",
                        {"watch", "/", "--log", "-"},
                        "--log needs --all"},
        WrongTreeOption{"journal_without_all",
                        {"watch", "/", "--journal"},
                        "--journal needs --all"},
        WrongTreeOption{"unknown_order",
                        {"watch", "--all", "--sort", "size"},
                        "invalid order 'size'"},
        WrongTreeOption{"no_rows", {"watch", "--all", "--rows", "0"}, "--rows"},
        WrongTreeOption{"series_without_metrics",
                        {"watch", "--all", "--max-series", "5"},
                        "--max-series needs --metrics"},
        WrongTreeOption{"metrics_on_stdout",
                        {"watch", "--all", "--metrics", "-"},
                        "--metrics needs a file"},
        WrongTreeOption{"two_on_stdout",
                        {"watch", "--all", "--log", "-", "--json"},
                        "--log - prints only kills"},
        WrongTreeOption{"rows_of_json",
                        {"watch", "--all", "--json", "--rows", "2"},
                        "--format json prints all cgroups"},
        WrongTreeOption{"two_formats",
                        {"watch", "/", "--json", "--format", "text"},
                        "--json and --format cannot be combined"},
        WrongTreeOption{"no_such_cgroup",
                        {"watch", "--all", "/no/such/cgroup"},
                        "no such cgroup"}),
    [](const auto& info) { return std::string(info.param.title); });

}  // namespace
}  // namespace cli_test
