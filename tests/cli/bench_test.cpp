// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <signal.h>

#include <algorithm>

#include "cgroupfs/directory.h"
#include "tests/cli/cli_test.h"
#include "tests/support/temp_folder.h"

namespace cli_test {
namespace {

class Bench : public CliTest {
 protected:
  ProcessSpec bench_spec(Words words, const Words& of_experiment) const {
    words.insert(words.begin(), "bench");
    words.insert(words.end(),
                 {"--", "--parent", nest().path(), "--limit", "2M"});
    words.insert(words.end(), of_experiment.begin(), of_experiment.end());
    return cglab_spec(words);
  }
  Ending bench(const Words& words,
               const Words& of_experiment = {"--ramp", "0"}) const {
    return test_support::run_process(bench_spec(words, of_experiment));
  }

  TempFolder folder_;
};

TEST_F(Bench, CountsEveryRunAndLeavesNothing) {
  const Ending ending =
      bench({"--runs", "5", "-L", "poll=1ms,5ms", "-o",
             folder_.path_of("b.json"), "-o", folder_.path_of("b.csv"), "-o",
             folder_.path_of("b.md"), "-o", folder_.path_of("b.html")});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "poll=5ms"));
  const Json json = Json::parse(cgroupfs::read_file(folder_.path_of("b.json")));
  ASSERT_EQ(json["results"].size(), 2u);
  for (const Json& result : json["results"]) {
    EXPECT_EQ(result["wall"]["times"].size(), 5u);
    EXPECT_EQ(result["run"]["count"], 5);
    EXPECT_EQ(result["verdicts"], Json({{"oom_killed", 5}}));
    EXPECT_GE(result["wall"]["min"], result["run"]["min"]);
  }
  const std::string csv = cgroupfs::read_file(folder_.path_of("b.csv"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 11);
  EXPECT_TRUE(has(cgroupfs::read_file(folder_.path_of("b.md")), "| Case |"));
  EXPECT_TRUE(has(cgroupfs::read_file(folder_.path_of("b.html")),
                  "\"case\":\"poll=5ms\""));
  EXPECT_EQ(in_nest(), Words());
}

TEST_F(Bench, ReportsUnusualVerdicts) {
  const Ending ending =
      bench({"--runs", "2"}, {"--total", "1M", "--ramp", "0"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "survived"));
}

TEST_F(Bench, SpeaksChinese) {
  const Ending ending = bench({"--lang", "zh", "--runs", "1", "--warmup", "0",
                               "-o", folder_.path_of("b.html")});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "中位数")) << ending.out;
  EXPECT_TRUE(has(ending.out, "oom：已证实：OOM kill（1 次）")) << ending.out;
  EXPECT_FALSE(has(ending.out, "Median"));
  EXPECT_TRUE(
      has(cgroupfs::read_file(folder_.path_of("b.html")), "lang=\"zh-CN\""));
}

TEST_F(Bench, RunsManyAtATime) {
  const Ending ending =
      bench({"--runs", "40", "--jobs", "8", "-o", folder_.path_of("b.json")});
  EXPECT_EQ(ending.status, 0) << ending.err;
  const Json json = Json::parse(cgroupfs::read_file(folder_.path_of("b.json")));
  EXPECT_EQ(json["results"][0]["verdicts"], Json({{"oom_killed", 40}}));
  EXPECT_EQ(in_nest(), Words());
}

TEST_F(Bench, WritesOneExportToStdout) {
  const Ending csv = bench({"--runs", "2", "--format", "csv"});
  EXPECT_EQ(csv.status, 0) << csv.err;
  EXPECT_TRUE(csv.out.starts_with("case,run,wall_ms")) << csv.out;
  EXPECT_TRUE(has(csv.out, ",oom_killed\r\n"));
  EXPECT_FALSE(has(csv.out, "Median"));
  EXPECT_TRUE(has(csv.err, "Median"));
  const Ending json = bench({"--runs", "2", "--quiet", "--format", "json"});
  EXPECT_EQ(Json::parse(json.out)["results"][0]["wall"]["count"], 2);
  EXPECT_EQ(json.err, "");
}

/// It would be noticed only after the runs of the cases before.
TEST_F(Bench, RefusesEveryCaseBeforeTheFirstRun) {
  for (const auto& [words, error] : std::vector<std::pair<Words, std::string>>{
           {{"-L", "nosuch=1"}, "nosuch=1: unknown option '--nosuch'"},
           {{"-L", "poll=abc"}, "poll=abc: --poll: invalid time 'abc'"},
           {{"-L", "poll=1ms,abc"}, "poll=abc: --poll: invalid time 'abc'"},
           {{"-L", "block=1M,0"}, "block=0: --total and --block must be"},
           {{"-L", "cgroup=auto,v3"}, "cgroup=v3: --cgroup: invalid"},
           {{"-L", "poll="}, "'poll=' has an empty value"}}) {
    const Ending ending = bench(words);
    EXPECT_EQ(ending.status, 2);
    EXPECT_TRUE(has(ending.err, error)) << ending.err;
    EXPECT_FALSE(has(ending.err, "a run of")) << ending.err;
    EXPECT_TRUE(has(ending.err, "Try 'cglab bench --help'"));
  }
  const Ending total = bench({}, {"--total", "nothing"});
  EXPECT_EQ(total.status, 2);
  EXPECT_TRUE(has(total.err, "oom: --total: invalid size 'nothing'"));
}

TEST_F(Bench, CallsAControlRunAsItsReportDoes) {
  const Ending ending =
      bench({"--runs", "1", "--warmup", "0", "-L", "control=on,off"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "control=on: control run as expected (1)"))
      << ending.out;
  EXPECT_TRUE(has(ending.out, "control=off: OOM kill proven (1)"));
}

TEST_F(Bench, StopsAtTheFirstFailedRun) {
  const Ending deadline = bench({}, {"--ramp", "1h", "--timeout", "50ms"});
  EXPECT_EQ(deadline.status, 3);
  EXPECT_TRUE(has(deadline.err, "exit status 124"));
}

TEST_F(Bench, CleansUpAfterASignal) {
  Subprocess run = Subprocess::start(
      bench_spec({"--runs", "100", "--jobs", "4"}, {"--ramp", "20s"}));
  running_group();
  run.signal(SIGTERM);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 143);
  EXPECT_TRUE(has(ending.out, "Interrupted by SIGTERM after 0 of 101 runs."));
  EXPECT_EQ(in_nest(), Words());
}

TEST(BenchUsage, IsChecked) {
  for (const Words& words :
       {Words{"bench", "nothing"}, Words{"bench", "--runs", "0"},
        Words{"bench", "-L", "limit"}, Words{"bench", "--jobs", "x"},
        Words{"bench", "-L", "control=yes"},
        Words{"bench", "-o", "-", "-o", "-"},
        Words{"bench", "-o", "a.csv", "-o", "b.csv", "--format", "csv"},
        Words{"bench", "-o", "a.svg"}, Words{"bench", "--export-json", "x"},
        Words{"bench", "-L", "mode=low"}, Words{"bench", "oom", "leak"},
        Words{"bench", "throttle", "-L", "cgroup=v2,v1"},
        Words{"bench", "pause", "-L", "cgroup=v1,v2"}}) {
    const Ending ending = cglab(words);
    EXPECT_EQ(ending.status, 2) << ending.err;
    EXPECT_TRUE(has(ending.err, "Try 'cglab bench --help'"));
  }
}

}  // namespace
}  // namespace cli_test
