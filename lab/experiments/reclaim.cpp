// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

Scenario build(const Choice& choice) {
  Scenario scenario{
      .groups = {{"cache", {{File::memory_max, Part{1, 1}}}},
                 {"anon", {{File::memory_max, Part{1, 1}}}}},
      .actors = {{.name = "reader",
                  .group = "cache",
                  .total = {1, 2},
                  .memory = "file",
                  .touch = "read",
                  .backing = Backing::disk},
                 {.name = "malloc", .group = "anon", .total = {1, 2}}},
      .steps = {step::start("reader"), step::settle("reader"),
                step::start("malloc"), step::settle("malloc"),
                step::mark("full")},
      .claims = {{"half the limit was page cache",
                  {"cache", "usage", "full"},
                  Relation::at_least,
                  Part{7, 16}},
                 decided_by_cause({"the kernel took a quarter back",
                                   {"cache", "usage"},
                                   Relation::at_most,
                                   Part{5, 16}}),
                 {"anonymous memory stayed",
                  {"anon", "usage"},
                  Relation::at_least,
                  Part{15, 32}},
                 nothing_was_killed()},
  };
  if (!choice.control) {
    scenario.steps.push_back(step::reclaim("cache", Part{1, 4}));
    scenario.steps.push_back(step::reclaim("anon", Part{1, 4}));
  }
  return scenario;
}

const Experiment experiment = {
    .name = "reclaim",
    .summary = "memory.reclaim takes page cache back, but no anonymous memory",
    .question =
        "What can the kernel take back from a cgroup when it is asked to?",
    .prediction =
        "Page cache shrinks; anonymous memory without swap stays (EAGAIN).",
    .build = build,
    .knob = "memory.reclaim is not written",
    .only = cgroupfs::Version::v2,
    .only_because = name_of(File::memory_reclaim),
    .needs = {Need::disk},
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
