// SPDX-License-Identifier: MIT
#include "lab/record/record_reader.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <random>
#include <tuple>
#include <vector>

#include "cgroupfs/directory.h"
#include "lab/record/bounded_json.h"
#include "lab/record/json_values.h"
#include "lab/record/record_json.h"
#include "tests/support/error_text.h"
#include "tests/support/reason.h"
#include "tests/support/sample_record.h"
#include "tests/support/test_data.h"

namespace lab {
namespace {

using test_support::reason_of;

std::vector<RunRecord> samples() {
  return {test_support::killed_on_v1(), test_support::killed_on_v2(),
          test_support::killed_in_course(), test_support::survived_on_v2()};
}

TEST(RecordReader, reads_back_what_was_written) {
  for (const RunRecord& record : samples()) {
    const std::string text = to_json(record);
    EXPECT_EQ(to_json(parse_record(text, "sample")), text);
  }
}

TEST(RecordReader, reads_back_what_few_runs_have) {
  RunRecord record = test_support::killed_on_v1();
  main_member(record)->left_for = "/elsewhere";
  record.evidence.held = {
      {4243, "sleep", "S", HoldReason::frozen, "/sys/fs/cgroup/freezer/f"}};
  record.evidence.disabled_oom_killers = {"/sys/fs/cgroup/memory/a"};
  record.evidence.shared_memory_left =
      SharedMemoryLeft{Bytes{8192}, {{"/dev/shm/a", Bytes{8192}, true}}, true};
  record.verdict.findings = {
      {FindingKind::held, fact(FactKind::held, 4243, "sleep", "frozen",
                               "/sys/fs/cgroup/freezer/f", "S")}};
  record.peak->split = PeakSplit{5, Bytes{4096}, 4096, 0, 0, std::nullopt};
  Member& other = test_support::add_other(record);
  other.signal = 9;
  other.end_source = "pidfd";
  other.shares_memory = true;
  other.threads = {4250, 4251};
  record.evidence.unplaced_victims = record.evidence.victims;
  record.evidence.later_victims = {4242};
  record.evidence.descendants = {{"/inside", Limit::max(), 2}};
  record.evidence.victims.front().limit = Bytes{104960000};
  record.evidence.victims.resize(2, record.evidence.victims.front());
  record.evidence.ancestors.front().notifications = 1;
  record.limits.front().at_end = Limit::max();
  record.evidence.kernel_log_complete = false;
  record.evidence.all_ancestors_seen = false;
  const std::string text = to_json(record);
  const RunRecord again = parse_record(text, "sample");
  EXPECT_EQ(to_json(again), text);
  EXPECT_EQ(main_member(again)->left_for, "/elsewhere");
  EXPECT_EQ(again.evidence.held.front().reason, HoldReason::frozen);
  EXPECT_EQ(again.peak->split->anon, 4096u);
  EXPECT_EQ(again.evidence.ledger.processes.back().threads.size(), 2u);
  EXPECT_EQ(again.evidence.victims.size(), 2u);
  EXPECT_EQ(again.evidence.ancestors.front().notifications, 1u);
  EXPECT_TRUE(was_rewritten(again.limits.front()));
}

TEST(RecordReader, reads_back_what_only_commands_and_experiments_have) {
  RunRecord command =
      test_support::as_command(test_support::survived_on_v2(), {"make", "-j2"});
  command.plan.timeout = std::nullopt;
  command.limits.push_back(
      {"run", "pids.max", "9", Limit::of(Bytes{9}), {}, {}});
  command.readings = {{"after", 0, "run", {{"forks_refused", 3}}}};
  const std::string text = to_json(command);
  const RunRecord again = parse_record(text, "command");
  EXPECT_EQ(to_json(again), text);
  EXPECT_TRUE(is_command(again.plan));
  EXPECT_FALSE(makes_claims(again));
  EXPECT_EQ(again.samples.touched, std::nullopt);
  EXPECT_EQ(reading_of(again, "after", "run", "forks_refused"), 3u);

  RunRecord experiment = test_support::killed_in_course();
  experiment.plan.question = Message("why?", "为什么？");
  experiment.plan.control = true;
  experiment.verdict.claims = {
      test_support::claim_of("it dies", "signal", "9", "9", true, true),
      test_support::claim_of("it is known", "oom", "?", "0", std::nullopt)};
  const std::string judged = to_json(experiment);
  const RunRecord same = parse_record(judged, "experiment");
  EXPECT_EQ(to_json(same), judged);
  EXPECT_TRUE(makes_claims(same));
  EXPECT_EQ(same.verdict.claims.at(1).held, std::nullopt);
}

/// Where `now` lacks a value of `kept`, or has a different one; empty: nowhere.
/// Keys that were added since are ignored.
std::string lost(const Json& kept, const Json& now, const std::string& path) {
  if (kept.is_object() && now.is_object()) {
    for (const auto& [key, value] : kept.items()) {
      if (!now.contains(key)) return fmt::format("{}/{}", path, key);
      std::string place =
          lost(value, now[key], fmt::format("{}/{}", path, key));
      if (!place.empty()) return place;
    }
    return "";
  }
  if (kept.is_array() && now.is_array() && kept.size() == now.size()) {
    for (std::size_t i = 0; i < kept.size(); ++i) {
      std::string place = lost(kept[i], now[i], fmt::format("{}/{}", path, i));
      if (!place.empty()) return place;
    }
    return "";
  }
  return kept == now ? "" : path;
}

/// Every later version that writes the same schema must read all of them.
TEST(RecordReader, reads_every_record_that_is_kept) {
  std::size_t count = 0;
  for (const auto& file :
       std::filesystem::directory_iterator(test_data("records"))) {
    const std::string text = cgroupfs::read_file(file.path());
    const RunRecord record = read_record(file.path());
    EXPECT_NE(reason_of(record.verdict), "") << file.path();
    EXPECT_FALSE(record.samples.time_ns.empty()) << file.path();
    EXPECT_EQ(lost(Json::parse(text), Json::parse(to_json(record)), ""), "")
        << file.path();
    ++count;
  }
  EXPECT_GE(count, 6u);
}

TEST(RecordReader, ignores_keys_of_later_versions) {
  Json json = Json::parse(to_json(test_support::killed_on_v2()));
  json["later"] = {1, 2, 3};
  json["processes"][0]["later"] = "x";
  EXPECT_EQ(main_process(parse_record(json.dump(), "later")).pid,
            test_support::sample_pid);
}

std::string error_of(const std::string& text) {
  try {
    parse_record(text, "bad.json");
  } catch (const RecordError& error) {
    return error.what();
  }
  return "no error";
}

/// A real record with one value replaced.
std::string with(const char* pointer, const Json& value) {
  Json json = Json::parse(to_json(test_support::killed_on_v1()));
  json[Json::json_pointer(pointer)] = value;
  return error_of(json.dump());
}

/// Values that reports need may be null in other records.
TEST(RecordReader, requires_the_fields_of_a_run_of_the_hog) {
  for (const char* const pointer : {"/plan/total", "/plan/block"}) {
    EXPECT_TRUE(has(with(pointer, nullptr), std::string(pointer) + " is null"))
        << with(pointer, nullptr);
  }
  EXPECT_TRUE(has(with("/plan/limit", "max"), "/plan/limit"));
  EXPECT_TRUE(has(with("/processes/0/touched", nullptr), "/processes"));
  Json late = Json::parse(to_json(test_support::killed_on_v1()));
  late["evidence"]["deadline_passed"] = true;
  EXPECT_EQ(error_of(late.dump()), "no error");
  late["plan"]["timeout_ns"] = nullptr;
  EXPECT_TRUE(has(error_of(late.dump()), "/plan/timeout_ns is null"));
}

TEST(RecordReader, names_file_position_and_expected_value) {
  EXPECT_EQ(with("/processes/0/pid", "x"),
            "bad.json: /processes/0/pid is \"x\", not a 64-bit integer");
  EXPECT_EQ(with("/plan/keep", 1),
            "bad.json: /plan/keep is 1, not true or false");
  EXPECT_TRUE(has(with("/verdict/status", "eaten"), "/verdict/status"));
  EXPECT_TRUE(has(with("/events/0/kind", nullptr), "/events/0/kind is null"));
  EXPECT_TRUE(has(with("/schema", "cglab.run/9"), "cglab.run/9"));
  EXPECT_TRUE(has(with("/samples/usage/0", Json::array({1})), "equal length"));
  EXPECT_TRUE(has(with("/samples/touched", Json::array({1})), "equal length"));
  EXPECT_TRUE(has(with("/samples/usage/0/0", -1), "a non-negative integer"));
  EXPECT_TRUE(has(with("/samples/time_ns/0", 1e300), "64-bit"));
  EXPECT_TRUE(has(with("/events/0/time_ns", 18446744073709551615u), "64-bit"));
  EXPECT_TRUE(has(with("/processes/0/pid", 5000000000), "32-bit"));
  EXPECT_TRUE(has(with("/limits", "x"), "not an array"));
  EXPECT_TRUE(has(with("/environment", 3), "not an object"));
  EXPECT_TRUE(has(with("/plan/swap", "all"), "\"max\" or a number"));
}

TEST(RecordReader, bounds_times_and_numbers) {
  const auto far = 1000000000000000001;
  EXPECT_TRUE(has(with("/events/0/time_ns", far), "within 10^18"));
  EXPECT_TRUE(has(with("/processes/0/last_touch_ns", -far), "within 10^18"));
  EXPECT_TRUE(has(with("/plan/timeout_ns", far), "within 10^18"));
  EXPECT_TRUE(has(with("/environment/cpus", -1), "a non-negative integer"));
  EXPECT_TRUE(has(with("/environment/cpus", 5000000000), "32-bit"));
  EXPECT_TRUE(has(with("/samples/time_ns/0", far - 1), "non-decreasing times"));
}

/// What no process and no kernel can have.
TEST(RecordReader, refuses_numbers_that_no_run_could_read) {
  const Json huge = 9223372036854775808u;
  for (const auto& [pointer, value, expected] :
       std::vector<std::tuple<const char*, Json, const char*>>{
           {"/processes/0/signal", 99, "a signal number from 1 to 64"},
           {"/processes/0/signal", 0, "a signal number from 1 to 64"},
           {"/evidence/interrupted_by", 65, "a signal number from 1 to 64"},
           {"/evidence/ledger/processes/0/signal", -9, "a signal number"},
           {"/processes/0/pid", -1, "a process id from 0 to 4194304"},
           {"/evidence/victims/0/pid", 4194305, "a process id"},
           {"/evidence/later_victims", {7, -1}, "a process id"},
           {"/plan/poll_ns", 0, "a time from 1 to"},
           {"/plan/ramp_ns", -1, "a time from 0 to"},
           {"/plan/timeout_ns", -1, "a time from 1 to"},
           {"/environment/cpus", 0, "a number of CPUs from 1 to"},
           {"/environment/page_size", 1, "a page size from 4096 to"},
           {"/environment/memory_total", huge, "a size from 0 to"},
           {"/plan/limit", huge, "a size from 0 to 9223372036854775807"},
           {"/plan/total", 0, "a size from 1 to"},
           {"/limits/0/actual", huge, "a limit from 0 to"},
           {"/peak/bytes", huge, "a size from 0 to"},
           {"/samples/usage/0/0", huge, "a size from 0 to"},
           {"/samples/touched/0", huge, "a size from 0 to"}}) {
    const std::string error = with(pointer, value);
    EXPECT_TRUE(has(error, std::string("bad.json: ") + pointer)) << error;
    EXPECT_TRUE(has(error, expected)) << error;
  }
  EXPECT_TRUE(has(with("/evidence/later_victims", {7, -1}),
                  "/evidence/later_victims/1 is -1"));
  // Events may precede the gate.
  EXPECT_EQ(with("/events/0/time_ns", -5), "no error");
}

TEST(RecordReader, refuses_two_ends_of_one_process) {
  EXPECT_EQ(with("/processes/0/exit_code", 3),
            "bad.json: /processes/0/signal is 9, not null, as for a process "
            "with an exit_code");
  Json json = Json::parse(to_json(test_support::survived_on_v2()));
  json["processes"][0]["exit_code"] = 300;
  EXPECT_EQ(error_of(json.dump()),
            "bad.json: /processes/0/exit_code is 300, not an exit status from "
            "0 to 255");
  json["processes"][0]["exit_code"] = 0;
  EXPECT_EQ(error_of(json.dump()), "no error");
  json["processes"][0]["pid"] = 0;
  EXPECT_TRUE(has(error_of(json.dump()), "a process with pid 0"));
}

TEST(RecordReader, refuses_dates_of_no_calendar) {
  for (const char* const date :
       {"", "yesterday", "2026-01-31", "2026-13-01T00:00:00.000Z",
        "2026-02-29T00:00:00.000Z", "2026-01-31T24:00:00.000Z",
        "2026-01-31T00:60:00.000Z", "2026-01-31T00:00:00.000",
        "2026-01-31T00:00:00.000Zx", "2026-01-3xT00:00:00.000Z"}) {
    EXPECT_TRUE(has(with("/date", date), "/date is")) << date;
  }
  EXPECT_EQ(with("/date", "2028-02-29T23:59:59.999Z"), "no error");
}

TEST(RecordReader, refuses_more_claims_that_hold_than_claims) {
  RunRecord record = test_support::killed_on_v1();
  record.verdict.claims = {
      test_support::claim_of("it dies", "signal", "9", "9", true)};
  record.verdict.reason = {fact(FactKind::all_claims_hold, 1)};
  EXPECT_EQ(error_of(to_json(record)), "no error");
  record.verdict.reason = {fact(FactKind::all_claims_hold, 99)};
  EXPECT_TRUE(has(error_of(to_json(record)), "/verdict/reason is"));
  EXPECT_TRUE(has(error_of(to_json(record)), "a number of claims from 0 to 1"));
}

TEST(RecordReader, says_where_the_json_ends) {
  EXPECT_EQ(error_of("{\n  \"a\": x"),
            "bad.json: not JSON, or truncated, at line 2, column 8");
  EXPECT_EQ(error_of(""),
            "bad.json: not JSON, or truncated, at line 1, column 1");
  EXPECT_EQ(error_of("{\"a\": 1e999}"), "bad.json: contains an invalid number");
}

TEST(RecordReader, refuses_the_shape_of_earlier_versions_by_its_name) {
  EXPECT_EQ(with("/schema", "cglab.run/1"),
            "bad.json: /schema is \"cglab.run/1\", not cglab.run/2: written by "
            "another version of cglab; repeat the run");
  EXPECT_TRUE(has(error_of(R"({"schema": "cglab.run/1", "child": null})"),
                  "not cglab.run/2"));
  EXPECT_TRUE(has(with("/schema", "cglab.watch/1"), "\"cglab.run/2\""));
}

TEST(RecordReader, refuses_a_record_without_cgroups_or_processes) {
  EXPECT_EQ(with("/cgroups", Json::array()),
            "bad.json: /cgroups is [], not at least one cgroup");
  EXPECT_EQ(with("/processes", Json::array()),
            "bad.json: /processes is [], not at least one process");
  for (const char* const key : {"cgroups", "processes"}) {
    Json json = Json::parse(to_json(test_support::killed_on_v1()));
    json.erase(key);
    EXPECT_EQ(error_of(json.dump()),
              fmt::format("bad.json: /{} is missing", key));
  }
}

TEST(RecordReader, refuses_another_number_of_usages_than_of_cgroups) {
  const char* const expected = "not one column for each cgroup";
  const std::string none = with("/samples/usage", Json::array());
  EXPECT_TRUE(has(none, "bad.json: /samples/usage is []"));
  EXPECT_TRUE(has(none, expected));
  Json json = Json::parse(to_json(test_support::killed_on_v1()));
  json["samples"]["usage"].push_back(json["samples"]["usage"][0]);
  EXPECT_TRUE(has(error_of(json.dump()), expected));
  json["cgroups"].push_back({{"name", "other"}, {"path", "/other"}});
  EXPECT_EQ(error_of(json.dump()), "no error");
}

TEST(RecordReader, names_a_key_that_is_missing) {
  Json json = Json::parse(to_json(test_support::killed_on_v1()));
  json["plan"].erase("limit");
  EXPECT_EQ(error_of(json.dump()), "bad.json: /plan/limit is missing");
}

TEST(RecordReader, refuses_other_documents) {
  for (const char* text :
       {"", "{", "null", "[]", "3", "\"x\"", "{}", "{\"schema\":1}"}) {
    EXPECT_TRUE(has(error_of(text), "bad.json")) << text;
  }
  EXPECT_TRUE(
      has(error_of(std::string(100000, '[')), "nested deeper than 32 levels"));
}

std::string repeated(const std::string& text, std::size_t times) {
  std::string result;
  result.reserve(text.size() * times + 1);
  for (std::size_t i = 0; i < times; ++i) result += text + ",";
  result.pop_back();
  return result;
}

/// A record with `value` in a key that no record has.
std::string with_extra(const std::string& value) {
  const std::string text = to_json(test_support::killed_on_v1());
  return "{\"extra\":" + value + "," + text.substr(text.find('{') + 1);
}

TEST(RecordReader, refuses_more_values_than_any_record_has) {
  for (const char* const value : {"{}", "[]", "0", "null", "\"\""}) {
    EXPECT_TRUE(
        has(error_of(with_extra("[" + repeated(value, most_values) + "]")),
            "bad.json: not a record of cglab: it has more than 1500000 values"))
        << value;
  }
}

/// They used to be searched for discarded ones after each.
TEST(RecordReader, reads_a_record_with_large_extra_values) {
  EXPECT_EQ(error_of(with_extra("[" + repeated("{}", 400000) + "]")),
            "no error");
  const std::string text(longest_text, 'x');
  EXPECT_EQ(error_of(with_extra("\"" + text + "\"")), "no error");
  for (const std::string& value :
       {"\"x" + text + "\"", "{\"x" + text + "\":0}"}) {
    EXPECT_TRUE(
        has(error_of(with_extra(value)), "a string of more than 1024 KiB"));
  }
}

TEST(RecordReader, refuses_more_keys_than_any_object_has) {
  std::string object = "{\"k\":0";
  for (int i = 0; i < 200000; ++i) {
    object += ",\"" + std::to_string(i) + "\":0";
  }
  EXPECT_TRUE(has(error_of(with_extra(object + "}")),
                  "an object with more than 1000 keys"));
}

/// Two cgroups with the maximum of samples.
TEST(RecordReader, reads_the_largest_record) {
  RunRecord record = test_support::killed_on_v1();
  Samples& samples = record.samples;
  samples.time_ns.resize(100000);
  for (std::size_t i = 0; i < samples.time_ns.size(); ++i) {
    samples.time_ns[i] = static_cast<std::int64_t>(i) * 1000000;
  }
  for (Column& usage : samples.usage) usage.resize(samples.time_ns.size());
  if (samples.touched) samples.touched->resize(samples.time_ns.size());
  const std::string text = to_json(record);
  EXPECT_EQ(error_of(text), "no error");
}

TEST(RecordReader, refuses_every_truncated_record) {
  const std::string text = to_json(test_support::killed_on_v1());
  for (std::size_t length = 0; length + 2 < text.size(); length += 37) {
    EXPECT_NE(error_of(text.substr(0, length)), "no error") << length;
  }
}

/// With any byte changed, it is either read or refused.
TEST(RecordReader, survives_damaged_bytes) {
  const std::string text = to_json(test_support::killed_in_course());
  std::mt19937 random(7);
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = text;
    for (int j = 0; j < 3; ++j) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    error_of(damaged);
  }
}

TEST(RecordReader, makes_control_characters_visible) {
  RunRecord record = test_support::killed_on_v1();
  record.verdict.reason = {
      fact(FactKind::log_unreadable, "a\x1b[31mred\x07\xc2\x9b")};
  const RunRecord read = parse_record(to_json(record), "hostile");
  EXPECT_EQ(reason_of(read.verdict), "a\\x1b[31mred\\x07\\xc2\\x9b");
}

}  // namespace
}  // namespace lab
