// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

ProcessSpec growing_hog(Part total) {
  return {.name = "hog",
          .cgroup = "limited",
          .total = total,
          .ramp = milliseconds(500)};
}

Claim fired(const Message& text, const char* key) {
  return decided_by_cause(
      {text, {"limited", key}, Relation::at_least, std::uint64_t{1}});
}

Experiment make_threshold() {
  return {
      .question = {"Can a program be notified before the limit is hit?",
                   "能在触到上限之前通知程序吗？"},
      .prediction = {"Yes, on v1: an eventfd is signalled at each threshold "
                     "that the usage crosses.",
                     "v1 可以：用量每越过一个阈值，eventfd 就收到一次通知。"},
      .control_run = {"the hog stays below the first threshold",
                      "占内存程序不到第一个阈值"},
      .procedure =
          {
              .cgroups = {{"limited", {{File::memory_max, Part{1, 1}}}}},
              .processes = {unless_control(growing_hog(Part{7, 8})),
                            in_control(growing_hog(Part{1, 8}))},
              .steps = {step::watch_usage("limited", Part{1, 4}),
                        step::watch_usage("limited", Part{1, 2}),
                        step::watch_usage("limited", Part{3, 4}),
                        step::start("hog"), step::settle("hog"),
                        step::rest(milliseconds(50))},
              .claims =
                  {fired({"the threshold at a quarter of the limit fired",
                          "上限四分之一处的阈值发出了通知"},
                         "notified_1"),
                   fired({"the threshold at half of the limit fired",
                          "上限一半处的阈值发出了通知"},
                         "notified_2"),
                   fired({"the threshold at three quarters of the limit fired",
                          "上限四分之三处的阈值发出了通知"},
                         "notified_3"),
                   nothing_was_killed(),
                   {{"the hog survived", "占内存程序活了下来"},
                    {"hog", "alive"},
                    Relation::equals,
                    std::uint64_t{1}}},
          },
      .only = cgroupfs::Version::v1,
      .only_because =
          {"memory.usage_in_bytes thresholds in cgroup.event_control",
           "cgroup.event_control 里的 memory.usage_in_bytes 阈值"},
      .lesson = "pressure",
  };
}

const ExperimentRegistration threshold_registration(
    "threshold",
    {"usage thresholds (v1): notifications at 1/4, 1/2 and 3/4",
     "用量阈值（v1）：到上限的 1/4、1/2、3/4 时得到通知"},
    make_threshold);

}  // namespace
}  // namespace lab
