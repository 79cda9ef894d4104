// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

Scenario build(const Choice& choice) {
  const auto hog = [&](const char* name, const char* group, const char* touch) {
    return ActorSpec{.name = name,
                     .group = group,
                     .total = {8, 1},
                     .touch = choice.control ? "write" : touch,
                     .hold = false};
  };
  return {
      .groups = {{"allocated", {{Setting::max, Part{1, 1}}}},
                 {"read", {{Setting::max, Part{1, 1}}}}},
      .actors = {hog("malloc", "allocated", "none"),
                 hog("reader", "read", "read")},
      .steps = {step::start("malloc"), step::settle("malloc"),
                step::start("reader"), step::settle("reader")},
      .claims = {{"the one that only allocated lived to its end",
                  {"malloc", "signal"},
                  Relation::equals,
                  std::uint64_t{0}},
                 {"hardly anything was charged for it",
                  {"allocated", "peak"},
                  Relation::at_most,
                  Part{1, 8},
                  {},
                  true},
                 {"the one that only read lived to its end",
                  {"reader", "signal"},
                  Relation::equals,
                  std::uint64_t{0}},
                 {"little was charged for it (page tables)",
                  {"read", "peak"},
                  Relation::at_most,
                  Part{1, 4},
                  {},
                  true},
                 {"nothing was killed",
                  {"allocated", "oom_kill"},
                  Relation::stays}},
  };
}

const Experiment experiment = {
    .name = "untouched",
    .summary =
        "malloc alone and reading charge nothing: 8 x the limit survives",
    .question = "Is memory charged when it is allocated, or when?",
    .prediction =
        "When a page is written first: untouched and only read memory costs "
        "nothing.",
    .build = build,
    .knob = "the pages are written",
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
