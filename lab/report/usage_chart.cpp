// SPDX-License-Identifier: MIT
#include "lab/report/usage_chart.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/report/bar.h"
#include "lab/report/chart.h"
#include "lab/report/curves.h"
#include "lab/report/record_words.h"

namespace lab {
namespace {

constexpr std::size_t height = 5;
constexpr std::size_t widest = 60;
constexpr std::size_t label_width = 12;
constexpr std::size_t least_samples = 8;

/// What the top row stands for: the same in all charts of a record.
struct Top {
  std::uint64_t bytes = 0;
  bool is_limit = false;
};

Top top_of(const RunRecord& record, const std::vector<Curve>& curves) {
  std::uint64_t highest = 0;
  for (const Curve& curve : curves) {
    for (const std::uint64_t usage : curve.usage) {
      highest = std::max(highest, usage);
    }
  }
  const LimitRecord* hard = hard_limit(record);
  const bool to_limit = hard && hard->actual && !hard->actual->is_max() &&
                        hard->actual->bytes().count >= highest;
  if (!to_limit) return {highest, false};
  return {hard->actual->bytes().count, true};
}

std::string title_of(const RunRecord& record, const Curve& curve) {
  std::string title =
      makes_claims(record) ? fmt::format("Usage of {}", curve.name) : "Usage";
  const auto high = high_limit(record);
  if (high) title += fmt::format(" (high limit: {})", human_size(*high));
  return title;
}

void add_chart(const std::string& title, const Curve& curve, const Top& top,
               Layout& layout) {
  const std::size_t room =
      layout.width() > label_width + 4 ? layout.width() - label_width - 4 : 1;
  const std::size_t width = std::min(room, widest);
  const auto lines = draw_chart(curve.time_ns, curve.usage, top.bytes, width,
                                height, locale_is_utf8());
  layout.section(title);
  for (std::size_t row = 0; row < lines.size(); ++row) {
    const std::string label = row == 0            ? human_size(Bytes{top.bytes})
                              : row + 1 == height ? "0"
                                                  : "";
    layout.line(fmt::format("{:>{}} |{}", label, label_width, lines[row]));
  }
  const std::string end =
      human_ms(nanoseconds(curve.time_ns.back() - curve.time_ns.front()));
  layout.line(fmt::format("{:>{}} 0{:>{}}", top.is_limit ? "(the limit)" : "",
                          label_width, end, width));
}

}  // namespace

void add_usage_chart(const RunRecord& record, Layout& layout) {
  const std::vector<Curve> curves = curves_of(record);
  const Top top = top_of(record, curves);
  for (const Curve& curve : curves) {
    if (curve.time_ns.size() < least_samples) continue;
    add_chart(title_of(record, curve), curve, top, layout);
  }
}

}  // namespace lab
