// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

std::vector<Setting> limited(const Value& swap) {
  return {{File::memory_max, Part{1, 1}},
          unless_control(Setting{File::memory_swap_max, swap}),
          in_control(Setting{File::memory_swap_max, std::uint64_t{0}})};
}

Experiment make_swap() {
  return {
      .question = {"What does a swap limit change for a process that exceeds "
                   "its memory limit?",
                   "对超过内存上限的进程，交换空间的上限有什么影响？"},
      .prediction = {"With no swap it is killed at the memory limit, with some "
                     "swap later, with max not at all.",
                     "不许用交换空间，到内存上限就被杀；许用一些，晚些被杀；不"
                     "限，不会被杀。"},
      .control_run = {"the swap limit of all three cgroups is 0",
                      "三个 cgroup 的交换空间上限都是 0"},
      .procedure =
          {
              .cgroups = {{"max", limited(Unlimited{})},
                          {"some", limited(Part{1, 4})},
                          {"none", limited(std::uint64_t{0})}},
              .processes =
                  {{.name = "with-max", .cgroup = "max", .total = Part{3, 2}},
                   {.name = "with-some", .cgroup = "some", .total = Part{3, 2}},
                   {.name = "with-none",
                    .cgroup = "none",
                    .total = Part{3, 2}}},
              .steps = {step::start("with-none"), step::settle("with-none"),
                        step::start("with-some"), step::settle("with-some"),
                        step::start("with-max"), step::settle("with-max")},
              .claims = {{{"with-none was OOM-killed",
                           "进程 with-none 被 OOM killer 杀死"},
                          {"none", "oom_kill"},
                          Relation::rises},
                         {{"with-none touched no more than the memory limit",
                           "进程 with-none 访问的内存没有超过内存上限"},
                          {"with-none", "touched"},
                          Relation::at_most,
                          Part{1, 1}},
                         {{"with-some was OOM-killed",
                           "进程 with-some 被 OOM killer 杀死"},
                          {"some", "oom_kill"},
                          Relation::rises},
                         {{"with-some touched more than the memory limit",
                           "进程 with-some 访问的内存超过了内存上限"},
                          {"with-some", "touched"},
                          Relation::at_least,
                          Part{9, 8}},
                         decided_by_cause(
                             {{"with-max was not OOM-killed",
                               "进程 with-max 没有被 OOM killer 杀死"},
                              {"max", "oom_kill"},
                              Relation::stays}),
                         {{"with-max touched all its memory",
                           "进程 with-max 访问了它的全部内存"},
                          {"with-max", "touched"},
                          Relation::at_least,
                          Part{3, 2}},
                         decided_by_cause(
                             {{"memory of with-max beyond the limit is in swap",
                               "进程 with-max 超出上限的内存在交换空间里"},
                              {"max", "swap"},
                              Relation::at_least,
                              Part{1, 4}})},
          },
      .requirements = {HostFeature::swap},
      .lesson = "swap",
  };
}

const ExperimentRegistration swap_registration(
    "swap",
    {"three equal hogs under one limit: no swap, some, max",
     "三个相同的占内存程序：不许用交换空间、许用一些、不限"},
    make_swap);

}  // namespace
}  // namespace lab
