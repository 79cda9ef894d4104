// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

Scenario build(const Choice& choice) {
  return {
      .groups = {{"from", {{File::memory_max, Part{1, 1}}}},
                 {"to", {{File::memory_max, Part{1, 1}}}}},
      .actors = {{.name = "malloc",
                  .group = "from",
                  .total = {3, 4},
                  // A huge page across the pause would be charged whole to
                  // the old cgroup.
                  .memory = "small",
                  .pause_at = choice.control ? Part{1, 64} : Part{1, 2}}},
      .steps = {step::start("malloc"), step::settle("malloc"),
                step::move("malloc", "to"), step::mark("moved"),
                step::go_on("malloc"), step::settle("malloc")},
      .claims =
          {decided_by_cause(
               {"the cgroup that it left still pays for the old half",
                {"from", "usage"},
                Relation::at_least,
                Part{7, 16}}),
           {"the new cgroup began with next to nothing",
            {"to", "usage", "moved"},
            Relation::at_most,
            Part{1, 8}},
           {"and pays for what came after",
            {"to", "usage"},
            Relation::at_least,
            Part{3, 16}},
           {"not for more", {"to", "usage"}, Relation::at_most, Part{3, 8}},
           {"the process lives",
            {"malloc", "alive"},
            Relation::equals,
            std::uint64_t{1}}},
  };
}

const Experiment experiment = {
    .name = "move",
    .summary =
        "a process is moved: what it had taken stays charged where it was",
    .question = "Do the charges follow a process into another cgroup?",
    .prediction =
        "No: old pages stay charged to the old cgroup, new ones to the new.",
    .build = build,
    .knob = "it is moved before it takes memory",
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
