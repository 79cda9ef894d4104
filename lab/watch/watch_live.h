// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "lab/base/message.h"
#include "lab/report/terminal.h"
#include "lab/watch/watch_text.h"
#include "lab/watch/watcher.h"

namespace lab {

/// An event with its time of day, wrapped after that to `columns`.
std::string event_lines(const Terminal& terminal, std::size_t columns,
                        const Moment& moment, const std::string& text,
                        bool alarming);

/// The columns that event_lines() has for the text of an event.
std::size_t event_columns(std::size_t columns);

/// Shows a watch on a terminal: a block of a few lines that is redrawn in
/// place, for the terminal's present size; events (OOM kills, changed limits)
/// stay above it.
class WatchLive : public WatchObserver {
 public:
  /// Borrows `terminal`, which must be live.
  WatchLive(const Terminal& terminal, Language language);

  void on_start(const WatchStart& start) override;
  void on_sample(const WatchSample& sample) override;
  void on_counters(const Counters& counters,
                   const std::optional<Bytes>& peak) override;
  void on_kill(const Moment& moment, const WatchedKill& kill) override;
  void on_limit_change(const Moment& moment,
                       const LimitChange& change) override;
  void on_process_change(const Moment& moment,
                         const ProcessChange& change) override;
  void on_rename(const Moment& moment, const GroupRename& rename) override;
  void on_end(const WatchEnd& end) override;

 private:
  /// A label of the block, and a value that is wrapped to the width.
  struct Row {
    const Message* label;
    std::string value;
    bool alarming = false;
  };

  /// A line of the screen with its width.
  struct Line {
    std::string text;
    std::size_t columns;
  };

  std::size_t columns() const;
  WatchStyle style() const;
  std::vector<Row> rows_of(const WatchSample& sample) const;
  void add_binding(std::vector<Row>& rows, const Message& label,
                   const std::optional<BindingLimit>& binding) const;
  Line heading() const;
  Line bar_line() const;
  void add_lines(const Row& row, std::vector<Line>& lines) const;
  std::string draw_block();
  std::string erase_block() const;
  void show(const Moment& moment, const std::string& text,
            bool alarming = false);

  const Terminal& terminal_;
  Language language_;
  bool unicode_;
  WatchStart start_;
  std::optional<WatchSample> sample_;
  Counters first_;                  ///< of the first sample
  std::vector<std::size_t> drawn_;  ///< columns of each line of the block
};

}  // namespace lab
