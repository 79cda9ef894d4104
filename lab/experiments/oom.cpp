// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

constexpr Experiment oom = {
    "oom",
    "a process climbs to the memory limit of its cgroup and is OOM-killed",
    "What happens when a process takes more memory than its cgroup allows, "
    "and\n"
    "how do we know that it was the OOM killer?",
    Status::oom_killed,
};

const ExperimentRegistration registration(oom);

}  // namespace
}  // namespace lab
