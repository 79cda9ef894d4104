// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include "lab/classroom/follow.h"
#include "lab/report/live_line.h"
#include "lab/report/terminal.h"

namespace lab {

/// Ticks off the steps of the exercise and shows the next one: a line per step
/// and hint, and on a terminal one more, redrawn with the usage.
class CheckLive final : public FollowObserver {
 public:
  /// Borrows `terminal`.
  CheckLive(const Terminal& terminal, const GradingPlan& plan);

  void on_start(const Grade& grade) override;
  void on_step(const CheckResult& result) override;
  void on_lost(const CheckResult& result) override;
  void on_next(const CheckResult& result,
               const std::vector<std::string>& commands) override;
  void on_refused(const std::string& file) override;
  void on_hint(const Hint& hint) override;
  void on_usage(const GroupEvidence& group) override;
  void on_restart() override;
  void on_end() override;

 private:
  void say_check(const std::string& mark, const CheckResult& result);
  std::string usage_text(const GroupEvidence& group) const;
  std::string bar_of(const GroupEvidence& group, std::size_t width) const;
  void say_line(std::string_view text);

  const Terminal& terminal_;
  const GradingPlan& plan_;
  cgroupfs::Version version_ = cgroupfs::Version::v2;
  LiveLine line_;
  std::int64_t last_draw_ns_ = 0;
  Bytes last_usage_;
};

}  // namespace lab
