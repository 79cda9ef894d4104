// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <sstream>

#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/bench/bench.h"
#include "lab/record/json_values.h"
#include "lab/record/record_json.h"
#include "lab/repeat/bench_html.h"
#include "lab/repeat/bench_report.h"
#include "lab/repeat/rounds.h"
#include "lab/repeat/statistics.h"
#include "tests/support/error_text.h"
#include "tests/support/matches.h"
#include "tests/support/reason.h"
#include "tests/support/sample_record.h"
#include "tests/support/temp_folder.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;

TEST(Statistics, are_0_without_values) {
  EXPECT_EQ(statistics_of({}).count, 0u);
}

TEST(Statistics, of_one_value_are_that_value) {
  const Statistics one = statistics_of({7});
  EXPECT_EQ(one.median, 7);
  EXPECT_EQ(one.p95, 7);
  EXPECT_EQ(one.outliers, 0u);
}

TEST(Statistics, are_computed_from_unsorted_values) {
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
      << "the deviation is 0, so no value is an outlier";
}

TEST(Sweep, has_a_name_and_values) {
  const Sweep sweep = parse_sweep("limit=16M,64M");
  EXPECT_EQ(sweep.name, "limit");
  EXPECT_EQ(sweep.values, (Words{"16M", "64M"}));
  for (const char* bad :
       {"", "limit", "=1", "limit=", "limit=1,,2", "limit=1,2,1"}) {
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
  const Sweep many{"poll", Words(400, "1ms")};
  EXPECT_THROW(combine("oom", {many, {"limit", many.values}}, {}), UsageError);
  EXPECT_THROW(combine("oom", {many, many}, {}), UsageError);
}

TEST(Sweep, can_vary_a_flag) {
  const auto cases = combine("leak", {{"control", {"on", "off"}}}, {"--x"});
  EXPECT_EQ(cases[0].arguments, (Words{"--x", "--control"}));
  EXPECT_EQ(cases[1].arguments, Words{"--x"});
  EXPECT_EQ(cases[1].label, "control=off");
  EXPECT_THROW(combine("leak", {{"control", {"yes"}}}, {}), UsageError);
}

TEST(Sweep, fills_a_name_in_an_argument) {
  const auto cases =
      combine("run", {{"n", {"1", "2"}}, {"limit", {"8M"}}},
              {"--poll", "{n}ms", "--", "make", "-j{n}", "a{n}b{n}", "{m}"});
  EXPECT_EQ(cases[1].label, "n=2 limit=8M");
  EXPECT_EQ(cases[1].arguments, (Words{"--poll", "2ms", "--limit", "8M", "--",
                                       "make", "-j2", "a2b2", "{m}"}));
}

/// Also where the value looks like a name itself.
TEST(Sweep, fills_each_name_once) {
  const auto cases = combine("run", {{"a", {"{a}{b}"}}, {"b", {"{a}"}}},
                             {"--", "{a}", "{b}{", "{a"});
  EXPECT_EQ(cases[0].arguments, (Words{"--", "{a}{b}", "{a}{", "{a"}));
}

/// Those of a command follow its "--".
TEST(Sweep, gives_options_to_the_run_and_not_to_its_command) {
  const auto cases = combine("run", {{"oom-group", {"on", "off"}}},
                             {"--limit", "8M", "--", "sh", "--", "x"});
  EXPECT_EQ(cases[0].arguments,
            (Words{"--limit", "8M", "--oom-group", "--", "sh", "--", "x"}));
  EXPECT_EQ(cases[1].arguments,
            (Words{"--limit", "8M", "--", "sh", "--", "x"}));
  EXPECT_EQ(recorded(cases[1], "/f"),
            (Words{"--limit", "8M", "--quiet", "--json", "/f", "--", "sh", "--",
                   "x"}));
}

/// Their reports and second records would have no place.
TEST(Sweep, has_cases_of_one_run_each) {
  for (const char* const option : {"--dry-run", "--with-control", "--quiet",
                                   "--verbose", "--brief", "--explain"}) {
    EXPECT_TRUE(has(error_text<UsageError>(
                        [&] { check_cases(combine("oom", {}, {option})); }),
                    "oom: each run makes one record"))
        << option;
  }
  for (const char* const option : {"--json", "--html", "--csv"}) {
    EXPECT_THROW(check_cases(combine("oom", {}, {option, "f"})), UsageError);
    EXPECT_THROW(check_cases(combine("run", {}, {option, "f", "--", "true"})),
                 UsageError);
  }
  EXPECT_THROW(check_cases(combine("oom", {}, {"--on", "v1,v2"})), UsageError);
  EXPECT_THROW(check_cases(combine("run", {}, {"true"})), UsageError);
  EXPECT_THROW(check_cases(combine("nosuch", {}, {})), UsageError);
  check_cases(combine("run", {}, {"--limit", "8M", "--", "true"}));
}

BenchOutcome outcome() {
  constexpr Outcome oom_killed{Status::oom_killed, false, true};
  constexpr Outcome survived{Status::survived, false, false};
  BenchOutcome result;
  result.results.push_back(
      {{"a,b", "oom", {"--ramp", "0"}},
       {2, 3, 2.5, 2.6, 90},
       {1, 2, std::nullopt, 4, 5},
       {std::nullopt, std::nullopt, 7, std::nullopt, std::nullopt},
       {oom_killed, oom_killed, survived, oom_killed, oom_killed}});
  return result;
}

TEST(BenchReport, shows_statistics_and_warns) {
  const std::string text =
      render_markdown(bench_document(outcome(), Language::en));
  EXPECT_TRUE(has(text, "| 5 | 2.60 | 90.00 | 2.00 | 90.00 | 3.00 | 7.00 |"));
  EXPECT_TRUE(has(text, "a,b: OOM kill proven (4); survived (1)"));
  EXPECT_TRUE(has(text, "1 of 5 runs of a,b are outliers"));
  EXPECT_TRUE(has(text, "runs of a,b had different verdicts"));
  EXPECT_TRUE(text.starts_with("# cglab bench\n")) << text;
}

/// Every text that a bench can have: an interruption and all warnings.
BenchOutcome outcome_with_all_texts() {
  BenchOutcome result = outcome();
  result.results[0].verdicts.back() = {Status::not_as_predicted, false, false};
  result.interrupted_by = SIGINT;
  result.done = 5;
  result.planned = 11;
  return result;
}

bool has_sentence(const std::string& text) {
  return matches(text, "[A-Za-z]+ [a-z]+ [a-z]+");
}

TEST(BenchReport, is_in_chinese) {
  const BenchOutcome all = outcome_with_all_texts();
  const std::string text = render_markdown(bench_document(all, Language::zh));
  EXPECT_FALSE(has_sentence(text)) << text;
  EXPECT_TRUE(has_sentence(render_markdown(bench_document(all, Language::en))));
  EXPECT_TRUE(has(text, "被 SIGINT 中断：共 11 次，完成了 5 次。"));
  EXPECT_TRUE(has(text, "| 情形 | 次数 | 中位数 |"));
  EXPECT_TRUE(has(text, "a,b：已证实：OOM kill（3 次）；存活（1 次）"));
  EXPECT_TRUE(has(text, "警告：a,b 的 5 次运行中有 1 次是离群值"));
  EXPECT_EQ(bench_warnings(all, Language::zh).size(), 3u);
}

TEST(BenchReport, keeps_exports_untranslated) {
  const BenchOutcome all = outcome_with_all_texts();
  const Json json = Json::parse(bench_json(all));
  EXPECT_EQ(
      json["results"][0]["verdicts"],
      Json({{"oom_killed", 3}, {"survived", 1}, {"not_as_predicted", 1}}));
  EXPECT_EQ(json["warnings"], Json(bench_warnings(all, Language::en)));
  EXPECT_TRUE(has(bench_csv(all), ",not_as_predicted\r\n"));
}

TEST(BenchReport, gives_the_page_its_words) {
  const BenchOutcome all = outcome_with_all_texts();
  const std::string english = bench_html(all, Language::en);
  EXPECT_TRUE(has(english, "<title>cglab bench</title>"));
  EXPECT_TRUE(has(english, "data-run=\"run {0}: {1} ms\""));
  EXPECT_TRUE(has(english, "The axis is logarithmic."));
  EXPECT_FALSE(has(english, "Of more than 2000 runs"));
  const std::string page = bench_html(all, Language::zh);
  const std::string body = page.substr(page.find("<main>"));
  EXPECT_FALSE(has_sentence(body.substr(0, body.find("id=\"runs\""))));
  for (const char* text :
       {"lang=\"zh-CN\"", "每次运行", "坐标轴是对数的。",
        "data-run=\"第 {0} 次：{1} ms\"", "data-median=\"中位数 {0} ms\"",
        "保存每次运行的表格（CSV）", "保存全部测量值（JSON）"}) {
    EXPECT_TRUE(has(page, text)) << text;
  }
}

TEST(BenchReport, says_when_a_chart_omits_runs) {
  BenchOutcome many = outcome();
  BenchResult& result = many.results[0];
  result.wall.assign(2001, 1.5);
  result.run.resize(2001);
  result.detection.resize(2001);
  result.verdicts.resize(2001);
  EXPECT_TRUE(has(bench_html(many, Language::en), "Of more than 2000 runs"));
}

TEST(BenchReport, fits_80_columns) {
  BenchOutcome wide = outcome();
  wide.results[0].of.label = "limit=16M swap=0";
  wide.results[0].wall = {12345.67, 12345.67, 12345.67, 12345.67, 12345.67};
  const Terminal terminal(stderr, ColorChoice::never);
  std::istringstream text(
      render_text(bench_document(wide, Language::en), terminal));
  std::string line;
  while (std::getline(text, line)) EXPECT_LE(line.size(), 80u) << line;
}

TEST(BenchReport, marks_unknown_values) {
  BenchOutcome none{{}, SIGINT, 1, 11};
  none.results.push_back({{"none", "oom", {}}, {}, {}, {}, {}});
  const std::string text = render_markdown(bench_document(none, Language::en));
  EXPECT_TRUE(has(text, "Interrupted by SIGINT after 1 of 11 runs."));
  EXPECT_TRUE(has(text, "| none | 0 | - | - | - | - | - | - |"));
  const Json json = Json::parse(bench_json(none));
  for (const char* times : {"wall", "run", "detection"}) {
    for (const char* value : {"median", "p95", "min", "max", "outliers"}) {
      EXPECT_TRUE(json["results"][0][times][value].is_null()) << value;
    }
  }
  EXPECT_EQ(json["interrupted"]["done"], 1);
}

TEST(BenchReport, warns_of_runs_that_did_not_end_as_predicted) {
  BenchOutcome other = outcome();
  other.results[0].verdicts.assign(5, {Status::not_as_predicted, false, false});
  EXPECT_TRUE(has(bench_warnings(other, Language::en).back(),
                  "5 of 5 runs of a,b did not end as the experiment predicts"));
  other.results[0].verdicts.assign(5, {Status::not_as_predicted, true, true});
  for (const std::string& warning : bench_warnings(other, Language::en)) {
    EXPECT_FALSE(has(warning, "predicts"));
  }
  other.results[0].verdicts.assign(5, {Status::as_predicted, true, false});
  EXPECT_TRUE(has(bench_warnings(other, Language::en).back(),
                  "Run `cglab oom --control` to see why"));
}

/// As the report of such a run calls them.
TEST(BenchReport, names_verdicts_as_every_report_does) {
  BenchOutcome control = outcome();
  auto& verdicts = control.results[0].verdicts;
  verdicts.assign(4, {Status::not_as_predicted, true, true});
  verdicts.push_back({Status::not_as_predicted, true, false});
  const std::string text =
      render_markdown(bench_document(control, Language::en));
  EXPECT_TRUE(
      has(text, "a,b: control run failed (1); control run as expected (4)"))
      << text;
  EXPECT_TRUE(has(render_markdown(bench_document(control, Language::zh)),
                  "对照运行符合预期（4 次）"));
  const Json json = Json::parse(bench_json(control))["results"][0];
  EXPECT_EQ(json["verdicts"], Json({{"not_as_predicted", 5}}));
  EXPECT_EQ(json["as_expected_of_run"],
            Json::array({true, true, true, true, false}));
}

TEST(BenchReport, exports_every_measurement) {
  const Json json = Json::parse(bench_json(outcome()));
  const Json& result = json["results"][0];
  EXPECT_EQ(json["schema"], "cglab.bench/1");
  EXPECT_EQ(result["wall"]["times"].size(), 5u);
  EXPECT_EQ(result["wall"]["max"], 90);
  EXPECT_EQ(result["run"]["times"], Json({1, 2, nullptr, 4, 5}));
  EXPECT_EQ(result["run"]["count"], 4);
  EXPECT_EQ(result["verdicts"]["survived"], 1);
  EXPECT_EQ(result["verdict_of_run"][2], "survived");
  EXPECT_EQ(json["warnings"].size(), 2u);
  const std::string csv = bench_csv(outcome());
  EXPECT_TRUE(has(csv, "case,run,wall_ms,run_ms,detection_ms,verdict\r\n"));
  EXPECT_TRUE(has(csv, "\"a,b\",3,2.500000,,7.000000,survived\r\n"));
  EXPECT_TRUE(has(csv, "\"a,b\",5,90.000000,5.000000,,oom_killed\r\n"));
}

TEST(BenchReport, escapes_labels_in_the_page) {
  BenchOutcome evil = outcome();
  evil.results[0].of.label = "</script><b>&";
  const std::string page = bench_html(evil, Language::en);
  EXPECT_TRUE(has(page, "\\u003c/script\\u003e\\u003cb\\u003e\\u0026"));
  EXPECT_FALSE(has(page, "<b>"));
  EXPECT_TRUE(has(page, "cglab.bench/1"));
  for (const char* outside : {"src=", "href=", "innerHTML", "@DATA@", "@JS@"}) {
    EXPECT_FALSE(has(page, outside));
  }
}

/// A stub of cglab; the name of the experiment selects its behaviour.
constexpr char script[] = R"(#!/bin/sh
cd "${0%/*}" || exit 99
until_up() { while [ ! -e up ]; do sleep 0.01; done; }
stay() { : > up; while :; do sleep 0.01; done; }
case $1 in
  record | claims) cat "$1" ;;
  later) until_up; cat record ;;
  vanish) until_up; rm "$0"; cat record ;;
  fail) until_up; echo no luck >&2; exit 3 ;;
  wait) trap ': > stopped; exit 143' TERM; stay ;;
  garble) echo no record; echo a traceback >&2; exit 1 ;;
  crash) kill -SEGV $$ ;;
  leave) trap 'echo cannot remove it >&2; exit 4' TERM; stay ;;
