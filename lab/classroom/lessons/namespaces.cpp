// SPDX-License-Identifier: MIT
#include "lab/classroom/lessons/topics.h"

namespace lab {
namespace {

constexpr LessonRow own_or_shared[] = {
    {Message("what", "什么"), Message("namespace", "命名空间"),
     Message("details", "说明")},
    {Message("process ids", "进程号"), same("pid"),
     Message("a process has one in each namespace up to the host's",
             "从所在的一级直到主机，每一级里各有一个号")},
    {Message("mounts, root directory", "挂载、根目录"), same("mnt"),
     Message("the image's layers are a mount in it", "镜像的层就挂载在其中")},
    {Message("interfaces, routes, ports", "网卡、路由、端口"), same("net"),
     Message("a new one has only `lo`, which is down",
             "新建的只有 `lo`，而且没有启用")},
    {Message("host name", "主机名"), same("uts"),
     Message("a container that changes it changes only its own",
             "改名也只在容器里生效")},
    {Message("System V IPC, message queues", "System V IPC、消息队列"),
     same("ipc"),
     Message("but files in `/dev/shm` belong to a mount",
             "`/dev/shm` 里的文件则属于挂载")},
    {Message("users, capabilities", "用户、能力"), same("user"),
     Message("root inside may be an ordinary user outside",
             "里面的 root 在外面可以是普通用户")},
    {Message("the path of its cgroup", "所属 cgroup 的路径"), same("cgroup"),
     Message("hides the ancestors, not their limits",
             "隐藏上级，上级的上限仍然有效")},
    {Message("memory, CPUs", "内存、CPU"), Message("none", "无"),
     Message("limited by cgroups; `/proc/meminfo` shows the host's",
             "由 cgroup 限制；`/proc/meminfo` 显示主机的")},
    {Message("kernel, modules, clock", "内核、模块、时钟"),
     Message("none", "无"),
     Message("`uname -r` and `date` are the host's; time namespaces shift only "
             "the uptime",
             "`uname -r` 和 `date` 是主机的；time 命名空间只移动开机时长")},
};

constexpr LessonPart namespaces_body[] = {
    paragraph(
        "It does. A namespace changes what a process sees, a cgroup what it "
        "may use, and there is no namespace for memory: `/proc/meminfo` "
        "describes the host in every container. Programs that size their heap "
        "or their caches by it can be OOM-killed at the cgroup's limit.",
        "有效。命名空间改变进程看到什么，cgroup "
        "改变它能用多少，而内存没有命名空间："
        "在每个容器里，`/proc/meminfo` "
        "说的都是主机。按它来决定堆或缓存大小的程序，"
        "可能在 cgroup 的上限处被 OOM killer 杀死。"),
    table(own_or_shared),
    paragraph(
        "A container is a process of the host with namespaces of its own, so "
        "its pid on the host is enough to look into it. `nsenter -t PID -n ip "
        "addr` runs the host's `ip` in the network of the container: no shell "
        "and no tool need be in the image. `podman inspect --format "
        "'{{{{.State.Pid}}}}' NAME` prints the pid, also with `docker`; `cglab "
        "inspect` finds it by name.",
        "容器就是主机上的一个进程，带着自己的命名空间，所以知道它在主机上的 "
        "pid "
        "就能往里看。`nsenter -t PID -n ip addr` 在容器的网络里运行主机的 "
        "`ip`：镜像里不需要 shell，也不需要任何工具。`podman inspect --format "
        "'{{{{.State.Pid}}}}' NAME` 打印 pid，`docker` 也一样；`cglab inspect` "
        "可以按名字查找。"),
};

constexpr LessonPart namespaces_experiments[] = {
    paragraph("As root. No container is needed: `unshare` and `nsenter` are in "
              "util-linux, `ip` is in iproute2.",
              "以 root 身份。不需要容器：`unshare` 和 `nsenter` 属于 "
              "util-linux，`ip` 属于 iproute2。"),
    question("Which process id does the shell have inside, and how many "
             "processes does it see?",
             "里面的 shell 进程号是多少？它看得到几个进程？"),
    command("unshare --pid --fork --mount-proc sh -c 'echo $$; ps -e'"),
    question("Which of these three changes does the host see?",
             "下面三处改动，主机看得到哪一处？"),
    command("unshare --uts sh -c 'hostname inside; hostname'; hostname"),
    command("unshare --net ip addr"),
    command("unshare --mount sh -c '\n"
            "  mount -t tmpfs none /mnt; touch /mnt/inside; ls /mnt'; ls /mnt"),
    question("How much memory does a program see under a limit of 50 MiB?",
             "内存上限是 50 MiB 时，程序看到多少内存？"),
    command("cglab run --limit 50M -- grep MemTotal /proc/meminfo"),
    question("A process with its own network and host name: what does the host "
             "see of it by its pid?",
             "一个有自己的网络和主机名的进程：主机凭它的 pid 能看到什么？"),
    command("unshare --net --uts sh -c 'hostname inside; exec sleep 300' &"),
    command("pid=$!; sleep 1"),
    command("nsenter -t $pid -n ip addr"),
    command("nsenter -t $pid -u hostname"),
    command("readlink /proc/$pid/ns/net /proc/self/ns/net"),
    command("cglab inspect $pid"),
    command("kill $pid"),
};

}  // namespace

constexpr Lesson namespaces_lesson = {
    "namespaces",
    {"Namespaces: what a container shares with the host",
     "命名空间：容器与主机共享什么"},
    {"what a container shares, and how to look into it by its pid",
     "容器共享什么，怎样凭 pid 往里看"},
    {"`free` in a container with a limit of 50 MiB shows all memory of the "
     "host. Does the limit work?",
     "容器的内存上限是 50 MiB，里面的 `free` "
     "却显示主机的全部内存。上限有效吗？"},
    namespaces_body,
    namespaces_experiments,
};

}  // namespace lab
