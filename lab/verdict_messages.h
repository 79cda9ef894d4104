// SPDX-License-Identifier: MIT
#pragma once

#include "lab/language/message.h"

/// The sentences of verdicts. Records carry the English ones.
namespace lab::verdict_messages {

inline constexpr Message the_child("child", "子进程");
inline constexpr Message the_command("command", "命令");

inline constexpr Message oom_killed("The OOM killer killed the {0} {1}: {2}.",
                                    "OOM killer 杀死了{0}，{1}：{2}。");
inline constexpr Message at_own_limit(
    "at the limit of its own cgroup, {0} bytes",
    "触发的是它自己 cgroup 的上限 {0} 字节");
inline constexpr Message at_limit_above(
    "at the limit of a cgroup above it, {0}", "触发的是上级 cgroup {0} 的上限");
inline constexpr Message by_host(
    "because {0} ran out of memory, not by its limit",
    "原因是{0}的内存耗尽，与它的上限无关");
inline constexpr Message by_unknown_limit("by a limit that no counter names",
                                          "但没有计数器说明是哪个上限");
inline constexpr Message whole_host("the whole host", "整台主机");
inline constexpr Message memory_nodes("the host's memory nodes that it may use",
                                      "它可用的内存节点");
inline constexpr Message proof_by_log(
    "it was reaped with SIGKILL and the kernel's log names it as the victim",
    "它因 SIGKILL 结束，内核日志也点名它是被选中的进程");
inline constexpr Message proof_by_counter(
    "it was reaped with SIGKILL and oom_kill rose from {0} to {1}",
    "它因 SIGKILL 结束，oom_kill 也从 {0} 变为 {1}");
inline constexpr Message unknown("unknown", "未知");

inline constexpr Message refused(
    "The kernel refused the limit ({0} to {1}: {2}), so the child was not let "
    "go on.",
    "内核拒绝了上限（向 {1} 写入 {0}：{2}），因此没有让子进程继续运行。");
inline constexpr Message read_back_otherwise("read back otherwise",
                                             "读回的值不同");
inline constexpr Message no_oom_kill("no OOM kill", "没有发生 OOM kill");
inline constexpr Message another_killed(
    "oom_kill rose from {0} to {1}, but another process was killed",
    "oom_kill 从 {0} 变为 {1}，但被杀的是别的进程");
inline constexpr Message below_limit(", less than the limit,", "（低于上限）");
inline constexpr Message end_unknown("How the child ended is unknown.",
                                     "子进程如何结束，不得而知。");
inline constexpr Message failed("The child failed with exit status {0}.",
                                "子进程失败，退出状态为 {0}。");
inline constexpr Message survived(
    "The child took the {0} bytes that it wanted{1} and survived: {2}; {3}.",
    "子进程拿到了它要的 {0} 字节{1}，活了下来：{2}；{3}。");
inline constexpr Message peak_unknown("its peak is unknown", "用量峰值未知");
inline constexpr Message peak_was("its peak was {0} bytes",
                                  "用量峰值为 {0} 字节");
inline constexpr Message ended_by_signal("The {0} ended by {1}.",
                                         "{0}因 {1} 结束。");
inline constexpr Message killed_unproven(
    "The {0} got SIGKILL, but this kernel counts no OOM kills and there is no "
    "record of one ({1}): nothing proves one.",
    "{0}收到了 SIGKILL，但这个内核不统计 OOM kill，也没有留下记录（{1}）："
    "无法证明。");
inline constexpr Message killed_by_hand(
    "The {0} got SIGKILL from another hand: oom_kill stayed at {1}, so the OOM "
    "killer did not do it.",
    "{0}收到的 SIGKILL 来自别处：oom_kill 一直是 {1}，不是 OOM killer 干的。");
inline constexpr Message not_looked_for("not looked for", "未查找");
inline constexpr Message interrupted(
    "Interrupted by {0} before the outcome was known.",
    "还没有结果，就被 {0} 中断了。");
inline constexpr Message deadline("No outcome within the deadline of {0}: {1}.",
                                  "在期限 {0} 内没有结果：{1}。");

inline constexpr Message command_signalled("ended by {0}", "因 {0} 结束");
inline constexpr Message command_exited("exited with status {0}",
                                        "退出状态为 {0}");
inline constexpr Message command_unknown("ended in an unknown way",
                                         "结束方式未知");
inline constexpr Message victim_unknown("its name is unknown ({0})",
                                        "名字未知（{0}）");
inline constexpr Message victim_named("{0} (pid {1})", "{0}（pid {1}）");
inline constexpr Message killed_inside(
    "The OOM killer killed a process that the command had started: {0}; "
    "oom_kill rose from {1} to {2}. The command itself {3}; {4}.",
    "OOM killer 杀死了命令启动的一个进程：{0}；oom_kill 从 {1} 变为 {2}。"
    "命令本身{3}；{4}。");
inline constexpr Message no_psi("how long it waited is unknown (no PSI)",
                                "等了多久不得而知（没有 PSI）");
inline constexpr Message tasks_waited("tasks waited {0} for memory",
                                      "任务等内存共等了 {0}");
inline constexpr Message throttled(
    "The command was throttled at its high limit of {0} bytes: `high` of "
    "memory.events rose by {1}, {2}. It {3}; {4}.",
    "命令在 high 上限 {0} 字节处被限速：memory.events 的 `high` 增加了 {1}，"
    "{2}。它{3}；{4}。");
inline constexpr Message finished("The command {0}; {1}.", "命令{0}；{1}。");
inline constexpr Message slow(
    "; it was throttled, `high` of memory.events rose by {0}",
    "；它被限速，memory.events 的 `high` 增加了 {0}");
inline constexpr Message command_deadline(
    "The command and what it had started did not end within the deadline of "
    "{0}, and everything was killed: {1}{2}.",
    "命令及它启动的进程在期限 {0} 内没有结束，已全部杀死：{1}{2}。");
inline constexpr Message command_interrupted(
    "Interrupted by {0}{1}: the command {2}{3}; {4}.",
    "被 {0} 中断{1}：命令{2}{3}；{4}。");
inline constexpr Message passed_on(", which was passed on to the command",
                                   "（已转发给命令）");
inline constexpr Message rest_killed(
    ", and everything that was left was killed", "，剩下的进程已全部杀死");

}  // namespace lab::verdict_messages
