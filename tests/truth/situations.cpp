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
/// For stories in which only the log shows who was killed.
const std::vector<Log> all{Log::readable, Log::unreadable, Log::rate_limited,
                           Log::flooded,  Log::forged,     Log::other_namespace,
                           Log::filtered};
const std::vector<Log> most{Log::readable, Log::unreadable, Log::rate_limited,
                            Log::other_namespace, Log::filtered};

const std::vector<Log> shared{Log::readable, Log::unreadable, Log::rate_limited,
                              Log::filtered};

std::vector<Story> stories() {
  return {
      {.name = "main_killed",
       .script = "exec $HOG",
       .main_killed = true,
       .any_killed = true,
       .owner = "own",
       .logs = all},
      {.name = "main_killed_after_a_child",
       .script = "(:); exec $HOG",
       .main_killed = true,
       .any_killed = true,
       .owner = "own",
       .logs = most,
       .without_log_v1 = main_only,
       .without_log_v2 = main_only,
       .in_namespace = main_only},
      {.name = "main_killed_with_a_child_that_lives_on",
       .script = "sleep 1.5 & exec $HOG",
       .main_killed = true,
       .any_killed = true,
       .owner = "own",
       .logs = plain},
      {.name = "main_killed_with_a_child_killed_by_hand",
       .script = "sleep 100 & kill -9 $!; exec $ACTOR hog",
       .main_killed = true,
       .any_killed = true,
       .owner = "own",
       .logs = plain},
      {.name = "main_killed_before_a_daemon",
       .script = "(sleep 1.5; exec $HOG) & exec $HOG",
       .main_killed = true,
       .any_killed = true,
       .owner = "own",
       .logs = plain},
      {.name = "main_killed_after_a_child_was",
       .script = "$HOG; exec $HOG",
       .main_killed = true,
       .any_killed = true,
       .owner = "own",
       .logs = most,
       .without_log_v1 = main_only,
       .without_log_v2 = main_only,
       .in_namespace = main_only},
      {.name = "main_killed_by_tmpfs",
       .script = "exec dd if=/dev/zero of=$SHM/file bs=1024k count=64",
       .main_killed = true,
       .any_killed = true,
       .owner = "own",
       .logs = most,
       .finds = {"shared_memory_left"}},
      {.name = "thread_with_a_dead_leader",
       .script = "exec $ACTOR thread",
       .main_killed = true,
       .any_killed = true,
       .owner = "own",
       .logs = {Log::readable, Log::unreadable, Log::rate_limited,
                Log::other_namespace}},
      // Whether two processes still share their memory at the kill is unknown.
      {.name = "vfork_child",
       .script = "exec $ACTOR vfork",
       .main_killed = true,
       .any_killed = true,
       .owner = "own",
       .logs = shared,
       .always = main_only},
      {.name = "clone_with_the_same_memory",
       .script = "exec $ACTOR clone",
       .main_killed = true,
       .any_killed = true,
       .owner = "own",
       .logs = shared,
       .always = main_only},
      {.name = "clone_of_another_name",
       .script = "exec $ACTOR renamed_clone",
       .main_killed = true,
       .any_killed = true,
       .owner = "own",
       .logs = shared,
       .always = main_only},
      {.name = "main_killed_by_the_parents_limit",
       .script = "exec $HOG",
       .main_killed = true,
       .any_killed = true,
       .owner = "ancestor",
       .logs = most,
       .by_parent = true},
      {.name = "main_killed_in_a_cgroup_inside",
       .script = "eval \"$MAKE_SUB\"; echo 0 > "
                 "$SUB/cgroup.procs; "
                 "exec $HOG",
       .main_killed = true,
       .any_killed = true,
       .owner = "descendant",
       .logs = {Log::readable, Log::unreadable, Log::rate_limited},
       .without_log_v1 = {.main = true, .owner = true},
       .without_log_v2 = main_only,
       .rate_limited_v1 = {.owner = true}},
      {.name = "child_killed",
       .script = "$HOG; exit 0",
       .any_killed = true,
       .owner = "own",
       .logs = all},
      {.name = "child_killed_then_exit_137",
       .script = "$HOG; exit 137",
       .any_killed = true,
       .owner = "own",
       .logs = plain},
      {.name = "child_killed_then_main_by_hand",
       .script = "$HOG; kill -9 $$",
       .any_killed = true,
       .owner = "own",
       .logs = all,
       .without_log_v1 = main_only,
       .without_log_v2 = main_only},
      {.name = "child_killed_long_before_main_by_hand",
       .script = "$HOG; sleep 1; kill -9 $$",
       .any_killed = true,
       .owner = "own",
       .logs = most},
      {.name = "child_killed_then_sigterm",
       .script = "$HOG; kill -TERM $$",
       .any_killed = true,
       .owner = "own",
       .logs = plain},
      {.name = "child_killed_then_sigterm_handled",
       .script = "trap 'exit 3' TERM; $HOG; kill -TERM $$; exit 4",
       .any_killed = true,
       .owner = "own",
       .logs = plain},
      {.name = "child_killed_then_sigsegv",
       .script = "$HOG; kill -SEGV $$",
       .any_killed = true,
       .owner = "own",
       .logs = plain},
      {.name = "child_killed_by_tmpfs_then_main_by_hand",
       .script =
           "dd if=/dev/zero of=$SHM/file bs=1024k count=64; rm -f $SHM/file; "
           "kill -9 $$",
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .without_log_v1 = main_only,
       .without_log_v2 = main_only},
      {.name = "child_killed_by_the_parents_limit",
       .script = "$HOG; exit 0",
       .any_killed = true,
       .owner = "ancestor",
       .logs = plain,
       .by_parent = true},
      {.name = "child_killed_by_the_parents_limit_then_main_by_hand",
       .script = "$HOG; kill -9 $$",
       .any_killed = true,
       .owner = "ancestor",
       .logs = most,
       .without_log_v1 = main_only,
       .without_log_v2 = main_only,
       .by_parent = true},
      {.name = "grandchild_killed_then_main_by_hand",
       .script = "sh -c \"$HOG; exit 0\"; kill -9 $$",
       .any_killed = true,
       .owner = "own",
       .logs = most,
       .without_log_v1 = main_only,
       .without_log_v2 = main_only},
      {.name = "two_children_killed_then_main_by_hand",
       .script = "$HOG; $HOG; kill -9 $$",
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .without_log_v1 = main_only,
       .without_log_v2 = main_only},
      {.name = "child_of_one_that_ignores_sigchld",
       .script = "exec $ACTOR orphans",
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .without_log_v1 = main_only,
       .without_log_v2 = main_only},
      {.name = "daemon_killed_after_mains_end",
       .script = "(sleep 0.7; exec $HOG) & exit 0",
       .any_killed = true,
       .owner = "own",
       .logs = most},
      {.name = "daemon_killed_after_main_was_by_hand",
       .script = "(sleep 0.7; exec $HOG) & kill -9 $$",
       .any_killed = true,
       .owner = "own",
       .logs = most},
      {.name = "daemon_killed_before_main_was_by_hand",
       .script = "(exec $HOG) & sleep 1; kill -9 $$",
       .any_killed = true,
       .owner = "own",
       .logs = most},
      {.name = "cgroup_inside_that_is_gone",
       .script = "eval \"$MAKE_SUB\"; "
                 "sh -c 'echo 0 > $SUB/cgroup.procs; exec $HOG'; "
                 "until rmdir $SUB; do sleep 0.1; done; exit 5",
       .any_killed = true,
       .owner = "descendant",
       .logs = {Log::readable, Log::unreadable, Log::rate_limited, Log::flooded,
                Log::other_namespace, Log::filtered},
       .without_log_v1 = kills_below,
       .rate_limited_v1 = kills_below},
      {.name = "cgroup_inside_that_is_gone_then_main_by_hand",
       .script = "eval \"$MAKE_SUB\"; "
                 "sh -c 'echo 0 > $SUB/cgroup.procs; exec $HOG'; "
                 "until rmdir $SUB; do sleep 0.1; done; kill -9 $$",
       .any_killed = true,
       .owner = "descendant",
       .logs = plain,
       .without_log_v1 = {.main = true, .inside = true, .owner = true},
       .without_log_v2 = main_only,
       .rate_limited_v1 = kills_below},
      {.name = "cgroup_inside_that_stays",
       .script = "eval \"$MAKE_SUB\"; "
                 "sh -c 'echo 0 > $SUB/cgroup.procs; exec $HOG'; exit 6",
       .any_killed = true,
       .owner = "descendant",
       .logs = plain,
       .without_log_v1 = {.owner = true}},
      {.name = "cgroup_inside_without_a_kill",
       .script = "mkdir $SUB; rmdir $SUB; exit 0",
       .logs = plain,
       .without_log_v1 = {.inside = true}},
      {.name = "run_in_a_run",
       .script = "$CGLAB run --limit 8M -- $HOG; exit 0",
       .any_killed = true,
       .owner = "descendant",
       .logs = {Log::readable, Log::unreadable},
       .without_log_v1 = kills_below,
       .only = Version::v1},
      {.name = "whole_group_killed",
       .script = "(exec $HOG) & sleep 100",
       .main_killed = true,
       .any_killed = true,
       .owner = "own",
       .logs = {Log::readable, Log::unreadable, Log::rate_limited},
       .options = {"--oom-group"},
       .only = Version::v2},
      {.name = "group_kill_switched_off_then_main_by_hand",
       .script = "echo 0 > $CGLAB_CGROUP/memory.oom.group; $HOG; kill -9 $$",
       .any_killed = true,
       .owner = "own",
       .logs = most,
       .without_log_v1 = main_only,
       .without_log_v2 = main_only,
       .options = {"--oom-group"},
       .only = Version::v2,
       .finds = {"limit_rewritten"}},
      {.name = "limit_raised_by_the_command",
       .script =
           "[ ! -e $CGLAB_CGROUP/$MEMSW ] || echo 24M > $CGLAB_CGROUP/$MEMSW; "
           "echo 24M > $CGLAB_CGROUP/$MAX; exec $HOG",
       .main_killed = true,
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .finds = {"limit_rewritten"}},
      {.name = "thread_killed_by_hand",
       .script = "$ACTOR thread_by_hand",
       .logs = plain},
      {.name = "renamed_thread_with_a_dead_leader",
       .script = "exec $ACTOR renamed_thread",
       .main_killed = true,
       .any_killed = true,
       .owner = "own",
       .logs = {Log::readable, Log::unreadable, Log::rate_limited}},
      {.name = "child_killed_by_another_cgroups_limit",
       .script = "sh -c \"echo 0 > $OTHER/cgroup.procs; exec $HOG\"; sleep 1; "
                 "kill -9 $$",
       .logs = plain,
       .may_find = {"process_left"}},
      {.name = "child_killed_in_a_cgroup_that_is_gone_then_main",
       .script = "eval \"$MAKE_SUB\"; "
                 "sh -c 'echo 0 > $SUB/cgroup.procs; exec $HOG'; "
                 "sleep 1; until rmdir $SUB; do sleep 0.1; done; exec $HOG",
       .main_killed = true,
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .without_log_v1 = {.main = true, .owner = true},
       .without_log_v2 = {.main = true, .owner = true}},
      {.name = "child_not_waited_for_then_main_by_hand",
       .script = "exec $ACTOR unwaited",
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .without_log_v1 = main_only,
       .without_log_v2 = main_only},
      {.name = "group_killed_inside_then_main",
       .script =
           "eval \"$MAKE_SUB\"; echo 1 > $SUB/memory.oom.group; "
           "sh -c 'echo 0 > $SUB/cgroup.procs; exec $HOG'; sleep 1; exec $HOG",
       .main_killed = true,
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .without_log_v2 = {.main = true, .owner = true},
       .only = Version::v2},
      {.name = "exit_0", .script = "exit 0", .logs = all},
      {.name = "exit_137", .script = "exit 137", .logs = plain},
      {.name = "sigterm", .script = "kill -TERM $$", .logs = plain},
      {.name = "sigterm_handled",
       .script = "trap 'exit 3' TERM; kill -TERM $$; exit 4",
       .logs = plain},
      {.name = "main_killed_by_hand", .script = "kill -9 $$", .logs = all},
      {.name = "main_killed_by_hand_after_a_child",
       .script = "(:); kill -9 $$",
       .logs = most},
      {.name = "child_killed_by_hand",
       .script = "sleep 100 & kill -9 $!; wait; exit 0",
       .logs = plain},
      {.name = "limit_reached_without_a_kill",
       .script =
           "dd if=/dev/zero of=$DISK/file bs=1024k count=40; rm -f $DISK/file; "
           "kill -9 $$",
       .logs = plain,
       .finds = {"limit_hit"}},
  };
}

