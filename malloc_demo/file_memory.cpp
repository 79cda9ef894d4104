// SPDX-License-Identifier: MIT
#include "malloc_demo/file_memory.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <utility>

#include "malloc_demo/system_failure.h"
#include "malloc_demo/units.h"

namespace malloc_demo {
namespace {

/// The data to write: never stored to, so that it needs no memory.
constexpr std::array<char, std::size_t{64} << 10> zeros{};

class FileBlock final : public Block {
 public:
  FileBlock(int fd, std::uint64_t start, std::size_t size) noexcept
      : fd_(fd), start_(start), size_(size) {}

  std::size_t size() const noexcept override { return size_; }

  void write_pages(std::size_t offset, std::size_t length) override {
    while (length > 0) {
      const ssize_t written =
          pwrite(fd_, zeros.data(), std::min(length, zeros.size()),
                 static_cast<off_t>(start_ + offset));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) {
        fail(errno, "cannot write " + format_size(length) +
                        " to the temporary file at offset " +
                        std::to_string(start_ + offset));
      }
      offset += static_cast<std::size_t>(written);
      length -= static_cast<std::size_t>(written);
    }
  }

  void populate(std::size_t offset, std::size_t length) override {
    write_pages(offset, length);
  }

  void read_pages(std::size_t offset, std::size_t length) override {
    for (const std::size_t end = offset + length; offset < end;
         offset += page_size()) {
      read_byte(start_ + offset);
    }
  }

 private:
  void read_byte(std::uint64_t position) const {
    char byte = 0;
    ssize_t count = 0;
    do {
      count = pread(fd_, &byte, 1, static_cast<off_t>(position));
    } while (count < 0 && errno == EINTR);
    if (count == 1) return;
    // Nothing to read: the file was truncated.
    fail(
        count < 0 ? errno : ENODATA,
        "cannot read the temporary file at offset " + std::to_string(position));
  }

  int fd_;
  std::uint64_t start_;
  std::size_t size_;
};

std::string default_directory() {
  const char* const folder = std::getenv("TMPDIR");
  return folder != nullptr && *folder != '\0' ? folder : "/tmp";
}

}  // namespace

FileAllocator FileAllocator::temporary(std::string directory) {
  if (directory.empty()) directory = default_directory();
  std::string path = directory + "/malloc_demo.XXXXXX";
  const int fd = mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) {
    fail(errno, "cannot create a temporary file in " + directory,
         "use --file-dir for another folder");
  }
  unlink(path.c_str());
  return FileAllocator(fd, true, 0);
}

FileAllocator FileAllocator::open(const std::string& path,
                                  std::uint64_t offset) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) fail(errno, "cannot open " + path);
  struct stat status {};
  fstat(fd, &status);
  return FileAllocator(fd, S_ISREG(status.st_mode), offset);
}

FileAllocator::FileAllocator(FileAllocator&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      grows_(other.grows_),
      size_(other.size_) {}

FileAllocator::~FileAllocator() {
  if (fd_ >= 0) close(fd_);
}

std::unique_ptr<Block> FileAllocator::allocate(std::size_t size) {
  const std::uint64_t start = size_;
  if (grows_ && ftruncate(fd_, static_cast<off_t>(start + size)) != 0) {
    fail(errno, "cannot extend the temporary file to " +
                    format_size(start + size) + " (ftruncate)");
  }
  size_ += size;
  return std::make_unique<FileBlock>(fd_, start, size);
}

}  // namespace malloc_demo
