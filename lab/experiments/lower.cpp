// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using std::chrono::milliseconds;

Scenario build(const Choice& choice) {
  const Part lowered = choice.control ? Part{7, 8} : Part{1, 4};
  Scenario scenario{
      .groups = {{"hog", {{Setting::max, Part{1, 1}}}}},
      .actors = {{.name = "malloc", .group = "hog", .total = {3, 4}}},
      .steps = {step::start("malloc"), step::settle("malloc"),
                step::set("hog", Setting::max, lowered),
                step::rest(milliseconds(300))},
      .claims = {},
  };
  if (choice.version == cgroupfs::Version::v1) {
    scenario.claims = {
        {"the old limit is still in force",
         {"hog", "limit"},
         Relation::equals,
         Part{1, 1}},
        {"the process lives",
         {"malloc", "alive"},
         Relation::equals,
         std::uint64_t{1}},
        {"nothing was killed", {"hog", "oom_kill"}, Relation::stays}};
  } else {
    scenario.claims = {
        {"the new limit is in force",
         {"hog", "limit"},
         Relation::equals,
         Part{1, 4}},
        {"the process was killed",
         {"malloc", "signal"},
         Relation::equals,
         std::uint64_t{9}},
        {"by the OOM killer", {"hog", "oom_kill"}, Relation::rises}};
  }
  return scenario;
}

const Experiment experiment = {
    .name = "lower",
    .summary =
        "the limit is lowered below the usage: v1 refuses (EBUSY), v2 kills",
    .question =
        "What does the kernel do when a limit is set below what is in use?",
    .prediction =
        "v1 answers EBUSY and keeps the old limit; v2 reclaims, then kills.",
    .build = build,
    .knob = "it is lowered to a value above the usage",
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
