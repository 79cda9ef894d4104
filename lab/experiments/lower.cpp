// SPDX-License-Identifier: MIT
#include <cerrno>

#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

using std::chrono::milliseconds;

Scenario build(const Choice& choice) {
  const Part lowered = choice.control ? Part{7, 8} : Part{1, 4};
  Scenario scenario{
      .groups = {{"hog", {{File::memory_max, Part{1, 1}}}}},
      .actors = {{.name = "malloc", .group = "hog", .total = {3, 4}}},
      .steps = {step::start("malloc"), step::settle("malloc"),
                step::set("hog", File::memory_max, lowered)},
      .claims = {},
  };
  const bool dies = !choice.control && choice.version == cgroupfs::Version::v2;
  scenario.steps.push_back(dies ? step::await_end("malloc", milliseconds(5000))
                                : step::rest(milliseconds(300)));
  if (choice.version == cgroupfs::Version::v1) {
    scenario.claims = {decided_by_cause({"the kernel refused to lower it",
                                         {"hog", "refused"},
                                         Relation::equals,
                                         std::uint64_t{EBUSY}}),
                       decided_by_cause({"the old limit is still in force",
                                         {"hog", "limit"},
                                         Relation::equals,
                                         Part{1, 1}}),
                       {"the process lives",
                        {"malloc", "alive"},
                        Relation::equals,
                        std::uint64_t{1}},
                       nothing_was_killed()};
  } else {
    scenario.claims = {
        decided_by_cause({"the new limit is in force",
                          {"hog", "limit"},
                          Relation::equals,
                          Part{1, 4}}),
        decided_by_cause({"the process was killed",
                          {"malloc", "signal"},
                          Relation::equals,
                          std::uint64_t{9}}),
        decided_by_cause(
            {"by the OOM killer", {"hog", "oom_kill"}, Relation::rises})};
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
