// SPDX-License-Identifier: MIT
#include "lab/classroom/lessons/topics.h"

namespace lab {
namespace {

constexpr LessonRow commands_of_both[] = {
    {Message("to do", "要做的事"), same("v1"), same("v2")},
    {Message("is it here?", "在这个版本吗"),
     same("`grep :memory: /proc/self/cgroup`"),
     same("`cat cgroup.controllers`")},
    {Message("enable in subtree", "交给下级"), Message("not needed", "不需要"),
     same("`echo +memory > cgroup.subtree_control`")},
    {Message("make", "创建"), same("`mkdir G`"), same("`mkdir G`")},
    {Message("limit", "设上限"), same("`echo 100M > memory.limit_in_bytes`"),
     same("`echo 100M > memory.max`")},
    {Message("no limit", "取消上限"), same("`echo -1 > memory.limit_in_bytes`"),
     same("`echo max > memory.max`")},
    {Message("join", "加入"), same("`echo 0 > cgroup.procs`"),
     same("`echo 0 > cgroup.procs`")},
    {Message("usage", "用量"), same("`cat memory.usage_in_bytes`"),
     same("`cat memory.current`")},
    {Message("peak", "峰值"), same("`cat memory.max_usage_in_bytes`"),
     Message("`cat memory.peak` (5.19)", "`cat memory.peak`（5.19）")},
    {Message("OOM kills", "OOM 次数"),
     same("`grep oom_kill memory.oom_control`"),
     same("`grep oom_kill memory.events`")},
    {Message("limit hit", "达到上限"), same("`cat memory.failcnt`"),
     same("`cat memory.events.local`")},
    {Message("slow down", "限速"), Message("cannot be done", "做不到"),
     same("`echo 80M > memory.high`")},
    {Message("PSI", "内存压力"), Message("cannot be done", "做不到"),
     same("`cat memory.pressure`")},
    {Message("kill all", "全部杀死"), same("`kill -9 $(cat cgroup.procs)`"),
     Message("`echo 1 > cgroup.kill` (5.14)",
             "`echo 1 > cgroup.kill`（5.14）")},
    {Message("remove", "删除"), same("`rmdir G`"), same("`rmdir G`")},
};

constexpr LessonPart versions_body[] = {
    paragraph(
        "Usually not: it is on the other version. A controller is on one "
        "hierarchy at a time. On a hybrid host both are mounted and the memory "
        "controller is on v1; the cgroup2 mount proves nothing. Evidence for "
        "v2 is the word `memory` in `cgroup.controllers` there, for v1 a mount "
        "of type `cgroup` with the option `memory`.",
        "多半不是，而是它在另一个版本上。一个控制器同一时间只属于一个层级。"
        "混合主机两个版本都挂载了，内存控制器在 v1 上；挂载了 cgroup2 "
        "说明不了什么。判断依据：v2 看那里的 `cgroup.controllers` 里有没有 "
        "`memory`，v1 看有没有类型为 `cgroup`、带 `memory` 选项的挂载。"),
    table(commands_of_both),
    item("G is the new cgroup. Run the first three commands and `rmdir` in its "
         "parent's directory, the others in its own. In parentheses: the Linux "
         "version that introduced the file. Look for the file, not for the "
         "version.",
         "G 是新建的 cgroup。查看版本、交出控制器、创建和删除都在上级目"
         "录里执行，其余在它自己的目录里执行。"
         "括号里是引入该文件的 Linux 版本。要看文件在不在，别看版本号。"),
    item("Swap limit: on v1 `echo 100M > memory.memsw.limit_in_bytes` (memory "
         "plus swap), on v2 `echo 0 > memory.swap.max` (swap only); see `cglab "
         "explain swap`.",
         "交换上限：v1 写 `echo 100M > memory.memsw.limit_in_bytes`"
         "（内存加交换空间），v2 写 `echo 0 > memory.swap.max`"
         "（只算交换空间）；详见 `cglab explain swap`。"),
    item("Only v2 has this rule: a cgroup that enables controllers for its "
         "children has no processes itself, except the root.",
         "只有 v2 有这条规则：除根以外，把控制器交给下级的 cgroup "
         "自己不能有进程。"),
    item("Only v1 can disable the OOM killer: `echo 1 > memory.oom_control`. "
         "The process then sleeps at the limit until the limit is raised.",
         "只有 v1 能关掉 OOM killer：`echo 1 > memory.oom_control`。"
         "之后进程触到上限就一直睡眠，直到有人调高上限。"),
};

constexpr LessonPart versions_experiments[] = {
    question("Where is the memory controller of this host?",
             "这台主机的内存控制器在哪个版本上？"),
    command("cglab doctor | grep -A 1 -e hierarchies -e 'memory controller'"),
    paragraph("The whole exercise by hand: first for this host, then for the "
              "other version, in a disposable VM (in a checkout, with QEMU).",
              "手工完成整个实验的命令：先是这台主机的，"
              "再是另一个版本的——在用完即弃的内核里"
              "（需要源码目录和 QEMU）。"),
    command("cglab oom --dry-run"),
    on_v1(command("scripts/vm --cgroup v2 -- cglab oom --dry-run")),
    on_v2(command("scripts/vm --cgroup v1 -- cglab oom --dry-run")),
    paragraph("And run it there:", "再到那里实际运行："),
    on_v1(command("scripts/vm --cgroup v2 -- cglab oom --limit 100M")),
    on_v2(command("scripts/vm --cgroup v1 -- cglab oom --limit 100M")),
};

}  // namespace

constexpr Lesson versions_lesson = {
    "versions",
    {"cgroup v1 and v2 side by side", "cgroup v1 与 v2 对照"},
    {"v1 and v2 side by side, with commands", "v1 与 v2 的命令对照"},
    {"A tutorial writes to `memory.max`, and this file does not exist. Is the "
     "memory controller missing?",
     "教程让你写 `memory.max`，可是没有这个文件。是没有内存控制器吗？"},
    versions_body,
    versions_experiments,
};

}  // namespace lab
