// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

Experiment make() {
  return {
      .question = "What can the kernel reclaim from a cgroup on request?",
      .prediction =
          "Page cache shrinks; anonymous memory without swap stays (EAGAIN).",
      .control_run = "memory.reclaim is not written",
      .procedure =
          {
              .cgroups = {{"cache", {{File::memory_max, Part{1, 1}}}},
                          {"anon", {{File::memory_max, Part{1, 1}}}}},
              .processes = {{.name = "reader",
                             .cgroup = "cache",
                             .total = Part{1, 2},
                             .memory = "file",
                             .touch = "read",
                             .backing = Backing::disk},
                            {.name = "hog",
                             .cgroup = "anon",
                             .total = Part{1, 2}}},
              .steps = {step::start("reader"), step::settle("reader"),
                        step::start("hog"), step::settle("hog"),
                        step::mark("full"),
                        unless_control(step::reclaim("cache", Part{1, 4})),
                        unless_control(step::reclaim("anon", Part{1, 4}))},
              .claims = {{"half the limit was page cache",
                          {"cache", "usage", "full"},
                          Relation::at_least,
                          Part{7, 16}},
                         decided_by_cause({"the kernel reclaimed a quarter",
                                           {"cache", "usage"},
                                           Relation::at_most,
                                           Part{5, 16}}),
                         {"anonymous memory stayed",
                          {"anon", "usage"},
                          Relation::at_least,
                          Part{15, 32}},
                         nothing_was_killed()},
          },
      .only = cgroupfs::Version::v2,
      .only_because = name_of(File::memory_reclaim),
      .requirements = {HostFeature::disk},
  };
}

const ExperimentRegistration registration(
    "reclaim", "memory.reclaim reclaims page cache but not anonymous memory",
    make);

}  // namespace
}  // namespace lab
