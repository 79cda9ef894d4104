// SPDX-License-Identifier: MIT
#include "lab/classroom/lessons/topics.h"

namespace lab {
namespace {

constexpr LessonPart limit_body[] = {
    paragraph("First the kernel reclaims: it drops page cache and, if there is "
              "swap, swaps out. If that frees enough, the write succeeds and "
              "no process is affected. If not, the versions differ:",
              "内核先回收：丢弃页缓存，有交换空间的话再换出一些。"
              "如果腾得出来，写入成功，谁也不受影响。如果腾不出来，"
              "两个版本的做法就不同了："),
    item("v1 refuses: the write fails with EBUSY (\"Device or resource busy\") "
         "and the old limit stays. The process goes on under the old limit, or "
         "without any if there was none.",
         "v1 拒绝：写入失败，返回 EBUSY（“Device or resource busy”），"
         "原来的上限不变。进程照常运行，仍受旧上限约束；旧上限若是“不限”，"
         "就毫无约束。"),
    item("v2 obeys: the new limit is set, and the OOM killer kills until usage "
         "fits, before the write returns.",
         "v2 照办：新上限生效，OOM killer 在这次写入返回之前就动手，"
         "直到用量降到上限以内。"),
    paragraph(
        "A script that ignores the exit status of its `echo` relies on a limit "
        "that v1 never set. Always read the limit back, also because the "
        "kernel counts pages: it rounds down to a multiple of 4096 bytes (on "
        "most machines), so 104960001 reads back as 104960000.",
        "脚本如果不检查 `echo` 的退出状态，在 v1 上就会误以为上限已经设好。"
        "写完一定要读回来核对。还有一个原因：内核按页计算，会向下取整到 4096 "
        "字节的倍数（多数机器如此），写入 104960001，读回来是 104960000。"),
    paragraph("That number is 25625 pages, 100 * 1024 * 1025 bytes: 100 KiB "
              "more than 100 MiB, which is 104857600 bytes or 25600 pages. If "
              "you mean 100 MiB, write `100M`; both versions accept it.",
              "这个数是 25625 页，即 100 * 1024 * 1025 字节，比 100 MiB "
              "多 100 KiB；100 MiB 是 104857600 字节，25600 页。想要 100 MiB "
              "就写 `100M`，两个版本都认。"),
    paragraph("No limit at all: v1 accepts `-1`, refuses `max` with EINVAL and "
              "reads back 9223372036854771712; v2 writes and reads `max`.",
              "不设上限：v1 写 `-1`，读回来是 9223372036854771712，写 `max` "
              "会得到 EINVAL；v2 读写都是 `max`。"),
};

constexpr LessonPart limit_experiments[] = {
    malloc_demo_note,
    question("A process holds 60 MiB under a limit of 100 MiB, which is then "
             "set to 50 MiB. Is it alive afterwards, and under which limit?",
             "进程占着 60 MiB，上限从 100 MiB 改为 50 MiB。"
             "之后进程还活着吗？上限是多少？"),
    on_v1(
        command("cglab run --limit 100M --env -- sh -c '\n"
                "  malloc_demo --total 60M --ramp 0 --hold --quiet & sleep 1\n"
                "  /bin/echo 50M > \"$CGLAB_CGROUP/memory.limit_in_bytes\"\n"
                "  cat \"$CGLAB_CGROUP/memory.limit_in_bytes\"\n"
                "  kill $!; wait $!; echo \"malloc_demo: $?\"'")),
    on_v1(paragraph(
        "It was alive: 143 is 128 + 15, the SIGTERM that `kill` sent at the "
        "end.",
        "它当时还活着：143 = 128 + 15，是最后那个 `kill` 发出的 SIGTERM。")),
    on_v2(
        command("cglab run --limit 100M --timeout 10s --env -- sh -c '\n"
                "  malloc_demo --total 60M --ramp 0 --hold --quiet & sleep 1\n"
                "  /bin/echo 50M > \"$CGLAB_CGROUP/memory.max\"\n"
                "  cat \"$CGLAB_CGROUP/memory.max\"\n"
                "  wait $!; echo \"malloc_demo: $?\"'")),
    on_v2(paragraph("137 is 128 + 9, SIGKILL. Sometimes the `echo` dies as "
                    "well: the writer is in the same cgroup.",
                    "137 = 128 + 9，即 SIGKILL。有时 `echo` 也会一起被杀："
                    "写入者自己也在这个 cgroup 里。")),
    paragraph("The same in the course's order, run by cglab (8 seconds):",
              "同样的事按课程的顺序再做一遍，由 cglab 观察（8 秒）："),
    command("cglab course --limit 50M --block 60M"),
    question("Which value is read back?", "读回来的是哪个数？"),
    command("cglab run --limit 104960001 --env -- sh -c 'echo $CGLAB_LIMIT'"),
};

}  // namespace

constexpr Lesson limit_lesson = {
    "limit",
    {"Setting a limit below the usage", "把上限设到用量以下"},
    {"a limit below the usage: v1 refuses, v2 kills; and its rounding",
     "上限低于用量：v1 拒绝，v2 杀进程；以及取整"},
    {"A cgroup uses 60 MiB, and you write 50M to its limit. What happens?",
     "一个 cgroup 的用量是 60 MiB，你把它的上限写成 50M。会发生什么？"},
    limit_body,
    limit_experiments,
};

}  // namespace lab
