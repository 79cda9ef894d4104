// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <csignal>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include "cgroupfs/directory.h"
#include "lab/base/visible.h"
#include "lab/place/cgroup_path.h"
#include "tests/cli/classroom_fixture.h"
#include "tests/cli/own_world.h"
#include "tests/support/temp_folder.h"

namespace cli_test {
namespace {

using cgroupfs::Version;

class CheckOutput : public ClassroomTest {
 protected:
  void SetUp() override {
    ClassroomTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    ASSERT_EQ(type("mkdir $demo; echo 104960000 > $demo/$limit").status, 0);
  }
};

TEST_F(CheckOutput, AsTextShowsPointsEvidenceAndHint) {
  const Ending ending = check();
  EXPECT_EQ(ending.status, 1);
  EXPECT_EQ(ending.err, "");
  for (const char* const part :
       {"memorydemo, limit 104960000 bytes", "✓ group", "10/10", "✗ oom",
        "0/30", "hint not-moved:", "echo $! > ", "see hint not-moved above",
        "more: cglab explain move", "30 of 100 points"}) {
    EXPECT_TRUE(has(ending.out, part)) << ending.out;
  }
}

TEST_F(CheckOutput, IsAPageByTheEndingOfItsFile) {
  const TempFolder folder;
  const std::string file = folder.path() + "/report.html";
  const Ending ending = check({"--output", file});
  EXPECT_EQ(ending.status, 1);
  EXPECT_EQ(ending.out + ending.err, "");
  const std::string page = cgroupfs::read_file(file);
  for (const char* const part :
       {"<!DOCTYPE html>", "memorydemo, limit 104960000 bytes", " 10/10<",
        "<li class=\"advice\">hint not-moved: ", "<pre><code>",
        "30 of 100 points</p>"}) {
    EXPECT_TRUE(has(page, part)) << page;
  }
  EXPECT_EQ(check({"--format", "html"}).out, page);
}

TEST_F(CheckOutput, AsMarkdownHasAListOfChecks) {
  const Ending ending = check({"--format", "markdown"});
  EXPECT_EQ(ending.status, 1);
  EXPECT_TRUE(has(ending.out, "\n- ✓ `group` ")) << ending.out;
  EXPECT_TRUE(has(ending.out, "\n  - hint not-moved: ")) << ending.out;
  EXPECT_TRUE(has(ending.out, "\n**✗ 30 of 100 points**\n")) << ending.out;
}

TEST_F(CheckOutput, SpeaksChineseWhenAsked) {
  for (const Words& words : {Words{"--lang", "zh"}, Words{}}) {
    ProcessSpec spec = check_spec(words);
    if (words.empty()) spec.environment.push_back({"CGLAB_LANG", "zh"});
    const Ending ending = test_support::run_process(spec);
    EXPECT_EQ(ending.status, 1);
    EXPECT_TRUE(has(ending.out, "得分：30 / 100"));
    EXPECT_TRUE(has(ending.out, "内存 cgroup 已建好"));
    EXPECT_TRUE(has(ending.out, "提示 not-moved"));
  }
}

TEST_F(CheckOutput, AsTapHasATestPerCheck) {
  const Ending ending = check({"--format", "tap"});
  EXPECT_EQ(ending.status, 1);
  EXPECT_EQ(ending.out.find("TAP version 13\n1..5\nok 1 - group: "), 0u);
  EXPECT_TRUE(has(ending.out, "\nok 2 - limit: "));
  EXPECT_TRUE(has(ending.out, "\nnot ok 3 - process: "));
  EXPECT_TRUE(has(ending.out, "  hint: not-moved\n"));
}

TEST_F(CheckOutput, AsJunitCountsFailures) {
  const Ending ending = check({"--format", "junit"});
  EXPECT_TRUE(has(ending.out,
                  "tests=\"5\" failures=\"3\" errors=\"0\" "
                  "skipped=\"0\""));
  EXPECT_TRUE(has(ending.out, "<failure type=\"not-moved\" message="));
  EXPECT_TRUE(has(ending.out, "Write a pid into cgroup.procs")) << ending.out;
}

TEST_F(CheckOutput, ForAutolabEndsInALineOfScores) {
  const auto last_line = [](const std::string& text) {
    return text.substr(text.rfind('\n', text.size() - 2) + 1);
  };
  EXPECT_EQ(Json::parse(last_line(check({"--format", "autolab"}).out)),
            Json::parse(R"({"scores":{"group":10,"limit":20,"process":0,)"
                        R"("charged":0,"oom":0}})"));
  EXPECT_EQ(last_line(check({"--format", "autolab", "--problem", "lab 1"}).out),
            "{\"scores\":{\"lab 1\":30}}\n");
}

TEST_F(CheckOutput, OfOneCheckIsFullWhenThatOnePasses) {
  EXPECT_EQ(check({"--only", "limit"}).status, 0);
  EXPECT_EQ(check({"--only", "limit", "--only", "oom"}).status, 1);
  EXPECT_EQ(check({"--only", "limit", "--points"}).out, "20/20\n");
}

TEST_F(CheckOutput, CanBeWeighedByTheCourse) {
  EXPECT_EQ(check({"--weight", "limit=5", "--weight", "oom=0", "--points"}).out,
            "15/55\n");
  const Ending list = cglab({"check", "--list", "--weight", "oom=7"});
  EXPECT_EQ(list.status, 0);
  EXPECT_TRUE(has(list.out, "oom        7  its limit caused an OOM kill\n"));
}

/// The name of a process is its own choice, and that of a cgroup its maker's.
TEST_F(CheckOutput, ShowsNamesFromOutsideEscaped) {
  const TempFolder folder;
  const Ending hands =
      type("cd " + folder.path() +
           "; name=$(printf 'a\\033[2J\\n]]>\\377#'); cp $(command -v $hog) "
           "\"$name\"; \"./$name\" --block 1M --interval 1h >/dev/null 2>&1 & "
           "until grep -q '^a' /proc/$!/comm; do sleep 0.01; done; "
           "echo $! > $demo/cgroup.procs");
  ASSERT_EQ(hands.status, 0) << hands.err;
  const std::string shown = "a\\x1b[2J\\x0a]]";
  // TAP has no evidence.
  const std::pair<const char*, std::string> forms[] = {
      {"text", shown},
      {"markdown", "a\\\\x1b\\[2J\\\\x0a\\]\\]"},
      {"html", shown},
      {"autolab", shown},
      {"tap", ""},
      {"junit", shown},
      {"json", "a\\\\x1b[2J\\\\x0a]]"}};
  for (const auto& [format, name] : forms) {
    const Ending ending = check({"--format", format});
    EXPECT_EQ(ending.status, 1);
    EXPECT_EQ(lab::visible(ending.out), ending.out) << format;
    EXPECT_TRUE(has(ending.out, name.empty() ? "TAP" : name)) << ending.out;
    EXPECT_EQ(has(ending.out, "x1b"), !name.empty()) << ending.out;
  }
}

TEST_F(CheckOutput, WithoutACgroupIsZero) {
  const Ending ending = check({"--quiet"});
  EXPECT_EQ(ending.status, 1);
  EXPECT_EQ(ending.out + ending.err, "");
}

TEST_F(CheckOutput, WithoutAMemoryControllerFailsNoStudent) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const auto run = [this](const Words& words) {
    ProcessSpec spec = check_spec(words);
    spec.prepare = [] {
      leave_mounts();
      replace_file("/proc/self/mountinfo", "/dev/null");
    };
    return test_support::run_process(spec);
  };
  const Ending tap = run({"--format", "tap"});
  if (tap.status == unprepared_status) {
    GTEST_SKIP() << "bind mounts over /proc: not permitted";
  }
  EXPECT_EQ(tap.status, 77) << tap.out << tap.err;
  EXPECT_EQ(tap.out.find("TAP version 13\n1..0 # SKIP "), 0u);
  const Ending junit = run({"--format", "junit"});
  EXPECT_TRUE(has(junit.out, "failures=\"0\" errors=\"0\" skipped=\"5\""));
  const std::string autolab = run({"--format", "autolab"}).out;
  EXPECT_TRUE(autolab.starts_with("cglab check: ")) << autolab;
  EXPECT_TRUE(autolab.ends_with("\n{\"scores\":{}}\n")) << autolab;
}

using CheckGroup = ClassroomTest;

TEST_F(CheckGroup, IsFoundByItsNameWhereverItWasMade) {
  const std::string name = "cglab-twin-" + std::to_string(::getpid());
  const std::string twins =
      "${demo%/*}/" + name + " ${demo%/*}/cglab-box/" + name;
  ASSERT_EQ(
      type("mkdir ${demo%/*}/cglab-box ${demo%/*}/cglab-box/" + name).status,
      0);
  const Words words{"check", "--group", name, "--format", "json"};
  EXPECT_TRUE(has(cglab(words).out, "/cglab-box/" + name));
  ASSERT_EQ(type("mkdir ${demo%/*}/" + name).status, 0);
  const Ending several = cglab(words);
  EXPECT_EQ(several.status, 2);
  EXPECT_TRUE(has(several.err, "there are several cgroups " + name));
  for (const char* const format : {"tap", "junit", "autolab"}) {
    const Ending form = cglab({"check", "--group", name, "--format", format});
    EXPECT_EQ(form.status, 2);
    EXPECT_TRUE(has(form.out, "there are several cgroups " + name)) << form.out;
  }
  EXPECT_EQ(type("rmdir " + twins + " ${demo%/*}/cglab-box").status, 0);
}

/// The lab's own run of the course has one of that name, and did all of it.
TEST_F(CheckGroup, IsNotThatOfARunOfTheLab) {
  const Ending run =
      cglab({"course", "--parent", nest().path(), "--limit", "25161728",
             "--ramp", "0", "--keep", "--json", "-"});
  ASSERT_EQ(run.status, 0) << run.err;
  const Json record = parse_record(run.out);
  const std::string path = record["cgroups"][0]["path"];
  EXPECT_TRUE(has(path, "/memorydemo")) << path;
  const Ending ending =
      cglab({"check", "--format", "json", "--limit", "25161728"});
  EXPECT_FALSE(has(ending.out, nest().path())) << ending.out;
  // The log may have no room for the kill, and root could reset the counters of
  // all ancestors.
  EXPECT_EQ(type("[ $(id -u) != 0 ] || chown 65533 " + path).status, 0);
  const Ending own = cglab(
      {"check", "--format", "json", "--limit", "25161728", "--group", path});
  EXPECT_EQ(own.status, 0) << "there was one" << own.out << own.err;
  EXPECT_EQ(
      type("find ${demo%/*} -mindepth 1 -depth -type d -exec rmdir {} ';'")
          .status,
      0);
}

/// The student's own is that of the shell that asks.
TEST_F(CheckGroup, IsTheOneNearestToTheShell) {
  if (version() == Version::v2) {
    GTEST_SKIP() << "cgroup v1: v2 takes no shell above a cgroup with memory";
  }
  const std::string name = "cglab-twin-" + std::to_string(::getpid());
  const Ending hands = type(
      "cd ${demo%/*}; mkdir cglab-a cglab-b cglab-a/" + name + " cglab-b/" +
      name +
      "; echo $$ > cglab-b/cgroup.procs; $cglab check --format json --group " +
      name + "; echo $$ > ../cgroup.procs; rmdir cglab-?/* cglab-?");
  EXPECT_TRUE(has(hands.out, "/cglab-b/" + name)) << hands.out << hands.err;
}

/// Another student's work earns nothing.
TEST_F(CheckGroup, IsNotAnotherUsers) {
  constexpr unsigned asking = 65533;
  const std::string missing = missing_for_user(asking);
  if (!missing.empty()) GTEST_SKIP() << missing;
  const std::string name = "cglab-twin-" + std::to_string(::getpid());
  ASSERT_EQ(
      type("mkdir ${demo%/*}/" + name + "; chown 65532 ${demo%/*}/" + name)
          .status,
      0);
  const auto directory = [&](unsigned user) {
    ProcessSpec spec =
        cglab_spec({"check", "--group", name, "--format", "json"});
    spec.prepare = [user] { become_user(user); };
    return test_support::run_process(spec).out;
  };
  const std::string path = nest().path() + "/" + name;
  EXPECT_TRUE(has(directory(65532), path));
  EXPECT_FALSE(has(directory(asking), "\"directory\": \"" + path));
  EXPECT_EQ(type("rmdir ${demo%/*}/" + name).status, 0);
}

/// Root's cgroup is found only by root, and by a student who called sudo(8).
TEST_F(CheckGroup, IsRootsOnlyForRootAndUnderSudo) {
  constexpr unsigned asking = 65533;
  if (::geteuid() != 0) GTEST_SKIP() << "root";
  const std::string missing = missing_for_user(asking);
  if (!missing.empty()) GTEST_SKIP() << missing;
  const std::string name = "cglab-twin-" + std::to_string(::getpid());
  const std::string path = nest().path() + "/" + name;
  const auto is_found = [&](const std::string& group, bool as_user,
                            bool by_sudo) {
    ProcessSpec spec =
        cglab_spec({"check", "--group", group, "--format", "json"});
    if (by_sudo) spec.environment.push_back({"SUDO_UID", "65533"});
    if (as_user) spec.prepare = [] { become_user(asking); };
    return has(test_support::run_process(spec).out, "\"directory\": \"" + path);
  };
  ASSERT_EQ(type("mkdir ${demo%/*}/" + name).status, 0);
  EXPECT_TRUE(is_found(name, false, false));
  EXPECT_TRUE(is_found(name, false, true));
  EXPECT_FALSE(is_found(name, true, false));
  EXPECT_FALSE(is_found(name, true, true)) << "anybody can set SUDO_UID";
  EXPECT_TRUE(is_found(path, true, false));
  ASSERT_EQ(type("chown 65532 ${demo%/*}/" + name).status, 0);
  EXPECT_FALSE(is_found(name, false, false)) << "another user's";
  EXPECT_FALSE(is_found(name, false, true));
  EXPECT_TRUE(is_found(path, false, false));
  EXPECT_EQ(type("rmdir ${demo%/*}/" + name).status, 0);
}

/// The search has one directory open at a time.
TEST_F(CheckGroup, IsFoundHoweverDeep) {
  const std::string name = "cglab-twin-" + std::to_string(::getpid());
  const Ending hands = type(
      "cd ${demo%/*}; for i in $(seq 80); do mkdir cglab-d && cd cglab-d; "
      "done; mkdir " +
      name + "; ulimit -n 64; $cglab check --format json --group " + name);
  EXPECT_TRUE(has(hands.out, "/cglab-d/" + name)) << hands.out << hands.err;
  EXPECT_EQ(type("find ${demo%/*} -mindepth 1 -depth -type d -exec rmdir {} "
                 "';'")
                .status,
            0);
}

/// Others make and remove cgroups meanwhile.
TEST_F(CheckGroup, IsFoundWhileOthersComeAndGo) {
  const std::string name = "cglab-twin-" + std::to_string(::getpid());
  const Ending hands = type(
      "cd ${demo%/*}; mkdir " + name +
      "; (trap 'exit' TERM; while :; do mkdir -p cglab-x/a/b cglab-y/c; "
      "rmdir cglab-x/a/b cglab-x/a cglab-x cglab-y/c cglab-y; done) & other=$!"
      "; for i in $(seq 150); do $cglab check --points --group " +
      name +
      "; done; kill $other; wait $other; rmdir cglab-?/?/? cglab-?/? cglab-? "
      "2>/dev/null; rmdir " +
      name);
  EXPECT_TRUE(has(hands.out, "10/100\n")) << hands.out << hands.err;
  EXPECT_FALSE(has("\n" + hands.out, "\n0/100")) << hands.out;
}

/// Nor is another user's directory of that name, in a place that makes it no
/// memory cgroup, this student's mistake. sudo(8) says who asks.
class CheckMisplaced : public ClassroomTest {
 protected:
  void SetUp() override {
    ClassroomTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    if (::geteuid() != 0) GTEST_SKIP() << "root, who can give a folder away";
  }
  void TearDown() override {
    if (!path_.empty() && ::access(path_.c_str(), F_OK) == 0) {
      EXPECT_EQ(::rmdir(path_.c_str()), 0);
    }
    ClassroomTest::TearDown();
  }

