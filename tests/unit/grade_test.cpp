// SPDX-License-Identifier: MIT
#include "lab/classroom/grade.h"

#include <gtest/gtest.h>

#include "lab/base/visible.h"
#include "lab/classroom/check_report.h"
#include "lab/classroom/hints.h"
#include "lab/report/html/page.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_stream.h"

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

/// With the cgroup and all evidence of a proven kill.
ExerciseEvidence killed(Version version) {
  ExerciseEvidence evidence = nothing(version);
  evidence.directory = evidence.hierarchy.mount_point + "/memorydemo";
  GroupEvidence group;
  group.path = *evidence.directory;
  group.limit = Limit::of(Bytes{104960000});
  group.peak = Bytes{104960000};
  group.oom_kills = 1;
  group.limit_hits = 20;
  group.faults = 26000;
  group.faulted = Bytes{26000UL * 4096};
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

TEST(Grade, is_full_only_for_a_proven_kill) {
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

TEST(Grade, gives_nothing_for_a_kill_at_another_limit) {
  ExerciseEvidence evidence = killed(Version::v2);
  evidence.group->limit_hits = 0;
  evidence.group->peak = Bytes{60 * mebi};
  EXPECT_FALSE(result(evidence, CheckId::oom).passed);
  EXPECT_EQ(hint(evidence, CheckId::oom), "limit-above");
}

/// Newer v1 kernels do not count failures at the limit of memory plus swap.
TEST(Grade, counts_a_peak_at_the_limit_as_a_hit_only_where_none_is_counted) {
  for (const Version version : {Version::v1, Version::v2}) {
    ExerciseEvidence evidence = killed(version);
    evidence.group->limit_hits = 0;
    EXPECT_FALSE(result(evidence, CheckId::oom).passed);
    evidence.group->swap_limit = Limit::of(Bytes{104960000});
    EXPECT_EQ(result(evidence, CheckId::oom).passed, version == Version::v1);
  }
}

/// A limit written after the kill proves nothing.
TEST(Grade, gives_nothing_for_a_kill_below_the_expected_limit) {
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
    evidence.group->peak = evidence.group->faulted = Bytes{200 * mebi};
    EXPECT_EQ(result(evidence, CheckId::oom).passed, version == Version::v2);
    EXPECT_EQ(hint(evidence, CheckId::oom),
              version == Version::v2 ? "" : "begin-again");
    evidence.group->limit_meetings = 35;
    EXPECT_EQ(hint(evidence, CheckId::oom), "begin-again");
  }
}

/// The log has the limit at the time of the kill.
TEST(Grade, prefers_the_limit_of_the_log_to_the_peak) {
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
    for (const std::uint64_t reset : {0 * mebi, 55 * mebi, 100 * mebi}) {
      evidence.group->peak = Bytes{reset};
      EXPECT_TRUE(result(evidence, CheckId::oom).passed);
      EXPECT_TRUE(result(evidence, CheckId::charged).passed);
    }
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

/// One good kill is enough; one of an earlier cgroup does not count.
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

/// The counters of v1 do not show whose limit killed: reading a file also hits
/// the cgroup's own limit.
TEST(Grade, leaves_a_kill_undetermined_where_an_ancestor_was_hit_too) {
  for (const Version version : {Version::v1, Version::v2}) {
    ExerciseEvidence evidence = killed(version);
    evidence.group->ancestors_hit = {{"/sys/fs/cgroup/memory/above", 3}};
    const CheckResult found = result(evidence, CheckId::oom);
    EXPECT_FALSE(found.passed);
    EXPECT_TRUE(has(found.evidence,
                    "undetermined: the limit of /sys/fs/cgroup/memory/above"));
    EXPECT_EQ(hint(evidence, CheckId::oom), "undetermined");
    evidence.group->ancestors_hit.front().hits = std::nullopt;
    EXPECT_EQ(hint(evidence, CheckId::oom), "undetermined");
    evidence.logged.kills.push_back({Victim(), true});
    EXPECT_TRUE(result(evidence, CheckId::oom).passed) << "by the log";
  }
}

TEST(Grade, leaves_a_kill_undetermined_where_page_cache_may_be_the_peak) {
  for (const Version version : {Version::v1, Version::v2}) {
    ExerciseEvidence evidence = killed(version);
    evidence.group->page_cache = Bytes{3 * mebi};
    EXPECT_TRUE(result(evidence, CheckId::oom).passed);
    evidence.group->page_cache = Bytes{60 * mebi};
    EXPECT_FALSE(result(evidence, CheckId::oom).passed);
    EXPECT_EQ(hint(evidence, CheckId::oom), "undetermined");
  }
}

/// A removed file leaves no page cache.
TEST(Grade, leaves_a_kill_undetermined_where_faults_do_not_explain_the_peak) {
  for (const Version version : {Version::v1, Version::v2}) {
    ExerciseEvidence evidence = killed(version);
    evidence.group->faulted = Bytes{90 * mebi};
    EXPECT_TRUE(result(evidence, CheckId::oom).passed);
    for (const auto& few : {std::optional<Bytes>(), {Bytes{2 * mebi}}}) {
      evidence.group->faulted = few;
      EXPECT_FALSE(result(evidence, CheckId::oom).passed);
      EXPECT_EQ(hint(evidence, CheckId::oom), "undetermined");
    }
    EXPECT_TRUE(has(result(evidence, CheckId::oom).evidence, "explain 2 MiB"));
    Victim good;
    good.limit = Bytes{104960000};
    evidence.logged.kills = {{good, true}};
    EXPECT_TRUE(result(evidence, CheckId::oom).passed) << "by the log";
  }
}

/// A rate-limited log names no cgroup: its kills may belong to an earlier
/// cgroup with this path.
TEST(Grade, does_not_count_a_kill_of_an_earlier_cgroup_without_a_name) {
  ExerciseEvidence evidence = killed(Version::v1);
  evidence.group->page_cache = Bytes{60 * mebi};
  Victim good;
  good.limit = Bytes{104960000};
  const KernelName name("/memorydemo", true);
  good.task_memcg = good.oom_memcg = "/memorydemo";
  note_kills({good}, name, evidence.logged);
  EXPECT_TRUE(result(evidence, CheckId::oom).passed);
  note_kills({Victim()}, name, evidence.logged);
  EXPECT_FALSE(result(evidence, CheckId::oom).passed);
  evidence.group->oom_kills = 2;
  EXPECT_TRUE(result(evidence, CheckId::oom).passed);
}

/// The observations of `check --watch` decide where the log does not.
TEST(Grade, uses_the_limit_that_was_seen_at_the_kill) {
  ExerciseEvidence evidence = killed(Version::v1);
  evidence.group->page_cache = Bytes{60 * mebi};
  const Limit asked = Limit::of(Bytes{104960000});
  evidence.seen.kills = {{asked, {}}};
  EXPECT_TRUE(result(evidence, CheckId::oom).passed);
  EXPECT_TRUE(has(result(evidence, CheckId::oom).evidence, "before and after"));
  evidence.seen.kills = {{Limit::of(Bytes{2 * mebi}), {}}};
  EXPECT_EQ(hint(evidence, CheckId::oom), "begin-again");
  evidence.seen.kills = {{std::nullopt, {}}};
  EXPECT_EQ(hint(evidence, CheckId::oom), "undetermined");
  evidence.seen.kills = {{asked, {"/above"}}};
  EXPECT_EQ(hint(evidence, CheckId::oom), "undetermined");
  EXPECT_TRUE(has(result(evidence, CheckId::oom).evidence, "/above"));
  evidence.seen.kills = {{asked, {}, false}};
  EXPECT_EQ(hint(evidence, CheckId::oom), "undetermined") << "a full host";
  evidence.group->page_cache = std::nullopt;
  evidence.seen.kills = {{Limit::of(Bytes{2 * mebi}), {}}};
  EXPECT_FALSE(result(evidence, CheckId::oom).passed);
  evidence.group->oom_kills = 2;
  EXPECT_TRUE(result(evidence, CheckId::oom).passed) << "one was not observed";
}

/// A kill because the host is out of memory hits no limit.
TEST(WasHitBetween, needs_a_counter_that_rose_or_a_peak_that_reached_it) {
  for (const Version version : {Version::v1, Version::v2}) {
    const GroupEvidence now = *killed(version).group;
    GroupEvidence before = now;
    EXPECT_FALSE(was_hit_between(before, now, version));
    before.limit_hits = 19;
    EXPECT_TRUE(was_hit_between(before, now, version));
    before = now;
    GroupEvidence uncounted = now;
    uncounted.swap_limit = now.limit;
    EXPECT_FALSE(was_hit_between(before, uncounted, version));
    before.peak = Bytes{mebi};
    EXPECT_EQ(was_hit_between(before, uncounted, version),
              version == Version::v1);
  }
}

/// oom_kill cannot be reset: a limit written now is too late.
TEST(Grade, says_to_start_over_after_a_kill_at_another_limit) {
  ExerciseEvidence evidence = killed(Version::v1);
  evidence.group->limit = Limit::of(Bytes{2 * mebi});
  EXPECT_EQ(hint(evidence, CheckId::limit), "limit-differs");
  const auto again = [&] {
    return result(evidence, CheckId::limit).hint->commands.front();
  };
  EXPECT_TRUE(has(again(), "echo 104960000 > ")) << "the kill was right";
  evidence.group->peak = Bytes{2 * mebi};
  EXPECT_EQ(hint(evidence, CheckId::limit), "limit-differs");
  EXPECT_EQ(again(), "rmdir " + *evidence.directory);
  evidence.group->limit = Limit::max();
  EXPECT_EQ(hint(evidence, CheckId::limit), "limit-not-set");
  EXPECT_EQ(again(), "rmdir " + *evidence.directory);
}

/// rmdir(2) refuses a cgroup with processes in it.
TEST(Grade, ends_the_processes_of_a_cgroup_that_is_to_be_removed) {
  ExerciseEvidence evidence = killed(Version::v1);
  evidence.group->peak = Bytes{2 * mebi};
  evidence.group->processes = {{7, "malloc", 'S', Bytes{}, false},
                               {8, "bash", 'S', Bytes{}, true}};
  const CheckResult found = result(evidence, CheckId::oom);
  ASSERT_TRUE(found.hint);
  const std::string& path = *evidence.directory;
  EXPECT_EQ(found.hint->commands,
            (std::vector<std::string>{
                "echo 8 > /sys/fs/cgroup/memory/cgroup.procs",
                "kill -9 7; sleep 1", "rmdir " + path, "mkdir " + path,
                "echo 104960000 > " + path + "/memory.limit_in_bytes",
                "malloc_demo & echo $! > " + path + "/cgroup.procs"}));
}

/// v2 accepts no process where the controller is enabled for children.
TEST(Grade, moves_a_shell_to_a_cgroup_that_accepts_it) {
  ExerciseEvidence evidence = killed(Version::v2);
  evidence.group->oom_kills = 0;
  evidence.group->processes = {{8, "bash", 'S', Bytes{}, true}};
  evidence.group->path = "/sys/fs/cgroup/a b/memorydemo";
  const CheckResult found = result(evidence, CheckId::oom);
  ASSERT_TRUE(found.hint);
  EXPECT_EQ(found.hint->id, "own-shell");
  EXPECT_EQ(found.hint->commands,
            (std::vector<std::string>{
                "mkdir -p '/sys/fs/cgroup/a b/cglab.supervisor'",
                "echo 8 > '/sys/fs/cgroup/a b/cglab.supervisor/cgroup.procs'",
                "malloc_demo & echo $! > "
                "'/sys/fs/cgroup/a b/memorydemo/cgroup.procs'"}));
}

TEST(Grade, names_the_process_that_is_to_be_moved) {
  ExerciseEvidence evidence = killed(Version::v1);
  evidence.group->oom_kills = 0;
  evidence.group->peak = Bytes{0};
  evidence.group->faults = 0;
  evidence.program.pid = 4711;
  const CheckResult found = result(evidence, CheckId::process);
  ASSERT_TRUE(found.hint);
  EXPECT_EQ(found.hint->commands.front(),
            "echo 4711 > /sys/fs/cgroup/memory/memorydemo/cgroup.procs");
}

TEST(Grade, explains_the_shell_and_charges_that_stay) {
  ExerciseEvidence evidence = killed(Version::v1);
  evidence.group->oom_kills = 0;
  evidence.group->peak = evidence.group->usage = Bytes{mebi};
  evidence.group->processes = {{7, "malloc", 'S', Bytes{100 * mebi}, false},
                               {8, "bash", 'S', Bytes{5 * mebi}, true}};
  EXPECT_EQ(hint(evidence, CheckId::charged), "charges-stay");
  EXPECT_EQ(hint(evidence, CheckId::oom), "own-shell");
  evidence.group->processes.erase(evidence.group->processes.begin());
  EXPECT_EQ(hint(evidence, CheckId::charged), "own-shell")
      << "the charges of a shell are not the program's";
}

TEST(Grade, recognises_the_echo_bug_only_after_a_write) {
  ExerciseEvidence evidence = killed(Version::v1);
  evidence.group->oom_kills = 0;
  evidence.group->peak = Bytes{0};
  evidence.group->faults = 0;
  EXPECT_EQ(hint(evidence, CheckId::process), "not-moved");
  EXPECT_EQ(hint(evidence, CheckId::oom), "not-moved");
  evidence.seen.procs_written = true;
  EXPECT_EQ(hint(evidence, CheckId::process), "echo-bug");
}

/// An old log entry of the same path is no evidence.
TEST(Grade, does_not_use_the_log_as_a_counter) {
  ExerciseEvidence evidence = nothing(Version::v1);
  evidence.logged.kills.push_back({Victim(), true});
  EXPECT_EQ(grade({}, evidence).earned, 0u);
  EXPECT_EQ(hint(evidence, CheckId::group), "group-gone");
}

/// By name, under any parent: every student has a cgroup memorydemo.
TEST(NoteKills, uses_only_those_of_the_cgroup_itself) {
  const KernelName name("/lab/memorydemo", true);
  Victim victim;
  LoggedKills logged;
  EXPECT_FALSE(note_kills({victim}, name, logged));
  for (const char* other :
       {"/memorydemo", "/x/lab/memorydemo", "/lab", "/lab/memorydemo-2"}) {
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
  victim.task_memcg = "/lab/memorydemo/below";
  EXPECT_TRUE(note_kills({victim}, name, logged));
  EXPECT_TRUE(logged.kills.back().by_own_limit);
  victim.oom_memcg = victim.task_memcg;
  EXPECT_TRUE(note_kills({victim}, name, logged));
  EXPECT_FALSE(logged.kills.back().by_own_limit);
}

/// The counter of a descendant does not show whose limit it was.
TEST(Grade, needs_the_log_for_a_kill_in_a_descendant) {
  for (const Version version : {Version::v1, Version::v2}) {
    ExerciseEvidence evidence = killed(version);
    evidence.group->oom_kills = 0;
    evidence.group->kills_below = 1;
    EXPECT_EQ(hint(evidence, CheckId::oom), "undetermined");
    Victim good;
    good.limit = Bytes{104960000};
    evidence.logged.kills = {{good, false}};
    EXPECT_EQ(hint(evidence, CheckId::oom), "limit-above");
    evidence.logged.kills = {{good, true}};
    EXPECT_TRUE(result(evidence, CheckId::oom).passed);
  }
}

TEST(Grade, recognises_a_misplaced_directory) {
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
                "malloc_demo & echo $! > "
                "/sys/fs/cgroup/memorydemo/cgroup.procs"}));
}

