// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Version;

Experiment make() {
  return {
      .question = "Where is it counted when the limit of an ancestor kills?",
      .prediction =
          "The limit hit is counted in the ancestor, the kill in the victim's "
          "own cgroup.",
      .control_run = "the child has the limit and the ancestor none",
      .procedure =
          {
              .cgroups =
                  {{"above",
                    {unless_control(Setting{File::memory_max, Part{1, 1}})}},
                   {"above/child",
                    {in_control(Setting{File::memory_max, Part{1, 1}})}}},
              .processes = {{.name = "hog",
                             .cgroup = "above/child",
                             .total = Part{2, 1}}},
              .steps = {step::start("hog"), step::settle("hog")},
              .claims = {{"the hog was killed",
                          {"hog", "signal"},
                          Relation::equals,
                          std::uint64_t{9}},
                         on(Version::v1,
                            decided_by_cause({"the ancestor's limit was hit",
                                              {"above", "failcnt"},
                                              Relation::rises})),
                         on(Version::v2,
                            decided_by_cause({"the ancestor's limit was hit",
                                              {"above", "oom"},
                                              Relation::rises})),
                         on(Version::v1,
                            decided_by_cause({"the child's was not",
                                              {"above/child", "failcnt"},
                                              Relation::stays})),
                         on(Version::v2,
                            decided_by_cause({"the child's was not",
                                              {"above/child", "oom"},
                                              Relation::stays})),
                         {"the kill is counted in the child",
                          {"above/child", "oom_kill"},
                          Relation::rises},
                         {"and not in the ancestor itself",
                          {"above", "oom_kill"},
                          Relation::stays}},
          },
  };
}

const ExperimentRegistration registration(
    "parent", "an ancestor's limit kills: which counters record it", make);

}  // namespace
}  // namespace lab
