// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

Experiment make_kill() {
  return {
      .question = {"How can we distinguish an OOM kill from cgroup.kill, if "
                   "both send SIGKILL?",
                   "OOM kill 和 cgroup.kill 发的都是 SIGKILL，怎样区分？"},
      .prediction =
          {"Only by the counter oom_kill: an OOM kill raises it, cgroup.kill "
           "does not.",
           "只能看 oom_kill 计数：OOM kill 使它增加，cgroup.kill 不会。"},
      .control_run = {"the quiet process hits its limit too",
                      "进程 quiet 也触到自己的上限"},
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
              .claims =
                  {{{"the quiet process ended by SIGKILL",
                     "进程 quiet 因 SIGKILL 结束"},
                    {"quiet", "signal"},
                    Relation::equals,
                    std::uint64_t{9}},
                   {{"the hog ended by SIGKILL", "占内存程序因 SIGKILL 结束"},
                    {"hog", "signal"},
                    Relation::equals,
                    std::uint64_t{9}},
                   decided_by_cause(
                       {{"the kill in by-hand was not counted as an OOM kill",
                         "by-hand 里的进程被杀，没有计作 OOM kill"},
                        {"by-hand", "oom_kill"},
                        Relation::stays}),
                   {{"the kill in oom was counted as an OOM kill",
                     "oom 里的进程被杀，计作了 OOM kill"},
                    {"oom", "oom_kill"},
                    Relation::rises}},
          },
      .only = cgroupfs::Version::v2,
      .only_because = name_in_texts(File::cgroup_kill),
      .requirements = {HostFeature::cgroup_kill},
      .lesson = "exit-137",
  };
}

const ExperimentRegistration kill_registration(
    "kill",
    {"cgroup.kill and an OOM kill: both SIGKILL, one counter differs",
     "cgroup.kill 与 OOM kill：都是 SIGKILL，只有一个计数不同"},
    make_kill);

}  // namespace
}  // namespace lab
