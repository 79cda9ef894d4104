// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/watch/watcher.h"

namespace lab {

/// Writes each observation of a watch immediately as one JSON object on one
/// line of standard output, according to lab/watch/cglab.watch-1.schema.json.
/// Unknown values are null.
class WatchJson : public WatchObserver {
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
  cgroupfs::Version version_ = cgroupfs::Version::v2;
};

/// The lines that it writes, with a final newline.
std::string watch_line(const WatchStart& start);
std::string watch_line(const WatchSample& sample, cgroupfs::Version version);
std::string watch_line(const Moment& moment, const WatchedKill& kill);
std::string watch_line(const Moment& moment, const LimitChange& change,
                       cgroupfs::Version version);
std::string watch_line(const Moment& moment, const ProcessChange& change);
std::string watch_line(const Moment& moment, const GroupRename& rename);
std::string watch_line(const WatchEnd& end);

}  // namespace lab
