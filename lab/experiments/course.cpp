// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

/// In small pages: khugepaged would charge a huge page that it makes of those
/// from before the move to the new cgroup, and free them in the old one.
Experiment make() {
  return {
      .question = {"What changes when the process is started first, and moved "
                   "and limited only afterwards?",
                   "先启动进程，再把它移入 cgroup 并设上限，结果有什么不同？"},
      .prediction =
          {"Memory touched before the move stays charged to the old cgroup; "
           "the limit applies only to what is touched afterwards.",
           "移动之前访问的内存仍记在原来的 cgroup "
           "账上；上限只管移动之后访问的。"},
      .control_run =
          {"the hog allocates three quarters of the limit and survives",
           "占内存程序只用到上限的四分之三，活了下来"},
      .procedure =
          {
              .cgroups = {{"memorydemo"}, {"outside"}},
              .processes = {{.name = "hog",
                             .cgroup = "outside",
                             .memory = "small",
                             .hold = false,
                             .pauses_after_blocks = {1, 2}}},
              .steps = {step::start("hog"), step::settle("hog"),
                        step::move("hog", "memorydemo"), step::mark("moved"),
                        step::go_on("hog"), step::settle("hog"),
                        step::mark("before limit"),
                        step::limit("memorydemo", File::memory_max, Part{1, 1}),
                        step::go_on("hog"), step::await_end("hog")},
          },
      .sized_by_user = true,
      .lesson = "move",
  };
}

const ExperimentRegistration registration(
    "course",
    {"the course's own order: run, move in, set the limit, go on",
     "课程原本的顺序：先运行，再移入，设上限，再继续"},
    make);

}  // namespace
}  // namespace lab
