// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "lab/report/terminal.h"
#include "lab/watch/keyboard.h"
#include "lab/watch/tree_table.h"

namespace lab {

/// Shows a watch of a tree on a terminal: a table that is redrawn in place, for
/// the terminal's present size, with keys to sort, to move, to fold and to
/// quit. Kills stay above it.
class TreeLive : public TreeObserver {
 public:
  /// Borrows `terminal`, which must be live. `rows`: at most so many cgroups;
  /// 0: as many as fit.
  TreeLive(const Terminal& terminal, Language language, TreeSort sort,
           std::size_t rows);

  void on_start(const TreeStart& start, CgroupTree& tree) override;
  void on_sample(const Moment& moment, CgroupTree& tree,
                 const TreeTotals& totals) override;
  void on_kill(const Moment& moment, const TreeKill& kill) override;
  void on_end(const TreeEnd& end, CgroupTree& tree) override;
  int input() const override { return keyboard_.fd(); }
  bool on_input(CgroupTree& tree) override;

 private:
  std::size_t columns() const;
  bool press(int key);
  std::size_t selected_row() const;
  void move(std::ptrdiff_t by);
  void fold(bool is_folded);
  void redraw(CgroupTree& tree);
  void scroll(std::size_t shown);
  std::string foot(std::size_t hidden) const;
  std::string draw(CgroupTree& tree);
  void add_row(const TreeRow& row, std::vector<std::string>& lines,
               std::vector<std::size_t>& widths) const;
  std::string erase() const;

  const Terminal& terminal_;
  Language language_;
  TreeSort sort_;
  std::size_t most_rows_;
  Keyboard keyboard_;
  std::string path_;
  Moment moment_;
  TreeTotals totals_;
  std::set<ino_t> folded_;
  std::vector<TreeRow> rows_;  ///< as last drawn
  std::size_t selected_ = 0;
  ino_t selected_id_ = 0;
  std::size_t first_ = 0;           ///< row on the screen
  std::string events_;              ///< that are not on the screen yet
  std::vector<std::size_t> drawn_;  ///< columns of each line
};

}  // namespace lab
