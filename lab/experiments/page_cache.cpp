// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Version;
using std::chrono::milliseconds;

Experiment make_page_cache() {
  return {
      .question = {"Does reading a file larger than the limit kill the reader?",
                   "读一个比上限还大的文件，进程会被杀死吗？"},
      .prediction = {"No: clean page cache is reclaimed, and the usage stays "
                     "within the limit.",
                     "不会：干净的页缓存会被回收，用量不超过上限。"},
      .control_run =
          {"the same amount of anonymous memory, which cannot be reclaimed",
           "改用同样多的匿名内存，它无法回收"},
      .procedure =
          {
              .cgroups = {{"cache", {{File::memory_max, Part{1, 1}}}}},
              .processes =
                  {unless_control(ProcessSpec{.name = "hog",
                                              .cgroup = "cache",
                                              .total = Part{4, 1},
                                              .memory = "file",
                                              .touch = "read",
                                              .backing = Backing::disk}),
                   in_control(ProcessSpec{
                       .name = "hog", .cgroup = "cache", .total = Part{4, 1}})},
              .steps = {step::start("hog"), step::settle("hog"),
                        step::rest(milliseconds(50))},
              .claims =
                  {decided_by_cause({{"the hog survived", "占内存程序活了下来"},
                                     {"hog", "alive"},
                                     Relation::equals,
                                     std::uint64_t{1}}),
                   {{"the hog read the whole file", "占内存程序读完了整个文件"},
                    {"hog", "touched"},
                    Relation::at_least,
                    Part{4, 1}},
                   on(Version::v1, Claim{{"the limit was hit", "触到了上限"},
                                         {"cache", "failcnt"},
                                         Relation::rises}),
                   on(Version::v2, Claim{{"the limit was hit", "触到了上限"},
                                         {"cache", "max"},
                                         Relation::rises}),
                   {{"the usage never exceeded the limit", "用量从未超过上限"},
                    {"cache", "peak"},
                    Relation::at_most,
                    Part{1, 1},
                    {},
                    true},
                   {{"part of the file is still in the page cache",
                     "文件的一部分仍在页缓存里"},
                    {"cache", "usage"},
                    Relation::at_least,
                    Part{1, 4}},
                   decided_by_cause(nothing_was_killed())},
          },
      .requirements = {HostFeature::disk},
      .lesson = "charge",
  };
}

const ExperimentRegistration page_cache_registration(
    "page-cache",
    {"reading a file four times the limit: reclaim, no OOM kill",
     "读四倍于上限的文件：回收页缓存，不发生 OOM kill"},
    make_page_cache);

}  // namespace
}  // namespace lab
