// SPDX-License-Identifier: MIT
#pragma once

#include "lab/base/message.h"

/// The sentences of findings. Records carry the English ones.
namespace lab::findings_messages {

inline constexpr Message sentence("{0}.", "{0}。");
inline constexpr Message no_psi("how long it waited is unknown (no PSI)",
                                "等了多久不得而知（没有 PSI）");
inline constexpr Message tasks_waited("tasks waited {0} for memory",
                                      "任务等内存共等了 {0}");
inline constexpr Message once("once", "1 次");
inline constexpr Message times("{0} times", "{0} 次");
inline constexpr Message throttled(
    "It was throttled {0} (`high` of memory.events); {1}.",
    "它被限速 {0}（memory.events 的 `high`）；{1}。");
inline constexpr Message limit_hit("Its limit was hit {0} ({1}).",
                                   "它的上限被触及 {0}（{1}）。");
inline constexpr Message limit_hit_without_a_kill(
    "Its limit was hit {0} ({1}); the kernel tried to reclaim memory, and no "
    "OOM kill followed.",
    "它的上限被触及 {0}（{1}）；内核尝试回收内存，没有发生 OOM kill。");
inline constexpr Message no_victim(
    "Its limit was hit, and no process could be killed: all had oom_score_adj "
    "-1000.",
    "它的上限被触及，但没有进程可杀：所有进程的 oom_score_adj 都是 -1000。");
inline constexpr Message oom_killer_disabled(
    "The OOM killer of {0} was disabled (oom_kill_disable 1 in {1}): its "
    "processes waited for memory instead.",
    "{0} 的 OOM killer 被禁用（{1} 中 oom_kill_disable 为 1）：其中的进程"
    "只是等待内存。");
inline constexpr Message forks_refused(
    "A fork was refused {0} at a pids limit (max, pids.events).",
    "fork 因 pids 上限被拒绝 {0}（pids.events 的 max）。");
inline constexpr Message limit_rewritten(
    "{0} was rewritten: {1} at first, {2} at the end of the run.",
    "{0} 被改写：起初为 {1}，运行结束时为 {2}。");
inline constexpr Message left(
    "{0} left for {1}: what it did there was neither limited nor measured.",
    "{0} 去了 {1}：它在那里做的事既不受限制，也没有计量。");
inline constexpr Message moved_in(
    "{0} was moved into the cgroup from outside: it shared the limit and the "
    "counters; memory that it had allocated before is charged elsewhere.",
    "{0} "
    "是从外面移进来的：它共用这里的上限和计数器；它先前分配的内存记在别处。");
inline constexpr Message removed(
    "A cgroup of the run was removed during the run: later readings are "
    "missing.",
    "运行期间，这次运行的 cgroup 被删除：此后没有读数。");
inline constexpr Message cglab_moved_in(
    "cglab itself was moved into the cgroup and moved out again: memory that "
    "it allocated there is counted.",
    "cglab 自己被移进这个 cgroup，又移了出去：它在那里分配的内存也计算在内。");
inline constexpr Message rest_killed(
    "Processes still in the cgroup after the command had ended were killed "
    "(--no-wait): {0}.",
    "命令结束后还在 cgroup 里的进程已被杀死（--no-wait）：{0}。");
inline constexpr Message shared_memory_left(
    "{0} of shared memory stayed charged after the last process had ended: "
    "{1}. Once the cgroup is removed, its parent is charged for it.",
    "最后一个进程结束后，仍有 {0} 共享内存记在账上：{1}。cgroup "
    "删除后，改记到上级名下。");
inline constexpr Message charged_file("{0} ({1})", "{0}（{1}）");
inline constexpr Message written_file(
    "perhaps {0} ({1}), which was changed during the run",
    "可能是 {0}（{1}），它在运行期间有过改动");
inline constexpr Message no_file("no file visible to cglab holds it",
                                 "在 cglab 看得到的文件里找不到");
inline constexpr Message controller_removed(
    "The memory controller was disabled for the run's cgroup: its limit was no "
    "longer in force, and later readings are missing.",
    "这次运行的 cgroup 被停用了内存控制器：它的上限不再有效，此后没有读数。");
inline constexpr Message not_all_searched(
    "the file is unknown, as the search was cut short",
    "属于哪个文件不得而知，因为查找没有做完");
inline constexpr Message frozen(
    "{0} was frozen, so its processes did not run (echo 0 > {1}).",
    "{0} 被冻结，其中的进程没有运行（echo 0 > {1}）。");

}  // namespace lab::findings_messages
