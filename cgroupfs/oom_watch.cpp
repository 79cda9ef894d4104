// SPDX-License-Identifier: MIT
#include "cgroupfs/oom_watch.h"

#include <array>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "cgroupfs/error.h"
#include "cgroupfs/event_control.h"

namespace cgroupfs {
namespace {

constexpr char eventfd[] = "eventfd";
constexpr char poll[] = "poll";

/// Reads the file, so that poll(2) sleeps until it changes. False when the
/// cgroup is gone.
bool read_events(int fd) {
  std::array<char, 512> buffer{};
  return ::pread(fd, buffer.data(), buffer.size(), 0) >= 0;
}

UniqueFd open_events(const Cgroup& group) {
  group.require(File::memory_events);
  const char* const name = name_of(File::memory_events);
  auto events = group.directory().open_file(name, O_RDONLY);
  if (!read_events(events.get())) {
    throw_errno("read", group.directory().path_of(name));
  }
  return events;
}

}  // namespace

OomWatch::OomWatch(const char* mechanism, UniqueFd fd) noexcept
    : mechanism_(mechanism), fd_(std::move(fd)) {}

OomWatch OomWatch::open(const Cgroup& group) {
  return group.version() == Version::v1
             ? OomWatch(eventfd,
                        register_event(group, File::memory_oom_control))
             : OomWatch(poll, open_events(group));
}

short OomWatch::poll_events() const noexcept {
  return mechanism_ == poll ? POLLPRI : POLLIN;
}

std::uint64_t OomWatch::drain() {
  if (mechanism_ == eventfd) return drain_event(fd_.get());
  pollfd ready{fd_.get(), POLLPRI, 0};
  return ::poll(&ready, 1, 0) > 0 && read_events(fd_.get()) ? 1 : 0;
}

}  // namespace cgroupfs
