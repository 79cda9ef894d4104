// SPDX-License-Identifier: MIT
#pragma once

// The texts of an inspection in both languages.

#include "lab/base/message.h"

namespace lab::inspect_messages {

// What is read: names of gaps and labels of fields.
inline constexpr Message memory("memory cgroup", "内存 cgroup");
inline constexpr Message pids("pids limit", "进程数上限");
inline constexpr Message cpu("CPU limit", "CPU 上限");
inline constexpr Message usage("usage", "用量");
inline constexpr Message peak("peak", "峰值");
inline constexpr Message pressure("pressure", "压力");
inline constexpr Message swap("swap", "交换");
inline constexpr Message kernel_memory("kernel memory", "内核内存");
inline constexpr Message oom_kills("OOM kills", "OOM kill");
inline constexpr Message oom_killer("OOM killer", "OOM killer");
inline constexpr Message members("processes", "进程");
inline constexpr Message process("process", "进程");
inline constexpr Message start_time("started", "启动于");
inline constexpr Message program("program", "程序");
inline constexpr Message resident("resident", "常驻内存");
inline constexpr Message oom_score("OOM score", "OOM 分值");
inline constexpr Message oom_score_adj("OOM score adjustment", "OOM 分值调整");
inline constexpr Message user("user", "用户");
inline constexpr Message uid_map("uid map", "uid 映射");
inline constexpr Message gid_map("gid map", "gid 映射");
inline constexpr Message root_file_system("root file system", "根文件系统");
inline constexpr Message privileges("privileges", "权限");
inline constexpr Message capabilities("capabilities", "能力");
inline constexpr Message namespaces("namespaces", "命名空间");
inline constexpr Message network("network", "网络");
inline constexpr Message default_route("default route", "默认路由");
inline constexpr Message cgroups("cgroups", "cgroup");
inline constexpr Message limit("limit", "上限");
inline constexpr Message container("container", "容器");
inline constexpr Message unit("unit", "单元");
inline constexpr Message pod("pod", "pod");
inline constexpr Message note("note", "注意");
inline constexpr Message be_root("run as root", "请以 root 身份运行");
inline constexpr Message not_even_root(
    "root lacks a capability here, or a security module forbids it",
    "此处 root 缺少所需的能力，或安全模块禁止");

// The answer.
inline constexpr Message binding_headline("MEMORY LIMIT {0}, HEADROOM {1}",
                                          "内存上限 {0}，余量 {1}");
inline constexpr Message unlimited_headline("NO MEMORY LIMIT", "没有内存上限");
inline constexpr Message no_visible_headline("NO VISIBLE MEMORY LIMIT",
                                             "没有可见的内存上限");
inline constexpr Message unknown_headline("MEMORY LIMIT UNKNOWN",
                                          "内存上限未知");
inline constexpr Message ended(
    "the process ended during the inspection; what was read afterwards is left "
    "out",
    "进程在检查期间结束；此后读到的内容已略去");
inline constexpr Message own_limit("{0} (*) of its own cgroup {1}",
                                   "自身 cgroup {1} 的 {0} (*)");
inline constexpr Message ancestor_limit("{0} (*) of the ancestor {1}",
                                        "上级 cgroup {1} 的 {0} (*)");
inline constexpr Message no_limit("neither its cgroup nor an ancestor has one",
                                  "它的 cgroup 和上级都没有");
inline constexpr Message no_visible_limit("none visible has one",
                                          "可见的 cgroup 都没有");
inline constexpr Message levels_failed("not all could be read (see below)",
                                       "有的未能读取（见下）");
inline constexpr Message chain_incomplete(
    "ancestors outside {0} are not visible here",
    "{0} 之外的上级 cgroup 在此不可见");
inline constexpr Message no_kills("none", "没有");
inline constexpr Message no_known_kills("none in existing cgroups",
                                        "现存的 cgroup 中没有");
inline constexpr Message own_kills("{0} in its cgroup",
                                   "自身 cgroup 中 {0} 次");
inline constexpr Message kills_with_descendants(
    "{0} in its cgroup and its descendants", "自身 cgroup 及其下级中 {0} 次");
inline constexpr Message kills_of_both(
    "{0} in its cgroup, {1} with descendants",
    "自身 cgroup 中 {0} 次，连同下级 {1} 次");
inline constexpr Message kills_with_existing_descendants(
    "{0} in its cgroup and its existing descendants",
    "自身 cgroup 及其现存下级中 {0} 次");
inline constexpr Message kills_of_both_existing(
    "{0} in its cgroup, {1} with existing descendants",
    "自身 cgroup 中 {0} 次，连同现存下级 {1} 次");
inline constexpr Message unknown("unknown", "未知");
inline constexpr Message oom_events("OOMs", "OOM");
inline constexpr Message limit_hits("limit hits", "触及上限");
inline constexpr Message own_and_ancestors(
    "{0} at its cgroup's own limit, {1} at ancestors'",
    "自身 cgroup 的上限 {0} 次，上级的上限 {1} 次");

// Containers.
inline constexpr Message docker_container("Docker container {0}",
                                          "Docker 容器 {0}");
inline constexpr Message podman_container("Podman container {0}",
                                          "Podman 容器 {0}");
inline constexpr Message containerd_container("containerd container {0}",
                                              "containerd 容器 {0}");
inline constexpr Message crio_container("CRI-O container {0}",
                                        "CRI-O 容器 {0}");
inline constexpr Message kubernetes_container("Kubernetes container {0}",
                                              "Kubernetes 容器 {0}");
inline constexpr Message machine("machine {0} of systemd-machined",
                                 "systemd-machined 的机器 {0}");
inline constexpr Message lxc_container("LXC container {0}", "LXC 容器 {0}");
inline constexpr Message unknown_container(
    "container {0} of an unknown runtime", "运行时未知的容器 {0}");
inline constexpr Message by_namespaces(
    "{0} (by the name of its cgroup; it has its own PID and mount namespaces)",
    "{0}（依据其 cgroup 的名称；它有自己的 PID 和挂载命名空间）");
inline constexpr Message by_name_only(
    "{0}, only by the name of its cgroup: its PID or mount namespace is the "
    "caller's",
    "{0}，仅依据其 cgroup 的名称：它的 PID 或挂载命名空间与调用者相同");
inline constexpr Message by_name_alone(
    "{0} (by the name of its cgroup; namespaces were not compared)",
    "{0}（依据其 cgroup 的名称；未比较命名空间）");
inline constexpr Message isolated(
    "none recognized, but it has its own PID and mount namespaces",
    "没有认出，但它有自己的 PID 和挂载命名空间");
inline constexpr Message user_unit("{0}, of the systemd instance of uid {1}",
                                   "{0}，属于 uid {1} 的 systemd 实例");
inline constexpr Message user_container(
    "{0}, below the systemd instance of uid {1}",
    "{0}，位于 uid {1} 的 systemd 实例之下");

// Memory.
inline constexpr Message memory_section("Memory limits, cgroup {0} below {1}",
                                        "内存上限，cgroup {0}，位于 {1} 之下");
inline constexpr Message cgroup_column("Cgroup", "Cgroup");
inline constexpr Message usage_column("Usage", "用量");
inline constexpr Message limit_column("Limit", "上限");
inline constexpr Message headroom_column("Headroom", "余量");
inline constexpr Message hits_column("Hits", "触及");
inline constexpr Message ooms_column("OOMs", "OOM");
inline constexpr Message kills_column("Kills", "杀死");
inline constexpr Message other("other {0}", "其他 {0}");
inline constexpr Message no_swap_limit("{0}, no limit", "{0}，没有上限");
inline constexpr Message no_visible_swap_limit("{0}, no visible limit",
                                               "{0}，没有可见的上限");
inline constexpr Message limited_by("{0}; {1} of {2} is {3}, headroom {4}",
                                    "{0}；{2} 的 {1} 为 {3}，余量 {4}");
inline constexpr Message high("{0} of {1} is {2}, headroom {3}",
                              "{1} 的 {0} 为 {2}，余量 {3}");
inline constexpr Message some_pressure(
    "some {0} % of the last 10 s, {1} in all",
    "最近 10 s：some {0} %；累计 {1}");
inline constexpr Message full_pressure(
    "some {0} %, full {1} % of the last 10 s; some {2} in all",
    "最近 10 s：some {0} %，full {1} %；some 累计 {2}");
inline constexpr Message kill_disabled("disabled: tasks at the limit wait",
                                       "已禁用：到达上限的任务会等待");
inline constexpr Message kill_disabled_waiting(
    "disabled, and tasks are waiting for memory now",
    "已禁用，而且现在有任务在等待内存");
inline constexpr Message under_oom("tasks are waiting for memory now",
                                   "现在有任务在等待内存");
inline constexpr Message group_kill(
    "kills all processes of the cgroup at once (memory.oom.group)",
    "一次杀死 cgroup 的全部进程（memory.oom.group）");

// Other limits.
inline constexpr Message other_section("Other limits and cgroups",
                                       "其他上限和 cgroup");
inline constexpr Message pids_limit("{0} of {1} in {2}, headroom {3}",
                                    "{2} 中 {0} / {1}，余量 {3}");
inline constexpr Message refused_forks("; {0} forks refused",
                                       "；拒绝了 {0} 次 fork");
inline constexpr Message unlimited("no limit", "没有上限");
inline constexpr Message not_visibly_limited("no visible limit",
                                             "没有可见的上限");
inline constexpr Message pids_in("{0}; {1} in {2}", "{0}；{2} 中有 {1} 个");
inline constexpr Message cpu_limit("{0} CPUs in {1} ({2} of {3} us)",
                                   "{1} 为 {0} 个 CPU（每 {3} us 用 {2} us）");
inline constexpr Message throttled("; throttled in {0} of {1} periods",
                                   "；{1} 个周期中有 {0} 个被限流");
inline constexpr Message throttled_time(", {0}", "，{0}");
inline constexpr Message pids_and_cpu("pids and CPU", "进程数和 CPU");
inline constexpr Message place("{0}: {1}", "{0}：{1}");
inline constexpr Message unified("cgroup v2", "cgroup v2");
inline constexpr Message cgroups_of_member(
    "in other hierarchies those of its process {0}",
    "其他层级中的是其进程 {0} 的 cgroup");
inline constexpr Message member_list("{0}: {1}", "{0} 个：{1}");

// The process.
inline constexpr Message process_section("Process", "进程");
inline constexpr Message process_line("{0} ({1}), {2}, threads {3}, parent {4}",
                                      "{0}（{1}），{2}，线程 {3}，父进程 {4}");
inline constexpr Message thread_line(
    "{0} ({1}), {2}, a thread of process {3}, parent {4}",
    "{0}（{1}），{2}，进程 {3} 的线程，父进程 {4}");
inline constexpr Message program_since("{0}, started {1}", "{0}，启动于 {1}");
inline constexpr Message pid_inside("pid inside", "内部 pid");
inline constexpr Message pids_inside(
    "{0} in its own PID namespace ({1} here)",
    "在它的 PID 命名空间中为 {0}（此处为 {1}）");
inline constexpr Message resident_parts("{0} (anon {1}, file {2}, shmem {3})",
                                        "{0}（anon {1}，file {2}，shmem {3}）");
inline constexpr Message and_swap("{0}, swap {1}", "{0}，交换 {1}");
inline constexpr Message score("{0}, adjustment {1}", "{0}，调整 {1}");
inline constexpr Message uid_here("uid {0}, gid {1}", "uid {0}，gid {1}");
inline constexpr Message root_is("{0}; uid 0 inside is uid {1} here",
                                 "{0}；内部的 uid 0 即此处的 uid {1}");
inline constexpr Message root_is_nobody("{0}; uid 0 inside is not mapped",
                                        "{0}；内部的 uid 0 没有映射");
inline constexpr Message overlay_root("{0} with {1} lower directories",
                                      "{0}，{1} 个下层目录");
inline constexpr Message read_only_root("{0}, read-only", "{0}，只读");
inline constexpr Message no_seccomp("no seccomp filter", "没有 seccomp 过滤器");
inline constexpr Message strict_seccomp("seccomp strict", "seccomp 严格模式");
inline constexpr Message seccomp_filter("seccomp filter", "seccomp 过滤器");
inline constexpr Message seccomp_filters("seccomp filters: {0}",
                                         "seccomp 过滤器：{0} 个");
inline constexpr Message no_new_privs("no_new_privs", "no_new_privs");
inline constexpr Message in_own_users("{0}, in its user namespace only",
                                      "{0}，仅在其用户命名空间内");
inline constexpr Message all_capabilities("all capabilities", "全部能力");
inline constexpr Message no_capabilities("no capabilities", "没有能力");
inline constexpr Message capabilities_but("all capabilities but {0}",
                                          "除 {0} 之外的全部能力");
inline constexpr Message some_capabilities("capabilities: {0}", "能力：{0}");
inline constexpr Message more_capabilities("{0} and {1} more",
                                           "{0} 以及另外 {1} 项");
inline constexpr Message same_namespaces("all are the caller's",
                                         "都与调用者相同");
inline constexpr Message other_namespaces(
    "differ from the caller's (its inode/the caller's): {0}",
    "与调用者不同（它的 inode/调用者的 inode）：{0}");
inline constexpr Message other_namespace("{0} {1}/{2}", "{0} {1}/{2}");

// The network.
inline constexpr Message network_section("Network, in its own namespace",
                                         "网络，在它自己的命名空间中");
inline constexpr Message own_network_section(
    "Network, in the caller's namespace", "网络，在调用者的命名空间中");
inline constexpr Message down("down", "未启用");
inline constexpr Message no_carrier("no carrier", "没有载波");
inline constexpr Message more_interfaces("other interfaces", "其余接口");
inline constexpr Message no_route("none", "没有");
inline constexpr Message route_via("via {0}, {1}", "经 {0}，{1}");
inline constexpr Message route_on("directly, {0}", "直连，{0}");

// Gaps.
inline constexpr Message gap_section("Could not be read", "未能读取");
inline constexpr Message gap_line("{0}: {1}", "{0}：{1}");
inline constexpr Message gap_of_file("{0}: {1}: {2}", "{0}：{1}：{2}");
inline constexpr Message gap_fix("{0} ({1})", "{0}（{1}）");

}  // namespace lab::inspect_messages