esac
)";

class BenchRuns : public testing::Test {
 public:
  ~BenchRuns() override {
    EXPECT_TRUE(::waitpid(-1, nullptr, WNOHANG) < 0 && errno == ECHILD);
  }

 protected:
  BenchRuns() {
    RunRecord record = test_support::killed_on_v1();
    record.events.push_back({3012500000, EventKind::reaped, "hog", "SIGKILL"});
    folder_.add_file("record", to_json(record));
    record.verdict.claims = {
        test_support::claim_of("a claim", "what", "0 -> 1", "rises", true)};
    folder_.add_file("claims", to_json(record));
    plan_.program = folder_.add_file("cglab", script);
    std::filesystem::permissions(plan_.program, std::filesystem::perms(0755));
    plan_.warmup = 0;
    plan_.runs = 1;
  }

  /// Runs all cases in parallel.
  BenchOutcome run(const Words& experiments) {
    for (const std::string& name : experiments) {
      plan_.cases.push_back({name, name, {}});
    }
    plan_.jobs = experiments.size();
    return run_bench(plan_, signals_, progress_);
  }

  TempFolder folder_;
  SignalFd signals_;
  BenchPlan plan_;
  BenchProgress progress_ = [](std::size_t, std::size_t) {};
};

TEST_F(BenchRuns, keep_their_times_together) {
  plan_.runs = 2;
  const BenchOutcome outcome = run({"record", "claims"});
  EXPECT_EQ(outcome.done, 4u);
  for (const BenchResult& result : outcome.results) {
    EXPECT_EQ(result.wall.size(), 2u);
    EXPECT_EQ(result.verdicts.size(), 2u);
  }
  EXPECT_DOUBLE_EQ(outcome.results[0].run.at(1).value_or(0), 3012.5);
  EXPECT_DOUBLE_EQ(outcome.results[0].detection.at(1).value_or(0), 0.2);
  EXPECT_FALSE(outcome.results[1].run.at(1));
  EXPECT_FALSE(outcome.results[1].detection.at(1));
}

