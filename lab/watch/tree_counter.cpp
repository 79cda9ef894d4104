// SPDX-License-Identifier: MIT
#include "lab/watch/tree_counter.h"

#include <algorithm>
#include <utility>

#include "cgroupfs/memory.h"
#include "lab/watch/tree.h"

namespace lab {
namespace {

using cgroupfs::Version;

/// A counter that fell was reset.
std::uint64_t counter_rise(std::uint64_t before, std::uint64_t now) {
  return now - std::min(before, now);
}

}  // namespace

TreeCounter::TreeCounter(Version version, Files files)
    : version_(version), files_(std::move(files)) {}

TreeCounts TreeCounter::read(TreeNode& top, std::optional<std::uint64_t> host,
                             bool is_root, bool is_baseline) {
  TreeCounts counts;
  counts.host = host;
  is_root_ = is_root;
  is_baseline_ = is_baseline;
  was_open_ = std::exchange(is_open_, false);
  if (version_ == Version::v1) {
    count_v1(top, counts);
  } else {
    count_v2(top, counts);
  }
  return counts;
}

void TreeCounter::count_v1(TreeNode& node, TreeCounts& counts) {
  const std::uint64_t more = take_rise(node).kills;
  if (more > 0) counts.cgroups.push_back({node.path, more, more});
  for (const auto& child : node.children) count_v1(*child, counts);
}

/// Returns how many more kills its counter has.
std::uint64_t TreeCounter::count_v2(TreeNode& node, TreeCounts& counts) {
  Rise rise;
  if (is_root_ && !node.parent) {
    rise = {counts.host.value_or(0), 0, true};
  } else {
    rise = take_rise(node);
  }
  // Descendants have no more than this one.
  if (!rise.is_changed && !was_open_) return 0;
  KillCounter& counter = node.counter;
  const auto groups = static_cast<std::int64_t>(rise.groups);
  counter.rest_of_groups += groups;
  if (node.parent) node.parent->counter.rest_of_groups -= groups;
  counter.rest += static_cast<std::int64_t>(rise.kills);
  for (const auto& child : node.children) {
    counter.rest -= static_cast<std::int64_t>(count_v2(*child, counts));
  }
  report(node, counts);
  return rise.kills;
}

TreeCounter::Rise TreeCounter::take_rise(TreeNode& node) {
  KillCounter& counter = node.counter;
  const auto text = files_.events(node);
  if (!text || (counter.is_read && *text == counter.text)) return {};
  const bool counts = !is_baseline_ || counter.is_read;
  cgroupfs::MemoryEvents now;
  if (version_ == Version::v1) {
    now.oom_kill = cgroupfs::parse_oom_control(*text).oom_kill;
  } else {
    now = cgroupfs::parse_memory_events(*text);
  }
  counter.text = *text;
  counter.is_read = true;
  const auto take = [&](std::uint64_t& before,
                        const std::optional<std::uint64_t>& value) {
    const std::uint64_t more = counter_rise(before, value.value_or(0));
    before = value.value_or(0);
    return counts ? more : 0;
  };
  Rise rise{take(counter.kills, now.oom_kill),
            take(counter.groups, now.oom_group_kill), true};
  if (version_ == Version::v1) return rise;
  node.limit_hits = node.limit_hits.value_or(0) + take(counter.hits, now.max);
  if (counts || counter.kills == 0) return rise;
  if (const auto local = files_.local_events(node)) {
    counter.own = cgroupfs::parse_memory_events(*local).oom_kill.value_or(0);
  }
  return rise;
}

void TreeCounter::report(TreeNode& node, TreeCounts& counts) {
  KillCounter& counter = node.counter;
  if (counter.rest > 0) {
    const std::int64_t own = is_root_ && !node.parent ? 0 : own_kills(node);
    counter.rest -= own;
    const std::int64_t removed = std::min(counter.held, counter.rest);
    counter.rest -= removed;
    if (own + removed > 0) {
      counts.cgroups.push_back({node.path,
                                static_cast<std::uint64_t>(own + removed),
                                static_cast<std::uint64_t>(own)});
    }
  }
  counter.held = std::max<std::int64_t>(counter.rest, 0);
  is_open_ |= counter.held > 0;
  for (; counter.rest_of_groups > 0; --counter.rest_of_groups) {
    counts.groups.push_back(node.path);
  }
}

/// How many of the rest are of own processes. 0 where the kernel does not count
/// them apart (before Linux 5.3).
std::int64_t TreeCounter::own_kills(TreeNode& node) {
  KillCounter& counter = node.counter;
  const auto text = files_.local_events(node);
  if (!text) return 0;
  const std::uint64_t now =
      cgroupfs::parse_memory_events(*text).oom_kill.value_or(0);
  const std::uint64_t own = std::min(static_cast<std::uint64_t>(counter.rest),
                                     counter_rise(counter.own, now));
  counter.own += own;
  return static_cast<std::int64_t>(own);
}

void TreeCounter::remove(TreeNode& node) noexcept {
  for (const auto& child : node.children) remove(*child);
  KillCounter& counter = node.counter;
  is_open_ |= counter.rest > 0;
  if (!node.parent) return;
  node.parent->counter.rest += std::exchange(counter.rest, 0);
  node.parent->counter.rest_of_groups +=
      std::exchange(counter.rest_of_groups, 0);
}

}  // namespace lab