  void make_in(const std::string& folder) {
    path_ = folder + "/" + name_;
    ASSERT_EQ(::mkdir(path_.c_str(), 0755), 0);
  }
  /// The hint for user 65533, when the directory belongs to `owner`.
  std::string hint_if_of(unsigned owner) const {
    EXPECT_EQ(::chown(path_.c_str(), owner, owner), 0);
    ProcessSpec spec =
        cglab_spec({"check", "--group", name_, "--format", "json"});
    spec.environment.push_back({"SUDO_UID", "65533"});
    spec.environment.push_back(
        {"HOME", path_.substr(0, path_.find_last_of('/'))});
    return hint_of(parse_record(test_support::run_process(spec).out), "group");
  }

 private:
  const std::string name_ = "cglab-twin-" + std::to_string(::getpid());
  std::string path_;
};

TEST_F(CheckMisplaced, IsNotAnotherUsersPlainDirectory) {
  const TempFolder folder;
  make_in(folder.path());
  EXPECT_EQ(hint_if_of(65533), "plain-directory");
  EXPECT_EQ(hint_if_of(0), "plain-directory") << "by sudo";
  EXPECT_NE(hint_if_of(65532), "plain-directory");
}

TEST_F(CheckMisplaced, IsNotAnotherUsersCgroupInAnotherHierarchy) {
  const std::string pids = "/sys/fs/cgroup/pids";
  if (!lab::is_cgroup_file_system(pids, Version::v1)) {
    GTEST_SKIP() << "a v1 hierarchy without memory";
  }
  make_in(pids);
  EXPECT_EQ(hint_if_of(65533), "other-hierarchy");
  EXPECT_EQ(hint_if_of(0), "other-hierarchy") << "by sudo";
  EXPECT_NE(hint_if_of(65532), "other-hierarchy");
}

TEST_F(CheckGroup, IsRemovedByCleanOnceNothingRunsInIt) {
  const Words words{"clean", "--group", demo()};
  ASSERT_EQ(type("mkdir $demo; sleep 60 >/dev/null 2>&1 & echo $! > "
                 "$demo/cgroup.procs; echo $! > /dev/null")
                .status,
            0);
  const Ending busy = cglab(words);
  EXPECT_EQ(busy.status, 4);
  EXPECT_TRUE(has(busy.err, "processes run in it (pid "));
  cgroupfs::Cgroup::open(demo(), version()).kill();
  const Ending idle = cglab(words);
  EXPECT_EQ(idle.status, 0) << idle.err;
  EXPECT_TRUE(has(idle.out, "removed " + demo() + "\n"));
  EXPECT_EQ(cglab(words).status, 0);
}

TEST(CheckUsage, IsExplained) {
  const auto refused = [](const Words& words, const char* why) {
    Words arguments{"check"};
    arguments.insert(arguments.end(), words.begin(), words.end());
    const Ending ending = cglab(arguments);
    EXPECT_EQ(ending.status, 2) << why;
    EXPECT_TRUE(has(ending.err, why));
  };
  refused({"--only", "limits"}, "unknown check 'limits' (use group, ");
  refused({"--weight", "oom"}, "write ID=N");
  refused({"--weight", "oom=-1"}, "invalid number '-1'");
  refused({"--format", "xml"},
          "(use text, markdown, html, json, tap, junit or "
          "autolab)");
  refused({"--limit", "100MB"}, "100M");
  refused({"--timeout", "3s"}, "--timeout is for --watch");
  refused({"--problem", "P"}, "--problem is for --format autolab");
  refused({"--json"}, "did you mean --format json?");
  for (const char* const option : {"--list", "--points", "--quiet"}) {
    refused({option, "--format", "junit"}, "--format cannot be combined");
    refused({option, "-o", "x.json"}, "--output cannot be combined");
  }
  for (const char* const group : {".", ".."}) {
    refused({"--group", group}, "is not a name of a cgroup");
  }
  refused({"--limit", "100"}, "100 is less than a page");
  refused({"--lang", "fr"}, "use en or zh");
  refused({"--goup", "x"}, "did you mean --group?");
}

class CheckWatch : public ClassroomTest {
 protected:
  /// As where the kernel's log may not be read.
  Subprocess start_without_log() const {
    ProcessSpec spec = check_spec(
        {"--watch", "--limit", "25161728", "--timeout", "6s", "--points"});
    spec.prepare = [] {
      leave_mounts();
      replace_file("/dev/kmsg", "/dev/null");
    };
    return Subprocess::start(spec);
  }

