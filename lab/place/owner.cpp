// SPDX-License-Identifier: MIT
#include "lab/place/owner.h"

#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "cgroupfs/text.h"
#include "lab/base/errors.h"
#include "lab/os/proc_stat.h"
#include "lab/place/kernel_name.h"

namespace lab {
namespace {

using cgroupfs::Directory;

constexpr std::string_view prefix = "cglab.";
constexpr std::string_view kept_mark = "kept-";
constexpr std::size_t boot_id_digits = 8;

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == text.npos;
}

bool is_what(std::string_view text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") ==
             text.npos;
}

template <typename Number>
std::optional<Number> exact_number(std::string_view text) {
  Number number{};
  const char* const end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, number);
  if (result.ec != std::errc() || result.ptr != end) return std::nullopt;
  return number;
}

std::string boot_id() {
  return cgroupfs::read_file("/proc/sys/kernel/random/boot_id")
      .substr(0, boot_id_digits);
}

/// As in /proc/locks (locks_show(), fs/locks.c).
std::string lock_place(const struct stat& file) {
  return fmt::format("{:02x}:{:02x}:{}", major(file.st_dev), minor(file.st_dev),
                     file.st_ino);
}

/// nullopt where it is in another PID namespace, or the lock is gone.
std::optional<pid_t> lock_holder(const Directory& directory) {
  struct stat file {};
  if (::fstat(directory.fd(), &file) != 0) return std::nullopt;
  const std::string place = lock_place(file);
  const std::string text = cgroupfs::try_read_file("/proc/locks").value_or("");
  for (const std::string_view line : cgroupfs::split_lines(text)) {
    // "1: FLOCK ADVISORY WRITE 4242 00:1b:17 0 EOF"; "->" marks a waiting
    // process.
    const auto words = cgroupfs::split_words(line);
    if (words.size() < 6 || words[1] != "FLOCK" || words[5] != place) continue;
    const auto pid = exact_number<pid_t>(words[4]);
    if (pid != ::getpid()) return pid;
  }
  return std::nullopt;
}

/// nullopt: it has ended, and a process that inherited the descriptor holds the
/// lock.
std::optional<std::string> name_of(pid_t pid) try {
  const std::optional<ProcStat> stat = proc_stat(pid);
  if (!stat) return std::nullopt;
  return log_escaped(stat->name);
} catch (const cgroupfs::FileError&) {
  return "?";
}

}  // namespace

Owner this_process() {
  const std::string text = cgroupfs::read_file("/proc/self/stat");
  return {::getpid(), parse_proc_stat(text).start_time, boot_id()};
}

std::string group_name(std::string_view what, const Owner& owner) {
  return fmt::format("{}{}.{}-{}-{}", prefix, what, owner.pid, owner.start_time,
                     owner.boot_id);
}

std::string kept_group_name(std::string_view what, const Owner& owner) {
  return fmt::format("{}{}.{}{}-{}-{}", prefix, what, kept_mark, owner.pid,
                     owner.start_time, owner.boot_id);
}

bool is_kept(std::string_view name) {
  return kept_by(name).has_value();
}

std::optional<Owner> kept_by(std::string_view name) {
  const std::size_t mark = name.rfind('.') + 1;
  if (!name.substr(mark).starts_with(kept_mark)) return std::nullopt;
  std::string unmarked(name);
  unmarked.erase(mark, kept_mark.size());
  return owner_of(unmarked);
}

std::optional<Owner> owner_of(std::string_view name) {
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  const std::size_t dot = name.find('.');
  if (dot == name.npos || !is_what(name.substr(0, dot))) return std::nullopt;
  name.remove_prefix(dot + 1);
  const std::size_t first = name.find('-');
  const std::size_t second = name.find('-', first + 1);
  if (first == name.npos || second == name.npos) return std::nullopt;
  const auto pid = exact_number<pid_t>(name.substr(0, first));
  const auto start =
      exact_number<std::uint64_t>(name.substr(first + 1, second - first - 1));
  const std::string_view boot = name.substr(second + 1);
  if (!pid || *pid <= 0 || !start || boot.size() != boot_id_digits ||
      !is_hex(boot)) {
    return std::nullopt;
  }
  return Owner{*pid, *start, std::string(boot)};
}

bool is_alive(const Owner& owner) try {
  if (owner.boot_id != boot_id()) return false;
  const std::optional<ProcStat> stat = proc_stat(owner.pid);
  return stat && stat->start_time == owner.start_time && stat->state != 'Z' &&
         stat->state != 'X';
} catch (const cgroupfs::FileError& error) {
  // With hidepid (proc(5)) other users cannot see it: do not touch it.
  const int code = error.code().value();
  if (code == EPERM || code == EACCES) return true;
  throw;
}

bool lock_group(const cgroupfs::Cgroup& group) noexcept {
  return ::flock(group.directory().fd(), LOCK_EX | LOCK_NB) == 0;
}

void require_lock(const cgroupfs::Cgroup& group) {
  if (lock_group(group)) return;
  if (errno != EWOULDBLOCK) cgroupfs::throw_errno("lock", group.path());
  throw RunError(fmt::format("{} is {}; try again", group.path(),
                             locked_by(group.directory())));
}

std::string locked_by(const Directory& directory) {
  const auto pid = lock_holder(directory);
  if (!pid) return "locked by a process that /proc/locks does not show";
  const auto name = name_of(*pid);
  return name ? fmt::format("locked by {} (pid {})", *name, *pid)
              : fmt::format(
                    "locked by a process that pid {}, which has ended, left",
                    *pid);
}

}  // namespace lab
