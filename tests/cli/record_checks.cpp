// SPDX-License-Identifier: MIT
#include "tests/cli/record_checks.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/cli/cli_test.h"
#include "tests/cli/record_schema.h"

namespace cli_test {
namespace {

using Times = std::vector<std::int64_t>;

void check_samples(const Json& samples) {
  const auto times = samples["time_ns"].get<Times>();
  EXPECT_EQ(samples["usage"].size(), times.size());
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

void check_events(const Json& record) {
  Times times;
  for (const Json& event : record["events"]) times.push_back(event["time_ns"]);
  EXPECT_TRUE(std::is_sorted(times.begin(), times.end()));
  EXPECT_EQ(event_kinds(record).front(), "group_created");
  EXPECT_EQ(time_of(record, "gate_opened"), 0);
  EXPECT_LT(time_of(record, "child_started"), 0);
  if (record["plan"]["order"] == "limit-first") {
    EXPECT_LT(time_of(record, "limit_set"), 0);
  }
}

/// The kernel sends no SIGKILL before the limit was hit.
void check_kill(const Json& record) {
  const Json& counters = record["counters"];
  EXPECT_EQ(record["child"]["signal"], SIGKILL);
  EXPECT_EQ(record["child"]["exit_code"], nullptr);
  EXPECT_EQ(counters["before"]["oom_kill"], 0);
  EXPECT_EQ(counters["after"]["oom_kill"], 1);
  EXPECT_TRUE(has_event(record, "notification"));
  EXPECT_TRUE(has_event(record, "kill_seen"));
  EXPECT_GT(time_of(record, "kill_seen"),
            record["child"]["last_touch_ns"].get<std::int64_t>());
}

void check_peak(const Json& record) {
  const Json& peak = record["peak"];
  if (peak.is_null() || record["limits"].empty()) return;
  const Json& limit = record["limits"][0]["actual"];
  if (record["plan"]["order"] == "limit-first") {
    EXPECT_LE(peak["bytes"].get<std::uint64_t>(), limit.get<std::uint64_t>());
  }
  for (const Json& usage : record["samples"]["usage"]) {
    EXPECT_LE(usage.get<std::uint64_t>(), peak["bytes"].get<std::uint64_t>());
  }
}

void check_version(const Json& record) {
  const bool is_v2 = record["environment"]["memory_hierarchy"] == "v2";
  for (const char* const moment : {"before", "after"}) {
    const Json& counters = record["counters"][moment];
    EXPECT_EQ(counters["events"].is_null(), !is_v2);
    EXPECT_EQ(counters["failcnt"].is_null(), is_v2);
  }
}

}  // namespace

void check_command_record(const Json& record) {
  ASSERT_EQ(schema_errors(record), "") << record.dump(1);
  const Json& samples = record["samples"];
  EXPECT_EQ(samples["usage"].size(), samples["time_ns"].size());
  const Json& plan = record["plan"];
  for (const Json& absent : {samples["touched"], record["child"]["touched"],
                             record["child"]["output"], plan["total"],
                             plan["block"], plan["ramp_ns"], plan["order"]}) {
    EXPECT_EQ(absent, nullptr);
  }
  EXPECT_EQ(event_kinds(record).front(), "group_created");
  EXPECT_TRUE(has_event(record, "tree_ended"));
  EXPECT_EQ(time_of(record, "gate_opened"), 0);
  check_version(record);
  EXPECT_TRUE(record["cleanup"]["removed"].get<bool>());
}

void check_record(const Json& record) {
  ASSERT_EQ(schema_errors(record), "") << record.dump(1);
  check_samples(record["samples"]);
  check_events(record);
  check_peak(record);
  check_version(record);
  const std::string status = record["verdict"]["status"];
  if (status.rfind("oom_killed", 0) == 0) check_kill(record);
  EXPECT_EQ(record["victim"].is_null(),
            !record["victim_absent_because"].is_null());
  EXPECT_EQ(record["course"].is_null(), !has_event(record, "child_moved"));
  EXPECT_TRUE(record["cleanup"]["removed"].get<bool>());
  EXPECT_TRUE(record["cleanup"]["left"].empty());
  EXPECT_EQ(record["cleanup"]["error"], nullptr);
}

}  // namespace cli_test
