// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

Scenario build(const Choice& choice) {
  const std::vector<Setting> limit{{File::memory_max, Part{1, 1}}};
  const bool v1 = choice.version == cgroupfs::Version::v1;
  const char* const hits = v1 ? "failcnt" : "oom";
  return {
      .groups = {{"above", choice.control ? std::vector<Setting>{} : limit},
                 {"above/child",
                  choice.control ? limit : std::vector<Setting>{}}},
      .actors = {{.name = "hog", .group = "above/child", .total = {2, 1}}},
      .steps = {step::start("hog"), step::settle("hog")},
      .claims = {{"the hog was killed",
                  {"hog", "signal"},
                  Relation::equals,
                  std::uint64_t{9}},
                 decided_by_cause({"the ancestor's limit was hit",
                                   {"above", hits},
                                   Relation::rises}),
                 decided_by_cause({"the child's was not",
                                   {"above/child", hits},
                                   Relation::stays}),
                 {"the kill is counted in the child",
                  {"above/child", "oom_kill"},
                  Relation::rises},
                 {"and not in the ancestor itself",
                  {"above", "oom_kill"},
                  Relation::stays}},
  };
}

const Experiment experiment = {
    .name = "parent",
    .summary = "an ancestor's limit kills: whose counter says what",
    .question = "Where is it counted when the limit of a cgroup above kills?",
    .prediction =
        "The hit limit counts in the ancestor, the kill in the victim's own "
        "cgroup.",
    .build = build,
    .knob = "the child has the limit and the ancestor none",
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
