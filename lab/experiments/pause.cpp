// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

Experiment make() {
  return {
      .question = "What happens at the limit when the OOM killer is disabled?",
      .prediction =
          "The task sleeps in state D under OOM and goes on when the limit is "
          "raised.",
      .control_run = "the OOM killer is enabled: it kills",
      .procedure =
          {
              .cgroups = {{"limited",
                           {{File::memory_max, Part{1, 1}},
                            unless_control(Setting{File::memory_oom_control,
                                                   std::uint64_t{1}}),
                            in_control(Setting{File::memory_oom_control,
                                               std::uint64_t{0}})}}},
              .processes = {{.name = "hog",
                             .cgroup = "limited",
                             .total = Part{3, 2}}},
              .steps = {step::start("hog"),
                        step::await_value("limited", "under_oom", 1,
                                          milliseconds(5000)),
                        step::rest(milliseconds(200)), step::mark("asleep"),
                        step::set("limited", File::memory_max, Part{2, 1}),
                        step::settle("hog")},
              .claims = {decided_by_cause({"the cgroup was under OOM",
                                           {"limited", "under_oom", "asleep"},
                                           Relation::equals,
                                           std::uint64_t{1}}),
                         {"the task slept in state D",
                          {"hog", "state", "asleep"},
                          Relation::equals,
                          std::uint64_t{'D'}},
                         decided_by_cause(nothing_was_killed()),
                         {"with a higher limit it went on",
                          {"hog", "touched"},
                          Relation::at_least,
                          Part{3, 2}},
                         {"and lives",
                          {"hog", "alive"},
                          Relation::equals,
                          std::uint64_t{1}}},
          },
      .only = cgroupfs::Version::v1,
      .only_because = name_of(File::memory_oom_control),
  };
}

const ExperimentRegistration registration(
    "pause",
    "OOM killer disabled (v1): the task sleeps until the limit is raised",
    make);

}  // namespace
}  // namespace lab
