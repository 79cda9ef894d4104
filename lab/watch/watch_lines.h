// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/watch/watch_text.h"
#include "lab/watch/watcher.h"

namespace lab {

/// Writes the observations of a watch to standard output as plain lines,
/// samples in columns.
class WatchLines : public WatchObserver {
 public:
  explicit WatchLines(Language language) { style_.language = language; }

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
  void write(const Moment& moment, const std::string& text);

  WatchStyle style_;
  std::string path_;
  cgroupfs::Version version_ = cgroupfs::Version::v2;
};

/// The heading of the columns and one row, without newline.
std::string watch_heading(Language language);
std::string watch_row(const WatchSample& sample, const std::string& own_path,
                      const WatchStyle& style);

}  // namespace lab
