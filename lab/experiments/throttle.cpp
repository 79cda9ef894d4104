// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

Experiment make_throttle() {
  return {
      .question = {"What does memory.high do to a process that exceeds it?",
                   "进程超过 memory.high 会怎样？"},
      .prediction = {"It throttles the process: high in memory.events rises, "
                     "time is lost in stalls, and nothing is killed.",
                     "进程被限速：memory.events 里的 high "
                     "增加，时间耗在等待内存上，但没有进程被杀。"},
      .control_run = {"memory.high stays at max: the hog runs at full speed",
                      "memory.high 保持 max：占内存程序全速运行"},
      .procedure =
          {
              .cgroups =
                  {{"limited",
                    {{File::memory_max, Part{2, 1}},
                     unless_control(Setting{File::memory_high, Part{1, 1}}),
                     in_control(Setting{File::memory_high, Unlimited{}})}}},
              .processes = {{.name = "hog",
                             .cgroup = "limited",
                             .total = Part{3, 2}}},
              .steps = {step::start("hog"),
                        step::await_value("limited", "high", 1,
                                          milliseconds(3000)),
                        step::rest(milliseconds(1500))},
              .claims =
                  {decided_by_cause({{"the usage exceeded memory.high",
                                      "用量超过了 memory.high"},
                                     {"limited", "high"},
                                     Relation::rises}),
                   decided_by_cause({{"the hog touched only part of its memory",
                                      "占内存程序只访问了它的一部分内存"},
                                     {"hog", "touched"},
                                     Relation::at_most,
                                     Part{23, 16}}),
                   {{"the hog stalled on memory", "占内存程序停下来等过内存"},
                    {"limited", "stalled_us"},
                    Relation::rises,
                    std::uint64_t{0},
                    {},
                    true},
                   nothing_was_killed(),
                   {{"the hog survived", "占内存程序活了下来"},
                    {"hog", "alive"},
                    Relation::equals,
                    std::uint64_t{1}}},
          },
      .only = cgroupfs::Version::v2,
      .only_because = name_in_texts(File::memory_high),
      .lesson = "high",
  };
}

const ExperimentRegistration throttle_registration(
    "throttle",
    {"a hog above memory.high is throttled, not killed",
     "占内存程序超过 memory.high：被限速，不被杀"},
    make_throttle);

}  // namespace
}  // namespace lab
