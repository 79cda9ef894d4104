// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

/// A huge page across the pause would be charged whole to the old cgroup.
ProcessSpec hog(Part pause) {
  return {.name = "hog",
          .cgroup = "old",
          .total = Part{3, 4},
          .memory = "small",
          .pauses = {pause}};
}

Experiment make() {
  return {
      .question = "Do the charges follow a process into another cgroup?",
      .prediction =
          "No: old pages stay charged to the old cgroup, new ones to the new.",
      .control_run = "it is moved before it takes memory",
      .procedure =
          {
              .cgroups = {{"old", {{File::memory_max, Part{1, 1}}}},
                          {"new", {{File::memory_max, Part{1, 1}}}}},
              .processes = {unless_control(hog(Part{1, 2})),
                            in_control(hog(Part{1, 64}))},
              .steps = {step::start("hog"), step::settle("hog"),
                        step::move("hog", "new"), step::mark("moved"),
                        step::go_on("hog"), step::settle("hog")},
              .claims =
                  {decided_by_cause(
                       {"the first half is still charged to the old cgroup",
                        {"old", "usage"},
                        Relation::at_least,
                        Part{7, 16}}),
                   {"the new cgroup began with next to nothing",
                    {"new", "usage", "moved"},
                    Relation::at_most,
                    Part{1, 8}},
                   {"and is charged for what came after",
                    {"new", "usage"},
                    Relation::at_least,
                    Part{3, 16}},
                   {"not for more",
                    {"new", "usage"},
                    Relation::at_most,
                    Part{3, 8}},
                   {"the hog lives",
                    {"hog", "alive"},
                    Relation::equals,
                    std::uint64_t{1}}},
          },
  };
}

const ExperimentRegistration registration(
    "move", "a process is moved: what it had taken stays charged where it was",
    make);

}  // namespace
}  // namespace lab
