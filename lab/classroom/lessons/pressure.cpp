// SPDX-License-Identifier: MIT
#include "lab/classroom/lessons/topics.h"

namespace lab {
namespace {

constexpr LessonRow one_line[] = {
    {Message("in the file", "文件内容"), Message("an example", "示例"),
     Message("meaning", "含义")},
    {same("`some`"), same(""),
     Message("a line: the time in which at least one task waited",
             "这一行：至少有一个任务在等的时间")},
    {same("`full`"), same(""),
     Message("a line: the time in which all runnable tasks waited, so no work "
             "was done",
             "这一行：想运行的任务全都在等、什么活也没干成的时间")},
    {same("`avg10`"), same("16.84"),
     Message("percent of the last 10 s; likewise `avg60`, `avg300`; they lag",
             "最近 10 秒内的百分比；`avg60`、`avg300` 类推；反应有滞后")},
    {same("`total`"), same("2941479"),
     Message("microseconds since the cgroup was created",
             "cgroup 创建以来累计的微秒数")},
};

constexpr LessonPart pressure_body[] = {
    paragraph("Not the usage: page cache fills up to any limit, and is cheap "
              "to drop. What differs is the pressure (PSI, pressure stall "
              "information). It measures lost time: how long tasks waited for "
              "memory instead of running.",
              "用量分不出来：页缓存会把任何上限填满，而丢弃它代价很小。"
              "能区分的是内存压力（PSI，pressure stall information）。"
              "它量的是损失的时间：任务有多久没在运行，而是在等内存。"),
    table(one_line),
    paragraph("The example is the line `full` for a program that allocates 28 "
              "MiB with a `memory.high` of 24 MiB, 3 s after its start: 2.9 of "
              "the 3 s were lost. A hog at full speed reached a limit of 50 "
              "MiB and was killed with a total of 6 ms: pressure warns of a "
              "slow decline, not of a sudden kill.",
              "示例是 `full` 一行，来自一个要占 28 MiB 而 `memory.high` 为 24 "
              "MiB 的程序，"
              "启动 3 秒后读取：3 秒里损失了 2.9 秒。"
              "而全速占内存的程序撞上 50 MiB 上限被杀死时，total 只有 6 毫秒："
              "内存压力能预警持续的吃紧，预警不了突如其来的 OOM。"),
    item("v2: `memory.pressure` of every cgroup; writing `some 150000 1000000` "
         "and polling it for POLLPRI wakes you when 150 ms of 1 s were lost.",
         "v2：每个 cgroup 都有 `memory.pressure`；写入 `some 150000 1000000` "
         "再对它 poll（POLLPRI），1 秒内损失达到 150 毫秒时就会被唤醒。"),
    item("v1: not per cgroup, only `/proc/pressure/memory` for the whole host. "
         "`memory.pressure_level` is something else: a notification of how "
         "difficult reclaim has become.",
         "v1：cgroup 没有，只有整台主机的 `/proc/pressure/memory`。"
         "`memory.pressure_level` 是另一回事：它通知的是回收有多吃力。"),
    item("PSI may be disabled in the kernel (enable it by booting with "
         "`psi=1`); reading then fails with EOPNOTSUPP.",
         "内核可能默认关闭 PSI（启动参数 `psi=1` 打开）；这时读取会返回 "
         "EOPNOTSUPP。"),
};

constexpr LessonPart pressure_experiments[] = {
    on_v1(paragraph("The whole host:", "整台主机：")),
    on_v1(command("cat /proc/pressure/memory")),
    vm_note,
    on_v2(malloc_demo_note),
    question("A program is throttled for 3 s; another one stays within the "
             "same 24 MiB. What is `total` of each?",
             "一个程序被限速 3 秒；另一个在同样的 24 MiB 以内运行。"
             "它们的 `total` 各是多少？"),
    on_v1(command(
        "scripts/vm --cgroup v2 -- cglab run --high 24M --env -- sh -c '\n"
        "  malloc_demo --total 28M --ramp 0 --quiet & sleep 3\n"
        "  cat \"$CGLAB_CGROUP/memory.pressure\"; kill -KILL $!'")),
    on_v1(command(
        "scripts/vm --cgroup v2 -- cglab run --high 24M --env -- sh -c '\n"
        "  malloc_demo --total 20M --ramp 0 --hold --quiet & sleep 3\n"
        "  cat \"$CGLAB_CGROUP/memory.pressure\"; kill -KILL $!'")),
    on_v2(command("cglab run --high 24M --swap 0 --env -- sh -c '\n"
                  "  malloc_demo --total 28M --ramp 0 --quiet & sleep 3\n"
                  "  cat \"$CGLAB_CGROUP/memory.pressure\"; kill -KILL $!'")),
    on_v2(
        command("cglab run --high 24M --swap 0 --env -- sh -c '\n"
                "  malloc_demo --total 20M --ramp 0 --hold --quiet & sleep 3\n"
                "  cat \"$CGLAB_CGROUP/memory.pressure\"; kill -KILL $!'")),
};

}  // namespace

constexpr Lesson pressure_lesson = {
    "pressure",
    {"Pressure: time lost to memory", "内存压力：内存耗掉的时间"},
    {"PSI: how much time tasks lose by waiting for memory",
     "PSI：任务因等待内存损失了多少时间"},
    {"Two cgroups sit exactly at their limit of 50 MiB. One is fine, the other "
     "barely makes progress. Which number shows the difference?",
     "两个 cgroup 的用量都正好等于 50 MiB 的上限。一个好好的，"
     "另一个几乎动不了。看哪个数能把它们区分开？"},
    pressure_body,
    pressure_experiments,
};

}  // namespace lab