/// As scripts/vm ends when it fails itself.
TEST_F(BenchRuns, without_a_record_have_failed) {
  EXPECT_TRUE(has(error_text<RunError>([&] { run({"garble"}); }),
                  "ended with exit status 1: a traceback"));
}

/// Only a signal that asks for the end of a run interrupts it.
TEST_F(BenchRuns, that_crash_are_not_interrupted) {
  std::vector<EndedRun> ended;
  const auto interrupted_by =
      run_rounds({{{"crash", "crash", {}}, {"record", "record", {}}},
                  1,
                  1,
                  /*in_vm=*/false,
                  plan_.program},
                 signals_, [&](const EndedRun& run) { ended.push_back(run); });
  EXPECT_FALSE(interrupted_by);
  ASSERT_EQ(ended.size(), 2u);
  EXPECT_EQ(ended[0].status, 128 + SIGSEGV);
  EXPECT_FALSE(ended[0].interrupted_by);
  EXPECT_TRUE(is_failure({"crash", "crash", {}}, ended[0]));
  EXPECT_FALSE(is_failure({"record", "record", {}}, ended[1]));
}

TEST_F(BenchRuns, are_stopped_when_the_progress_fails) {
  progress_ = [](std::size_t, std::size_t) {
    throw std::runtime_error("no progress");
  };
  EXPECT_TRUE(has(error_text<std::runtime_error>([&] {
                    run({"wait", "later"});
                  }),
                  "no progress"));
  EXPECT_TRUE(std::filesystem::exists(folder_.path_of("stopped")));
}

