// SPDX-License-Identifier: MIT
#include "lab/repeat/bench_result.h"

namespace lab {
namespace {

double milliseconds_of(std::int64_t ns) {
  return static_cast<double>(ns) / 1e6;
}

std::optional<double> run_time(const RunRecord& record) {
  const auto end = time_of(record, EventKind::reaped);
  if (makes_claims(record) || !end) return std::nullopt;
  return milliseconds_of(*end);
}

std::optional<double> detection_time(const RunRecord& record) {
  const auto noticed = time_of(record, EventKind::notification);
  const auto touched = main_process(record).last_touch_ns;
  if (makes_claims(record) || !noticed || !touched) return std::nullopt;
  return milliseconds_of(*noticed - *touched);
}

}  // namespace

void add_run(BenchResult& result, const RunRecord& record,
             std::int64_t wall_ns) {
  result.wall.push_back(milliseconds_of(wall_ns));
  result.run.push_back(run_time(record));
  result.detection.push_back(detection_time(record));
  result.verdicts.push_back(outcome_of(record));
  result.exit_codes.push_back(
      is_command(record.plan) ? main_process(record).exit_code : std::nullopt);
}

}  // namespace lab