/// Events before the end, whatever the end was.
std::vector<Story> stories_of_ends() {
  return {
      {.name = "child_killed_then_deadline",
       .script = "$HOG & wait; exec sleep 100",
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .options = {"--timeout", "1s"},
       .status = "deadline",
       .exit_status = 124},
      {.name = "child_killed_then_deadline_of_a_straggler",
       .script = "$HOG; sleep 100 & exit 3",
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .options = {"--timeout", "1s"},
       .status = "deadline",
       .exit_status = 124},
      {.name = "child_killed_then_cglab_gets_sigterm",
       .script = "$HOG; kill -TERM $PPID; exec sleep 100",
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .status = "interrupted",
       .exit_status = 143},
      {.name = "child_killed_then_cglab_gets_sigint",
       .script = "$HOG; kill -INT $PPID; exec sleep 100",
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .status = "interrupted",
       .exit_status = 130},
      {.name = "child_killed_then_cglab_gets_sighup_after_the_command",
       .script = "$HOG; (sleep 0.5; kill -HUP $PPID; exec sleep 100) & exit 3",
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .status = "interrupted",
       .exit_status = 3},
      {.name = "deadline",
       .script = "exec sleep 100",
       .logs = plain,
       .options = {"--timeout", "500ms"},
       .status = "deadline",
       .exit_status = 124},
      {.name = "cglab_gets_sigterm",
       .script = "kill -TERM $PPID; exec sleep 100",
       .logs = plain,
       .status = "interrupted",
       .exit_status = 143},
      {.name = "limit_hit_then_deadline",
       .script = "dd if=/dev/zero of=$DISK/file bs=1024k count=40; rm -f "
                 "$DISK/file; exec sleep 100",
       .logs = plain,
       .options = {"--timeout", "4s"},
       .finds = {"limit_hit"},
       .status = "deadline",
       .exit_status = 124},
      {.name = "limit_hit_then_cglab_gets_sigterm",
       .script = "dd if=/dev/zero of=$DISK/file bs=1024k count=40; rm -f "
                 "$DISK/file; kill -TERM $PPID; exec sleep 100",
       .logs = plain,
       .finds = {"limit_hit"},
       .status = "interrupted",
       .exit_status = 143},
      {.name = "limit_hit_then_exit",
       .script = "dd if=/dev/zero of=$DISK/file bs=1024k count=40; rm -f "
                 "$DISK/file; exit 5",
       .logs = plain,
       .finds = {"limit_hit"},
       .status = "finished",
       .exit_status = 5},
      {.name = "throttled_then_deadline",
       .script = "exec $HOG",
       .logs = plain,
       .options = {"--high", "8M", "--timeout", "2s"},
       .only = Version::v2,
       .finds = {"throttled"},
       .status = "deadline",
       .exit_status = 124},
      {.name = "throttled_then_cglab_gets_sigterm",
       .script = "(sleep 1; kill -TERM $PPID) & exec $HOG",
       .logs = plain,
       .options = {"--high", "8M"},
       .only = Version::v2,
       .finds = {"throttled"},
       .status = "interrupted",
       .exit_status = 143},
      {.name = "throttled_then_sigsegv",
       .script = "$HOG & sleep 1; kill -9 $!; kill -SEGV $$",
       .logs = plain,
       .options = {"--high", "8M"},
       .only = Version::v2,
       .finds = {"throttled"},
       .status = "crashed",
       .exit_status = 139},
      {.name = "forks_refused",
       .script = "sleep 0.1 & sleep 0.1 & sleep 0.1 & wait; exit 0",
       .logs = plain,
       .options = {"--pids", "3"},
       .finds = {"forks_refused"},
       .status = "finished"},
      {.name = "straggler_not_waited_for",
       .script = "sleep 100 & exit 3",
       .logs = plain,
       .options = {"--no-wait"},
       .finds = {"rest_killed"},
       .status = "finished",
       .exit_status = 3},
      {.name = "no_process_may_be_killed",
       .script = "echo -1000 > /proc/self/oom_score_adj; exec $HOG",
       .logs = plain,
       .options = {"--timeout", "2s"},
       .finds = {"no_victim"},
       .status = "deadline",
       .exit_status = 124},
      {.name = "oom_killer_disabled",
       .script = "echo 1 > $CGLAB_CGROUP/memory.oom_control; exec $HOG",
       .logs = plain,
       .options = {"--timeout", "1s"},
       .only = Version::v1,
       .finds = {"oom_killer_disabled"},
       .status = "deadline",
       .exit_status = 124},
      {.name = "shared_memory_left",
       .script = "dd if=/dev/zero of=$SHM/file bs=1024k count=6; exit 0",
       .logs = plain,
       .finds = {"shared_memory_left"},
       .status = "finished",
       .exit_status = 0},
  };
}

