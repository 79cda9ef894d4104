// SPDX-License-Identifier: MIT
#include "lab/os/pidfd.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>

namespace lab {
namespace {

/// The first version of struct pidfd_info, which headers before 6.13 lack.
struct PidfdInfo {
  std::uint64_t mask;
  std::uint64_t cgroup_id;
  std::uint32_t ids[11];
  std::int32_t exit_code;  ///< as of wait(2)
};
static_assert(sizeof(PidfdInfo) == 64);

constexpr std::uint64_t info_exit = 1u << 3;  // PIDFD_INFO_EXIT
constexpr unsigned long get_info =
    _IOWR(0xFF, 11, PidfdInfo);  // PIDFD_GET_INFO
constexpr int kcmp_vm = 1;       // KCMP_VM

}  // namespace

cgroupfs::UniqueFd open_pidfd(pid_t pid) noexcept {
  return cgroupfs::UniqueFd(
      static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

bool has_ended(const cgroupfs::UniqueFd& pidfd) noexcept {
  pollfd entry{pidfd.get(), POLLIN, 0};
  return ::poll(&entry, 1, 0) > 0;
}

PidfdEnd end_of(const cgroupfs::UniqueFd& pidfd) noexcept {
  PidfdInfo info{};
  info.mask = info_exit;
  if (::ioctl(pidfd.get(), get_info, &info) != 0) return {};
  if ((info.mask & info_exit) == 0) return {std::nullopt, true};
  if (WIFSIGNALED(info.exit_code)) {
    return {ExitStatus{std::nullopt, WTERMSIG(info.exit_code)}};
  }
  return {ExitStatus{WEXITSTATUS(info.exit_code), std::nullopt}};
}

std::optional<bool> have_same_memory(pid_t one, pid_t other) noexcept {
  const long order = ::syscall(SYS_kcmp, one, other, kcmp_vm, 0, 0);
  if (order < 0) return std::nullopt;
  return order == 0;
}

}  // namespace lab
