// SPDX-License-Identifier: MIT
#include "lab/record/json_values.h"

namespace lab {

Json json(const cgroupfs::MemoryEvents& events) {
  return {{"low", json(events.low)},
          {"high", json(events.high)},
          {"max", json(events.max)},
          {"oom", json(events.oom)},
          {"oom_kill", json(events.oom_kill)},
          {"oom_group_kill", json(events.oom_group_kill)}};
}

Json json(const Counters& counters) {
  return {{"oom_kill", json(counters.oom_kills)},
          {"events", json(counters.events)},
          {"local_events", json(counters.local_events)},
          {"failcnt", json(counters.failcnt)},
          {"memsw_failcnt", json(counters.memsw_failcnt)},
          {"swap", json(counters.swap)},
          {"stalled_ns",
           counters.stalled ? Json(counters.stalled->count()) : Json(nullptr)}};
}

Json json(const Peak& peak) {
  return {{"bytes", json(peak.bytes)}, {"source", peak.source}};
}

Json json(const Victim& victim) {
  return {{"pid", victim.pid},
          {"name", victim.name},
          {"constraint", json(victim.constraint)},
          {"oom_memcg", json(victim.oom_memcg)},
          {"task_memcg", json(victim.task_memcg)},
          {"limit", json(victim.limit)},
          {"anon_rss", json(victim.anon_rss)},
          {"lines", victim.lines}};
}

Json json(const CourseRecord& course) {
  return {{"touched_outside", json(course.touched_outside)},
          {"usage_after_move", json(course.usage_after_move)},
          {"outside_after_move", json(course.outside_after_move)},
          {"usage_before_limit", json(course.usage_before_limit)},
          {"limit_before", json(course.limit_before)}};
}

Json json(const PidsRecord& pids) {
  return {{"group", pids.group},
          {"max", pids.max ? Json(*pids.max) : Json("max")},
          {"refused", json(pids.refused)}};
}

}  // namespace lab
