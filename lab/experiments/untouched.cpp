// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

ProcessSpec touching_hog(const char* name, const char* cgroup,
                         const char* touch) {
  return {.name = name,
          .cgroup = cgroup,
          .total = Part{8, 1},
          .touch = touch,
          .hold = false};
}

Experiment make_untouched() {
  return {
      .question = {"When is memory charged: on allocation or on first touch?",
                   "内存什么时候记账：分配时，还是首次访问时？"},
      .prediction =
          {"On first touch: untouched memory is not charged, nor is memory "
           "that is only read where the kernel maps the shared zero page.",
           "首次访问时：没访问过的内存不记账；内核有共享零页时，只读过的内存也"
           "不记账。"},
      .control_run = {"the pages are written", "写入这些页面"},
      .procedure =
          {
              .cgroups = {{"allocated", {{File::memory_max, Part{1, 1}}}},
                          {"read", {{File::memory_max, Part{1, 1}}}}},
              .processes =
                  {unless_control(
                       touching_hog("allocator", "allocated", "none")),
                   in_control(touching_hog("allocator", "allocated", "write")),
                   unless_control(touching_hog("reader", "read", "read")),
                   in_control(touching_hog("reader", "read", "write"))},
              .steps = {step::start("allocator"), step::settle("allocator"),
                        step::start("reader"), step::settle("reader")},
              .claims =
                  {decided_by_cause(
                       {{"the allocator survived", "进程 allocator 活了下来"},
                        {"allocator", "signal"},
                        Relation::equals,
                        std::uint64_t{0}}),
                   {{"almost nothing was charged for the allocator",
                     "进程 allocator 几乎没有记账"},
                    {"allocated", "peak"},
                    Relation::at_most,
                    Part{1, 8},
                    {},
                    true},
                   decided_by_cause({{"the allocator was not OOM-killed",
                                      "进程 allocator 没有被 OOM killer 杀死"},
                                     {"allocated", "oom_kill"},
                                     Relation::stays}),
                   // What reading costs is up to the kernel.
                   if_reads_share_a_page(
                       true,
                       Claim{{"the reader survived (a probe showed that this "
                              "kernel maps the shared zero page)",
                              "进程 reader "
                              "活了下来（探测表明，这个内核映射共享零页）"},
                             {"reader", "signal"},
                             Relation::equals,
                             std::uint64_t{0}}),
                   if_reads_share_a_page(
                       true,
                       Claim{{"little was charged for the reader (page tables)",
                              "进程 reader 记的账很少（页表）"},
                             {"read", "peak"},
                             Relation::at_most,
                             Part{1, 4},
                             {},
                             true}),
                   if_reads_share_a_page(
                       true, Claim{{"the reader was not OOM-killed",
                                    "进程 reader 没有被 OOM killer 杀死"},
                                   {"read", "oom_kill"},
                                   Relation::stays}),
                   if_reads_share_a_page(
                       false,
                       Claim{{"the reader was killed (a probe showed that this "
                              "kernel allocates a page for each read)",
                              "进程 reader "
                              "被杀死（探测表明，这个内核每读一页就分配一页）"},
                             {"reader", "signal"},
                             Relation::equals,
                             std::uint64_t{9}}),
                   if_reads_share_a_page(
                       false, Claim{{"an OOM kill was counted for the reader",
                                     "进程 reader 的 cgroup 计入了 OOM kill"},
                                    {"read", "oom_kill"},
                                    Relation::rises})},
          },
      .lesson = "charge",
  };
}

const ExperimentRegistration untouched_registration(
    "untouched",
    {"malloc alone charges nothing: 8 times the limit survives",
     "只 malloc 不记账：申请八倍于上限也不会被杀"},
    make_untouched);

}  // namespace
}  // namespace lab
