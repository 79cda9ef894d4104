// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Version;

Experiment make_parent() {
  return {
      .question =
          {"Which counters record an OOM kill at the limit of an ancestor?",
           "在上级 cgroup 的上限处发生 OOM kill，记在哪些计数里？"},
      .prediction =
          {"The limit hit is counted in the ancestor, the kill in the victim's "
           "own cgroup.",
           "达到上限的次数记在上级 cgroup，OOM kill 记在被杀进程自己的 "
           "cgroup。"},
      .control_run = {"the limit is set on the child cgroup instead",
                      "上限改设在子 cgroup 上"},
      .procedure =
          {
              .cgroups =
                  {{"above",
                    {unless_control(Setting{File::memory_max, Part{1, 1}})}},
                   {"above/child",
                    {in_control(Setting{File::memory_max, Part{1, 1}})}}},
              .processes = {{.name = "hog",
                             .cgroup = "above/child",
                             .total = Part{2, 1}}},
              .steps = {step::start("hog"), step::settle("hog")},
              .claims = {{{"the hog was killed", "占内存程序被杀死"},
                          {"hog", "signal"},
                          Relation::equals,
                          std::uint64_t{9}},
                         on(Version::v1,
                            decided_by_cause(
                                {{"the limit hit was counted in the ancestor",
                                  "上级 cgroup 记下了达到上限"},
                                 {"above", "failcnt"},
                                 Relation::rises})),
                         on(Version::v2,
                            decided_by_cause(
                                {{"the limit hit was counted in the ancestor",
                                  "上级 cgroup 记下了达到上限"},
                                 {"above", "oom"},
                                 Relation::rises})),
                         on(Version::v1,
                            decided_by_cause(
                                {{"no limit hit was counted in the child",
                                  "子 cgroup 没有记下达到上限"},
                                 {"above/child", "failcnt"},
                                 Relation::stays})),
                         on(Version::v2,
                            decided_by_cause(
                                {{"no limit hit was counted in the child",
                                  "子 cgroup 没有记下达到上限"},
                                 {"above/child", "oom"},
                                 Relation::stays})),
                         {{"the kill was counted in the child",
                           "子 cgroup 记下了 OOM kill"},
                          {"above/child", "oom_kill"},
                          Relation::rises},
                         {{"the kill was not counted in the ancestor itself",
                           "上级 cgroup 本身没有记下 OOM kill"},
                          {"above", "oom_kill"},
                          Relation::stays}},
          },
      .lesson = "oom-kill",
  };
}

const ExperimentRegistration parent_registration(
    "parent",
    {"an ancestor's limit kills: which counters record it",
     "上级 cgroup 的上限杀进程：记在哪些计数里"},
    make_parent);

}  // namespace
}  // namespace lab