/// Actions of other programs.
std::vector<Story> stories_of_changes() {
  return {
      {.name = "limit_raised",
       .script =
           "[ ! -e $CGLAB_CGROUP/$MEMSW ] || echo 24M > $CGLAB_CGROUP/$MEMSW; "
           "echo 24M > $CGLAB_CGROUP/$MAX; exit 5",
       .logs = plain,
       .finds = {"limit_rewritten"},
       .status = "finished",
       .exit_status = 5},
      {.name = "limit_lowered",
       .script = "echo 12M > $CGLAB_CGROUP/$MAX; exit 5",
       .logs = plain,
       .finds = {"limit_rewritten"},
       .status = "finished",
       .exit_status = 5},
      {.name = "limit_lifted",
       .script = "[ ! -e $CGLAB_CGROUP/$MEMSW ] || echo $NO_LIMIT > "
                 "$CGLAB_CGROUP/$MEMSW; echo $NO_LIMIT > $CGLAB_CGROUP/$MAX; "
                 "$HOG; exit 5",
       .logs = plain,
       .finds = {"limit_rewritten"},
       .status = "finished",
       .exit_status = 5},
      {.name = "limit_lifted_after_a_kill",
       .script = "$HOG; [ ! -e $CGLAB_CGROUP/$MEMSW ] || echo $NO_LIMIT > "
                 "$CGLAB_CGROUP/$MEMSW; echo $NO_LIMIT > $CGLAB_CGROUP/$MAX; "
                 "exit 5",
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .finds = {"limit_rewritten"},
       .exit_status = 5},
      {.name = "child_left",
       .script = "sleep 1 & echo $! > $ELSEWHERE/cgroup.procs; wait; exit 5",
       .logs = plain,
       .finds = {"process_left"},
       .status = "finished",
       .exit_status = 5},
      {.name = "main_left",
       .script = "echo $$ > $ELSEWHERE/cgroup.procs; sleep 0.5; exit 5",
       .logs = plain,
       .may_find = {"process_left"},
       .status = "left",
       .exit_status = 5},
      {.name = "main_left_then_by_hand",
       .script = "echo $$ > $ELSEWHERE/cgroup.procs; sleep 0.5; kill -9 $$",
       .logs = plain,
       .without_log_v1 = {.main = true, .inside = true},
       .without_log_v2 = {.main = true, .inside = true},
       .may_find = {"process_left"},
       .status = "left",
       .exit_status = 137},
      {.name = "main_left_and_came_back",
       .script = "echo $$ > $ELSEWHERE/cgroup.procs; sleep 0.5; "
                 "echo $$ > $CGLAB_CGROUP/cgroup.procs; sleep 0.3; exec $HOG",
       .main_killed = true,
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .without_log_v1 = main_only,
       .without_log_v2 = main_only,
       .may_find = {"process_left"},
       .exit_status = 137},
      {.name = "stranger_moved_in",
       .script = "echo $STRANGER > $CGLAB_CGROUP/cgroup.procs; sleep 0.5; "
                 "echo $STRANGER > $ELSEWHERE/cgroup.procs; sleep 0.5; exit 5",
       .logs = plain,
       .finds = {"process_moved_in", "process_left"},
       .status = "finished",
       .exit_status = 5},
      {.name = "stranger_killed",
       .script = "echo $STRANGER > $CGLAB_CGROUP/cgroup.procs; "
                 "kill -CONT $STRANGER; sleep 1; exit 5",
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .finds = {"process_moved_in"},
       .status = "oom_killed_inside",
       .exit_status = 5},
      {.name = "stranger_killed_then_main_by_hand",
       .script = "echo $STRANGER > $CGLAB_CGROUP/cgroup.procs; "
                 "kill -CONT $STRANGER; sleep 1; kill -9 $$",
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .finds = {"process_moved_in"},
       .exit_status = 137},
      {.name = "cgroup_removed",
       .script = "echo $$ > $ELSEWHERE/cgroup.procs; sleep 0.3; "
                 "rmdir $CGLAB_CGROUP; sleep 0.3; exit 7",
       .logs = plain,
       .without_log_v1 = {.inside = true},
       .without_log_v2 = {.inside = true},
       .always = {.inside = true},
       .finds = {"cgroup_removed"},
       .may_find = {"process_left"},
       .status = "left",
       .exit_status = 7},
      {.name = "cgroup_removed_after_a_kill",
       .script = "$HOG; sleep 0.3; echo $$ > $ELSEWHERE/cgroup.procs; "
                 "sleep 0.3; rmdir $CGLAB_CGROUP; sleep 0.3; exit 7",
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .without_log_v1 = {.owner = true},
       .without_log_v2 = {.owner = true},
       .finds = {"cgroup_removed"},
       .may_find = {"process_left"},
       .exit_status = 7},
      {.name = "main_frozen",
       .script = "exec > /dev/null 2>&1; echo $$ > $FREEZER/cgroup.procs; "
                 "echo FROZEN > $FREEZER/freezer.state; sleep 5",
       .logs = plain,
       .options = {"--timeout", "1s"},
       .finds = {"held"},
       .status = "deadline",
       .exit_status = 4},
      // Redirected before the fork: a child that is frozen before it has
      // redirected itself would hold the test's pipe.
      {.name = "child_frozen",
       .script = "exec > /dev/null 2>&1; sleep 100 & echo $! > "
                 "$FREEZER/cgroup.procs; echo FROZEN > $FREEZER/freezer.state; "
                 "exit 7",
       .logs = plain,
       .options = {"--no-wait"},
       .finds = {"held"},
       .status = "finished",
       .exit_status = 7},
      {.name = "child_frozen_after_a_kill",
       .script = "exec > /dev/null 2>&1; $HOG; sleep 100 & echo $! > "
                 "$FREEZER/cgroup.procs; "
                 "echo FROZEN > $FREEZER/freezer.state; exec sleep 100",
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .options = {"--timeout", "1s"},
       .finds = {"held"},
       .status = "deadline",
       .exit_status = 4},
      {.name = "main_traced",
       .script = "echo $$ > $TRACED; exec sleep 100",
       .logs = plain,
       .options = {"--timeout", "1s"},
       .finds = {"held"},
       // Its own file, where that lies in a tmpfs.
       .may_find = {"shared_memory_left"},
       .status = "deadline",
       .exit_status = 124},
      {.name = "main_traced_that_exits",
       .script = "echo $$ > $TRACED; exec sleep 1",
       .logs = plain,
       .options = {"--timeout", "3s"},
       .finds = {"held"},
       // Its own file, where that lies in a tmpfs.
       .may_find = {"shared_memory_left"},
       .status = "finished",
       .exit_status = 0},
      {.name = "setuid_member",
       .script = "$SETUID & exec sleep 100",
       .logs = {Log::unreadable},
       .options = {"--timeout", "1s"},
       .by_user = true,
       .only = Version::v1,
       .finds = {"held"},
       .status = "deadline",
       .exit_status = 4},
      {.name = "setuid_member_after_a_kill",
       .script = "$SETUID & $HOG; exec sleep 100",
       .any_killed = true,
       .owner = "own",
       .logs = {Log::unreadable},
       .options = {"--timeout", "2s"},
       .by_user = true,
       .only = Version::v1,
       .finds = {"held"},
       .status = "deadline",
       .exit_status = 4},
      {.name = "setuid_member_of_v2",
       .script = "$SETUID & exec sleep 100",
       .logs = {Log::unreadable},
       .options = {"--timeout", "1s"},
       .by_user = true,
       .only = Version::v2,
       .status = "deadline",
       .exit_status = 124},
      {.name = "cglab_moved_in",
       .script = "echo $PPID > $CGLAB_CGROUP/cgroup.procs; sleep 0.5; exit 3",
       .logs = plain,
       .finds = {"cglab_moved_in"},
       .status = "finished",
       .exit_status = 3},
      {.name = "cglab_moved_in_before_a_kill",
       .script = "echo $PPID > $CGLAB_CGROUP/cgroup.procs; sleep 0.3; $HOG; "
                 "exit 3",
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .finds = {"cglab_moved_in"},
       .exit_status = 3},
      {.name = "cglab_moved_in_before_a_deadline",
       .script = "echo $PPID > $CGLAB_CGROUP/cgroup.procs; exec sleep 100",
       .logs = plain,
       .options = {"--timeout", "500ms"},
       .finds = {"cglab_moved_in"},
       .status = "deadline",
       .exit_status = 124},
  };
}

