// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

Experiment make_pause() {
  return {
      .question = {"What happens at the limit when the OOM killer is disabled?",
                   "关掉 OOM killer 后，触到上限会怎样？"},
      .prediction =
          {"The task sleeps in state D while the cgroup is under OOM, and "
           "continues when the limit is raised.",
           "任务在 D 状态睡眠，cgroup 的 under_oom 为 1；上限调高后继续运行。"},
      .control_run = {"the OOM killer is enabled: it kills the hog",
                      "不关 OOM killer：占内存程序被杀死"},
      .procedure =
          {
              .cgroups = {{"limited",
                           {{File::memory_max, Part{1, 1}},
                            unless_control(Setting{File::memory_oom_control,
                                                   std::uint64_t{1}}),
                            in_control(Setting{File::memory_oom_control,
                                               std::uint64_t{0}})}}},
              .processes = {{.name = "hog",
                             .cgroup = "limited",
                             .total = Part{3, 2}}},
              .steps = {step::start("hog"),
                        step::await_value("limited", "under_oom", 1,
                                          milliseconds(5000)),
                        step::rest(milliseconds(200)), step::mark("asleep"),
                        step::set("limited", File::memory_max, Part{2, 1}),
                        step::settle("hog")},
              .claims = {decided_by_cause({{"the cgroup was under OOM",
                                            "cgroup 的 under_oom 为 1"},
                                           {"limited", "under_oom", "asleep"},
                                           Relation::equals,
                                           std::uint64_t{1}}),
                         {{"the task slept in state D", "任务在 D 状态睡眠"},
                          {"hog", "state", "asleep"},
                          Relation::equals,
                          std::uint64_t{'D'}},
                         decided_by_cause(nothing_was_killed()),
                         decided_by_cause(
                             {{"the hog continued when the limit was raised",
                               "上限调高后，占内存程序继续运行"},
                              {"hog", "touched"},
                              Relation::at_least,
                              Part{3, 2}}),
                         decided_by_cause(
                             {{"the hog survived", "占内存程序活了下来"},
                              {"hog", "alive"},
                              Relation::equals,
                              std::uint64_t{1}})},
          },
      .only = cgroupfs::Version::v1,
      .only_because = name_in_texts(File::memory_oom_control),
      .lesson = "oom-kill",
  };
}

const ExperimentRegistration pause_registration(
    "pause",
    {"OOM killer disabled (v1): the task sleeps until the limit is raised",
     "关掉 OOM killer（v1）：任务一直睡眠，直到上限调高"},
    make_pause);

}  // namespace
}  // namespace lab
