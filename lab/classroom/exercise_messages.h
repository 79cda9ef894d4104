// SPDX-License-Identifier: MIT
#pragma once

#include "lab/base/message.h"

/// The texts of the exercise.
namespace lab::exercise_messages {

inline constexpr Message title("Exercise: a memory limit and the OOM killer",
                               "实验：内存上限与 OOM killer");
inline constexpr Message on_host(
    "For this host: the memory controller is on cgroup {0}, its hierarchy is "
    "mounted at `{1}`.",
    "针对本机：内存控制器在 cgroup {0} 上，层级挂载在 `{1}`。");
inline constexpr Message hybrid_note(
    "This is a hybrid host: it mounts a cgroup2 as well, but memory is not on "
    "it, so use the v1 files.",
    "本机是混合主机：虽然也挂载了 cgroup2，但内存控制器不在上面，"
    "要用 v1 的文件。");
inline constexpr Message in_vm(
    "It cannot be done on this host itself ({0}). Do it in a disposable "
    "VM, where you are root:",
    "本机上做不了（{0}）。请在用完即弃的内核里做，那里的 shell 归你一个人用：");
inline constexpr Message goal("Goal", "目标");
inline constexpr Message goal_text(
    "Put a running program under a memory limit by hand, see what is charged "
    "to "
    "it and what is not, let the limit kill it, and prove that it was the OOM "
    "killer and nothing else.",
    "亲手给一个正在运行的程序加上内存上限，看清哪些内存记在它账上、哪些没有，"
    "让上限把它杀掉，并证明动手的是 OOM killer，而不是别人。");
inline constexpr Message paste(
    "Paste the commands into one shell, step by step. Write your prediction "
    "down before you look. In a second terminal `cglab check --watch` ticks "
    "off "
    "each step as the kernel sees it.",
    "把命令一步步粘贴到同一个 shell 里。先写下预测，再看结果。在另一个终端运行 "
    "`cglab check --watch`，内核每看到一步，就打一个勾。");
inline constexpr Message paste_in_vm(
    "Paste the commands into its shell, step by step. Write your prediction "
    "down before you look.",
    "把命令一步步粘贴到里面的 shell 里。先写下预测，再看结果。");
inline constexpr Message place_title("0. A place for your cgroup",
                                     "0. 属于自己的位置");
inline constexpr Message scope_text(
    "systemd manages the cgroups of this host: request a scope from it, and do "
    "the rest in the shell inside the scope. A cgroup with processes in it "
    "cannot enable memory for its children, so the shell moves to a leaf.",
    "本机的 cgroup 由 systemd 管理：先向它要一个归自己的 "
    "scope，其余的都在里面的 "
    "shell 里做。有进程的 cgroup 不能下放内存控制器，所以 shell "
    "要先移到叶子里。");
inline constexpr Message in_scope("When the shell inside has started:",
                                  "等里面的 shell 出现之后：");
inline constexpr Message aside_text(
    "A cgroup with processes in it cannot enable memory for its children: move "
    "them to a leaf first.",
    "有进程的 cgroup 不能下放内存控制器：先把进程移到叶子里。");
inline constexpr Message program_title("1. The program", "1. 程序");
inline constexpr Message program_text(
    "`malloc` allocates 100 MiB (104857600 bytes) at a time, touches every "
    "page, waits {0}, and allocates the next block. It must be running before "
    "it can be moved.",
    "`malloc` 每次申请 100 MiB（104857600 字节），写遍每一页，等待 {0} "
    "后再申请下一块。要移动它，得先让它跑起来。");
inline constexpr Message program_question(
    "VSZ is what it has allocated, RSS what it has touched. Which of the two "
    "counts against a memory limit?",
    "VSZ 是它申请的，RSS 是它碰过的。内存上限数的是哪一个？");
inline constexpr Message group_title("2. The memory cgroup", "2. 内存 cgroup");
inline constexpr Message group_text(
    "A directory is a cgroup: the kernel fills it with files.",
    "一个目录就是一个 cgroup：文件由内核填好。");
inline constexpr Message group_question("What limit does a new cgroup have?",
                                        "新建的 cgroup 上限是多少？");
inline constexpr Message move_title("3. Move the process in",
                                    "3. 把进程移进去");
inline constexpr Message move_text(
    "Write one pid at a time. Then list the members.",
    "每次写一个 pid，写数字。然后看看里面有谁。");
inline constexpr Message move_question(
    "`malloc` holds 100 MiB. What will the usage of its new cgroup be, right "
    "after the move? (`cglab explain move`)",
    "`malloc` 已占 100 MiB。刚移进去时，新 cgroup 的用量会是多少？"
    "（`cglab explain move`）");
inline constexpr Message limit_title("4. The limit", "4. 上限");
inline constexpr Message limit_text(
    "Before the next block, write {0} bytes and read the limit back. The "
    "kernel rounds down to a page.",
    "要赶在下一块之前：写入 {0} 字节，再读回来。内核会向下取整到整页。");
inline constexpr Message swap_text_v1(
    "Memory plus swap gets the same limit; otherwise the kernel swaps out what "
    "exceeds the limit, and nothing is killed.",
    "内存加交换空间也设同样的上限，否则装不下的会被换出去，谁也不会被杀。");
inline constexpr Message swap_text_v2(
    "Disable swap as well; otherwise the kernel swaps out what exceeds the "
    "limit, and nothing is killed.",
    "并且禁用交换空间，否则装不下的会被换出去，谁也不会被杀。");
inline constexpr Message limit_question_v1(
    "What would this write return if usage were already above the limit? "
    "(`cglab explain limit`)",
    "如果用量已经超过上限，内核会怎么回答？（`cglab explain limit`）");
inline constexpr Message limit_question_v2(
    "What would happen during this write if usage were already above the "
    "limit? (`cglab explain limit`)",
    "如果用量已经超过上限，这次写入当场会发生什么？（`cglab explain limit`）");
inline constexpr Message wait_title("5. Wait for it", "5. 等待");
inline constexpr Message wait_question(
    "Will it be killed in the next block or in the one after? How much will it "
    "hold then in total, and how much of that will be charged to this cgroup?",
    "它会死在下一块，还是再下一块？那时它总共占多少？记在这个 cgroup 账上的又有"
    "多少？");
inline constexpr Message wait_text(
    "The loop ends when there is no process left in the cgroup.",
    "cgroup 里没有进程了，循环就结束。");
inline constexpr Message proof_title("6. The proof", "6. 证据");
inline constexpr Message proof_text(
    "137 = 128 + 9 only means SIGKILL, which any process can send. The counter "
    "`oom_kill`, which rose from 0 to 1, shows that it was the OOM killer; "
    "`oom_memcg` in the kernel log shows that it was this limit. Without the "
    "log, {0} and the peak suggest it.",
    "137 = 128 + 9，只说明收到 SIGKILL，谁都能发。是不是 OOM "
    "killer，要看计数器 "
    "`oom_kill` 是否从 0 变成 1；是不是这个上限，要看内核日志里的 "
    "`oom_memcg`。没有日志时，{0} 和用量峰值是线索。");
inline constexpr Message proof_question(
    "What would these files show after a `kill -9` by hand? (`cglab explain "
    "exit-137`)",
    "如果是有人敲了 `kill -9`，这些文件里会看到什么？（`cglab explain "
    "exit-137`）");
inline constexpr Message check_title("7. Check", "7. 检查");
inline constexpr Message check_text(
    "Check before you remove the cgroup: its counters are removed with it.",
    "要在删除 cgroup 之前检查：计数器会随它一起消失。");
inline constexpr Message clean_title("8. Clean up", "8. 清理");
inline constexpr Message recipe_title(
    "The course's recipe, and what it does here",
    "课程原来的做法，在本机的效果");
inline constexpr Message recipe_item("{0}: {1}. Here: {2}",
                                     "{0}：{1}。本机写法：{2}");
inline constexpr Message works("works", "可行");
inline constexpr Message no_such_directory(
    "no such directory on v2; mkdir -p creates a cgroup named memory",
    "v2 上没有这个目录；用 mkdir -p 则会建出一个叫 memory 的 cgroup");
inline constexpr Message moves_no_process(
    "writes the words after echo, not what ps prints: \"Invalid argument\", no "
    "process is moved",
    "写入的是 echo 后面的字，不是 ps 的输出：报 Invalid argument，谁也没移动");
inline constexpr Message no_such_file("no such file on v2",
                                      "v2 上没有这个文件");
inline constexpr Message limit_works(
    "works only while usage is below it; otherwise \"Device or resource busy\"",
    "用量低于上限时才行，否则报 Device or resource busy");
inline constexpr Message proves_nothing("137 only means SIGKILL",
                                        "137 只能证明收到 SIGKILL");

}  // namespace lab::exercise_messages
