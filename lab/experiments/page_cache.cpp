// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Version;
using std::chrono::milliseconds;

Experiment make() {
  return {
      .question = "Does reading a file larger than the limit kill the reader?",
      .prediction =
          "No: clean page cache is reclaimed, the usage stays at the limit.",
      .control_run =
          "the same amount as anonymous memory, which cannot be reclaimed",
      .procedure =
          {
              .cgroups = {{"cache", {{File::memory_max, Part{1, 1}}}}},
              .processes =
                  {unless_control(ProcessSpec{.name = "hog",
                                              .cgroup = "cache",
                                              .total = Part{4, 1},
                                              .memory = "file",
                                              .touch = "read",
                                              .backing = Backing::disk}),
                   in_control(ProcessSpec{
                       .name = "hog", .cgroup = "cache", .total = Part{4, 1}})},
              .steps = {step::start("hog"), step::settle("hog"),
                        step::rest(milliseconds(50))},
              .claims = {decided_by_cause({"the hog lives",
                                           {"hog", "alive"},
                                           Relation::equals,
                                           std::uint64_t{1}}),
                         {"it has read all of the file",
                          {"hog", "touched"},
                          Relation::at_least,
                          Part{4, 1}},
                         on(Version::v1, Claim{"the limit was met",
                                               {"cache", "failcnt"},
                                               Relation::rises}),
                         on(Version::v2, Claim{"the limit was met",
                                               {"cache", "max"},
                                               Relation::rises}),
                         {"and never passed",
                          {"cache", "peak"},
                          Relation::at_most,
                          Part{1, 1},
                          {},
                          true},
                         {"much of the file is still in the cache",
                          {"cache", "usage"},
                          Relation::at_least,
                          Part{1, 4}},
                         decided_by_cause(nothing_was_killed())},
          },
      .requirements = {HostFeature::disk},
  };
}

const ExperimentRegistration registration(
    "page-cache",
    "reading a file four times the limit: reclaimed, nothing is killed", make);

}  // namespace
}  // namespace lab
