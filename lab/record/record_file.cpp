// SPDX-License-Identifier: MIT
#include "lab/record/record_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"

namespace lab {
namespace {

cgroupfs::UniqueFd open_for_writing(const std::string& path, int flags) {
  return cgroupfs::UniqueFd(
      ::open(path.c_str(), O_WRONLY | O_CLOEXEC | flags, 0644));
}

/// Pipes and devices cannot be truncated and need not be.
bool is_regular(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

}  // namespace

RecordFile::RecordFile(std::string path) : path_(std::move(path)) {
  if (path_ == "-") {
    fd_ = cgroupfs::UniqueFd(::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0));
    if (!fd_) cgroupfs::throw_errno("open", "standard output");
    return;
  }
  fd_ = open_for_writing(path_, O_CREAT | O_EXCL);
  made_here_ = static_cast<bool>(fd_);
  if (!fd_ && errno == EEXIST) fd_ = open_for_writing(path_, 0);
  if (!fd_) cgroupfs::throw_errno("open the record file", path_);
}

RecordFile::~RecordFile() {
  if (made_here_) ::unlink(path_.c_str());
}

void RecordFile::require_other_file(const RecordFile& other) const {
  struct stat own {};
  struct stat its {};
  const bool known =
      ::fstat(fd_.get(), &own) == 0 && ::fstat(other.fd_.get(), &its) == 0;
  if (!known || !S_ISREG(own.st_mode) || own.st_dev != its.st_dev ||
      own.st_ino != its.st_ino) {
    return;
  }
  throw UsageError(fmt::format("two outputs go to the same file: {} and {}",
                               path_, other.path_));
}

void RecordFile::write(std::string_view text) {
  if (path_ != "-" && is_regular(fd_.get()) && ::ftruncate(fd_.get(), 0) != 0) {
    cgroupfs::throw_errno("truncate the record file", path_);
  }
  // Standard error may be the same file: the offset can be anywhere.
  if (path_ != "-") ::lseek(fd_.get(), 0, SEEK_SET);
  while (!text.empty()) {
    const ssize_t written = ::write(fd_.get(), text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) cgroupfs::throw_errno("write the record file", path_);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  made_here_ = false;
}

}  // namespace lab
