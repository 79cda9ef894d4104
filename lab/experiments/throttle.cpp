// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

using std::chrono::milliseconds;

Scenario build(const Choice& choice) {
  const Value high = choice.control ? Value(Unlimited{}) : Value(Part{1, 1});
  return {
      .groups = {{"hog",
                  {{File::memory_max, Part{2, 1}}, {File::memory_high, high}}}},
      .actors = {{.name = "malloc", .group = "hog", .total = {3, 2}}},
      .steps = {step::start("malloc"),
                step::await_value("hog", "high", 1, milliseconds(3000)),
                step::rest(milliseconds(1500))},
      .claims =
          {decided_by_cause(
               {"the usage went above memory.high, and the kernel said so",
                {"hog", "high"},
                Relation::rises}),
           {"the hog is far from all it wants",
            {"malloc", "touched"},
            Relation::at_most,
            Part{23, 16}},
           {"it waits for memory",
            {"hog", "stalled_us"},
            Relation::rises,
            std::uint64_t{0},
            {},
            true},
           nothing_was_killed(),
           {"the hog lives",
            {"malloc", "alive"},
            Relation::equals,
            std::uint64_t{1}}},
  };
}

const Experiment experiment = {
    .name = "throttle",
    .summary = "a hog above memory.high is slowed down and not killed",
    .question = "What does memory.high do to a process that wants more?",
    .prediction =
        "It crawls: the counter high rises, time is lost in stalls, nobody is "
        "killed.",
    .build = build,
    .knob = "memory.high is left at max: the hog takes all at full speed",
    .only = cgroupfs::Version::v2,
    .only_because = name_of(File::memory_high),
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
