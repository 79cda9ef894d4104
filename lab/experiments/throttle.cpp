// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

Experiment make() {
  return {
      .question = "What does memory.high do to a process that wants more?",
      .prediction =
          "It is slowed down: the counter high rises, time is lost in stalls, "
          "and nothing is killed.",
      .control_run =
          "memory.high is left at max: the hog takes all at full speed",
      .procedure =
          {
              .cgroups =
                  {{"limited",
                    {{File::memory_max, Part{2, 1}},
                     unless_control(Setting{File::memory_high, Part{1, 1}}),
                     in_control(Setting{File::memory_high, Unlimited{}})}}},
              .processes = {{.name = "hog",
                             .cgroup = "limited",
                             .total = Part{3, 2}}},
              .steps = {step::start("hog"),
                        step::await_value("limited", "high", 1,
                                          milliseconds(3000)),
                        step::rest(milliseconds(1500))},
              .claims = {decided_by_cause({"the usage went above memory.high, "
                                           "and the kernel said so",
                                           {"limited", "high"},
                                           Relation::rises}),
                         {"the hog got only part of what it wanted",
                          {"hog", "touched"},
                          Relation::at_most,
                          Part{23, 16}},
                         {"it waits for memory",
                          {"limited", "stalled_us"},
                          Relation::rises,
                          std::uint64_t{0},
                          {},
                          true},
                         nothing_was_killed(),
                         {"the hog lives",
                          {"hog", "alive"},
                          Relation::equals,
                          std::uint64_t{1}}},
          },
      .only = cgroupfs::Version::v2,
      .only_because = name_of(File::memory_high),
  };
}

const ExperimentRegistration registration(
    "throttle", "a hog above memory.high is slowed down and not killed", make);

}  // namespace
}  // namespace lab
