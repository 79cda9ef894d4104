// SPDX-License-Identifier: MIT
#include "lab/report/timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace lab {
namespace {

struct Moment {
  std::int64_t time_ns;
  std::string_view what;
  std::string source;
};

std::vector<Moment> moments(const RunRecord& record) {
  std::vector<Moment> result;
  for (const Event& event : record.events) {
    result.push_back(
        {event.time_ns, event_name(event.kind), event_source(event)});
  }
  if (main_process(record).last_touch_ns) {
    result.push_back({*main_process(record).last_touch_ns, "last touch",
                      "reported by the program"});
  }
  std::stable_sort(
      result.begin(), result.end(),
      [](const Moment& a, const Moment& b) { return a.time_ns < b.time_ns; });
  return result;
}

}  // namespace

std::string_view event_name(EventKind kind) noexcept {
  switch (kind) {
    case EventKind::cgroup_created:
      return "cgroup created";
    case EventKind::limit_set:
      return "limit set";
    case EventKind::process_started:
      return "process started";
    case EventKind::gate_opened:
      return "gate opened";
    case EventKind::process_moved:
      return "moved";
    case EventKind::limit_refused:
      return "limit refused";
    case EventKind::notification:
      return "notification";
    case EventKind::kill_seen:
      return "kill seen";
    case EventKind::process_exited:
      return "end seen";
    case EventKind::reaped:
      return "reaped";
    case EventKind::changed:
      return "changed externally";
    case EventKind::signal_forwarded:
      return "signal forwarded";
    case EventKind::all_killed:
      return "all killed";
    case EventKind::all_ended:
      return "all ended";
    case EventKind::deadline:
      return "deadline";
    case EventKind::interrupted:
      return "interrupted";
    case EventKind::step:
      return "step";
  }
  return "";
}

std::string event_source(const Event& event) {
  if (event.subject.empty()) return event.source;
  if (event.source.empty()) return event.subject;
  return fmt::format("{}: {}", event.subject, event.source);
}

void add_timeline(const RunRecord& record, Layout& layout) {
  layout.section("Timeline");
  for (const Moment& moment : moments(record)) {
    layout.row(std::string(moment.what),
               fmt::format("{:>14}  {}", human_ms(nanoseconds(moment.time_ns)),
                           moment.source));
  }
}

}  // namespace lab
