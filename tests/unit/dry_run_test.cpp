// SPDX-License-Identifier: MIT
// Only the text; other tests run the commands on real kernels.
#include "lab/report/dry_run.h"

#include <gtest/gtest.h>
#include <stdio.h>
#include <sys/wait.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <string_view>

#include "lab/experiments/experiment.h"
#include "lab/place/owner.h"
#include "tests/support/error_text.h"
#include "tests/support/matches.h"
#include "tests/support/temp_folder.h"

namespace lab {
namespace {

using cgroupfs::Version;

ByHand by_hand(Version version, const std::string& experiment = "oom") {
  Parameters asked;
  asked.limit = Bytes{104960000};
  ByHand run;
  run.plan = make_plan(experiment_named(experiment), asked);
  fit(run.plan, {.version = version});
  run.environment.memory_version = version;
  run.placement.version = version;
  run.placement.hierarchy.mount_point =
      version == Version::v1 ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup";
  run.placement.parent = run.placement.hierarchy.mount_point + "/user.slice";
  run.hog = "/usr/bin/malloc_demo";
  run.swap_limited = true;
  return run;
}

/// Exit status of `sh -n` reading `script`: 0 when its syntax is valid.
int syntax_check(const std::string& script) {
  FILE* const shell = ::popen("sh -n 2>/dev/null", "w");
  if (!shell) return -1;
  ::fputs(script.c_str(), shell);
  return WEXITSTATUS(::pclose(shell));
}

/// Whether the lines of `parts` come in this order.
testing::AssertionResult in_order(const std::string& script,
                                  std::initializer_list<std::string> parts) {
  std::size_t place = 0;
  for (const std::string& part : parts) {
    const std::size_t found = script.find("\n" + part + "\n", place);
    if (found == script.npos) {
      return testing::AssertionFailure()
             << "no line '" << part << "' from " << place << " on in\n"
             << script;
    }
    place = found + 1;
  }
  return testing::AssertionSuccess();
}

TEST(DryRun, limits_first_on_v1) {
  const std::string script = dry_run_script(by_hand(Version::v1));
  EXPECT_TRUE(in_order(
      script,
      {"parent=/sys/fs/cgroup/memory/user.slice",
       "group=\"$parent/cglab.oom.byhand\"", "hog=/usr/bin/malloc_demo",
       "mkdir \"$group\"", "echo 104960000 > \"$group/memory.limit_in_bytes\"",
       "cat \"$group/memory.limit_in_bytes\"",
       "echo 104960000 > \"$group/memory.memsw.limit_in_bytes\"",
       "sh -c 'echo 0 > \"$1/cgroup.procs\" && exec \"$2\" --total 205000K "
       "--block 100M --ramp 6s' sh \"$group\" \"$hog\"",
       "echo \"exit status $?\"", "cat \"$group/memory.oom_control\"",
       "cat \"$group/memory.failcnt\"",
       "cat \"$group/memory.max_usage_in_bytes\"", "rmdir \"$group\""}));
  EXPECT_TRUE(has(script, "cgroup v1"));
  for (std::string_view other : {"memory.max\"", "memory.events", "swap.max"}) {
    EXPECT_EQ(script.find(other), script.npos) << other;
  }
}

TEST(DryRun, limits_first_on_v2) {
  const std::string script = dry_run_script(by_hand(Version::v2));
  EXPECT_TRUE(in_order(
      script,
      {"parent=/sys/fs/cgroup/user.slice", "group=\"$parent/cglab.oom.byhand\"",
       "mkdir \"$group\"", "echo 0 > \"$group/memory.swap.max\"",
       "echo 104960000 > \"$group/memory.max\"", "cat \"$group/memory.max\"",
       "cat \"$group/memory.events\"",
       "cat \"$group/memory.peak\" || echo 'not on this kernel: "
       "memory.peak "
       "came in Linux 5.19'",
       "rmdir \"$group\""}));
  for (std::string_view other : {"in_bytes", "oom_control", "failcnt"}) {
    EXPECT_EQ(script.find(other), script.npos) << other;
  }
}

/// Swap is added to the limit of the cgroup itself.
TEST(DryRun, limits_memory_and_swap_with_the_cgroups_own_limit) {
  ByHand run = by_hand(Version::v1);
  Parameters asked;
  asked.limit = Bytes{64 * mebi};
  asked.swap = Limit::of(Bytes{10 * mebi});
  asked.control = true;
  run.plan = make_plan(experiment_named("soft"), asked);
  fit(run.plan, {.control = true, .version = Version::v1});
  run.environment.swap_total = Bytes{gibi};
  const std::string script = dry_run_script(run);
  EXPECT_TRUE(in_order(
      script,
      {"echo 16777216 > \"$group/limited/memory.limit_in_bytes\"",
       "echo 27262976 > \"$group/limited/memory.memsw.limit_in_bytes\""}));
}

/// The hog may run as long as the user has set.
TEST(DryRun, waits_as_long_as_the_ramp_takes) {
  ByHand run = by_hand(Version::v1);
  Parameters asked;
  asked.limit = Bytes{64 * mebi};
  asked.ramp = std::chrono::seconds(10);
  run.plan = make_plan(experiment_named("pause"), asked);
  fit(run.plan, {.version = Version::v1});
  EXPECT_TRUE(has(dry_run_script(run), "[ $n -ge 200 ]"));
}

TEST(DryRun, carries_out_the_courses_order) {
  const std::string script = dry_run_script(by_hand(Version::v1, "course"));
  EXPECT_TRUE(in_order(
      script,
      {"mkdir \"$group\"", "mkdir \"$group/memorydemo\"",
       "mkdir \"$group/outside\"", "hog_pid=$!", "echo >&3",
       "await hog 'waiting at .*(26238976 bytes)' \"$hog_pid\"",
       "echo \"$hog_pid\" > \"$group/memorydemo/cgroup.procs\"",
       "echo \"usage of memorydemo: $(cat "
       "\"$group/memorydemo/memory.usage_in_bytes\")\"",
       "await hog 'waiting at .*(52477952 bytes)' \"$hog_pid\"",
       "echo 104960000 > \"$group/memorydemo/memory.limit_in_bytes\" || kill "
       "\"$hog_pid\"",
       "wait \"$hog_pid\"", "cat \"$group/memorydemo/memory.oom_control\"",
       "find \"$group\" -depth -type d -exec rmdir {} ';'"}));
  EXPECT_TRUE(has(script, "EBUSY"));
  const std::string v2 = dry_run_script(by_hand(Version::v2, "course"));
  EXPECT_TRUE(
      in_order(v2, {"echo +memory > \"$group/cgroup.subtree_control\"",
                    "echo \"usage of memorydemo: $(cat "
                    "\"$group/memorydemo/memory.current\")\"",
                    "echo 104960000 > \"$group/memorydemo/memory.max\" || kill "
                    "\"$hog_pid\""}));
  EXPECT_EQ(v2.find("EBUSY"), v2.npos);
}

TEST(DryRun, counts_swap_as_the_version_does) {
  ByHand v1 = by_hand(Version::v1);
  v1.plan.swap = Limit::of(Bytes{mebi});
  EXPECT_TRUE(has(dry_run_script(v1),
                  "echo 106008576 > \"$group/memory.memsw.limit_in_bytes\""));
  ByHand v2 = by_hand(Version::v2);
  v2.plan.swap = Limit::of(Bytes{mebi});
  EXPECT_TRUE(
      has(dry_run_script(v2), "echo 1048576 > \"$group/memory.swap.max\""));
}

TEST(DryRun, does_not_touch_swap_without_a_limit) {
  for (Version version : {Version::v1, Version::v2}) {
    ByHand no_file = by_hand(version);
    no_file.swap_limited = false;
    EXPECT_EQ(dry_run_script(no_file).find("sw"), std::string::npos);
    ByHand no_limit = by_hand(version);
    no_limit.plan.swap = Limit::max();
    EXPECT_EQ(dry_run_script(no_limit).find("sw"), std::string::npos);
  }
}

TEST(DryRun, names_a_group_that_no_clean_up_removes) {
  EXPECT_TRUE(has(dry_run_script(by_hand(Version::v2)), "/cglab.oom.byhand"));
  EXPECT_EQ(owner_of("cglab.oom.byhand"), std::nullopt);
}

constexpr std::string_view odd_paths[] = {
    "/plain",          "/with space", "/it's",        "/\"quoted\"",
    "/$(touch x)`id`", "/a\nb",       "/back\\slash", "/semi;colon&",
    "/*?[x]~",         "/-dash",      "/\xe4\xb8\xad"};

TEST(DryRun, is_sound_shell_whatever_the_paths) {
  for (Version version : {Version::v1, Version::v2}) {
    for (const char* const experiment : {"oom", "course"}) {
      for (std::string_view path : odd_paths) {
        ByHand run = by_hand(version, experiment);
        run.placement.parent = path;
        run.placement.hierarchy.mount_point = path;
        run.hog = std::string(path) + "/malloc_demo";
        const std::string script = dry_run_script(run);
        EXPECT_EQ(syntax_check(script), 0) << script;
      }
    }
  }
  EXPECT_NE(syntax_check("echo 'open"), 0)
      << "the check does not detect errors";
}

TEST(DryRun, keeps_a_newline_of_a_path_inside_its_comment) {
  ByHand run = by_hand(Version::v2);
  run.placement.hierarchy.mount_point = "/a\ntouch x";
  const std::string script = dry_run_script(run);
  EXPECT_EQ(script.find("\ntouch x"), script.npos) << script;
}

/// The lines of `script` that are not comments.
std::string commands_of(const std::string& script) {
  std::string commands;
  std::istringstream lines(script);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("# ")) commands += line + "\n";
  }
  return commands;
}

/// Bytes above 0x7f: no English comment or command has any.
TEST(DryRun, speaks_both_languages_with_the_same_commands) {
  for (Version version : {Version::v1, Version::v2}) {
    for (const Experiment* const experiment : all_experiments()) {
      if (experiment->only && *experiment->only != version) continue;
      ByHand run = by_hand(version, experiment->name);
      const std::string en = dry_run_script(run);
      run.language = Language::zh;
      const std::string zh = dry_run_script(run);
      EXPECT_TRUE(is_ascii(en)) << en;
      EXPECT_TRUE(is_ascii(commands_of(zh))) << zh;
      std::istringstream lines(zh);
      for (std::string line; std::getline(lines, line);) {
        if (line.starts_with("# ")) {
          EXPECT_FALSE(is_ascii(line)) << line;
        }
      }
      EXPECT_EQ(commands_of(en), commands_of(zh));
      EXPECT_EQ(syntax_check(zh), 0) << zh;
    }
  }
}

}  // namespace
}  // namespace lab
