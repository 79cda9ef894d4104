// SPDX-License-Identifier: MIT
#include <string>

#include "cgroupfs/error.h"
#include "cgroupfs/memory_files.h"

namespace cgroupfs {
namespace {

constexpr std::string_view not_built = "this kernel lacks it";
constexpr std::string_view no_swap_accounting =
    "swap accounting is off (a kernel without CONFIG_SWAP, or booted with "
    "swapaccount=0)";
constexpr std::string_view no_pressure =
    "pressure stall information (PSI) is off: it needs a kernel with "
    "CONFIG_PSI, booted with psi=1, and cgroup.pressure at 1";

constexpr InterfaceFile interface_files[] = {
    {MemoryFeature::max, "memory.max", "", not_built},
    {MemoryFeature::swap_max, "memory.swap.max", "", no_swap_accounting},
    {MemoryFeature::high, "memory.high", "", not_built},
    {MemoryFeature::low, "memory.low", "", not_built},
    {MemoryFeature::min, "memory.min", "",
     "appeared in Linux 4.18; this kernel lacks it"},
    {MemoryFeature::oom_group, "memory.oom.group", "",
     "appeared in Linux 4.19; this kernel lacks it"},
    {MemoryFeature::usage, "memory.current", "", not_built},
    {MemoryFeature::swap_usage, "memory.swap.current", "", no_swap_accounting},
    {MemoryFeature::peak, "memory.peak", "",
     "appeared in Linux 5.19; this kernel lacks it"},
    {MemoryFeature::stat, "memory.stat", "", not_built},
    {MemoryFeature::events, "memory.events", "", not_built},
    {MemoryFeature::local_events, "memory.events.local", "",
     "appeared in Linux 5.3; this kernel lacks it"},
    {MemoryFeature::oom_kills, "memory.events", "oom_kill",
     "the counter oom_kill appeared in Linux 4.13; this kernel lacks it"},
    {MemoryFeature::reclaim, "memory.reclaim", "",
     "appeared in Linux 5.19; this kernel lacks it"},
    {MemoryFeature::pressure, "memory.pressure", "some", no_pressure},
};

class MemoryV2 final : public MemoryController {
 public:
  explicit MemoryV2(const Directory& directory)
      : MemoryController(Version::v2),
        files_(directory.duplicate(), interface_files),
        usage_(files_.open(MemoryFeature::usage),
               files_.path_of(MemoryFeature::usage)) {}

  std::vector<Capability> capabilities() const override {
    return files_.capabilities();
  }

  void set_max(Limit limit) override { set(MemoryFeature::max, limit); }
  Limit max() const override { return limit(MemoryFeature::max); }
  void set_swap_max(Limit limit) override {
    set(MemoryFeature::swap_max, limit);
  }
  Limit swap_max() const override { return limit(MemoryFeature::swap_max); }
  void set_high(Limit limit) override { set(MemoryFeature::high, limit); }
  Limit high() const override { return limit(MemoryFeature::high); }
  void set_low(Limit limit) override { set(MemoryFeature::low, limit); }
  Limit low() const override { return limit(MemoryFeature::low); }
  void set_min(Limit limit) override { set(MemoryFeature::min, limit); }
  Limit min() const override { return limit(MemoryFeature::min); }

  void set_oom_group(bool together) override {
    files_.write(MemoryFeature::oom_group, together ? "1" : "0");
  }
  bool oom_group() const override {
    return parse_flag(files_.read(MemoryFeature::oom_group));
  }

  Bytes usage() const override { return {usage_.read()}; }
  int usage_fd() const override { return usage_.fd(); }
  Bytes swap_usage() const override {
    return parse_bytes(files_.read(MemoryFeature::swap_usage));
  }
  Bytes peak() const override {
    return parse_bytes(files_.read(MemoryFeature::peak));
  }
  FlatKeyed stat() const override {
    return parse_flat_keyed(files_.read(MemoryFeature::stat));
  }

  MemoryEvents events() const override {
    return parse_memory_events(files_.read(MemoryFeature::events));
  }
  MemoryEvents local_events() const override {
    return parse_memory_events(files_.read(MemoryFeature::local_events));
  }
  std::uint64_t oom_kills() const override {
    const auto count = events().oom_kill;
    if (!count) files_.throw_missing(MemoryFeature::oom_kills);
    return *count;
  }

  void reclaim(Bytes bytes) override {
    files_.write(MemoryFeature::reclaim, std::to_string(bytes.count));
  }
  Pressure pressure() const override {
    return parse_pressure(files_.read(MemoryFeature::pressure));
  }

 private:
  void set(MemoryFeature feature, Limit limit) {
    files_.write(feature, to_string(limit));
  }
  Limit limit(MemoryFeature feature) const {
    return parse_limit_v2(files_.read(feature));
  }

  MemoryFiles files_;
  NumberFile usage_;
};

std::string absence_reason(const Directory& group) {
  // cgroup.events is in every cgroup but the root.
  if (!group.exists("cgroup.events")) {
    return group.path() +
           " is the root cgroup, which has no limits; make a cgroup below it";
  }
  return group.path() +
         " has no memory controller; write +memory to "
         "cgroup.subtree_control of its parent";
}

}  // namespace

std::unique_ptr<MemoryController> open_memory_v2(const Cgroup& group) {
  if (!group.directory().exists("memory.current")) {
    throw NotSupported("memory.current", absence_reason(group.directory()));
  }
  return std::make_unique<MemoryV2>(group.directory());
}

}  // namespace cgroupfs
