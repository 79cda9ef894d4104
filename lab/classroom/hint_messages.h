// SPDX-License-Identifier: MIT
#pragma once

#include "lab/base/message.h"

/// The texts of the hints.
namespace lab::hint_messages {

/// Comes before the id of a hint.
inline constexpr Message mark("hint", "提示");

inline constexpr Message not_made(
    "Create it; `cglab exercise` shows all steps for this host.",
    "先把它建出来；`cglab exercise` 会列出本机的每一步。");
inline constexpr Message v1_path_on_v2(
    "This host has cgroup v2: there is no /sys/fs/cgroup/memory, and the files "
    "have other names. The same steps on v2:",
    "本机用的是 cgroup v2：没有 /sys/fs/cgroup/memory，文件名也不同。"
    "同样的步骤在 v2 上写作：");
inline constexpr Message in_other_hierarchy(
    "{0} is a cgroup, but in a hierarchy without the memory controller: it "
    "cannot limit memory. The memory hierarchy is at {1}:",
    "{0} 虽是 cgroup，所在的层级却没有内存控制器，在那里限制不了内存。"
    "内存层级在 {1}：");
inline constexpr Message is_plain_directory(
    "{0} is a plain directory, not a cgroup: the kernel does not read files "
    "written there. Create the cgroup in the memory hierarchy:",
    "{0} 只是普通目录，不是 cgroup：写进去的只是文本，内核不会去读。"
    "要建在内存层级里：");
inline constexpr Message is_gone(
    "The kernel log has an OOM kill in a cgroup {0}, at some time since boot. "
    "That cgroup was removed, and its counters with it. If it was yours, "
    "repeat the exercise, and run the check before rmdir:",
    "内核日志里有自开机以来 cgroup {0} 中的一次 OOM kill，但那个 cgroup 已被"
    "删除，计数器也随之消失。如果是你的，请重做一遍，先检查再 rmdir：");
inline constexpr Message not_delegated(
    "On cgroup v2 a cgroup has the memory files only if the parent enables the "
    "controller in cgroup.subtree_control, and {0} does not. (EBUSY means that "
    "it has processes: move them to a leaf first.)",
    "在 cgroup v2 上，只有上一级把控制器下放，子 cgroup 才会有 memory 文件，"
    "而 {0} 没有下放。（若报 EBUSY，说明其中还有进程，要先移到叶子里去。）");
inline constexpr Message made_word_memory(
    "There is no `memory` directory on cgroup v2: mkdir -p created a cgroup of "
    "that name. Remove both, and create {0} directly below {1}:",
    "cgroup v2 上没有 `memory` 这个目录：是 mkdir -p 建了一个叫这个名字的 "
    "cgroup。把两个都删掉，直接在 {1} 下建 {0}：");
inline constexpr Message is_busy(
    "Usage is {0}, not below the limit. The write then fails with EBUSY on "
    "cgroup v1, and the old limit stays. Set the limit while usage is small: "
    "end the process, start over, and write the limit first:",
    "用量已有 {0}，不低于要设的上限。此时 cgroup v1 对写入返回 EBUSY，"
    "并保留旧的上限。要趁用量还小时设置：结束进程，重新开始，先写上限：");
inline constexpr Message is_other_limit(
    "{0} is set, but that limit never kills. The hard limit is {1}:",
    "设了 {0}，但它不会引发杀死进程。硬上限是 {1}：");
inline constexpr Message limit_not_set(
    "Write the number of bytes into {0}, then read it back: echo prints "
    "nothing on success.",
    "把字节数写入 {0}，再读回来确认：echo 成功时什么也不会说。");
inline constexpr Message limit_differs(
    "Write {0}. (100M is 104857600 bytes; the course's 104960000 is 25625 "
    "pages.)",
    "应写入 {0}。（100M 是 104857600 字节；课程用的 104960000 是 25625 页。）");
inline constexpr Message limit_after_kill(
    "A process of this cgroup has already been OOM-killed, and not at the "
    "expected limit. Writing the limit now does not change that, and the "
    "counters cannot be reset. Remove the cgroup and start over, with the "
    "limit first:",
    "这个 cgroup 里已有进程被 OOM killer 杀死，而且不是在要求的上限处。"
    "现在再写也改变不了，计数器无法清零。"
    "请删除这个 cgroup，重新开始，先写上限：");
inline constexpr Message echo_bug(
    "cgroup.procs was written, but no process was ever seen in it: the kernel "
    "refused the write, or the process had ended. `echo ps ... > cgroup.procs` "
    "writes the words after echo, not what ps prints: the kernel answers "
    "\"Invalid argument\" and moves no process. It expects one pid per write:",
    "有人写了 cgroup.procs，但从来没看到有进程进去：要么内核拒绝了这次写入，"
    "要么那个进程已经结束。`echo ps ... > cgroup.procs` 写入的是 echo "
    "后面的字，"
    "不是 ps 的输出：内核只会回答 “Invalid argument”，一个进程也不会移动。"
    "它要的是每次写一个 pid：");
inline constexpr Message not_moved(
    "No process has ever been in it. Write a pid into cgroup.procs, one at a "
    "time, then list the members:",
    "从来没有进程进去过。把 pid 写入 cgroup.procs，每次一个，然后查看成员：");
inline constexpr Message other_kill_limit(
    "The OOM kill was not at the limit {0}: another limit was in force at that "
    "time. The counters cannot be reset. Remove the cgroup and start over, "
    "with the limit first:",
    "OOM kill 发生时的上限不是 {0}：当时生效的是别的上限。计数器无法清零。"
    "请删除这个 cgroup，重新开始，先写上限：");
inline constexpr Message mixed_peak(
    "The evidence does not show an OOM kill at the limit {0}: usage was once "
    "higher than that, so the limit was lowered after the kill, or usage was "
    "higher before the limit was set. The counters cannot be reset. Remove the "
    "cgroup and start over, with the limit first:",
    "证据不能说明 OOM kill 发生时的上限是 "
    "{0}：用量曾经更高，所以上限可能是在杀死"
    "进程之后才调低的，也可能是设上限之前用量就更高。计数器无法清零。"
    "请删除这个 cgroup，重新开始，先写上限：");
inline constexpr Message not_logged(
    "oom_kill is not 0, but the kernel log, which is complete, has no OOM kill "
    "in this cgroup. Remove the cgroup and start over, with the limit {0}:",
    "oom_kill 不为 0，但完整的内核日志里没有这个 cgroup 的 OOM kill。"
    "请删除这个 cgroup，重新开始，上限为 {0}：");
inline constexpr Message no_peak(
    "A process was killed at the limit of this cgroup, but its value at that "
    "time is unknown: this kernel records no peak (memory.peak appeared in "
    "Linux 5.19), and the kernel log does not show the limit. Root can read "
    "the log. Or start over, with `cglab check --watch` in a second terminal, "
    "which sees the limit at the kill:",
    "有进程在这个 cgroup 的上限处被杀，但无法看出当时的上限是多少：这个内核"
    "不保存峰值（memory.peak 始于 Linux 5.19），内核日志里也没有当时的上限。"
    "root 可以读日志。也可以重新开始，并在另一个终端里运行 "
    "`cglab check --watch`，它能看到杀死进程时的上限：");
inline constexpr Message undetermined(
    "The counters alone do not show that the OOM kill was at the limit {0}, "
    "and the kernel log does not have its cgroup. Root can read the log "
    "(/dev/kmsg); after ten kills in five seconds it omits cgroups. Or start "
    "over, with the limit first and `cglab check --watch` in a second "
    "terminal, which sees the limit at the kill:",
    "只凭计数器无法说明 OOM kill 发生在上限 {0} 处，内核日志里也没有它的 "
    "cgroup。root 可以读日志（/dev/kmsg）；五秒内超过十次，"
    "日志就不再写 cgroup。也可以重新开始，先写上限，并在另一个终端里运行 "
    "`cglab check --watch`，它能看到杀死进程时的上限：");
inline constexpr Message own_shell(
    "Your own shell ({0}, pid {1}) is in it: every command you type is charged "
    "there, and the shell may be killed. Move it out, and leave the program "
    "in:",
    "你自己的 shell（{0}，pid {1}）在里面：你敲的每条命令都记在它账上，"
    "shell 也可能被杀。把 shell 移出来，让程序留在里面：");
inline constexpr Message charges_stay(
    "{0} (pid {1}) is in it and holds {2}, but usage is {3}: charges do not "
    "follow a moved process. What it allocated before it was moved stays "
    "charged to its old cgroup. Wait for the next block.",
    "{0}（pid {1}）在里面，占着 {2}，但用量只有 {3}：进程移动时，"
    "已记的账不会跟着走，移入之前用掉的内存仍记在原来的 cgroup 上。"
    "等它申请下一块内存即可。");
inline constexpr Message oom_disabled(
    "The OOM killer of this cgroup is disabled (oom_kill_disable 1): a "
    "process that reaches the limit sleeps in state D until there is room. "
    "Enable it again:",
    "这个 cgroup 的 OOM killer 被关掉了（oom_kill_disable 为 "
    "1）：进程碰到上限后"
    "不会被杀，而是以 D 状态睡眠，直到腾出空间。重新打开：");
inline constexpr Message went_to_swap(
    "{0} are in swap: at the limit the kernel swaps out pages instead of "
    "killing. Set the swap limit of this cgroup to 0, so that it has to kill:",
    "已有 {0} 被换到交换空间：到了上限，内核先把页换出去，而不是杀进程。"
    "禁止这个 cgroup 使用交换空间，它才不得不杀：");
inline constexpr Message went_to_swap_v1(
    "{0} are in swap: at the limit the kernel swaps out pages instead of "
    "killing. cgroup v1 limits the sum of memory and swap, and refuses a limit "
    "below what is in use. Start over, and set both limits first:",
    "已有 {0} 被换到交换空间：到了上限，内核先把页换出去，而不是杀进程。"
    "cgroup v1 限制的是内存与交换空间之和，不能设得比已用的少。"
    "请重新开始，先把两个上限都设好：");
inline constexpr Message limit_above(
    "A process of this cgroup was OOM-killed, but not at the cgroup's own "
    "limit: at that of an ancestor, or because the host ran out of memory. "
    "Start over where more memory is free.",
    "这个 cgroup 里确有进程被 OOM killer 杀死，但触发的不是本 cgroup 自己的"
    "上限：而是上级 cgroup 的上限，或整机内存耗尽。请在内存更充裕的地方重做。");
inline constexpr Message limit_above_named(
    "A process of this cgroup was OOM-killed, but not at the cgroup's own "
    "limit: the kernel log names the limit of the cgroup {0}. Start over where "
    "no other limit is lower.",
    "这个 cgroup 里确有进程被 OOM killer 杀死，但触发的不是本 cgroup 自己的"
    "上限：内核日志显示是 cgroup {0} 的上限。请在没有其他更低上限的地方重做。");
inline constexpr Message throttled(
    "memory.high is below the limit: the process is throttled there, possibly "
    "for hours, and never reaches the limit. Remove it:",
    "memory.high 低于上限：进程在那里就被限速，可以拖上几个小时，"
    "根本到不了上限。把它去掉：");
inline constexpr Message still_waiting(
    "Usage is {0} of {1}. Wait for the next block; `cglab check --watch` shows "
    "when it happens.",
    "用量 {0}，上限 {1}。等下一块内存；`cglab check --watch` "
    "会在发生时告诉你。");
inline constexpr Message killed_by_hand(
    "The process is gone without an OOM kill: oom_kill is 0. It exited, it was "
    "moved out, or something else killed it: exit status 137 only means "
    "SIGKILL. Start over, and let the limit kill it:",
    "进程不在了，但不是 OOM killer 杀的：oom_kill 为 "
    "0。它自己退出了、被移走了，"
    "或是被别的信号杀死：退出状态 137 只说明收到 SIGKILL。"
    "请重来一遍，让上限来杀：");
inline constexpr Message ended_early(
    "The process ended before it had allocated enough. Start it again, and "
    "leave it running:",
    "进程没占够内存就结束了。重新启动它，让它一直运行：");

}  // namespace lab::hint_messages
