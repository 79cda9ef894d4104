// SPDX-License-Identifier: MIT
#include "lab/watch/tree_json.h"

#include "lab/report/terminal.h"
#include "lab/watch/json_parts.h"

namespace lab {
namespace {

constexpr char tree_schema[] = "cglab.watch-all/1";

Json cgroup_json(const TreeNode& node) {
  return {{"cgroup", node.path},
          {"usage", json(node.usage)},
          {"limit", json(node.limit)},
          {"peak", json(node.peak)},
          {"processes", node.processes ? Json(*node.processes) : Json()},
          {"pressure", pressure_json(node.pressure)},
          {"limit_hits", json(node.limit_hits)},
          {"oom_kills", node.counts_kills() ? Json(node.kills) : Json()}};
}

}  // namespace

std::string tree_line(const Moment& moment, const TreeKill& kill) {
  Json line = watch_document(tree_schema, "oom_kill", moment);
  line["count"] = kill.count;
  line["cgroup"] = kill.place.path;
  line["exact"] = kill.place.exact;
  line["source"] = json(kill.place.source);
  line["victim"] = json(kill.victim);
  line["victim_absent_because"] = reason_json(kill.victim_absent_because);
  return json_line(line);
}

void TreeJson::on_start(const TreeStart& start, CgroupTree&) {
  Json line = watch_document(tree_schema, "start", start.moment);
  line["cgroup"] = start.path;
  line["mount_point"] = start.mount_point;
  line["memory_hierarchy"] = to_string(start.version);
  line["interval_ns"] = start.interval.count();
  line["cgroups"] = start.cgroups;
  line["victims_absent_because"] = reason_json(start.victims_absent_because);
  line["kills_missed_because"] = reason_json(start.kills_missed_because);
  line["cgroups_missed_because"] = reason_json(start.cgroups_missed_because);
  write_stdout(json_line(line));
}

void TreeJson::on_sample(const Moment& moment, CgroupTree& tree,
                         const TreeTotals& totals) {
  tree.read_usage();
  tree.read_peaks();
  Json line = watch_document(tree_schema, "sample", moment);
  line["oom_kills"] = totals.kills;
  line["unplaced"] = totals.unplaced;
  line["created"] = totals.created;
  Json& cgroups = line["cgroups"] = Json::array();
  tree.each(
      [&](const TreeNode& node) { cgroups.push_back(cgroup_json(node)); });
  write_stdout(json_line(line));
}

void TreeJson::on_change(const Moment& moment, const TreeChange& change) {
  Json line = watch_document(tree_schema,
                             change.created ? "created" : "removed", moment);
  line["cgroup"] = change.path;
  write_stdout(json_line(line));
}

void TreeJson::on_kill(const Moment& moment, const TreeKill& kill) {
  write_stdout(tree_line(moment, kill));
}

void TreeJson::on_end(const TreeEnd& end, CgroupTree&) {
  Json line = watch_document(tree_schema, "end", end.moment);
  line["reason"] = to_string(end.reason);
  line["signal"] = json(end.signal);
  line["samples"] = end.totals.samples;
  line["oom_kills"] = end.totals.kills;
  line["with_cgroup"] = end.totals.with_cgroup;
  line["with_victim"] = end.totals.with_victim;
  line["unplaced"] = end.totals.unplaced;
  line["created"] = end.totals.created;
  write_stdout(json_line(line));
}

}  // namespace lab
