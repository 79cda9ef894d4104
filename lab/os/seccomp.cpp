// SPDX-License-Identifier: MIT
#include "lab/os/seccomp.h"

#include <fmt/format.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/utsname.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>
#include <utility>

namespace lab {
namespace {

/// "6.18.44-cloud" as (6, 18).
std::pair<int, int> release_of(std::string_view text) noexcept {
  std::pair<int, int> release{0, 0};
  const char* const end = text.data() + text.size();
  const auto major = std::from_chars(text.data(), end, release.first);
  if (major.ptr != end) {
    std::from_chars(major.ptr + 1, end, release.second);
  }
  return release;
}

/// According to its release, which is good enough for a message.
bool kernel_has(const KernelCall& call) noexcept {
  utsname names{};
  return ::uname(&names) == 0 &&
         release_of(names.release) >= release_of(call.since);
}

}  // namespace

bool has_seccomp_filter() noexcept {
  return ::prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == SECCOMP_MODE_FILTER;
}

bool is_filtered(const KernelCall& call, int error) noexcept {
  if (!has_seccomp_filter()) return false;
  return error == EPERM || error == EACCES ||
         (error == ENOSYS && kernel_has(call));
}

std::string why_refused(const KernelCall& call, int error) {
  if (is_filtered(call, error)) {
    return fmt::format("a seccomp filter forbids {} ({})", call.name,
                       std::strerror(error));
  }
  if (error == ENOSYS) {
    return fmt::format("this kernel has no {} (Linux {} introduced it)",
                       call.name, call.since);
  }
  return fmt::format("{}: {}", call.name, std::strerror(error));
}

std::string refusal_cure(const KernelCall& call, int error) {
  if (is_filtered(call, error)) {
    return fmt::format(
        "permit {} in the seccomp profile of this container or "
        "service (podman, docker: --security-opt "
        "seccomp=unconfined; systemd: SystemCallFilter=)",
        call.name);
  }
  return error == ENOSYS ? fmt::format("use Linux {} or newer", call.since)
                         : std::string();
}

}  // namespace lab
