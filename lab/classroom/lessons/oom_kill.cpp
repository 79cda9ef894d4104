// SPDX-License-Identifier: MIT
#include "lab/classroom/lessons/topics.h"

namespace lab {
namespace {

constexpr LessonRow whose_limit[] = {
    {Message("what", "看什么"), same("v1"), same("v2")},
    {Message("who was killed", "谁被杀"),
     Message("`oom_kill` in `memory.oom_control`, this cgroup only",
             "`memory.oom_control` 的 `oom_kill`，只计本 cgroup"),
     Message("`oom_kill` in `memory.events`, with descendants",
             "`memory.events` 的 `oom_kill`，包括所有下级")},
    {Message("whose limit", "谁的上限"),
     Message(
         "OOM notifications (`cgroup.event_control`): to that cgroup and "
         "its descendants",
         "OOM 通知（`cgroup.event_control`）：发给达到上限的那一级及其下级"),
     Message("`oom` in `memory.events.local` rose where it was hit",
             "达到上限的那一级，`memory.events.local` 的 `oom` 增加")},
    {Message("kernel log", "内核日志"),
     Message("`oom_memcg=` whose limit, `task_memcg=` the victim's cgroup",
             "`oom_memcg=` 是达到上限的 cgroup，`task_memcg=` 是被选中的进程"
             "所在的 cgroup"),
     Message("the same", "相同")},
};

constexpr LessonPart oom_kill_body[] = {
    paragraph("At the limit a charge fails. The kernel reclaims and tries "
              "again; when nothing can be reclaimed, the OOM killer picks a "
              "process in the cgroup whose limit was hit or in a descendant, "
              "raises the counter `oom_kill` of the victim's cgroup and sends "
              "SIGKILL. `malloc` returned long ago, so the program gets no "
              "NULL, and SIGKILL cannot be caught. If no other process was in "
              "the cgroup, two observations together are the proof:",
              "用量达到上限时，记账失败。内核先回收再重试；实在没有可回收的，"
              "OOM killer 就在达到上限的 cgroup 及其下级里选中一个进程，"
              "给该进程所在 cgroup 的 `oom_kill` 计数加一，然后发送 SIGKILL。"
              "`malloc` 早已成功返回，程序既等不到 NULL，也捕获不到信号。"
              "cgroup 里没有别的进程时，下面两点合在一起就是证据："),
    item("The parent reaped the child with SIGKILL (`waitid`).",
         "父进程用 `waitid` 回收子进程，得知它死于 SIGKILL。"),
    item("`oom_kill`, read before the start and after the reap, has "
         "risen. The kernel raises it before it sends the signal, so a "
         "read after the reap is never too early.",
         "启动前和 `waitid` 之后各读一次，`oom_kill` 增加了。"
         "内核先加计数再发信号，所以在 `waitid` 之后读，绝不会读早了。"),
    paragraph(
        "Neither is a proof by itself: any process can send SIGKILL, and the "
        "counter may have counted another process. Whose limit it was is a "
        "third question, as every ancestor may have a lower one:",
        "只有其中一点不算证据：SIGKILL 谁都能发，"
        "计数也可能是因为别的进程。至于是谁的上限，还要另查，"
        "因为上级 cgroup 的上限可能更低："),
    table(whose_limit),
    paragraph(
        "Neither `memory.failcnt` (19 to 300 per OOM) nor `max` in "
        "`memory.events` (about 35) counts kills: they count failed charges.",
        "`memory.failcnt`（每次 OOM 增加 19 到 300）和 `memory.events` 里的 "
        "`max`（约 35）数的是失败的记账，不是被杀的进程。"),
};

constexpr LessonPart oom_kill_experiments[] = {
    paragraph("The proof, then the same hog with less to allocate: it "
              "survives, exit status 1.",
              "先看证据，再看对照实验：同样的程序少占一点内存，就能活下来，"
              "退出状态为 1。"),
    command("cglab oom --limit 100M --ramp 0"),
    command("cglab oom --limit 100M --total 80M --ramp 0"),
    question("The child's cgroup has a limit of 100 MiB, its parent one of 40 "
             "MiB. Which of the two counts the kill, and which the limit hit?",
             "子进程的 cgroup 上限 100 MiB，上一级上限 40 MiB。"
             "哪一级的计数记下了被杀的进程？哪一级记下了达到上限？"),
    on_v1(command("cglab run --limit 40M --env -- sh -c '\n"
                  "  cglab oom --parent \"$CGLAB_CGROUP\" --limit 100M "
                  "--ramp 0'")),
    on_v1(paragraph(
        "The last lines, by the outer run, report no kill: on v1 `oom_kill` of "
        "the parent did not rise.",
        "最后几行是外层运行的报告，它不知道有进程被杀：在 v1 上，上一级的 "
        "`oom_kill` 没有增加。")),
    on_v2(command("cglab run --limit 40M --env -- sh -c '\n"
                  "  mkdir \"$CGLAB_CGROUP/leaf\"\n"
                  "  echo 0 > \"$CGLAB_CGROUP/leaf/cgroup.procs\"\n"
                  "  echo +memory > \"$CGLAB_CGROUP/cgroup.subtree_control\"\n"
                  "  cglab oom --parent \"$CGLAB_CGROUP\" --limit 100M "
                  "--ramp 0'")),
    on_v2(paragraph(
        "The shell first moves to a leaf: a cgroup with processes in it cannot "
        "enable the controller for its children. The last lines, by the outer "
        "run, count the kill as well: on v2 `oom_kill` includes descendants.",
        "shell 先移到叶子 cgroup 里：里面有进程的 cgroup "
        "不能把控制器交给下级。最后几行是外层运行的报告，它也数到了这次 OOM："
        "在 v2 上，`oom_kill` 包括所有下级。")),
};

}  // namespace

constexpr Lesson oom_kill_lesson = {
    "oom-kill",
    {"The OOM kill and its proof", "OOM 杀进程及其证据"},
    {"what happens at the limit, how to prove it, and whose limit it was",
     "达到上限会怎样，如何证明，是谁的上限"},
    {"A process in a cgroup with a limit was killed. How do you prove that the "
     "OOM killer did it, and at which limit?",
     "有内存上限的 cgroup 里死了一个进程。怎样证明是 OOM killer 杀的？"
     "又是哪一级的上限？"},
    oom_kill_body,
    oom_kill_experiments,
};

}  // namespace lab
