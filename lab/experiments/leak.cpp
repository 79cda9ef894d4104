// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

using std::chrono::milliseconds;

Scenario build(const Choice& choice) {
  // The same rate in both: the whole limit in two seconds.
  return {
      .groups = {{"leak", {{File::memory_max, Part{1, 1}}}}},
      .actors = {{.name = "malloc",
                  .group = "leak",
                  .total = choice.control ? Part{1, 2} : Part{3, 2},
                  .ramp = milliseconds(choice.control ? 1000 : 3000)}},
      .steps = {step::start("malloc"), step::rest(milliseconds(800)),
                step::predict("leak"), step::settle("malloc")},
      .claims = {decided_by_cause({"the leak was OOM-killed",
                                   {"leak", "oom_kill"},
                                   Relation::rises}),
                 {"not long before the predicted time",
                  {"malloc", "ended_ms"},
                  Relation::at_least,
                  Quantity{"leak", "predicted_ms"},
                  Part{4, 5}},
                 {"not long after it",
                  {"malloc", "ended_ms"},
                  Relation::at_most,
                  Quantity{"leak", "predicted_ms"},
                  Part{5, 4}}},
  };
}

const Experiment experiment = {
    .name = "leak",
    .summary =
        "a slow leak: the time of its death, predicted from half the way",
    .question =
        "Can one tell from the first samples when a leak will meet the limit?",
    .prediction =
        "A straight line through the usage meets the limit when the kill "
        "comes.",
    .build = build,
    .knob = "the leak stops at half the limit: nothing dies",
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
