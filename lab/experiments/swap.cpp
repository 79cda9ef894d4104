// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

std::vector<Setting> limited(const Value& swap) {
  return {{File::memory_max, Part{1, 1}},
          unless_control(Setting{File::memory_swap_max, swap}),
          in_control(Setting{File::memory_swap_max, std::uint64_t{0}})};
}

Experiment make() {
  return {
      .question =
          "What does a swap limit change for a process above its memory limit?",
      .prediction =
          "Without swap it dies at the limit, with some it dies later, with "
          "max it lives.",
      .control_run = "swap is limited to 0 in all three",
      .procedure =
          {
              .cgroups = {{"max", limited(Unlimited{})},
                          {"some", limited(Part{1, 4})},
                          {"none", limited(std::uint64_t{0})}},
              .processes =
                  {{.name = "with-max", .cgroup = "max", .total = Part{3, 2}},
                   {.name = "with-some", .cgroup = "some", .total = Part{3, 2}},
                   {.name = "with-none",
                    .cgroup = "none",
                    .total = Part{3, 2}}},
              .steps = {step::start("with-none"), step::settle("with-none"),
                        step::start("with-some"), step::settle("with-some"),
                        step::start("with-max"), step::settle("with-max")},
              .claims = {{"without swap it is OOM-killed",
                          {"none", "oom_kill"},
                          Relation::rises},
                         {"and dies at the limit",
                          {"with-none", "touched"},
                          Relation::at_most,
                          Part{1, 1}},
                         {"with some swap it is OOM-killed, too",
                          {"some", "oom_kill"},
                          Relation::rises},
                         {"but later",
                          {"with-some", "touched"},
                          Relation::at_least,
                          Part{9, 8}},
                         decided_by_cause(
                             {"with swap for all of it nothing is killed",
                              {"max", "oom_kill"},
                              Relation::stays}),
                         {"it has touched all it wanted",
                          {"with-max", "touched"},
                          Relation::at_least,
                          Part{3, 2}},
                         decided_by_cause({"and what did not fit lies in swap",
                                           {"max", "swap"},
                                           Relation::at_least,
                                           Part{1, 4}})},
          },
      .requirements = {HostFeature::swap},
  };
}

const ExperimentRegistration registration(
    "swap", "three equal hogs under one limit, with swap 0, some and max",
    make);

}  // namespace
}  // namespace lab
