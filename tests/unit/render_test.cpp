// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "cgroupfs/text.h"
#include "lab/record/record_reader.h"
#include "lab/report/chart.h"
#include "lab/report/csv.h"
#include "lab/report/document_html.h"
#include "lab/report/html.h"
#include "lab/report/picture_script.h"
#include "lab/report/run_charts.h"
#include "lab/report/run_document.h"
#include "lab/report/text_width.h"
#include "lab/report/thin.h"
#include "tests/support/error_text.h"
#include "tests/support/reason.h"
#include "tests/support/sample_record.h"
#include "tests/support/temp_stream.h"
#include "tests/support/test_data.h"

namespace lab {
namespace {

/// An experiment with two processes; cglab ended the first one, named "large".
RunRecord experiment() {
  return read_record(test_data("records/victim-v1.json"));
}

/// The same with a second cgroup with an untrusted name.
RunRecord experiment_with_two() {
  RunRecord record = experiment();
  record.cgroups.push_back({"a,\"b\"", "/x"});
  record.samples.time_ns = {-1, 5};
  record.samples.usage = {Column{3, 4}, Column{10, 20}};
  record.samples.touched = Column{1, 2};
  return record;
}

std::string text_of(const RunRecord& record) {
  return text_report(record, Terminal(stdout, ColorChoice::never),
                     Language::en);
}

TEST(Thin, keeps_short_columns_whole) {
  EXPECT_EQ(thin({5, 6, 7}, 4), (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_EQ(thin({}, 4), std::vector<std::size_t>());
}

TEST(Thin, keeps_ends_peaks_and_valleys) {
  std::vector<std::uint64_t> values(100000, 10);
  values[777] = 99;
  values[50001] = 1;
  const auto kept = thin(values, 4000);
  EXPECT_LE(kept.size(), 4000u);
  EXPECT_TRUE(std::is_sorted(kept.begin(), kept.end()));
  EXPECT_EQ(kept.front(), 0u);
  EXPECT_EQ(kept.back(), values.size() - 1);
  for (const std::size_t index : {777u, 50001u}) {
    EXPECT_TRUE(std::binary_search(kept.begin(), kept.end(), index)) << index;
  }
}

TEST(Csv, has_a_head_and_a_line_for_each_sample) {
  RunRecord record = test_support::killed_on_v1();
  record.samples = {{-5, 7}, {Column{1, 2}}, Column{3, 4}};
  EXPECT_EQ(csv_report(record),
            "time_ns,usage_bytes,touched_bytes\r\n-5,1,3\r\n7,2,4\r\n");
  record.samples.touched.reset();
  EXPECT_TRUE(has(csv_report(record), "\r\n-5,1,\r\n"));
}

TEST(Csv, of_an_experiment_has_every_cgroup) {
  const std::string csv = csv_report(experiment_with_two());
  EXPECT_EQ(csv.find("cgroup,time_ns,usage_bytes\r\npair,"), 0u);
  EXPECT_TRUE(has(csv, "\r\n\"a,\"\"b\"\"\",-1,10\r\n"));
}

TEST(Picture, has_a_curve_for_every_cgroup_the_limit_and_the_moments) {
  const std::string script = picture_script({{"x", experiment_with_two()}},
                                            PictureFormat::svg, Language::en);
  EXPECT_TRUE(has(script, "set title 'victim: as predicted'")) << script;
  EXPECT_TRUE(has(script, "title 'pair'"));
  EXPECT_TRUE(has(script, "title 'a,\"b\"'"));
  EXPECT_TRUE(has(script, "limit of pair: 16 MiB'"));
  EXPECT_TRUE(has(script, "set key outside"));
  const std::string one = picture_script({{"x", test_support::killed_on_v1()}},
                                         PictureFormat::png, Language::en);
  for (const char* moment : {"limit set", "notification", "limit 100.1 MiB"}) {
    EXPECT_TRUE(has(one, moment)) << moment << one;
  }
}

TEST(Picture, is_in_the_language_asked_for) {
  for (const PictureFormat format : {PictureFormat::svg, PictureFormat::png}) {
    const std::string script = picture_script(
        {{"x", test_support::killed_on_v1()}}, format, Language::zh);
    for (const char* const text :
         {"set title 'oom：", "设好上限", "上限 100.1 MiB", "程序碰过的内存"}) {
      EXPECT_TRUE(has(script, text)) << text << script;
    }
  }
  const std::string several =
      picture_script({{"a", experiment_with_two()}, {"b", experiment()}},
                     PictureFormat::svg, Language::zh);
  EXPECT_TRUE(has(several, "set title '内存用量'")) << several;
}

TEST(Picture, escapes_what_is_from_outside) {
  RunRecord record = experiment_with_two();
  record.cgroups[0].name = "a\x1b[31m\nb'c";
  const std::string one =
      picture_script({{"x", record}}, PictureFormat::svg, Language::en);
  EXPECT_TRUE(has(one, "title 'a\\x1b[31m\\x0ab''c'")) << one;
  const std::string two =
      picture_script({{"x\r\xff", record}, {"y", experiment()}},
                     PictureFormat::svg, Language::en);
  EXPECT_TRUE(has(two, "x\\x0d\\xff")) << two;
  for (const std::string& script : {one, two}) {
    EXPECT_EQ(script.find_first_of("\x1b\r\xff"), script.npos) << script;
  }
}

TEST(Picture, of_no_samples_is_an_empty_one) {
  RunRecord record = experiment();
  record.samples = {};
  record.samples.usage.resize(record.cgroups.size());
  record.limits.clear();
  EXPECT_TRUE(
      has(picture_script({{"x", record}}, PictureFormat::svg, Language::en),
          "NaN"));
}

TEST(Chart, of_the_usage_is_there_for_every_cgroup) {
  RunRecord record = experiment_with_two();
  record.samples = experiment().samples;
  record.samples.usage.resize(2, record.samples.usage.front());
  record.environment.memory_version = cgroupfs::Version::v2;
  record.limits.push_back(
      {"pair", "memory.high", "8388608", Limit::of(Bytes{8388608}), {}, {}});
  const std::string text = text_of(record);
  EXPECT_TRUE(has(text, "Memory usage: pair (high limit of pair: 8 MiB)"))
      << text;
  EXPECT_TRUE(has(text, "Memory usage: a,\"b\""));
}

TEST(Chart, survives_extreme_times) {
  constexpr std::int64_t far = 1000000000000000000;
  EXPECT_EQ(draw_chart({-far, far}, {1, 2}, 2, 4, 1, false).size(), 1u);
}

TEST(Chart, rises_with_its_values) {
  EXPECT_EQ(draw_chart({0, 1000, 2000, 3000}, {0, 2, 4, 8}, 8, 4, 2, true),
            (std::vector<std::string>{"   █", " ▄██"}));
  EXPECT_EQ(draw_chart({0, 1000, 2000, 3000}, {0, 2, 4, 8}, 8, 4, 2, false),
            (std::vector<std::string>{"   #", " :##"}));
  EXPECT_TRUE(draw_chart({}, {}, 8, 4, 2, true).empty());
}

TEST(Chart, shows_a_peak_however_short) {
  std::vector<std::int64_t> times(1000);
  std::vector<std::uint64_t> values(1000, 0);
  std::iota(times.begin(), times.end(), 0);
  values[333] = 8;
  const auto lines = draw_chart(times, values, 8, 10, 1, true);
  EXPECT_TRUE(has(lines.front(), "█")) << lines.front();
}

TEST(Html, lets_no_name_end_its_script) {
  RunRecord record = test_support::killed_on_v1();
  record.verdict.reason = {
      fact(FactKind::log_unreadable, "</script><script>alert(1)</script><!--")};
  record.cgroups.front().path = "a&b\xff";
  const std::string page =
      html_report({{"</script><img src=x onerror=alert(1)>", record}});
  EXPECT_FALSE(has(page, "alert(1)</script>"));
  EXPECT_FALSE(has(page, "<img src=x"));
  EXPECT_TRUE(has(page, "\\u003c/script\\u003e"));
  EXPECT_TRUE(has(page, "a\\u0026b"));
}

TEST(Html, is_small_with_a_hundred_thousand_samples) {
  RunRecord record = test_support::killed_on_v1();
  record.samples = {};
  Column& usage = record.samples.usage.emplace_back();
  Column& touched = record.samples.touched.emplace();
  for (std::int64_t i = 0; i < 100000; ++i) {
    record.samples.time_ns.push_back(i * 1000003);
    usage.push_back(static_cast<std::uint64_t>(i) * 104857);
    touched.push_back(static_cast<std::uint64_t>(i) * 104000);
  }
  usage[4711] = 12345678901234;
  const std::string page = html_report({{"long", record}});
  EXPECT_LT(page.size(), 3u << 20);
  EXPECT_TRUE(has(page, "12345678901234"));
  EXPECT_TRUE(has(page, "of 100000 samples are shown"));
}

std::string course_page(Language language = Language::en) {
  return html_report({{"x", read_record(test_data("records/course-v1.json"))}},
                     language);
}

TEST(Html, has_outcome_then_story_then_charts_then_proof) {
  const std::string page = course_page();
  std::size_t before = 0;
  for (const char* text :
       {"<html lang=\"en\">", "OOM KILL PROVEN", "What happened, step",
        "<figcaption>Memory usage", "<h2>Proof", "What to try next",
        "Save the record"}) {
    const std::size_t at = page.find(text);
    ASSERT_NE(at, page.npos) << text;
    EXPECT_LT(before, at) << text;
    before = at;
  }
}

TEST(Html, has_its_own_texts_in_the_language_asked) {
  const std::string page = course_page(Language::zh);
  for (const char* text : {"<html lang=\"zh-CN\">", "大字", "内存用量",
                           "上限 16 MiB", "保存记录"}) {
    EXPECT_TRUE(has(page, text)) << text;
  }
}

TEST(Html, has_a_control_run_next_to_its_run_on_one_axis) {
  RunRecord control = experiment();
  control.plan.control = true;
  for (std::int64_t& time : control.samples.time_ns) time *= 10;
  const std::string page =
      html_report({{"run", experiment()}, {"control run", control}});
  const std::size_t pair = page.find("<div class=\"pair\">");
  ASSERT_NE(pair, page.npos);
  EXPECT_LT(pair, page.find("Differences between"));
  const std::size_t first = page.find("\"end_ns\":", pair);
  const std::size_t second = page.find("\"end_ns\":", first + 1);
  EXPECT_EQ(page.substr(first, 20), page.substr(second, 20));
}

TEST(Html, of_several_runs_begins_with_the_comparison) {
  const std::string page =
      html_report({{"a<b", experiment()}, {"two", experiment()}});
  EXPECT_LT(page.find("Differences between"),
            page.find("Memory usage of all runs"));
  EXPECT_LT(page.find("Memory usage of all runs"), page.find("step by step"));
  EXPECT_TRUE(has(page, "a&lt;b</h2>"));
  EXPECT_FALSE(has(page, "<div class=\"pair\">"));
}

TEST(RenderHtml, escapes_all_but_its_own_code_spans) {
  Document document;
  document.headline("<b>", Tone::bad);
  document.paragraph("a `<i>` \x1b[31m \xff \"'& b` c");
  document.check(Tone::good, "x", "<u>");
  document.field("<k>", "v");
  document.table({{"<h>", "n"}, {"r\n<s>", "12.5"}});
  EXPECT_EQ(render_html(document),
            "<p class=\"headline bad\"><span class=\"sign\">\u2717</span> "
            "&lt;b&gt;</p>\n"
            "<p>a <code>&lt;i&gt;</code> \\x1b[31m \\xff &quot;&#39;&amp; b` "
            "c</p>\n"
            "<ul class=\"checks\">\n<li class=\"good\"><span "
            "class=\"sign\">\u2713</span> x<div "
            "class=\"detail\">&lt;u&gt;</div></li>\n</ul>\n"
            "<dl>\n<dt>&lt;k&gt;</dt><dd>v</dd>\n</dl>\n"
            "<div class=\"wide\" tabindex=\"0\"><table>\n<thead><tr><th "
            "scope=\"col\">&lt;h&gt;</th><th scope=\"col\" "
            "class=\"number\">n</th></tr></thead>\n<tbody>\n<tr><th "
            "scope=\"row\">r\\x0a&lt;s&gt;</th><td "
            "class=\"number\">12.5</td></tr>\n</tbody></table></div>\n");
}

TEST(RunCharts, draw_the_limit_from_when_it_was_set) {
  const RunRecord record = read_record(test_data("records/course-v1.json"));
  const Chart chart = run_charts(record, Language::en).front();
  ASSERT_EQ(chart.levels.size(), 1u);
  EXPECT_EQ(chart.levels[0].name, "limit 16 MiB");
  EXPECT_EQ(chart.levels[0].from_ns, 120122981);
  EXPECT_FALSE(chart.levels[0].to_ns);
}

TEST(RunCharts, end_a_limit_where_the_next_begins_and_know_no_refused_one) {
  RunRecord record = read_record(test_data("records/lower-v1.json"));
  EXPECT_EQ(run_charts(record, Language::en).front().levels.size(), 1u);
  record.limits[1].error.reset();
  record.limits[1].actual = Limit::of(Bytes{4194304});
  record.events.back().kind = EventKind::limit_set;
  const auto levels = run_charts(record, Language::en).front().levels;
  ASSERT_EQ(levels.size(), 2u);
  EXPECT_EQ(levels[0].to_ns, levels[1].from_ns);
  EXPECT_EQ(levels[1].from_ns, record.events.back().time_ns);
}

TEST(RunCharts, share_one_axis) {
  const auto charts = run_charts(
      read_record(test_data("records/throttle-v2.json")), Language::en);
  ASSERT_GT(charts.size(), 1u);
  for (const Chart& chart : charts) {
    EXPECT_EQ(chart.begin_ns, charts.front().begin_ns);
    EXPECT_EQ(chart.end_ns, charts.front().end_ns);
  }
}

TEST(RunCharts, of_no_samples_are_none) {
  RunRecord record = experiment();
  record.samples = {};
  EXPECT_TRUE(run_charts(record, Language::en).empty());
}

std::string markdown_of(const RunRecord& record) {
  return render_markdown(run_document(record, Language::en, Length::full));
}

TEST(RunDocument, has_the_numbers_and_no_markup_of_others) {
  RunRecord record = test_support::killed_on_v1();
  record.limits.front().error = "a|b";
  const std::string text = markdown_of(record);
  EXPECT_TRUE(has(text, "0 -> 1"));
  EXPECT_TRUE(has(text, "104960000"));
  EXPECT_TRUE(has(text, "a\\|b"));
}

TEST(RunDocument, of_an_experiment_has_every_process_and_no_child) {
  const std::string text = markdown_of(experiment());
  EXPECT_TRUE(has(
      text, "| large | pid 4686 in pair: still running at the end (killed"));
  EXPECT_TRUE(has(text, "| small | pid 4687 in pair: ended by SIGKILL; "));
  EXPECT_FALSE(has(text, "| child |"));
  EXPECT_TRUE(has(text, "| question |"));
  EXPECT_TRUE(has(text, "| prediction |"));
  EXPECT_TRUE(has(text, "| control run |"));
  EXPECT_TRUE(has(text, "| kernel log | "));
}

TEST(RunDocument, has_the_steps_of_a_run_in_the_language_asked) {
  RunRecord record = experiment();
  const auto step = [](Fact detail) {
    return Event{7, EventKind::step, "hog", "", std::move(detail)};
  };
  record.events = {
      step(fact(FactKind::goes_on)),
      step(fact(FactKind::file_released)),
      step(fact(FactKind::meets_limit_at, 1966)),
      {8, EventKind::process_moved, "hog", "", fact(FactKind::moved_to, "new")},
      {9, EventKind::reaped, "hog", "", fact(FactKind::exited_with, 3)},
      {9, EventKind::step, "hog", "memory.reclaim 4096",
       fact(FactKind::kernel_says, "EAGAIN")},
      {9, EventKind::notification, "hog", "",
       fact(FactKind::usage_crossed, 5, 6)},
      {9, EventKind::notification, "hog", "eventfd"}};
  const std::string english = markdown_of(record);
  for (const char* const words :
       {"| hog: goes on |", "| hog: file released |",
        "| hog: will meet its limit at 1966 ms |", "| moved | hog: to new |",
        "| hog: exited with status 3 |",
        "| hog: memory.reclaim 4096, the kernel says: EAGAIN |",
        "| hog: usage crossed 5, 6 now |", "| hog: eventfd |"}) {
    EXPECT_TRUE(has(english, words)) << words;
  }
  const std::string chinese =
      render_markdown(run_document(record, Language::zh, Length::full));
  for (const char* const words :
       {"| hog：继续运行 |", "| hog：放开文件 |",
        "| hog：将在 1966 ms 时达到上限 |", "| hog：移入 new |",
        "| hog：退出状态为 3 |",
        "| hog：memory.reclaim 4096，内核的回答：EAGAIN |",
        "| hog：用量越过 5，现为 6 |"}) {
    EXPECT_TRUE(has(chinese, words)) << words;
  }
}

TEST(ExperimentReport, has_peak_and_log_and_separates_label_from_value) {
  RunRecord record = experiment();
  record.evidence.victims = {Victim{}};
  record.evidence.victims.front().lines = {"oom-kill: so it was"};
  const std::string text = text_of(record);
  EXPECT_TRUE(has(text, "memory.limit_in_bytes wrote")) << text;
  EXPECT_TRUE(has(markdown_of(record), "oom-kill: so it was"));
  EXPECT_TRUE(has(text, "\n  peak "));
}

TEST(Limits, have_bytes_only_where_the_file_has) {
  RunRecord record = experiment();
  const auto number = Limit::of(Bytes{77});
  record.limits = {{"pair", "pids.max", "64", number, {}, {}},
                   {"pair", "memory.oom_control", "1", number, {}, {}},
                   {"pair", "memory.oom.group", "1", number, {}, {}},
                   {"pair", "cgroup.freeze", "1", number, {}, {}}};
  EXPECT_FALSE(has(text_of(record), "77 bytes"));
  EXPECT_FALSE(has(markdown_of(record), "77 bytes"));
  record.limits = {{"pair", "memory.max", "64", number, {}, {}}};
  EXPECT_TRUE(has(text_of(record), "77 bytes"));
}

TEST(Comparison, of_experiments_has_control_processes_and_all_claims) {
  RunRecord control = experiment();
  control.plan.control = true;
  control.verdict.claims.back() =
      test_support::claim_of("only here", "w", "3", "e", false);
  control.processes.pop_back();
  const std::string text = render_markdown(comparison_document(
      {{"one", experiment()}, {"two", control}}, Language::en));
  EXPECT_TRUE(has(text, "| control run | no | yes: ")) << text;
  EXPECT_TRUE(has(text, "| small | ended by SIGKILL; touched"));
  EXPECT_TRUE(has(text, "bytes) | - |\n"));
  EXPECT_TRUE(has(text, "| only here | - | no: 3 |"));
  EXPECT_FALSE(has(text, "| child |"));
  EXPECT_FALSE(has(text, "time to the end"));
}

TEST(Comparison, of_one_process_with_several_has_the_main_ones) {
  RunRecord hog = test_support::killed_on_v1();
  hog.events.push_back({2000000, EventKind::reaped, "hog", "SIGKILL"});
  RunRecord pair = experiment();
  pair.processes.front().touched = Bytes{8192};
  pair.events.push_back(
      {9000000, EventKind::reaped, main_process(pair).name, "SIGKILL"});
  const std::string text = render_markdown(
      comparison_document({{"one", hog}, {"two", pair}}, Language::en));
  EXPECT_TRUE(has(text, "| main process | ended by SIGKILL | still running"))
      << text;
  EXPECT_TRUE(has(text, " | 8192 bytes |\n")) << text;
  EXPECT_TRUE(has(text, "| time to the end | 2.000 ms | ")) << text;
  EXPECT_FALSE(has(text, "| time to the end | 2.000 ms | - |"));
  EXPECT_TRUE(has(text, "| hog | ended by SIGKILL; touched ")) << text;
}

TEST(Comparison, has_the_hits_of_both_limits_on_v1) {
  RunRecord swapping = test_support::killed_on_v1();
  swapping.evidence.before.memsw_failcnt = 1;
  swapping.evidence.after.memsw_failcnt = 7;
  RunRecord v2 = test_support::killed_on_v2();
  const std::string text = render_markdown(
      comparison_document({{"one", swapping}, {"two", v2}}, Language::en));
  EXPECT_TRUE(has(text, "| limit hits | 0 -> 61 | ")) << text;
  EXPECT_TRUE(has(text, "| limit hits (memsw) | 1 -> 7 | - |")) << text;
  EXPECT_FALSE(has(render_markdown(comparison_document(
                       {{"one", v2}, {"two", v2}}, Language::en)),
                   "memsw"));
}

/// In a terminal of 80 columns.
TEST(Comparison, of_many_runs_fits_the_terminal) {
  std::vector<NamedRecord> runs;
  runs.reserve(8);
  for (int i = 0; i < 8; ++i) {
    runs.push_back({fmt::format("records/of/a/path/oom-{}M.json", 16 << i),
                    i % 2 ? experiment() : test_support::killed_on_v1()});
  }
  const test_support::TempStream stream;
  const std::string text =
      render_text(comparison_document(runs, Language::en),
                  Terminal(stream.get(), ColorChoice::never));
  for (const auto line : cgroupfs::split_lines(text)) {
    EXPECT_LE(display_width(line), 80u) << line;
  }
  EXPECT_TRUE(has(text, "  oom-16M.json")) << text;
  EXPECT_TRUE(has(text, "  oom-2048M.json"));
  EXPECT_FALSE(has(text, "records/of/a/path"));
}

TEST(Comparison, lists_pids_limits_and_waiting) {
  RunRecord other = test_support::killed_on_v2();
  other.limits.push_back({"memorydemo", "pids.max", "3", {}, {}, {}});
  other.plan.no_wait = true;
  const std::string text = render_markdown(comparison_document(
      {{"one", test_support::killed_on_v2()}, {"two", other}}, Language::en));
  EXPECT_TRUE(has(text, "| pids limit asked | - | 3 |")) << text;
  EXPECT_TRUE(has(text, "| waits for the rest | yes | no |")) << text;
}

/// In the second run the limit holds to its end.
TEST(Comparison, draws_a_shared_limit_as_long_as_one_run_has_it) {
  RunRecord lowered = test_support::killed_on_v1();
  LimitRecord lower = lowered.limits.front();
  lower.actual = Limit::of(Bytes{mebi});
  lowered.limits.push_back(lower);
  lowered.events.push_back({2000000000, EventKind::limit_set, "memorydemo",
                            "memory.limit_in_bytes"});
  const auto shared_of = [](const std::vector<NamedRecord>& runs) {
    return comparison_chart(runs, Language::en).levels.front();
  };
  ASSERT_TRUE(shared_of({{"one", lowered}}).to_ns);
  EXPECT_FALSE(
      shared_of({{"one", lowered}, {"two", test_support::killed_on_v1()}})
          .to_ns);
  EXPECT_EQ(shared_of({{"one", lowered}, {"two", lowered}}).to_ns,
            shared_of({{"one", lowered}}).to_ns);
}

TEST(Comparison, begins_with_what_differs) {
  const Document document =
      comparison_document({{"one", test_support::killed_on_v1()},
                           {"two", test_support::survived_on_v2()}},
                          Language::en);
  const std::string text = render_markdown(document);
  const auto differs = text.find("Differences between");
  const auto results = text.find("Results");
  ASSERT_NE(differs, text.npos);
  ASSERT_NE(results, text.npos);
  EXPECT_LT(differs, results);
  EXPECT_TRUE(has(text, "cgroup v1"));
  EXPECT_TRUE(has(text, "cgroup v2"));
  EXPECT_TRUE(has(text, "| one | two |"));
}

}  // namespace
}  // namespace lab
