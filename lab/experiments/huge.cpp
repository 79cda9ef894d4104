// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

ProcessSpec hog(const char* memory) {
  return {.name = "hog",
          .cgroup = "limited",
          .total = Part{3, 4},
          .memory = memory,
          .ramp = milliseconds(200)};
}

Experiment make() {
  return {
      .question = "What is charged when a page is huge?",
      .prediction =
          "One touch charges a whole huge page; AnonHugePages in "
          "/proc/PID/smaps shows how much is huge.",
      .control_run = "only small pages (MADV_NOHUGEPAGE)",
      .procedure =
          {
              .cgroups = {{"limited", {{File::memory_max, Part{1, 1}}}}},
              .processes = {unless_control(hog("thp")),
                            in_control(hog("small"))},
              .steps = {step::start("hog"), step::settle("hog")},
              .claims = {decided_by_cause({"most of it lies in huge pages",
                                           {"hog", "huge_pages"},
                                           Relation::at_least,
                                           Part{1, 2}}),
                         {"the hog lives",
                          {"hog", "alive"},
                          Relation::equals,
                          std::uint64_t{1}}},
          },
      .requirements = {HostFeature::huge_pages},
  };
}

const ExperimentRegistration registration(
    "huge", "transparent huge pages: memory is charged in steps of 2 MiB",
    make);

}  // namespace
}  // namespace lab
