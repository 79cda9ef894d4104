// SPDX-License-Identifier: MIT
#include "lab/bench/progress_view.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/base/units.h"
#include "lab/os/timer_fd.h"
#include "lab/report/bar.h"

namespace lab {
namespace {

constexpr std::size_t widest_bar = 30;
constexpr std::size_t narrowest_bar = 5;
/// The bar's brackets and the blank behind it.
constexpr std::size_t around_bar = 3;
constexpr std::int64_t plain_interval_ns = 5000000000;

}  // namespace

std::string progress_line(const Terminal& terminal, bool unicode,
                          std::size_t width, double share,
                          const std::string& text) {
  if (width < text.size() + around_bar + narrowest_bar) {
    return text.substr(0, width);
  }
  const std::size_t room = width - text.size() - around_bar;
  return fmt::format(
      "{} {}", usage_bar(terminal, unicode, share, std::min(room, widest_bar)),
      text);
}

ProgressView::ProgressView(const Terminal& terminal, bool quiet)
    : terminal_(terminal), quiet_(quiet), start_ns_(monotonic_ns()) {}

ProgressView::~ProgressView() {
  if (shown_) terminal_.write("\r\033[K");
}

void ProgressView::show(std::size_t done, std::size_t all) {
  if (quiet_) return;
  const std::int64_t now = monotonic_ns();
  const double share = static_cast<double>(done) / static_cast<double>(all);
  const auto left = static_cast<std::int64_t>(
      static_cast<double>(now - start_ns_) * (1 - share) / share);
  const std::string text = fmt::format("{} of {} runs, {} left", done, all,
                                       human_seconds(nanoseconds(left)));
  if (terminal_.is_live()) {
    // The last column stays free: some terminals wrap behind it.
    const std::size_t width = terminal_.width() - 1;
    terminal_.write("\r\033[K" + progress_line(terminal_, locale_is_utf8(),
                                               width, share, text));
    shown_ = true;
  } else if (now - last_ns_ > plain_interval_ns) {
    if (last_ns_ != 0) terminal_.write(fmt::format("cglab: {}\n", text));
    last_ns_ = now;
  }
}

}  // namespace lab
