// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

ProcessSpec hog(Part total, milliseconds ramp) {
  return {.name = "hog", .cgroup = "limited", .total = total, .ramp = ramp};
}

Experiment make_leak() {
  return {
      .question = {"Can early samples predict when a leak will hit the limit?",
                   "由最初的采样能预测泄漏何时触到上限吗？"},
      .prediction =
          {"Yes, if it leaks at a steady rate: the OOM kill comes at about the "
           "time when a straight line through the usage of the first 0.8 s "
           "meets the limit.",
           "能，只要泄漏的速度均匀：过前 0.8 "
           "秒用量的直线与上限相交的时刻，大致就是 OOM kill 的时刻。"},
      .control_run = {"the leak stops at half of the limit: nothing is killed",
                      "泄漏到上限的一半就停止：没有进程被杀"},
      .procedure =
          {
              .cgroups = {{"limited", {{File::memory_max, Part{1, 1}}}}},
              // The same rate in both: the whole limit in two seconds.
              .processes = {unless_control(hog(Part{3, 2}, milliseconds(3000))),
                            in_control(hog(Part{1, 2}, milliseconds(1000)))},
              .steps = {step::start("hog"), step::rest(milliseconds(800)),
                        step::predict("limited"), step::settle("hog")},
              .claims =
                  {{{"the samples of the first 0.8 s predict when the limit is "
                     "hit",
                     "由前 0.8 秒的采样得出了触到上限的时刻"},
                    {"limited", "predicted_ms"},
                    Relation::at_least,
                    std::uint64_t{800}},
                   decided_by_cause({{"the leak ended in an OOM kill",
                                      "泄漏以 OOM kill 告终"},
                                     {"limited", "oom_kill"},
                                     Relation::rises}),
                   {{"the hog ended no earlier than 4/5 of the predicted time",
                     "占内存程序结束的时刻不早于预测值的 4/5"},
                    {"hog", "ended_ms"},
                    Relation::at_least,
                    Quantity{"limited", "predicted_ms"},
                    Part{4, 5}},
                   {{"the hog ended no later than 5/4 of the predicted time",
                     "占内存程序结束的时刻不晚于预测值的 5/4"},
                    {"hog", "ended_ms"},
                    Relation::at_most,
                    Quantity{"limited", "predicted_ms"},
                    Part{5, 4}}},
          },
      .lesson = "oom-kill",
  };
}

const ExperimentRegistration leak_registration(
    "leak",
    {"predict from early samples when a leak hits the limit",
     "由最初的采样预测泄漏何时触到上限"},
    make_leak);

}  // namespace
}  // namespace lab
