// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

using std::chrono::milliseconds;

Claim told(const char* share, const char* key) {
  return decided_by_cause(
      {fmt::format("the threshold at {} of the limit was told of", share),
       {"hog", key},
       Relation::at_least,
       std::uint64_t{1}});
}

Scenario build(const Choice& choice) {
  return {
      .groups = {{"hog", {{File::memory_max, Part{1, 1}}}}},
      .actors = {{.name = "malloc",
                  .group = "hog",
                  .total = choice.control ? Part{1, 8} : Part{7, 8},
                  .ramp = milliseconds(500)}},
      .steps = {step::watch_usage("hog", Part{1, 4}),
                step::watch_usage("hog", Part{1, 2}),
                step::watch_usage("hog", Part{3, 4}), step::start("malloc"),
                step::settle("malloc"), step::rest(milliseconds(50))},
      .claims = {told("a quarter", "notified_1"),
                 told("half", "notified_2"),
                 told("three quarters", "notified_3"),
                 nothing_was_killed(),
                 {"the hog lives",
                  {"malloc", "alive"},
                  Relation::equals,
                  std::uint64_t{1}}},
  };
}

const Experiment experiment = {
    .name = "threshold",
    .summary =
        "usage thresholds (v1): notices at a quarter, half, three quarters",
    .question = "Can a program hear of the usage before the limit is hit?",
    .prediction =
        "On v1 an eventfd wakes at each threshold that the usage crosses.",
    .build = build,
    .knob = "the hog stays below the first threshold",
    .only = cgroupfs::Version::v1,
    .only_because = "memory.usage_in_bytes in cgroup.event_control",
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
