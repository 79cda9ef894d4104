// SPDX-License-Identifier: MIT
#pragma once

#include "lab/report/live_line.h"
#include "lab/report/terminal.h"
#include "lab/run/observer.h"

namespace lab {

/// How much is shown during a run.
enum class Verbosity { quiet, normal, verbose };

/// Shows a run as it proceeds: on a terminal one line that is redrawn in place,
/// elsewhere a plain line about once a second. Verbose adds a line for each
/// event and the output of the child.
class LiveView : public Observer {
 public:
  /// Borrows `terminal`.
  LiveView(const Terminal& terminal, Verbosity verbosity,
           Language language = Language::en);

  void on_start(const RunRecord& record) override;
  void on_event(const Event& event) override;
  void on_sample(const Samples& samples) override;
  void on_output(const std::string& process, std::string_view text) override;
  void on_waiting(const Waiting& waiting) override;
  void on_end() override;

 protected:
  void say_waiting(const Waiting& waiting);

 private:
  void draw(const Samples& samples);
  std::string describe(const Samples& samples) const;
  void show(std::string_view line);

  const Terminal& terminal_;
  Verbosity verbosity_;
  Language language_;
  bool unicode_;
  LiveLine line_;
  bool alone_ = true;     ///< there is one process
  bool dying_ = false;    ///< it was killed or has exited
  bool limited_ = false;  ///< the limit is set: usage has a share of it
  Bytes limit_;
  std::string name_;
  std::int64_t start_ns_ = 0;
  std::int64_t last_draw_ns_ = 0;
};

}  // namespace lab
