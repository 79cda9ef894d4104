// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

Experiment make() {
  return {
      .question =
          "What happens when a process takes more memory than its cgroup "
          "allows, and how do we know that it was the OOM killer?",
      .prediction =
          "SIGKILL at the limit, and an oom_kill counter that rises by one.",
      .control_run =
          "the hog allocates three quarters of the limit and survives",
      .procedure =
          {
              .cgroups = {{"memorydemo", {{File::memory_max, Part{1, 1}}}}},
              .processes = {{.name = "hog",
                             .cgroup = "memorydemo",
                             .hold = false}},
              .steps = {step::start("hog"), step::await_end("hog")},
              .guard = std::nullopt,
          },
      .sized_by_user = true,
  };
}

const ExperimentRegistration registration(
    "oom", "a process climbs to the limit of its cgroup and is OOM-killed",
    make);

}  // namespace
}  // namespace lab
