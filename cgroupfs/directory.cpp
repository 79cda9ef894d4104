// SPDX-License-Identifier: MIT
#include "cgroupfs/directory.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <memory>

#include "cgroupfs/error.h"

namespace cgroupfs {
namespace {

struct CloseDir {
  void operator()(DIR* stream) const noexcept { ::closedir(stream); }
};
using DirStream = std::unique_ptr<DIR, CloseDir>;

DirStream open_stream(const Directory& directory) {
  UniqueFd fd = directory.open_file(".", O_RDONLY | O_DIRECTORY);
  DirStream stream(::fdopendir(fd.get()));
  if (!stream) throw_errno("list", directory.path());
  fd.release();
  return stream;
}

bool is_directory(const Directory& parent, const dirent& entry) {
  if (entry.d_type != DT_UNKNOWN) return entry.d_type == DT_DIR;
  struct stat status {};
  return ::fstatat(parent.fd(), entry.d_name, &status, AT_SYMLINK_NOFOLLOW) ==
             0 &&
         S_ISDIR(status.st_mode);
}

/// A directory's links are its name, its "." and the ".." of each child. File
/// systems that do not count them, unlike kernfs, say 1.
bool has_no_subdirectory(int fd) {
  struct stat status {};
  return ::fstat(fd, &status) == 0 && status.st_nlink == 2;
}

bool is_dot(std::string_view name) {
  return name == "." || name == "..";
}

}  // namespace

Directory::Directory(UniqueFd fd, std::string path)
    : fd_(std::move(fd)), path_(std::move(path)) {}

Directory Directory::open(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd) throw_errno("open", path);
  return Directory(std::move(fd), path);
}

std::optional<Directory> Directory::try_open(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd) return Directory(std::move(fd), path);
  if (is_absent(errno)) return std::nullopt;
  throw_errno("open", path);
}

std::string Directory::path_of(std::string_view name) const {
  std::string joined = path_;
  if (joined.empty() || joined.back() != '/') joined += '/';
  return joined.append(name);
}

Directory Directory::duplicate() const {
  UniqueFd fd(::fcntl(fd_.get(), F_DUPFD_CLOEXEC, 0));
  if (!fd) throw_errno("duplicate the descriptor of", path_);
  return Directory(std::move(fd), path_);
}

Directory Directory::open_directory(const std::string& name) const {
  return Directory(open_file(name, O_RDONLY | O_DIRECTORY), path_of(name));
}

UniqueFd Directory::open_file(const std::string& name, int flags) const {
  UniqueFd fd(::openat(fd_.get(), name.c_str(), flags | O_CLOEXEC));
  if (!fd) throw_errno("open", path_of(name));
  return fd;
}

std::optional<UniqueFd> Directory::try_open_file(const std::string& name,
                                                 int flags) const {
  UniqueFd fd(::openat(fd_.get(), name.c_str(), flags | O_CLOEXEC));
  if (fd) return fd;
  if (is_absent(errno)) return std::nullopt;
  throw_errno("open", path_of(name));
}

std::string Directory::read(const std::string& name) const {
  return read_all(open_file(name, O_RDONLY).get(), path_of(name));
}

std::optional<std::string> Directory::try_read(const std::string& name) const {
  const std::optional<UniqueFd> fd = try_open_file(name, O_RDONLY);
  if (!fd) return std::nullopt;
  std::string text;
  const int error = read_to_end(fd->get(), text);
  if (error == 0) return text;
  if (is_absent(error)) return std::nullopt;
  throw FileError(error, "read", path_of(name));
}

void Directory::write(const std::string& name, std::string_view value) const {
  const UniqueFd fd(::openat(fd_.get(), name.c_str(), O_WRONLY | O_CLOEXEC));
  if (!fd) throw_errno("write", path_of(name), value);
  const ssize_t written = ::write(fd.get(), value.data(), value.size());
  if (written < 0) throw_errno("write", path_of(name), value);
  if (static_cast<std::size_t>(written) != value.size()) {
    throw FileError(EIO, "write", path_of(name), value);
  }
}

bool Directory::exists(const std::string& name) const {
  struct stat status {};
  if (::fstatat(fd_.get(), name.c_str(), &status, 0) == 0) return true;
  if (is_absent(errno)) return false;
  throw_errno("look up", path_of(name));
}

bool Directory::writable(const std::string& name) const noexcept {
  return ::faccessat(fd_.get(), name.c_str(), W_OK, AT_EACCESS) == 0;
}

std::optional<std::string> Directory::path_now() const {
  std::error_code error;
  const std::filesystem::path path = std::filesystem::read_symlink(
      "/proc/self/fd/" + std::to_string(fd()), error);
  if (error || path.native().ends_with(" (deleted)")) return std::nullopt;
  return path;
}

std::vector<std::string> Directory::subdirectories() const {
  if (has_no_subdirectory(fd_.get())) return {};
  const DirStream stream = open_stream(*this);
  std::vector<std::string> names;
  errno = 0;
  while (const dirent* entry = ::readdir(stream.get())) {
    if (is_directory(*this, *entry) && !is_dot(entry->d_name)) {
      names.emplace_back(entry->d_name);
    }
    errno = 0;
  }
  if (errno != 0) throw_errno("list", path_);
  std::sort(names.begin(), names.end());
  return names;
}

void Directory::make_directory(const std::string& name) const {
  if (::mkdirat(fd_.get(), name.c_str(), 0755) != 0) {
    throw_errno("make directory", path_of(name));
  }
}

void Directory::remove_directory(const std::string& name) const {
  if (::unlinkat(fd_.get(), name.c_str(), AT_REMOVEDIR) != 0) {
    throw_errno("remove directory", path_of(name));
  }
}

int read_to_end(int fd, std::string& text) {
  std::array<char, 4096> buffer;
  while (true) {
    const ssize_t count = ::read(fd, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return errno;
    if (count == 0) return 0;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
}

std::string read_all(int fd, const std::string& path) {
  std::string text;
  const int error = read_to_end(fd, text);
  if (error != 0) throw FileError(error, "read", path);
  return text;
}

std::string read_file(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd) throw_errno("open", path);
  return read_all(fd.get(), path);
}

std::optional<std::string> try_read_file(const std::string& path) {
  const UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  // Without an exception: the first one takes milliseconds in a static program.
  if (!fd && is_absent(errno)) return std::nullopt;
  if (!fd) throw_errno("open", path);
  try {
    return read_all(fd.get(), path);
  } catch (const FileError& error) {
    // ESRCH: the process of a file in /proc has ended since it was opened.
    const int code = error.code().value();
    if (is_absent(code) || code == ESRCH) return std::nullopt;
    throw;
  }
}

}  // namespace cgroupfs
