// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

ProcessSpec small(const char* name) {
  return {.name = name, .cgroup = "team", .total = Part{1, 16}};
}

Step dies(const char* name) {
  return unless_control(step::await_end(name, milliseconds(5000)));
}

Experiment make() {
  return {
      .question = "Who dies with the process that the OOM killer chose?",
      .prediction =
          "With memory.oom.group all of the cgroup, else only the chosen one.",
      .control_run = "memory.oom.group is 0: three of four live",
      .procedure =
          {
              .cgroups = {{"team",
                           {{File::memory_max, Part{1, 1}},
                            unless_control(Setting{File::memory_oom_group,
                                                   std::uint64_t{1}}),
                            in_control(Setting{File::memory_oom_group,
                                               std::uint64_t{0}})}}},
              .processes = {{.name = "hog",
                             .cgroup = "team",
                             .total = Part{2, 1}},
                            small("one"),
                            small("two"),
                            small("three")},
              .steps = {step::start("one"), step::settle("one"),
                        step::start("two"), step::settle("two"),
                        step::start("three"), step::settle("three"),
                        step::start("hog"), step::settle("hog"),
                        in_control(step::rest(milliseconds(500))), dies("one"),
                        dies("two"), dies("three")},
              .claims =
                  {{"the hog was killed",
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
          },
      .only = cgroupfs::Version::v2,
      .only_because = name_of(File::memory_oom_group),
  };
}

const ExperimentRegistration registration(
    "group", "memory.oom.group: one of four hits the limit, all four die",
    make);

}  // namespace
}  // namespace lab
