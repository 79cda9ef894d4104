// SPDX-License-Identifier: MIT
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <string_view>

#include "cgroupfs/unique_fd.h"
#include "lab/os/timer_fd.h"
#include "lab/watch/tree_watcher.h"

namespace lab {

/// Writes each OOM kill to a log. What cannot be written is kept and tried
/// again every second; the first failure is reported on standard error.
class KillLog : public TreeObserver {
 public:
  void on_kill(const Moment& moment, const TreeKill& kill) override;
  /// Throws cgroupfs::FileError: what is still kept is lost.
  void on_end(const TreeEnd& end, CgroupTree& tree) override;
  int input() const override { return timer_.fd(); }
  bool on_input(CgroupTree& tree) override;

 protected:
  explicit KillLog(std::string name);

  /// A kill as it is logged.
  virtual std::string entry(const Moment& moment, const TreeKill& kill) = 0;
  /// Removes what it has written from the front of `text`. Throws
  /// cgroupfs::FileError.
  virtual void write(std::string& text) = 0;
  const std::string& name() const noexcept { return name_; }

 private:
  void flush();

  std::string name_;
  TimerFd timer_;
  std::string kept_;
  bool has_failed_ = false;
};

/// A log of JSON lines, each as in `cglab watch --all --format json`, appended
/// to the file at `path`, which is opened anew each time, so that it may be
/// rotated; "-": standard output. Throws cgroupfs::FileError when it cannot be
/// written.
std::unique_ptr<KillLog> open_kill_log(const std::string& path);

/// systemd's journal. Throws Unavailable where this program was built without
/// libsystemd, and cgroupfs::FileError.
std::unique_ptr<KillLog> open_journal();

}  // namespace lab
