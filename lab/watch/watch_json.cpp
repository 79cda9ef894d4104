// SPDX-License-Identifier: MIT
#include "lab/watch/watch_json.h"

#include <cmath>

#include "lab/report/terminal.h"
#include "lab/watch/json_parts.h"
#include "lab/watch/watch_text.h"

namespace lab {
namespace {

using cgroupfs::Version;

Json document(const char* kind, const Moment& moment) {
  return watch_document("cglab.watch/1", kind, moment);
}

Json binding_json(const std::optional<BindingLimit>& binding, Version version) {
  if (!binding) return nullptr;
  return {{"path", binding->path},
          {"file", std::string(name_of(binding->file, version))},
          {"limit", json(binding->limit)},
          {"usage", json(binding->usage)},
          {"headroom", json(binding->headroom)}};
}

Json pressure_json(const cgroupfs::PressureLine& line) {
  return {{"avg10", line.avg10},
          {"avg60", line.avg60},
          {"avg300", line.avg300},
          {"total_us", line.total.count()}};
}

Json counters_json(const Counters& counters) {
  return {{"oom_kill", json(counters.oom_kills)},
          {"events", json(counters.events)},
          {"local_events", json(counters.local_events)},
          {"failcnt", json(counters.failcnt)},
          {"memsw_failcnt", json(counters.memsw_failcnt)}};
}

template <typename Count>
Json number(const std::optional<Count>& value) {
  return value ? Json(*value) : Json(nullptr);
}

const char* kind_of(const ProcessChange& change) {
  switch (change.kind) {
    case ProcessChange::Kind::moved:
      return "process_moved";
    case ProcessChange::Kind::hidden:
      return "process_hidden";
    case ProcessChange::Kind::ended:
      break;
  }
  return "process_ended";
}

}  // namespace

Json watch_document(const char* schema, const char* kind,
                    const Moment& moment) {
  return {{"schema", schema},
          {"kind", kind},
          {"time", utc_time(moment.wall)},
          {"elapsed_ns", moment.elapsed.count()}};
}

Json pressure_json(const std::optional<cgroupfs::Pressure>& pressure) {
  if (!pressure) return nullptr;
  return {{"some", pressure_json(pressure->some)},
          {"full", pressure->full ? pressure_json(*pressure->full) : Json()}};
}

Json reason_json(const std::optional<Text>& reason) {
  return reason ? Json(reason->en) : Json(nullptr);
}

std::string json_line(const Json& document) {
  return compact(document) + "\n";
}

std::string watch_line(const WatchStart& start) {
  Json line = document("start", start.moment);
  line["path"] = start.path;
  line["memory_hierarchy"] = to_string(start.version);
  line["pid"] = json(start.pid);
  line["interval_ns"] = start.interval.count();
  line["victims_absent_because"] = reason_json(start.victims_absent_because);
  line["kills_missed_because"] = reason_json(start.kills_missed_because);
  return json_line(line);
}

std::string watch_line(const WatchSample& sample, Version version) {
  Json line = document("sample", sample.moment);
  line["usage"] = json(sample.usage);
  line["limit"] = json(sample.limits.hard);
  line["high"] = json(sample.limits.high);
  line["binding"] = binding_json(sample.binding, version);
  line["binding_high"] = binding_json(sample.binding_high, version);
  line["swap"] = json(sample.swap);
  line["swap_limit"] = json(sample.limits.swap);
  line["memsw_limit"] = json(sample.limits.memsw);
  line["peak"] = json(sample.peak);
  line["bytes_per_second"] =
      sample.rate ? Json(std::llround(*sample.rate)) : Json(nullptr);
  line["counters"] = counters_json(sample.counters);
  line["growth"] = counters_json(sample.growth);
  line["under_oom"] = json(sample.under_oom);
  line["pressure"] = pressure_json(sample.pressure);
  line["processes"] = number(sample.processes);
  return json_line(line);
}

std::string watch_line(const Moment& moment, const WatchedKill& kill) {
  Json line = document("oom_kill", moment);
  line["count"] = kill.count;
  line["victim"] = json(kill.victim);
  line["victim_absent_because"] = reason_json(kill.victim_absent_because);
  return json_line(line);
}

std::string watch_line(const Moment& moment, const LimitChange& change,
                       Version version) {
  Json line = document("limit_changed", moment);
  line["path"] = change.path;
  line["file"] = name_of(change.file, version);
  line["from"] = json(change.from);
  line["to"] = json(change.to);
  return json_line(line);
}

std::string watch_line(const Moment& moment, const ProcessChange& change) {
  const bool moved = change.kind == ProcessChange::Kind::moved;
  Json line = document(kind_of(change), moment);
  line["pid"] = change.pid;
  line["from"] = change.from;
  line["to"] = moved ? Json(change.to) : Json(nullptr);
  line["inside"] = moved ? Json(change.inside) : Json(nullptr);
  return json_line(line);
}

std::string watch_line(const Moment& moment, const GroupRename& rename) {
  Json line = document("renamed", moment);
  line["from"] = rename.from;
  line["to"] = rename.to;
  return json_line(line);
}

std::string watch_line(const WatchEnd& end) {
  Json line = document("end", end.moment);
  line["reason"] = to_string(end.reason);
  line["signal"] = json(end.signal);
  line["samples"] = end.samples;
  line["highest_usage"] = json(end.highest_usage);
  line["peak"] = json(end.peak);
  line["oom_kills"] = end.oom_kills;
  line["limit_changes"] = end.limit_changes;
  line["made_again"] = end.made_again;
  return json_line(line);
}

void WatchJson::on_start(const WatchStart& start) {
  version_ = start.version;
  write_stdout(watch_line(start));
}

void WatchJson::on_sample(const WatchSample& sample) {
  write_stdout(watch_line(sample, version_));
}

void WatchJson::on_kill(const Moment& moment, const WatchedKill& kill) {
  write_stdout(watch_line(moment, kill));
}

void WatchJson::on_limit_change(const Moment& moment,
                                const LimitChange& change) {
  write_stdout(watch_line(moment, change, version_));
}

void WatchJson::on_process_change(const Moment& moment,
                                  const ProcessChange& change) {
  write_stdout(watch_line(moment, change));
}

void WatchJson::on_rename(const Moment& moment, const GroupRename& rename) {
  write_stdout(watch_line(moment, rename));
}

void WatchJson::on_end(const WatchEnd& end) {
  write_stdout(watch_line(end));
}

}  // namespace lab
