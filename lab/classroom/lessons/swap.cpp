// SPDX-License-Identifier: MIT
#include "lab/classroom/lessons/topics.h"

namespace lab {
namespace {

constexpr LessonRow two_rules[] = {
    {Message("", ""), same("v1"), same("v2")},
    {Message("file", "文件"), same("`memory.memsw.limit_in_bytes`"),
     same("`memory.swap.max`")},
    {Message("limits", "限制的是"),
     Message("memory plus swap", "内存加交换空间"),
     Message("swap only", "只限交换空间")},
    {Message("64 MiB and 32 MiB swap", "64 MiB 内存加 32 MiB 交换空间"),
     Message("write 64M, then 96M", "先写 64M，再写 96M"),
     Message("write 64M and 32M", "写 64M 和 32M")},
    {Message("no swap", "不许用交换空间"),
     Message("the same number as the limit", "与内存上限写同一个数"),
     same("0")},
    {Message("order", "次序"),
     Message("never below the limit (EINVAL): raise it first, lower it last",
             "不得小于内存上限（EINVAL）：调高时先改它，调低时后改它"),
     Message("any", "随意")},
    {Message("absent", "何时没有"),
     Message("without swap accounting", "没有启用 swap 记账"),
     Message("on the root, and without swap in the kernel",
             "根 cgroup，以及内核不支持 swap 时")},
};

constexpr LessonPart swap_body[] = {
    paragraph("Not if it may swap. At the limit the kernel swaps out pages "
              "instead: usage falls, the charge succeeds, and the program goes "
              "on, more slowly. The hog touched all of its 128 MiB; 64 MiB "
              "were in memory and 64 MiB in swap. A memory limit without a "
              "swap limit does not limit how much a program uses.",
              "如果允许使用交换空间，就不会。达到上限时，内核把页面换出："
              "用量降下来，记账成功，程序接着跑，只是变慢。"
              "实测 128 MiB 全部写完，64 MiB 在内存里，64 MiB 在交换空间里。"
              "只限内存不限交换空间，就限不住程序的总占用。"),
    paragraph("The two versions count differently; do not copy the numbers:",
              "两个版本的算法不同，数字不能照搬："),
    table(two_rules),
    paragraph(
        "With 64 MiB and 32 MiB of swap the hog is killed on both versions at "
        "95.6 MiB touched. On v1 with no swap allowed, `memory.failcnt` stays "
        "0 and `memory.memsw.failcnt` rises: of two equal limits the kernel "
        "hits that of memory plus swap first.",
        "64 MiB 内存加 32 MiB 交换空间时，两个版本都在写到 95.6 MiB 时被杀死。"
        "在 v1 上如果不许用交换空间，`memory.failcnt` 一直是 0，增加的是 "
        "`memory.memsw.failcnt`：两个上限相等时，"
        "内核先碰到的是内存加交换空间的那个。"),
    paragraph("`cglab oom` and `cglab run --limit` allow no swap without "
              "`--swap`, and report it: otherwise a hog would thrash the disk "
              "instead of being killed.",
              "`cglab oom` 和 `cglab run --limit` 默认不许用交换空间，除非给出 "
              "`--swap`，报告里也会写明：否则程序不会被杀死，而是把磁盘拖垮。"),
};

constexpr LessonPart swap_experiments[] = {
    paragraph(
        "In a disposable VM with 256 MiB of swap, so that your disk is not "
        "used: run these in a checkout of cglab, on a machine with QEMU.",
        "在用完即弃的内核里运行，它有 256 MiB 交换空间，不会动用你的磁盘："
        "请在 cglab 的源码目录里运行，机器上要有 QEMU。"),
    question("A limit of 64 MiB, a hog that wants 128 MiB, and 0, 32 MiB or "
             "unlimited swap: after how many touched bytes is it killed?",
             "上限 64 MiB，程序要占 128 MiB，交换空间分别为 0、32 MiB、不限："
             "各在写到多少字节时被杀死？"),
    on_v1(command("scripts/vm --cgroup v1 --swap 256M -- cglab oom --limit 64M "
                  "--swap 0 --ramp 0")),
    on_v1(command("scripts/vm --cgroup v1 --swap 256M -- cglab oom --limit 64M "
                  "--swap 32M --ramp 0")),
    on_v1(command("scripts/vm --cgroup v1 --swap 256M -- cglab oom --limit 64M "
                  "--swap max --ramp 0")),
    on_v2(command("scripts/vm --cgroup v2 --swap 256M -- cglab oom --limit 64M "
                  "--swap 0 --ramp 0")),
    on_v2(command("scripts/vm --cgroup v2 --swap 256M -- cglab oom --limit 64M "
                  "--swap 32M --ramp 0")),
    on_v2(command("scripts/vm --cgroup v2 --swap 256M -- cglab oom --limit 64M "
                  "--swap max --ramp 0")),
    paragraph("Does this host have swap, and can its cgroups limit it?",
              "这台主机有没有交换空间？cgroup 能不能限制它？"),
    command("cglab doctor | grep -A 1 '^  swap'"),
};

}  // namespace

constexpr Lesson swap_lesson = {
    "swap",
    {"Limits and swap", "内存上限与交换空间"},
    {"why a memory limit may not kill, and the rules of v1 and v2",
     "为什么只有内存上限不一定会杀进程；v1 和 v2 的两套规则"},
    {"The limit is 64 MiB, the program allocates 128 MiB, and the host has 256 "
     "MiB of swap. Is it killed?",
     "内存上限 64 MiB，程序要占 128 MiB，主机有 256 MiB 交换空间。"
     "它会被杀死吗？"},
    swap_body,
    swap_experiments,
};

}  // namespace lab
