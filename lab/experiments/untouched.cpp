// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

/// What reading costs is up to the kernel.
std::vector<Claim> claims_on_reading(bool reads_share_a_page) {
  if (reads_share_a_page) {
    return {{"the one that only read lived to its end: this kernel maps one "
             "page of zeros for all that is read",
             {"reader", "signal"},
             Relation::equals,
             std::uint64_t{0}},
            {"little was charged for it (page tables)",
             {"read", "peak"},
             Relation::at_most,
             Part{1, 4},
             {},
             true},
            {"nothing was killed where it was read",
             {"read", "oom_kill"},
             Relation::stays}};
  }
  return {{"the one that only read was killed: this kernel gives a page of its "
           "own to each that is read, as a probe has shown",
           {"reader", "signal"},
           Relation::equals,
           std::uint64_t{9}},
          {"by the OOM killer", {"read", "oom_kill"}, Relation::rises}};
}

Scenario build(const Choice& choice) {
  const auto hog = [&](const char* name, const char* group, const char* touch) {
    return ActorSpec{.name = name,
                     .group = group,
                     .total = {8, 1},
                     .touch = choice.control ? "write" : touch,
                     .hold = false};
  };
  Scenario scenario{
      .groups = {{"allocated", {{File::memory_max, Part{1, 1}}}},
                 {"read", {{File::memory_max, Part{1, 1}}}}},
      .actors = {hog("malloc", "allocated", "none"),
                 hog("reader", "read", "read")},
      .steps = {step::start("malloc"), step::settle("malloc"),
                step::start("reader"), step::settle("reader")},
      .claims = {decided_by_cause(
                     {"the one that only allocated lived to its end",
                      {"malloc", "signal"},
                      Relation::equals,
                      std::uint64_t{0}}),
                 {"hardly anything was charged for it",
                  {"allocated", "peak"},
                  Relation::at_most,
                  Part{1, 8},
                  {},
                  true},
                 decided_by_cause({"nothing was killed where it was allocated",
                                   {"allocated", "oom_kill"},
                                   Relation::stays})},
  };
  const auto more = claims_on_reading(choice.reads_share_a_page);
  scenario.claims.insert(scenario.claims.end(), more.begin(), more.end());
  return scenario;
}

const Experiment experiment = {
    .name = "untouched",
    .summary = "malloc alone charges nothing: 8 x the limit survives",
    .question = "Is memory charged when it is allocated, or when?",
    .prediction =
        "When a page is touched first: untouched memory costs nothing, nor "
        "does "
        "read memory where the kernel shares one page of zeros.",
    .build = build,
    .knob = "the pages are written",
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
