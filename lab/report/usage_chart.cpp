// SPDX-License-Identifier: MIT
#include "lab/report/usage_chart.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/report/bar.h"
#include "lab/report/chart.h"

namespace lab {
namespace {

constexpr std::size_t height = 5;
constexpr std::size_t widest = 60;
constexpr std::size_t label_width = 12;
constexpr std::size_t least_samples = 8;

}  // namespace

void add_usage_chart(const RunRecord& record, Layout& layout) {
  const Samples& samples = record.samples;
  if (samples.time_ns.size() < least_samples) return;
  std::uint64_t top =
      *std::max_element(samples.usage.begin(), samples.usage.end());
  const LimitRecord* hard = hard_limit(record);
  const bool to_limit = hard && hard->actual && !hard->actual->is_max() &&
                        hard->actual->bytes().count >= top;
  if (to_limit) top = hard->actual->bytes().count;
  const std::size_t room =
      layout.width() > label_width + 4 ? layout.width() - label_width - 4 : 1;
  const std::size_t width = std::min(room, widest);
  const auto lines = draw_chart(samples.time_ns, samples.usage, top, width,
                                height, locale_is_utf8());
  layout.section("Usage");
  for (std::size_t row = 0; row < lines.size(); ++row) {
    const std::string label = row == 0            ? human_size(Bytes{top})
                              : row + 1 == height ? "0"
                                                  : "";
    layout.line(fmt::format("{:>{}} |{}", label, label_width, lines[row]));
  }
  const std::string end =
      human_ms(nanoseconds(samples.time_ns.back() - samples.time_ns.front()));
  layout.line(fmt::format("{:>{}} 0{:>{}}", to_limit ? "(the limit)" : "",
                          label_width, end, width));
}

}  // namespace lab
