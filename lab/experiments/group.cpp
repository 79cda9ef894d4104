// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

using std::chrono::milliseconds;

Scenario build(const Choice& choice) {
  const std::uint64_t together = choice.control ? 0 : 1;
  const auto small = [](const char* name) {
    return ActorSpec{.name = name, .group = "team", .total = {1, 16}};
  };
  Scenario scenario{
      .groups = {{"team",
                  {{File::memory_max, Part{1, 1}},
                   {File::memory_oom_group, together}}}},
      .actors = {{.name = "hog", .group = "team", .total = {2, 1}},
                 small("one"),
                 small("two"),
                 small("three")},
      .steps = {step::start("one"), step::settle("one"), step::start("two"),
                step::settle("two"), step::start("three"),
                step::settle("three"), step::start("hog"), step::settle("hog")},
      .claims = {{"the hog was killed",
                  {"hog", "signal"},
                  Relation::equals,
                  std::uint64_t{9}},
                 decided_by_cause({"one was killed",
                                   {"one", "signal"},
                                   Relation::equals,
                                   std::uint64_t{9}}),
                 decided_by_cause({"two was killed",
                                   {"two", "signal"},
                                   Relation::equals,
                                   std::uint64_t{9}}),
                 decided_by_cause({"three was killed",
                                   {"three", "signal"},
                                   Relation::equals,
                                   std::uint64_t{9}}),
                 {"each is counted, the chosen one twice on some kernels",
                  {"team", "oom_kill"},
                  Relation::at_least,
                  std::uint64_t{4}},
                 {"it was one kill of a group",
                  {"team", "oom_group_kill"},
                  Relation::rises,
                  std::uint64_t{0},
                  {},
                  true}},
  };
  if (choice.control) {
    scenario.steps.push_back(step::rest(milliseconds(500)));
    return scenario;
  }
  for (const char* const name : {"one", "two", "three"}) {
    scenario.steps.push_back(step::await_end(name, milliseconds(5000)));
  }
  return scenario;
}

const Experiment experiment = {
    .name = "group",
    .summary = "memory.oom.group: one of four hits the limit, all four die",
    .question = "Who dies with the process that the OOM killer chose?",
    .prediction =
        "With memory.oom.group all of the cgroup, else the chosen one alone.",
    .build = build,
    .knob = "memory.oom.group is 0: three of four live",
    .only = cgroupfs::Version::v2,
    .only_because = name_of(File::memory_oom_group),
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
