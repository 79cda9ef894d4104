// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace lab {

/// A system call and the release that introduced it, for messages.
struct KernelCall {
  const char* name;
  const char* since;  ///< "5.3"
};

/// Whether this process has a seccomp filter (prctl(2), PR_GET_SECCOMP).
bool has_seccomp_filter() noexcept;

/// Whether a call that failed with `error` was most likely refused by a filter
/// and not by the kernel itself: EPERM, or ENOSYS on a kernel that has the
/// call.
bool is_filtered(const KernelCall& call, int error) noexcept;

/// Why `call` failed with `error`, as a clause: "a seccomp filter forbids
/// pidfd_open (Operation not permitted)".
std::string why_refused(const KernelCall& call, int error);

/// What to do then; empty where the reason says it all.
std::string refusal_cure(const KernelCall& call, int error);

}  // namespace lab
