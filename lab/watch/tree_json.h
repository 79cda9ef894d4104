// SPDX-License-Identifier: MIT
#pragma once

#include <string>

#include "lab/watch/tree_watcher.h"

namespace lab {

/// Writes each observation of a watch of a tree immediately as one JSON object
/// on one line of standard output, according to
/// lab/watch/cglab.watch-all-1.schema.json. Unknown values are null.
class TreeJson : public TreeObserver {
 public:
  void on_start(const TreeStart& start, CgroupTree& tree) override;
  void on_sample(const Moment& moment, CgroupTree& tree,
                 const TreeTotals& totals) override;
  void on_change(const Moment& moment, const TreeChange& change) override;
  void on_kill(const Moment& moment, const TreeKill& kill) override;
  void on_end(const TreeEnd& end, CgroupTree& tree) override;
};

/// The line of a kill, with a final newline.
std::string tree_line(const Moment& moment, const TreeKill& kill);

}  // namespace lab
