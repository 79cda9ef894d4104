// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

ProcessSpec hog(Part total) {
  return {.name = "hog",
          .cgroup = "limited",
          .total = total,
          .ramp = milliseconds(500)};
}

Claim fired(const std::string& share, const char* key) {
  return decided_by_cause({"the threshold at " + share + " of the limit fired",
                           {"limited", key},
                           Relation::at_least,
                           std::uint64_t{1}});
}

Experiment make() {
  return {
      .question = "Can a program be notified before the limit is hit?",
      .prediction =
          "On v1 an eventfd wakes at each threshold that the usage crosses.",
      .control_run = "the hog stays below the first threshold",
      .procedure =
          {
              .cgroups = {{"limited", {{File::memory_max, Part{1, 1}}}}},
              .processes = {unless_control(hog(Part{7, 8})),
                            in_control(hog(Part{1, 8}))},
              .steps = {step::watch_usage("limited", Part{1, 4}),
                        step::watch_usage("limited", Part{1, 2}),
                        step::watch_usage("limited", Part{3, 4}),
                        step::start("hog"), step::settle("hog"),
                        step::rest(milliseconds(50))},
              .claims = {fired("a quarter", "notified_1"),
                         fired("half", "notified_2"),
                         fired("three quarters", "notified_3"),
                         nothing_was_killed(),
                         {"the hog lives",
                          {"hog", "alive"},
                          Relation::equals,
                          std::uint64_t{1}}},
          },
      .only = cgroupfs::Version::v1,
      .only_because = "memory.usage_in_bytes in cgroup.event_control",
  };
}

const ExperimentRegistration registration(
    "threshold",
    "usage thresholds (v1): notified at a quarter, half, three quarters", make);

}  // namespace
}  // namespace lab
