// SPDX-License-Identifier: MIT
#include "lab/classroom/lessons/topics.h"

namespace lab {
namespace {

constexpr LessonRow what_is_charged[] = {
    {Message("memory", "内存"), Message("charged", "记账"),
     Message("details", "说明")},
    {Message("allocated, never touched", "申请后从未访问"), Message("no", "否"),
     Message("addresses only; untouched, 1 GiB costs nothing",
             "只有地址；1 GiB 不访问就不花内存")},
    {Message("only read", "只读过"), Message("no", "否"),
     Message("it all maps the one zero page; the page tables for 1 GiB are "
             "charged, 2 MiB",
             "全部映射到同一个零页；映射 1 GiB 所需的 2 MiB 页表要记账")},
    {Message("written", "写过"), Message("yes", "是"),
     Message("until it is freed or the process ends", "直到释放或进程结束")},
    {Message("page cache", "页缓存"), Message("yes", "是"),
     Message("to the cgroup that read it first; it can be reclaimed, so by "
             "itself it rarely causes an OOM kill",
             "谁让它进入缓存就记在谁的账上；可以回收，单凭它几乎不会引发 OOM")},
    {Message("tmpfs, shared memory", "tmpfs、共享内存"), Message("yes", "是"),
     Message("reclaimed only with swap; charged until the file is removed, "
             "even after the process has ended",
             "没有交换空间就无法回收；进程死了也还在账上，直到文件被删除")},
    {Message("page tables, kernel stacks, slab", "页表、内核栈、slab"),
     Message("yes", "是"),
     Message("a new process costs at least 256 KiB",
             "刚启动的进程就要占 256 KiB 以上")},
};

constexpr LessonPart charge_body[] = {
    paragraph(
        "No. `malloc` returns addresses, not memory. The kernel allocates a "
        "page in the page fault of the first write to it, and charges it at "
        "that moment to the cgroup of the writing process.",
        "不会。`malloc` 给的是地址，不是内存。页面第一次被写入时发生缺"
        "页，内核这时才分配物理页，并当场记在写入进程所属 cgroup 的账上。"),
    table(what_is_charged),
    paragraph(
        "Usage therefore rarely equals what a program has allocated. It also "
        "changes in steps: the kernel charges 64 pages (256 KiB) per CPU in "
        "advance. In our runs it was 148 to 520 KiB above what was touched.",
        "所以用量很少等于程序申请的数量。用量还是一级一级跳的："
        "内核为每个 CPU 一次预先记 64 页（256 KiB）。在我们的实验里，"
        "用量比实际访问的内存多 148 到 520 KiB。"),
};

constexpr LessonPart charge_experiments[] = {
    malloc_demo_note,
    question("1 GiB untouched, then only read, then written: what is each "
             "peak, and which one is killed?",
             "1 GiB 内存，先是不访问，再是只读，最后是写入："
             "峰值各是多少？哪一个会被杀死？"),
    command("cglab run --limit 50M -- malloc_demo --total 1G --ramp 0 --quiet "
            "--touch none"),
    command("cglab run --limit 50M -- malloc_demo --total 1G --ramp 0 --quiet "
            "--touch read"),
    command("cglab run --limit 50M -- malloc_demo --total 1G --ramp 0 --quiet "
            "--touch write"),
    question("The same file of 200 MiB, on a disk and then in memory: why does "
             "only one of them fit under a limit of 50 MiB? (`/var/tmp` has to "
             "be on a disk.)",
             "同样 200 MiB 的文件，先写到磁盘，再写到内存里：内存上限都是 "
             "50 MiB，为什么只有一个能写完？（`/var/tmp` 必须在磁盘上。）"),
    command("cglab run --limit 50M -- dd if=/dev/zero of=/var/tmp/cglab.file "
            "bs=1M count=200"),
    command("cglab run --limit 50M -- dd if=/dev/zero of=/dev/shm/cglab.file "
            "bs=1M count=200"),
    command("rm /var/tmp/cglab.file /dev/shm/cglab.file"),
};

}  // namespace

constexpr Lesson charge_lesson = {
    "charge",
    {"What is charged, and what is not", "哪些内存记账，哪些不记"},
    {"which memory counts against a limit, and when",
     "哪些内存计入用量，什么时候计入"},
    {"A program in a cgroup with a limit of 50 MiB allocates 1 GiB with malloc "
     "and never touches it. Is it killed?",
     "cgroup 的内存上限是 50 MiB，里面的程序用 malloc 申请了 1 GiB，"
     "然后碰都不碰。它会被杀死吗？"},
    charge_body,
    charge_experiments,
};

}  // namespace lab
