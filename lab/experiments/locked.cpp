// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

Scenario build(const Choice& choice) {
  const auto hog = [&](const char* name, const char* group, const char* kind) {
    return ActorSpec{.name = name,
                     .group = group,
                     .total = {2, 1},
                     .memory = choice.control ? "anon" : kind};
  };
  return {
      .groups = {{"populate", {{File::memory_max, Part{1, 1}}}},
                 {"mlock", {{File::memory_max, Part{1, 1}}}}},
      .actors = {hog("mapper", "populate", "populate"),
                 hog("locker", "mlock", "locked")},
      .steps = {step::start("mapper"), step::settle("mapper"),
                step::start("locker"), step::settle("locker")},
      .claims = {{"mmap with MAP_POPULATE: killed",
                  {"populate", "oom_kill"},
                  Relation::rises},
                 decided_by_cause({"inside mmap",
                                   {"mapper", "touched"},
                                   Relation::equals,
                                   std::uint64_t{0}}),
                 {"mlock: killed", {"mlock", "oom_kill"}, Relation::rises},
                 decided_by_cause({"inside mlock",
                                   {"locker", "touched"},
                                   Relation::equals,
                                   std::uint64_t{0}})},
  };
}

const Experiment experiment = {
    .name = "locked",
    .summary = "MAP_POPULATE and mlock: killed inside the system call",
    .question =
        "Where is a process when the kill comes, if one call takes all the "
        "memory?",
    .prediction =
        "Inside that call, which never returns: not one byte was touched by "
        "itself.",
    .build = build,
    .knob = "the same amount, touched page by page",
    .needs = {Need::locked_memory},
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
