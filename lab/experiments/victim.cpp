// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

ProcessSpec small(int score) {
  return {.name = "small",
          .cgroup = "pair",
          .total = Part{1, 4},
          .oom_score_adj = score};
}

Experiment make_victim() {
  return {
      .question = {"Which of two processes does the OOM killer choose?",
                   "两个进程，OOM killer 选哪一个？"},
      .prediction = {"The larger one, unless oom_score_adj gives the other a "
                     "higher score.",
                     "大的那个，除非 oom_score_adj 让另一个分数更高。"},
      .control_run =
          {"both have the same oom_score_adj: the larger one is killed",
           "两个进程的 oom_score_adj 相同：大的被杀"},
      .procedure =
          {
              .cgroups = {{"pair", {{File::memory_max, Part{1, 1}}}}},
              .processes = {{.name = "large",
                             .cgroup = "pair",
                             .total = Part{7, 8},
                             .oom_score_adj = 0,
                             .pauses = {Part{1, 2}}},
                            unless_control(small(1000)),
                            in_control(small(0))},
              .steps = {step::start("large"), step::settle("large"),
                        step::start("small"), step::settle("small"),
                        step::go_on("large"), step::settle("large"),
                        in_control(step::rest(milliseconds(300))),
                        unless_control(
                            step::await_end("small", milliseconds(5000)))},
              .claims =
                  {{{"an OOM kill was counted", "计入了 OOM kill"},
                    {"pair", "oom_kill"},
                    Relation::rises},
                   decided_by_cause(
                       {{"the small process was killed", "小进程被杀死"},
                        {"small", "signal"},
                        Relation::equals,
                        std::uint64_t{9}}),
                   decided_by_cause(
                       {{"the large process, which hit the limit, survived",
                         "触到上限的大进程活了下来"},
                        {"large", "alive"},
                        Relation::equals,
                        std::uint64_t{1}})},
          },
      .lesson = "victim",
  };
}

const ExperimentRegistration victim_registration(
    "victim",
    {"oom_score_adj makes the OOM killer choose the smaller process",
     "oom_score_adj 使 OOM killer 选中较小的进程"},
    make_victim);

}  // namespace
}  // namespace lab
