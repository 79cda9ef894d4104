// SPDX-License-Identifier: MIT
#include "cgroupfs/memory.h"

#include "cgroupfs/error.h"
#include "cgroupfs/memory_files.h"

namespace cgroupfs {
namespace {

bool required_flag(const FlatKeyed& values, std::string_view key,
                   std::string_view text) {
  const auto value = find(values, key);
  if (!value || *value > 1) {
    throw ParseError(std::string(key) + " (0 or 1) of memory.oom_control",
                     text);
  }
  return *value == 1;
}

[[noreturn]] void throw_gap(MemoryFeature feature) {
  const auto& gap = version_gap(feature);
  throw NotSupported(gap.name, gap.absent_because);
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

std::string_view to_string(MemoryFeature feature) noexcept {
  switch (feature) {
    case MemoryFeature::max:
      return "max";
    case MemoryFeature::swap_max:
      return "swap_max";
    case MemoryFeature::memsw_max:
      return "memsw_max";
    case MemoryFeature::high:
      return "high";
    case MemoryFeature::low:
      return "low";
    case MemoryFeature::min:
      return "min";
    case MemoryFeature::soft_limit:
      return "soft_limit";
    case MemoryFeature::oom_group:
      return "oom_group";
    case MemoryFeature::swappiness:
      return "swappiness";
    case MemoryFeature::usage:
      return "usage";
    case MemoryFeature::swap_usage:
      return "swap_usage";
    case MemoryFeature::peak:
      return "peak";
    case MemoryFeature::stat:
      return "stat";
    case MemoryFeature::events:
      return "events";
    case MemoryFeature::local_events:
      return "local_events";
    case MemoryFeature::failcnt:
      return "failcnt";
    case MemoryFeature::memsw_failcnt:
      return "memsw_failcnt";
    case MemoryFeature::oom_kills:
      return "oom_kills";
    case MemoryFeature::oom_control:
      return "oom_control";
    case MemoryFeature::reclaim:
      return "reclaim";
    case MemoryFeature::pressure:
      return "pressure";
  }
  return "unknown";
}

// Each of these is reached in the one version that does not override it.

void MemoryController::set_swap_max(Limit) {
  throw_gap(MemoryFeature::swap_max);
}
Limit MemoryController::swap_max() const {
  throw_gap(MemoryFeature::swap_max);
}

void MemoryController::set_memsw_max(Limit) {
  throw_gap(MemoryFeature::memsw_max);
}
Limit MemoryController::memsw_max() const {
  throw_gap(MemoryFeature::memsw_max);
}

void MemoryController::set_high(Limit) {
  throw_gap(MemoryFeature::high);
}
Limit MemoryController::high() const {
  throw_gap(MemoryFeature::high);
}

void MemoryController::set_low(Limit) {
  throw_gap(MemoryFeature::low);
}
Limit MemoryController::low() const {
  throw_gap(MemoryFeature::low);
}

void MemoryController::set_min(Limit) {
  throw_gap(MemoryFeature::min);
}
Limit MemoryController::min() const {
  throw_gap(MemoryFeature::min);
}

void MemoryController::set_soft_limit(Limit) {
  throw_gap(MemoryFeature::soft_limit);
}
Limit MemoryController::soft_limit() const {
  throw_gap(MemoryFeature::soft_limit);
}

void MemoryController::set_oom_group(bool) {
  throw_gap(MemoryFeature::oom_group);
}
bool MemoryController::oom_group() const {
  throw_gap(MemoryFeature::oom_group);
}

void MemoryController::set_swappiness(unsigned) {
  throw_gap(MemoryFeature::swappiness);
}
unsigned MemoryController::swappiness() const {
  throw_gap(MemoryFeature::swappiness);
}

MemoryEvents MemoryController::events() const {
  throw_gap(MemoryFeature::events);
}
MemoryEvents MemoryController::local_events() const {
  throw_gap(MemoryFeature::local_events);
}
std::uint64_t MemoryController::failcnt() const {
  throw_gap(MemoryFeature::failcnt);
}

std::uint64_t MemoryController::memsw_failcnt() const {
  throw_gap(MemoryFeature::memsw_failcnt);
}

OomControl MemoryController::oom_control() const {
  throw_gap(MemoryFeature::oom_control);
}
void MemoryController::set_oom_kill_disable(bool) {
  throw_gap(MemoryFeature::oom_control);
}

void MemoryController::reclaim(Bytes) {
  throw_gap(MemoryFeature::reclaim);
}
Pressure MemoryController::pressure() const {
  throw_gap(MemoryFeature::pressure);
}

std::unique_ptr<MemoryController> open_memory(const Cgroup& group) {
  return group.version() == Version::v1 ? open_memory_v1(group)
                                        : open_memory_v2(group);
}

}  // namespace cgroupfs