TEST(Grade, recognises_a_cgroup_called_memory) {
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

TEST(Grade, recognises_a_throttled_process) {
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

/// A process can choose any name.
TEST(GradeForms, show_names_from_outside_in_one_line) {
  ExerciseEvidence evidence = killed(Version::v1);
  evidence.group->oom_kills = 0;
  evidence.group->peak = evidence.group->usage = Bytes{mebi};
  evidence.group->processes = {
      {7, "a\033[2J\n]]>\xff#", 'S', Bytes{100 * mebi}, false}};
  const Grade graded = grade({}, evidence);
  const test_support::TempStream stream;
  for (const std::string& text :
       {render_text(check_document(graded),
                    Terminal(stream.get(), ColorChoice::never)),
        render_markdown(check_document(graded)),
        document_page(check_document(graded), Language::en), check_json(graded),
        check_tap(graded), check_junit(graded),
        check_autolab(graded, "a\033\n\xff")}) {
    EXPECT_EQ(visible(text), text);
  }
  EXPECT_TRUE(has(check_junit(graded), "a\\x1b[2J\\x0a]]&gt;\\xff#"));
  EXPECT_TRUE(has(check_json(graded), "a\\\\x1b[2J\\\\x0a]]>\\\\xff#"));
}

/// With a wrong limit, and a process that was moved in late: its name is its
/// own choice.
Grade grade_of_script(Language language) {
  ExerciseEvidence evidence = killed(Version::v2);
  evidence.group->limit = Limit::of(Bytes{200 * mebi});
  evidence.group->oom_kills = 0;
  evidence.group->peak = evidence.group->usage = Bytes{mebi};
  evidence.group->faulted = Bytes{};
  evidence.group->processes = {{7, "<script>x", 'S', Bytes{100 * mebi}, false}};
  GradingPlan plan;
  plan.language = language;
  return grade(plan, evidence);
}

TEST(GradeForms, are_markdown_in_both_languages) {
  const std::string en =
      render_markdown(check_document(grade_of_script(Language::en)));
  for (const char* const part :
       {"# memorydemo, limit 104960000 bytes (cgroup v2)\n", "- ✓ `group` ",
        " 10/10\n", "- ✗ `charged` ", " 0/20\n", "  - hint charges-stay: ",
        "\n    ```sh\n    ", "  - more: `cglab explain charge`\n",
        "\\<script>x", "\n**✗ 30 of 100 points**\n"}) {
    EXPECT_TRUE(has(en, part)) << part << " in\n" << en;
  }
  const std::string zh =
      render_markdown(check_document(grade_of_script(Language::zh)));
  for (const char* const part :
       {"# memorydemo，上限 104960000 字节", "内存 cgroup 已建好",
        "  - 提示 charges-stay: ", "  - 详见：`cglab explain charge`\n",
        "\n    ```sh\n    ", "\\<script>x", "**✗ 得分：30 / 100**"}) {
    EXPECT_TRUE(has(zh, part)) << part << " in\n" << zh;
  }
}

TEST(GradeForms, are_pages_in_both_languages) {
  const std::string en = document_page(
      check_document(grade_of_script(Language::en)), Language::en);
  for (const char* const part :
       {"<h1>memorydemo, limit 104960000 bytes (cgroup v2)</h1>",
        "<li class=\"good\">", "<code>group</code> ",
        " 10/10<div class=\"detail\">", " 0/20<",
        "<li class=\"advice\">hint charges-stay: ", "<pre><code>",
        "more: <code>cglab explain charge</code>", "&lt;script&gt;x",
        "30 of 100 points</p>"}) {
    EXPECT_TRUE(has(en, part)) << part << " in\n" << en;
  }
  EXPECT_FALSE(has(en, "<script>x"));
  const std::string zh = document_page(
      check_document(grade_of_script(Language::zh)), Language::zh);
  for (const char* const part :
       {"lang=\"zh-CN\"", "<h1>memorydemo，上限 104960000 字节",
        "<li class=\"advice\">提示 charges-stay: ", "<pre><code>",
        "详见：<code>cglab explain charge</code>", "&lt;script&gt;x",
        "得分：30 / 100</p>"}) {
    EXPECT_TRUE(has(zh, part)) << part << " in\n" << zh;
  }
}

TEST(GradeForms, print_the_same_hint_and_commands_once) {
  ExerciseEvidence evidence = killed(Version::v2);
  GroupEvidence& group = *evidence.group;
  group.oom_kills = group.limit_hits = group.faults = 0;
  group.peak = group.faulted = Bytes{};
  const std::string text = render_markdown(check_document(grade({}, evidence)));
  const std::size_t first = text.find("hint not-moved: ");
  ASSERT_NE(first, text.npos) << text;
  EXPECT_EQ(text.find("hint not-moved: ", first + 1), text.npos) << text;
  EXPECT_TRUE(has(text, "  - see hint not-moved above\n")) << text;
}

TEST(GradeForms, escape_what_would_break_them) {
  ExerciseEvidence evidence = nothing(Version::v1);
  GradingPlan plan;
  plan.assignment.group = "a<b>&\"c\"#\n";
  const Grade graded = grade(plan, evidence);
  EXPECT_TRUE(has(check_junit(graded), "a&lt;b&gt;&amp;&quot;c&quot;#\\x0a"));
  EXPECT_EQ(check_tap_skipped("no # memory\nhere"),
            "TAP version 13\n1..0 # SKIP no \\# memory here\n");
}

}  // namespace
}  // namespace lab
