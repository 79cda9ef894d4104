// SPDX-License-Identifier: MIT
#pragma once

#include "lab/base/message.h"

/// The sentences of verdicts. Records carry the English ones.
namespace lab::verdict_messages {

inline constexpr Message the_child("child", "子进程");
inline constexpr Message the_command("command", "命令");

inline constexpr Message oom_killed("The OOM killer killed the {0} {1}: {2}.",
                                    "OOM killer 杀死了{0}，{1}：{2}。");
inline constexpr Message at_own_limit(
    "at the limit of its own cgroup, {0} bytes",
    "触发的是它自己 cgroup 的上限 {0} 字节");
inline constexpr Message at_limit_above(
    "at the limit of an ancestor cgroup, {0}",
    "触发的是上级 cgroup {0} 的上限");
inline constexpr Message at_own_other_limit(
    "at the limit of its own cgroup, {0} bytes at the kill and {1} at the "
    "start",
    "触发的是它自己 cgroup 的上限，当时为 {0} 字节，起初为 {1}");
inline constexpr Message at_own_lower_limit(
    "at the limit of its own cgroup, which was below {0} bytes at the kill",
    "触发的是它自己 cgroup 的上限，当时低于 {0} 字节");
inline constexpr Message at_run_lower_limit(
    "at the limit of that cgroup, which was below {0} bytes at the kill",
    "触发的是该 cgroup 的上限，当时低于 {0} 字节");
inline constexpr Message at_own_rewritten_limit(
    "at the limit of its own cgroup, {0} bytes at first and {1} at the end of "
    "the run",
    "触发的是它自己 cgroup 的上限，起初为 {0} 字节，运行结束时为 {1}");
inline constexpr Message at_limit_below(
    "at the limit of a descendant of its cgroup, {0}",
    "触发的是其 cgroup 的下级 cgroup {0} 的上限");
inline constexpr Message by_host(
    "because {0} ran out of memory, not by its limit",
    "原因是{0}的内存耗尽，与它的上限无关");
inline constexpr Message by_unknown_limit(
    "at a limit that the evidence does not identify",
    "但现有证据不能说明是哪个上限");
inline constexpr Message whole_host("the whole host", "整台主机");
inline constexpr Message memory_nodes("the NUMA nodes it is allowed to use",
                                      "它可用的 NUMA 节点");
inline constexpr Message proof_by_log(
    "it was reaped with SIGKILL and the kernel's log names it as the victim",
    "它因 SIGKILL 结束，内核日志也点名它是被选中的进程");
inline constexpr Message oom_kill_rose("oom_kill rose from {0} to {1}",
                                       "oom_kill 从 {0} 变为 {1}");
inline constexpr Message proof_by_counter("it was reaped with SIGKILL and {0}",
                                          "它因 SIGKILL 结束，{0}");
inline constexpr Message unknown("unknown", "未知");

inline constexpr Message refused(
    "The kernel refused the limit ({0} to {1}: {2}), so the child was stopped.",
    "内核拒绝了上限（向 {1} 写入 {0}：{2}），因此没有让子进程继续运行。");
inline constexpr Message no_oom_kill("no OOM kill", "没有发生 OOM kill");
inline constexpr Message another_killed(
    "{0}, but another process was killed ({1})",
    "{0}，但被杀的是别的进程（{1}）");
inline constexpr Message log_names_kills(
    "the kernel log names a victim inside, and no counter shows its kill",
    "内核日志点名其中有进程被杀，而没有计数器反映这次 kill");
inline constexpr Message below_limit(" (below the limit)", "（低于上限）");
inline constexpr Message end_unknown("How the child ended is unknown.",
                                     "子进程如何结束，不得而知。");
inline constexpr Message failed("The child failed with exit status {0}.",
                                "子进程失败，退出状态为 {0}。");
inline constexpr Message survived(
    "The child allocated all {0} bytes{1} and survived: {2}; {3}.",
    "子进程拿到了它要的 {0} 字节{1}，活了下来：{2}；{3}。");
inline constexpr Message peak_unknown("its peak is unknown", "用量峰值未知");
inline constexpr Message peak_was("its peak was {0} bytes",
                                  "用量峰值为 {0} 字节");
inline constexpr Message ended_by_signal("The {0} ended by {1}.",
                                         "{0}因 {1} 结束。");
inline constexpr Message killed_by_another(
    "The {0} was killed by SIGKILL, but not by the OOM killer: {1}.",
    "{0}因 SIGKILL 结束，但不是 OOM killer 杀的：{1}。");
inline constexpr Message oom_kill_stayed("oom_kill stayed at {0}",
                                         "oom_kill 一直是 {0}");
inline constexpr Message no_counter("this kernel does not count OOM kills",
                                    "这个内核不统计 OOM kill");
inline constexpr Message log_does_not_name(
    "the kernel log, of which no record was lost, does not name it",
    "内核日志完整无缺，没有点名它");
inline constexpr Message killer_undetermined(
    "The {0} was killed by SIGKILL; whether by the OOM killer is undetermined "
    "({1}). {2}",
    "{0}因 SIGKILL 结束；是不是 OOM killer 杀的，无法确定（{1}）。{2}");
inline constexpr Message victim_undetermined(
    "The {0} was killed by SIGKILL and a process in its cgroup by the OOM "
    "killer, {1} ({2}); whether they are the same is undetermined: {3}. {4}",
    "{0}因 SIGKILL 结束，它的 cgroup 里也有进程被 OOM killer "
    "杀死，{1}（{2}）；是否是同一个进程，无法确定：{3}。{4}");
inline constexpr Message others_inside("other processes were inside as well",
                                       "其中还有过别的进程");
inline constexpr Message child_had_left("it had left the cgroup before",
                                        "在那之前它已离开这个 cgroup");
inline constexpr Message log_incomplete(
    "The kernel log would decide it, but is not usable here ({0}); {1}.",
    "看内核日志就能确定，但在这里用不上（{0}）；{1}。");
inline constexpr Message make_log_readable(
    "make it readable (sudo sysctl kernel.dmesg_restrict=0), or run cglab as "
    "root",
    "请使它可读（sudo sysctl kernel.dmesg_restrict=0），"
    "或以 root 身份运行 cglab");
inline constexpr Message provide_log(
    "run cglab where /dev/kmsg is the kernel's log (in a container: --device "
    "/dev/kmsg)",
    "请在 /dev/kmsg 是内核日志的地方运行 cglab（容器中：--device "
    "/dev/kmsg）");
inline constexpr Message to_name_victims(" To have victims named, {0}.",
                                         "若要知道被杀的进程：{0}。");
inline constexpr Message repeat_run("repeat the run", "请重新运行");
inline constexpr Message enlarge_log(
    "repeat the run, or enlarge the log (log_buf_len=4M on the kernel's "
    "command line)",
    "请重新运行，或加大日志缓冲区（内核命令行 log_buf_len=4M）");
inline constexpr Message newer_kernel(
    " Linux 6.15 and later also report how each process ended.",
    "从 Linux 6.15 起，内核还会给出每个进程的结束方式。");
inline constexpr Message counter_is_gone(
    "oom_kill rose during the run, in a cgroup that has been removed",
    "运行期间 oom_kill 增加过，但那个 cgroup 已被删除");
inline constexpr Message log_unclear(
    "The kernel log names a victim that may be one of its threads or have "
    "shared its memory.",
    "内核日志点名的进程可能是它的线程，也可能与它共享内存。");
inline constexpr Message log_lacks_cgroups(
    "The kernel log has kills without their cgroups, which it adds to only 10 "
    "kills in 5 s; repeat the run.",
    "内核日志里有未写明 cgroup 的 OOM kill（5 秒内最多写明 10 "
    "次）；请重新运行。");
inline constexpr Message log_names_fewer("it has fewer kills than were counted",
                                         "其中的记录少于计数");
inline constexpr Message members_unread(
    "which processes were inside is not known", "不知道其中有过哪些进程");
inline constexpr Message log_lost_records("records were lost during the run",
                                          "运行期间丢失了记录");
inline constexpr Message log_of_other_namespace(
    "The kernel log would decide it, but its pids are those of the initial PID "
    "namespace: run cglab there.",
    "若在初始 PID 命名空间里运行 cglab，看内核日志就能确定：日志里的 pid "
    "属于那里。");
inline constexpr Message kills_counted(" OOM kills inside: {0}, {1}.",
                                       "其中 OOM kill {0} 次：{1}。");
inline constexpr Message victims_unknown("victims unknown ({0})",
                                         "被杀的进程未知（{0}）");
inline constexpr Message left_its_cgroup(
    "The {0} left its cgroup. It {1}; {2}.",
    "{0}离开了它的 cgroup。它{1}；{2}。");
inline constexpr Message had_left(
    " /proc/{0}/cgroup showed it in {1}, outside of the run's cgroup: what it "
    "did there was neither limited nor measured.",
    "/proc/{0}/cgroup 显示它在 {1}，不在这次运行的 cgroup 里："
    "它在那里做的事既不受限制，也没有计量。");
inline constexpr Message killed_elsewhere(
    " The kernel log has the OOM kill of the {0} in {1}.",
    "内核日志记录，{0}在 {1} 中被 OOM killer 杀死。");
inline constexpr Message not_looked_for("not looked for", "未查找");
inline constexpr Message interrupted(
    "Interrupted by {0} before the outcome was known.",
    "还没有结果，就被 {0} 中断了。");
inline constexpr Message deadline("No outcome within the deadline of {0}: {1}.",
                                  "在期限 {0} 内没有结果：{1}。");

inline constexpr Message command_signalled("ended by {0}", "因 {0} 结束");
inline constexpr Message command_exited("exited with status {0}",
                                        "退出状态为 {0}");
inline constexpr Message command_unknown("ended in an unknown way",
                                         "结束方式未知");
inline constexpr Message victim_named("{0} (pid {1})", "{0}（pid {1}）");
inline constexpr Message killed_inside(
    "The OOM killer killed {0} in the {1}'s cgroup: {2}; {3}. The {1} itself "
    "{4}; {5}.",
    "OOM killer 杀死了{1}的 cgroup 里的{0}：{2}；{3}。{1}本身{4}；{5}。");
inline constexpr Message one_process("a process", "一个进程");
inline constexpr Message processes("{0} processes", "{0} 个进程");
inline constexpr Message at_run_limit("at the limit of that cgroup, {0} bytes",
                                      "触发的是该 cgroup 的上限 {0} 字节");
inline constexpr Message at_run_rewritten_limit(
    "at the limit of that cgroup, {0} bytes at first and {1} at the end of the "
    "run",
    "触发的是该 cgroup 的上限，起初为 {0} 字节，运行结束时为 {1}");
inline constexpr Message at_descendant_limit(
    "at the limit of its descendant {0}, {1} bytes",
    "触发的是其下级 cgroup {0} 的上限 {1} 字节");
inline constexpr Message at_some_descendant_limit(
    "at the limit of one of its descendants",
    "触发的是其某个下级 cgroup 的上限");
inline constexpr Message victim_at("{0} {1}", "{0}（{1}）");
inline constexpr Message and_more("and {0} more", "另有 {0} 个");
inline constexpr Message kills_unknown(
    " Whether a process was OOM-killed in a cgroup that the command made "
    "inside is undetermined: on v1 the counter is lost when the cgroup is "
    "removed. {0}",
    "命令在其中自建的 cgroup 里是否有进程被 OOM killer 杀死，无法确定："
    "v1 的计数器随 cgroup 一起消失。{0}");
inline constexpr Message throttled(
    "The command was throttled at its high limit of {0} bytes: `high` of "
    "memory.events rose by {1}, {2}. It {3}; {4}.",
    "命令在 high 上限 {0} 字节处被限速：memory.events 的 `high` 增加了 {1}，"
    "{2}。它{3}；{4}。");
inline constexpr Message finished("The command {0}; {1}.", "命令{0}；{1}。");
inline constexpr Message command_deadline(
    "The command and what it had started did not end within the deadline of "
    "{0}, and everything inside was killed: {1}.",
    "命令及它启动的进程在期限 {0} 内没有结束，已全部杀死：{1}。");
inline constexpr Message command_deadline_held(
    "The command and what it had started did not end within the deadline of "
    "{0}, and not everything inside could be killed: {1}.",
    "命令及它启动的进程在期限 {0} 内没有结束，而且有的进程杀不死：{1}。");
inline constexpr Message command_interrupted(
    "Interrupted by {0}{1}: the command {2}{3}; {4}.",
    "被 {0} 中断{1}：命令{2}{3}；{4}。");
inline constexpr Message passed_on(" (forwarded to the command)",
                                   "（已转发给命令）");
inline constexpr Message rest_killed(
    ", and all remaining processes inside were killed",
    "，剩下的进程已全部杀死");
inline constexpr Message rest_held(
    ", and not all remaining processes inside could be killed",
    "，剩下的进程没能全部杀死");

}  // namespace lab::verdict_messages
