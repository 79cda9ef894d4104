// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <ostream>

#include "cgroupfs/directory.h"
#include "cgroupfs/text.h"
#include "tests/cli/cli_test.h"
#include "tests/cli/own_world.h"
#include "tests/cli/record_checks.h"
#include "tests/cli/record_schema.h"
#include "tests/support/reason.h"
#include "tests/support/wait.h"

namespace cli_test {
namespace {

using cgroupfs::Version;

/// An experiment, and where it exists.
struct Known {
  const char* name;
  std::optional<Version> only = std::nullopt;
  bool needs_swap = false;
  bool needs_disk = false;
};

void PrintTo(const Known& known, std::ostream* out) {
  *out << known.name;
}

/// All that make claims.
const Known known_experiments[] = {
    {"forks"},
    {"group", Version::v2},
    {"huge"},
    {"kill", Version::v2},
    {"leak"},
    {"locked"},
    {"lower"},
    {"move"},
    {"page-cache", {}, false, true},
    {"parent"},
    {"pause", Version::v1},
    {"pressure", Version::v2},
    {"protect", Version::v2, false, true},
    {"reclaim", Version::v2, false, true},
    {"soft", Version::v1},
    {"swap", {}, true},
    {"threshold", Version::v1},
    {"throttle", Version::v2},
    {"tmpfs"},
    {"untouched"},
    {"victim"},
};

class Experiments : public CliTest, public testing::WithParamInterface<Known> {
 protected:
  void SetUp() override {
    CliTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    enable_pids();
  }

  bool exists_here() const {
    return GetParam().only.value_or(version()) == version();
  }

  Ending run(const Words& more) const {
    Words words{GetParam().name, "--parent", nest().path(), "--limit", "32M"};
    words.insert(words.end(), more.begin(), more.end());
    return cglab(words);
  }

