// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

Experiment make_soft() {
  return {
      .question = {"What does memory.soft_limit_in_bytes do to a process that "
                   "exceeds it?",
                   "进程超过 memory.soft_limit_in_bytes 会怎样？"},
      .prediction = {"Nothing, as long as the host is not short of memory.",
                     "只要主机不缺内存，就什么也不会发生。"},
      .control_run = {"the same value as the hard limit: the hog is killed",
                      "把同样的值设为硬上限：占内存程序被杀死"},
      .procedure =
          {
              .cgroups = {{"limited",
                           {{File::memory_max, Part{1, 1}},
                            unless_control(
                                Setting{File::memory_soft_limit, Part{1, 4}}),
                            in_control(
                                Setting{File::memory_max, Part{1, 4}})}}},
              .processes = {{.name = "hog",
                             .cgroup = "limited",
                             .total = Part{1, 2}}},
              .steps = {step::start("hog"), step::settle("hog"),
                        step::rest(milliseconds(100))},
              .claims =
                  {{{"the usage reached twice the soft limit",
                     "用量达到软上限的两倍"},
                    {"limited", "usage"},
                    Relation::at_least,
                    Part{1, 2}},
                   decided_by_cause({{"no charge failed", "没有一次记账失败"},
                                     {"limited", "failcnt"},
                                     Relation::stays}),
                   decided_by_cause(nothing_was_killed()),
                   decided_by_cause({{"the hog survived", "占内存程序活了下来"},
                                     {"hog", "alive"},
                                     Relation::equals,
                                     std::uint64_t{1}})},
          },
      .only = cgroupfs::Version::v1,
      .only_because = name_in_texts(File::memory_soft_limit),
  };
}

const ExperimentRegistration soft_registration(
    "soft",
    {"the soft limit (v1) has no effect until the host is short of memory",
     "软上限（v1）：主机不缺内存就不起作用"},
    make_soft);

}  // namespace
}  // namespace lab
