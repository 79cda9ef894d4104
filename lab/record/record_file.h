// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>

#include <string>
#include <string_view>

#include "cgroupfs/unique_fd.h"

namespace lab {

/// The file that a record goes to. That it can be written is found out before
/// the run, before anything is changed; a regular file comes to be, or is
/// replaced, in one step when all of its new content is on the disk, whatever
/// ends this process.
class RecordFile {
 public:
  /// `path` "-" is standard output. Throws cgroupfs::FileError.
  explicit RecordFile(std::string path);
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;

  /// Throws UsageError when both would write to one regular file.
  void require_other_file(const RecordFile& other) const;
  /// Replaces the content by `text`. Throws cgroupfs::FileError; the content is
  /// what it was then.
  void write(std::string_view text);

 private:
  bool has_place() const noexcept { return !place_.empty(); }
  bool is_standard_stream() const noexcept;
  bool replace(std::string_view text) const;
  void reserve(std::size_t size) const;
  void overwrite(std::string_view text) const;
  void write_all(int fd, std::string_view text) const;

  std::string path_;
  cgroupfs::UniqueFd fd_;  ///< none of a file that is yet to be made
  struct stat status_ {};  ///< of what is open
  std::string place_;      ///< of a regular file: without symbolic links
};

}  // namespace lab
