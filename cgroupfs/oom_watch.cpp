// SPDX-License-Identifier: MIT
#include "cgroupfs/oom_watch.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cgroupfs/error.h"

namespace cgroupfs {
namespace {

constexpr char oom_control[] = "memory.oom_control";
constexpr char event_control[] = "cgroup.event_control";
constexpr char events_file[] = "memory.events";

UniqueFd open_required(const Directory& group, const char* file, int flags) {
  auto fd = group.try_open_file(file, flags);
  if (!fd) throw NotSupported(file, group.path() + " does not have it");
  return *std::move(fd);
}

void require_version(const Cgroup& group, Version version, const char* file) {
  if (group.version() == version) return;
  throw NotSupported(
      file, fmt::format("cgroup {} only; {} is cgroup {}", to_string(version),
                        group.path(), to_string(group.version())));
}

UniqueFd watch_by_eventfd(const Cgroup& group) {
  require_version(group, Version::v1, oom_control);
  const auto control = open_required(group.directory(), oom_control, O_RDONLY);
  UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event) throw_errno("eventfd", group.path());
  try {
    group.directory().write(event_control,
                            fmt::format("{} {}", event.get(), control.get()));
  } catch (const FileError& error) {
    if (error.code().value() != EOPNOTSUPP) throw;
    throw NotSupported(event_control,
                       "this kernel refuses OOM notifications (a PREEMPT_RT "
                       "kernel does); read the counter oom_kill instead");
  }
  return event;
}

/// Reads the file, which is what makes poll(2) sleep until it changes. False
/// when the cgroup is gone.
bool read_events(int fd) {
  std::array<char, 512> buffer{};
  return ::pread(fd, buffer.data(), buffer.size(), 0) >= 0;
}

UniqueFd watch_by_poll(const Cgroup& group) {
  require_version(group, Version::v2, events_file);
  auto events = open_required(group.directory(), events_file, O_RDONLY);
  if (!read_events(events.get())) {
    throw_errno("read", group.directory().path_of(events_file));
  }
  return events;
}

UniqueFd watch_by_inotify(const Cgroup& group) {
  require_version(group, Version::v2, events_file);
  UniqueFd queue(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!queue) throw_errno("inotify_init1", group.path());
  // inotify takes no directory descriptor: /proc leads to the open one.
  const auto path =
      fmt::format("/proc/self/fd/{}/{}", group.directory().fd(), events_file);
  if (::inotify_add_watch(queue.get(), path.c_str(), IN_MODIFY) < 0) {
    throw_errno("inotify_add_watch", group.directory().path_of(events_file));
  }
  return queue;
}

bool drain_eventfd(int fd) {
  std::uint64_t count = 0;
  return ::read(fd, &count, sizeof count) == sizeof count;
}

bool drain_poll(int fd) {
  pollfd ready{fd, POLLPRI, 0};
  return ::poll(&ready, 1, 0) > 0 && read_events(fd);
}

bool drain_inotify(int fd) {
  alignas(inotify_event) std::array<char, 4096> buffer{};
  bool taken = false;
  while (::read(fd, buffer.data(), buffer.size()) > 0) taken = true;
  return taken;
}

}  // namespace

OomWatch::OomWatch(Mechanism mechanism, UniqueFd fd) noexcept
    : mechanism_(mechanism), fd_(std::move(fd)) {}

OomWatch OomWatch::open(const Cgroup& group,
                        std::optional<Mechanism> mechanism) {
  const auto chosen = mechanism.value_or(
      group.version() == Version::v1 ? Mechanism::eventfd : Mechanism::poll);
  switch (chosen) {
    case Mechanism::eventfd:
      return OomWatch(chosen, watch_by_eventfd(group));
    case Mechanism::poll:
      return OomWatch(chosen, watch_by_poll(group));
    case Mechanism::inotify:
      return OomWatch(chosen, watch_by_inotify(group));
  }
  throw std::invalid_argument("not an OomWatch::Mechanism");
}

short OomWatch::poll_events() const noexcept {
  return mechanism_ == Mechanism::poll ? POLLPRI : POLLIN;
}

bool OomWatch::drain() {
  switch (mechanism_) {
    case Mechanism::eventfd:
      return drain_eventfd(fd_.get());
    case Mechanism::poll:
      return drain_poll(fd_.get());
    case Mechanism::inotify:
      return drain_inotify(fd_.get());
  }
  return false;
}

std::string_view to_string(OomWatch::Mechanism mechanism) noexcept {
  switch (mechanism) {
    case OomWatch::Mechanism::eventfd:
      return "eventfd";
    case OomWatch::Mechanism::poll:
      return "poll";
    case OomWatch::Mechanism::inotify:
      return "inotify";
  }
  return "unknown";
}

}  // namespace cgroupfs