  /// Why it cannot run in spite of the right version; empty: it can.
  std::string missing() const {
    if (GetParam().needs_swap && !test_support::host_has_swap()) {
      return "this host has no swap";
    }
    if (!GetParam().needs_disk) return "";
    // Any other missing feature is not a reason to skip.
    const std::string lack = "no folder on a disk";
    const Ending ending = run({"--quiet"});
    return ending.status == 77 && has(ending.err, lack) ? lack : "";
  }
};

bool holds(const Json& claim) {
  return claim["held"].is_null() || claim["held"] == true;
}

/// What the cause decides fails by a number that was read.
bool fails_as_decided(const Json& claim) {
  return claim["held"] == false && claim["seen"]["fact"] != "unknown";
}

TEST_P(Experiments, ShowWhatTheyPredict) {
  if (!exists_here()) GTEST_SKIP() << "not on cgroup " << to_string(version());
  const std::string lack = missing();
  if (!lack.empty()) GTEST_SKIP() << lack;
  const Ending ending = run({"--json", "-"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  const Json record = parse_record(ending.out);
  EXPECT_EQ(schema_errors(record), "");
  check_verdict(record);
  check_names(record);
  EXPECT_EQ(record["verdict"]["status"], "as_predicted");
  const Json& claims = record["verdict"]["claims"];
  EXPECT_TRUE(std::all_of(claims.begin(), claims.end(), holds)) << ending.err;
  EXPECT_TRUE(std::any_of(claims.begin(), claims.end(), [](const Json& claim) {
    return claim["held"] == true;
  }));
  EXPECT_EQ(record["cleanup"]["removed"], true);
  EXPECT_TRUE(has(ending.err, "AS PREDICTED"));
  EXPECT_EQ(in_nest(), Words());
}

TEST_P(Experiments, AreAsExpectedInTheControlRun) {
  if (!exists_here()) GTEST_SKIP() << "not on cgroup " << to_string(version());
  const std::string lack = missing();
  if (!lack.empty()) GTEST_SKIP() << lack;
  const Ending ending = run({"--control", "--json", "-"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  const Json record = parse_record(ending.out);
  EXPECT_EQ(schema_errors(record), "");
  check_verdict(record);
  EXPECT_EQ(record["verdict"]["status"], "not_as_predicted");
  EXPECT_EQ(record["plan"]["control"], true);
  EXPECT_TRUE(has(ending.err, "CONTROL RUN AS EXPECTED"));
  const auto reason = test_support::reason_in(record);
  EXPECT_TRUE(
      has(reason, "Without the cause the effect is gone; this claim fails: "))
      << reason;
  int decided = 0;
  for (const Json& claim : record["verdict"]["claims"]) {
    if (!claim["decided_by_cause"].get<bool>()) continue;
    ++decided;
    EXPECT_TRUE(fails_as_decided(claim)) << claim;
  }
  EXPECT_GT(decided, 0);
  EXPECT_EQ(in_nest(), Words());
}

TEST_P(Experiments, NameTheVmThatHasThem) {
  if (exists_here() && missing().empty()) {
    const Ending ending = run({"--dry-run"});
    EXPECT_EQ(ending.status, 0) << ending.err;
    return;
  }
  const Ending ending = run({"--quiet"});
  EXPECT_EQ(ending.status, 77);
  EXPECT_TRUE(has(ending.err, "cannot run here: "));
  EXPECT_TRUE(has(ending.err, "scripts/vm"));
  EXPECT_TRUE(has(ending.err, std::string(" -- cglab ") + GetParam().name));
  if (!exists_here()) {
    EXPECT_TRUE(
        has(ending.err,
            std::string("--cgroup ").append(to_string(*GetParam().only))));
  }
  if (GetParam().needs_swap) {
    EXPECT_TRUE(has(ending.err, "--swap 256M"));
  }
}

INSTANTIATE_TEST_SUITE_P(Catalogue, Experiments,
                         testing::ValuesIn(known_experiments),
                         [](const testing::TestParamInfo<Known>& info) {
                           std::string name = info.param.name;
                           std::erase(name, '-');
                           return name;
                         });

TEST(Catalogue, IsListedWhole) {
  const Ending ending = cglab({"list"});
  EXPECT_EQ(ending.status, 0);
  for (const Known& known : known_experiments) {
    EXPECT_TRUE(has(ending.out, std::string("\n  ") + known.name + " "));
  }
  EXPECT_TRUE(has(ending.out, "\n  oom "));
  EXPECT_TRUE(has(ending.out, "\n  course "));
  const Ending chinese = cglab({"list", "--lang", "zh"});
  EXPECT_TRUE(has(chinese.out, "\n  oom         * 进程涨到")) << chinese.out;
  // All that are listed, but `course` and `oom`, are tested here.
  std::size_t listed = 0;
  for (const std::string_view line : cgroupfs::split_lines(ending.out)) {
    if (line.starts_with("  ") && line.find_first_not_of(' ') == 2) ++listed;
  }
  EXPECT_EQ(listed, std::size(known_experiments) + 2) << ending.out;
}

/// By the checks of a run, which --dry-run makes, too.
TEST(Catalogue, MarksWhatRunsHere) {
  const std::string text = cglab({"list"}).out;
  for (const Known& known : known_experiments) {
    const std::size_t begin = text.find(std::string("\n  ") + known.name + " ");
    ASSERT_NE(begin, text.npos) << known.name;
    std::size_t end = begin;
    do {
      end = text.find('\n', end + 1);
    } while (text.compare(end, 5, "\n    ") == 0);
    const std::string row = text.substr(begin, end - begin);
    const Ending dry = cglab({known.name, "--dry-run"});
    EXPECT_EQ(has(row, " * "), dry.status == 0) << row << dry.err;
    EXPECT_EQ(has(row, "missing: "), dry.status == 77) << row << dry.err;
  }
}

TEST(Catalogue, ShowsTheQuestionAndTheControl) {
  Words names{"oom", "course"};
  for (const Known& known : known_experiments) names.emplace_back(known.name);
  for (const std::string& name : names) {
    const Ending ending = cglab({"help", name});
    EXPECT_EQ(ending.status, 0);
    for (const char* part : {"Question: ", "Prediction: ", "Control: ",
                             "Exists on: ", "Options:"}) {
      EXPECT_TRUE(has(ending.out, part)) << name;
    }
  }
}

TEST(Catalogue, RefusesWhatNoExperimentHas) {
  const Ending small = cglab({"leak", "--limit", "4M"});
  EXPECT_EQ(small.status, 2);
  EXPECT_TRUE(has(small.err, "--limit 4M is too small"));
  const Ending seldom = cglab({"leak", "--poll", "2s", "--timeout", "1s"});
  EXPECT_EQ(seldom.status, 2);
  EXPECT_TRUE(has(seldom.err, "--poll 2s is longer than --timeout 1s"));
  for (const Words& unknown :
       {Words{"locked", "--ramp", "0"}, Words{"leak", "--total", "1M"},
        Words{"swap", "--swap", "1M"}, Words{"leak", "--order", "course"},
        Words{"course", "--order", "course"}}) {
    const Ending ending = cglab(unknown);
    EXPECT_EQ(ending.status, 2) << unknown[0];
    EXPECT_TRUE(has(ending.err, "'" + unknown[1] + "'"));
  }
  const Ending version = cglab({"throttle", "--cgroup", "v1"});
  EXPECT_EQ(version.status, 2);
  EXPECT_TRUE(has(version.err, "exists only on cgroup v2"));
  EXPECT_EQ(cglab({"list", "more"}).status, 2);
}

class ExperimentEnds : public CliTest {};

TEST_F(ExperimentEnds, AtTheDeadline) {
  const Ending ending =
      cglab({"leak", "--parent", nest().path(), "--timeout", "200ms"});
  EXPECT_EQ(ending.status, 124) << ending.err;
  EXPECT_TRUE(has(ending.out, "DEADLINE"));
  EXPECT_EQ(in_nest(), Words());
}

/// The kernel's log names the cgroup of a victim only ten times in five
/// seconds.
TEST_F(ExperimentEnds, WithItsVictimNamedBeyondTheRateOfTheLog) {
  for (int i = 0; i < 12; ++i) {
    ASSERT_EQ(oom({"--limit", "8M", "--ramp", "0", "--quiet"}).status, 0);
  }
  const Ending ending = cglab(
      {"victim", "--parent", nest().path(), "--limit", "16M", "--json", "-"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  const Json record = parse_record(ending.out);
  const Json& evidence = record["evidence"];
  if (evidence["kernel_log_complete"] != true ||
      record["environment"]["initial_pid_namespace"] != true) {
    GTEST_SKIP() << "/dev/kmsg and the initial PID namespace";
  }
  ASSERT_EQ(evidence["victims"].size(), 1U);
  for (const Json& process : record["processes"]) {
    if (process["name"] != "small") continue;
    EXPECT_EQ(evidence["victims"][0]["pid"], process["pid"]);
  }
}

/// The other outcome proves nothing if another process caused it.
TEST_F(ExperimentEnds, ByAKillFromOutsideWithoutAVerdictOnItsClaims) {
  for (const Words& more : {Words{}, Words{"--control"}}) {
    Words words{"move",   "--parent", nest().path(), "--limit", "16M",
                "--ramp", "20s",      "--json",      "-"};
    words.insert(words.end(), more.begin(), more.end());
    Subprocess run = Subprocess::start(cglab_spec(words));
    const std::string procs = running_group().path() + "/old/cgroup.procs";
    std::string pid;
    ASSERT_TRUE(test_support::wait_until([&] {
      pid = cgroupfs::try_read_file(procs).value_or("");
      return !pid.empty();
    }));
    ASSERT_EQ(::kill(std::stoi(pid), SIGKILL), 0);
    const Ending ending = run.wait();
    EXPECT_EQ(ending.status, 1) << ending.err;
    const Json record = parse_record(ending.out);
    EXPECT_EQ(record["verdict"]["status"], "killed");
    EXPECT_TRUE(has(test_support::reason_in(record),
                    "neither the OOM killer nor cglab sent"));
  }
}

/// The kill of a whole group, too, is distinguished from a manual one: the
/// first of a group is counted twice.
TEST_F(ExperimentEnds, ByAKillOfABystanderWithoutAVerdictOnItsClaims) {
  const bool v2 = version() == cgroupfs::Version::v2;
  const bool may_lose_log = missing_for_losing_kernel_log().empty();
  for (const bool with_log : {true, false}) {
    if (!with_log && !may_lose_log) continue;
    ProcessSpec spec =
        cglab_spec({v2 ? "group" : "victim", "--parent", nest().path(),
                    "--limit", "32M", "--ramp", "1s", "--json", "-"});
    if (!with_log) spec.prepare = lose_kernel_log;
    Subprocess run = Subprocess::start(spec);
    const std::string top = running_group().path();
    std::string pid;
    ASSERT_TRUE(test_support::wait_until([&] {
      for (const char* name : {"", "/team", "/pair"}) {
        const std::string file = top + name + "/cgroup.procs";
        if (pid.empty()) pid = cgroupfs::try_read_file(file).value_or("");
      }
      return !pid.empty();
    }));
    ASSERT_EQ(::kill(std::stoi(pid), SIGKILL), 0);
    const Ending ending = run.wait();
    EXPECT_EQ(ending.status, 1) << ending.err;
    const Json record = parse_record(ending.out);
    EXPECT_EQ(record["verdict"]["status"], "killed") << record["verdict"];
  }
}

/// Who was killed follows from the counters where the processes are known.
TEST_F(ExperimentEnds, WithItsClaimsJudgedWithoutTheLog) {
  const std::string missing = missing_for_losing_kernel_log();
  if (!missing.empty()) GTEST_SKIP() << missing;
  enable_pids();
  for (const char* name : {"forks", "victim", "parent", "locked", "group"}) {
    ProcessSpec spec = cglab_spec(
        {name, "--parent", nest().path(), "--limit", "32M", "--json", "-"});
    spec.prepare = lose_kernel_log;
    const Ending ending = test_support::run_process(spec);
    if (ending.status == 77) continue;
    EXPECT_EQ(ending.status, 0) << name << ending.err;
    const Json record = parse_record(ending.out);
    EXPECT_EQ(record["verdict"]["status"], "as_predicted")
        << name << test_support::reason_in(record);
    EXPECT_FALSE(record["evidence"]["kernel_log_complete"].get<bool>());
  }
}

TEST_F(ExperimentEnds, BeforeItsClaimsAreJudged) {
  const Ending ending = cglab(
      {"leak", "--parent", nest().path(), "--timeout", "200ms", "--json", "-"});
  EXPECT_EQ(ending.status, 124) << ending.err;
  const Json record = parse_record(ending.out);
  EXPECT_EQ(schema_errors(record), "");
  check_verdict(record);
  EXPECT_FALSE(record["verdict"]["claims"].empty());
  for (const Json& claim : record["verdict"]["claims"]) {
    EXPECT_TRUE(claim["held"].is_null()) << claim;
    EXPECT_EQ(claim["seen"]["fact"], "not_reached");
  }
}

TEST_F(ExperimentEnds, InTimeHoweverRarelyItIsSampled) {
  const Ending ending =
      cglab({"move", "--parent", nest().path(), "--limit", "16M", "--poll",
             "50s", "--timeout", "60s", "--json", "-"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  const Json record = parse_record(ending.out);
  EXPECT_LT(record["events"].back()["time_ns"], 20'000'000'000);
  EXPECT_EQ(record["limits"][0]["cgroup"], "old");
}

TEST_F(ExperimentEnds, AlongsideAnotherRunOfTheSame) {
  const Words words{"forks", "--parent", nest().path(), "--limit", "16M"};
  Subprocess first = Subprocess::start(cglab_spec(words));
  const Ending second = cglab(words);
  const Ending other = first.wait();
  if (second.status == 77) GTEST_SKIP() << second.err;
  EXPECT_EQ(other.status, 0) << other.err;
  EXPECT_EQ(second.status, 0) << second.err;
}

TEST_F(ExperimentEnds, ByASignalAndLeavesNothing) {
  Subprocess run = Subprocess::start(
      cglab_spec({"leak", "--parent", nest().path(), "--limit", "16M"}));
  running_group();
  ::kill(run.pid(), SIGTERM);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 143) << ending.err;
  EXPECT_EQ(in_nest(), Words());
}

TEST_F(ExperimentEnds, WithTheHostsOwnRefusalsInWords) {
  const Ending ending = cglab({"leak", "--parent", "/nowhere"});
  EXPECT_EQ(ending.status, 2) << ending.err;
  const Ending large = cglab({"leak", "--limit", "900G"});
  EXPECT_EQ(large.status, 77) << large.err;
  EXPECT_TRUE(has(large.err, "safe share"));
}

}  // namespace
}  // namespace cli_test
