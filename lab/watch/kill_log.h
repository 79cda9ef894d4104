// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "lab/os/timer_fd.h"
#include "lab/watch/tree_watcher.h"

namespace lab {

/// Writes each OOM kill to a log. What cannot be written is kept, up to 100000
/// kills or 64 MiB, and tried again every second; the first failure, and how
/// many kills did not fit, is reported on standard error.
class KillLog : public TreeObserver {
 public:
  void on_kill(const Moment& moment, const TreeKill& kill) override;
  /// Throws cgroupfs::FileError: what is still kept is lost.
  void on_end(const TreeEnd& end, CgroupTree& tree) override;
  int input() const override { return timer_.fd(); }
  bool on_input(CgroupTree& tree) override;
  /// Writes what is kept, as far as that is possible now.
  void flush();

 protected:
  explicit KillLog(std::string name);

  /// A kill as it is logged.
  virtual std::string entry(const Moment& moment, const TreeKill& kill) = 0;
  /// Writes `entry` from `written` on, and moves that: back to 0 where the
  /// whole entry has to be written again. `is_last`: there is no later attempt.
  /// Throws cgroupfs::FileError.
  virtual void write(std::string_view entry, std::size_t& written,
                     bool is_last) = 0;
  const std::string& name() const noexcept { return name_; }

 private:
  void keep(std::string text);
  void write_kept(bool is_last);
  void report_dropped();

  std::string name_;
  TimerFd timer_;
  std::deque<std::string> kept_;
  std::size_t kept_bytes_ = 0;
  std::size_t written_ = 0;  ///< of the first one
  std::uint64_t dropped_ = 0;
  bool has_failed_ = false;
};

/// A log of JSON lines, each as in `cglab watch --all --format json`, appended
/// to the file at `path`; "-": standard output. A regular file is opened anew
/// for each line, so that it may be rotated; a pipe may be without a reader at
/// first. Throws cgroupfs::FileError when it cannot be written.
std::unique_ptr<KillLog> open_kill_log(const std::string& path);

/// systemd's journal. A kill is kept until the journal has it; when
/// cglab_journal ends before it has confirmed one, it is started again and the
/// kill may be in the journal twice. Throws Unavailable where this program was
/// built without libsystemd, and cgroupfs::FileError.
std::unique_ptr<KillLog> open_journal();

}  // namespace lab
