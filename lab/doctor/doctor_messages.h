// SPDX-License-Identifier: MIT
#pragma once

// The doctor's texts in both languages. Reasons and cures that a run would give
// as errors are in English, as errors are.

#include "lab/base/message.h"

namespace lab::doctor_messages {

// The report.
inline constexpr Message runs("cglab oom RUNS HERE", "cglab oom 可以在此运行");
inline constexpr Message does_not_run("cglab oom DOES NOT RUN HERE",
                                      "cglab oom 无法在此运行");
inline constexpr Message for_the("For the {0}:", "针对“{0}”：");
inline constexpr Message what_to_do("what to do:", "解决办法：");
inline constexpr Message state("{0}: {1}", "{0}：{1}");
inline constexpr Message requirements("What a run needs", "运行所需的条件");

inline constexpr Message limited("limited", "受限");
inline constexpr Message missing("missing", "缺少");
inline constexpr Message unknown("unknown", "未知");

// The names of the requirements.
inline constexpr Message kernel("kernel", "内核");
inline constexpr Message hierarchies("hierarchies", "层级");
inline constexpr Message memory_controller("memory controller", "内存控制器");
inline constexpr Message place("place", "位置");
inline constexpr Message delegation("delegation", "委派");
inline constexpr Message free_memory("free memory", "可用内存");
inline constexpr Message resource_limits("resource limits", "资源限制");
inline constexpr Message open_files("open files", "打开的文件");
inline constexpr Message overcommit("overcommit", "过量使用");
inline constexpr Message panic_on_oom("panic on OOM", "OOM 时崩溃");
inline constexpr Message swap("swap", "交换空间");
inline constexpr Message swap_accounting("swap accounting", "交换空间记账");
inline constexpr Message oom_kill_count("OOM kill count", "OOM kill 计数");
inline constexpr Message oom_notification("OOM notification", "OOM 通知");
inline constexpr Message memory_peak("memory peak", "内存峰值");
inline constexpr Message cgroup_kill("cgroup kill", "杀死 cgroup");
inline constexpr Message clone_into_cgroup("clone into cgroup",
                                           "在 cgroup 内创建");
inline constexpr Message pidfd("pidfd", "pidfd");
inline constexpr Message kmsg("kmsg", "内核日志");
inline constexpr Message psi("psi", "压力信息 PSI");
inline constexpr Message thp("thp", "透明大页");
inline constexpr Message qemu("qemu", "QEMU");
inline constexpr Message vm_kernel("VM kernel", "虚拟机内核");

// What they are needed for.
inline constexpr Message kernel_use("cgroups are a kernel feature",
                                    "cgroup 是内核的功能");
inline constexpr Message hierarchies_use(
    "cgroups are used through a mounted hierarchy",
    "cgroup 要通过已挂载的层级使用");
inline constexpr Message memory_controller_use(
    "it charges memory and enforces limits", "它给内存记账并执行上限");
inline constexpr Message place_use(
    "a run needs permission to make its cgroup there",
    "运行时要有权在那里创建自己的 cgroup");
inline constexpr Message delegation_use(
    "controllers that this process may enable for its own cgroups",
    "本进程可以为自己的 cgroup 启用哪些控制器");
inline constexpr Message free_memory_use(
    "a run needs up to {0}, and may use at most {1} % of the available memory",
    "一次运行最多要用 {0}，且不得超过可用内存的 {1} %");
inline constexpr Message resource_limits_use(
    "the hog inherits RLIMIT_AS and RLIMIT_DATA, and has to allocate",
    "hog 继承 RLIMIT_AS 和 RLIMIT_DATA，而它要分配内存");
inline constexpr Message open_files_use(
    "a run opens files of its cgroup, of each ancestor and of each process",
    "运行时要打开自己的 cgroup、各个上级 cgroup 和各个进程的文件");
inline constexpr Message overcommit_use(
    "with 2 the kernel refuses allocations beyond CommitLimit",
    "为 2 时内核拒绝超出 CommitLimit 的分配");
inline constexpr Message panic_on_oom_use(
    "with 2 the OOM kill of a cgroup panics the machine",
    "为 2 时一个 cgroup 的 OOM kill 会使整台机器崩溃");
inline constexpr Message swap_use(
    "a cgroup that may swap is not killed at its limit",
    "可以使用交换空间的 cgroup 到达上限时不会被杀");
inline constexpr Message swap_accounting_use(
    "without it a hog is swapped out instead of killed",
    "没有它，hog 会被换出而不是被杀");
inline constexpr Message oom_kill_count_use(
    "the rise of this counter proves the OOM kill",
    "这个计数的增加证明发生了 OOM kill");
inline constexpr Message oom_notification_use(
    "an early notification that the limit was hit", "到达上限时尽早得到通知");
inline constexpr Message memory_peak_use(
    "the highest usage, also between two samples",
    "最高用量，包括两次采样之间的");
inline constexpr Message cgroup_kill_use(
    "it kills all processes in a cgroup at once",
    "一次杀死 cgroup 里的全部进程");
inline constexpr Message clone_into_cgroup_use(
    "the child is created inside and charged from its start",
    "子进程直接在 cgroup 内创建，从一开始就记账");
inline constexpr Message pidfd_use(
    "a run waits for its child, and learns how other processes ended",
    "运行时用它等待子进程，并得知其他进程如何结束");
inline constexpr Message kmsg_use(
    "the kernel log names the victim and whose limit was hit",
    "内核日志写明被杀的是谁、触发的是谁的上限");
inline constexpr Message psi_use(
    "pressure shows how long tasks stalled on memory",
    "压力信息反映任务因内存停顿了多久");
inline constexpr Message thp_use("with huge pages usage grows in 2 MiB steps",
                                 "使用大页时用量以 2 MiB 为步长增长");
inline constexpr Message qemu_use("scripts/vm runs the lab in a disposable VM",
                                  "scripts/vm 在一次性虚拟机里运行实验");
inline constexpr Message vm_kernel_use("the kernel that scripts/vm boots",
                                       "scripts/vm 启动的内核");

// What was found.
inline constexpr Message kernel_found("Linux {0} on {1}", "Linux {0}，{1}");
inline constexpr Message hybrid_found("hybrid: v1 controllers and a cgroup2",
                                      "混合：v1 控制器和一个 cgroup2");
inline constexpr Message only_v1("only cgroup v1", "只有 cgroup v1");
inline constexpr Message only_v2("only cgroup v2", "只有 cgroup v2");
inline constexpr Message none_mounted("no cgroup file system is mounted",
                                      "没有挂载任何 cgroup 文件系统");
inline constexpr Message controller_found("on cgroup {0} at {1}",
                                          "位于 cgroup {0}，挂载在 {1}");
inline constexpr Message read_only_controller_found(
    "on cgroup {0} at {1}, mounted read-only",
    "位于 cgroup {0}，只读挂载在 {1}");
inline constexpr Message no_cgroup("no cgroup can be made here",
                                   "此处无法创建 cgroup");
inline constexpr Message no_delegation("not needed on cgroup v1",
                                       "cgroup v1 不需要");
inline constexpr Message delegation_found("{0} in {1}", "{1}：{0}");
inline constexpr Message no_controllers("none", "无");
inline constexpr Message place_found("{0} ({1})", "{0}（{1}）");
inline constexpr Message swap_found("{0}; runs disable swap for their cgroup",
                                    "{0}；运行时会对自己的 cgroup 禁用交换");
inline constexpr Message no_swap(
    "not needed; only the experiments on swap need it",
    "不需要；只有交换空间的实验用得到");
inline constexpr Message memory_found("{0} available", "可用 {0}");
inline constexpr Message may_allocate("the hog may allocate all that it needs",
                                      "hog 可以分配所需的全部内存");
inline constexpr Message enough_files("a run can open all files that it needs",
                                      "运行时可以打开所需的全部文件");
inline constexpr Message setting_found("{0} is {1}", "{0} 为 {1}");
inline constexpr Message thp_found("transparent huge pages: {0}",
                                   "透明大页：{0}");
inline constexpr Message no_thp(
    "not needed; this kernel has no transparent huge pages",
    "不需要；这个内核没有透明大页");
inline constexpr Message psi_found("pressure stall information is enabled",
                                   "压力停顿信息已启用");
inline constexpr Message no_psi(
    "pressure stall information is disabled or not built in",
    "压力停顿信息被禁用或未编入内核");
inline constexpr Message kmsg_found("/dev/kmsg can be read",
                                    "可以读取 /dev/kmsg");
inline constexpr Message pidfd_found("clone and pidfd_open return one",
                                     "clone 和 pidfd_open 都可用");
inline constexpr Message only_child_pidfd(
    "{0}; a run gets a pidfd of its child from clone, but none of other "
    "processes",
    "{0}；运行时能由 clone 得到子进程的 pidfd，但得不到其他进程的");
inline constexpr Message program_found("{0} is installed", "{0} 已安装");
inline constexpr Message no_program("{0} is not installed", "{0} 未安装");
inline constexpr Message no_vm_kernel(
    "not fetched yet; scripts/vm fetches it on first use",
    "尚未下载；scripts/vm 首次使用时会下载");
inline constexpr Message no_accounting_needed("not needed without swap: {0}",
                                              "没有交换空间，不需要：{0}");
inline constexpr Message notified_through("{0} through {1}", "{0}，通过 {1}");
inline constexpr Message notified_on("{0} on {1}", "{0}，监视 {1}");
inline constexpr Message no_kill_on_v1(
    "not needed: on cgroup v1 processes are killed one by one",
    "不需要：在 cgroup v1 上逐个杀死进程");
inline constexpr Message no_kill("no {0}: processes are killed one by one",
                                 "没有 {0}：逐个杀死进程");
inline constexpr Message no_clone_on_v1(
    "not needed: on cgroup v1 the child joins before exec",
    "不需要：在 cgroup v1 上子进程在 exec 之前加入");
inline constexpr Message clone_found("clone3 works", "clone3 可用");
inline constexpr Message no_clone("{0}; the child joins before exec",
                                  "{0}；子进程在 exec 之前加入");

// Cures.
inline constexpr Message newer_kernel("use a newer kernel", "请使用更新的内核");
inline constexpr Message newer_release("use Linux {0} or newer",
                                       "请使用 Linux {0} 或更新的版本");
inline constexpr Message install("install your system's package of {0}",
                                 "请安装系统的 {0} 软件包");
inline constexpr Message read_log(
    "run cglab as root; in a container, make /dev/kmsg available to it",
    "请以 root 身份运行；在容器中，请提供 /dev/kmsg");
inline constexpr Message disable_swap("disable swap:{0}\nor, {1}",
                                      "请禁用交换空间：{0}\n或者：{1}");

}  // namespace lab::doctor_messages
