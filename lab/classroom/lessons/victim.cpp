// SPDX-License-Identifier: MIT
#include "lab/classroom/lessons/topics.h"

namespace lab {
namespace {

constexpr LessonPart victim_body[] = {
    paragraph("The larger one, regardless of which allocated last. The OOM "
              "killer scores each process in the cgroup whose limit was hit "
              "and in its descendants, and picks the highest score:",
              "杀大的那个，不管最后是谁在要内存。OOM killer 给达到上限的 "
              "cgroup 及其所有下级里的每个进程打分，选分数最高的："),
    item("score = resident + swapped + page-table pages + `oom_score_adj` * "
         "(limit in pages / 1000)",
         "分数 = 常驻页数 + 换出页数 + 页表页数 + `oom_score_adj` * "
         "（上限的页数 / 1000）"),
    item("`/proc/PID/oom_score_adj` ranges from -1000 to 1000, is 0 by default "
         "and is inherited. 1000 adds about the whole limit: a small process "
         "with it is killed before a large one. Raising it needs no privilege; "
         "lowering it below 0, or below the value that root set, needs "
         "CAP_SYS_RESOURCE.",
         "`/proc/PID/oom_score_adj` 的取值是 -1000 到 1000，默认 0，"
         "子进程会继承。1000 相当于再加上整个上限那么多，"
         "于是小进程会死在大进程前面。调高不需要权限；调到 0 以下，"
         "或低于 root 设定的值，需要 CAP_SYS_RESOURCE。"),
    item("The division is an integer division: 50 MiB are 12800 pages, and "
         "1000 adds 12000. An idle `sleep` with 1000 was still spared when a "
         "hog filled the rest.",
         "这里是整数除法：50 MiB 是 12800 页，1000 只加 12000 页。"
         "所以一个几乎不占内存、设了 1000 的 `sleep`，"
         "碰上把其余内存占满的进程，仍会幸免。"),
    item("-1000 is never chosen. If all processes have it, there is no victim: "
         "the kernel retries forever and floods its log. Always set a timeout.",
         "-1000 永远不会被选中。如果所有进程都是 -1000，就无人可杀："
         "内核会不停重试，日志刷屏。务必设好超时。"),
    item("v2: with 1 in `memory.oom.group` all processes in the cgroup are "
         "killed together, except those at -1000. The counter then counts the "
         "first one twice: three processes killed, `oom_kill` 4, "
         "`oom_group_kill` 1.",
         "v2：`memory.oom.group` 为 1 时，cgroup 里的进程一起被杀，"
         "-1000 的除外。这时第一个进程会被计两次：杀了 3 个进程，"
         "`oom_kill` 是 4，`oom_group_kill` 是 1。"),
    paragraph("A container's main process is usually small: its worker is "
              "killed, it goes on, and the kill is not noticed. That is what "
              "`memory.oom.group` is for.",
              "容器的主进程往往很小：死的是工作进程，主进程照常运行，没人察觉。"
              "`memory.oom.group` 就是为此而设的。"),
};

constexpr LessonPart victim_experiments[] = {
    malloc_demo_note,
    question("10 MiB and 45 MiB under a limit of 50 MiB: which is killed?",
             "10 MiB 和 45 MiB，上限 50 MiB：谁会死？"),
    command("cglab run --limit 50M -- sh -c '\n"
            "  malloc_demo --total 10M --ramp 0 --hold --quiet & sleep 1\n"
            "  dd if=/dev/zero of=/dev/null bs=45M count=1; echo \"dd: $?\"\n"
            "  kill $!; wait $!; echo \"malloc_demo: $?\"'"),
    question("And if the small one has 1000?", "如果小进程设了 1000 呢？"),
    command("cglab run --limit 50M -- sh -c '\n"
            "  malloc_demo --total 10M --ramp 0 --hold --quiet & sleep 1\n"
            "  echo 1000 > /proc/$!/oom_score_adj\n"
            "  dd if=/dev/zero of=/dev/null bs=45M count=1; echo \"dd: $?\"\n"
            "  wait $!; echo \"malloc_demo: $?\"'"),
    question("All together (v2): what does the last line of the script print?",
             "一起被杀（v2）：脚本的最后一行会输出什么？"),
    vm_note,
    on_v1(command("scripts/vm --cgroup v2 -- cglab run --limit 50M --oom-group "
                  "-- sh -c '\n"
                  "  sleep 60 &\n"
                  "  dd if=/dev/zero of=/dev/null bs=60M count=1\n"
                  "  echo \"dd: $?\"'")),
    on_v2(command("cglab run --limit 50M --oom-group -- sh -c '\n"
                  "  sleep 60 &\n"
                  "  dd if=/dev/zero of=/dev/null bs=60M count=1\n"
                  "  echo \"dd: $?\"'")),
};

}  // namespace

constexpr Lesson victim_lesson = {
    "victim",
    {"Which process the OOM killer chooses", "OOM killer 选谁"},
    {"what decides: size, oom_score_adj, memory.oom.group",
     "选中谁：大小、oom_score_adj、memory.oom.group"},
    {"Two processes share a limit of 50 MiB. One holds 10 MiB and sleeps, the "
     "other grows to 45 MiB. Which one is killed, and can that be changed?",
     "两个进程共用 50 MiB 的上限。一个占着 10 MiB 在睡眠，另一个涨到 45 MiB。"
     "哪一个被杀？能不能改变？"},
    victim_body,
    victim_experiments,
};

}  // namespace lab
