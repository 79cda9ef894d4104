// SPDX-License-Identifier: MIT
#include "cgroupfs/memory.h"

#include <array>
#include <cerrno>
#include <charconv>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "cgroupfs/error.h"

namespace cgroupfs {
namespace {

bool required_flag(const FlatKeyed& values, std::string_view key,
                   std::string_view text) {
  const auto value = cgroupfs::find(values, key);
  if (!value || *value > 1) {
    throw ParseError(std::string(key) + " (0 or 1) of memory.oom_control",
                     text);
  }
  return *value == 1;
}

std::string no_controller(const Cgroup& group) {
  const char* const why =
      group.version() == Version::v1
          ? "is not in a v1 hierarchy that has the memory controller"
      : group.has(File::cgroup_events)
          ? "has no memory controller; write +memory to "
            "cgroup.subtree_control of its parent"
          : "is the root cgroup, which has no limits; use a child cgroup";
  return group.path() + " " + why;
}

template <typename Parse>
auto parsed(const std::optional<std::string>& text, const Parse& parse)
    -> std::optional<decltype(parse(std::string_view()))> {
  if (!text) return std::nullopt;
  return parse(*text);
}

/// The v1 counter is not hierarchical. Cgroups may vanish during the walk.
std::uint64_t oom_kills_below(const Directory& directory) {
  std::uint64_t sum = 0;
  for (const std::string& name : directory.subdirectories()) {
    try {
      const Directory child = directory.open_directory(name);
      const auto text = child.try_read(name_of(File::memory_oom_control));
      if (text) sum += parse_oom_control(*text).oom_kill.value_or(0);
      sum += oom_kills_below(child);
    } catch (const FileError& error) {
      if (!is_absent(error.code().value())) throw;
    }
  }
  return sum;
}

}  // namespace

MemoryEvents parse_memory_events(std::string_view text) {
  const auto values = parse_flat_keyed(text);
  return {find(values, "low"),      find(values, "high"),
          find(values, "max"),      find(values, "oom"),
          find(values, "oom_kill"), find(values, "oom_group_kill")};
}

OomControl parse_oom_control(std::string_view text) {
  const auto values = parse_flat_keyed(text);
  return {required_flag(values, "oom_kill_disable", text),
          required_flag(values, "under_oom", text), find(values, "oom_kill")};
}

Memory Memory::open(const Cgroup& group) {
  const char* const name = name_of(File::memory_current, group.version());
  auto usage = group.directory().try_open_file(name, O_RDONLY);
  if (!usage) throw NotSupported(name, no_controller(group));
  return Memory(group.borrow(), *std::move(usage));
}

Memory::Memory(Cgroup group, UniqueFd usage) noexcept
    : group_(std::move(group)), usage_(std::move(usage)) {}

bool Memory::has(File file) const {
  // Where PSI is disabled, the file exists but cannot be read.
  return file == File::memory_pressure ? pressure().has_value()
                                       : group_.has(file);
}

std::string Memory::why_absent(File file) const {
  return cgroupfs::why_absent(file, version());
}

std::optional<std::string> Memory::read(File file) const {
  auto text = group_.read(file);
  if (!text && is_mandatory(file, version())) {
    throw FileError(ENODEV, "read",
                    group_.directory().path_of(name_of(file, version())));
  }
  return text;
}

std::optional<Limit> Memory::limit(File file) const {
  return parsed(read(file), [this](std::string_view text) {
    return version() == Version::v1 ? parse_limit_v1(text, page_size())
                                    : parse_limit_v2(text);
  });
}

std::optional<Bytes> Memory::bytes(File file) const {
  return parsed(read(file), parse_bytes);
}

std::optional<std::uint64_t> Memory::number(File file) const {
  return parsed(read(file), parse_u64);
}

void Memory::set(File file, Limit limit) const {
  const bool as_number = version() == Version::v1 && limit.is_max();
  group_.write(file, as_number ? "-1" : to_string(limit));
}

void Memory::set(File file, std::uint64_t number) const {
  group_.write(file, std::to_string(number));
}

Bytes Memory::usage() const {
  std::array<char, 32> buffer{};
  const auto path = [this] {
    return group_.directory().path_of(name_of(File::memory_current, version()));
  };
  const auto length = ::pread(usage_.get(), buffer.data(), buffer.size(), 0);
  if (length < 0) throw_errno("read", path());
  const char* const end = buffer.data() + length;
  Bytes value;
  const auto result = std::from_chars(buffer.data(), end, value.count);
  if (result.ec != std::errc() || result.ptr == end || *result.ptr != '\n') {
    throw ParseError(
        "a number in " + path(),
        std::string_view(buffer.data(), static_cast<std::size_t>(length)));
  }
  return value;
}

std::optional<Bytes> Memory::swap_usage() const {
  const auto place = place_of(Key::swap, version());
  if (place->file != File::memory_stat) return bytes(place->file);
  const auto swap = find(stat(), Key::swap);
  return swap ? std::optional(Bytes{*swap}) : std::nullopt;
}

FlatKeyed Memory::stat() const {
  return parse_flat_keyed(*read(File::memory_stat));
}

std::optional<std::uint64_t> Memory::find(const FlatKeyed& stat,
                                          Key key) const {
  const auto place = place_of(key, version());
  if (!place || place->file != File::memory_stat) return std::nullopt;
  return cgroupfs::find(stat, place->key);
}

std::optional<MemoryEvents> Memory::events(File file) const {
  return parsed(read(file), parse_memory_events);
}

std::optional<std::uint64_t> Memory::oom_kills() const {
  if (const auto all = events()) return all->oom_kill;
  const auto control = oom_control();
  if (!control || !control->oom_kill) return std::nullopt;
  return *control->oom_kill + oom_kills_below(group_.directory());
}

std::optional<OomControl> Memory::oom_control() const {
  return parsed(read(File::memory_oom_control), parse_oom_control);
}

std::optional<Pressure> Memory::pressure() const {
  return parsed(read(File::memory_pressure), parse_pressure);
}

}  // namespace cgroupfs
