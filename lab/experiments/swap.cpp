// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

Scenario build(const Choice& choice) {
  const Value some =
      choice.control ? Value(std::uint64_t{0}) : Value(Part{1, 4});
  const Value most =
      choice.control ? Value(std::uint64_t{0}) : Value(Unlimited{});
  const auto limited = [](const Value& swap) {
    return std::vector<Setting>{{File::memory_max, Part{1, 1}},
                                {File::memory_swap_max, swap}};
  };
  return {
      .groups = {{"max", limited(most)},
                 {"some", limited(some)},
                 {"none", limited(std::uint64_t{0})}},
      .actors = {{.name = "with-max", .group = "max", .total = {3, 2}},
                 {.name = "with-some", .group = "some", .total = {3, 2}},
                 {.name = "with-none", .group = "none", .total = {3, 2}}},
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
                 decided_by_cause({"with swap for all of it nothing is killed",
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
  };
}

const Experiment experiment = {
    .name = "swap",
    .summary = "three equal hogs under one limit, with swap 0, some and max",
    .question =
        "What does a swap limit change for a process above its memory limit?",
    .prediction =
        "Without swap it dies at the limit, with some it dies later, with max "
        "it lives.",
    .build = build,
    .knob = "swap is limited to 0 in all three",
    .needs = {Need::swap},
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
