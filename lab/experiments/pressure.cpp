// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

Experiment make_pressure() {
  return {
      .question = {"Can a program be notified that tasks stall on memory?",
                   "任务停下来等内存时，程序能得到通知吗？"},
      .prediction = {"Yes: a trigger on memory.pressure wakes the program that "
                     "polls it once tasks have stalled for 150 ms within 2 s.",
                     "能：在 memory.pressure 上设触发器并对它 poll，任务在 2 "
                     "秒内等内存的时间达到 150 毫秒时就会被唤醒。"},
      .control_run = {"memory.high stays at max: the hog does not stall",
                      "memory.high 保持 max：占内存程序不必等待"},
      .procedure =
          {
              .cgroups =
                  {{"limited",
                    {{File::memory_max, Part{2, 1}},
                     unless_control(Setting{File::memory_high, Part{1, 2}}),
                     in_control(Setting{File::memory_high, Unlimited{}})}}},
              .processes = {{.name = "hog",
                             .cgroup = "limited",
                             .total = Part{1, 1}}},
              .steps = {step::watch_pressure("limited", milliseconds(150)),
                        step::start("hog"),
                        unless_control(step::await_value(
                            "limited", "notified", 1, milliseconds(15000))),
                        in_control(step::await_value("limited", "notified", 1,
                                                     milliseconds(3000)))},
              .claims = {decided_by_cause(
                             {{"the trigger fired", "触发器发出了通知"},
                              {"limited", "notified"},
                              Relation::at_least,
                              std::uint64_t{1}}),
                         {{"tasks stalled for at least 150 ms",
                           "任务等内存的时间至少有 150 毫秒"},
                          {"limited", "stalled_us"},
                          Relation::at_least,
                          std::uint64_t{150000}},
                         nothing_was_killed()},
          },
      .only = cgroupfs::Version::v2,
      .only_because = name_in_texts(File::memory_pressure),
      .requirements = {HostFeature::pressure},
      .lesson = "pressure",
  };
}

const ExperimentRegistration pressure_registration(
    "pressure",
    {"a PSI trigger fires while a throttled hog stalls on memory",
     "占内存程序被限速、等待内存时，PSI 触发器发出通知"},
    make_pressure);

}  // namespace
}  // namespace lab
