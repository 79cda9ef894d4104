// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string_view>

#include "cgroupfs/cgroup.h"
#include "cgroupfs/unique_fd.h"

/// Notifications of cgroup v1 (Documentation/admin-guide/cgroup-v1/memory.rst).
namespace cgroupfs {

/// An eventfd for notifications of `file` of `group`, registered in
/// cgroup.event_control: memory_oom_control, or memory_current with a threshold
/// in bytes as `arguments`, which is signalled each time the usage crosses it
/// in either direction. Throws NotSupported on v2 and where the kernel refuses
/// notifications (PREEMPT_RT), FileError for any other failure.
UniqueFd register_event(const Cgroup& group, File file,
                        std::string_view arguments = {});

/// Reads the pending notifications of such an eventfd and returns their number.
/// Never blocks.
std::uint64_t drain_event(int fd) noexcept;

}  // namespace cgroupfs
