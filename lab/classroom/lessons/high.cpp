// SPDX-License-Identifier: MIT
#include "lab/classroom/lessons/topics.h"

namespace lab {
namespace {

constexpr LessonPart high_body[] = {
    paragraph("It finishes, late. Above `memory.high` the kernel reclaims, and "
              "if that is not enough, it puts the task to sleep, for up to 2 s "
              "each time it returns to user mode. It never kills and refuses "
              "nothing. The 4 MiB above the limit took 4 to 13 s in our runs, "
              "different each time; unthrottled they take milliseconds.",
              "能跑完，但很慢。超过 `memory.high` 后，内核先回收；回收不动，"
              "就让任务在每次返回用户态时睡上最多 2 秒。它从不杀进程，"
              "也不拒绝任何请求。实测多出的这 4 MiB 花了 4 到 13 秒，"
              "每次都不一样；不限速只要几毫秒。"),
    item("Purpose: at `high` a program slows down, at the higher `memory.max` "
         "it is killed. In between there is time to act, for a service "
         "manager, `systemd-oomd` or a person.",
         "用处：`high` 是开始变慢的线，更高处的 `memory.max` 才是致命的"
         "线。两条线之间留出了处置的时间，由服务管理器、`systemd-oomd` "
         "或者人来处理。"),
    item("Symptoms: `high` in `memory.events` rises, usage stays just above "
         "the value, `memory.pressure` climbs, and the program looks hung.",
         "表现：`memory.events` 里的 `high` 增加，用量停在略高于它的地方，"
         "`memory.pressure` 上升，程序看上去像卡死了。"),
    item("Danger: without swap, a program that needs far more crawls for "
         "hours; 100 MiB with a `high` of 24 MiB had not finished after 20 s. "
         "Always set a timeout.",
         "危险：没有交换空间时，需求远高于 `high` 的程序几个小时也跑不完；"
         "`high` 为 24 MiB 而要 100 MiB，20 秒后还没完。务必设超时。"),
    item("v1 has no equivalent: `memory.soft_limit_in_bytes` only selects "
         "whose pages are reclaimed first when the host is short of memory, "
         "and slows no process. `memory.low` of v2 protects memory. They are "
         "three different things.",
         "v1 没有对应的功能：`memory.soft_limit_in_bytes` "
         "只决定主机内存紧张时先回收谁的页面，不会让谁变慢；v2 的 `memory.low` "
         "则是保护。这是三样不同的东西。"),
};

constexpr LessonPart high_experiments[] = {
    vm_note,
    on_v2(malloc_demo_note),
    question(
        "20 MiB, 28 MiB and 100 MiB with a `high` of 24 MiB: which finishes at "
        "once, which late, and which not within 20 s (exit status 124)?",
        "`high` 为 24 MiB，程序分别要 20、28、100 MiB："
        "哪个立刻完成？哪个很晚？哪个 20 秒内完不成（退出状态 124）？"),
    on_v1(command("scripts/vm --cgroup v2 -- cglab run --high 24M --timeout "
                  "20s -- malloc_demo --total 20M --ramp 0 --quiet")),
    on_v1(command("scripts/vm --cgroup v2 -- cglab run --high 24M --timeout "
                  "20s -- malloc_demo --total 28M --ramp 0 --quiet")),
    on_v1(
        command("scripts/vm --cgroup v2 -- cglab run --high 24M --timeout 20s "
                "-- malloc_demo --total 100M --ramp 0 --quiet")),
    on_v2(command("cglab run --high 24M --swap 0 --timeout 20s -- malloc_demo "
                  "--total 20M --ramp 0 --quiet")),
    on_v2(command("cglab run --high 24M --swap 0 --timeout 20s -- malloc_demo "
                  "--total 28M --ramp 0 --quiet")),
    on_v2(command("cglab run --high 24M --swap 0 --timeout 20s -- malloc_demo "
                  "--total 100M --ramp 0 --quiet")),
};

}  // namespace

constexpr Lesson high_lesson = {
    "high",
    {"memory.high slows down and never kills", "memory.high 只限速，不杀进程"},
    {"memory.high of cgroup v2: throttled instead of killed",
     "cgroup v2 的 memory.high：限速而不是杀进程"},
    {"`memory.high` is 24 MiB, `memory.max` is not set, there is no swap, and "
     "a program allocates 28 MiB. Is it refused memory, killed, or does it "
     "finish?",
     "`memory.high` 是 24 MiB，没有设 `memory.max`，也没有交换空间，"
     "程序要占 28 MiB。它是申请失败，被杀死，还是能跑完？"},
    high_body,
    high_experiments,
};

}  // namespace lab
