// SPDX-License-Identifier: MIT
#include <errno.h>

#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Version;
using std::chrono::milliseconds;

Experiment make() {
  return {
      .question =
          "What does the kernel do when a limit is set below what is in use?",
      .prediction =
          "v1 answers EBUSY and keeps the old limit; v2 reclaims, then kills.",
      .control_run = "it is lowered to a value above the usage",
      .procedure =
          {
              .cgroups = {{"limited", {{File::memory_max, Part{1, 1}}}}},
              .processes = {{.name = "hog",
                             .cgroup = "limited",
                             .total = Part{3, 4}}},
              .steps = {step::start("hog"), step::settle("hog"),
                        unless_control(
                            step::set("limited", File::memory_max, Part{1, 4})),
                        in_control(
                            step::set("limited", File::memory_max, Part{7, 8})),
                        unless_control(
                            on(Version::v2,
                               step::await_end("hog", milliseconds(5000)))),
                        unless_control(
                            on(Version::v1, step::rest(milliseconds(300)))),
                        in_control(step::rest(milliseconds(300)))},
              .claims = {on(Version::v1,
                            decided_by_cause({"the kernel refused to lower it",
                                              {"limited", "refused"},
                                              Relation::equals,
                                              std::uint64_t{EBUSY}})),
                         on(Version::v1,
                            decided_by_cause({"the old limit is still in force",
                                              {"limited", "limit"},
                                              Relation::equals,
                                              Part{1, 1}})),
                         on(Version::v1, Claim{"the hog lives",
                                               {"hog", "alive"},
                                               Relation::equals,
                                               std::uint64_t{1}}),
                         on(Version::v1, nothing_was_killed()),
                         on(Version::v2,
                            decided_by_cause({"the new limit is in force",
                                              {"limited", "limit"},
                                              Relation::equals,
                                              Part{1, 4}})),
                         on(Version::v2, decided_by_cause({"the hog was killed",
                                                           {"hog", "signal"},
                                                           Relation::equals,
                                                           std::uint64_t{9}})),
                         on(Version::v2,
                            decided_by_cause({"by the OOM killer",
                                              {"limited", "oom_kill"},
                                              Relation::rises}))},
          },
  };
}

const ExperimentRegistration registration(
    "lower",
    "the limit is lowered below the usage: v1 refuses (EBUSY), v2 kills", make);

}  // namespace
}  // namespace lab
