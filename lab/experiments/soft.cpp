// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

using std::chrono::milliseconds;

Scenario build(const Choice& choice) {
  const Setting quarter{
      choice.control ? File::memory_max : File::memory_soft_limit, Part{1, 4}};
  std::vector<Setting> settings{{File::memory_max, Part{1, 1}}, quarter};
  return {
      .groups = {{"hog", settings}},
      .actors = {{.name = "malloc", .group = "hog", .total = {1, 2}}},
      .steps = {step::start("malloc"), step::settle("malloc"),
                step::rest(milliseconds(100))},
      .claims = {{"the usage is twice the soft limit",
                  {"hog", "usage"},
                  Relation::at_least,
                  Part{1, 2}},
                 {"no charge failed", {"hog", "failcnt"}, Relation::stays},
                 decided_by_cause(nothing_was_killed()),
                 decided_by_cause({"the hog lives",
                                   {"malloc", "alive"},
                                   Relation::equals,
                                   std::uint64_t{1}})},
  };
}

const Experiment experiment = {
    .name = "soft",
    .summary = "the soft limit (v1) stops nobody while the host has memory",
    .question =
        "What does memory.soft_limit_in_bytes do to a process above it?",
    .prediction = "Nothing, as long as the host itself is not short of memory.",
    .build = build,
    .knob = "the same number as hard limit: it kills",
    .only = cgroupfs::Version::v1,
    .only_because = name_of(File::memory_soft_limit),
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
