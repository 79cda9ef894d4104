// SPDX-License-Identifier: MIT
#include <limits>
#include <string>

#include "cgroupfs/error.h"
#include "cgroupfs/memory_files.h"

namespace cgroupfs {
namespace {

constexpr std::string_view no_swap_accounting =
    "swap accounting is off (a kernel without CONFIG_SWAP, or booted with "
    "swapaccount=0)";
constexpr std::string_view not_built = "this kernel lacks it";

constexpr InterfaceFile interface_files[] = {
    {MemoryFeature::max, "memory.limit_in_bytes", "", not_built},
    {MemoryFeature::memsw_max, "memory.memsw.limit_in_bytes", "",
     no_swap_accounting},
    {MemoryFeature::soft_limit, "memory.soft_limit_in_bytes", "",
     "this kernel lacks it (kernels with PREEMPT_RT do)"},
    {MemoryFeature::swappiness, "memory.swappiness", "", not_built},
    {MemoryFeature::usage, "memory.usage_in_bytes", "", not_built},
    {MemoryFeature::swap_usage, "memory.stat", "total_swap",
     no_swap_accounting},
    {MemoryFeature::peak, "memory.max_usage_in_bytes", "", not_built},
    {MemoryFeature::stat, "memory.stat", "", not_built},
    {MemoryFeature::failcnt, "memory.failcnt", "", not_built},
    {MemoryFeature::memsw_failcnt, "memory.memsw.failcnt", "",
     no_swap_accounting},
    {MemoryFeature::oom_kills, "memory.oom_control", "oom_kill",
     "the counter oom_kill appeared in Linux 4.13; this kernel lacks it"},
    {MemoryFeature::oom_control, "memory.oom_control", "", not_built},
};

std::string to_text(Limit limit) {
  return limit.is_max() ? "-1" : std::to_string(limit.bytes().count);
}

class MemoryV1 final : public MemoryController {
 public:
  explicit MemoryV1(const Directory& directory)
      : MemoryController(Version::v1),
        files_(directory.duplicate(), interface_files),
        usage_(files_.open(MemoryFeature::usage),
               files_.path_of(MemoryFeature::usage)) {}

  std::vector<Capability> capabilities() const override {
    return files_.capabilities();
  }

  void set_max(Limit limit) override { set(MemoryFeature::max, limit); }
  Limit max() const override { return limit(MemoryFeature::max); }

  void set_memsw_max(Limit limit) override {
    set(MemoryFeature::memsw_max, limit);
  }
  Limit memsw_max() const override { return limit(MemoryFeature::memsw_max); }

  void set_soft_limit(Limit limit) override {
    set(MemoryFeature::soft_limit, limit);
  }
  Limit soft_limit() const override { return limit(MemoryFeature::soft_limit); }

  void set_swappiness(unsigned value) override {
    files_.write(MemoryFeature::swappiness, std::to_string(value));
  }
  unsigned swappiness() const override;

  Bytes usage() const override { return {usage_.read()}; }
  int usage_fd() const override { return usage_.fd(); }
  Bytes swap_usage() const override;
  Bytes peak() const override {
    return parse_bytes(files_.read(MemoryFeature::peak));
  }
  FlatKeyed stat() const override {
    return parse_flat_keyed(files_.read(MemoryFeature::stat));
  }

  std::uint64_t failcnt() const override {
    return parse_u64(files_.read(MemoryFeature::failcnt));
  }
  std::uint64_t memsw_failcnt() const override {
    return parse_u64(files_.read(MemoryFeature::memsw_failcnt));
  }
  std::uint64_t oom_kills() const override;
  OomControl oom_control() const override {
    return parse_oom_control(files_.read(MemoryFeature::oom_control));
  }
  void set_oom_kill_disable(bool disable) override {
    files_.write(MemoryFeature::oom_control, disable ? "1" : "0");
  }

 private:
  void set(MemoryFeature feature, Limit limit) {
    files_.write(feature, to_text(limit));
  }
  Limit limit(MemoryFeature feature) const {
    return parse_limit_v1(files_.read(feature), page_size());
  }

  MemoryFiles files_;
  NumberFile usage_;
};

unsigned MemoryV1::swappiness() const {
  const auto text = files_.read(MemoryFeature::swappiness);
  const auto value = parse_u64(text);
  if (value > std::numeric_limits<unsigned>::max()) {
    throw ParseError("a swappiness", text);
  }
  return static_cast<unsigned>(value);
}

Bytes MemoryV1::swap_usage() const {
  // total_swap: with the cgroups below, as usage and memory.swap.current are.
  const auto swap = find(stat(), "total_swap");
  if (!swap) files_.throw_missing(MemoryFeature::swap_usage);
  return {*swap};
}

std::uint64_t own_oom_kills(const MemoryFiles& files) {
  const auto text = files.read(MemoryFeature::oom_control);
  const auto count = parse_oom_control(text).oom_kill;
  if (!count) files.throw_missing(MemoryFeature::oom_kills);
  return *count;
}

// The counter is not hierarchical. Cgroups may vanish during the walk.
std::uint64_t subtree_oom_kills(const MemoryFiles& files) {
  std::uint64_t sum = own_oom_kills(files);
  for (const auto& name : files.directory().subdirectories()) {
    try {
      sum += subtree_oom_kills(
          MemoryFiles(files.directory().open_directory(name), interface_files));
    } catch (const FileError& error) {
      if (!is_absent(error.code().value())) throw;
    }
  }
  return sum;
}

std::uint64_t MemoryV1::oom_kills() const {
  return subtree_oom_kills(files_);
}

}  // namespace

std::unique_ptr<MemoryController> open_memory_v1(const Cgroup& group) {
  if (!group.directory().exists("memory.limit_in_bytes")) {
    throw NotSupported("memory.limit_in_bytes",
                       group.path() +
                           " is no cgroup of a v1 hierarchy that carries the "
                           "memory controller");
  }
  return std::make_unique<MemoryV1>(group.directory());
}

}  // namespace cgroupfs
