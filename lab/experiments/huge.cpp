// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

using std::chrono::milliseconds;

Scenario build(const Choice& choice) {
  return {
      .groups = {{"hog", {{File::memory_max, Part{1, 1}}}}},
      .actors = {{.name = "malloc",
                  .group = "hog",
                  .total = {3, 4},
                  .memory = choice.control ? "small" : "thp",
                  .ramp = milliseconds(200)}},
      .steps = {step::start("malloc"), step::settle("malloc")},
      .claims = {decided_by_cause({"most of it lies in huge pages",
                                   {"malloc", "huge_pages"},
                                   Relation::at_least,
                                   Part{1, 2}}),
                 {"the hog lives",
                  {"malloc", "alive"},
                  Relation::equals,
                  std::uint64_t{1}}},
  };
}

const Experiment experiment = {
    .name = "huge",
    .summary = "transparent huge pages: memory is charged in steps of 2 MiB",
    .question = "What is charged when a page is huge?",
    .prediction =
        "One touch charges a whole huge page; AnonHugePages in "
        "/proc/PID/smaps shows how much is huge.",
    .build = build,
    .knob = "small pages alone (MADV_NOHUGEPAGE)",
    .needs = {Need::huge_pages},
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
