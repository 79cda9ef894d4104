// SPDX-License-Identifier: MIT
#include <errno.h>

#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Version;
using std::chrono::milliseconds;

Experiment make_lower() {
  return {
      .question = {"What does the kernel do when a limit is set below the "
                   "current usage?",
                   "把上限设到当前用量以下，内核会怎么做？"},
      .prediction =
          {"v1 fails the write with EBUSY and keeps the old limit; v2 "
           "reclaims, then kills.",
           "v1 让写入失败（EBUSY），原来的上限不变；v2 先回收，再杀进程。"},
      .control_run = {"the limit is lowered, but not below the usage",
                      "上限调低了，但仍高于用量"},
      .procedure =
          {
              .cgroups = {{"limited", {{File::memory_max, Part{1, 1}}}}},
              .processes = {{.name = "hog",
                             .cgroup = "limited",
                             .total = Part{3, 4}}},
              .steps = {step::start("hog"), step::settle("hog"),
                        unless_control(
                            step::set("limited", File::memory_max, Part{1, 4})),
                        in_control(
                            step::set("limited", File::memory_max, Part{7, 8})),
                        unless_control(
                            on(Version::v2,
                               step::await_end("hog", milliseconds(5000)))),
                        unless_control(
                            on(Version::v1, step::rest(milliseconds(300)))),
                        in_control(step::rest(milliseconds(300)))},
              .claims =
                  {on(Version::v1,
                      decided_by_cause(
                          {{"the kernel refused to lower the limit (EBUSY)",
                            "内核拒绝调低上限（EBUSY）"},
                           {"limited", "refused"},
                           Relation::equals,
                           std::uint64_t{EBUSY}})),
                   on(Version::v1,
                      decided_by_cause({{"the old limit is still in effect",
                                         "原来的上限仍然有效"},
                                        {"limited", "limit"},
                                        Relation::equals,
                                        Part{1, 1}})),
                   on(Version::v1,
                      Claim{{"the hog survived", "占内存程序活了下来"},
                            {"hog", "alive"},
                            Relation::equals,
                            std::uint64_t{1}}),
                   on(Version::v1, nothing_was_killed()),
                   on(Version::v2,
                      decided_by_cause(
                          {{"the limit is a quarter of the old one",
                            "上限变为原来的四分之一"},
                           {"limited", "limit"},
                           Relation::equals,
                           Part{1, 4}})),
                   on(Version::v2,
                      decided_by_cause({{"the hog was killed by SIGKILL",
                                         "占内存程序因 SIGKILL 结束"},
                                        {"hog", "signal"},
                                        Relation::equals,
                                        std::uint64_t{9}})),
                   on(Version::v2, decided_by_cause({{"an OOM kill was counted",
                                                      "计入了 OOM kill"},
                                                     {"limited", "oom_kill"},
                                                     Relation::rises}))},
          },
      .lesson = "limit",
  };
}

const ExperimentRegistration lower_registration(
    "lower",
    {"the limit is lowered below the usage: v1 refuses (EBUSY), v2 kills",
     "上限降到用量以下：v1 拒绝（EBUSY），v2 杀进程"},
    make_lower);

}  // namespace
}  // namespace lab
