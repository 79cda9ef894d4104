// SPDX-License-Identifier: MIT
#include "lab/place/advice.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

#include "lab/base/shell_quote.h"
#include "lab/os/seccomp.h"

namespace lab {
namespace {

bool makes_directory(const cgroupfs::FileError& error) {
  return error.operation() == "make directory";
}

/// A call that is not about a file needs no permission.
bool is_filtered(const cgroupfs::FileError& error) {
  return !error.path().starts_with('/') && has_seccomp_filter();
}

std::string advice_on_shortage(const cgroupfs::FileError& error) {
  if (makes_directory(error)) {
    return "a cgroup above allows no more below it (cgroup.max.descendants, "
           "cgroup.max.depth): raise that, or take another place with --parent";
  }
  if (error.operation() == "start") {
    return "a limit of processes is reached: raise RLIMIT_NPROC (ulimit -u) or "
           "the pids limit of an ancestor cgroup";
  }
  return "make room there, or take another file";
}

}  // namespace

std::string advice_for(const cgroupfs::FileError& error) {
  switch (error.code().value()) {
    case EEXIST:
      return fmt::format(
          "the cgroup already exists; if it is not in use, remove it:{}",
          root_command("rmdir " + shell_quote(error.path())));
    case EACCES:
    case EPERM:
      return is_filtered(error) ? "a seccomp filter forbids the call: permit "
                                  "it in the profile "
                                  "of this container or service"
                                : "run as root, or use a place that you own";
    case EROFS:
      return "take a place that is not mounted read-only";
    case EAGAIN:
    case ENOSPC:
      return advice_on_shortage(error);
    case EFBIG:
      return "\n  ulimit -f unlimited";
    case ENOMEM:
      return "the kernel has no memory for it: free some, or remove cgroups "
             "that nobody uses";
    case ENODEV:
      return "the cgroup was removed while it was in use: run it again";
    case EMFILE:
    case ENFILE:
      return "\n  ulimit -n 1024";
    default:
      return "";
  }
}

std::string root_command(const std::string& command) {
  if (::geteuid() == 0) return "\n  " + command;
  // sudo would not redirect as root.
  const bool redirects = command.find(" > ") != std::string::npos;
  return "\n  sudo " + (redirects ? "sh -c " + shell_quote(command) : command);
}

}  // namespace lab