  Subprocess start(const Words& more = {}) const {
    Words words{"--watch", "--limit", "25161728"};
    words.insert(words.end(), more.begin(), more.end());
    return Subprocess::start(check_spec(words));
  }
};

TEST_F(CheckWatch, TicksOffEachStepAndEndsByItself) {
  Subprocess watch = start();
  EXPECT_TRUE(watch.says("Following"));
  ASSERT_EQ(type("mkdir $demo").status, 0);
  EXPECT_TRUE(watch.says("✓ group"));
  EXPECT_NE(type("echo ps > $demo/cgroup.procs").status, 0);
  EXPECT_TRUE(watch.says("hint echo-bug"));
  Subprocess hog = Subprocess::start(
      script_spec("exec $hog --block 24M --interval 3s 2>&1"));
  EXPECT_TRUE(hog.prints("block 1 of"));
  const std::string pid = std::to_string(hog.pid());
  ASSERT_EQ(type("echo " + pid + " > $demo/cgroup.procs").status, 0);
  EXPECT_TRUE(watch.says("hint charges-stay"));
  const Ending hands = type(
      "echo 25161728 > $demo/$limit\n"
      "[ ! -e $demo/$swap_limit ] || "
      "case $limit in memory.max) echo 0;; *) echo 25161728;; esac "
      "> $demo/$swap_limit\n");
  EXPECT_EQ(hands.status, 0) << hands.err;
  EXPECT_EQ(hog.wait().status, 137);
  const Ending ending = watch.wait();
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "100 of 100 points"));
  std::size_t at = 0;
  for (const char* const step :
       {"✓ group", "cgroup.procs was written, but nothing changed",
        "hint echo-bug", "✓ process", "hint charges-stay", "✓ limit",
        "✓ oom"}) {
    const std::size_t found = ending.err.find(step, at);
    EXPECT_NE(found, std::string::npos) << step << " in\n" << ending.err;
    if (found != std::string::npos) at = found;
  }
}

