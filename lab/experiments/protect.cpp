// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

using std::chrono::milliseconds;

Scenario build(const Choice& choice) {
  const Value protection =
      choice.control ? Value(std::uint64_t{0}) : Value(Part{1, 4});
  const auto reader = [](const char* name, const char* group, Part total) {
    return ActorSpec{.name = name,
                     .group = group,
                     .total = total,
                     .memory = "file",
                     .touch = "read",
                     .backing = Backing::disk};
  };
  return {
      .groups = {{"above", {{File::memory_max, Part{1, 1}}}},
                 {"above/min", {{File::memory_min, protection}}},
                 {"above/low", {{File::memory_low, protection}}},
                 {"above/none", {}},
                 {"above/greedy", {}}},
      // What it takes cannot be reclaimed, for there is no swap. Were it page
      // cache, the multi-generational LRU (and Linux 7.2 without it) would
      // reclaim that, and spare all small siblings.
      .actors = {{.name = "greedy",
                  .group = "above/greedy",
                  .total = {19, 32},
                  .ramp = milliseconds(200)},
                 reader("with-min", "above/min", {3, 16}),
                 reader("with-low", "above/low", {3, 16}),
                 reader("without", "above/none", {3, 16})},
      .steps = {step::start("with-min"), step::settle("with-min"),
                step::start("with-low"), step::settle("with-low"),
                step::start("without"), step::settle("without"),
                step::mark("full"), step::start("greedy"),
                step::settle("greedy"), step::rest(milliseconds(50))},
      .claims = {{"the sibling without protection had its cache",
                  {"above/none", "usage", "full"},
                  Relation::at_least,
                  Part{5, 32}},
                 {"and lost most of it",
                  {"above/none", "usage"},
                  Relation::at_most,
                  Part{3, 32}},
                 decided_by_cause({"memory.min kept the cache",
                                   {"above/min", "usage"},
                                   Relation::at_least,
                                   Part{5, 32}}),
                 decided_by_cause({"memory.low kept the cache",
                                   {"above/low", "usage"},
                                   Relation::at_least,
                                   Part{5, 32}}),
                 nothing_was_killed()},
  };
}

const Experiment experiment = {
    .name = "protect",
    .summary =
        "memory.min and memory.low keep page cache from a greedy sibling",
    .question =
        "Whose memory does the kernel take when siblings press against a limit "
        "above?",
    .prediction =
        "That of unprotected ones; what is below memory.min or memory.low "
        "stays.",
    .build = build,
    .knob = "memory.min and memory.low are 0",
    .only = cgroupfs::Version::v2,
    .only_because = "memory.min and memory.low",
    .needs = {Need::disk},
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
