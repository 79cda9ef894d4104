// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

using std::chrono::milliseconds;

Scenario build(const Choice& choice) {
  Scenario scenario{
      .groups = {{"oom", {{File::memory_max, Part{1, 1}}}},
                 {"by-hand", {{File::memory_max, Part{1, 1}}}}},
      .actors = {{.name = "hog", .group = "oom", .total = {2, 1}},
                 {.name = "quiet",
                  .group = "by-hand",
                  .total = choice.control ? Part{2, 1} : Part{1, 2}}},
      .steps = {step::start("quiet"), step::settle("quiet")},
      .claims = {{"the quiet one ended by SIGKILL",
                  {"quiet", "signal"},
                  Relation::equals,
                  std::uint64_t{9}},
                 {"the hog ended by SIGKILL",
                  {"hog", "signal"},
                  Relation::equals,
                  std::uint64_t{9}},
                 decided_by_cause({"cgroup.kill is no OOM kill",
                                   {"by-hand", "oom_kill"},
                                   Relation::stays}),
                 {"the OOM killer counts its own",
                  {"oom", "oom_kill"},
                  Relation::rises}},
  };
  if (!choice.control) scenario.steps.push_back(step::kill("by-hand"));
  scenario.steps.push_back(step::rest(milliseconds(100)));
  scenario.steps.push_back(step::start("hog"));
  scenario.steps.push_back(step::settle("hog"));
  return scenario;
}

const Experiment experiment = {
    .name = "kill",
    .summary =
        "cgroup.kill beside an OOM kill: both SIGKILL, one counter differs",
    .question =
        "How do an OOM kill and a kill by hand differ, if both end with "
        "SIGKILL?",
    .prediction =
        "By oom_kill alone: it rises for the OOM kill and for no other.",
    .build = build,
    .knob = "the first cgroup is brought to its limit, too",
    .only = cgroupfs::Version::v2,
    .only_because = name_of(File::cgroup_kill),
    .needs = {Need::cgroup_kill},
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
