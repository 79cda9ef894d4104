// SPDX-License-Identifier: MIT
#include "lab/record/record_json.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "lab/verdict/analyze.h"
#include "tests/support/reason.h"
#include "tests/support/sample_record.h"

namespace lab {
namespace {

using test_support::reason_of;

using nlohmann::ordered_json;
using test_support::killed_in_course;
using test_support::killed_on_v1;
using test_support::killed_on_v2;
using test_support::survived_on_v2;

ordered_json written(const RunRecord& record) {
  return ordered_json::parse(to_json(record));
}

std::vector<std::string> keys(const ordered_json& object) {
  std::vector<std::string> names;
  for (const auto& item : object.items()) names.push_back(item.key());
  return names;
}

/// The test of the schema compares the fields of all parts with it.
TEST(RecordJson, has_the_same_keys_in_every_record) {
  const ordered_json empty = written(RunRecord());
  EXPECT_EQ(empty.begin().key(), "schema");
  for (const RunRecord& record :
       {killed_on_v1(), killed_on_v2(), killed_in_course(), survived_on_v2()}) {
    const ordered_json json = written(record);
    EXPECT_EQ(keys(json), keys(empty));
    for (const auto& item : empty.items()) {
      if (!item.value().is_object()) continue;
      EXPECT_EQ(keys(json.at(item.key())), keys(item.value())) << item.key();
    }
  }
}

TEST(RecordJson, has_the_numbers_of_a_kill) {
  RunRecord source = killed_on_v2();
  source.verdict = analyze(source);
  const ordered_json record = written(source);
  const ordered_json& evidence = record["evidence"];
  EXPECT_EQ(record["schema"], "cglab.run/2");
  EXPECT_EQ(record["tool"]["name"], "cglab");
  EXPECT_EQ(record["tool"]["command_line"],
            ordered_json({"cglab", "oom", "--limit", "104960000"}));
  EXPECT_EQ(record["date"], "2026-01-31T23:59:59.999Z");
  EXPECT_EQ(record["environment"]["memory_hierarchy"], "v2");
  EXPECT_EQ(record["environment"]["strategy"], "own cgroup");
  EXPECT_EQ(record["plan"]["experiment"], "oom");
  EXPECT_EQ(record["plan"]["limit"], 104960000);
  EXPECT_EQ(record["plan"]["ramp_ns"], 3000000000);
  EXPECT_EQ(record["cgroups"][0]["name"], "memorydemo");
  EXPECT_EQ(record["limits"][0]["cgroup"], "memorydemo");
  EXPECT_EQ(record["limits"][0]["asked"], "104960000");
  EXPECT_EQ(record["limits"][0]["actual"], 104960000);
  EXPECT_EQ(record["limits"][0]["error"], nullptr);
  EXPECT_EQ(record["events"][0]["time_ns"], -2000000);
  EXPECT_EQ(record["events"][0]["kind"], "cgroup_created");
  EXPECT_EQ(record["events"][0]["subject"], "memorydemo");
  EXPECT_EQ(evidence["before"]["oom_kill"], 0);
  EXPECT_EQ(evidence["after"]["local_events"]["oom"], 1);
  EXPECT_EQ(record["processes"][0]["name"], "hog");
  EXPECT_EQ(record["processes"][0]["signal"], 9);
  EXPECT_EQ(record["processes"][0]["exit_code"], nullptr);
  EXPECT_EQ(evidence["victims"][0]["pid"], 4242);
  EXPECT_EQ(evidence["victims"][0]["lines"].size(), 2u);
  EXPECT_EQ(record["verdict"]["status"], "oom_killed");
  EXPECT_EQ(record["verdict"]["limit_owner"], "own");
  EXPECT_EQ(record["verdict"]["reason"][0]["fact"], "oom_killed");
  EXPECT_EQ(test_support::reason_in(record), reason_of(source.verdict));
  EXPECT_EQ(record["cleanup"]["removed"], true);
  EXPECT_EQ(record["samples"]["usage"],
            ordered_json::array({{262144, 52690944, 104960000}}));
  EXPECT_EQ(record["samples"]["touched"],
            ordered_json({0, 52295680, 104591360}));
}

TEST(RecordJson, writes_null_for_unknown_values_and_never_0) {
  RunRecord source;
  source.processes.emplace_back();
  source.limits.push_back({"memorydemo", "memory.max", "1", {}, {}, {}});
  source.readings.push_back({"before limit",
                             0,
                             "memorydemo",
                             {{"usage", std::nullopt}, {"limit", {}}}});
  source.evidence.ancestors.push_back(
      {"/a", std::nullopt, std::nullopt, std::nullopt});
  source.evidence.victims.emplace_back();
  source.evidence.before.events = cgroupfs::MemoryEvents{};
  const ordered_json record = written(source);
  for (const char* path : {"/environment/memory_total",
                           "/environment/memory_available",
                           "/environment/swap_total",
                           "/environment/thp",
                           "/environment/emulated",
                           "/plan/total",
                           "/plan/block",
                           "/plan/ramp_ns",
                           "/plan/timeout_ns",
                           "/processes/0/exit_code",
                           "/processes/0/signal",
                           "/processes/0/touched",
                           "/processes/0/last_touch_ns",
                           "/processes/0/output",
                           "/limits/0/actual",
                           "/limits/0/at_end",
                           "/limits/0/error",
                           "/readings/0/values/usage",
                           "/readings/0/values/limit",
                           "/samples/touched",
                           "/samples/stat/anon",
                           "/samples/stat/stalled_us",
                           "/peak",
                           "/evidence/before/oom_kill",
                           "/evidence/before/events/low",
                           "/evidence/before/events/oom_kill",
                           "/evidence/before/events/oom_group_kill",
                           "/evidence/before/local_events",
                           "/evidence/before/failcnt",
                           "/evidence/before/memsw_failcnt",
                           "/evidence/before/swap",
                           "/evidence/before/stalled_ns",
                           "/evidence/after/events",
                           "/evidence/ancestors/0/max",
                           "/evidence/ancestors/0/hits_before",
                           "/evidence/ancestors/0/hits_after",
                           "/evidence/ancestors/0/notifications",
                           "/evidence/victims/0/constraint",
                           "/evidence/victims/0/oom_memcg",
                           "/evidence/victims/0/task_memcg",
                           "/evidence/victims/0/limit",
                           "/evidence/victims/0/anon_rss",
                           "/evidence/victims_absent_because",
                           "/evidence/interrupted_by",
                           "/verdict/limit_owner",
                           "/verdict/limit_owner_path",
                           "/cleanup/error"}) {
    EXPECT_EQ(record.at(ordered_json::json_pointer(path)), nullptr) << path;
  }
}

TEST(RecordJson, writes_a_missing_limit_as_max) {
  RunRecord source = killed_in_course();
  source.plan.limit = Limit::max();
  source.plan.swap = Limit::max();
  source.limits.front().actual = Limit::max();
  source.limits.front().at_end = Limit::max();
  const ordered_json record = written(source);
  EXPECT_EQ(record["plan"]["limit"], "max");
  EXPECT_EQ(record["plan"]["swap"], "max");
  EXPECT_EQ(record["limits"][0]["actual"], "max");
  EXPECT_EQ(record["limits"][0]["at_end"], "max");
  EXPECT_EQ(record["evidence"]["ancestors"][0]["max"], "max");
}

TEST(RecordJson, has_the_readings_between_the_steps_of_the_course) {
  const ordered_json record = written(killed_in_course());
  EXPECT_EQ(record["plan"]["experiment"], "course");
  EXPECT_EQ(record["cgroups"][1]["name"], "outside");
  const ordered_json& readings = record["readings"];
  ASSERT_EQ(readings.size(), 4u);
  EXPECT_EQ(readings[0]["mark"], "moved");
  EXPECT_EQ(readings[0]["time_ns"], 750000000);
  EXPECT_EQ(readings[0]["values"], ordered_json({{"usage", 0}}));
  EXPECT_EQ(readings[1]["subject"], "outside");
  EXPECT_EQ(readings[1]["values"], ordered_json({{"usage", 26345472}}));
  EXPECT_EQ(readings[2]["subject"], "hog");
  EXPECT_EQ(readings[2]["values"], ordered_json({{"touched", 26238976}}));
  EXPECT_EQ(readings[3]["mark"], "before limit");
  EXPECT_EQ(readings[3]["values"]["usage"], 26443776);
  EXPECT_EQ(readings[3]["values"]["limit"], nullptr) << "there was none";
  EXPECT_EQ(record["samples"]["usage"].size(), 2u);
}

TEST(RecordJson, keeps_lists_lists) {
  RunRecord none;
  none.samples.touched.emplace();
  none.samples.stat.anon.emplace();
  const ordered_json record = written(none);
  for (const char* path :
       {"/tool/command_line", "/environment/rejected_strategies",
        "/plan/command", "/cgroups", "/processes", "/limits", "/readings",
        "/events", "/samples/time_ns", "/samples/usage", "/samples/touched",
        "/samples/stat/time_ns", "/samples/stat/anon", "/evidence/ancestors",
        "/evidence/victims", "/verdict/claims", "/cleanup/left",
        "/cleanup/orphans_removed"}) {
    const ordered_json& list = record.at(ordered_json::json_pointer(path));
    EXPECT_TRUE(list.is_array() && list.empty()) << path << ": " << list;
  }
  RunRecord one = survived_on_v2();
  one.cleanup.left = {"/sys/fs/cgroup/x"};
  EXPECT_EQ(written(one)["cleanup"]["left"],
            ordered_json::array({"/sys/fs/cgroup/x"}));
  RunRecord two = survived_on_v2();
  two.cleanup.left = {"/a", "/b"};
  EXPECT_EQ(written(two)["cleanup"]["left"], ordered_json::array({"/a", "/b"}));
}

TEST(RecordJson, keeps_numbers_of_64_bits) {
  RunRecord source;
  source.evidence.before.failcnt = 18446744073709551615u;
  source.events.push_back({-9223372036854775807, EventKind::deadline, "", ""});
  const ordered_json record = written(source);
  EXPECT_EQ(record["evidence"]["before"]["failcnt"], 18446744073709551615u);
  EXPECT_EQ(record["events"][0]["time_ns"], -9223372036854775807);
}

TEST(RecordJson, replaces_bytes_that_are_not_utf8) {
  RunRecord source = survived_on_v2();
  main_process(source).output = "before\xff\xc3\x28 \xe4\xb8 after\n\x01\"\\";
  const std::string output = written(source)["processes"][0]["output"];
  EXPECT_TRUE(output.starts_with("before\xef\xbf\xbd"));
  EXPECT_TRUE(output.ends_with(" after\n\x01\"\\"));
}

TEST(RecordJson, ends_with_one_newline) {
  const std::string text = to_json(killed_on_v1());
  EXPECT_TRUE(text.ends_with("}\n"));
}

TEST(RecordJson, has_the_fields_that_apply_only_to_a_command) {
  RunRecord source =
      test_support::as_command(survived_on_v2(), {"make", "-j2"});
  Parameters asked;
  asked.command = {"make", "-j2"};
  asked.pids = 9;
  source.plan = make_command_plan(asked);
  source.limits = {{"run", "pids.max", "9", Limit::of(Bytes{9}), {}, {}}};
  source.readings = {{"after", 0, "run", {{"forks_refused", std::nullopt}}}};
  const ordered_json record = written(source);
  EXPECT_EQ(record["plan"]["experiment"], "run");
  EXPECT_EQ(record["plan"]["command"], ordered_json({"make", "-j2"}));
  EXPECT_EQ(record["plan"]["limit"], "max");
  EXPECT_EQ(record["plan"]["swap"], "max");
  EXPECT_EQ(record["cgroups"][0]["name"], "run");
  EXPECT_EQ(record["processes"][0]["name"], "make");
  EXPECT_EQ(record["processes"][0]["command"], ordered_json({"make", "-j2"}));
  EXPECT_EQ(record["limits"][0]["file"], "pids.max");
  EXPECT_EQ(record["limits"][0]["actual"], 9);
  for (const char* path :
       {"/plan/total", "/plan/block", "/plan/ramp_ns", "/plan/timeout_ns",
        "/readings/0/values/forks_refused", "/processes/0/touched",
        "/processes/0/last_touch_ns", "/processes/0/output",
        "/samples/touched"}) {
    EXPECT_EQ(record.at(ordered_json::json_pointer(path)), nullptr) << path;
  }
}

TEST(RecordJson, names_the_signal_that_interrupted) {
  RunRecord source = survived_on_v2();
  source.evidence.interrupted_by = SIGTERM;
  source.evidence.deadline_passed = true;
  EXPECT_EQ(written(source)["evidence"]["interrupted_by"], 15);
  EXPECT_EQ(written(source)["evidence"]["deadline_passed"], true);
}

}  // namespace
}  // namespace lab
