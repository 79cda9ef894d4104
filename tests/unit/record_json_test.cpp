// SPDX-License-Identifier: MIT
#include "lab/record/record_json.h"

#include <gtest/gtest.h>
#include <signal.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "lab/verdict/analyze.h"
#include "tests/support/sample_record.h"

namespace lab {
namespace {

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

using Keys = std::vector<std::string>;

TEST(RecordJson, has_the_keys_of_the_schema_in_every_record) {
  for (const RunRecord& record :
       {killed_on_v1(), killed_on_v2(), killed_in_course(), survived_on_v2(),
        RunRecord()}) {
    EXPECT_EQ(keys(written(record)), (Keys{"schema",
                                           "tool",
                                           "environment",
                                           "plan",
                                           "group",
                                           "strategy",
                                           "rejected_strategies",
                                           "limits",
                                           "events",
                                           "counters",
                                           "ancestors",
                                           "all_ancestors_seen",
                                           "peak",
                                           "child",
                                           "membership",
                                           "victim",
                                           "other_victims",
                                           "victim_absent_because",
                                           "kernel_log_complete",
                                           "course",
                                           "pids",
                                           "scenario",
                                           "interrupted_by",
                                           "deadline_passed",
                                           "verdict",
                                           "cleanup",
                                           "samples"}));
  }
}

TEST(RecordJson, has_the_keys_of_the_schema_in_every_part) {
  const ordered_json record = written(killed_in_course());
  const struct {
    const char* path;
    Keys expected;
  } cases[] = {
      {"/tool", {"name", "version"}},
      {"/environment",
       {"kernel", "machine", "cgroup_mode", "memory_hierarchy", "memory_mount",
        "memory_total", "memory_available", "swap_total", "page_size", "thp",
        "psi", "cpus", "root", "initial_pid_namespace", "emulated"}},
      {"/plan",
       {"experiment", "order", "limit", "swap", "total", "block", "ramp_ns",
        "poll_ns", "timeout_ns", "keep", "command", "high", "oom_group",
        "pids"}},
      {"/limits/0", {"group", "file", "asked", "actual", "at_end", "error"}},
      {"/events/0", {"time_ns", "kind", "source"}},
      {"/counters", {"before", "after"}},
      {"/counters/after",
       {"oom_kill", "events", "local_events", "failcnt", "memsw_failcnt",
        "swap", "stalled_ns"}},
      {"/counters/after/events",
       {"low", "high", "max", "oom", "oom_kill", "oom_group_kill"}},
      {"/ancestors/0",
       {"path", "max", "hits_before", "hits_after", "notified"}},
      {"/peak", {"bytes", "source"}},
      {"/child",
       {"pid", "joined_by", "exit_code", "signal", "touched", "last_touch_ns",
        "output"}},
      {"/victim",
       {"pid", "name", "constraint", "oom_memcg", "task_memcg", "limit",
        "anon_rss", "lines"}},
      {"/membership",
       {"others_seen", "unread", "child_inside", "child_left_for"}},
      {"/course",
       {"touched_outside", "usage_after_move", "outside_after_move",
        "usage_before_limit", "limit_before"}},
      {"/verdict", {"status", "reason", "limit_owner", "limit_owner_path"}},
      {"/cleanup", {"removed", "left", "orphans_removed", "error"}},
      {"/samples", {"time_ns", "usage", "touched", "stat"}},
      {"/samples/stat",
       {"time_ns", "anon", "file", "shmem", "kernel", "swap", "stalled_us"}},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(keys(record.at(ordered_json::json_pointer(c.path))), c.expected)
        << c.path;
  }
}

TEST(RecordJson, tells_the_numbers_of_a_kill) {
  RunRecord source = killed_on_v2();
  source.verdict = analyze(source);
  const ordered_json record = written(source);
  EXPECT_EQ(record["schema"], "cglab.run/1");
  EXPECT_EQ(record["environment"]["memory_hierarchy"], "v2");
  EXPECT_EQ(record["plan"]["limit"], 104960000);
  EXPECT_EQ(record["plan"]["order"], "limit-first");
  EXPECT_EQ(record["plan"]["ramp_ns"], 3000000000);
  EXPECT_EQ(record["limits"][0]["asked"], "104960000");
  EXPECT_EQ(record["limits"][0]["actual"], 104960000);
  EXPECT_EQ(record["limits"][0]["error"], nullptr);
  EXPECT_EQ(record["events"][0]["time_ns"], -2000000);
  EXPECT_EQ(record["events"][0]["kind"], "group_created");
  EXPECT_EQ(record["counters"]["before"]["oom_kill"], 0);
  EXPECT_EQ(record["counters"]["after"]["local_events"]["oom"], 1);
  EXPECT_EQ(record["child"]["signal"], 9);
  EXPECT_EQ(record["child"]["exit_code"], nullptr);
  EXPECT_EQ(record["victim"]["pid"], 4242);
  EXPECT_EQ(record["victim"]["lines"].size(), 2u);
  EXPECT_EQ(record["verdict"]["status"], "oom_killed");
  EXPECT_EQ(record["verdict"]["limit_owner"], "own");
  EXPECT_EQ(record["verdict"]["reason"], source.verdict.reason);
  EXPECT_EQ(record["cleanup"]["removed"], true);
  EXPECT_EQ(record["samples"]["usage"],
            ordered_json({262144, 52690944, 104960000}));
}

TEST(RecordJson, writes_null_for_what_is_unknown_and_never_0) {
  RunRecord source;
  source.limits.push_back({"memory.max", "1", std::nullopt, std::nullopt});
  source.ancestors.push_back({"/a", std::nullopt, std::nullopt, std::nullopt});
  source.victim = Victim{};
  source.course = CourseRecord{};
  source.before.events = cgroupfs::MemoryEvents{};
  const ordered_json record = written(source);
  for (const char* path : {"/environment/memory_total",
                           "/environment/memory_available",
                           "/environment/swap_total",
                           "/environment/thp",
                           "/limits/0/actual",
                           "/limits/0/error",
                           "/counters/before/oom_kill",
                           "/counters/before/events/low",
                           "/counters/before/events/oom_kill",
                           "/counters/before/events/oom_group_kill",
                           "/counters/before/local_events",
                           "/counters/before/failcnt",
                           "/counters/before/memsw_failcnt",
                           "/counters/before/swap",
                           "/counters/after/events",
                           "/ancestors/0/max",
                           "/ancestors/0/hits_before",
                           "/ancestors/0/hits_after",
                           "/peak",
                           "/child/exit_code",
                           "/child/signal",
                           "/child/last_touch_ns",
                           "/victim/constraint",
                           "/victim/oom_memcg",
                           "/victim/task_memcg",
                           "/victim/anon_rss",
                           "/victim_absent_because",
                           "/course/usage_before_limit",
                           "/course/limit_before",
                           "/interrupted_by",
                           "/verdict/limit_owner",
                           "/verdict/limit_owner_path",
                           "/cleanup/error"}) {
    EXPECT_EQ(record.at(ordered_json::json_pointer(path)), nullptr) << path;
  }
}

TEST(RecordJson, writes_a_missing_limit_as_max) {
  RunRecord source = killed_in_course();
  source.plan.swap = Limit::max();
  const ordered_json record = written(source);
  EXPECT_EQ(record["plan"]["swap"], "max");
  EXPECT_EQ(record["ancestors"][0]["max"], "max");
  EXPECT_EQ(record["course"]["limit_before"], "max");
}

TEST(RecordJson, keeps_lists_lists) {
  const ordered_json record = written(RunRecord());
  for (const char* path :
       {"/limits", "/events", "/ancestors", "/samples/time_ns",
        "/samples/usage", "/samples/touched", "/cleanup/left",
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
  source.before.failcnt = 18446744073709551615u;
  source.events.push_back({-9223372036854775807, EventKind::deadline, ""});
  const ordered_json record = written(source);
  EXPECT_EQ(record["counters"]["before"]["failcnt"], 18446744073709551615u);
  EXPECT_EQ(record["events"][0]["time_ns"], -9223372036854775807);
}

TEST(RecordJson, replaces_what_is_no_utf8) {
  RunRecord source = survived_on_v2();
  source.child.output = "before\xff\xc3\x28 \xe4\xb8 after\n\x01\"\\";
  const std::string output = written(source)["child"]["output"];
  EXPECT_TRUE(output.starts_with("before\xef\xbf\xbd"));
  EXPECT_TRUE(output.ends_with(" after\n\x01\"\\"));
}

TEST(RecordJson, ends_with_one_newline) {
  const std::string text = to_json(killed_on_v1());
  EXPECT_TRUE(text.ends_with("}\n"));
}

TEST(RecordJson, tells_of_a_command_what_applies_to_it_alone) {
  RunRecord source = survived_on_v2();
  CommandPlan command;
  command.command = {"make", "-j2"};
  command.pids = 9;
  source.plan = make_command_plan({}, command);
  source.child.touched = std::nullopt;
  source.pids = PidsRecord{"/sys/fs/cgroup/x", 9, std::nullopt};
  const ordered_json record = written(source);
  EXPECT_EQ(record["plan"]["command"], ordered_json({"make", "-j2"}));
  EXPECT_EQ(record["plan"]["limit"], "max");
  EXPECT_EQ(record["plan"]["high"], "max");
  EXPECT_EQ(record["plan"]["swap"], "max");
  EXPECT_EQ(record["plan"]["pids"], 9);
  EXPECT_EQ(record["plan"]["oom_group"], false);
  EXPECT_EQ(record["pids"]["max"], 9);
  for (const char* path :
       {"/plan/order", "/plan/total", "/plan/block", "/plan/ramp_ns",
        "/plan/timeout_ns", "/pids/refused", "/child/touched", "/child/output",
        "/samples/touched"}) {
    EXPECT_EQ(record.at(ordered_json::json_pointer(path)), nullptr) << path;
  }
}

TEST(RecordJson, tells_the_signal_that_interrupted) {
  RunRecord source = survived_on_v2();
  source.interrupted_by = SIGTERM;
  source.deadline_passed = true;
  EXPECT_EQ(written(source)["interrupted_by"], 15);
  EXPECT_EQ(written(source)["deadline_passed"], true);
}

}  // namespace
}  // namespace lab
