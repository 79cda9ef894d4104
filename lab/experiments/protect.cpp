// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

ProcessSpec reader(const char* name, const char* cgroup) {
  return {.name = name,
          .cgroup = cgroup,
          .total = Part{3, 16},
          .memory = "file",
          .touch = "read",
          .backing = Backing::disk};
}

Experiment make_protect() {
  return {
      .question =
          {"Whose memory does the kernel reclaim when siblings together hit an "
           "ancestor's limit?",
           "几个同级 cgroup 合起来触到上级的上限时，内核回收谁的内存？"},
      .prediction =
          {"That of unprotected siblings; usage within memory.min or "
           "memory.low is kept.",
           "没有保护的同级的内存；memory.min 或 memory.low 以内的用量保留。"},
      .control_run = {"memory.min and memory.low are 0",
                      "memory.min 和 memory.low 都是 0"},
      .procedure =
          {
              .cgroups =
                  {{"above", {{File::memory_max, Part{1, 1}}}},
                   {"above/min",
                    {unless_control(Setting{File::memory_min, Part{1, 4}}),
                     in_control(Setting{File::memory_min, std::uint64_t{0}})}},
                   {"above/low",
                    {unless_control(Setting{File::memory_low, Part{1, 4}}),
                     in_control(Setting{File::memory_low, std::uint64_t{0}})}},
                   {"above/none"},
                   {"above/greedy"}},
              // What it takes cannot be reclaimed, for there is no swap. Were
              // it page cache, the multi-generational LRU (and Linux 7.2
              // without it) would reclaim that, and spare all small siblings.
              .processes = {{.name = "hog",
                             .cgroup = "above/greedy",
                             .total = Part{19, 32},
                             .ramp = milliseconds(200)},
                            reader("with-min", "above/min"),
                            reader("with-low", "above/low"),
                            reader("without", "above/none")},
              .steps = {step::start("with-min"), step::settle("with-min"),
                        step::start("with-low"), step::settle("with-low"),
                        step::start("without"), step::settle("without"),
                        step::mark("full"), step::start("hog"),
                        step::settle("hog"), step::rest(milliseconds(50))},
              .claims =
                  {{{"the unprotected sibling had page cache at first",
                     "没有保护的同级起初有页缓存"},
                    {"above/none", "usage", "full"},
                    Relation::at_least,
                    Part{5, 32}},
                   {{"the unprotected sibling lost most of its page cache",
                     "没有保护的同级失去了大部分页缓存"},
                    {"above/none", "usage"},
                    Relation::at_most,
                    Part{3, 32}},
                   decided_by_cause(
                       {{"memory.min protected the page cache of its cgroup",
                         "memory.min 保住了所在 cgroup 的页缓存"},
                        {"above/min", "usage"},
                        Relation::at_least,
                        Part{5, 32}}),
                   decided_by_cause(
                       {{"memory.low protected the page cache of its cgroup",
                         "memory.low 保住了所在 cgroup 的页缓存"},
                        {"above/low", "usage"},
                        Relation::at_least,
                        Part{5, 32}}),
                   nothing_was_killed()},
          },
      .only = cgroupfs::Version::v2,
      .only_because = {"memory.min and memory.low", "memory.min 和 memory.low"},
      .requirements = {HostFeature::disk},
  };
}

const ExperimentRegistration protect_registration(
    "protect",
    {"memory.min and memory.low protect page cache from a sibling",
     "memory.min 和 memory.low 保护页缓存，不被同级挤掉"},
    make_protect);

}  // namespace
}  // namespace lab
