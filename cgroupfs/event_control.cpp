// SPDX-License-Identifier: MIT
#include "cgroupfs/event_control.h"

#include <cerrno>
#include <cstdint>

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cgroupfs/error.h"

namespace cgroupfs {

UniqueFd register_event(const Cgroup& group, File file,
                        std::string_view arguments) {
  constexpr File control = File::cgroup_event_control;
  group.require(control);
  group.require(file);
  const auto watched =
      group.directory().open_file(name_of(file, group.version()), O_RDONLY);
  UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event) throw_errno("eventfd", group.path());
  try {
    group.write(control,
                fmt::format("{} {} {}", event.get(), watched.get(), arguments));
  } catch (const FileError& error) {
    if (error.code().value() != EOPNOTSUPP) throw;
    throw NotSupported(name_of(control),
                       "this kernel refuses notifications (as PREEMPT_RT "
                       "kernels do); read the counter instead");
  }
  return event;
}

std::uint64_t drain_event(int fd) noexcept {
  std::uint64_t count = 0;
  return ::read(fd, &count, sizeof count) == sizeof count ? count : 0;
}

}  // namespace cgroupfs
