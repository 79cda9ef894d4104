// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

ProcessSpec hog(const char* name, const char* cgroup, const char* touch) {
  return {.name = name,
          .cgroup = cgroup,
          .total = Part{8, 1},
          .touch = touch,
          .hold = false};
}

Experiment make() {
  return {
      .question = "When is memory charged: on allocation or on first touch?",
      .prediction =
          "On first touch: untouched memory costs nothing, and neither does "
          "memory that is only read, where the kernel maps the shared zero "
          "page.",
      .control_run = "the pages are written",
      .procedure =
          {
              .cgroups = {{"allocated", {{File::memory_max, Part{1, 1}}}},
                          {"read", {{File::memory_max, Part{1, 1}}}}},
              .processes = {unless_control(
                                hog("allocator", "allocated", "none")),
                            in_control(hog("allocator", "allocated", "write")),
                            unless_control(hog("reader", "read", "read")),
                            in_control(hog("reader", "read", "write"))},
              .steps = {step::start("allocator"), step::settle("allocator"),
                        step::start("reader"), step::settle("reader")},
              .claims =
                  {decided_by_cause({"the process that only allocated survived",
                                     {"allocator", "signal"},
                                     Relation::equals,
                                     std::uint64_t{0}}),
                   {"hardly anything was charged for it",
                    {"allocated", "peak"},
                    Relation::at_most,
                    Part{1, 8},
                    {},
                    true},
                   decided_by_cause(
                       {"nothing was killed where it was allocated",
                        {"allocated", "oom_kill"},
                        Relation::stays}),
                   // What reading costs is up to the kernel.
                   if_reads_share_a_page(
                       true, Claim{"the process that only read survived: this "
                                   "kernel maps the shared zero page",
                                   {"reader", "signal"},
                                   Relation::equals,
                                   std::uint64_t{0}}),
                   if_reads_share_a_page(
                       true, Claim{"little was charged for it (page tables)",
                                   {"read", "peak"},
                                   Relation::at_most,
                                   Part{1, 4},
                                   {},
                                   true}),
                   if_reads_share_a_page(
                       true, Claim{"nothing was killed where it was read",
                                   {"read", "oom_kill"},
                                   Relation::stays}),
                   if_reads_share_a_page(
                       false,
                       Claim{"the process that only read was killed: this "
                             "kernel allocates a page for each read (probed)",
                             {"reader", "signal"},
                             Relation::equals,
                             std::uint64_t{9}}),
                   if_reads_share_a_page(false, Claim{"by the OOM killer",
                                                      {"read", "oom_kill"},
                                                      Relation::rises})},
          },
  };
}

const ExperimentRegistration registration(
    "untouched", "malloc alone charges nothing: 8 x the limit survives", make);

}  // namespace
}  // namespace lab
