// SPDX-License-Identifier: MIT
#include "tests/truth/situations.h"

#include <algorithm>

namespace truth_test {
namespace {

using cgroupfs::Version;

constexpr Unknown nothing = {};
constexpr Unknown main_only = {.main = true};
constexpr Unknown kills_below = {.inside = true, .owner = true};

const std::vector<Log> plain{Log::readable, Log::unreadable};
/// For stories in which the log alone decides who was killed.
const std::vector<Log> all{Log::readable, Log::unreadable, Log::rate_limited,
                           Log::flooded,  Log::forged,     Log::other_namespace,
                           Log::filtered};
const std::vector<Log> most{Log::readable, Log::unreadable, Log::rate_limited,
                            Log::other_namespace, Log::filtered};

const std::vector<Log> shared{Log::readable, Log::unreadable, Log::rate_limited,
                              Log::filtered};

std::vector<Story> stories() {
  return {
      {"main_killed", "exec $HOG", true, true, "own", all},
      {"main_killed_after_a_child", "(:); exec $HOG", true, true, "own", most,
       main_only, main_only, main_only},
      {"main_killed_with_a_child_that_lives_on", "sleep 1.5 & exec $HOG", true,
       true, "own", plain},
      {"main_killed_with_a_child_killed_by_hand",
       "sleep 100 & kill -9 $!; sleep 0.3 & exec $HOG", true, true, "own",
       plain},
      {"main_killed_before_a_daemon", "(sleep 1.5; exec $HOG) & exec $HOG",
       true, true, "own", plain},
      {"main_killed_after_a_child_was", "$HOG; exec $HOG", true, true, "own",
       most, main_only, main_only, main_only},
      {"main_killed_by_tmpfs",
       "exec dd if=/dev/zero of=$SHM/file bs=1024k count=64", true, true, "own",
       most},
      {"thread_with_a_dead_leader",
       "exec $ACTOR thread",
       true,
       true,
       "own",
       {Log::readable, Log::unreadable, Log::rate_limited,
        Log::other_namespace}},
      // Whether two processes still have one memory at the kill is not known.
      {"vfork_child",
       "exec $ACTOR vfork",
       true,
       true,
       "own",
       shared,
       nothing,
       nothing,
       nothing,
       nothing,
       {},
       false,
       std::nullopt,
       main_only},
      {"clone_with_the_same_memory",
       "exec $ACTOR clone",
       true,
       true,
       "own",
       shared,
       nothing,
       nothing,
       nothing,
       nothing,
       {},
       false,
       std::nullopt,
       main_only},
      {"clone_of_another_name",
       "exec $ACTOR renamed_clone",
       true,
       true,
       "own",
       shared,
       nothing,
       nothing,
       nothing,
       nothing,
       {},
       false,
       std::nullopt,
       main_only},
      {"main_killed_by_the_parents_limit",
       "exec $HOG",
       true,
       true,
       "ancestor",
       most,
       nothing,
       nothing,
       nothing,
       nothing,
       {},
       /*by_parent=*/true},
      {"main_killed_in_a_cgroup_inside",
       "eval \"$MAKE_SUB\"; echo 0 > "
       "$SUB/cgroup.procs; "
       "exec $HOG",
       true,
       true,
       "descendant",
       {Log::readable, Log::unreadable, Log::rate_limited},
       {.main = true, .owner = true},
       main_only,
       nothing,
       {.owner = true}},
      {"child_killed", "$HOG; exit 0", false, true, "own", all},
      {"child_killed_then_exit_137", "$HOG; exit 137", false, true, "own",
       plain},
      {"child_killed_then_main_by_hand", "$HOG; kill -9 $$", false, true, "own",
       all, main_only, main_only},
      {"child_killed_long_before_main_by_hand", "$HOG; sleep 1; kill -9 $$",
       false, true, "own", most},
      {"child_killed_then_sigterm", "$HOG; kill -TERM $$", false, true, "own",
       plain},
      {"child_killed_then_sigterm_handled",
       "trap 'exit 3' TERM; $HOG; kill -TERM $$; exit 4", false, true, "own",
       plain},
      {"child_killed_then_sigsegv", "$HOG; kill -SEGV $$", false, true, "own",
       plain},
      {"child_killed_by_tmpfs_then_main_by_hand",
       "dd if=/dev/zero of=$SHM/file bs=1024k count=64; rm -f $SHM/file; "
       "kill -9 $$",
       false, true, "own", plain, main_only, main_only},
      {"child_killed_by_the_parents_limit",
       "$HOG; exit 0",
       false,
       true,
       "ancestor",
       plain,
       nothing,
       nothing,
       nothing,
       nothing,
       {},
       /*by_parent=*/true},
      {"child_killed_by_the_parents_limit_then_main_by_hand",
       "$HOG; kill -9 $$",
       false,
       true,
       "ancestor",
       most,
       main_only,
       main_only,
       nothing,
       nothing,
       {},
       /*by_parent=*/true},
      {"grandchild_killed_then_main_by_hand",
       "sh -c \"$HOG; exit 0\"; kill -9 $$", false, true, "own", most,
       main_only, main_only},
      {"two_children_killed_then_main_by_hand", "$HOG; $HOG; kill -9 $$", false,
       true, "own", plain, main_only, main_only},
      {"child_of_one_that_ignores_sigchld", "exec $ACTOR orphans", false, true,
       "own", plain, main_only, main_only},
      {"daemon_killed_after_mains_end", "(sleep 0.7; exec $HOG) & exit 0",
       false, true, "own", most},
      {"daemon_killed_after_main_was_by_hand",
       "(sleep 0.7; exec $HOG) & kill -9 $$", false, true, "own", most},
      {"daemon_killed_before_main_was_by_hand",
       "(exec $HOG) & sleep 1; kill -9 $$", false, true, "own", most},
      {"cgroup_inside_that_is_gone",
       "eval \"$MAKE_SUB\"; "
       "sh -c 'echo 0 > $SUB/cgroup.procs; exec $HOG'; "
       "until rmdir $SUB; do sleep 0.1; done; exit 5",
       false,
       true,
       "descendant",
       {Log::readable, Log::unreadable, Log::rate_limited, Log::flooded,
        Log::other_namespace, Log::filtered},
       kills_below,
       nothing,
       nothing,
       kills_below},
      {"cgroup_inside_that_is_gone_then_main_by_hand",
       "eval \"$MAKE_SUB\"; "
       "sh -c 'echo 0 > $SUB/cgroup.procs; exec $HOG'; "
       "until rmdir $SUB; do sleep 0.1; done; kill -9 $$",
       false,
       true,
       "descendant",
       plain,
       {.main = true, .inside = true, .owner = true},
       main_only,
       nothing,
       kills_below},
      {"cgroup_inside_that_stays",
       "eval \"$MAKE_SUB\"; "
       "sh -c 'echo 0 > $SUB/cgroup.procs; exec $HOG'; exit 6",
       false,
       true,
       "descendant",
       plain,
       {.owner = true}},
      {"cgroup_inside_without_a_kill",
       "mkdir $SUB; rmdir $SUB; exit 0",
       false,
       false,
       "",
       plain,
       {.inside = true}},
      {"run_in_a_run",
       "$CGLAB run --limit 8M -- $HOG; exit 0",
       false,
       true,
       "descendant",
       {Log::readable, Log::unreadable},
       kills_below,
       nothing,
       nothing,
       nothing,
       {},
       false,
       Version::v1},
      {"whole_group_killed",
       "(exec $HOG) & sleep 100",
       true,
       true,
       "own",
       {Log::readable, Log::unreadable, Log::rate_limited},
       nothing,
       nothing,
       nothing,
       nothing,
       {"--oom-group"},
       false,
       Version::v2},
      {"group_kill_switched_off_then_main_by_hand",
       "echo 0 > $CGLAB_CGROUP/memory.oom.group; $HOG; kill -9 $$",
       false,
       true,
       "own",
       most,
       main_only,
       main_only,
       nothing,
       nothing,
       {"--oom-group"},
       false,
       Version::v2},
      {"limit_raised_by_the_command",
       "[ ! -e $CGLAB_CGROUP/$MEMSW ] || echo 24M > $CGLAB_CGROUP/$MEMSW; "
       "echo 24M > $CGLAB_CGROUP/$MAX; exec $HOG",
       true, true, "own", plain},
      {"thread_killed_by_hand", "$ACTOR thread_by_hand", false, false, "",
       plain},
      {"renamed_thread_with_a_dead_leader",
       "exec $ACTOR renamed_thread",
       true,
       true,
       "own",
       {Log::readable, Log::unreadable, Log::rate_limited},
       nothing,
       nothing,
       nothing,
       nothing},
      {"child_killed_by_another_cgroups_limit",
       "sh -c \"echo 0 > $OTHER/cgroup.procs; exec $HOG\"; sleep 1; "
       "kill -9 $$",
       false, false, "", plain},
      {"child_killed_in_a_cgroup_that_is_gone_then_main",
       "eval \"$MAKE_SUB\"; "
       "sh -c 'echo 0 > $SUB/cgroup.procs; exec $HOG'; "
       "sleep 1; until rmdir $SUB; do sleep 0.1; done; exec $HOG",
       true,
       true,
       "own",
       plain,
       {.main = true, .owner = true},
       {.main = true, .owner = true}},
      {"child_not_waited_for_then_main_by_hand", "exec $ACTOR unwaited", false,
       true, "own", plain, main_only, main_only},
      {"group_killed_inside_then_main",
       "eval \"$MAKE_SUB\"; echo 1 > $SUB/memory.oom.group; "
       "sh -c 'echo 0 > $SUB/cgroup.procs; exec $HOG'; sleep 1; exec $HOG",
       true,
       true,
       "own",
       plain,
       nothing,
       {.main = true, .owner = true},
       nothing,
       nothing,
       {},
       false,
       Version::v2},
      {"exit_0", "exit 0", false, false, "", all},
      {"exit_137", "exit 137", false, false, "", plain},
      {"sigterm", "kill -TERM $$", false, false, "", plain},
      {"sigterm_handled", "trap 'exit 3' TERM; kill -TERM $$; exit 4", false,
       false, "", plain},
      {"main_killed_by_hand", "kill -9 $$", false, false, "", all},
      {"main_killed_by_hand_after_a_child", "(:); kill -9 $$", false, false, "",
       most},
      {"child_killed_by_hand", "sleep 100 & kill -9 $!; wait; exit 0", false,
       false, "", plain},
      {"limit_reached_without_a_kill",
       "dd if=/dev/zero of=$DISK/file bs=1024k count=40; rm -f $DISK/file; "
       "kill -9 $$",
       false, false, "", plain},
  };
}

}  // namespace

const char* name_of(Log log) {
  switch (log) {
    case Log::readable:
      return "readable";
    case Log::unreadable:
      return "unreadable";
    case Log::rate_limited:
      return "rate_limited";
    case Log::flooded:
      return "flooded";
    case Log::forged:
      return "forged";
    case Log::other_namespace:
      return "other_namespace";
    case Log::filtered:
      return "filtered";
  }
  return "";
}

bool needs_log(const Situation& situation) {
  return situation.log != Log::unreadable && situation.log != Log::flooded &&
         situation.log != Log::rate_limited && situation.story.any_killed;
}

std::vector<Situation> situations() {
  std::vector<Situation> found;
  for (const Story& story : stories()) {
    for (const Log log : story.logs) found.push_back({story, log});
  }
  // The kernel logs the cgroups of ten kills in five seconds: those that need
  // none of that come last, so that they need not wait.
  std::stable_partition(found.begin(), found.end(),
                        [](const Situation& each) { return needs_log(each); });
  return found;
}

std::string name_of(const Situation& situation) {
  return std::string(situation.story.name) + "__" + name_of(situation.log);
}

namespace {

Unknown both(Unknown one, const Unknown& other) {
  one.main = one.main || other.main;
  one.inside = one.inside || other.inside;
  one.owner = one.owner || other.owner;
  return one;
}

/// Because of the state of the log.
Unknown unknown_by_log(const Situation& situation, Version version) {
  const Story& story = situation.story;
  const bool v1 = version == Version::v1;
  switch (situation.log) {
    case Log::unreadable:
      return v1 ? story.without_log_v1 : story.without_log_v2;
    case Log::flooded: {
      Unknown unknown = v1 ? story.without_log_v1 : story.without_log_v2;
      // The one that floods it is a child that no reading may have shown.
      unknown.main = unknown.main || story.any_killed;
      return unknown;
    }
    case Log::other_namespace:
      return story.in_namespace;
    case Log::rate_limited:
      return v1 ? story.rate_limited_v1 : nothing;
    default:
      return nothing;
  }
}

}  // namespace

Unknown unknown_in(const Situation& situation, Version version) {
  return both(unknown_by_log(situation, version), situation.story.always);
}

}  // namespace truth_test
