// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

Experiment make_reclaim() {
  return {
      .question =
          {"What does the kernel reclaim from a cgroup when it is asked to?",
           "主动要求时，内核能从 cgroup 回收什么？"},
      .prediction = {"Page cache; without swap it cannot reclaim anonymous "
                     "memory (EAGAIN).",
                     "页缓存；没有交换空间时，匿名内存回收不了（EAGAIN）。"},
      .control_run = {"memory.reclaim is not written", "不写 memory.reclaim"},
      .procedure =
          {
              .cgroups = {{"cache", {{File::memory_max, Part{1, 1}}}},
                          {"anon", {{File::memory_max, Part{1, 1}}}}},
              .processes = {{.name = "reader",
                             .cgroup = "cache",
                             .total = Part{1, 2},
                             .memory = "file",
                             .touch = "read",
                             .backing = Backing::disk},
                            {.name = "hog",
                             .cgroup = "anon",
                             .total = Part{1, 2}}},
              .steps = {step::start("reader"), step::settle("reader"),
                        step::start("hog"), step::settle("hog"),
                        step::mark("full"),
                        unless_control(step::reclaim("cache", Part{1, 4})),
                        unless_control(step::reclaim("anon", Part{1, 4}))},
              .claims = {{{"page cache had filled about half of the limit",
                           "页缓存曾占上限的一半左右"},
                          {"cache", "usage", "full"},
                          Relation::at_least,
                          Part{7, 16}},
                         decided_by_cause(
                             {{"page cache was reclaimed", "页缓存被回收"},
                              {"cache", "usage"},
                              Relation::at_most,
                              Part{5, 16}}),
                         {{"anonymous memory was not reclaimed",
                           "匿名内存没有被回收"},
                          {"anon", "usage"},
                          Relation::at_least,
                          Part{15, 32}},
                         nothing_was_killed()},
          },
      .only = cgroupfs::Version::v2,
      .only_because = name_in_texts(File::memory_reclaim),
      .requirements = {HostFeature::disk},
  };
}

const ExperimentRegistration reclaim_registration(
    "reclaim",
    {"memory.reclaim reclaims page cache but not anonymous memory",
     "memory.reclaim：回收页缓存，不回收匿名内存"},
    make_reclaim);

}  // namespace
}  // namespace lab
