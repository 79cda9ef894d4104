// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

Experiment make() {
  return {
      .question = "Can a program be notified that tasks stall on memory?",
      .prediction =
          "A trigger on memory.pressure wakes its poller when stalls add up.",
      .control_run = "memory.high is left at max: the hog does not wait",
      .procedure =
          {
              .cgroups =
                  {{"limited",
                    {{File::memory_max, Part{2, 1}},
                     unless_control(Setting{File::memory_high, Part{1, 2}}),
                     in_control(Setting{File::memory_high, Unlimited{}})}}},
              .processes = {{.name = "hog",
                             .cgroup = "limited",
                             .total = Part{1, 1}}},
              .steps = {step::watch_pressure("limited", milliseconds(150)),
                        step::start("hog"),
                        unless_control(step::await_value(
                            "limited", "notified", 1, milliseconds(15000))),
                        in_control(step::await_value("limited", "notified", 1,
                                                     milliseconds(3000)))},
              .claims = {decided_by_cause({"the trigger fired",
                                           {"limited", "notified"},
                                           Relation::at_least,
                                           std::uint64_t{1}}),
                         {"at least 150 ms were lost",
                          {"limited", "stalled_us"},
                          Relation::at_least,
                          std::uint64_t{150000}},
                         nothing_was_killed()},
          },
      .only = cgroupfs::Version::v2,
      .only_because = name_of(File::memory_pressure),
      .requirements = {HostFeature::pressure},
  };
}

const ExperimentRegistration registration(
    "pressure", "a PSI trigger fires while a throttled hog waits for memory",
    make);

}  // namespace
}  // namespace lab
