// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

Experiment make() {
  return {
      .question =
          "What happens to the children of a process that is OOM-killed?",
      .prediction =
          "They live on in the cgroup; a pids limit bounds how many there are.",
      .control_run = "the pids limit is high enough for all",
      .procedure =
          {
              .cgroups =
                  {{"family",
                    {{File::memory_max, Part{1, 1}},
                     unless_control(Setting{File::pids_max, std::uint64_t{4}}),
                     in_control(Setting{File::pids_max, std::uint64_t{64}})}}},
              .processes = {{.name = "hog",
                             .cgroup = "family",
                             .total = Part{2, 1},
                             .children = 8}},
              .steps = {step::start("hog"), step::settle("hog"),
                        step::rest(milliseconds(100))},
              .claims = {decided_by_cause({"forks were refused",
                                           {"family", "forks_refused"},
                                           Relation::rises}),
                         {"the parent was killed",
                          {"hog", "signal"},
                          Relation::equals,
                          std::uint64_t{9}},
                         {"by the OOM killer",
                          {"family", "oom_kill"},
                          Relation::rises},
                         decided_by_cause({"three children survive",
                                           {"family", "processes"},
                                           Relation::equals,
                                           std::uint64_t{3}})},
          },
      .requirements = {HostFeature::pids},
  };
}

const ExperimentRegistration registration(
    "forks", "a pids limit refuses forks, and children outlive the OOM victim",
    make);

}  // namespace
}  // namespace lab
