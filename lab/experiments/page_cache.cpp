// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

using std::chrono::milliseconds;

Scenario build(const Choice& choice) {
  ActorSpec reader{.name = "reader", .group = "cache", .total = {4, 1}};
  if (!choice.control) {
    reader.memory = "file";
    reader.touch = "read";
    reader.backing = Backing::disk;
  }
  const bool v1 = choice.version == cgroupfs::Version::v1;
  return {
      .groups = {{"cache", {{File::memory_max, Part{1, 1}}}}},
      .actors = {reader},
      .steps = {step::start("reader"), step::settle("reader"),
                step::rest(milliseconds(50))},
      .claims = {decided_by_cause({"the reader lives",
                                   {"reader", "alive"},
                                   Relation::equals,
                                   std::uint64_t{1}}),
                 {"it has read all of the file",
                  {"reader", "touched"},
                  Relation::at_least,
                  Part{4, 1}},
                 {"the limit was met",
                  {"cache", v1 ? "failcnt" : "max"},
                  Relation::rises},
                 {"and never passed",
                  {"cache", "peak"},
                  Relation::at_most,
                  Part{1, 1},
                  {},
                  true},
                 {"much of the file is still in the cache",
                  {"cache", "usage"},
                  Relation::at_least,
                  Part{1, 4}},
                 decided_by_cause(nothing_was_killed())},
  };
}

const Experiment experiment = {
    .name = "page-cache",
    .summary = "reading a file four times the limit: reclaimed, nobody dies",
    .question = "Does reading a file larger than the limit kill the reader?",
    .prediction =
        "No: clean page cache is taken back, the usage stays at the limit.",
    .build = build,
    .knob = "the same amount as anonymous memory: it cannot be taken back",
    .needs = {Need::disk},
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
