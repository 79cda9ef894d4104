// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/watch/watcher.h"

namespace lab {

/// Writes what a watch sees to standard output, a plain line each, in columns.
class WatchLines : public WatchObserver {
 public:
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

  std::string path_;
  cgroupfs::Version version_ = cgroupfs::Version::v2;
};

/// The heading of the columns and one row of them, without newline.
std::string watch_heading();
std::string watch_row(const WatchSample& sample, const std::string& own_path);

}  // namespace lab