TEST_F(BenchRuns, are_stopped_when_another_cannot_start) {
  plan_.runs = 2;
  EXPECT_TRUE(has(error_text<cgroupfs::FileError>([&] {
                    run({"wait", "vanish"});
                  }),
                  "No such file"));
  EXPECT_TRUE(std::filesystem::exists(folder_.path_of("stopped")));
}

TEST_F(BenchRuns, report_leftovers_before_the_first_failure) {
  EXPECT_TRUE(has(error_text<LeftBehind>([&] {
                    run({"leave", "fail"});
                  }),
                  "cannot remove it"));
}

TEST_F(BenchRuns, report_leftovers_after_a_signal) {
  progress_ = [](std::size_t, std::size_t) { ::kill(::getpid(), SIGTERM); };
  EXPECT_TRUE(has(error_text<LeftBehind>([&] {
                    run({"leave", "later"});
                  }),
                  "cannot remove it"));
}

TEST_F(BenchRuns, receive_a_signal_that_arrived_before_they_started) {
  ::kill(::getpid(), SIGTERM);
  const BenchOutcome outcome = run({"wait", "wait", "wait"});
  EXPECT_EQ(outcome.interrupted_by, SIGTERM);
  EXPECT_EQ(outcome.done, 0u);
}

}  // namespace
}  // namespace lab
