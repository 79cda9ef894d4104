// SPDX-License-Identifier: MIT
#include "lab/report/html.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "lab/base/message.h"
#include "lab/base/shell_quote.h"
#include "lab/record/json_text.h"
#include "lab/record/record_json.h"
#include "lab/report/csv.h"
#include "lab/report/curves.h"
#include "lab/report/document_html.h"
#include "lab/report/html/assets.h"
#include "lab/report/html/page.h"
#include "lab/report/run_charts.h"
#include "lab/report/run_document.h"
#include "lab/report/story.h"
#include "lab/report/thin.h"

namespace lab {
namespace {

constexpr Message pair_title("{0}: run and control run",
                             "{0}：正式运行与对照运行");
constexpr Message zoom_hint(
    "Drag in a chart to zoom, shift-drag to pan, double-click to reset.",
    "在图上拖动可放大，按住 Shift 拖动可平移，双击还原。");
constexpr Message some_samples("{0} of {1} samples are shown; every peak is.",
                               "显示了 {1} 个采样中的 {0} 个；峰值都在。");
constexpr Message save_record("Save the record (JSON)", "保存记录（JSON）");
constexpr Message save_samples("Save the samples (CSV)", "保存采样（CSV）");
constexpr Message save_shown_record(
    "Save the record with {0} of {1} samples (JSON)",
    "保存含 {1} 个采样中 {0} 个的记录（JSON）");
constexpr Message save_shown_samples("Save {0} of {1} samples (CSV)",
                                     "保存 {1} 个采样中的 {0} 个（CSV）");

template <typename Column>
void keep(Column& column, const std::vector<std::size_t>& kept) {
  if (column.empty()) return;
  Column result;
  result.reserve(kept.size());
  for (const std::size_t index : kept) result.push_back(column[index]);
  column = std::move(result);
}

RunRecord thinned(RunRecord record) {
  Samples& samples = record.samples;
  // What is kept for one of the curves is kept for all.
  std::set<std::size_t> of_any;
  for (const Column& usage : samples.usage) {
    const auto of_one = thin(usage, most_samples);
    of_any.insert(of_one.begin(), of_one.end());
  }
  const std::vector<std::size_t> kept(of_any.begin(), of_any.end());
  keep(samples.time_ns, kept);
  for (Column& usage : samples.usage) keep(usage, kept);
  if (samples.touched) keep(*samples.touched, kept);
  return record;
}

/// Of all curves.
std::size_t count_samples(const RunRecord& record) {
  std::size_t count = 0;
  for (const Curve& curve : curves_of(record)) count += curve.time_ns.size();
  return count;
}

/// Of those, in the first chart.
std::size_t count_shown(const std::vector<Chart>& charts,
                        const RunRecord& record) {
  if (charts.empty()) return 0;
  const std::vector<Series>& series = charts.front().series;
  const std::size_t curves = std::min(series.size(), curves_of(record).size());
  std::size_t count = 0;
  for (std::size_t i = 0; i < curves; ++i) count += series[i].values.size();
  return count;
}

bool opens_report(const Block& block) {
  return block.kind == Block::Kind::title ||
         block.kind == Block::Kind::headline ||
         block.kind == Block::Kind::paragraph ||
         block.kind == Block::Kind::item;
}

/// The outcome with its reason, and the rest, without the charts.
struct Report {
  Document outcome;
  Document rest;
};

Report report_of(const RunRecord& record, Language language) {
  Report report;
  const Document whole = run_document(record, language, Length::full);
  const auto& blocks = whole.blocks();
  const auto rest =
      std::find_if_not(blocks.begin(), blocks.end(), opens_report);
  for (auto block = blocks.begin(); block != rest; ++block) {
    report.outcome.add(*block);
  }
  for (auto block = rest; block != blocks.end(); ++block) {
    if (block->kind != Block::Kind::chart) report.rest.add(*block);
  }
  return report;
}

/// What happened, and what to try next.
struct Story {
  Document past;
  Document next;
};

/// Without the sentences that stand above it.
Story story_of(const RunRecord& record, const Document& above,
               Language language) {
  std::set<std::string> said;
  for (const Block& block : above.blocks()) said.insert(block.text);
  Story result;
  bool is_past = true;
  const Document whole = story(record, language);
  for (const Block& block : whole.blocks()) {
    if (block.kind == Block::Kind::title) {
      result.past.section(block.text);
      continue;
    }
    if (block.kind == Block::Kind::section) is_past = false;
    if (is_past && said.count(block.text) > 0) continue;
    (is_past ? result.past : result.next).add(block);
  }
  return result;
}

std::string origin(const RunRecord& record) {
  std::string typed;
  for (const std::string& word : record.tool.command_line) {
    typed += (typed.empty() ? "" : " ") + shell_quote(word);
  }
  return fmt::format(
      "<p class=\"origin\"><code>{}</code><br>{} {}; {}; Linux {}, {}</p>\n",
      html_text(typed), html_text(record.tool.name),
      html_text(record.tool.version), html_text(record.date),
      html_text(record.environment.kernel),
      html_text(record.environment.machine));
}

std::string downloads(const RunRecord& record, std::size_t all,
                      Language language) {
  const std::size_t shown = count_samples(record);
  const bool is_whole = shown == all;
  return download_button(is_whole
                             ? say(language, save_samples)
                             : say(language, save_shown_samples, shown, all),
                         "samples.csv", json_string(csv_report(record)),
                         /*is_text=*/true) +
         download_button(is_whole
                             ? say(language, save_record)
                             : say(language, save_shown_record, shown, all),
                         "record.json", to_json_line(record),
                         /*is_text=*/false);
}

/// One run, as a section of the page. `charts` are its own.
std::string run_html(const NamedRecord& run, std::vector<Chart> charts,
                     int level, Language language) {
  const std::size_t all = count_samples(run.record);
  const RunRecord shown = thinned(run.record);
  const Report report = report_of(shown, language);
  const Story story = story_of(run.record, report.outcome, language);
  Document drawn;
  const bool any = !charts.empty();
  const std::size_t drawn_samples = count_shown(charts, run.record);
  for (Chart& chart : charts) drawn.chart(std::move(chart));
  std::string html = "<section class=\"run\">\n";
  html += "<div class=\"outcome\">\n" +
          render_html(denial(run, language), level) +
          render_html(report.outcome, level);
  html += origin(run.record) + "</div>\n<div class=\"story\">\n";
  html += render_html(story.past, level) + "</div>\n<div class=\"charts\">\n";
  html += render_html(drawn, level);
  if (any) {
    html += fmt::format("<p class=\"dim hint\">{}</p>\n",
                        html_text(say(language, zoom_hint)));
  }
  if (any && drawn_samples < all) {
    html +=
        fmt::format("<p class=\"dim\">{}</p>\n",
                    html_text(say(language, some_samples, drawn_samples, all)));
  }
  html += "</div>\n<div class=\"rest\">\n" + render_html(report.rest, level);
  html += render_html(story.next, level);
  html += downloads(shown, all, language);
  return html + "</div>\n</section>\n";
}

/// All on the axis of all.
void share_axis(std::vector<std::vector<Chart>>& charts) {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  for (const auto& of_run : charts) {
    if (of_run.empty()) continue;
    begin = std::min(begin, of_run.front().begin_ns);
    end = std::max(end, of_run.front().end_ns);
  }
  for (auto& of_run : charts) {
    for (Chart& chart : of_run) {
      chart.begin_ns = begin;
      chart.end_ns = end;
    }
  }
}

bool are_run_and_control(const std::vector<NamedRecord>& runs) {
  if (runs.size() != 2) return false;
  const Plan& first = runs.front().record.plan;
  const Plan& second = runs.back().record.plan;
  return first.experiment == second.experiment && !first.control &&
         second.control;
}

std::string side_by_side(const std::vector<NamedRecord>& runs,
                         Language language) {
  std::vector<std::vector<Chart>> charts;
  charts.reserve(runs.size());
  for (const NamedRecord& run : runs) {
    charts.push_back(run_charts(run.record, language));
  }
  share_axis(charts);
  std::string html =
      fmt::format("<h1>{}</h1>\n<div class=\"pair\">\n",
                  html_text(say(language, pair_title,
                                runs.front().record.plan.experiment)));
  for (std::size_t i = 0; i < runs.size(); ++i) {
    html += run_html(runs[i], std::move(charts[i]), 2, language);
  }
  return html + "</div>\n" +
         render_html(comparison_document(runs, language), 2);
}

std::string one_after_the_other(const std::vector<NamedRecord>& runs,
                                Language language) {
  Document head = comparison_document(runs, language);
  Chart all = comparison_chart(runs, language);
  if (!all.series.empty()) head.chart(std::move(all));
  std::string html = render_html(head);
  for (const NamedRecord& run : runs) {
    html += fmt::format("<h2 class=\"name\">{}</h2>\n", html_text(run.name));
    html += run_html(run, run_charts(run.record, language), 3, language);
  }
  return html;
}

std::string title_of(const std::vector<NamedRecord>& runs) {
  std::string names;
  for (const NamedRecord& run : runs) {
    if (names.find(run.record.plan.experiment) != names.npos) continue;
    names += (names.empty() ? "cglab " : ", ") + run.record.plan.experiment;
  }
  return names;
}

}  // namespace

std::string html_report(const std::vector<NamedRecord>& runs,
                        Language language) {
  std::string body;
  if (runs.size() == 1) {
    body = run_html(runs.front(), run_charts(runs.front().record, language), 1,
                    language);
  } else if (are_run_and_control(runs)) {
    body = side_by_side(runs, language);
  } else {
    body = one_after_the_other(runs, language);
  }
  return html_page(
      {title_of(runs), std::move(body), std::string(dygraph_min_css()),
       std::string(dygraph_min_js()) + std::string(charts_js())},
      language);
}

}  // namespace lab
