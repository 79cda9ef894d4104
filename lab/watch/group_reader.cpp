// SPDX-License-Identifier: MIT
#include "lab/watch/group_reader.h"

#include <sys/stat.h>

#include <chrono>
#include <thread>
#include <utility>

#include "cgroupfs/error.h"
#include "cgroupfs/text.h"

namespace lab {
namespace {

using cgroupfs::Cgroup;
using cgroupfs::File;

/// Whether it is removed, or is being so: the kernel removes the files of a
/// controller before those of the cgroup (cgroup_destroy_locked()).
bool is_gone(const Cgroup& group) {
  constexpr int attempts = 20;
  for (int i = 0; i < attempts; ++i) {
    if (!group.has(File::cgroup_procs)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

/// `read()`, or nullopt when the cgroup is gone.
template <typename Read>
auto unless_gone(const Cgroup& group, const Read& read)
    -> std::optional<decltype(read())> {
  try {
    return read();
  } catch (const cgroupfs::FileError& error) {
    if (!cgroupfs::is_absent(error.code().value()) || !is_gone(group)) throw;
    return std::nullopt;
  }
}

bool are_same(const cgroupfs::Directory& one,
              const cgroupfs::Directory& other) noexcept {
  struct stat a {};
  struct stat b {};
  return ::fstat(one.fd(), &a) == 0 && ::fstat(other.fd(), &b) == 0 &&
         a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

}  // namespace

GroupReader::GroupReader(const WatchTarget& target)
    : group_(Cgroup::open(target.path, target.hierarchy.version)),
      memory_(cgroupfs::Memory::open(group_)),
      limit_reader_(target.path, target.hierarchy) {}

std::optional<std::string> GroupReader::path_now() const {
  return group_.directory().path_now();
}

bool GroupReader::reopen(const WatchTarget& target) try {
  GroupReader other(target);
  if (!are_same(other.group_.directory(), group_.directory())) return false;
  group_ = std::move(other.group_);
  memory_ = std::move(other.memory_);
  limit_reader_ = std::move(other.limit_reader_);
  return true;
} catch (const cgroupfs::FileError&) {
  return false;
} catch (const cgroupfs::NotSupported&) {
  return false;
}

std::optional<Counters> GroupReader::counters() {
  return unless_gone(group_, [this] { return read_counters(); });
}

std::optional<Bytes> GroupReader::peak() {
  return unless_gone(group_,
                     [this] { return memory_.bytes(File::memory_peak); })
      .value_or(std::nullopt);
}

std::optional<WatchSample> GroupReader::sample() {
  return unless_gone(group_, [this] {
    limits_ = limit_reader_.read();
    return read();
  });
}

Counters GroupReader::read_counters() {
  Counters counters;
  counters.failcnt = memory_.number(File::memory_failcnt);
  counters.memsw_failcnt = memory_.number(File::memory_memsw_failcnt);
  counters.events = memory_.events();
  counters.local_events = memory_.events(File::memory_events_local);
  for (KillCount& more :
       kill_total_.update(read_kill_counts(group_, counters.events))) {
    kills_.push_back(std::move(more));
  }
  counters.oom_kills = kill_total_.kills();
  return counters;
}

WatchSample GroupReader::read() {
  WatchSample sample;
  sample.usage = memory_.usage();
  sample.limits = limits_of(group_.path(), limits_);
  sample.binding = binding_limit(limits_);
  sample.binding_high = binding_high(limits_);
  sample.counters = read_counters();
  sample.swap = memory_.swap_usage();
  sample.peak = memory_.bytes(File::memory_peak);
  sample.pressure = memory_.pressure();
  if (const auto control = memory_.oom_control()) {
    sample.under_oom = control->under_oom;
  }
  sample.processes = count_processes();
  return sample;
}

std::optional<std::size_t> GroupReader::count_processes() const {
  try {
    // The processes of a threaded cgroup are listed in its domain, which may be
    // an ancestor.
    const auto type = group_.read(File::cgroup_type);
    if (type && cgroupfs::trim(*type) == "threaded") return std::nullopt;
    return group_.subtree_processes().size();
  } catch (const cgroupfs::FileError& error) {
    // Some files are readable only for their owner.
    if (cgroupfs::is_absent(error.code().value())) throw;
    return std::nullopt;
  }
}

}  // namespace lab
