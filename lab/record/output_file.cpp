// SPDX-License-Identifier: MIT
#include "lab/record/output_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/os/output.h"

namespace lab {
namespace {

using cgroupfs::UniqueFd;

constexpr char open_operation[] = "open the output file";
constexpr char write_operation[] = "write the output file";
/// As many as the kernel follows (path_resolution(7)).
constexpr int most_links = 40;
constexpr int most_attempts = 100;

bool is_same_file(const struct stat& one, const struct stat& other) noexcept {
  return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

mode_t mode_of_new_files() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return 0666 & ~mask;
}

void write_text(int fd, std::string_view text, const std::string& path) {
  const int error = write_output(fd, text);
  if (error == EINTR) throw Interrupted{interrupting_signal()};
  if (error != 0) throw cgroupfs::FileError(error, write_operation, path);
}

/// A file that is complete before it gets its name; otherwise it is removed.
class NewFile {
 public:
  /// Empty, with errno, where no file can be created in `folder`.
  explicit NewFile(int folder) : folder_(folder) {
    for (int i = 0; i < most_attempts; ++i) {
      name_ = fmt::format(".cglab-{}-{}", ::getpid(), i);
      fd_ = UniqueFd(::openat(folder, name_.c_str(),
                              O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
      if (fd_ || errno != EEXIST) return;
    }
  }
  ~NewFile() {
    const int error = errno;
    if (fd_) ::unlinkat(folder_, name_.c_str(), 0);
    errno = error;
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  explicit operator bool() const noexcept { return static_cast<bool>(fd_); }
  int fd() const noexcept { return fd_.get(); }
  bool rename_to(const std::string& name) {
    if (::renameat(folder_, name_.c_str(), folder_, name.c_str()) != 0) {
      return false;
    }
    fd_.reset();
    return true;
  }

 private:
  int folder_;
  std::string name_;
  UniqueFd fd_;
};

}  // namespace

OutputFile::OutputFile(std::string path) : path_(std::move(path)) {
  if (path_ == "-") {
    fd_ = UniqueFd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
    if (!fd_) cgroupfs::throw_errno("open", "standard output");
    return;
  }
  fd_ = UniqueFd(::open(path_.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd_ && errno == ENOENT) {
    make_sure_that_it_can_be_made();
    return;
  }
  if (!fd_ || ::fstat(fd_.get(), &status_) != 0) {
    cgroupfs::throw_errno(open_operation, path_);
  }
  // Pipes and devices cannot be replaced, and need not be.
  if (!S_ISREG(status_.st_mode)) return;
  Place place = find_place(path_);
  if (is_at(place)) place_ = std::move(place);
}

/// Creates it and removes it again: it is created when it has content.
void OutputFile::make_sure_that_it_can_be_made() {
  place_ = find_place(path_);
  const char* const name = place_.name.c_str();
  const UniqueFd fd(::openat(place_.folder.get(), name,
                             O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) cgroupfs::throw_errno(open_operation, path_);
  ::unlinkat(place_.folder.get(), name, 0);
}

/// Also for a symbolic link to a file that does not exist yet.
OutputFile::Place OutputFile::find_place(const std::string& path) {
  namespace fs = std::filesystem;
  fs::path file = path;
  std::error_code error;
  for (int i = 0; i < most_links && fs::is_symlink(file, error); ++i) {
    file = file.parent_path() / fs::read_symlink(file, error);
  }
  const fs::path folder = file.has_parent_path() ? file.parent_path() : ".";
  Place place{
      UniqueFd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)),
      file.filename()};
  if (!place.folder || ::fstat(place.folder.get(), &place.folder_status) != 0) {
    cgroupfs::throw_errno(open_operation, path);
  }
  return place;
}

/// False for a file without a name, reached through /proc/self/fd.
bool OutputFile::is_at(const Place& place) const noexcept {
  struct stat found {};
  return ::fstatat(place.folder.get(), place.name.c_str(), &found,
                   AT_SYMLINK_NOFOLLOW) == 0 &&
         is_same_file(found, status_);
}

void OutputFile::require_other_file(const OutputFile& other) const {
  const bool are_open = fd_ && other.fd_ && S_ISREG(status_.st_mode) &&
                        is_same_file(status_, other.status_);
  const bool are_to_be_made =
      !fd_ && !other.fd_ && place_.name == other.place_.name &&
      is_same_file(place_.folder_status, other.place_.folder_status);
  if (are_open || are_to_be_made) refuse(other.path_);
}

/// It is not opened: that could wait for the reader of a pipe.
void OutputFile::require_other_file(const std::string& other) const {
  struct stat status {};
  const bool exists = (other == "-" ? ::fstat(STDOUT_FILENO, &status)
                                    : ::stat(other.c_str(), &status)) == 0;
  if (exists) {
    const bool is_regular = fd_ && S_ISREG(status_.st_mode);
    if (is_regular && is_same_file(status_, status)) refuse(other);
    return;
  }
  if (fd_) return;
  const Place place = find_place(other);
  if (place.name == place_.name &&
      is_same_file(place.folder_status, place_.folder_status)) {
    refuse(other);
  }
}

void OutputFile::refuse(const std::string& other) const {
  throw UsageError(
      fmt::format("two outputs go to the same file: {} and {}", path_, other));
}

void OutputFile::require_no_input(const std::string& input) const {
  struct stat read {};
  if (!fd_ || !S_ISREG(status_.st_mode) || ::stat(input.c_str(), &read) != 0 ||
      !is_same_file(read, status_)) {
    return;
  }
  throw UsageError(fmt::format("the output {} is also the input", path_));
}

void OutputFile::write(std::string_view text) {
  if (fd_ && !S_ISREG(status_.st_mode)) return write_all(fd_.get(), text);
  // A file to which this process prints keeps its identity.
  const bool may_be_replaced = place_.folder && !is_standard_stream();
  if (may_be_replaced && replace(text)) return;
  if (!fd_) cgroupfs::throw_errno(write_operation, path_);
  require_a_name();
  overwrite(text);
}

/// What is written into a file that was removed is lost.
void OutputFile::require_a_name() const {
  struct stat now {};
  if (::fstat(fd_.get(), &now) == 0 && now.st_nlink == 0 &&
      status_.st_nlink > 0) {
    throw cgroupfs::FileError(ENOENT, write_operation, path_);
  }
}

bool OutputFile::is_standard_stream() const noexcept {
  for (const int fd : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat stream {};
    if (fd_ && ::fstat(fd, &stream) == 0 && is_same_file(stream, status_)) {
      return true;
    }
  }
  return false;
}

/// False, with errno, where no file can be created in the folder, or the old
/// one cannot be replaced (a mount point, a file of another user in a sticky
/// folder).
bool OutputFile::replace(std::string_view text) const {
  NewFile file(place_.folder.get());
  if (!file) return false;
  if (fd_) {
    // Only root may change the owner of a file.
    [[maybe_unused]] const int given =
        ::fchown(file.fd(), status_.st_uid, status_.st_gid);
  }
  ::fchmod(file.fd(), fd_ ? status_.st_mode & 0777 : mode_of_new_files());
  write_all(file.fd(), text);
  return file.rename_to(place_.name);
}

/// Throws while the old content still exists.
void OutputFile::reserve(std::size_t size) const {
  const auto bytes = static_cast<off_t>(size);
  struct stat now {};
  if (::fstat(fd_.get(), &now) != 0 || bytes <= now.st_size) return;
  const int error = ::posix_fallocate(fd_.get(), 0, bytes);
  // Not every file system can reserve space.
  if (error != ENOSPC && error != EFBIG && error != EDQUOT) return;
  [[maybe_unused]] const int cut = ::ftruncate(fd_.get(), now.st_size);
  throw cgroupfs::FileError(error, write_operation, path_);
}

void OutputFile::overwrite(std::string_view text) const {
  reserve(text.size());
  // Standard error may be the same file: the offset can be anywhere.
  ::lseek(fd_.get(), 0, SEEK_SET);
  write_all(fd_.get(), text);
  if (::ftruncate(fd_.get(), static_cast<off_t>(text.size())) != 0) {
    cgroupfs::throw_errno("truncate the output file", path_);
  }
}

void OutputFile::write_all(int fd, std::string_view text) const {
  write_text(fd, text, path_);
}

void put_file(const std::string& path, std::string_view text) {
  const std::filesystem::path file = path;
  const std::filesystem::path folder =
      file.has_parent_path() ? file.parent_path() : ".";
  const UniqueFd at(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!at) cgroupfs::throw_errno(open_operation, path);
  NewFile made(at.get());
  if (!made) cgroupfs::throw_errno(open_operation, path);
  ::fchmod(made.fd(), mode_of_new_files());
  write_text(made.fd(), text, path);
  if (!made.rename_to(file.filename())) {
    cgroupfs::throw_errno(write_operation, path);
  }
}

}  // namespace lab
