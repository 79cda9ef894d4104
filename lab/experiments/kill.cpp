// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

Experiment make() {
  return {
      .question =
          "How do an OOM kill and a kill by hand differ, if both end with "
          "SIGKILL?",
      .prediction =
          "Only by oom_kill: it rises for the OOM kill and not for the other.",
      .control_run = "the quiet process hits its limit, too",
      .procedure =
          {
              .cgroups = {{"oom", {{File::memory_max, Part{1, 1}}}},
                          {"by-hand", {{File::memory_max, Part{1, 1}}}}},
              .processes = {{.name = "hog",
                             .cgroup = "oom",
                             .total = Part{2, 1}},
                            unless_control(ProcessSpec{.name = "quiet",
                                                       .cgroup = "by-hand",
                                                       .total = Part{1, 2}}),
                            in_control(ProcessSpec{.name = "quiet",
                                                   .cgroup = "by-hand",
                                                   .total = Part{2, 1}})},
              .steps = {step::start("quiet"), step::settle("quiet"),
                        unless_control(step::kill("by-hand")),
                        step::rest(milliseconds(100)), step::start("hog"),
                        step::settle("hog")},
              .claims = {{"the quiet one ended by SIGKILL",
                          {"quiet", "signal"},
                          Relation::equals,
                          std::uint64_t{9}},
                         {"the hog ended by SIGKILL",
                          {"hog", "signal"},
                          Relation::equals,
                          std::uint64_t{9}},
                         decided_by_cause(
                             {"cgroup.kill does not count as an OOM kill",
                              {"by-hand", "oom_kill"},
                              Relation::stays}),
                         {"the OOM killer counts its own",
                          {"oom", "oom_kill"},
                          Relation::rises}},
          },
      .only = cgroupfs::Version::v2,
      .only_because = name_of(File::cgroup_kill),
      .requirements = {HostFeature::cgroup_kill},
  };
}

const ExperimentRegistration registration(
    "kill", "cgroup.kill and an OOM kill: both SIGKILL, one counter differs",
    make);

}  // namespace
}  // namespace lab
