// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

using std::chrono::milliseconds;

Scenario build(const Choice& choice) {
  ActorSpec writer{.name = "writer", .group = "files", .total = {2, 1}};
  if (!choice.control) {
    writer.memory = "file";
    writer.backing = Backing::tmpfs;
  }
  return {
      .groups = {{"files", {{File::memory_max, Part{1, 1}}}}},
      .actors = {writer},
      .steps = {step::start("writer"), step::settle("writer"),
                step::rest(milliseconds(100)), step::mark("dead"),
                step::release_file("writer"), step::rest(milliseconds(200))},
      .claims = {{"the writer was killed",
                  {"writer", "signal"},
                  Relation::equals,
                  std::uint64_t{9}},
                 {"by the OOM killer", {"files", "oom_kill"}, Relation::rises},
                 decided_by_cause({"its file is still charged to the cgroup",
                                   {"files", "usage", "dead"},
                                   Relation::at_least,
                                   Part{3, 4}}),
                 {"until the file is gone",
                  {"files", "usage"},
                  Relation::at_most,
                  Part{1, 4}}},
  };
}

const Experiment experiment = {
    .name = "tmpfs",
    .summary = "a tmpfs file stays charged when its writer was killed",
    .question = "What is left of the memory of a process that was OOM-killed?",
    .prediction =
        "Of a tmpfs file everything, until its last name or descriptor goes.",
    .build = build,
    .knob = "anonymous memory in place of the file: it goes with the process",
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