/// That a check passed before does not make it pass.
TEST_F(CheckWatch, GivesNoFullMarksForALimitThatWasLowered) {
  const std::string write = write_to_disk();
  if (write.empty()) GTEST_SKIP() << "a disk: all file systems lie in memory";
  Subprocess watch = start();
  EXPECT_TRUE(watch.says("Following"));
  ASSERT_EQ(type("mkdir $demo; echo 25161728 > $demo/$limit").status, 0);
  EXPECT_TRUE(watch.says("✓ limit"));
  ASSERT_EQ(type("sh -c 'echo 0 > $demo/cgroup.procs; exec " + write +
                 "' 2>/dev/null")
                .status,
            0);
  EXPECT_TRUE(watch.says("✓ charged"));
  ASSERT_EQ(type("echo 2M > $demo/$limit").status, 0);
  EXPECT_TRUE(watch.says("✗ limit"));
  const Ending hands = type(
      "[ ! -e $demo/$swap_limit ] || "
      "case $limit in memory.max) echo 0;; *) echo 2M;; esac "
      "> $demo/$swap_limit\n"
      "sh -c 'echo 0 > $demo/cgroup.procs; exec $hog --quiet --ramp 0 --total "
      "8M'\n");
  EXPECT_EQ(hands.status, 137) << hands.err;
  EXPECT_TRUE(watch.says("hint begin-again"));
  watch.signal(SIGINT);
  const Ending ending = watch.wait();
  EXPECT_EQ(ending.status, 130) << ending.err << ending.out;
  EXPECT_TRUE(has(ending.err, "✗ limit"));
  EXPECT_FALSE(has(ending.err, "✓ oom"));
  EXPECT_TRUE(has(ending.out, "50 of 100 points")) << ending.out;
}

