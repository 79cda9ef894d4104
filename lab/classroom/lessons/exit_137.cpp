// SPDX-License-Identifier: MIT
#include "lab/classroom/lessons/topics.h"

namespace lab {
namespace {

constexpr LessonRow senders[] = {
    {Message("what happened", "发生了什么"), Message("status", "退出状态"),
     Message("what shows it", "凭什么判断")},
    {Message("OOM kill at a cgroup's limit",
             "达到 cgroup 上限，被 OOM killer 杀死"),
     same("137"),
     Message("`oom_kill` rose; the log says `CONSTRAINT_MEMCG`",
             "`oom_kill` 增加；日志里是 `CONSTRAINT_MEMCG`")},
    {Message("the whole host ran out", "整台主机内存耗尽"), same("137"),
     Message("`oom_kill` rose here as well, but no limit was hit; the log says "
             "`CONSTRAINT_NONE` and `global_oom`",
             "`oom_kill` 同样增加，但没有达到上限；"
             "日志里是 `CONSTRAINT_NONE` 和 `global_oom`")},
    {Message("`kill -9`, a timeout, a service manager",
             "`kill -9`、超时、服务管理器"),
     same("137"), Message("`oom_kill` unchanged", "`oom_kill` 不变")},
    {Message("the program called `exit(137)`", "程序自己 `exit(137)`"),
     same("137"),
     Message("`waitid` reports an exit, no signal",
             "`waitid` 显示正常退出，没有信号")},
    {Message("a child was OOM-killed, its shell went on",
             "子进程被 OOM killer 杀死，shell 继续"),
     Message("any, also 0", "任意，也可能是 0"),
     Message("`oom_kill` rose", "`oom_kill` 增加")},
};

constexpr LessonPart exit_137_body[] = {
    paragraph("The number alone does not say. 137 is 128 + 9, which is how a "
              "shell reports \"killed by signal 9\", SIGKILL. It does not say "
              "who sent the signal:",
              "单凭这个数看不出来。137 = 128 + 9，是 shell 对“被 9 号信号终止”"
              "的记法，9 号就是 SIGKILL。至于是谁发的，这个数里没有："),
    table(senders),
    paragraph(
        "It misleads both ways: a 137 without an OOM kill, and an OOM kill "
        "without a 137, when the victim was a worker and its parent carried "
        "on. Only the counter `oom_kill` of the cgroup, read after the process "
        "was reaped, settles it (`cglab explain oom-kill`).",
        "两个方向都会误判：有 137，却没有 OOM；有 OOM，却没有 137，"
        "比如被杀的是工作进程，而父进程照常运行。要下结论，"
        "得看进程结束、父进程 `wait` 之后 cgroup 的 `oom_kill` 计数（"
        "`cglab explain oom-kill`）。"),
};

constexpr LessonPart exit_137_experiments[] = {
    question("Which of these four ended with 137, and in which of them was the "
             "OOM killer invoked? The two sets differ.",
             "下面四条命令，哪些以 137 结束？哪些有 OOM killer 出手？"
             "这两组并不相同。"),
    command("cglab run -- sh -c 'kill -KILL $$'; echo $?"),
    command("cglab run -- sh -c 'exit 137'; echo $?"),
    command("cglab run --limit 50M -- dd if=/dev/zero of=/dev/null bs=60M "
            "count=1; echo $?"),
    command("cglab run --limit 50M -- sh -c '\n"
            "  dd if=/dev/zero of=/dev/null bs=60M count=1; exit 0'; echo $?"),
};

}  // namespace

constexpr Lesson exit_137_lesson = {
    "exit-137",
    {"Why exit status 137 proves nothing", "退出状态 137 证明不了什么"},
    {"why 137 does not prove an OOM kill, nor 0 the absence of one",
     "137 不等于 OOM，0 也不等于没有 OOM"},
    {"A container ended with exit status 137. Did it run out of memory?",
     "一个容器以退出状态 137 结束。是因为内存超限吗？"},
    exit_137_body,
    exit_137_experiments,
};

}  // namespace lab
