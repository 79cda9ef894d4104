// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

const Experiment oom = {
    .name = "oom",
    .summary = "a process climbs to the limit of its cgroup and is OOM-killed",
    .question =
        "What happens when a process takes more memory than its cgroup allows, "
        "and\n"
        "how do we know that it was the OOM killer?",
    .prediction =
        "SIGKILL at the limit, and an oom_kill counter that rises by one.",
    .expected = Status::oom_killed,
    .knob = "the hog takes three quarters of the limit, and survives",
};

const ExperimentRegistration registration(oom);

}  // namespace
}  // namespace lab