/// The log may not be readable: then the watch has seen the limit.
TEST_F(CheckWatch, KnowsTheLimitAtTheKillWithoutALog) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  Subprocess watch = start_without_log();
  EXPECT_TRUE(watch.says("Following"));
  ASSERT_EQ(type("mkdir $demo; [ ! -e $demo/memory.swap.max ] || echo 0 > "
                 "$demo/memory.swap.max; echo 25161728 > $demo/$limit\n"
                 "[ ! -e $demo/$swap_limit ] || [ $limit = memory.max ] || "
                 "echo 25161728 > $demo/$swap_limit")
                .status,
            0);
  EXPECT_TRUE(watch.says("✓ limit"));
  const Ending hands = type(
      "sh -c 'echo 0 > $demo/cgroup.procs; exec $hog --block 24M --interval "
      "1s' >/dev/null 2>&1\n");
  EXPECT_EQ(hands.status, 137) << hands.err;
  const Ending ending = watch.wait();
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.err, "was seen before and after the kill"))
      << ending.err;
}

/// A writer need not close the file, nor leave the other limit until a look.
TEST_F(CheckWatch, SeesALimitThatWasWrittenBetweenTwoLooks) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  const std::string write = write_to_disk();
  if (write.empty()) GTEST_SKIP() << "a disk: all file systems lie in memory";
  Subprocess watch = start_without_log();
  EXPECT_TRUE(watch.says("Following"));
  ASSERT_EQ(type("mkdir $demo; echo 25161728 > $demo/$limit").status, 0);
  EXPECT_TRUE(watch.says("✓ limit"));
  const Ending hands = type(
      "sh -c 'echo 0 > $demo/cgroup.procs; exec " + write +
      "' 2>/dev/null\nexec 7<>$demo/$limit; echo 2M >&7 || exit 9\n"
      "[ ! -e $demo/memory.swap.max ] || echo 0 > $demo/memory.swap.max\n"
      "[ ! -e $demo/memory.swappiness ] || echo 0 > $demo/memory.swappiness\n"
      "sh -c 'echo 0 > $demo/cgroup.procs; exec $hog --quiet --ramp 0 --total "
      "8M'; status=$?; echo 25161728 >&7; exit $status\n");
  EXPECT_EQ(hands.status, 137) << hands.err;
  const Ending ending = watch.wait();
  EXPECT_EQ(ending.status, 124) << ending.err;
  EXPECT_EQ(ending.out, "70/100\n") << ending.err;
}

