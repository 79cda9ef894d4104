// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

using std::chrono::milliseconds;

Scenario build(const Choice& choice) {
  const Value high = choice.control ? Value(Unlimited{}) : Value(Part{1, 2});
  return {
      .groups = {{"hog",
                  {{File::memory_max, Part{2, 1}}, {File::memory_high, high}}}},
      .actors = {{.name = "malloc", .group = "hog", .total = {1, 1}}},
      .steps = {step::watch_pressure("hog", milliseconds(150)),
                step::start("malloc"),
                step::await_value("hog", "notified", 1,
                                  milliseconds(choice.control ? 3000 : 15000))},
      .claims = {decided_by_cause({"the trigger fired",
                                   {"hog", "notified"},
                                   Relation::at_least,
                                   std::uint64_t{1}}),
                 {"at least 150 ms were lost",
                  {"hog", "stalled_us"},
                  Relation::at_least,
                  std::uint64_t{150000}},
                 nothing_was_killed()},
  };
}

const Experiment experiment = {
    .name = "pressure",
    .summary = "a PSI trigger fires while a throttled hog waits for memory",
    .question = "Can a program be told that others wait for memory?",
    .prediction =
        "A trigger on memory.pressure wakes its poller when stalls add up.",
    .build = build,
    .knob = "no memory.high: nobody waits",
    .only = cgroupfs::Version::v2,
    .only_because = name_of(File::memory_pressure),
    .needs = {Need::pressure},
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
