// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using std::chrono::milliseconds;

ProcessSpec hog(const char* memory) {
  return {.name = "hog",
          .cgroup = "limited",
          .total = Part{3, 4},
          .memory = memory,
          .ramp = milliseconds(200)};
}

Experiment make_huge() {
  return {
      .question =
          {"How much does the first touch of a transparent huge page charge?",
           "首次访问透明大页，会记多少账？"},
      .prediction = {"The whole huge page; AnonHugePages in /proc/PID/smaps "
                     "shows how much memory is in huge pages.",
                     "整个大页；/proc/PID/smaps 里的 AnonHugePages "
                     "显示有多少内存在大页里。"},
      .control_run = {"the hog uses small pages only (MADV_NOHUGEPAGE)",
                      "占内存程序只用小页（MADV_NOHUGEPAGE）"},
      .procedure =
          {
              .cgroups = {{"limited", {{File::memory_max, Part{1, 1}}}}},
              .processes = {unless_control(hog("thp")),
                            in_control(hog("small"))},
              .steps = {step::start("hog"), step::settle("hog")},
              .claims = {decided_by_cause(
                             {{"most of the hog's memory is in huge pages",
                               "占内存程序的大部分内存在大页里"},
                              {"hog", "huge_pages"},
                              Relation::at_least,
                              Part{1, 2}}),
                         {{"the hog survived", "占内存程序活了下来"},
                          {"hog", "alive"},
                          Relation::equals,
                          std::uint64_t{1}}},
          },
      .requirements = {HostFeature::huge_pages},
      .lesson = "charge",
  };
}

const ExperimentRegistration huge_registration(
    "huge",
    {"transparent huge pages: memory is charged in steps of 2 MiB",
     "透明大页：记账以 2 MiB 为单位"},
    make_huge);

}  // namespace
}  // namespace lab
