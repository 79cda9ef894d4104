// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

Experiment make_forks() {
  return {
      .question =
          {"What happens to the children of a process that is OOM-killed?",
           "进程被 OOM killer 杀死后，它的子进程会怎样？"},
      .prediction =
          {"They survive in the cgroup; a pids limit bounds their number.",
           "子进程留在 cgroup 里继续运行；它们的数量受 pids 上限约束。"},
      .control_run = {"the pids limit is high enough for all eight children",
                      "pids 上限足够大，八个子进程都能创建"},
      .procedure =
          {
              .cgroups =
                  {{"family",
                    {{File::memory_max, Part{1, 1}},
                     unless_control(Setting{File::pids_max, std::uint64_t{4}}),
                     in_control(Setting{File::pids_max, std::uint64_t{64}})}}},
              .processes = {{.name = "hog",
                             .cgroup = "family",
                             .total = Part{2, 1},
                             .children = 8}},
              .steps = {step::start("hog"), step::settle("hog"),
                        step::rest(milliseconds(100))},
              .claims = {decided_by_cause({{"the pids limit refused forks",
                                            "pids 上限使 fork 失败"},
                                           {"family", "forks_refused"},
                                           Relation::rises}),
                         {{"the parent was killed by SIGKILL",
                           "父进程因 SIGKILL 结束"},
                          {"hog", "signal"},
                          Relation::equals,
                          std::uint64_t{9}},
                         {{"an OOM kill was counted", "计入了 OOM kill"},
                          {"family", "oom_kill"},
                          Relation::rises},
                         decided_by_cause({{"exactly three children survived",
                                            "恰有三个子进程活了下来"},
                                           {"family", "processes"},
                                           Relation::equals,
                                           std::uint64_t{3}})},
          },
      .requirements = {HostFeature::pids},
      .lesson = "victim",
  };
}

const ExperimentRegistration forks_registration(
    "forks",
    {"a pids limit refuses forks; children outlive the OOM victim",
     "pids 上限使 fork 失败；子进程比被杀的父进程活得久"},
    make_forks);

}  // namespace
}  // namespace lab
