// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "cgroupfs/bytes.h"
#include "tests/cli/cli_test.h"
#include "tests/cli/record_checks.h"

namespace cli_test {
namespace {

using cgroupfs::Version;
using test_support::mib;

class Record : public CliTest {
 protected:
  Json record_of(const Words& more, int status) {
    Words words{"--json", "-"};
    words.insert(words.end(), more.begin(), more.end());
    const Ending ending = oom(words);
    EXPECT_EQ(ending.status, status) << ending.err;
    Json record = parse_record(ending.out);
    check_record(record);
    return record;
  }

  /// What was read in the course's order; fails the test where it was not.
  static Json reading(const Json& record, const std::string& mark,
                      const std::string& subject, const std::string& key) {
    for (const Json& each : record["readings"]) {
      if (each["mark"] != mark || each["subject"] != subject) continue;
      if (each["values"].contains(key)) return each["values"][key];
    }
    ADD_FAILURE() << mark << ": no " << key << " of " << subject;
    return 0;
  }
};

TEST_F(Record, OfAKill) {
  const Json record = record_of({"--limit", "8M", "--ramp", "0"}, 0);
  EXPECT_EQ(record["verdict"]["status"], "oom_killed");
  EXPECT_EQ(record["verdict"]["limit_owner"], "own");
  EXPECT_EQ(record["plan"]["limit"], 8 << 20);
  EXPECT_EQ(record["plan"]["total"], 16 << 20);
  EXPECT_EQ(hard_limit(record)["actual"], 8 << 20);
  EXPECT_EQ(record["environment"]["memory_hierarchy"],
            cgroupfs::to_string(version()));
  const std::string path = record["cgroups"][0]["path"];
  EXPECT_EQ(path.find(nest().path() + "/"), 0u);
  const auto touched = record["processes"][0]["touched"].get<std::uint64_t>();
  EXPECT_GT(touched, mib(7).count);
  EXPECT_LT(touched, mib(8).count);
  EXPECT_EQ(record["peak"]["bytes"], 8 << 20);
}

TEST_F(Record, OfSurvival) {
  const Json record =
      record_of({"--limit", "8M", "--total", "4M", "--ramp", "0"}, 1);
  EXPECT_EQ(record["verdict"]["status"], "survived");
  EXPECT_EQ(record["verdict"]["limit_owner"], nullptr);
  EXPECT_EQ(record["processes"][0]["exit_code"], 0);
  EXPECT_EQ(record["processes"][0]["signal"], nullptr);
  EXPECT_EQ(record["processes"][0]["touched"], 4 << 20);
  EXPECT_EQ(record["evidence"]["after"]["oom_kill"], 0);
}

TEST_F(Record, OfADeadline) {
  const Json record =
      record_of({"--limit", "8M", "--ramp", "10m", "--timeout", "100ms"}, 124);
  EXPECT_EQ(record["verdict"]["status"], "deadline");
  EXPECT_EQ(record["evidence"]["deadline_passed"], true);
  EXPECT_EQ(event_kinds(record).end()[-3], "deadline");
  EXPECT_EQ(event_kinds(record).end()[-2], "process_exited");
  EXPECT_EQ(event_kinds(record).end()[-1], "reaped");
}

TEST_F(Record, OfAnInterruptedRun) {
  Subprocess run = start_oom({"--limit", "64M", "--ramp", "1m", "--json", "-"});
  climbing_hog();
  run.signal(SIGTERM);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 143);
  const Json record = parse_record(ending.out);
  check_record(record);
  EXPECT_EQ(record["verdict"]["status"], "interrupted");
  EXPECT_EQ(record["evidence"]["interrupted_by"], SIGTERM);
  EXPECT_EQ(record["processes"][0]["signal"], SIGKILL);
  EXPECT_EQ(record["evidence"]["after"]["oom_kill"], 0);
}

TEST_F(Record, OfAKillByHand) {
  Subprocess run = start_oom({"--limit", "64M", "--ramp", "1m", "--json", "-"});
  ASSERT_EQ(::kill(climbing_hog(), SIGKILL), 0);
  const Json record = parse_record(run.wait().out);
  check_record(record);
  EXPECT_EQ(record["verdict"]["status"], "killed");
}

TEST_F(Record, OfAnAncestorsLimit) {
  auto tight = make_below(nest());
  tight.memory.set(cgroupfs::File::memory_max, cgroupfs::Limit::of(mib(8)));
  test_support::forbid_swap_below(tight.memory);
  if (version() == Version::v2) {
    tight.group.directory().write("cgroup.subtree_control", "+memory");
  }
  const Ending ending =
      logged_kill({"oom", "--parent", tight.group.path(), "--limit", "32M",
                   "--ramp", "0", "--json", "-"});
  EXPECT_EQ(ending.status, 1) << ending.err;
  const Json record = parse_record(ending.out);
  check_record(record);
  EXPECT_EQ(record["verdict"]["status"], "oom_killed_by_ancestor");
  EXPECT_EQ(record["verdict"]["limit_owner"], "ancestor");
  EXPECT_EQ(record["verdict"]["limit_owner_path"], tight.group.path());
  const Json& ancestor = record["evidence"]["ancestors"][0];
  EXPECT_EQ(ancestor["path"], tight.group.path());
  EXPECT_EQ(ancestor["max"], 8 << 20);
  EXPECT_GT(ancestor["hits_after"], ancestor["hits_before"]);
}

TEST_F(Record, OfAnOddLimitHasBothNumbers) {
  const Json record = record_of({"--limit", "8388609", "--ramp", "0"}, 0);
  EXPECT_EQ(record["plan"]["limit"], 8388609);
  EXPECT_EQ(hard_limit(record)["asked"], "8388609");
  EXPECT_EQ(hard_limit(record)["actual"],
            cgroupfs::round_down_to_page({8388609}).count);
}

TEST_F(Record, OfTheCoursesOrder) {
  const Json record =
      record_of({"--order", "course", "--limit", "16M", "--ramp", "0"}, 0);
  EXPECT_EQ(record["verdict"]["status"], "oom_killed");
  EXPECT_EQ(record["plan"]["experiment"], "course");
  EXPECT_GE(reading(record, "moved", "hog", "touched"), 4 << 20);
  EXPECT_LT(reading(record, "moved", "memorydemo", "usage"), 1 << 20)
      << "charges do not follow a moved process";
  EXPECT_GE(reading(record, "moved", "outside", "usage"), 4 << 20);
  EXPECT_GE(reading(record, "before limit", "memorydemo", "usage"), 4 << 20);
  EXPECT_EQ(record["processes"][0]["cgroup"], "outside");
  EXPECT_EQ(hard_limit(record)["actual"], 16 << 20);
  EXPECT_GT(record["processes"][0]["touched"], 16 << 20)
      << "what was taken outside comes on top";
}

TEST_F(Record, OfTheCoursesOrderWithTheLimitBelowUsage) {
  const bool is_v1 = version() == Version::v1;
  const Json record =
      record_of({"--order", "course", "--limit", "8M", "--block", "12M",
                 "--total", "24M", "--ramp", "0"},
                is_v1 ? 1 : 0);
  EXPECT_GE(reading(record, "before limit", "memorydemo", "usage"), 12 << 20);
  if (is_v1) {
    EXPECT_EQ(record["verdict"]["status"], "limit_refused");
    // With swap to reclaim to, the hard limit holds and memsw's is refused.
    const bool swapped = record["limits"].size() > 1;
    const Json& refused = record["limits"][swapped ? 1 : 0];
    EXPECT_TRUE(
        has(refused["error"].get<std::string>(), "Device or resource busy"));
    const Json before = reading(record, "before limit", "memorydemo", "limit");
    EXPECT_EQ(refused["actual"], before.is_null() ? Json("max") : before)
        << "the old limit stays";
  } else {
    EXPECT_EQ(record["verdict"]["status"], "oom_killed");
    EXPECT_EQ(hard_limit(record)["actual"], 8 << 20);
  }
}

}  // namespace
}  // namespace cli_test
