// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

/// A huge page across the pause would be charged whole to the old cgroup.
ProcessSpec pausing_hog(Part pause) {
  return {.name = "hog",
          .cgroup = "old",
          .total = Part{3, 4},
          .memory = "small",
          .pauses = {pause}};
}

Experiment make_move() {
  return {
      .question = {"Do charges follow a process into another cgroup?",
                   "进程移到另一个 cgroup，账会跟着走吗？"},
      .prediction =
          {"No: pages touched before the move stay charged to the old cgroup; "
           "pages touched afterwards are charged to the new one.",
           "不会：移动之前访问的页面仍记在原来的 cgroup 账上，之后访问的记在新 "
           "cgroup 账上。"},
      .control_run = {"the hog is moved before it touches most of its memory",
                      "占内存程序在访问大部分内存之前就被移动"},
      .procedure =
          {
              .cgroups = {{"old", {{File::memory_max, Part{1, 1}}}},
                          {"new", {{File::memory_max, Part{1, 1}}}}},
              .processes = {unless_control(pausing_hog(Part{1, 2})),
                            in_control(pausing_hog(Part{1, 64}))},
              .steps = {step::start("hog"), step::settle("hog"),
                        step::move("hog", "new"), step::mark("moved"),
                        step::go_on("hog"), step::settle("hog")},
              .claims =
                  {decided_by_cause(
                       {{"about half of the limit is still charged to the old "
                         "cgroup",
                         "约有上限一半的内存仍记在原来的 cgroup 账上"},
                        {"old", "usage"},
                        Relation::at_least,
                        Part{7, 16}}),
                   {{"the new cgroup was almost empty right after the move",
                     "刚移动时，新 cgroup 几乎没有用量"},
                    {"new", "usage", "moved"},
                    Relation::at_most,
                    Part{1, 8}},
                   {{"memory touched after the move is charged to the new "
                     "cgroup",
                     "移动之后访问的内存记在新 cgroup 账上"},
                    {"new", "usage"},
                    Relation::at_least,
                    Part{3, 16}},
                   decided_by_cause(
                       {{"no other memory is charged to the new cgroup",
                         "新 cgroup 没有记别的账"},
                        {"new", "usage"},
                        Relation::at_most,
                        Part{3, 8}}),
                   {{"the hog survived", "占内存程序活了下来"},
                    {"hog", "alive"},
                    Relation::equals,
                    std::uint64_t{1}}},
          },
      .lesson = "move",
  };
}

const ExperimentRegistration move_registration(
    "move",
    {"a process is moved: its charges stay in the old cgroup",
     "移动进程：账留在原来的 cgroup"},
    make_move);

}  // namespace
}  // namespace lab
