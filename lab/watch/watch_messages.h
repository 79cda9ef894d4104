// SPDX-License-Identifier: MIT
#pragma once

// The texts of a watch in both languages.

#include "lab/base/message.h"

namespace lab::watch_messages {

// Limits.
inline constexpr Message no_limit("no limit in effect", "没有生效的上限");
inline constexpr Message limit_name("limit", "上限");
inline constexpr Message swap_limit_name("swap limit", "交换上限");
inline constexpr Message memsw_limit_name("memory+swap limit",
                                          "内存加交换上限");
inline constexpr Message own_limit("own {0} {1}, headroom {2}",
                                   "自身{0} {1}，余量 {2}");
inline constexpr Message ancestor_limit("ancestor {0} {1}, headroom {2}",
                                        "上级{0} {1}，余量 {2}");
inline constexpr Message limit_of("{0} of {1} {2}, headroom {3}",
                                  "{1} 的{0} {2}，余量 {3}");
inline constexpr Message limit_changed("{0} changed from {1} to {2}",
                                       "{0} 由 {1} 改为 {2}");
inline constexpr Message limit_of_changed("{0} of {1} changed from {2} to {3}",
                                          "{1} 的 {0} 由 {2} 改为 {3}");

// OOM kills.
inline constexpr Message kill("OOM kill of pid {0} ({1})",
                              "OOM killer 杀死了 pid {0}（{1}）");
inline constexpr Message kill_at_limit(
    "OOM kill of pid {0} ({1}) at the limit of {2}",
    "OOM killer 杀死了 pid {0}（{1}），触发的是 {2} 的上限");
inline constexpr Message kill_by_host(
    "OOM kill of pid {0} ({1}): the host ran out of memory",
    "OOM killer 杀死了 pid {0}（{1}）：主机内存耗尽");
inline constexpr Message unknown_victim("1 OOM kill, victim unknown: {0}",
                                        "1 次 OOM kill，不知被杀的是谁：{0}");
inline constexpr Message unknown_victims(
    "{0} OOM kills, victims unknown: {1}",
    "{0} 次 OOM kill，不知被杀的是谁：{1}");
inline constexpr Message no_reason("no reason is known", "原因未知");
inline constexpr Message no_victims("victims of OOM kills cannot be named: {0}",
                                    "无法指出 OOM killer 杀死了谁：{0}");
inline constexpr Message missed_kills(
    "OOM kills in a child cgroup that is removed before the next sample are "
    "not seen: {0}",
    "子 cgroup 若在下一次采样前被删除，其中的 OOM kill 看不到：{0}");

// The process and the cgroup.
inline constexpr Message moved_away(
    "process {0} moved to {1}; still watching {2}",
    "进程 {0} 移到了 {1}；继续观察 {2}");
inline constexpr Message moved_on(
    "process {0} moved from {1} to {2}; still watching {3}",
    "进程 {0} 从 {1} 移到了 {2}；继续观察 {3}");
inline constexpr Message moved_into(
    "process {0} moved from {1} to {2}, the watched cgroup",
    "进程 {0} 从 {1} 移到了所观察的 cgroup {2}");
inline constexpr Message moved_inside(
    "process {0} moved from {1} to {2}, inside the watched cgroup",
    "进程 {0} 从 {1} 移到了所观察的 cgroup 之内的 {2}");
inline constexpr Message process_hidden(
    "process {0} is no longer visible in /proc; it was in {1}",
    "进程 {0} 在 /proc 中已不可见；此前在 {1} 中");
inline constexpr Message process_ended("process {0} has ended",
                                       "进程 {0} 已结束");
inline constexpr Message process_ended_in("process {0} has ended in {1}",
                                          "进程 {0} 已在 {1} 中结束");
inline constexpr Message renamed("the watched cgroup {0} was renamed to {1}",
                                 "所观察的 cgroup {0} 已改名为 {1}");
inline constexpr Message watching("watching {0} (cgroup {1})",
                                  "正在观察 {0}（cgroup {1}）");

// The end.
inline constexpr Message gone("the cgroup was removed", "cgroup 已被删除");
inline constexpr Message replaced(
    "the cgroup was removed (another one has its name now)",
    "cgroup 已被删除（现在有另一个同名的 cgroup）");
inline constexpr Message all_taken("all samples taken", "采样已完成");
inline constexpr Message interrupted("interrupted by {0}", "被 {0} 中断");
inline constexpr Message output_closed("output closed", "输出已关闭");
inline constexpr Message peak("peak {0}", "峰值 {0}");
inline constexpr Message last_peak("peak {0} when last read",
                                   "峰值 {0}（最后一次读到）");
inline constexpr Message highest_seen("highest usage seen {0}",
                                      "采样到的最高用量 {0}");
inline constexpr Message no_usage("usage was not read", "没有读到用量");
inline constexpr Message one_kill("1 OOM kill", "1 次 OOM kill");
inline constexpr Message kills("{0} OOM kills", "{0} 次 OOM kill");
inline constexpr Message one_sample("1 sample", "1 次采样");
inline constexpr Message samples("{0} samples", "{0} 次采样");
/// Why it ended, peak, kills, time, samples.
inline constexpr Message summary("{0}: {1}, {2} in {3}, {4}",
                                 "{0}：{1}，{3} 内 {2}，{4}");

// A tree of cgroups.
inline constexpr Message following("following {0}: {1} (cgroup {2})",
                                   "正在跟踪 {0}：{1}（cgroup {2}）");
inline constexpr Message cgroups_missed(
    "some cgroups may not be seen, or only after a second: {0}",
    "有些 cgroup 可能看不到，或一秒后才看到：{0}");
inline constexpr Message kills_missed("blind spot: {0}", "盲区：{0}");
inline constexpr Message gone_kills_missed(
    "on cgroup v1 a kill counter is removed with its cgroup; without the "
    "kernel "
    "log, kills in cgroups that are removed within 10 ms count only for the "
    "whole host (unplaced)",
    "cgroup v1 的计数随 cgroup 一起被删除；读不到内核日志时，10 毫秒内被删除的 "
    "cgroup 中的 OOM kill 只计入整个主机（位置不明）");
inline constexpr Message some_kills_missed(
    "on cgroup v1 a kill counter is removed with its cgroup; when there are "
    "many kills, the kernel log names few cgroups, and the other kills count "
    "only for the whole host (unplaced)",
    "cgroup v1 的计数随 cgroup 一起被删除；次数很多时内核日志只写明少数 "
    "cgroup，"
    "其余的 OOM kill 只计入整个主机（位置不明）");
inline constexpr Message gone_kills_without_cgroup(
    "on cgroup v1 a kill counter is removed with its cgroup; without the "
    "kernel "
    "log, kills in cgroups that are removed within 10 ms are counted, but not "
    "for their cgroup",
    "cgroup v1 的计数随 cgroup 一起被删除；读不到内核日志时，10 毫秒内被删除的 "
    "cgroup 中的 OOM kill 会被计数，但归不到该 cgroup");
inline constexpr Message some_kills_without_cgroup(
    "on cgroup v1 a kill counter is removed with its cgroup; when there are "
    "many kills, the kernel log names few cgroups, and the other kills are "
    "counted, but not for their cgroup",
    "cgroup v1 的计数随 cgroup 一起被删除；次数很多时内核日志只写明少数 "
    "cgroup，"
    "其余的 OOM kill 会被计数，但归不到该 cgroup");
inline constexpr Message local_events_only(
    "cgroup v2 is mounted with memory_localevents: the counters do not include "
    "descendants, so that kills in them are missed",
    "cgroup v2 以 memory_localevents 挂载：计数不含下级，其中的 OOM kill "
    "会漏掉");
inline constexpr Message group_kills_uncertain(
    "of a group that is killed together (memory.oom.group) the kernel counts "
    "the first victim twice, unless it exits at once; without the kernel log, "
    "one kill less than counted is reported for each such group",
    "对一起被杀死的一组进程（memory.oom.group），内核把第一个计两次，除非它立即"
    "退出；读不到内核日志时，每组按少一次报告");
inline constexpr Message victim_not_singled_out(
    "the kernel log does not single it out (such reports are rate-limited)",
    "内核日志没有明确指出（这类记录有频率限制）");
/// A cgroup, or what may have been below it.
inline constexpr Message or_removed("{0} or a child that was removed",
                                    "{0} 或其已被删除的下级");
/// Pid, name, cgroup.
inline constexpr Message kill_in("OOM kill of pid {0} ({1}) in {2}",
                                 "OOM killer 杀死了 {2} 中的 pid {0}（{1}）");
inline constexpr Message kill_in_at_own_limit(
    "OOM kill of pid {0} ({1}) in {2}, at its own limit",
    "OOM killer 杀死了 {2} 中的 pid {0}（{1}），触发的是它自身的上限");
inline constexpr Message kill_in_at_limit(
    "OOM kill of pid {0} ({1}) in {2}, at the limit of {3}",
    "OOM killer 杀死了 {2} 中的 pid {0}（{1}），触发的是 {3} 的上限");
inline constexpr Message kill_in_by_host(
    "OOM kill of pid {0} ({1}) in {2}: the host ran out of memory",
    "OOM killer 杀死了 {2} 中的 pid {0}（{1}）：主机内存耗尽");
inline constexpr Message unknown_victim_in(
    "1 OOM kill in {0}, victim unknown: {1}",
    "{0} 中 1 次 OOM kill，不知被杀的是谁：{1}");
inline constexpr Message unknown_victims_in(
    "{2} OOM kills in {0}, victims unknown: {1}",
    "{0} 中 {2} 次 OOM kill，不知被杀的是谁：{1}");
inline constexpr Message tree_totals("{0}, {1}, {2}", "{0}，{1}，{2}");
inline constexpr Message one_cgroup("1 cgroup", "1 个 cgroup");
inline constexpr Message cgroups("{0} cgroups", "{0} 个 cgroup");
inline constexpr Message one_process("1 process", "1 个进程");
inline constexpr Message number_of_processes("{0} processes", "{0} 个进程");
inline constexpr Message unknown_processes("processes unknown", "进程数未知");
inline constexpr Message unplaced("{0}, {1} unplaced on this host",
                                  "{0}，本机另有 {1} 次位置不明");
/// Why it ended, kills, cgroups, time, samples.
inline constexpr Message tree_summary("{0}: {1}, {2} created, {3}, {4}",
                                      "{0}：{1}，新建 {2}，历时 {3}，{4}");
/// Of the kills.
inline constexpr Message attributed(
    "cgroup known for {0} of them, victim for {1}",
    "其中 {0} 次知道所在的 cgroup，{1} 次知道被杀的进程");
inline constexpr Message unplaced_kills(
    "{0} more on this host, perhaps in a cgroup of this tree that was removed "
    "(unplaced)",
    "本机另有 {0} 次，可能在本树中已被删除的 cgroup 里（位置不明）");
inline constexpr Message quit("quit", "已退出");
inline constexpr Message rows_left_out("{0} more", "另有 {0} 个");
inline constexpr Message hits_column("HITS", "触限");
inline constexpr Message pressure_column("PSI %", "PSI %");
inline constexpr Message kills_column("KILLS", "KILLS");
inline constexpr Message cgroup_column("CGROUP", "CGROUP");
inline constexpr Message keys(
    "sort: u usage, p pressure, k kills; up, down; fold: space; q: quit",
    "排序：u 用量，p 压力，k OOM kill；上下移动；空格折叠；q 退出");
inline constexpr Message short_keys("u p k: sort; space: fold; q: quit",
                                    "u p k 排序；空格折叠；q 退出");

// Rows of the live view.
inline constexpr Message usage("usage", "用量");
inline constexpr Message binding("binding", "最紧上限");
inline constexpr Message high("high", "high");
inline constexpr Message of("  of", "  属于");
inline constexpr Message swap("swap", "交换");
inline constexpr Message processes("processes", "进程");
inline constexpr Message events("events", "事件");
inline constexpr Message pressure("pressure", "压力");
inline constexpr Message under_oom("under OOM", "OOM 中");
inline constexpr Message size_of_limit("{0} of {1}", "{0} / {1}");
inline constexpr Message and_peak("{0}, peak {1}", "{0}，峰值 {1}");
inline constexpr Message and_rate("{0}, {1}", "{0}，{1}");
inline constexpr Message and_memsw("{0}, memory+swap limit {1}",
                                   "{0}，内存加交换上限 {1}");
inline constexpr Message unknown("unknown", "未知");
inline constexpr Message no_events("none so far", "暂无");
inline constexpr Message stalled("tasks wait for memory", "任务在等待内存");
inline constexpr Message some_pressure("some {0} % of the last 10 s",
                                       "最近 10 s：some {0} %");
inline constexpr Message full_pressure(
    "some {0} %, full {1} % of the last 10 s",
    "最近 10 s：some {0} %，full {1} %");
inline constexpr Message share_of_limit("{0} % of the binding limit",
                                        "最紧上限的 {0} %");

// Columns of the plain lines.
inline constexpr Message time_column("TIME", "时间");
inline constexpr Message seconds_column("SECONDS", "秒");
inline constexpr Message usage_column("USAGE", "用量");
inline constexpr Message limit_column("LIMIT", "上限");
inline constexpr Message swap_column("SWAP", "交换");
inline constexpr Message rate_column("RATE", "速率");
inline constexpr Message processes_column("PROCS", "进程");
inline constexpr Message remarks_column("BINDING LIMIT; EVENTS",
                                        "最紧上限；事件");
inline constexpr Message pressure_remark("pressure {0} %", "压力 {0} %");
inline constexpr Message under_oom_remark("under OOM", "处于 OOM");

}  // namespace lab::watch_messages
