// SPDX-License-Identifier: MIT
#include "cgroupfs/usage_watch.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "cgroupfs/error.h"

namespace cgroupfs {

UsageWatch UsageWatch::open(const Cgroup& group, Bytes threshold) {
  constexpr char file[] = "memory.usage_in_bytes";
  auto usage = group.directory().try_open_file(file, O_RDONLY);
  if (!usage) throw NotSupported(file, group.path() + " does not have it");
  UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event) throw_errno("eventfd", group.path());
  try {
    group.directory().write(
        "cgroup.event_control",
        fmt::format("{} {} {}", event.get(), usage->get(), threshold.count));
  } catch (const FileError& error) {
    if (error.code().value() != EOPNOTSUPP) throw;
    throw NotSupported("cgroup.event_control",
                       "this kernel refuses notifications");
  }
  return UsageWatch(std::move(event));
}

bool UsageWatch::drain() {
  std::uint64_t count = 0;
  return ::read(fd_.get(), &count, sizeof count) == sizeof count;
}

}  // namespace cgroupfs
