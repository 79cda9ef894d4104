// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

ProcessSpec small(const char* name) {
  return {.name = name, .cgroup = "team", .total = Part{1, 16}};
}

Step dies(const char* name) {
  return unless_control(step::await_end(name, milliseconds(5000)));
}

Experiment make_group() {
  return {
      .question =
          {"Which processes die when the OOM killer chooses one in a cgroup?",
           "OOM killer 在 cgroup 里选中一个进程时，哪些进程会死？"},
      .prediction =
          {"With 1 in memory.oom.group, all of them; with 0, only the chosen "
           "one.",
           "memory.oom.group 为 1 时全体被杀，为 0 时只杀选中的那个。"},
      .control_run =
          {"memory.oom.group is 0: three of the four processes survive",
           "memory.oom.group 为 0：四个进程活下来三个"},
      .procedure =
          {
              .cgroups = {{"team",
                           {{File::memory_max, Part{1, 1}},
                            unless_control(Setting{File::memory_oom_group,
                                                   std::uint64_t{1}}),
                            in_control(Setting{File::memory_oom_group,
                                               std::uint64_t{0}})}}},
              .processes = {{.name = "hog",
                             .cgroup = "team",
                             .total = Part{2, 1}},
                            small("one"),
                            small("two"),
                            small("three")},
              .steps = {step::start("one"), step::settle("one"),
                        step::start("two"), step::settle("two"),
                        step::start("three"), step::settle("three"),
                        step::start("hog"), step::settle("hog"),
                        in_control(step::rest(milliseconds(500))), dies("one"),
                        dies("two"), dies("three")},
              .claims =
                  {{{"the hog was killed", "占内存程序被杀死"},
                    {"hog", "signal"},
                    Relation::equals,
                    std::uint64_t{9}},
                   decided_by_cause(
                       {{"process one was killed", "进程 one 被杀死"},
                        {"one", "signal"},
                        Relation::equals,
                        std::uint64_t{9}}),
                   decided_by_cause(
                       {{"process two was killed", "进程 two 被杀死"},
                        {"two", "signal"},
                        Relation::equals,
                        std::uint64_t{9}}),
                   decided_by_cause(
                       {{"process three was killed", "进程 three 被杀死"},
                        {"three", "signal"},
                        Relation::equals,
                        std::uint64_t{9}}),
                   {{"all four kills were counted (the chosen process twice on "
                     "some kernels)",
                     "四个进程都计入了 oom_kill（有的内核把选中的那个计两次）"},
                    {"team", "oom_kill"},
                    Relation::at_least,
                    std::uint64_t{4}},
                   {{"the kernel counted a group kill",
                     "内核计入了一次整组杀死"},
                    {"team", "oom_group_kill"},
                    Relation::rises,
                    std::uint64_t{0},
                    {},
                    true}},
          },
      .only = cgroupfs::Version::v2,
      .only_because = name_in_texts(File::memory_oom_group),
      .lesson = "victim",
  };
}

const ExperimentRegistration group_registration(
    "group",
    {"memory.oom.group: one of four hits the limit, all four die",
     "memory.oom.group：四个进程中一个触到上限，一起被杀"},
    make_group);

}  // namespace
}  // namespace lab
