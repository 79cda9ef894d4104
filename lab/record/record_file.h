// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>

#include <string>
#include <string_view>

#include "cgroupfs/unique_fd.h"

namespace lab {

/// The file that a record goes to. That it can be written is found out before
/// the run, before anything is changed. A regular file is created or replaced
/// in one step when all of its new content is written, whatever ends this
/// process; where its folder does not allow that, it is overwritten.
class RecordFile {
 public:
  /// `path` "-" is standard output. Throws cgroupfs::FileError.
  explicit RecordFile(std::string path);
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;

  /// Throws UsageError when both would write to one regular file.
  void require_other_file(const RecordFile& other) const;
  /// Throws UsageError when it would replace `input`, a file that was read.
  void require_no_input(const std::string& input) const;
  /// Replaces the content by `text`. Throws cgroupfs::FileError: when there is
  /// no room for it, the content is as before. Throws Interrupted, too.
  void write(std::string_view text);

 private:
  /// Where a regular file is, without symbolic links. The folder is held, so
  /// that nobody can put another one into its place.
  struct Place {
    cgroupfs::UniqueFd folder;
    std::string name;
    struct stat folder_status {};
  };

  static Place find_place(const std::string& path);
  bool is_at(const Place& place) const noexcept;
  void make_sure_that_it_can_be_made();
  bool is_standard_stream() const noexcept;
  bool replace(std::string_view text) const;
  void reserve(std::size_t size) const;
  void overwrite(std::string_view text) const;
  void write_all(int fd, std::string_view text) const;

  std::string path_;
  cgroupfs::UniqueFd fd_;  ///< none of a file that is yet to be made
  struct stat status_ {};  ///< of what is open
  Place place_;            ///< without a folder: it cannot be replaced
};

}  // namespace lab
