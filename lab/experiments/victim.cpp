// SPDX-License-Identifier: MIT
#include "lab/experiments/experiment.h"

namespace lab {
namespace {

using cgroupfs::File;

using std::chrono::milliseconds;

Scenario build(const Choice& choice) {
  const int score = choice.control ? 0 : 1000;
  return {
      .groups = {{"pair", {{File::memory_max, Part{1, 1}}}}},
      .actors = {{.name = "large",
                  .group = "pair",
                  .total = {7, 8},
                  .oom_score_adj = 0,
                  .pause_at = Part{1, 2}},
                 {.name = "small",
                  .group = "pair",
                  .total = {1, 4},
                  .oom_score_adj = score}},
      .steps = {step::start("large"), step::settle("large"),
                step::start("small"), step::settle("small"),
                step::go_on("large"), step::settle("large"),
                choice.control ? step::rest(milliseconds(300))
                               : step::await_end("small", milliseconds(5000))},
      .claims = {{"the OOM killer came", {"pair", "oom_kill"}, Relation::rises},
                 decided_by_cause(
                     {"the small process, of score 1000, was killed",
                      {"small", "signal"},
                      Relation::equals,
                      std::uint64_t{9}}),
                 decided_by_cause({"the large one, which hit the limit, lives",
                                   {"large", "alive"},
                                   Relation::equals,
                                   std::uint64_t{1}})},
  };
}

const Experiment experiment = {
    .name = "victim",
    .summary = "oom_score_adj makes the OOM killer choose the smaller process",
    .question = "Which of two processes does the OOM killer choose?",
    .prediction = "The larger one, unless oom_score_adj points at the other.",
    .build = build,
    .knob = "both have the same oom_score_adj: the larger one dies",
};

const ExperimentRegistration registration(experiment);

}  // namespace
}  // namespace lab
