// SPDX-License-Identifier: MIT
#include "lab/record/record.h"

#include <fmt/format.h>
#include <string.h>

namespace lab {

std::string signal_name(int number) {
  const char* const name = ::sigabbrev_np(number);
  return name ? fmt::format("SIG{}", name) : fmt::format("signal {}", number);
}

std::string_view to_string(EventKind kind) noexcept {
  switch (kind) {
    case EventKind::group_created:
      return "group_created";
    case EventKind::limit_set:
      return "limit_set";
    case EventKind::limit_refused:
      return "limit_refused";
    case EventKind::child_started:
      return "child_started";
    case EventKind::child_moved:
      return "child_moved";
    case EventKind::gate_opened:
      return "gate_opened";
    case EventKind::notification:
      return "notification";
    case EventKind::kill_seen:
      return "kill_seen";
    case EventKind::child_exited:
      return "child_exited";
    case EventKind::reaped:
      return "reaped";
    case EventKind::signal_forwarded:
      return "signal_forwarded";
    case EventKind::tree_killed:
      return "tree_killed";
    case EventKind::tree_ended:
      return "tree_ended";
    case EventKind::deadline:
      return "deadline";
    case EventKind::interrupted:
      return "interrupted";
    case EventKind::step:
      return "step";
    case EventKind::actor_ended:
      return "actor_ended";
  }
  return "unknown";
}

std::string_view to_string(Status status) noexcept {
  switch (status) {
    case Status::oom_killed:
      return "oom_killed";
    case Status::oom_killed_by_ancestor:
      return "oom_killed_by_ancestor";
    case Status::oom_killed_by_descendant:
      return "oom_killed_by_descendant";
    case Status::oom_killed_by_host:
      return "oom_killed_by_host";
    case Status::oom_killed_by_unknown:
      return "oom_killed_by_unknown";
    case Status::killed:
      return "killed";
    case Status::killed_undetermined:
      return "killed_undetermined";
    case Status::crashed:
      return "crashed";
    case Status::survived:
      return "survived";
    case Status::child_failed:
      return "child_failed";
    case Status::limit_refused:
      return "limit_refused";
    case Status::oom_killed_inside:
      return "oom_killed_inside";
    case Status::oom_killed_undetermined:
      return "oom_killed_undetermined";
    case Status::left:
      return "left";
    case Status::throttled:
      return "throttled";
    case Status::finished:
      return "finished";
    case Status::deadline:
      return "deadline";
    case Status::interrupted:
      return "interrupted";
    case Status::as_predicted:
      return "as_predicted";
    case Status::not_as_predicted:
      return "not_as_predicted";
  }
  return "unknown";
}

std::string_view to_string(LimitOwner owner) noexcept {
  switch (owner) {
    case LimitOwner::own:
      return "own";
    case LimitOwner::ancestor:
      return "ancestor";
    case LimitOwner::descendant:
      return "descendant";
    case LimitOwner::host:
      return "host";
    case LimitOwner::unknown:
      return "unknown";
  }
  return "unknown";
}

const LimitRecord* refused_limit(const RunRecord& record) noexcept {
  for (const LimitRecord& limit : record.limits) {
    if (limit.error && limit.actual) return &limit;
  }
  return nullptr;
}

const LimitRecord* limit_of(const RunRecord& record,
                            cgroupfs::File file) noexcept {
  for (const LimitRecord& limit : record.limits) {
    if (cgroupfs::file_named(limit.file) == file) return &limit;
  }
  return nullptr;
}

const LimitRecord* hard_limit(const RunRecord& record) noexcept {
  return limit_of(record, cgroupfs::File::memory_max);
}

bool was_rewritten(const LimitRecord& limit) noexcept {
  return limit.actual && limit.at_end && *limit.actual != *limit.at_end;
}

std::optional<std::uint64_t> oom_kills_in(const RunRecord& record) {
  if (!record.before.oom_kills || !record.after.oom_kills) return std::nullopt;
  // A v1 counter goes with its directory.
  return std::max(*record.before.oom_kills, *record.after.oom_kills) -
         *record.before.oom_kills;
}

std::optional<std::int64_t> time_of(const RunRecord& record, EventKind kind) {
  for (const Event& event : record.events) {
    if (event.kind == kind) return event.time_ns;
  }
  return std::nullopt;
}

}  // namespace lab
