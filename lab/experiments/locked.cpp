// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

ProcessSpec hog(const char* name, const char* cgroup, const char* memory) {
  return {
      .name = name, .cgroup = cgroup, .total = Part{2, 1}, .memory = memory};
}

Experiment make() {
  return {
      .question =
          "Where is a process when the kill comes, if one call takes all the "
          "memory?",
      .prediction =
          "Inside that call, which never returns: not one byte was touched by "
          "itself.",
      .control_run = "the same amount, touched page by page",
      .procedure =
          {
              .cgroups = {{"populate", {{File::memory_max, Part{1, 1}}}},
                          {"mlock", {{File::memory_max, Part{1, 1}}}}},
              .processes = {unless_control(
                                hog("mapper", "populate", "populate")),
                            in_control(hog("mapper", "populate", "anon")),
                            unless_control(hog("locker", "mlock", "locked")),
                            in_control(hog("locker", "mlock", "anon"))},
              .steps = {step::start("mapper"), step::settle("mapper"),
                        step::start("locker"), step::settle("locker")},
              .claims = {{"mmap with MAP_POPULATE: killed",
                          {"populate", "oom_kill"},
                          Relation::rises},
                         decided_by_cause({"inside mmap",
                                           {"mapper", "touched"},
                                           Relation::equals,
                                           std::uint64_t{0}}),
                         {"mlock: killed",
                          {"mlock", "oom_kill"},
                          Relation::rises},
                         decided_by_cause({"inside mlock",
                                           {"locker", "touched"},
                                           Relation::equals,
                                           std::uint64_t{0}})},
          },
      .requirements = {HostFeature::locked_memory},
  };
}

const ExperimentRegistration registration(
    "locked", "MAP_POPULATE and mlock: killed inside the system call", make);

}  // namespace
}  // namespace lab
