// SPDX-License-Identifier: MIT
#include "lab/report/fact_words.h"

#include <fmt/args.h>
#include <fmt/format.h>

#include "lab/base/message.h"
#include "lab/base/visible.h"
#include "lab/place/held.h"
#include "lab/report/document.h"

namespace lab {
namespace {

/// Empty for what is not one message.
constexpr Message message_of(FactKind kind) {
  switch (kind) {
    case FactKind::text:
    case FactKind::size:
    case FactKind::list:
    case FactKind::sentences:
    case FactKind::nothing:
    case FactKind::held:
      return {"", ""};
    case FactKind::value:
      return {"{0}", "{0}"};
    case FactKind::change:
      return {"{0} -> {1}", "{0} -> {1}"};
    case FactKind::pair:
      return {"{0}, {1}", "{0}，{1}"};
    case FactKind::unknown:
      return {"unknown", "未知"};
    case FactKind::once:
      return {"once", "1 次"};
    case FactKind::times:
      return {"{0} times", "{0} 次"};

    case FactKind::the_child:
      return {"child", "子进程"};
    case FactKind::the_command:
      return {"command", "命令"};
    case FactKind::process:
      return {"{0} (pid {1})", "{0}（pid {1}）"};
    case FactKind::one_process:
      return {"a process", "一个进程"};
    case FactKind::processes:
      return {"{0} processes", "{0} 个进程"};
    case FactKind::and_more:
      return {"and {0} more", "另有 {0} 个"};
    case FactKind::ended_by:
      return {"ended by {0}", "因 {0} 结束"};
    case FactKind::exited_with:
      return {"exited with status {0}", "退出状态为 {0}"};
    case FactKind::end_unknown:
      return {"ended in an unknown way", "结束方式未知"};
    case FactKind::peak_was:
      return {"its peak was {0} bytes", "用量峰值为 {0} 字节"};
    case FactKind::peak_unknown:
      return {"its peak is unknown", "用量峰值未知"};

    case FactKind::at_own_limit:
      return {"at the limit of its own cgroup, {0} bytes",
              "触发的是它自己 cgroup 的上限 {0} 字节"};
    case FactKind::at_own_other_limit:
      return {
          "at the limit of its own cgroup, {0} bytes at the kill and {1} at "
          "the start",
          "触发的是它自己 cgroup 的上限，当时为 {0} 字节，起初为 {1}"};
    case FactKind::at_own_lower_limit:
      return {
          "at the limit of its own cgroup, which was below {0} bytes at the "
          "kill",
          "触发的是它自己 cgroup 的上限，当时低于 {0} 字节"};
    case FactKind::at_own_rewritten_limit:
      return {
          "at the limit of its own cgroup, {0} bytes at first and {1} at the "
          "end of the run",
          "触发的是它自己 cgroup 的上限，起初为 {0} 字节，运行结束时为 {1}"};
    case FactKind::at_run_limit:
      return {"at the limit of that cgroup, {0} bytes",
              "触发的是该 cgroup 的上限 {0} 字节"};
    case FactKind::at_run_lower_limit:
      return {
          "at the limit of that cgroup, which was below {0} bytes at the kill",
          "触发的是该 cgroup 的上限，当时低于 {0} 字节"};
    case FactKind::at_run_rewritten_limit:
      return {
          "at the limit of that cgroup, {0} bytes at first and {1} at the end "
          "of the run",
          "触发的是该 cgroup 的上限，起初为 {0} 字节，运行结束时为 {1}"};
    case FactKind::at_ancestor_limit:
      return {"at the limit of an ancestor cgroup, {0}",
              "触发的是上级 cgroup {0} 的上限"};
    case FactKind::at_descendant_of_child:
      return {"at the limit of a descendant of its cgroup, {0}",
              "触发的是其 cgroup 的下级 cgroup {0} 的上限"};
    case FactKind::at_descendant_limit:
      return {"at the limit of its descendant {0}, {1} bytes",
              "触发的是其下级 cgroup {0} 的上限 {1} 字节"};
    case FactKind::at_some_descendant_limit:
      return {"at the limit of one of its descendants",
              "触发的是其某个下级 cgroup 的上限"};
    case FactKind::at_unknown_limit:
      return {"at a limit that the evidence does not identify",
              "但现有证据不能说明是哪个上限"};
    case FactKind::victim_at:
      return {"{0} {1}", "{0}（{1}）"};
    case FactKind::out_of_memory:
      return {"because {0} ran out of memory, not by its limit",
              "原因是{0}的内存耗尽，与它的上限无关"};
    case FactKind::whole_host:
      return {"the whole host", "整台主机"};
    case FactKind::numa_nodes:
      return {"the NUMA nodes it is allowed to use", "它可用的 NUMA 节点"};

    case FactKind::named_by_log:
      return {
          "it was reaped with SIGKILL and the kernel log names it as the "
          "victim",
          "它因 SIGKILL 结束，内核日志也点名它是被选中的进程"};
    case FactKind::proven_by_counter:
      return {"it was reaped with SIGKILL and {0}", "它因 SIGKILL 结束，{0}"};
    case FactKind::oom_kill_rose:
      return {"oom_kill rose from {0} to {1}", "oom_kill 从 {0} 变为 {1}"};
    case FactKind::oom_kill_stayed:
      return {"oom_kill stayed at {0}", "oom_kill 一直是 {0}"};
    case FactKind::no_counter:
      return {"this kernel does not count OOM kills",
              "这个内核不统计 OOM kill"};
    case FactKind::counter_is_gone:
      return {"oom_kill rose during the run, in a cgroup that has been removed",
              "运行期间 oom_kill 增加过，但那个 cgroup 已被删除"};
    case FactKind::log_names_kills:
      return {
          "the kernel log names a victim inside, and no counter shows its kill",
          "内核日志点名其中有进程被杀，而没有计数器反映这次 kill"};
    case FactKind::log_does_not_name:
      return {"the kernel log is complete and does not name it",
              "内核日志完整无缺，没有点名它"};
    case FactKind::no_oom_kill:
      return {"no OOM kill", "没有发生 OOM kill"};
    case FactKind::another_killed:
      return {"{0}, but another process was killed ({1})",
              "{0}，但被杀的是别的进程（{1}）"};
    case FactKind::victims_unknown:
      return {"victims unknown ({0})", "被杀的进程未知（{0}）"};
    case FactKind::below_limit:
      return {" (below the limit)", "（低于上限）"};
    case FactKind::others_inside:
      return {"other processes were inside as well", "其中还有过别的进程"};
    case FactKind::child_had_left:
      return {"it had left the cgroup before", "在那之前它已离开这个 cgroup"};
    case FactKind::members_unread:
      return {"which processes were inside is not known",
              "不知道其中有过哪些进程"};

    case FactKind::not_looked_for:
      return {"not looked for", "未查找"};
    case FactKind::log_unreadable:
      return {"{0}", "{0}"};
    case FactKind::cgroup_renamed:
      return {"the cgroup was renamed during the run",
              "运行期间 cgroup 改了名"};
    case FactKind::log_records_lost:
      return {"records of /dev/kmsg were lost during the run",
              "运行期间 /dev/kmsg 丢失了记录"};
    case FactKind::log_rate_limited:
      return {
          "no report in /dev/kmsg names this cgroup; the kernel logs the "
          "cgroups of only 10 kills in 5 s",
          "/dev/kmsg 里没有点名这个 cgroup 的记录；内核在 5 秒内最多写明 10 "
          "次 OOM kill 的 cgroup"};
    case FactKind::log_has_no_kill:
      return {"/dev/kmsg has no kill in this cgroup",
              "/dev/kmsg 里没有这个 cgroup 的 OOM kill"};
    case FactKind::log_has_fewer:
      return {"it has fewer kills than were counted", "其中的记录少于计数"};
    case FactKind::log_incomplete:
      return {
          "The kernel log would decide it, but is not usable here ({0}); "
          "{1}.",
          "看内核日志就能确定，但在这里用不上（{0}）；{1}。"};
    case FactKind::log_unclear:
      return {
          "The kernel log names a victim that may be one of its threads or "
          "have shared its memory.",
          "内核日志点名的进程可能是它的线程，也可能与它共享内存。"};
    case FactKind::log_lacks_cgroups:
      return {
          "The kernel log has kills without their cgroups: it names the "
          "cgroups of only 10 kills in 5 s; repeat the run.",
          "内核日志里有未写明 cgroup 的 OOM kill（5 秒内最多写明 10 "
          "次）；请重新运行。"};
    case FactKind::log_of_other_namespace:
      return {
          "The kernel log would decide it, but its pids are those of the "
          "initial PID namespace: run cglab there.",
          "若在初始 PID 命名空间里运行 cglab，看内核日志就能确定：日志里的 pid "
          "属于那里。"};
    case FactKind::make_log_readable:
      return {
          "make it readable (sudo sysctl kernel.dmesg_restrict=0), or run "
          "cglab as root",
          "请使它可读（sudo sysctl kernel.dmesg_restrict=0），"
          "或以 root 身份运行 cglab"};
    case FactKind::provide_log:
      return {
          "run cglab where /dev/kmsg is the kernel's log (in a container: "
          "--device /dev/kmsg)",
          "请在 /dev/kmsg 是内核日志的地方运行 cglab（容器中：--device "
          "/dev/kmsg）"};
    case FactKind::enlarge_log:
      return {
          "repeat the run, or enlarge the log (log_buf_len=4M on the kernel's "
          "command line)",
          "请重新运行，或加大日志缓冲区（内核命令行 log_buf_len=4M）"};
    case FactKind::repeat_run:
      return {"repeat the run", "请重新运行"};
    case FactKind::newer_kernel:
      return {"Linux 6.15 and later also report how each process ended.",
              "从 Linux 6.15 起，内核还会给出每个进程的结束方式。"};
    case FactKind::to_name_victims:
      return {"To have victims named, {0}.", "若要知道被杀的进程：{0}。"};

    case FactKind::oom_killed:
      return {"The OOM killer killed the {0} {1}: {2}.",
              "OOM killer 杀死了{0}，{1}：{2}。"};
    case FactKind::killed_inside:
      return {
          "The OOM killer killed {0} in the {1}'s cgroup: {2}; {3}. The {1} "
          "itself {4}; {5}.",
          "OOM killer 杀死了{1}的 cgroup 里的{0}：{2}；{3}。{1}本身{4}；{5}。"};
    case FactKind::victim_undetermined:
      return {
          "The {0} was killed by SIGKILL and a process in its cgroup by the "
          "OOM killer, {1} ({2}); whether they are the same is undetermined: "
          "{3}. {4}",
          "{0}因 SIGKILL 结束，它的 cgroup 里也有进程被 OOM killer "
          "杀死，{1}（{2}）；是否是同一个进程，无法确定：{3}。{4}"};
    case FactKind::killer_undetermined:
      return {
          "The {0} was killed by SIGKILL; whether by the OOM killer is "
          "undetermined ({1}). {2}",
          "{0}因 SIGKILL 结束；是不是 OOM killer 杀的，无法确定（{1}）。{2}"};
    case FactKind::killed_by_another:
      return {"The {0} was killed by SIGKILL, but not by the OOM killer: {1}.",
              "{0}因 SIGKILL 结束，但不是 OOM killer 杀的：{1}。"};
    case FactKind::ended_by_signal:
      return {"The {0} ended by {1}.", "{0}因 {1} 结束。"};
    case FactKind::refused:
      return {
          "The kernel refused the limit ({0} to {1}: {2}), so the child was "
          "stopped.",
          "内核拒绝了上限（向 {1} 写入 {0}：{2}），因此没有让子进程继续运行。"};
    case FactKind::child_end_unknown:
      return {"How the child ended is unknown.", "子进程如何结束，不得而知。"};
    case FactKind::child_failed:
      return {"The child failed with exit status {0}.",
              "子进程失败，退出状态为 {0}。"};
    case FactKind::survived:
      return {"The child allocated all {0} bytes{1} and survived: {2}; {3}.",
              "子进程拿到了它要的 {0} 字节{1}，活了下来：{2}；{3}。"};
    case FactKind::left_its_cgroup:
      return {"The {0} left its cgroup. It {1}; {2}.",
              "{0}离开了它的 cgroup。它{1}；{2}。"};
    case FactKind::had_left:
      return {
          "/proc/{0}/cgroup showed it in {1}, outside of the run's cgroup: "
          "what it did there was neither limited nor measured.",
          "/proc/{0}/cgroup 显示它在 {1}，不在这次运行的 cgroup 里："
          "它在那里做的事既不受限制，也没有计量。"};
    case FactKind::killed_elsewhere:
      return {"The kernel log has the OOM kill of the {0} in {1}.",
              "内核日志记录，{0}在 {1} 中被 OOM killer 杀死。"};
    case FactKind::interrupted:
      return {"Interrupted by {0} before the outcome was known.",
              "还没有结果，就被 {0} 中断了。"};
    case FactKind::deadline:
      return {"No outcome within the deadline of {0}: {1}.",
              "在期限 {0} 内没有结果：{1}。"};
    case FactKind::finished:
      return {"The command {0}; {1}.", "命令{0}；{1}。"};
    case FactKind::was_throttled:
      return {
          "The command was throttled at its high limit of {0} bytes: `high` of "
          "memory.events rose by {1}, {2}. It {3}; {4}.",
          "命令在 high 上限 {0} 字节处被限速：memory.events 的 `high` 增加了 "
          "{1}，{2}。它{3}；{4}。"};
    case FactKind::command_deadline:
      return {
          "The command and what it had started did not end within the deadline "
          "of {0}, and everything inside was killed: {1}.",
          "命令及它启动的进程在期限 {0} 内没有结束，已全部杀死：{1}。"};
    case FactKind::command_deadline_held:
      return {
          "The command and what it had started did not end within the deadline "
          "of {0}, and not everything inside could be killed: {1}.",
          "命令及它启动的进程在期限 {0} 内没有结束，而且有的进程杀不死：{1}。"};
    case FactKind::command_interrupted:
      return {"Interrupted by {0}{1}: the command {2}{3}; {4}.",
              "被 {0} 中断{1}：命令{2}{3}；{4}。"};
    case FactKind::forwarded:
      return {" (forwarded to the command)", "（已转发给命令）"};
    case FactKind::rest_was_killed:
      return {", and all remaining processes inside were killed",
              "，剩下的进程已全部杀死"};
    case FactKind::rest_was_held:
      return {", and not all remaining processes inside could be killed",
              "，剩下的进程没能全部杀死"};
    case FactKind::kills_counted:
      return {"OOM kills inside: {0}, {1}.", "其中 OOM kill {0} 次：{1}。"};
    case FactKind::kills_unknown:
      return {
          "Whether a process was OOM-killed in a cgroup that the command made "
          "inside is undetermined: on v1 the counter is lost when the cgroup "
          "is removed. {0}",
          "命令在其中自建的 cgroup 里是否有进程被 OOM killer 杀死，无法确定："
          "v1 的计数器随 cgroup 一起消失。{0}"};

    case FactKind::run_interrupted:
      return {"A signal ({0}) ended the run.", "信号 {0} 结束了这次运行。"};
    case FactKind::run_not_finished:
      return {"The run did not finish within {0}.", "运行在 {0} 内没有完成。"};
    case FactKind::process_failed:
      return {"{0} (pid {1}) failed with exit status {2}: {3}",
              "{0}（pid {1}）失败，退出状态为 {2}：{3}"};
    case FactKind::ended_from_outside:
      return {
          "{0} (pid {1}) ended by {2}, which neither the OOM killer nor cglab "
          "sent: the claims cannot be judged.",
          "{0}（pid {1}）因 {2} 结束，而这个信号既不是 OOM killer 也不是 cglab "
          "发的：无法评判各项论断。"};
    case FactKind::killed_from_outside:
      return {
          "{0} processes ended by SIGKILL, but only {1} OOM kills were "
          "counted: the claims cannot be judged.",
          "有 {0} 个进程因 SIGKILL 结束，但只计到 {1} 次 OOM "
          "kill：无法评判各项论断。"};
    case FactKind::killed_for_unknown_reason:
      return {
          "{0} was killed by SIGKILL; whether by the OOM killer is "
          "undetermined, so the claims cannot be judged. {1}",
          "{0}因 SIGKILL 结束；是不是 OOM killer "
          "杀的，无法确定，因此无法评判各项论断。{1}"};
    case FactKind::all_claims_hold:
      return {"All {0} claims hold.", "{0} 项论断全部成立。"};
    case FactKind::claim_failed:
      return {"Claim failed: {0}. {1}: {2}, expected: {3}.",
              "论断不成立：{0}。{1}：{2}，预期：{3}。"};
    case FactKind::control_not_decided:
      return {
          "Control run failed: this claim should not hold without the cause, "
          "but does: {0}. {1}: {2}, expected: {3}.",
          "对照运行不符合预期：没有这个原因，这项论断不应成立，却成立了：{0}。"
          "{1}：{2}，预期：{3}。"};
    case FactKind::control_undecided:
      return {
          "Control run failed: it is unknown whether this claim holds without "
          "the cause: {0}. {1}: {2}, expected: {3}.",
          "对照运行不符合预期：没有这个原因时，这项论断是否成立不得而知：{0}。"
          "{1}：{2}，预期：{3}。"};
    case FactKind::control_decided:
      return {
          "Without the cause the effect is gone; this claim fails: {0}. {1}: "
          "{2}, expected: {3}.",
          "去掉原因，结果也就没有了；这项论断不成立：{0}。{1}：{2}，预期：{3}"
          "。"};
    case FactKind::reading_in:
      return {"{0} of {1} ({2})", "{1} 的 {0}（{2}）"};
    case FactKind::reading:
      return {"{0} of {1}", "{1} 的 {0}"};
    case FactKind::not_reached:
      return {"not reached", "没有进行到"};
    case FactKind::no_refusal:
      return {"no refusal", "没有拒绝"};
    case FactKind::refusal:
      return {"{0} (errno {1})", "{0}（errno {1}）"};
    case FactKind::rise:
      return {"a rise", "增加"};
    case FactKind::nothing_to_reclaim:
      return {
          "Nothing could be reclaimed: the pages are the program's own data, "
          "not backed by a file, and swap was not allowed.",
          "没有什么可回收的：这些页是程序自己的数据，不在任何文件里，又不许用"
          "交换空间。"};
    case FactKind::victim_named:
      return {"The kernel log names {0} as the victim.",
              "内核日志点名被杀的是 {0}。"};
    case FactKind::log_has_no_victim:
      return {"The kernel log does not name the victim ({0}).",
              "内核日志没有点名被杀的进程（{0}）。"};
    case FactKind::was_alone:
      return {
          "No other process was seen in the cgroup: the OOM killer had no "
          "other "
          "choice.",
          "cgroup 里没有出现过别的进程：OOM killer 没有别的可选。"};
    case FactKind::reaped_and_logged:
      return {
          "The {0} was reaped {1} after the gate, with {2}. Together with the "
          "kernel log this is the proof: exit status 137 alone only means "
          "SIGKILL.",
          "{0}在放行 {1} 后结束，信号是 {2}。它与内核日志合在一起才是证据："
          "单凭退出状态 137，只能说明收到 SIGKILL。"};
    case FactKind::reaped_and_counted:
      return {
          "The {0} was reaped {1} after the gate, with {2}. Read after that, "
          "`oom_kill` was {4}; before the run it was {3}. Both together are "
          "the proof: exit status 137 alone only means SIGKILL.",
          "{0}在放行 {1} 后结束，信号是 {2}。在那之后读到的 `oom_kill` 是 {4}，"
          "运行前是 {3}。两者合在一起才是证据：单凭退出状态 137，只能说明收到 "
          "SIGKILL。"};

    case FactKind::goes_on:
      return {"goes on", "继续运行"};
    case FactKind::file_released:
      return {"file released", "放开文件"};
    case FactKind::moved_to:
      return {"to {0}", "移入 {0}"};
    case FactKind::kernel_says:
      return {"the kernel says: {0}", "内核的回答：{0}"};
    case FactKind::usage_crossed:
      return {"usage crossed {0}, {1} now", "用量越过 {0}，现为 {1}"};
    case FactKind::meets_limit_at:
      return {"will meet its limit at {0} ms", "将在 {0} ms 时达到上限"};

    case FactKind::unchanged:
      return {"unchanged", "不变"};
    case FactKind::at_least:
      return {"at least {0}", "至少 {0}"};
    case FactKind::at_most:
      return {"at most {0}", "至多 {0}"};

    case FactKind::throttled:
      return {"It was throttled {0} (`high` of memory.events); {1}.",
              "它被限速 {0}（memory.events 的 `high`）；{1}。"};
    case FactKind::no_psi:
      return {"how long it waited is unknown (no PSI)",
              "等了多久不得而知（没有 PSI）"};
    case FactKind::tasks_waited:
      return {"tasks waited {0} for memory", "任务等内存共等了 {0}"};
    case FactKind::limit_hit:
      return {"Its limit was hit {0} ({1}).", "它的上限被触及 {0}（{1}）。"};
    case FactKind::limit_hit_without_a_kill:
      return {
          "Its limit was hit {0} ({1}); the kernel tried to reclaim memory, "
          "and no OOM kill followed.",
          "它的上限被触及 {0}（{1}）；内核尝试回收内存，没有发生 OOM kill。"};
    case FactKind::no_victim:
      return {
          "Its limit was hit, and no process could be killed: all had "
          "oom_score_adj -1000.",
          "它的上限被触及，但没有进程可杀：所有进程的 oom_score_adj 都是 "
          "-1000。"};
    case FactKind::oom_killer_disabled:
      return {
          "The OOM killer of {0} was disabled (oom_kill_disable 1 in {1}): its "
          "processes waited for memory instead.",
          "{0} 的 OOM killer 被禁用（{1} 中 oom_kill_disable 为 1）：其中的进程"
          "只是等待内存。"};
    case FactKind::forks_refused:
      return {"A fork was refused {0} at a pids limit (max, pids.events).",
              "fork 因 pids 上限被拒绝 {0}（pids.events 的 max）。"};
    case FactKind::limit_rewritten:
      return {"{0} was rewritten: {1} at first, {2} at the end of the run.",
              "{0} 被改写：起初为 {1}，运行结束时为 {2}。"};
    case FactKind::left:
      return {
          "{0} left for {1}: what it did there was neither limited nor "
          "measured.",
          "{0} 去了 {1}：它在那里做的事既不受限制，也没有计量。"};
    case FactKind::moved_in:
      return {
          "{0} was moved into the cgroup from outside: it shared the limit and "
          "the counters; memory that it had allocated before is charged "
          "elsewhere.",
          "{0} 是从外面移进来的：它共用这里的上限和计数器；它先前分配的内存记在"
          "别处。"};
    case FactKind::cgroup_removed:
      return {
          "A cgroup of the run was removed during the run: later readings are "
          "missing.",
          "运行期间，这次运行的 cgroup 被删除：此后没有读数。"};
    case FactKind::controller_removed:
      return {
          "The memory controller was disabled for the run's cgroup: its limit "
          "was no longer in force, and later readings are missing.",
          "这次运行的 cgroup 被停用了内存控制器：它的上限不再有效，此后没有"
          "读数。"};
    case FactKind::cglab_moved_in:
      return {
          "cglab itself was moved into the cgroup and moved out again: memory "
          "that it allocated there is counted.",
          "cglab 自己被移进这个 cgroup，又移了出去：它在那里分配的内存也计算"
          "在内。"};
    case FactKind::rest_killed:
      return {
          "Processes still in the cgroup after the command had ended were "
          "killed (--no-wait): {0}.",
          "命令结束后还在 cgroup 里的进程已被杀死（--no-wait）：{0}。"};
    case FactKind::shared_memory_left:
      return {
          "{0} of shared memory stayed charged after the last process had "
          "ended: {1}. Once the cgroup is removed, its parent is charged for "
          "it.",
          "最后一个进程结束后，仍有 {0} 共享内存记在账上：{1}。cgroup "
          "删除后，改记到上级名下。"};
    case FactKind::charged_file:
      return {"{0} ({1})", "{0}（{1}）"};
    case FactKind::written_file:
      return {"perhaps {0} ({1}), which was changed during the run",
              "可能是 {0}（{1}），它在运行期间有过改动"};
    case FactKind::no_file:
      return {"no file visible to cglab holds it",
              "在 cglab 看得到的文件里找不到"};
    case FactKind::not_all_searched:
      return {"the file is unknown, as the search was cut short",
              "属于哪个文件不得而知，因为查找没有做完"};
    case FactKind::frozen:
      return {"{0} was frozen, so its processes did not run ({1}).",
              "{0} 被冻结，其中的进程没有运行（{1}）。"};
  }
  return {"", ""};
}

/// How many values the words of `kind` have.
constexpr int placeholders(FactKind kind) {
  const auto found = placeholders_of(message_of(kind).text(Language::en));
  int highest = 0;
  for (std::size_t i = 0; i < found.count.size(); ++i) {
    if (found.count[i] > 0) highest = static_cast<int>(i) + 1;
  }
  return highest;
}

#define FACT(kind, values)                                               \
  static_assert(message_of(FactKind::kind).text(Language::en).empty() || \
                placeholders(FactKind::kind) == (values));
constexpr int any = -1;
#include "lab/record/facts.def"
#undef FACT

std::string text_of(Language language, const FactValue& value) {
  if (const auto* number = std::get_if<std::uint64_t>(&value.value)) {
    return std::to_string(*number);
  }
  if (const auto* text = std::get_if<std::string>(&value.value)) {
    return outside_text(*text);
  }
  return say(language, std::get<Fact>(value.value));
}

std::string joined(Language language, const Fact& fact, const char* separator) {
  std::string text;
  for (const FactValue& value : fact.values) {
    if (!text.empty()) text += separator;
    text += text_of(language, value);
  }
  return text;
}

const char* between_sentences(Language language) {
  return language == Language::en ? " " : "";
}

std::string word_in(const FactValue& value) {
  const auto* text = std::get_if<std::string>(&value.value);
  return text ? *text : "";
}

/// pid, name, reason, by whom, state.
std::string held_sentence(Language language, const Fact& fact) {
  constexpr Message sentence("{0}.", "{0}。");
  HeldProcess held;
  if (const auto* pid = std::get_if<std::uint64_t>(&fact.values[0].value)) {
    held.pid = static_cast<pid_t>(*pid);
  }
  held.name = word_in(fact.values[1]);
  held.reason = from_word<HoldReason>(word_in(fact.values[2]))
                    .value_or(HoldReason::unknown);
  const std::string by = word_in(fact.values[3]);
  if (!by.empty()) held.by = by;
  held.state = word_in(fact.values[4]);
  return say(language, sentence, visible_line(held_text(held, language)));
}

std::string size_of(Language language, const FactValue& value) {
  const auto* bytes = std::get_if<std::uint64_t>(&value.value);
  return bytes ? size_text(language, Bytes{*bytes}) : text_of(language, value);
}

}  // namespace

std::string say(Language language, const Fact& fact) {
  switch (fact.kind) {
    case FactKind::nothing:
      return "";
    case FactKind::text:
      return text_of(language, fact.values[language == Language::zh ? 1 : 0]);
    case FactKind::size:
      return size_of(language, fact.values[0]);
    case FactKind::list:
      return joined(language, fact, language == Language::en ? ", " : "、");
    case FactKind::sentences:
      return joined(language, fact, between_sentences(language));
    case FactKind::held:
      return held_sentence(language, fact);
    default:
      break;
  }
  fmt::dynamic_format_arg_store<fmt::format_context> values;
  for (const FactValue& value : fact.values) {
    values.push_back(text_of(language, value));
  }
  return fmt::vformat(message_of(fact.kind).text(language), values);
}

std::string say(Language language, const std::vector<Fact>& facts) {
  return joined(language, {FactKind::sentences, {facts.begin(), facts.end()}},
                between_sentences(language));
}

std::string outside_text(const std::string& text) {
  const std::string shown = visible_line(text);
  // "/dev/kmsg: Operation not permitted" is none.
  const bool is_path = shown.starts_with('/') && shown.find(": ") == shown.npos;
  // A backtick would be markup.
  const bool has_markup = shown.find('`') != shown.npos;
  return is_path || has_markup ? code_text(shown) : shown;
}

std::string size_text(Language language, Bytes bytes) {
  if (language == Language::en) return exact_size(bytes);
  const std::string rounded = human_size(bytes);
  return rounded.ends_with(" B")
             ? fmt::format("{} 字节", bytes.count)
             : fmt::format("{}（{} 字节）", rounded, bytes.count);
}

}  // namespace lab
