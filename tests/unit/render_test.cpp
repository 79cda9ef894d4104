// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <algorithm>

#include "lab/report/chart.h"
#include "lab/report/csv.h"
#include "lab/report/html.h"
#include "lab/report/run_document.h"
#include "lab/report/thin.h"
#include "tests/support/error_text.h"
#include "tests/support/sample_record.h"

namespace lab {
namespace {

TEST(Thin, keeps_all_of_what_is_short) {
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
  record.samples = {{-5, 7}, {1, 2}, {3, 4}};
  EXPECT_EQ(csv_report(record),
            "time_ns,usage_bytes,touched_bytes\r\n-5,1,3\r\n7,2,4\r\n");
  record.samples.touched.clear();
  EXPECT_TRUE(has(csv_report(record), "\r\n-5,1,\r\n"));
}

TEST(Chart, rises_with_its_values) {
  EXPECT_EQ(draw_chart({0, 1000, 2000, 3000}, {0, 2, 4, 8}, 8, 4, 2, true),
            (std::vector<std::string>{"   █", " ▄██"}));
  EXPECT_EQ(draw_chart({0, 1000, 2000, 3000}, {0, 2, 4, 8}, 8, 4, 2, false),
            (std::vector<std::string>{"   #", " :##"}));
  EXPECT_TRUE(draw_chart({}, {}, 8, 4, 2, true).empty());
}

TEST(Chart, shows_a_peak_however_short) {
  std::vector<std::int64_t> times;
  std::vector<std::uint64_t> values(1000, 0);
  for (int i = 0; i < 1000; ++i) times.push_back(i);
  values[333] = 8;
  const auto lines = draw_chart(times, values, 8, 10, 1, true);
  EXPECT_TRUE(has(lines.front(), "█")) << lines.front();
}

TEST(Html, lets_no_name_end_its_script) {
  RunRecord record = test_support::killed_on_v1();
  record.verdict.reason = "</script><script>alert(1)</script><!--";
  record.group = "a&b\xff";
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
  for (std::int64_t i = 0; i < 100000; ++i) {
    record.samples.time_ns.push_back(i * 1000003);
    record.samples.usage.push_back(static_cast<std::uint64_t>(i) * 104857);
    record.samples.touched.push_back(static_cast<std::uint64_t>(i) * 104000);
  }
  record.samples.usage[4711] = 12345678901234;
  const std::string page = html_report({{"long", record}});
  EXPECT_LT(page.size(), 3u << 20);
  EXPECT_TRUE(has(page, "12345678901234"));
  EXPECT_TRUE(has(page, "\"samples_in_all\":100000"));
}

TEST(RunDocument, has_the_numbers_and_no_markup_of_others) {
  RunRecord record = test_support::killed_on_v1();
  record.limits.front().error = "a|b";
  const std::string text = render_markdown(run_document({"x", record}));
  EXPECT_TRUE(has(text, "0 -> 1"));
  EXPECT_TRUE(has(text, "104960000"));
  EXPECT_TRUE(has(text, "a\\|b"));
}

TEST(Comparison, begins_with_what_differs) {
  const Document document =
      comparison_document({{"one", test_support::killed_on_v1()},
                           {"two", test_support::survived_on_v2()}});
  const std::string text = render_markdown(document);
  const auto differs = text.find("What differs");
  EXPECT_LT(differs, text.find("What came of it"));
  EXPECT_TRUE(has(text, "cgroup v1"));
  EXPECT_TRUE(has(text, "cgroup v2"));
  EXPECT_TRUE(has(text, "| one | two |"));
}

}  // namespace
}  // namespace lab
