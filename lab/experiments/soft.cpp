// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

Experiment make() {
  return {
      .question =
          "What does memory.soft_limit_in_bytes do to a process above it?",
      .prediction =
          "Nothing, as long as the host itself is not short of memory.",
      .control_run = "the same number as hard limit: it kills",
      .procedure =
          {
              .cgroups = {{"limited",
                           {{File::memory_max, Part{1, 1}},
                            unless_control(
                                Setting{File::memory_soft_limit, Part{1, 4}}),
                            in_control(
                                Setting{File::memory_max, Part{1, 4}})}}},
              .processes = {{.name = "hog",
                             .cgroup = "limited",
                             .total = Part{1, 2}}},
              .steps = {step::start("hog"), step::settle("hog"),
                        step::rest(milliseconds(100))},
              .claims = {{"the usage is twice the soft limit",
                          {"limited", "usage"},
                          Relation::at_least,
                          Part{1, 2}},
                         {"no charge failed",
                          {"limited", "failcnt"},
                          Relation::stays},
                         decided_by_cause(nothing_was_killed()),
                         decided_by_cause({"the hog lives",
                                           {"hog", "alive"},
                                           Relation::equals,
                                           std::uint64_t{1}})},
          },
      .only = cgroupfs::Version::v1,
      .only_because = name_of(File::memory_soft_limit),
  };
}

const ExperimentRegistration registration(
    "soft",
    "the soft limit (v1) has no effect until the host is short of memory",
    make);

}  // namespace
}  // namespace lab
