// SPDX-License-Identifier: MIT
#include "lab/place/advice.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>

#include "lab/base/shell_quote.h"
#include "lab/os/seccomp.h"

namespace lab {
namespace {

bool makes_directory(const cgroupfs::FileError& error) {
  return error.operation() == "make directory";
}

/// Operations that only a seccomp filter can forbid.
bool is_filtered(const cgroupfs::FileError& error) {
  const std::string& operation = error.operation();
  return error.code().value() == EPERM && has_seccomp_filter() &&
         (operation == "start" || operation == "create" ||
          operation == "reap" || operation == "eventfd");
}

/// Twice as many as now, or the usual limit of shells.
rlim_t more_files() {
  constexpr rlim_t usual = 1024;
  rlimit limit{};
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return std::max(usual, 2 * limit.rlim_cur);
}

/// The options of ulimit and prlimit(1) for a resource.
struct LimitOption {
  int resource;
  const char* ulimit;
  const char* prlimit;
};
constexpr LimitOption limit_options[] = {
    {RLIMIT_AS, "-v", "--as"},         {RLIMIT_DATA, "-d", "--data"},
    {RLIMIT_FSIZE, "-f", "--fsize"},   {RLIMIT_MEMLOCK, "-l", "--memlock"},
    {RLIMIT_NOFILE, "-n", "--nofile"}, {RLIMIT_NPROC, "-u", "--nproc"},
};

std::string advice_on_shortage(const cgroupfs::FileError& error) {
  if (makes_directory(error)) {
    return "an ancestor cgroup allows no more descendants "
           "(cgroup.max.descendants, cgroup.max.depth): raise that limit, or "
           "use another place with --parent";
  }
  if (error.operation() == "start") {
    return "a limit on processes is reached: the pids limit of an ancestor "
           "cgroup, or RLIMIT_NPROC, which can be raised for this shell:" +
           raise_limit_command(RLIMIT_NPROC, RLIM_INFINITY);
  }
  return "free some space there, or use another file";
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
      return "use a place that is not mounted read-only";
    case EAGAIN:
    case ENOSPC:
      return advice_on_shortage(error);
    case EFBIG:
      return "raise the limit on file size for this shell:" +
             raise_limit_command(RLIMIT_FSIZE, RLIM_INFINITY);
    case ENOMEM:
      return "the kernel is out of memory: free some, or remove unused cgroups";
    case ENODEV:
      return "the cgroup was removed while it was in use: run it again";
    case EMFILE:
      return "raise the limit on open files for this shell:" +
             raise_limit_command(RLIMIT_NOFILE, more_files());
    case ENFILE:
      return "the host has reached its limit on open files (fs.file-max): end "
             "programs, or raise it";
    default:
      return "";
  }
}

std::string root_command(const std::string& command) {
  if (::geteuid() == 0) return "\n  " + command;
  // A redirection next to sudo would not be done as root.
  const bool redirects = command.find(" > ") != std::string::npos;
  return "\n  sudo " + (redirects ? "sh -c " + shell_quote(command) : command);
}

std::string raise_limit_command(int resource, rlim_t value) {
  rlimit limit{};
  ::getrlimit(static_cast<decltype(RLIMIT_AS)>(resource), &limit);
  const auto* const option =
      std::find_if(std::begin(limit_options), std::end(limit_options),
                   [resource](const LimitOption& each) {
                     return each.resource == resource;
                   });
  const std::string text =
      value == RLIM_INFINITY ? "unlimited" : std::to_string(value);
  // A shell that lowered the hard limit cannot raise it again, unless it is
  // root's.
  if (::geteuid() == 0 || limit.rlim_max >= value) {
    return fmt::format("\n  ulimit {} {}", option->ulimit, text);
  }
  return fmt::format("\n  sudo prlimit --pid $$ {}={}", option->prlimit, text);
}

}  // namespace lab
