// SPDX-License-Identifier: MIT
#include "lab/classroom/grade.h"

#include <gtest/gtest.h>

#include "lab/classroom/check_report.h"
#include "tests/support/error_text.h"

namespace lab {
namespace {

using cgroupfs::Version;

ExerciseEvidence nothing(Version version) {
  ExerciseEvidence evidence;
  evidence.hierarchy.version = version;
  evidence.hierarchy.mount_point =
      version == Version::v1 ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup";
  evidence.parent = evidence.hierarchy.mount_point;
  return evidence;
}

/// With the cgroup and all that a proven kill leaves.
ExerciseEvidence killed(Version version) {
  ExerciseEvidence evidence = nothing(version);
  evidence.directory = evidence.hierarchy.mount_point + "/memorydemo";
  GroupEvidence group;
  group.path = *evidence.directory;
  group.limit = Limit::of(Bytes{104960000});
  group.peak = Bytes{104960000};
  group.oom_kills = 1;
  group.limit_hits = 20;
  group.faults = 500;
  evidence.group = group;
  return evidence;
}

CheckResult result(const ExerciseEvidence& evidence, CheckId id,
                   const GradingPlan& plan = {}) {
  for (const CheckResult& each : grade(plan, evidence).results) {
    if (each.check->id == id) return each;
  }
  ADD_FAILURE() << "no such check";
  return {};
}

std::string hint(const ExerciseEvidence& evidence, CheckId id) {
  const CheckResult found = result(evidence, id);
  return found.hint ? found.hint->id : "";
}

TEST(Grade, is_full_for_a_proven_kill_alone) {
  for (const Version version : {Version::v1, Version::v2}) {
    EXPECT_TRUE(grade({}, killed(version)).is_full());
    EXPECT_EQ(grade({}, killed(version)).earned, 100u);
    EXPECT_EQ(grade({}, nothing(version)).earned, 0u);
  }
}

TEST(Grade, gives_nothing_for_a_kill_without_its_counter) {
  ExerciseEvidence evidence = killed(Version::v2);
  evidence.group->oom_kills = 0;
  EXPECT_FALSE(result(evidence, CheckId::oom).passed);
  EXPECT_EQ(hint(evidence, CheckId::oom), "killed-by-hand");
  evidence.group->oom_kills = std::nullopt;
  EXPECT_FALSE(result(evidence, CheckId::oom).passed);
}

TEST(Grade, gives_nothing_for_a_kill_by_another_limit) {
  ExerciseEvidence evidence = killed(Version::v2);
  evidence.group->limit_hits = 0;
  evidence.group->peak = Bytes{60 * mebi};
  EXPECT_FALSE(result(evidence, CheckId::oom).passed);
  EXPECT_EQ(hint(evidence, CheckId::oom), "limit-above");
}

/// Newer v1 kernels do not count failures at the limit of memory plus swap.
TEST(Grade, takes_a_peak_at_the_limit_for_a_hit_only_where_none_is_counted) {
  for (const Version version : {Version::v1, Version::v2}) {
    ExerciseEvidence evidence = killed(version);
    evidence.group->limit_hits = 0;
    EXPECT_FALSE(result(evidence, CheckId::oom).passed);
    evidence.group->swap_limit = Limit::of(Bytes{104960000});
    EXPECT_EQ(result(evidence, CheckId::oom).passed, version == Version::v1);
  }
}

/// A limit that is written after the kill proves nothing.
TEST(Grade, gives_nothing_for_a_kill_below_the_limit_that_is_asked_for) {
  for (const Version version : {Version::v1, Version::v2}) {
    ExerciseEvidence evidence = killed(version);
    evidence.group->peak = Bytes{104960000 - 4096};
    EXPECT_TRUE(result(evidence, CheckId::oom).passed);
    evidence.group->peak = Bytes{104960000 - 2 * 4096};
    EXPECT_FALSE(result(evidence, CheckId::oom).passed);
    EXPECT_EQ(hint(evidence, CheckId::oom), "begin-again");
    EXPECT_EQ(result(evidence, CheckId::oom).hint->commands.front(),
              "rmdir " + *evidence.directory);
  }
}

/// v2 kills when the limit is set below the usage; v1 refuses such a limit.
TEST(Grade, gives_nothing_for_a_limit_that_was_lowered_after_the_kill) {
  for (const Version version : {Version::v1, Version::v2}) {
    ExerciseEvidence evidence = killed(version);
    evidence.group->peak = Bytes{200 * mebi};
    EXPECT_EQ(result(evidence, CheckId::oom).passed, version == Version::v2);
    EXPECT_EQ(hint(evidence, CheckId::oom),
              version == Version::v2 ? "" : "begin-again");
    evidence.group->limit_meetings = 35;
    EXPECT_EQ(hint(evidence, CheckId::oom), "begin-again");
  }
}

/// The log has the limit at the time of the kill.
TEST(Grade, wants_the_limit_of_the_log_besides_the_peak) {
  for (const Version version : {Version::v1, Version::v2}) {
    ExerciseEvidence evidence = killed(version);
    evidence.group->peak = std::nullopt;
    EXPECT_EQ(hint(evidence, CheckId::oom), "no-peak");
    evidence.logged.kills.push_back({Victim(), true});
    EXPECT_EQ(hint(evidence, CheckId::oom), "no-peak");
    std::optional<Bytes>& limit = evidence.logged.kills.back().victim.limit;
    limit = Bytes{104960000};
    EXPECT_TRUE(result(evidence, CheckId::oom).passed);
    EXPECT_TRUE(result(evidence, CheckId::charged).passed);
    for (const std::uint64_t other : {2 * mebi, 200 * mebi}) {
      evidence.group->peak = Bytes{104960000};
      limit = Bytes{other};
      EXPECT_FALSE(result(evidence, CheckId::oom).passed);
      EXPECT_EQ(hint(evidence, CheckId::oom), "begin-again");
    }
    limit = Bytes{104960000};
    EXPECT_TRUE(result(evidence, CheckId::oom).passed);
    evidence.group->peak = Bytes{55 * mebi};
    EXPECT_EQ(hint(evidence, CheckId::oom), "begin-again");
  }
}

TEST(Grade, gives_nothing_where_the_log_names_another_limit_or_none) {
  ExerciseEvidence evidence = killed(Version::v1);
  evidence.logged.kills.push_back({Victim(), false});
  EXPECT_FALSE(result(evidence, CheckId::oom).passed);
  EXPECT_EQ(hint(evidence, CheckId::oom), "limit-above");
  evidence.logged.kills.back().by_own_limit = true;
  EXPECT_TRUE(result(evidence, CheckId::oom).passed);
  evidence.logged.kills.clear();
  EXPECT_TRUE(result(evidence, CheckId::oom).passed);
  evidence.logged.complete = true;
  EXPECT_FALSE(result(evidence, CheckId::oom).passed);
  EXPECT_EQ(hint(evidence, CheckId::oom), "not-logged");
}

/// One good kill is enough, and one of an earlier cgroup is none.
TEST(Grade, looks_for_a_kill_at_the_limit_among_those_of_this_cgroup) {
  ExerciseEvidence evidence = killed(Version::v2);
  Victim good;
  good.limit = Bytes{104960000};
  Victim other;
  other.limit = Bytes{30 * mebi};
  evidence.logged.kills = {{good, true}, {other, true}};
  EXPECT_FALSE(result(evidence, CheckId::oom).passed);
  evidence.group->oom_kills = 2;
  EXPECT_TRUE(result(evidence, CheckId::oom).passed);
}

TEST(Grade, knows_the_echo_bug_only_where_something_was_written) {
  ExerciseEvidence evidence = killed(Version::v1);
  evidence.group->oom_kills = 0;
  evidence.group->peak = Bytes{0};
  evidence.group->faults = 0;
  EXPECT_EQ(hint(evidence, CheckId::process), "no-process");
  EXPECT_EQ(hint(evidence, CheckId::oom), "no-process");
  evidence.procs_written = true;
  EXPECT_EQ(hint(evidence, CheckId::process), "echo-bug");
}

/// An old log entry of the same path is no evidence.
TEST(Grade, takes_no_log_for_a_counter) {
  ExerciseEvidence evidence = nothing(Version::v1);
  evidence.logged.kills.push_back({Victim(), true});
  EXPECT_EQ(grade({}, evidence).earned, 0u);
  EXPECT_EQ(hint(evidence, CheckId::group), "group-gone");
}

/// By name, from any place: memorydemo is in every student's cgroup.
TEST(NoteKills, takes_those_of_the_very_cgroup) {
  const KernelName name("/lab/memorydemo", true);
  Victim victim;
  LoggedKills logged;
  EXPECT_FALSE(note_kills({victim}, name, logged));
  for (const char* other :
       {"/memorydemo", "/x/lab/memorydemo", "/lab", "/lab/memorydemo/below"}) {
    victim.task_memcg = other;
    EXPECT_FALSE(note_kills({victim}, name, logged)) << other;
  }
  EXPECT_TRUE(logged.kills.empty());
  victim.task_memcg = "/lab/memorydemo";
  victim.oom_memcg = "/lab";
  EXPECT_TRUE(note_kills({victim}, name, logged));
  EXPECT_FALSE(logged.kills.back().by_own_limit);
  victim.oom_memcg = "/lab/memorydemo";
  EXPECT_TRUE(note_kills({victim}, name, logged));
  EXPECT_TRUE(logged.kills.back().by_own_limit);
}

TEST(Grade, knows_where_a_directory_went_wrong) {
  ExerciseEvidence evidence = nothing(Version::v1);
  evidence.misplaced = {Misplaced::Where::other_hierarchy,
                        "/sys/fs/cgroup/cpu/memorydemo"};
  EXPECT_EQ(hint(evidence, CheckId::group), "other-hierarchy");
  evidence.misplaced->where = Misplaced::Where::plain_directory;
  EXPECT_EQ(hint(evidence, CheckId::group), "plain-directory");
  EXPECT_EQ(hint(nothing(Version::v1), CheckId::group), "not-made");
}

TEST(Grade, translates_the_recipe_of_v1_for_a_host_of_v2) {
  const CheckResult missing = result(nothing(Version::v2), CheckId::group);
  ASSERT_TRUE(missing.hint);
  EXPECT_EQ(missing.hint->id, "v1-path-on-v2");
  EXPECT_EQ(missing.hint->commands,
            (std::vector<std::string>{
                "mkdir /sys/fs/cgroup/memorydemo",
                "echo 104960000 > /sys/fs/cgroup/memorydemo/memory.max",
                "echo $pid > /sys/fs/cgroup/memorydemo/cgroup.procs"}));
}

TEST(Grade, knows_a_cgroup_called_memory) {
  ExerciseEvidence evidence = nothing(Version::v2);
  evidence.directory = "/sys/fs/cgroup/memory/memorydemo";
  evidence.not_delegating = {"/sys/fs/cgroup/memory"};
  const CheckResult found = result(evidence, CheckId::group);
  ASSERT_TRUE(found.hint);
  EXPECT_EQ(found.hint->id, "v1-path-on-v2");
  EXPECT_EQ(found.hint->commands.front(),
            "rmdir /sys/fs/cgroup/memory/memorydemo /sys/fs/cgroup/memory");
}

TEST(Grade, sends_to_the_exercise_where_no_place_is_ready) {
  ExerciseEvidence evidence = nothing(Version::v2);
  evidence.parent = std::nullopt;
  const CheckResult found = result(evidence, CheckId::group);
  ASSERT_TRUE(found.hint);
  EXPECT_EQ(found.hint->commands, std::vector<std::string>{"cglab exercise"});
}

TEST(Grade, knows_a_throttled_process) {
  ExerciseEvidence evidence = killed(Version::v2);
  evidence.group->oom_kills = 0;
  evidence.group->limit_hits = 0;
  evidence.group->peak = Bytes{60 * mebi};
  evidence.group->soft_limit = Limit::of(Bytes{60 * mebi});
  evidence.group->processes = {{7, "malloc", 'D', Bytes{60 * mebi}, false}};
  EXPECT_EQ(hint(evidence, CheckId::oom), "throttled");
}

TEST(Grade, says_each_hint_in_both_languages) {
  GradingPlan plan;
  plan.language = Language::zh;
  ExerciseEvidence evidence = killed(Version::v1);
  evidence.group->oom_kills = 0;
  const CheckResult found = result(evidence, CheckId::oom, plan);
  ASSERT_TRUE(found.hint);
  EXPECT_TRUE(has(found.hint->text, "不是 OOM killer 杀的"));
}

TEST(GradeForms, escape_what_would_break_them) {
  ExerciseEvidence evidence = nothing(Version::v1);
  GradingPlan plan;
  plan.assignment.group = "a<b>&\"c\"#\n";
  const Grade graded = grade(plan, evidence);
  EXPECT_TRUE(has(check_junit(graded), "a&lt;b&gt;&amp;&quot;c&quot;#?"));
  EXPECT_EQ(check_tap_skipped("no # memory\nhere"),
            "TAP version 13\n1..0 # SKIP no \\# memory here\n");
}

}  // namespace
}  // namespace lab
