// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

Experiment make() {
  return {
      .question =
          "What is left of the memory of a process that was OOM-killed?",
      .prediction =
          "All of a tmpfs file, until its last link and descriptor are gone.",
      .control_run =
          "anonymous memory in place of the file: it goes with the process",
      .procedure =
          {
              .cgroups = {{"files", {{File::memory_max, Part{1, 1}}}}},
              .processes =
                  {unless_control(ProcessSpec{.name = "hog",
                                              .cgroup = "files",
                                              .total = Part{2, 1},
                                              .memory = "file",
                                              .backing = Backing::tmpfs}),
                   in_control(ProcessSpec{
                       .name = "hog", .cgroup = "files", .total = Part{2, 1}})},
              .steps = {step::start("hog"), step::settle("hog"),
                        step::rest(milliseconds(100)), step::mark("dead"),
                        step::release_file("hog"),
                        step::rest(milliseconds(200))},
              .claims = {{"the writer was killed",
                          {"hog", "signal"},
                          Relation::equals,
                          std::uint64_t{9}},
                         {"by the OOM killer",
                          {"files", "oom_kill"},
                          Relation::rises},
                         decided_by_cause(
                             {"its file is still charged to the cgroup",
                              {"files", "usage", "dead"},
                              Relation::at_least,
                              Part{3, 4}}),
                         {"until the file is gone",
                          {"files", "usage"},
                          Relation::at_most,
                          Part{1, 4}}},
          },
  };
}

const ExperimentRegistration registration(
    "tmpfs", "a tmpfs file stays charged when its writer was killed", make);

}  // namespace
}  // namespace lab
