// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

ProcessSpec hog(Part total, milliseconds ramp) {
  return {.name = "hog", .cgroup = "limited", .total = total, .ramp = ramp};
}

Experiment make() {
  return {
      .question =
          "Can the first samples predict when a leak will hit the limit?",
      .prediction =
          "A straight line through the usage meets the limit when the kill "
          "comes.",
      .control_run = "the leak stops at half the limit: nothing dies",
      .procedure =
          {
              .cgroups = {{"limited", {{File::memory_max, Part{1, 1}}}}},
              // The same rate in both: the whole limit in two seconds.
              .processes = {unless_control(hog(Part{3, 2}, milliseconds(3000))),
                            in_control(hog(Part{1, 2}, milliseconds(1000)))},
              .steps = {step::start("hog"), step::rest(milliseconds(800)),
                        step::predict("limited"), step::settle("hog")},
              .claims = {decided_by_cause({"the leak was OOM-killed",
                                           {"limited", "oom_kill"},
                                           Relation::rises}),
                         {"not long before the predicted time",
                          {"hog", "ended_ms"},
                          Relation::at_least,
                          Quantity{"limited", "predicted_ms"},
                          Part{4, 5}},
                         {"not long after it",
                          {"hog", "ended_ms"},
                          Relation::at_most,
                          Quantity{"limited", "predicted_ms"},
                          Part{5, 4}}},
          },
  };
}

const ExperimentRegistration registration(
    "leak", "predict from early samples when a leak hits the limit", make);

}  // namespace
}  // namespace lab