/// Observations of one cgroup are not evidence for the next of that path.
TEST_F(CheckWatch, StartsOverWithANewCgroup) {
  const std::string missing = missing_for_own_mounts();
  if (!missing.empty()) GTEST_SKIP() << missing;
  Subprocess watch = start_without_log();
  EXPECT_TRUE(watch.says("Following"));
  ASSERT_EQ(type("mkdir $demo; echo 25161728 > $demo/$limit; sleep 60 "
                 ">/dev/null 2>&1 & echo $! > $demo/cgroup.procs")
                .status,
            0);
  EXPECT_TRUE(watch.says("✓ process"));
  cgroupfs::Cgroup::open(demo(), version()).kill();
  ASSERT_EQ(type("until rmdir $demo; do sleep 0.01; done 2>/dev/null; "
                 "mkdir $demo")
                .status,
            0);
  EXPECT_TRUE(watch.says("starting over"));
  EXPECT_EQ(watch.wait().out, "10/100\n");
}

/// It need not have been there.
TEST_F(CheckWatch, GradesAKillBeforeItBegan) {
  const Ending hands = type(
      "mkdir $demo; echo 25161728 > $demo/$limit\n"
      "[ ! -e $demo/$swap_limit ] || "
      "case $limit in memory.max) echo 0;; *) echo 25161728;; esac "
      "> $demo/$swap_limit\n"
      // The log may have no room for the kill.
      "[ $(id -u) != 0 ] || chown 65533 $demo\n"
      "sh -c 'echo 0 > $demo/cgroup.procs; exec $hog --quiet --ramp 0 --total "
      "40M'\n");
  EXPECT_EQ(hands.status, 137) << hands.err;
  const Ending ending = start({"--timeout", "8s", "--points"}).wait();
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_EQ(ending.out, "100/100\n");
}

