// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>

#include "lab/base/language.h"
#include "lab/watch/tree_table.h"

namespace lab {

/// Writes a watch of a tree to standard output as plain lines: at each sample
/// the first rows of the list, and each kill when it is reported.
class TreeLines : public TreeObserver {
 public:
  TreeLines(Language language, TreeSort sort, std::size_t rows)
      : language_(language), sort_(sort), rows_(rows) {}

  void on_start(const TreeStart& start, CgroupTree& tree) override;
  void on_sample(const Moment& moment, CgroupTree& tree,
                 const TreeTotals& totals) override;
  void on_kill(const Moment& moment, const TreeKill& kill) override;
  void on_end(const TreeEnd& end, CgroupTree& tree) override;

 private:
  Language language_;
  TreeSort sort_;
  std::size_t rows_;
};

}  // namespace lab
