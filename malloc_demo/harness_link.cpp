// SPDX-License-Identifier: MIT
#include "malloc_demo/harness_link.h"

#include <poll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <new>
#include <stdexcept>
#include <string>

#include "malloc_demo/system_failure.h"

namespace malloc_demo {

void Gate::pass() const {
  char byte = 0;
  ssize_t got = 0;
  do {
    got = read(fd_, &byte, 1);
  } while (got < 0 && errno == EINTR);
  if (got < 0) {
    fail(errno, "cannot read the gate, descriptor " + std::to_string(fd_));
  }
  if (got == 0) throw GateClosed();
}

void Gate::await_closing() const {
  // A hang-up is reported without being requested.
  pollfd gate{fd_, 0, 0};
  while (poll(&gate, 1, -1) <= 0) {
  }
}

ProgressPage& map_progress(int fd) {
  const std::string what =
      "cannot use descriptor " + std::to_string(fd) + " as progress page";
  struct stat status {};
  if (fstat(fd, &status) != 0) fail(errno, what);
  if (status.st_size < static_cast<off_t>(sizeof(ProgressPage))) {
    throw std::runtime_error(what + ": it is " +
                             std::to_string(status.st_size) +
                             " bytes long, too short; the parent must extend "
                             "it to one page (ftruncate)");
  }
  void* const page = mmap(nullptr, sizeof(ProgressPage), PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_POPULATE, fd, 0);
  if (page == MAP_FAILED) fail(errno, what);
  return *new (page) ProgressPage();
}

}  // namespace malloc_demo
