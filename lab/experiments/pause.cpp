// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

using std::chrono::milliseconds;

Scenario build(const Choice& choice) {
  const std::uint64_t off = choice.control ? 0 : 1;
  return {
      .groups = {{"hog",
                  {{File::memory_max, Part{1, 1}},
                   {File::memory_oom_control, off}}}},
      .actors = {{.name = "malloc", .group = "hog", .total = {3, 2}}},
      .steps = {step::start("malloc"),
                step::await_value("hog", "under_oom", 1, milliseconds(5000)),
                step::rest(milliseconds(200)), step::mark("asleep"),
                step::set("hog", File::memory_max, Part{2, 1}),
                step::settle("malloc")},
      .claims = {decided_by_cause({"the cgroup was under OOM",
                                   {"hog", "under_oom", "asleep"},
                                   Relation::equals,
                                   std::uint64_t{1}}),
                 {"the task slept in state D",
                  {"malloc", "state", "asleep"},
                  Relation::equals,
                  std::uint64_t{'D'}},
                 decided_by_cause(nothing_was_killed()),
                 {"with a higher limit it went on",
                  {"malloc", "touched"},
                  Relation::at_least,
                  Part{3, 2}},
                 {"and lives",
                  {"malloc", "alive"},
                  Relation::equals,
                  std::uint64_t{1}}},
  };
}

const Experiment experiment = {
    .name = "pause",
    .summary =
        "the OOM killer off (v1): the task sleeps until the limit is raised",
    .question =
        "What happens at the limit when the OOM killer is switched off?",
    .prediction =
        "The task sleeps in state D under OOM and goes on when the limit is "
        "raised.",
    .build = build,
    .knob = "the OOM killer is on: it kills",
    .only = cgroupfs::Version::v1,
    .only_because = name_of(File::memory_oom_control),
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
