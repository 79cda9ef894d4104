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
    "{0} was moved in from outside: it shared the limit and the counters; what "
    "it had taken before is charged elsewhere.",
    "{0} "
    "是从外面移进来的：它共用这里的上限和计数器；它先前占用的内存记在别处。");
inline constexpr Message removed(
    "A cgroup of the run was removed while the run went on: what would have "
    "been read after that is unknown.",
    "运行期间，这次运行的 cgroup 被删除：此后本应读到的数值未知。");
inline constexpr Message cglab_moved_in(
    "cglab itself was moved in, and moved out again: what it took there is in "
    "the counters.",
    "cglab 自己被移了进来，它又移了出去：它在那里占用的内存也计入了计数器。");
inline constexpr Message rest_killed(
    "Processes that were inside after the command's end were killed "
    "(--no-wait): {0}.",
    "命令结束后还在里面的进程已被杀死（--no-wait）：{0}。");
inline constexpr Message shared_memory_left(
    "{0} of shared memory stayed charged after the last process had ended: "
    "{1}. Its parent is charged for it once the cgroup is removed.",
    "最后一个进程结束后，仍有 {0} 共享内存记在账上：{1}。cgroup 删除后，改记到"
    "上级名下。");
inline constexpr Message charged_file("{0} ({1})", "{0}（{1}）");
inline constexpr Message written_file(
    "perhaps {0} ({1}), which was changed during the run",
    "可能是 {0}（{1}），它在运行期间有过改动");
inline constexpr Message no_file("no file that cglab can see has it",
                                 "在 cglab 看得到的文件里找不到");
inline constexpr Message controller_removed(
    "The memory controller of the run's cgroup was taken away: its limit was "
    "no longer in force, and what would have been read after that is unknown.",
    "这次运行的 cgroup "
    "失去了内存控制器：它的上限不再有效，此后本应读到的数值未知。");
inline constexpr Message not_all_searched(
    "by which file is unknown, as not all could be searched",
    "属于哪个文件不得而知，因为没有全部查找");
inline constexpr Message frozen(
    "{0} was frozen, and its processes stood still (echo 0 > {1}).",
    "{0} 被冻结，其中的进程停着不动（echo 0 > {1}）。");

}  // namespace lab::findings_messages
