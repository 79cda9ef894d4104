// SPDX-License-Identifier: MIT
#include "tests/cli/record_checks.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "lab/record/procedure.h"
#include "lab/record/record_reader.h"
#include "lab/verdict/recheck.h"
#include "tests/cli/cli_test.h"
#include "tests/cli/record_schema.h"

namespace cli_test {
namespace {

using Times = std::vector<std::int64_t>;
using Names = std::set<std::string>;

Names names_of(const Json& items) {
  Names names;
  for (const Json& item : items) names.insert(item["name"]);
  return names;
}

void check_usage(const Json& record) {
  const Json& samples = record["samples"];
  EXPECT_EQ(samples["usage"].size(), record["cgroups"].size());
  for (const Json& usage : samples["usage"]) {
    EXPECT_EQ(usage.size(), samples["time_ns"].size());
  }
}

void check_samples(const Json& record) {
  check_usage(record);
  const Json& samples = record["samples"];
  const auto times = samples["time_ns"].get<Times>();
  EXPECT_EQ(samples["touched"].size(), times.size());
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
  const auto touched = samples["touched"].get<std::vector<std::uint64_t>>();
  EXPECT_TRUE(std::is_sorted(touched.begin(), touched.end()));
}

std::int64_t time_of(const Json& record, const std::string& kind) {
  for (const Json& event : record["events"]) {
    if (event["kind"] == kind) return event["time_ns"];
  }
  ADD_FAILURE() << "no event " << kind;
  return 0;
}

bool has_event(const Json& record, const std::string& kind) {
  const Words kinds = event_kinds(record);
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

bool is_course(const Json& record) {
  return record["plan"]["experiment"] == "course";
}

void check_events(const Json& record) {
  Times times;
  for (const Json& event : record["events"]) times.push_back(event["time_ns"]);
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
  EXPECT_EQ(event_kinds(record).front(), "cgroup_created");
  EXPECT_EQ(time_of(record, "gate_opened"), 0);
  EXPECT_LT(time_of(record, "process_started"), 0);
  if (!is_course(record)) {
    EXPECT_LT(time_of(record, "limit_set"), 0);
  }
}

/// The kernel sends no SIGKILL before the limit was hit.
void check_kill(const Json& record) {
  const Json& evidence = record["evidence"];
  const Json& hog = record["processes"][0];
  EXPECT_EQ(hog["signal"], SIGKILL);
  EXPECT_EQ(hog["exit_code"], nullptr);
  EXPECT_EQ(evidence["before"]["oom_kill"], 0);
  EXPECT_EQ(evidence["after"]["oom_kill"], 1);
  EXPECT_TRUE(has_event(record, "notification"));
  EXPECT_TRUE(has_event(record, "kill_seen"));
  EXPECT_GT(time_of(record, "kill_seen"),
            hog["last_touch_ns"].get<std::int64_t>());
}

void check_peak(const Json& record) {
  const Json& peak = record["peak"];
  if (peak.is_null() || record["limits"].empty()) return;
  const Json limit = hard_limit(record)["actual"];
  // A task on its way out is charged in spite of the limit (try_charge_memcg(),
  // mm/memcontrol.c).
  const std::uint64_t forced = test_support::mib(1).count;
  if (!is_course(record)) {
    EXPECT_LE(peak["bytes"].get<std::uint64_t>(),
              limit.get<std::uint64_t>() + forced);
  }
  for (const Json& usage : record["samples"]["usage"][0]) {
    EXPECT_LE(usage.get<std::uint64_t>(), peak["bytes"].get<std::uint64_t>());
  }
}

void check_version(const Json& record) {
  const bool is_v2 = record["environment"]["memory_hierarchy"] == "v2";
  for (const char* const moment : {"before", "after"}) {
    const Json& counters = record["evidence"][moment];
    const bool is_gone = record["evidence"]["cgroup_removed"].get<bool>();
    if (is_gone && moment == std::string_view("after")) continue;
    EXPECT_EQ(counters["events"].is_null(), !is_v2);
    EXPECT_EQ(counters["failcnt"].is_null(), is_v2);
  }
}

/// In the course's order the run has a second cgroup, and readings between its
/// steps.
void check_course(const Json& record) {
  EXPECT_EQ(names_of(record["cgroups"]), is_course(record)
                                             ? Names({"memorydemo", "outside"})
                                             : Names({"memorydemo"}));
  EXPECT_EQ(record["cgroups"][0]["name"], "memorydemo");
  EXPECT_EQ(record["readings"].empty(), !has_event(record, "process_moved"));
  EXPECT_EQ(record["processes"][0]["name"], "hog");
}

}  // namespace

void check_names(const Json& record) {
  const Names cgroups = names_of(record["cgroups"]);
  const Names processes = names_of(record["processes"]);
  Names subjects = processes;
  subjects.insert(cgroups.begin(), cgroups.end());
  for (const char* const list : {"processes", "limits"}) {
    for (const Json& item : record[list]) {
      EXPECT_TRUE(cgroups.contains(item["cgroup"])) << item;
    }
  }
  for (const Json& reading : record["readings"]) {
    EXPECT_TRUE(subjects.contains(reading["subject"]) ||
                reading["subject"] == lab::all_cgroups)
        << reading;
  }
  for (const Json& event : record["events"]) {
    EXPECT_TRUE(subjects.contains(event["subject"]) ||
                event["subject"].get<std::string>().empty())
        << event;
    const std::string kind = event["kind"];
    if (kind.starts_with("process_") || kind == "reaped") {
      EXPECT_TRUE(processes.contains(event["subject"])) << event;
    } else if (kind.starts_with("limit_")) {
      EXPECT_TRUE(cgroups.contains(event["subject"])) << event;
    }
  }
}

void check_verdict(const Json& record) {
  const auto other = lab::recheck(lab::parse_record(record.dump(), "record"));
  EXPECT_FALSE(other) << to_string(other->status) << "\n" << record.dump(1);
}

void check_command_record(const Json& record) {
  ASSERT_EQ(schema_errors(record), "") << record.dump(1);
  check_verdict(record);
  check_names(record);
  check_usage(record);
  const Json& plan = record["plan"];
  const Json& command = record["processes"][0];
  for (const Json& absent : {record["samples"]["touched"], command["touched"],
                             command["last_touch_ns"], command["output"],
                             plan["total"], plan["block"], plan["ramp_ns"]}) {
    EXPECT_EQ(absent, nullptr);
  }
  EXPECT_EQ(plan["experiment"], "run");
  EXPECT_EQ(command["command"], plan["command"]);
  EXPECT_EQ(names_of(record["cgroups"]), Names({"run"}));
  EXPECT_EQ(event_kinds(record).front(), "cgroup_created");
  EXPECT_TRUE(has_event(record, "all_ended"));
  EXPECT_EQ(time_of(record, "gate_opened"), 0);
  check_version(record);
  EXPECT_TRUE(record["cleanup"]["removed"].get<bool>() ||
              !record["evidence"]["held"].empty());
}

void check_record(const Json& record) {
  ASSERT_EQ(schema_errors(record), "") << record.dump(1);
  check_verdict(record);
  check_names(record);
  check_samples(record);
  check_events(record);
  check_peak(record);
  check_version(record);
  check_course(record);
  const std::string status = record["verdict"]["status"];
  if (status.rfind("oom_killed", 0) == 0) check_kill(record);
  const Json& evidence = record["evidence"];
  EXPECT_EQ(evidence["victims"].empty(),
            !evidence["victims_absent_because"].is_null());
  EXPECT_TRUE(record["verdict"]["claims"].empty());
  EXPECT_TRUE(record["cleanup"]["removed"].get<bool>());
  EXPECT_TRUE(record["cleanup"]["left"].empty());
  EXPECT_EQ(record["cleanup"]["error"], nullptr);
}

Json limit_of(const Json& record, const std::string& file) {
  for (const Json& limit : record["limits"]) {
    if (limit["file"] == file) return limit;
  }
  ADD_FAILURE() << "no limit " << file << " in " << record["limits"];
  return {{"actual", nullptr}};
}

Json hard_limit(const Json& record) {
  const bool is_v2 = record["environment"]["memory_hierarchy"] == "v2";
  return limit_of(record, is_v2 ? "memory.max" : "memory.limit_in_bytes");
}

}  // namespace cli_test
