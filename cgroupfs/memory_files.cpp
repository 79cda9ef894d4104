// SPDX-License-Identifier: MIT
#include "cgroupfs/memory_files.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <stdexcept>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "cgroupfs/error.h"

namespace cgroupfs {
namespace {

using enum MemoryFeature;

constexpr std::array all_features = {
    max,         swap_max,  memsw_max,    high,    low,           min,
    soft_limit,  oom_group, swappiness,   usage,   swap_usage,    peak,
    stat,        events,    local_events, failcnt, memsw_failcnt, oom_kills,
    oom_control, reclaim,   pressure,
};

constexpr InterfaceFile version_gaps[] = {
    {swap_max, "memory.swap.max", "",
     "cgroup v1 has memory.memsw.limit_in_bytes, which limits memory plus "
     "swap"},
    {high, "memory.high", "", "cgroup v1 has no limit that throttles"},
    {low, "memory.low", "", "cgroup v1 protects no memory from reclaim"},
    {min, "memory.min", "", "cgroup v1 protects no memory from reclaim"},
    {oom_group, "memory.oom.group", "",
     "the OOM killer of cgroup v1 ends one process at a time"},
    {events, "memory.events", "",
     "cgroup v1 counts in memory.failcnt and memory.oom_control"},
    {local_events, "memory.events.local", "",
     "cgroup v1 counts in memory.failcnt and memory.oom_control"},
    {reclaim, "memory.reclaim", "",
     "cgroup v1 has memory.force_empty alone, which takes no amount"},
    {pressure, "memory.pressure", "",
     "pressure stall information (PSI) is kept for cgroup v2 alone"},
    {memsw_max, "memory.memsw.limit_in_bytes", "",
     "cgroup v2 has memory.swap.max, which limits swap alone"},
    {soft_limit, "memory.soft_limit_in_bytes", "",
     "cgroup v2 has memory.high, which throttles, and memory.low, which "
     "protects"},
    {swappiness, "memory.swappiness", "",
     "on cgroup v2 vm.swappiness holds for the whole host"},
    {failcnt, "memory.failcnt", "",
     "cgroup v2 counts how often a charge hit the limit as `max` in "
     "memory.events"},
    {memsw_failcnt, "memory.memsw.failcnt", "",
     "cgroup v2 has no common limit of memory and swap to fail at"},
    {oom_control, "memory.oom_control", "",
     "the OOM killer of cgroup v2 cannot be switched off"},
};

bool has_key(std::string_view text, std::string_view key) {
  const auto lines = split_lines(text);
  return std::any_of(lines.begin(), lines.end(), [key](auto line) {
    const auto words = split_words(line);
    return !words.empty() && words.front() == key;
  });
}

}  // namespace

const InterfaceFile& version_gap(MemoryFeature feature) {
  const auto* gap = std::find_if(
      std::begin(version_gaps), std::end(version_gaps),
      [feature](const auto& entry) { return entry.feature == feature; });
  if (gap == std::end(version_gaps)) {
    throw std::logic_error("both cgroup versions have memory feature " +
                           std::string(to_string(feature)));
  }
  return *gap;
}

MemoryFiles::MemoryFiles(Directory directory,
                         std::span<const InterfaceFile> table)
    : directory_(std::move(directory)), table_(table) {}

std::string MemoryFiles::read(MemoryFeature feature) const {
  auto text = read_if_supported(entry(feature));
  if (!text) throw_missing(feature);
  return *std::move(text);
}

void MemoryFiles::write(MemoryFeature feature, std::string_view value) const {
  try {
    directory_.write(std::string(entry(feature).name), value);
  } catch (const FileError& error) {
    if (!is_absent(error.code().value())) throw;
    throw_missing(feature);
  }
}

UniqueFd MemoryFiles::open(MemoryFeature feature) const {
  auto fd =
      directory_.try_open_file(std::string(entry(feature).name), O_RDONLY);
  if (!fd) throw_missing(feature);
  return *std::move(fd);
}

const InterfaceFile& MemoryFiles::entry(MemoryFeature feature) const {
  const auto found = std::find_if(
      table_.begin(), table_.end(),
      [feature](const auto& file) { return file.feature == feature; });
  return found != table_.end() ? *found : version_gap(feature);
}

std::string MemoryFiles::path_of(MemoryFeature feature) const {
  return directory_.path_of(entry(feature).name);
}

std::vector<Capability> MemoryFiles::capabilities() const {
  std::vector<Capability> all;
  all.reserve(all_features.size());
  for (const auto feature : all_features) all.push_back(probe(feature));
  return all;
}

void MemoryFiles::throw_missing(MemoryFeature feature) const {
  const auto& file = entry(feature);
  // Every cgroup has cgroup.procs: without it the cgroup itself is gone.
  if (!directory_.exists("cgroup.procs")) {
    throw FileError(ENODEV, "access", directory_.path_of(file.name));
  }
  throw NotSupported(file.name, file.absent_because);
}

Capability MemoryFiles::probe(MemoryFeature feature) const {
  const auto& file = entry(feature);
  const auto in_table = std::any_of(
      table_.begin(), table_.end(),
      [feature](const auto& other) { return other.feature == feature; });
  if (in_table && present(file)) {
    return {feature, std::string(file.name), true, ""};
  }
  return {feature, in_table ? std::string(file.name) : "", false,
          std::string(file.absent_because)};
}

bool MemoryFiles::present(const InterfaceFile& file) const {
  if (file.key.empty()) return directory_.exists(std::string(file.name));
  const auto text = read_if_supported(file);
  return text && has_key(*text, file.key);
}

std::optional<std::string> MemoryFiles::read_if_supported(
    const InterfaceFile& file) const {
  try {
    return directory_.try_read(std::string(file.name));
  } catch (const FileError& error) {
    // A file that is there and switched off, as memory.pressure without psi=1.
    if (error.code().value() != EOPNOTSUPP) throw;
    return std::nullopt;
  }
}

NumberFile::NumberFile(UniqueFd fd, std::string path) noexcept
    : fd_(std::move(fd)), path_(std::move(path)) {}

std::uint64_t NumberFile::read() const {
  std::array<char, 32> buffer{};
  const auto length = ::pread(fd_.get(), buffer.data(), buffer.size(), 0);
  if (length < 0) throw_errno("read", path_);
  const auto* end = buffer.data() + length;
  std::uint64_t value = 0;
  const auto result = std::from_chars(buffer.data(), end, value);
  if (result.ec != std::errc() || result.ptr == end || *result.ptr != '\n') {
    throw ParseError(
        "a number in " + path_,
        std::string_view(buffer.data(), static_cast<std::size_t>(length)));
  }
  return value;
}

}  // namespace cgroupfs
