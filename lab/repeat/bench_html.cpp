// SPDX-License-Identifier: MIT
#include "lab/repeat/bench_html.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "lab/record/json_text.h"
#include "lab/repeat/bench_assets.h"
#include "lab/repeat/bench_messages.h"
#include "lab/repeat/bench_report.h"
#include "lab/report/document_html.h"
#include "lab/report/html/page.h"
#include "lab/report/html/without_markup.h"

namespace lab {
namespace {

using namespace bench_messages;  // NOLINT(google-build-using-namespace)

/// Of a chart; more runs than this are thinned out.
constexpr std::size_t most_points = 2000;

bool has_runs(const BenchOutcome& outcome) {
  return std::any_of(
      outcome.results.begin(), outcome.results.end(),
      [](const BenchResult& result) { return !result.wall.empty(); });
}

bool has_many_runs(const BenchOutcome& outcome) {
  return std::any_of(outcome.results.begin(), outcome.results.end(),
                     [](const BenchResult& result) {
                       return result.wall.size() > most_points;
                     });
}

/// On a linear axis, one very slow run would squeeze all others together.
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

/// The labels that bench.js fills, and the scale, as attributes of HTML.
std::string chart_attributes(bool is_log, Language language) {
  std::string text = is_log ? " data-log" : "";
  for (const auto& [name, label] :
       {std::pair("run", run_label), std::pair("median", median_label),
        std::pair("p95", p95_label), std::pair("case", case_label)}) {
    text +=
        fmt::format(" data-{}=\"{}\"", name, html_text(label.text(language)));
  }
  return text + fmt::format(" data-most=\"{}\"", most_points);
}

std::string charts(const BenchOutcome& outcome, Language language) {
  if (!has_runs(outcome)) return "";
  const bool is_log = needs_logarithm(outcome);
  Document text;
  text.section(say(language, every_run));
  text.paragraph(say(language, legend));
  if (is_log) text.paragraph(say(language, logarithmic));
  if (has_many_runs(outcome)) {
    text.paragraph(say(language, some_runs, most_points));
  }
  return render_html(text) +
         fmt::format(
             "<div class=\"wide\" tabindex=\"0\" id=\"runs\"{}></div>\n",
             chart_attributes(is_log, language));
}

}  // namespace

std::string bench_html(const BenchOutcome& outcome, Language language) {
  std::string body = render_html(bench_document(outcome, language)) +
                     charts(outcome, language);
  body += download_button(say(language, save_runs), "bench.csv",
                          json_string(bench_csv(outcome)),
                          /*is_text=*/true);
  // The charts are drawn from the data that this button saves.
  body += "<span id=\"data\">" +
          download_button(say(language, save_all), "bench.json",
                          bench_json(outcome), /*is_text=*/false) +
          "</span>\n";
  return html_page(
      {outcome.sweep ? "cglab sweep" : "cglab bench", std::move(body),
       std::string(bench_css()), std::string(bench_js())},
      language);
}

}  // namespace lab
