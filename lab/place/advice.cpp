// SPDX-License-Identifier: MIT
#include "lab/place/advice.h"

#include <fmt/format.h>

#include <cerrno>

namespace lab {
namespace {

bool makes_directory(const cgroupfs::FileError& error) {
  return error.operation() == "make directory";
}

}  // namespace

std::string advice_for(const cgroupfs::FileError& error) {
  switch (error.code().value()) {
    case EEXIST:
      return fmt::format(
          "somebody made that cgroup; if nobody uses it: rmdir {}",
          error.path());
    case EACCES:
    case EPERM:
      return "run as root, or take a place that is yours";
    case EROFS:
      return "take a place that is not mounted read-only";
    case EAGAIN:
    case ENOSPC:
      return makes_directory(error)
                 ? "a cgroup above allows no more below it "
                   "(cgroup.max.descendants, cgroup.max.depth): raise that, or "
                   "take another place with --parent"
                 : "make room there, or take another file";
    case EFBIG:
      return "raise the limit on file size: ulimit -f unlimited";
    case ENOMEM:
      return "the kernel has no memory for it: free some, or remove cgroups "
             "that nobody uses";
    case ENODEV:
      return "the cgroup was removed while it was in use: run it again";
    case EMFILE:
    case ENFILE:
      return "raise the limit on open files: ulimit -n 1024";
    default:
      return "";
  }
}

}  // namespace lab
