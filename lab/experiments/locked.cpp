// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

ProcessSpec hog(const char* name, const char* cgroup, const char* memory) {
  return {
      .name = name, .cgroup = cgroup, .total = Part{2, 1}, .memory = memory};
}

Experiment make_locked() {
  return {
      .question = {"Where is a process killed if a single system call "
                   "allocates all its memory?",
                   "如果全部内存由一次系统调用分配，进程会在哪里被杀？"},
      .prediction =
          {"Inside that call, which never returns: the program itself has not "
           "touched a byte.",
           "在那次调用里，调用再也不返回：程序自己一个字节都没碰过。"},
      .control_run = {"the same amount, touched by the program page by page",
                      "同样多的内存，由程序逐页访问"},
      .procedure =
          {
              .cgroups = {{"populate", {{File::memory_max, Part{1, 1}}}},
                          {"mlock", {{File::memory_max, Part{1, 1}}}}},
              .processes = {unless_control(
                                hog("mapper", "populate", "populate")),
                            in_control(hog("mapper", "populate", "anon")),
                            unless_control(hog("locker", "mlock", "locked")),
                            in_control(hog("locker", "mlock", "anon"))},
              .steps = {step::start("mapper"), step::settle("mapper"),
                        step::start("locker"), step::settle("locker")},
              .claims =
                  {{{"the mapper was OOM-killed",
                     "进程 mapper 被 OOM killer 杀死"},
                    {"populate", "oom_kill"},
                    Relation::rises},
                   decided_by_cause(
                       {{"the mapper never returned from mmap (MAP_POPULATE)",
                         "进程 mapper 没能从 mmap（MAP_POPULATE）返回"},
                        {"mapper", "touched"},
                        Relation::equals,
                        std::uint64_t{0}}),
                   {{"the locker was OOM-killed",
                     "进程 locker 被 OOM killer 杀死"},
                    {"mlock", "oom_kill"},
                    Relation::rises},
                   decided_by_cause({{"the locker never returned from mlock",
                                      "进程 locker 没能从 mlock 返回"},
                                     {"locker", "touched"},
                                     Relation::equals,
                                     std::uint64_t{0}})},
          },
      .requirements = {HostFeature::locked_memory},
      .lesson = "oom-kill",
  };
}

const ExperimentRegistration locked_registration(
    "locked",
    {"MAP_POPULATE and mlock: killed inside the system call",
     "MAP_POPULATE 与 mlock：在系统调用里被杀"},
    make_locked);

}  // namespace
}  // namespace lab
