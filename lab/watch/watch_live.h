// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/report/terminal.h"
#include "lab/watch/watcher.h"

namespace lab {

/// Shows a watch on a terminal: a block of a few lines that is redrawn in
/// place; what happens (OOM kills, changed limits) stays above it.
class WatchLive : public WatchObserver {
 public:
  /// Borrows `terminal`, which must be live.
  explicit WatchLive(const Terminal& terminal);

  void on_start(const WatchStart& start) override;
  void on_sample(const WatchSample& sample) override;
  void on_kill(const Moment& moment, const WatchedKill& kill) override;
  void on_limit_change(const Moment& moment,
                       const LimitChange& change) override;
  void on_process_change(const Moment& moment,
                         const ProcessChange& change) override;
  void on_rename(const Moment& moment, const GroupRename& rename) override;
  void on_end(const WatchEnd& end) override;

 private:
  /// A line of the block: a label, and a value that is cut to the width.
  struct Row {
    std::string label;
    std::string value;
    bool alarming = false;
  };

  /// A line of the block with its width on the screen.
  struct Line {
    std::string text;
    std::size_t columns;
  };

  std::vector<Row> rows_of(const WatchSample& sample) const;
  void add_binding(std::vector<Row>& rows, const char* label,
                   const std::optional<BindingLimit>& binding) const;
  Line heading(std::size_t columns) const;
  Line bar_line(std::size_t columns) const;
  Line line_of(const Row& row, std::size_t columns) const;
  std::string draw_block();
  std::string wipe_block() const;
  void say(const Moment& moment, const std::string& text, bool alarming);

  const Terminal& terminal_;
  bool unicode_;
  WatchStart start_;
  std::optional<WatchSample> sample_;
  Counters first_;                  ///< of the first sample
  std::vector<std::size_t> drawn_;  ///< columns of each line of the block
};

/// `text` cut to `columns` code points, with an ellipsis in its middle: the
/// ends of a path tell more.
std::string shorten(const std::string& text, std::size_t columns, bool unicode);

}  // namespace lab
