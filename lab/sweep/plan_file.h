// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "cgroupfs/unique_fd.h"
#include "lab/sweep/cell.h"

namespace lab {

/// The cells that `cglab sweep plan` has written, read up to the wanted one: of
/// a hundred thousand cells a run needs one.
class PlanFile {
 public:
  /// Throws cgroupfs::FileError, RunError for a file without a cell, and
  /// UsageError for one that can be read only once.
  explicit PlanFile(std::string path);

  const std::string& path() const noexcept { return path_; }
  // All of these throw cgroupfs::FileError, and RunError for a line that is not
  // a cell.

  /// Calls `visit` for each, in order; they are counted from 1. Throws any
  /// exception of `visit`.
  void for_each(
      const std::function<void(std::size_t index, Cell cell)>& visit) const;
  /// Cells `first` to `last`, counted from 1. Throws UsageError.
  std::vector<Cell> between(std::size_t first, std::size_t last) const;
  /// Throws UsageError.
  Cell with_id(const std::string& id) const;

 private:
  /// Until `visit` returns false.
  void for_each_line(
      const std::function<bool(std::size_t index, std::string_view line)>&
          visit) const;
  Cell cell_of(std::size_t index, std::string_view line) const;

  std::string path_;
  cgroupfs::UniqueFd fd_;
};

}  // namespace lab
