// SPDX-License-Identifier: MIT
#pragma once

// The comments of a dry run in both languages. Its commands, and what they
// print, are the same in both.

#include "lab/base/message.h"

namespace lab::dry_run_messages {

// The head.
inline constexpr Message by_hand(
    "By hand on this host: cgroup {0}, the memory hierarchy is at {1}.",
    "在本机上手工完成：cgroup {0}，内存层级挂载在 {1}。");
inline constexpr Message paste(
    "Paste into one shell that may write there. Nothing was changed by "
    "printing this.",
    "粘贴到同一个有权写入那里的 shell 里。打印这些命令没有改动任何东西。");
inline constexpr Message asks_for_scope(
    "systemd manages the cgroups of this host: a scope of its own is asked for "
    "first, and everything else is done in the shell inside it.",
    "本机的 cgroup 由 systemd 管理：先申请一个单独的 scope，其余的都在里面的 "
    "shell 里做。");
inline constexpr Message shell_moves(
    "A cgroup with processes in it cannot enable memory for its children: the "
    "shell moves to a leaf.",
    "有进程的 cgroup 不能下放内存控制器：shell 要先移到叶子里。");
inline constexpr Message processes_move(
    "A cgroup with processes in it cannot enable memory for its children: they "
    "move to a leaf.",
    "有进程的 cgroup 不能下放内存控制器：进程要先移到叶子里。");
inline constexpr Message await_helper(
    "await NAME TEXT PID: wait until the process prints TEXT or ends.",
    "await 名称 文字 PID：等到该进程打印出这段文字，或者结束。");

// Cgroups and limits.
inline constexpr Message guard(
    "A limit on everything, which also holds cgroups without their own.",
    "总上限，也管住自身没有上限的 cgroup。");
inline constexpr Message pids_hierarchy(
    "The pids limit is in a hierarchy of its own.",
    "任务数上限在单独的层级里。");
inline constexpr Message limit(
    "The limit, {0}. Read it back: the kernel rounds down to a page.",
    "上限，{0}。写完读回来：内核会向下取整到页。");
inline constexpr Message no_swap("No swap for this cgroup.",
                                 "这个 cgroup 不用交换空间。");
inline constexpr Message memory_plus_swap(
    "Memory plus swap: without it, swap would take what the limit refuses.",
    "内存加交换：不设它，上限不让占的内存会被换出到交换空间。");
inline constexpr Message swap_alone(
    "Swap alone, and first: without it, swap would take what the limit "
    "refuses.",
    "只算交换空间，而且要先设：不设它，上限不让占的内存会被换出到交换空间。");
inline constexpr Message limit_later_v1(
    "With usage above the limit that swap cannot take, cgroup v1 returns "
    "EBUSY: "
    "then the hog must not go on without a limit.",
    "用量若超过上限，又无法换出，cgroup v1 报 "
    "EBUSY：这时不能让占内存程序在没有上限的情况下继续运行。");
inline constexpr Message limit_later_v2(
    "With usage above the limit that swap cannot take, cgroup v2 kills at "
    "once.",
    "用量若超过上限，又无法换出，cgroup v2 立刻杀进程。");

// Processes.
inline constexpr Message becomes_hog(
    "A shell moves itself in (0 means: me), then becomes the hog: it is "
    "charged here from its first page on.",
    "shell 先把自己移进去（0 "
    "表示自己），再变成占内存程序：从第一页起就计入这个 "
    "cgroup。");
inline constexpr Message becomes_command(
    "A shell moves itself in (0 means: me), then becomes the command: it is "
    "charged here from its first page on.",
    "shell 先把自己移进去（0 表示自己），再变成这个命令：从第一页起就计入这个 "
    "cgroup。");
inline constexpr Message waits_for_line(
    "It waits for a line from descriptor 3 at each pause.",
    "它每次暂停时，都等描述符 3 送来一行。");
inline constexpr Message until_pause(
    "Wait until {0} waits at its pause or ends.",
    "等到 {0} 停在暂停处，或者结束。");
inline constexpr Message until_held(
    "Wait until {0} holds all its memory or ends.",
    "等到 {0} 占满它的全部内存，或者结束。");
inline constexpr Message timeout(
    "cglab would kill everything inside after {0}.",
    "cglab 会在 {0} 后杀死其中的所有进程。");
inline constexpr Message status_of_hog(
    "0: it allocated all and survived. 137 = 128 + 9: SIGKILL, which not only "
    "the OOM killer sends.",
    "0：全部分配完并活了下来。137 = 128 + 9：SIGKILL，发送它的不只有 OOM "
    "killer。");
inline constexpr Message status_of_command(
    "137 = 128 + 9: SIGKILL, which not only the OOM killer sends.",
    "137 = 128 + 9：SIGKILL，发送它的不只有 OOM killer。");

// Steps.
inline constexpr Message move(
    "Move {0}: what it has stays charged to the old cgroup.",
    "移动 {0}：它已占的内存仍计在原来的 cgroup 上。");
inline constexpr Message goes_on("{0} continues.", "{0} 继续。");
inline constexpr Message reclaim(
    "Ask the kernel to reclaim this much; EAGAIN means it reclaimed less.",
    "让内核回收这么多；EAGAIN 表示没有回收够。");
inline constexpr Message last_link("Remove the last link of its file.",
                                   "删除它的文件的最后一个链接。");
inline constexpr Message notification("cglab waits for the notification here.",
                                      "cglab 在这里等通知。");
inline constexpr Message watch_usage(
    "cglab registers an eventfd for usage {0} here, which a shell cannot.",
    "cglab 在这里为用量 {0} 注册 eventfd，shell 做不到。");
inline constexpr Message watch_pressure(
    "cglab sets a trigger on memory.pressure here, which a shell cannot poll.",
    "cglab 在这里对 memory.pressure 设触发器，shell 无法对它 poll。");
inline constexpr Message predict(
    "cglab draws a straight line through its samples here, and predicts the "
    "end.",
    "cglab 在这里用一条直线拟合采样，并预测何时结束。");

// Readings.
inline constexpr Message claim("Claim: {0}.", "论断：{0}。");
inline constexpr Message measures(
    "cglab measures {0} of {1}, which a shell cannot.",
    "cglab 会测量 {1} 的 {0}，shell 做不到。");
inline constexpr Message proof_v1(
    "An OOM kill is proven when oom_kill rose from 0 (failcnt counts failed "
    "charges).",
    "oom_kill 从 0 增加了，就证实发生了 OOM kill（failcnt 数的是记账失败）。");
inline constexpr Message proof_v2(
    "An OOM kill is proven when oom_kill rose from 0 (oom: the limit was hit "
    "and nothing could be reclaimed).",
    "oom_kill 从 0 增加了，就证实发生了 OOM kill（oom：触及上限，又回收不出内存"
    "）。");
inline constexpr Message peak("The highest usage.", "最高用量。");

// The end.
inline constexpr Message kill_rest("Kill what is still running.",
                                   "杀死仍在运行的进程。");
inline constexpr Message clean_up("Leave nothing behind.", "不留任何痕迹。");
inline constexpr Message scope_goes("The scope goes with its shell.",
                                    "shell 退出，scope 随之消失。");

}  // namespace lab::dry_run_messages