TEST_F(CheckWatch, ShowsTheNextStepAndAFailedLimit) {
  Subprocess watch = start();
  EXPECT_TRUE(watch.says("next: create the cgroup"));
  ASSERT_EQ(type("mkdir $demo").status, 0);
  EXPECT_TRUE(watch.says("next: write 25161728 into"));
  ASSERT_EQ(type("sh -c 'echo 0 > $demo/cgroup.procs; exec $hog --block 24M "
                 "--interval 1h' >/dev/null 2>&1 &")
                .status,
            0);
  EXPECT_TRUE(watch.says("no limit yet"));
  watch.signal(SIGINT);
  EXPECT_FALSE(has(watch.wait().err, " of 24 MiB"));
}

/// On v2, where cglab-box would have no memory controller for its children.
const std::string hand_on =
    "; [ ! -e ${demo%/*}/cgroup.subtree_control ] || "
    "echo +memory > ${demo%/*}/cglab-box/cgroup.subtree_control";

/// What another student does is not this one's.
TEST_F(CheckWatch, DoesNotFollowAnotherUsersCgroup) {
  if (::geteuid() != 0) GTEST_SKIP() << "root, who can give a cgroup away";
  const std::string name = "cglab-twin-" + std::to_string(::getpid());
  ASSERT_EQ(type("mkdir ${demo%/*}/" + name +
                 " ${demo%/*}/cglab-box; chown "
                 "65532 ${demo%/*}/" +
                 name + hand_on)
                .status,
            0);
  Subprocess watch = Subprocess::start(
      cglab_spec({"check", "--watch", "--group", name, "--timeout", "20s"}));
  EXPECT_TRUE(watch.says("next:"));
  ASSERT_EQ(type("mkdir ${demo%/*}/cglab-box/" + name).status, 0);
  EXPECT_TRUE(watch.says("/cglab-box/" + name + ","));
  watch.signal(SIGTERM);
  const Ending ending = watch.wait();
  EXPECT_FALSE(has(ending.err, nest().path() + "/" + name)) << ending.err;
  EXPECT_EQ(type("rmdir ${demo%/*}/cglab-box/" + name + " ${demo%/*}/" + name +
                 " ${demo%/*}/cglab-box")
                .status,
            0);
}

