// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

Experiment make_oom() {
  return {
      .question =
          {"What happens when a process exceeds the memory limit of its "
           "cgroup, and how can we prove that the OOM killer killed it?",
           "进程超过 cgroup 的内存上限会怎样？怎样证明是 OOM killer 杀的？"},
      .prediction = {"It is killed by SIGKILL at the limit, and the counter "
                     "oom_kill rises by one.",
                     "它在上限处因 SIGKILL 结束，oom_kill 计数加一。"},
      .control_run =
          {"the hog allocates three quarters of the limit and survives",
           "占内存程序只用到上限的四分之三，活了下来"},
      .procedure =
          {
              .cgroups = {{"memorydemo", {{File::memory_max, Part{1, 1}}}}},
              .processes = {{.name = "hog",
                             .cgroup = "memorydemo",
                             .hold = false}},
              .steps = {step::start("hog"), step::await_end("hog")},
              .guard = std::nullopt,
          },
      .sized_by_user = true,
      .lesson = "oom-kill",
  };
}

const ExperimentRegistration oom_registration(
    "oom",
    {"a process grows to the limit of its cgroup and is OOM-killed",
     "进程涨到 cgroup 的上限，被 OOM killer 杀死"},
    make_oom);

}  // namespace
}  // namespace lab
