// SPDX-License-Identifier: MIT
#include "lab/bench/progress_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/base/units.h"
#include "lab/os/timer_fd.h"
#include "lab/repeat/bench_messages.h"
#include "lab/report/bar.h"
#include "lab/report/text_width.h"

namespace lab {
namespace {

constexpr std::size_t longest_bar = 30;
constexpr std::size_t narrowest_bar = 5;
/// The bar's brackets and the space after it.
constexpr std::size_t around_bar = 3;
constexpr std::int64_t plain_interval_ns = 5000000000;

}  // namespace

ProgressView::ProgressView(const Terminal& terminal, bool quiet,
                           Language language)
    : terminal_(terminal),
      quiet_(quiet),
      language_(language),
      line_(terminal),
      start_ns_(monotonic_ns()) {}

ProgressView::~ProgressView() {
  line_.erase();
}

void ProgressView::show(std::size_t done, std::size_t all) {
  if (quiet_) return;
  const std::int64_t now = monotonic_ns();
  const double share = static_cast<double>(done) / static_cast<double>(all);
  const auto left = static_cast<std::int64_t>(
      static_cast<double>(now - start_ns_) * (1 - share) / share);
  const std::string text = say(language_, bench_messages::progress, done, all,
                               human_seconds(nanoseconds(left)));
  if (terminal_.is_live()) {
    draw(share, text);
  } else if (now - last_ns_ > plain_interval_ns) {
    if (last_ns_ != 0) terminal_.write(fmt::format("cglab: {}\n", text));
    last_ns_ = now;
  }
}

/// In a narrow terminal the bar is dropped first, then the text is cut.
void ProgressView::draw(double share, const std::string& text) {
  const std::size_t taken = display_width(text) + around_bar;
  const std::size_t room = line_.width() - std::min(line_.width(), taken);
  if (room < narrowest_bar) return line_.draw("", 0, text);
  const std::size_t width = std::min(room, longest_bar);
  line_.draw(usage_bar(terminal_, locale_is_utf8(), share, width) + " ",
             width + around_bar, text);
}

}  // namespace lab
