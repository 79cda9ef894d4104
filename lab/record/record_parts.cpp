// SPDX-License-Identifier: MIT
#include "lab/record/record_parts.h"

#include <algorithm>

namespace lab::reading {

void require_equal(const Node& node, std::size_t a, std::size_t b) {
  if (a != b) node.fail("columns of equal length");
}

void require_rising(const Node& node, const std::vector<std::int64_t>& times) {
  if (!std::is_sorted(times.begin(), times.end())) {
    node.fail("times that never fall");
  }
}

void read(const Node& node, cgroupfs::Version& value) {
  value = word(node, cgroupfs::Version::v2);
}
void read(const Node& node, Order& value) {
  value = word(node, Order::course);
}
void read(const Node& node, EventKind& value) {
  value = word(node, EventKind::actor_ended);
}
void read(const Node& node, Status& value) {
  value = word(node, Status::not_as_predicted);
}
void read(const Node& node, LimitOwner& value) {
  value = word(node, LimitOwner::unknown);
}

void read(const Node& node, cgroupfs::MemoryEvents& events) {
  take(node, "low", events.low);
  take(node, "high", events.high);
  take(node, "max", events.max);
  take(node, "oom", events.oom);
  take(node, "oom_kill", events.oom_kill);
  take(node, "oom_group_kill", events.oom_group_kill);
}

void read(const Node& node, Counters& counters) {
  take(node, "oom_kill", counters.oom_kills);
  take(node, "events", counters.events);
  take(node, "local_events", counters.local_events);
  take(node, "failcnt", counters.failcnt);
  take(node, "memsw_failcnt", counters.memsw_failcnt);
  take(node, "swap", counters.swap);
  take(node, "stalled_ns", counters.stalled);
}

void read(const Node& node, Peak& peak) {
  take(node, "bytes", peak.bytes);
  take(node, "source", peak.source);
}

void read(const Node& node, Event& event) {
  take(node, "time_ns", event.time_ns);
  take(node, "kind", event.kind);
  take(node, "source", event.source);
}

void read(const Node& node, LimitRecord& limit) {
  take(node, "file", limit.file);
  take(node, "asked", limit.asked);
  take(node, "actual", limit.actual);
  take(node, "at_end", limit.at_end);
  take(node, "error", limit.error);
  take(node, "group", limit.group);
}

void read(const Node& node, Rejection& rejection) {
  take(node, "strategy", rejection.strategy);
  take(node, "reason", rejection.reason);
  if (const auto fix = node.find("fix")) rejection.fix = fix->text();
}

void read(const Node& node, Ancestor& ancestor) {
  take(node, "path", ancestor.path);
  take(node, "max", ancestor.max);
  take(node, "hits_before", ancestor.hits_before);
  take(node, "hits_after", ancestor.hits_after);
  take(node, "notified", ancestor.notified);
}

void read(const Node& node, Victim& victim) {
  take(node, "pid", victim.pid);
  take(node, "name", victim.name);
  take(node, "constraint", victim.constraint);
  take(node, "oom_memcg", victim.oom_memcg);
  take(node, "task_memcg", victim.task_memcg);
  take(node, "limit", victim.limit);
  take(node, "anon_rss", victim.anon_rss);
  take(node, "lines", victim.lines);
}

void read(const Node& node, Membership& membership) {
  take(node, "others_seen", membership.others_seen);
  take(node, "unread", membership.unread);
  take(node, "child_inside", membership.child_inside);
  take(node, "child_left_for", membership.child_left_for);
}

void read(const Node& node, CourseRecord& course) {
  take(node, "touched_outside", course.touched_outside);
  take(node, "usage_after_move", course.usage_after_move);
  take(node, "outside_after_move", course.outside_after_move);
  take(node, "usage_before_limit", course.usage_before_limit);
  take(node, "limit_before", course.limit_before);
}

std::optional<std::uint64_t> tasks(const Node& node) {
  if (node.is_string() && node.text() == "max") return std::nullopt;
  return node.natural();
}

void read(const Node& node, PidsRecord& pids) {
  take(node, "group", pids.group);
  pids.max = tasks(node.at("max"));
  take(node, "refused", pids.refused);
}

void read(const Node& node, StatSamples& stat) {
  take(node, "time_ns", stat.time_ns);
  require_rising(node.at("time_ns"), stat.time_ns);
  for (const auto& [key, column] : stat.columns()) {
    if (const auto found = node.find(key)) read(*found, *column);
    if (!column->empty()) {
      require_equal(node, column->size(), stat.time_ns.size());
    }
  }
}

void read(const Node& node, Samples& samples) {
  take(node, "time_ns", samples.time_ns);
  require_rising(node.at("time_ns"), samples.time_ns);
  take(node, "usage", samples.usage);
  if (const auto touched = node.find("touched")) {
    read(*touched, samples.touched);
    require_equal(node, samples.touched.size(), samples.time_ns.size());
  }
  if (const auto stat = node.find("stat")) read(*stat, samples.stat);
  require_equal(node, samples.usage.size(), samples.time_ns.size());
}

}  // namespace lab::reading
