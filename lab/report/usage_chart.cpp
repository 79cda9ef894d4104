// SPDX-License-Identifier: MIT
#include "lab/report/usage_chart.h"

#include "lab/base/message.h"
#include "lab/report/curves.h"
#include "lab/report/record_words.h"

namespace lab {
namespace {

constexpr Message title("Usage", "用量");
constexpr Message limit("limit", "上限");
constexpr Message high("high limit", "high 上限");

}  // namespace

std::optional<Chart> usage_chart(const RunRecord& record, Language language) {
  const std::vector<Curve> curves = curves_of(record);
  if (curves.empty() || curves.front().time_ns.empty()) return std::nullopt;
  Chart chart;
  chart.title = say(language, title);
  chart.begin_ns = curves.front().time_ns.front();
  chart.end_ns = curves.front().time_ns.back();
  for (const Curve& curve : curves) {
    chart.series.push_back(
        {curve.name, curve.time_ns, {curve.usage.begin(), curve.usage.end()}});
  }
  const std::int64_t set_ns =
      time_of(record, EventKind::limit_set).value_or(chart.begin_ns);
  const LimitRecord* const hard = hard_limit(record);
  if (hard && hard->actual && !hard->actual->is_max()) {
    chart.levels.push_back({say(language, limit),
                            static_cast<double>(hard->actual->bytes().count),
                            set_ns});
  }
  if (const auto bytes = high_limit(record)) {
    chart.levels.push_back({say(language, high),
                            static_cast<double>(bytes->count), set_ns, false});
  }
  for (const Event& event : record.events) {
    chart.marks.push_back({event.time_ns, event_name(event.kind, language)});
  }
  return chart;
}

}  // namespace lab
