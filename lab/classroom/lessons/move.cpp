// SPDX-License-Identifier: MIT
#include "lab/classroom/lessons/topics.h"

namespace lab {
namespace {

constexpr LessonPart move_body[] = {
    paragraph(
        "About 100 MiB. A pid written to `cgroup.procs` moves the process, and "
        "pages that it touches from then on are charged to the new cgroup. "
        "Earlier charges stay with the old one until the pages are freed: "
        "right after the move, usage of the new cgroup is 0 bytes. The limit "
        "counts charges, not processes.",
        "大约 100 MiB。把 pid 写进 `cgroup.procs`，进程就搬过去了，"
        "此后访问的内存记在新 cgroup 的账上。而之前记的账仍留在原来的 cgroup，"
        "直到这些页面被释放：刚搬过去时，新 cgroup 的用量是 0 字节。"
        "上限管的是账，不是进程。"),
    item("The pages still count against the old cgroup. If it hits its own "
         "limit, the OOM killer cannot reach the process that holds them.",
         "原来的 cgroup 继续背着这笔账。等它达到自己的上限时，"
         "OOM killer 却够不着真正占着这些页面的进程。"),
    item("v1 could once move charges as well "
         "(`memory.move_charge_at_immigrate`); this was off by default and has "
         "had no effect since about Linux 6.13. v2 never could.",
         "v1 曾经可以把账一起带走（`memory.move_charge_at_immigrate`），"
         "但默认关闭，大约从 Linux 6.13 起已不起作用。v2 从来不支持。"),
    item(
        "Shared pages, too, are charged to the cgroup that touches them first: "
        "a file that one cgroup has read costs the next reader nothing.",
        "共享的页面也一样，谁先访问谁付账：一个 cgroup 读过的文件，"
        "别的 cgroup 再读就不用付账。"),
    paragraph(
        "So join first and allocate afterwards. A shell can join and then "
        "become the program: `echo 0 > cgroup.procs && exec PROGRAM`, where 0 "
        "means the writing process. On v2 `clone3` with `CLONE_INTO_CGROUP` "
        "creates a child inside.",
        "所以要先加入 cgroup，再分配内存。可以让 shell 先进去，再变成目标程序："
        "`echo 0 > cgroup.procs && exec 程序`，0 表示写入者自己。在 v2 上，"
        "`clone3` 加 `CLONE_INTO_CGROUP` 可以让子进程一出生就在里面。"),
};

constexpr LessonPart move_experiments[] = {
    question("40 MiB outside, then moved into a limit of 60 MiB, then 40 MiB "
             "more: killed or not?",
             "先在外面占用 40 MiB，搬进上限 60 MiB 的 cgroup，再占用 40 MiB："
             "会不会被杀死？"),
    command("cglab course --limit 60M --total 80M --block 40M "
            "--ramp 0"),
    paragraph(
        "It holds 80 MiB and survives (exit status 1: not the expected OOM "
        "kill). Now it goes on until the limit is hit. How much does it hold "
        "when it is killed?",
        "它占着 80 MiB，还活着（退出状态为 1：没有出现实验要演示的 OOM）。"
        "下面让它一直占用下去，直到达到上限。它死的时候占着多少？"),
    command("cglab course --limit 100M --block 25M"),
    paragraph("The same by hand, command by command:",
              "同样的过程，逐条命令手工完成："),
    command("cglab course --limit 100M --block 25M --dry-run"),
};

}  // namespace

constexpr Lesson move_lesson = {
    "move",
    {"Charges do not follow a moved process", "进程搬走了，账还留在原处"},
    {"why a moved process leaves its charges behind",
     "移动进程时，它的内存为什么不跟着走"},
    {"A process that holds 40 MiB is moved into a cgroup, which then gets a "
     "limit of 60 MiB. How much does it hold when it is killed?",
     "一个占着 40 MiB 内存的进程被移入某个 cgroup，随后这个 cgroup 的上限"
     "设为 60 MiB。它被杀死的时候占着多少内存？"},
    move_body,
    move_experiments,
};

}  // namespace lab
