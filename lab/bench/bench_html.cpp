// SPDX-License-Identifier: MIT
#include "lab/bench/bench_html.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/base/version.h"
#include "lab/bench/bench_assets.h"
#include "lab/bench/bench_report.h"
#include "lab/record/json_values.h"
#include "lab/report/document_html.h"
#include "lab/report/html/page.h"
#include "lab/report/html/without_markup.h"

namespace lab {
namespace {

bool has_runs(const BenchOutcome& outcome) {
  return std::any_of(
      outcome.results.begin(), outcome.results.end(),
      [](const BenchResult& result) { return !result.wall.empty(); });
}

/// One far run would press all others into one point of a linear axis.
bool needs_logarithm(const BenchOutcome& outcome) {
  double least = 0;
  double most = 0;
  for (const BenchResult& result : outcome.results) {
    for (const double time : result.wall) {
      least = least == 0 ? time : std::min(least, time);
      most = std::max(most, time);
    }
  }
  return least > 0 && most > 20 * least;
}

std::string every_run(const BenchOutcome& outcome) {
  if (!has_runs(outcome)) return "";
  const bool is_log = needs_logarithm(outcome);
  Document text;
  text.section("Every run");
  text.paragraph(fmt::format(
      "A point is a run, the first at the top; thick line: median; dashed: "
      "p95; "
      "whisker: min to max. All on one axis, in milliseconds{}. Of many runs "
      "only every nth is drawn.",
      is_log ? ", logarithmic" : ""));
  return render_html(text) +
         fmt::format(
             "<div class=\"wide\" tabindex=\"0\" id=\"runs\"{}></div>\n",
             is_log ? " data-log" : "");
}

}  // namespace

std::string bench_html(const BenchOutcome& outcome) {
  Document head;
  head.title("cglab bench");
  head.paragraph(fmt::format(
      "cglab {}; times in milliseconds, of the whole program", version));
  head.append(bench_document(outcome));
  const Json csv = bench_csv(outcome);
  std::string body = render_html(head) + every_run(outcome);
  body +=
      download_button("Save the table of runs (CSV)", "bench.csv",
                      csv.dump(-1, ' ', false, Json::error_handler_t::replace),
                      /*is_text=*/true);
  // The charts are drawn of the data that this button saves.
  body += "<span id=\"data\">" +
          download_button("Save all measurements (JSON)", "bench.json",
                          bench_json(outcome), /*is_text=*/false) +
          "</span>\n";
  return html_page({"cglab bench", std::move(body), std::string(bench_css()),
                    std::string(bench_js())},
                   Language::en);
}

}  // namespace lab
