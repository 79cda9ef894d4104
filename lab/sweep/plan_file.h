// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "lab/sweep/cell.h"

namespace lab {

/// The cells that `cglab sweep plan` has written, mapped into memory: of a
/// hundred thousand cells a run needs one.
class PlanFile {
 public:
  /// Throws cgroupfs::FileError and RunError for a file without a cell.
  explicit PlanFile(std::string path);
  ~PlanFile();
  PlanFile(const PlanFile&) = delete;
  PlanFile& operator=(const PlanFile&) = delete;

  const std::string& path() const noexcept { return path_; }
  /// Calls `visit` for each, in order; they are counted from 1. Throws RunError
  /// for a line that is not a cell, and any exception of `visit`.
  void for_each(
      const std::function<void(std::size_t index, Cell cell)>& visit) const;
  /// Cells `first` to `last`, counted from 1. Throws UsageError.
  std::vector<Cell> between(std::size_t first, std::size_t last) const;
  /// Throws UsageError.
  Cell with_id(const std::string& id) const;

 private:
  Cell cell_at(std::size_t begin) const;

  std::string path_;
  std::string_view text_;
};

}  // namespace lab