/// Behind sudo(8) root's may be the student's, until there is one that is.
TEST_F(CheckWatch, PrefersTheStudentsOwnCgroup) {
  if (::geteuid() != 0) GTEST_SKIP() << "root, who can give a cgroup away";
  const std::string name = "cglab-twin-" + std::to_string(::getpid());
  ASSERT_EQ(type("mkdir ${demo%/*}/" + name + " ${demo%/*}/cglab-box" + hand_on)
                .status,
            0);
  ProcessSpec spec =
      cglab_spec({"check", "--watch", "--group", name, "--timeout", "20s"});
  spec.environment.push_back({"SUDO_UID", "65533"});
  Subprocess watch = Subprocess::start(spec);
  EXPECT_TRUE(watch.says(nest().path() + "/" + name));
  ASSERT_EQ(type("mkdir ${demo%/*}/cglab-box/" + name +
                 "; chown 65533 ${demo%/*}/cglab-box/" + name)
                .status,
            0);
  EXPECT_TRUE(watch.says("starting over"));
  EXPECT_TRUE(watch.says("/cglab-box/" + name + ","));
  watch.signal(SIGTERM);
  watch.wait();
  EXPECT_EQ(type("rmdir ${demo%/*}/cglab-box/" + name + " ${demo%/*}/" + name +
                 " ${demo%/*}/cglab-box")
                .status,
            0);
}

TEST_F(CheckWatch, EndsByASignalWithWhatIsDone) {
  Subprocess watch = start();
  EXPECT_TRUE(watch.says("Following"));
  ASSERT_EQ(type("mkdir $demo").status, 0);
  EXPECT_TRUE(watch.says("✓ group"));
  watch.signal(SIGINT);
  const Ending ending = watch.wait();
  EXPECT_EQ(ending.status, 130);
  EXPECT_TRUE(has(ending.out, "10 of 100 points"));
}

TEST_F(CheckWatch, EndsAtItsTimeout) {
  const Ending ending = start({"--timeout", "300ms", "--points"}).wait();
  EXPECT_EQ(ending.status, 124);
  EXPECT_EQ(ending.out, "0/100\n");
}

TEST_F(CheckWatch, StartsOverWhenTheCgroupIsRemoved) {
  Subprocess watch = start();
  EXPECT_TRUE(watch.says("Following"));
  ASSERT_EQ(type("mkdir $demo").status, 0);
  EXPECT_TRUE(watch.says("✓ group"));
  ASSERT_EQ(type("rmdir $demo").status, 0);
  EXPECT_TRUE(watch.says("starting over"));
  watch.signal(SIGTERM);
  EXPECT_TRUE(has(watch.wait().out, "0 of 100 points"));
}

}  // namespace
}  // namespace cli_test
