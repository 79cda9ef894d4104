// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

/// In small pages: khugepaged would charge a huge page that it makes of those
/// from before the move to the new cgroup, and free them in the old one.
Experiment make() {
  return {
      .question =
          "What changes if the process runs first, and is moved and limited "
          "afterwards?",
      .prediction =
          "Memory allocated outside stays charged there; the limit applies to "
          "what comes after.",
      .control_run =
          "the hog allocates three quarters of the limit and survives",
      .procedure =
          {
              .cgroups = {{"memorydemo"}, {"outside"}},
              .processes = {{.name = "hog",
                             .cgroup = "outside",
                             .memory = "small",
                             .hold = false,
                             .pauses_after_blocks = {1, 2}}},
              .steps = {step::start("hog"), step::settle("hog"),
                        step::move("hog", "memorydemo"), step::mark("moved"),
                        step::go_on("hog"), step::settle("hog"),
                        step::mark("before limit"),
                        step::limit("memorydemo", File::memory_max, Part{1, 1}),
                        step::go_on("hog"), step::await_end("hog")},
          },
      .sized_by_user = true,
  };
}

const ExperimentRegistration registration(
    "course", "the course's own order: run, move in, set the limit, go on",
    make);

}  // namespace
}  // namespace lab
