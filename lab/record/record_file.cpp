// SPDX-License-Identifier: MIT
#include "lab/record/record_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <utility>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"

namespace lab {
namespace {

using cgroupfs::UniqueFd;

constexpr char write_operation[] = "write the record file";

UniqueFd open_for_writing(const std::string& path, int flags) {
  return UniqueFd(::open(path.c_str(), O_WRONLY | O_CLOEXEC | flags, 0666));
}

mode_t file_mode() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

/// A file that is complete before it gets its name; removed where it gets none.
class NewFile {
 public:
  explicit NewFile(std::string pattern) : path_(std::move(pattern)) {
    fd_ = UniqueFd(::mkostemp(path_.data(), O_CLOEXEC));
  }
  ~NewFile() {
    if (fd_) ::unlink(path_.c_str());
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  explicit operator bool() const noexcept { return static_cast<bool>(fd_); }
  int fd() const noexcept { return fd_.get(); }
  bool rename_to(const std::string& place) {
    if (::rename(path_.c_str(), place.c_str()) != 0) return false;
    fd_.reset();
    return true;
  }

 private:
  std::string path_;
  UniqueFd fd_;
};

}  // namespace

RecordFile::RecordFile(std::string path) : path_(std::move(path)) {
  if (path_ == "-") {
    fd_ = UniqueFd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
    if (!fd_) cgroupfs::throw_errno("open", "standard output");
    return;
  }
  fd_ = open_for_writing(path_, 0);
  const bool is_new = !fd_ && errno == ENOENT;
  if (is_new) fd_ = open_for_writing(path_, O_CREAT);
  if (!fd_ || ::fstat(fd_.get(), &status_) != 0) {
    cgroupfs::throw_errno("open the record file", path_);
  }
  // Pipes and devices cannot be replaced and need not be.
  if (!S_ISREG(status_.st_mode)) return;
  place_ = std::filesystem::canonical(path_);
  if (!is_new) return;
  // It could be made, and is when there is something in it.
  ::unlink(place_.c_str());
  fd_.reset();
}

void RecordFile::require_other_file(const RecordFile& other) const {
  if (!has_place() || !other.has_place()) return;
  const bool is_same_inode = fd_ && other.fd_ &&
                             status_.st_dev == other.status_.st_dev &&
                             status_.st_ino == other.status_.st_ino;
  if (place_ != other.place_ && !is_same_inode) return;
  throw UsageError(fmt::format("two outputs go to the same file: {} and {}",
                               path_, other.path_));
}

void RecordFile::write(std::string_view text) {
  if (!has_place()) return write_all(fd_.get(), text);
  // A file that this process prints to keeps its identity.
  if (!is_standard_stream() && replace(text)) return;
  overwrite(text);
}

bool RecordFile::is_standard_stream() const noexcept {
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat stream {};
    if (fd_ && ::fstat(fd, &stream) == 0 && stream.st_dev == status_.st_dev &&
        stream.st_ino == status_.st_ino) {
      return true;
    }
  }
  return false;
}

/// False where the folder takes no new file.
bool RecordFile::replace(std::string_view text) const {
  NewFile file(std::filesystem::path(place_).parent_path() / ".cglab-XXXXXX");
  if (!file) {
    if (fd_) return false;
    cgroupfs::throw_errno(write_operation, path_);
  }
  if (fd_) {
    // Only root may give a file away.
    [[maybe_unused]] const int given =
        ::fchown(file.fd(), status_.st_uid, status_.st_gid);
  }
  ::fchmod(file.fd(), fd_ ? status_.st_mode & 0777 : file_mode());
  write_all(file.fd(), text);
  if (!file.rename_to(place_)) cgroupfs::throw_errno(write_operation, path_);
  return true;
}

/// Throws while there is still the old content.
void RecordFile::reserve(std::size_t size) const {
  const auto bytes = static_cast<off_t>(size);
  struct stat now {};
  if (::fstat(fd_.get(), &now) != 0 || bytes <= now.st_size) return;
  const int error = ::posix_fallocate(fd_.get(), 0, bytes);
  if (error == 0) return;
  [[maybe_unused]] const int cut = ::ftruncate(fd_.get(), now.st_size);
  throw cgroupfs::FileError(error, write_operation, path_);
}

void RecordFile::overwrite(std::string_view text) const {
  reserve(text.size());
  // Standard error may be the same file: the offset can be anywhere.
  ::lseek(fd_.get(), 0, SEEK_SET);
  write_all(fd_.get(), text);
  if (::ftruncate(fd_.get(), static_cast<off_t>(text.size())) != 0) {
    cgroupfs::throw_errno("truncate the record file", path_);
  }
}

void RecordFile::write_all(int fd, std::string_view text) const {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) cgroupfs::throw_errno(write_operation, path_);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

}  // namespace lab
