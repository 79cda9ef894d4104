// SPDX-License-Identifier: MIT
#pragma once

#include <sys/stat.h>

#include <string>
#include <string_view>

#include "cgroupfs/unique_fd.h"

namespace lab {

/// A file for a record, samples or a report. Whether it can be written is
/// checked before the run, before anything is changed. A regular file is
/// created or replaced in one step once all its new content is written, even if
/// this process is killed; where its folder does not allow that, it is
/// overwritten.
class OutputFile {
 public:
  /// `path` "-" is standard output. Throws cgroupfs::FileError.
  explicit OutputFile(std::string path);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;

  /// Throws UsageError when both are the same regular file.
  void require_other_file(const OutputFile& other) const;
  /// The same for a file that something else writes, which may not exist yet;
  /// "-" is standard output. Throws cgroupfs::FileError as well.
  void require_other_file(const std::string& other) const;
  /// Throws UsageError when it would replace the input file `input`.
  void require_no_input(const std::string& input) const;
  /// Replaces the content by `text`. Throws cgroupfs::FileError, with the old
  /// content intact when there is no room for the new one, or when the file or
  /// its folder was removed meanwhile, and Interrupted.
  void write(std::string_view text);

 private:
  /// The location of a regular file, without symbolic links. The folder is kept
  /// open, so that it cannot be replaced by another one.
  struct Place {
    cgroupfs::UniqueFd folder;
    std::string name;
    struct stat folder_status {};
  };

  static Place find_place(const std::string& path);
  bool is_at(const Place& place) const noexcept;
  void make_sure_that_it_can_be_made();
  void require_a_name() const;
  [[noreturn]] void refuse(const std::string& other) const;
  bool is_standard_stream() const noexcept;
  bool replace(std::string_view text) const;
  void reserve(std::size_t size) const;
  void overwrite(std::string_view text) const;
  void write_all(int fd, std::string_view text) const;

  std::string path_;
  cgroupfs::UniqueFd fd_;  ///< empty for a file that does not exist yet
  struct stat status_ {};  ///< of the open file
  Place place_;            ///< without a folder: it cannot be replaced
};

/// Creates or replaces the file at `path` in one step. Where several processes
/// do so, also on other hosts that share the folder, one of their texts is
/// there, complete. Throws cgroupfs::FileError and Interrupted.
void put_file(const std::string& path, std::string_view text);

}  // namespace lab
