// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include "cgroupfs/unique_fd.h"

namespace lab {

/// The file that a record goes to. It is opened before the run, so that a path
/// which cannot be written is found out before anything is changed, and keeps
/// its old content until the new one is written.
class RecordFile {
 public:
  /// `path` "-" is standard output. Throws cgroupfs::FileError.
  explicit RecordFile(std::string path);
  /// Removes the file if it was made here and nothing was written.
  ~RecordFile();
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;

  /// Throws UsageError when both would write to one regular file.
  void require_other_file(const RecordFile& other) const;
  /// Replaces the content by `text`. Throws cgroupfs::FileError.
  void write(std::string_view text);

 private:
  std::string path_;
  cgroupfs::UniqueFd fd_;
  bool made_here_ = false;
};

}  // namespace lab