/// None leaves the limit of its parent.
std::vector<Story> stories_of_runs_in_runs() {
  return {
      {.name = "larger_run_in_a_run",
       .script = "$CGLAB oom --limit 100M --ramp 0 --quiet; exit 5",
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .without_log_v1 = kills_below,
       .only = Version::v1,
       .may_find = {"limit_hit"},
       .exit_status = 5},
      {.name = "larger_run_as_the_command_of_a_run",
       .script = "exec $CGLAB oom --limit 100M --ramp 0 --quiet",
       .any_killed = true,
       .owner = "own",
       .logs = plain,
       .without_log_v1 = kills_below,
       .may_find = {"limit_hit"},
       .exit_status = 1},
      {.name = "run_that_would_leave_a_run",
       .script = "$CGLAB oom --limit 100M --ramp 0 --quiet; exit $?",
       .logs = plain,
       .only = Version::v2,
       .status = "finished",
       .exit_status = 77},
      {.name = "run_in_a_run_in_a_run",
       .script = "exec $CGLAB run --limit 12M --quiet -- $CGLAB run --limit 8M "
                 "--quiet -- $HOG",
       .any_killed = true,
       .owner = "descendant",
       .logs = plain,
       .without_log_v1 = kills_below,
       .exit_status = 137},
  };
}

std::vector<Story> all_stories() {
  std::vector<Story> all = stories();
  for (std::vector<Story> more :
       {stories_of_ends(), stories_of_changes(), stories_of_runs_in_runs()}) {
    all.insert(all.end(), more.begin(), more.end());
  }
  return all;
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
  for (const Story& story : all_stories()) {
    for (const Log log : story.logs) found.push_back({story, log});
  }
  // The kernel logs the cgroups of ten kills in five seconds: situations that
  // do not need them come last, so that they need not wait.
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
      // The process that floods it is a child that the readings may have
      // missed.
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
