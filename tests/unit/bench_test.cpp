// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "lab/bench/statistics.h"
#include "lab/bench/sweep.h"
#include "lab/errors.h"
#include "lab/report/bench.h"
#include "lab/report/json_values.h"
#include "tests/support/error_text.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;

TEST(Statistics, of_nothing_are_0) {
  EXPECT_EQ(statistics_of({}).count, 0u);
}

TEST(Statistics, of_one_value_are_that_value) {
  const Statistics one = statistics_of({7});
  EXPECT_EQ(one.median, 7);
  EXPECT_EQ(one.p95, 7);
  EXPECT_EQ(one.outliers, 0u);
}

TEST(Statistics, sort_and_take_ranks) {
  std::vector<double> values;
  for (int i = 100; i > 0; --i) values.push_back(i);
  const Statistics result = statistics_of(values);
  EXPECT_EQ(result.median, 50.5);
  EXPECT_EQ(result.p95, 95);
  EXPECT_EQ(result.min, 1);
  EXPECT_EQ(result.max, 100);
  EXPECT_EQ(result.outliers, 0u);
  EXPECT_EQ(statistics_of({3, 1, 2}).median, 2);
}

TEST(Statistics, find_outliers_on_both_sides) {
  EXPECT_EQ(statistics_of({10, 11, 9, 10.5, 9.5, 10, 200, -200}).outliers, 2u);
  EXPECT_EQ(statistics_of({10, 10, 10, 10, 99}).outliers, 0u)
      << "without any spread there is no distance to compare with";
}

TEST(Sweep, has_a_name_and_values) {
  const Sweep sweep = parse_sweep("limit=16M,64M");
  EXPECT_EQ(sweep.name, "limit");
  EXPECT_EQ(sweep.values, (Words{"16M", "64M"}));
  for (const char* bad : {"", "limit", "=1", "limit=", "limit=1,,2"}) {
    EXPECT_THROW(parse_sweep(bad), UsageError) << bad;
  }
}

TEST(Sweep, makes_every_combination) {
  const auto cases = combine("oom", {{"limit", {"1M", "2M"}}, {"swap", {"0"}}},
                             {"--ramp", "0"});
  ASSERT_EQ(cases.size(), 2u);
  EXPECT_EQ(cases[1].label, "limit=2M swap=0");
  EXPECT_EQ(cases[1].experiment, "oom");
  EXPECT_EQ(cases[1].arguments,
            (Words{"--ramp", "0", "--limit", "2M", "--swap", "0"}));
  EXPECT_EQ(combine("leak", {}, {}).front().label, "leak");
}

TEST(Sweep, can_vary_the_experiment) {
  const auto modes = combine("oom", {{"mode", {"max", "high"}}}, {});
  EXPECT_EQ(modes[0].experiment, "oom");
  EXPECT_EQ(modes[1].experiment, "throttle");
  EXPECT_EQ(combine("oom", {{"experiment", {"leak"}}}, {}).front().experiment,
            "leak");
  EXPECT_THROW(combine("oom", {{"mode", {"low"}}}, {}), UsageError);
}

TEST(Sweep, has_bounds) {
  const Sweep many{"poll", Words(40, "1ms")};
  EXPECT_THROW(combine("oom", {many, {"limit", many.values}}, {}), UsageError);
  EXPECT_THROW(combine("oom", {many, many}, {}), UsageError);
}

BenchOutcome outcome() {
  BenchOutcome result;
  result.results.push_back({{"a,b", "oom", {"--ramp", "0"}},
                            {2, 3, 2.5, 2.6, 90},
                            {1, 2, 3, 4, 5},
                            {},
                            {{"oom_killed", 4}, {"survived", 1}}});
  return result;
}

TEST(BenchReport, tells_statistics_and_warns) {
  const std::string text = render_markdown(bench_document(outcome()));
  EXPECT_TRUE(has(text, "| 5 | 2.60 | 90.00 | 2.00 | 90.00 | 3.00 | - |"));
  EXPECT_TRUE(has(text, "1 of 5 runs of a,b are outliers"));
  EXPECT_TRUE(has(text, "not all runs of a,b ended alike"));
}

TEST(BenchReport, exports_every_measurement) {
  const Json json = Json::parse(bench_json(outcome()));
  EXPECT_EQ(json["schema"], "cglab.bench/1");
  EXPECT_EQ(json["results"][0]["wall"]["times"].size(), 5u);
  EXPECT_EQ(json["results"][0]["wall"]["max"], 90);
  EXPECT_EQ(json["results"][0]["verdicts"]["survived"], 1);
  const std::string csv = bench_csv(outcome());
  EXPECT_TRUE(has(csv, "case,run,wall_ms,run_ms,detection_ms\r\n"));
  EXPECT_TRUE(has(csv, "\"a,b\",5,90.000000,5.000000,\r\n"));
}

}  // namespace
}  // namespace lab
