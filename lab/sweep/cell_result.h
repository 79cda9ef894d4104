// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "lab/record/record.h"
#include "lab/repeat/rounds.h"
#include "lab/sweep/cell.h"

namespace lab {

/// What a run of a cell came to, on which host.
struct CellResult {
  std::string host;  ///< nodename of uname()
  /// Of the host, where the run was made in a VM on it: the record's
  /// environment is that of the VM. Empty: it was not.
  std::string vm_host;
  int status = 0;            ///< exit status of the run
  std::int64_t wall_ns = 0;  ///< in a VM, with its boot
  /// Of a run that failed: what it said on stderr.
  std::optional<std::string> error;
  std::optional<RunRecord> record;
};

/// A file that is not the complete result of the cell.
class DamagedResult : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The folder with the results of a plan: a file ID.json for each cell, with
/// "schema": "cglab.cell-result/1".
class ResultsFolder {
 public:
  /// Created where it does not exist, if `may_create`. Throws
  /// cgroupfs::FileError.
  ResultsFolder(std::string path, bool may_create);

  std::string path_of(const Cell& cell) const;
  /// nullopt where there is none. Throws DamagedResult, and
  /// cgroupfs::FileError.
  std::optional<CellResult> find(const Cell& cell) const;
  /// In one step, so that a result is complete or missing. Throws
  /// cgroupfs::FileError.
  void write(const Cell& cell, const EndedRun& run, bool in_vm) const;

 private:
  std::string path_;
};

}  // namespace lab
