// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "lab/os/timer_fd.h"
#include "lab/record/output_file.h"
#include "lab/watch/tree_watcher.h"

namespace lab {

/// The metrics of a followed tree in the text form of Prometheus (0.0.4), which
/// node_exporter's textfile collector reads. `label` is the cgroup's path. At
/// most `most_cgroups` of them get series, the top first, then those that
/// already have some; all values are of subtrees, so that the series of an
/// ancestor include the others. Sets `series_since` of those that get some.
std::string metrics_text(const TreeStart& start, CgroupTree& tree,
                         const TreeTotals& totals, std::size_t most_cgroups,
                         nanoseconds now);

/// A label's value: `text` as UTF-8, with the escapes of the text form.
std::string label_value(std::string_view text);

/// Keeps a file with the metrics up to date: replaced in one step at the start,
/// every five seconds, and within two seconds of a kill, also in a folder that
/// was replaced. A failed write is reported on standard error once, and tried
/// again.
class MetricsFile : public TreeObserver {
 public:
  /// Throws cgroupfs::FileError when `path` cannot be written.
  MetricsFile(const std::string& path, std::size_t most_cgroups);

  /// Throws UsageError when `other`, a file or "-", is the same file.
  void require_other_file(const std::string& other) const;

  void on_start(const TreeStart& start, CgroupTree& tree) override;
  void on_sample(const Moment& moment, CgroupTree& tree,
                 const TreeTotals& totals) override;
  void on_kill(const Moment& moment, const TreeKill& kill) override;
  /// Throws cgroupfs::FileError: the file is not up to date.
  void on_end(const TreeEnd& end, CgroupTree& tree) override;
  int input() const override { return timer_.fd(); }
  bool on_input(CgroupTree& tree) override;

 private:
  OutputFile open() const;
  void write(CgroupTree& tree);

  std::string path_;
  std::size_t most_cgroups_;
  TimerFd timer_;
  TreeStart start_;
  TreeTotals totals_;
  std::int64_t zero_ns_ = 0;
  unsigned seconds_ = 0;  ///< since the last write
  bool has_news_ = false;
  bool has_failed_ = false;
};

}  // namespace lab
