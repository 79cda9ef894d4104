// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

using std::chrono::milliseconds;

Scenario build(const Choice& choice) {
  const std::uint64_t tasks = choice.control ? 64 : 4;
  return {
      .groups = {{"family",
                  {{File::memory_max, Part{1, 1}}, {File::pids_max, tasks}}}},
      .actors = {{.name = "mother",
                  .group = "family",
                  .total = {2, 1},
                  .children = 8}},
      .steps = {step::start("mother"), step::settle("mother"),
                step::rest(milliseconds(100))},
      .claims = {decided_by_cause({"forks were refused",
                                   {"family", "forks_refused"},
                                   Relation::rises}),
                 {"the mother was killed",
                  {"mother", "signal"},
                  Relation::equals,
                  std::uint64_t{9}},
                 {"by the OOM killer", {"family", "oom_kill"}, Relation::rises},
                 decided_by_cause({"three children outlive her",
                                   {"family", "processes"},
                                   Relation::equals,
                                   std::uint64_t{3}})},
  };
}

const Experiment experiment = {
    .name = "forks",
    .summary =
        "a pids limit refuses forks, and children outlive the OOM victim",
    .question = "What becomes of the children of a process that is OOM-killed?",
    .prediction =
        "They live on in the cgroup; a pids limit bounds how many there are.",
    .build = build,
    .knob = "the pids limit is high enough for all",
    .needs = {Need::pids},
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
