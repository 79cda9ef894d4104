// SPDX-License-Identifier: MIT
#include "lab/report/document_html.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/base/units.h"
#include "lab/base/visible.h"
#include "lab/record/json_values.h"
#include "lab/report/html/without_markup.h"

namespace lab {
namespace {

using Row = std::vector<std::string>;

std::string escaped(const std::string& text) {
  std::string result;
  for (const char c : text) {
    switch (c) {
      case '<':
        result += "&lt;";
        break;
      case '>':
        result += "&gt;";
        break;
      case '&':
        result += "&amp;";
        break;
      case '"':
        result += "&quot;";
        break;
      case '\'':
        result += "&#39;";
        break;
      default:
        result += c;
    }
  }
  return result;
}

std::string inline_html(std::string_view text) {
  std::string result;
  for (const Span& span : spans_of(text)) {
    result += span.is_code
                  ? fmt::format("<code>{}</code>", html_text(span.text))
                  : html_text(span.text);
  }
  return result;
}

const char* class_of(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "good";
    case Tone::bad:
      return "bad";
    case Tone::unknown:
      return "unknown";
    case Tone::none:
      break;
  }
  return "plain";
}

const char* mark_of(Tone tone) {
  switch (tone) {
    case Tone::good:
      return "<span class=\"sign\">\u2713</span> ";
    case Tone::bad:
      return "<span class=\"sign\">\u2717</span> ";
    case Tone::unknown:
      return "<span class=\"sign\">?</span> ";
    case Tone::none:
      break;
  }
  return "";
}

std::string check(const Block& block) {
  constexpr char unmarked[] = "<span class=\"sign\">\u2013</span> ";
  const std::string detail = block.detail.empty()
                                 ? ""
                                 : fmt::format("<div class=\"detail\">{}</div>",
                                               inline_html(block.detail));
  return fmt::format("<li class=\"{}\">{}{}{}</li>\n", class_of(block.tone),
                     block.tone == Tone::none ? unmarked : mark_of(block.tone),
                     inline_html(block.text), detail);
}

std::string commands(const std::string& text) {
  return fmt::format("<pre><code>{}</code></pre>\n", escaped(visible(text)));
}

/// In the list of the checks, below its own.
std::string html_hint(const Block& block) {
  return fmt::format("<li class=\"advice\">{}{}</li>\n",
                     inline_html(block.text),
                     block.detail.empty() ? "" : commands(block.detail));
}

std::string html_fields(const std::vector<Row>& rows) {
  std::string html = "<dl>\n";
  for (const Row& row : rows) {
    if (!row[0].empty()) html += fmt::format("<dt>{}</dt>", html_text(row[0]));
    html += fmt::format("<dd>{}</dd>\n", inline_html(row[1]));
  }
  return html + "</dl>\n";
}

bool is_number(const std::string& cell) {
  return cell == "-" ||
         (!cell.empty() && cell.find_first_not_of("0123456789.") == cell.npos);
}

/// Which columns are right-aligned.
std::vector<bool> columns_of_numbers(const std::vector<Row>& rows) {
  std::vector<bool> result(rows.front().size(), rows.size() > 1);
  for (std::size_t row = 1; row < rows.size(); ++row) {
    for (std::size_t i = 0; i < result.size(); ++i) {
      if (!is_number(rows[row].at(i))) result[i] = false;
    }
  }
  return result;
}

/// It scrolls in its own box where it is wider than the page, also with the
/// keyboard.
std::string html_table(const std::vector<Row>& rows) {
  if (rows.empty()) return "";
  const std::vector<bool> numbers = columns_of_numbers(rows);
  std::string html = "<div class=\"wide\" tabindex=\"0\"><table>\n";
  for (std::size_t row = 0; row < rows.size(); ++row) {
    html += row == 0 ? "<thead><tr>" : "<tr>";
    for (std::size_t i = 0; i < rows[row].size(); ++i) {
      const bool heads_row = row > 0 && i == 0 && !numbers[0];
      const char* const tag = row == 0 || heads_row ? "th" : "td";
      const char* const scope = row == 0    ? " scope=\"col\""
                                : heads_row ? " scope=\"row\""
                                            : "";
      html += fmt::format("<{0}{1}{2}>{3}</{0}>", tag, scope,
                          numbers[i] ? " class=\"number\"" : "",
                          inline_html(rows[row][i]));
    }
    html += row == 0 ? "</tr></thead>\n<tbody>\n" : "</tr>\n";
  }
  return html + "</tbody></table></div>\n";
}

std::string value_words(double value, Chart::Unit unit) {
  return unit == Chart::Unit::bytes
             ? human_size(Bytes{static_cast<std::uint64_t>(value)})
             : fmt::format("{:.0f} %", value);
}

/// A text description of the chart, for screen readers.
std::string described(const Chart& chart) {
  std::string text = chart.title;
  for (const Series& series : chart.series) {
    if (series.values.empty()) continue;
    const double highest =
        *std::max_element(series.values.begin(), series.values.end());
    text += fmt::format("; {} \u2264 {}", series.name,
                        value_words(highest, chart.unit));
  }
  for (const Level& level : chart.levels) {
    text += "; " + level.name;
  }
  for (const Mark& mark : chart.marks) {
    text += fmt::format("; {} {}", mark.name,
                        human_ms(std::chrono::nanoseconds(mark.time_ns)));
  }
  return text;
}

Json values_json(const Series& series, Chart::Unit unit) {
  if (unit == Chart::Unit::percent) return series.values;
  return std::vector<std::uint64_t>(series.values.begin(), series.values.end());
}

Json chart_json(const Chart& chart) {
  Json json{{"unit", chart.unit == Chart::Unit::bytes ? "bytes" : "percent"},
            {"stacked", chart.stacked},
            {"begin_ns", chart.begin_ns},
            {"end_ns", chart.end_ns},
            {"series", Json::array()},
            {"levels", Json::array()},
            {"marks", Json::array()}};
  for (const Series& series : chart.series) {
    json["series"].push_back({{"time_ns", series.time_ns},
                              {"values", values_json(series, chart.unit)}});
  }
  for (const Level& level : chart.levels) {
    json["levels"].push_back({{"name", visible_line(level.name)},
                              {"value", level.value},
                              {"from_ns", level.from_ns},
                              {"to_ns", level.to_ns.value_or(chart.end_ns)},
                              {"hard", level.is_hard}});
  }
  for (const Mark& mark : chart.marks) {
    json["marks"].push_back(
        {{"time_ns", mark.time_ns}, {"name", visible_line(mark.name)}});
  }
  return json;
}

/// charts.js writes the value under the pointer into the empty elements.
std::string html_legend(const Chart& chart) {
  std::string html = "<ul class=\"legend\">";
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    html += fmt::format("<li class=\"curve{}\">{} <output></output></li>",
                        i % 6, html_text(chart.series[i].name));
  }
  return html + "</ul>";
}

std::string figure(const Chart& chart) {
  return fmt::format(
      "<figure class=\"chart{}\">\n<figcaption>{}</figcaption>\n{}\n"
      "<div class=\"marks\" aria-hidden=\"true\"></div>"
      "<div class=\"plot\" role=\"img\" aria-label=\"{}\"></div>\n"
      "<script type=\"application/json\">{}</script>\n</figure>\n",
      chart.levels.empty() && chart.marks.empty() ? " small" : "",
      html_text(chart.title), html_legend(chart), html_text(described(chart)),
      without_markup(compact(chart_json(chart))));
}

/// An element of its own, or of the list `list_of()`.
std::string rendered(const Block& block, int level) {
  switch (block.kind) {
    case Block::Kind::title:
      return fmt::format("<h{0}>{1}</h{0}>\n", level, inline_html(block.text));
    case Block::Kind::headline:
      return fmt::format("<p class=\"headline {}\">{}{}</p>\n",
                         class_of(block.tone), mark_of(block.tone),
                         html_text(block.text));
    case Block::Kind::section:
      return fmt::format("<h{0}>{1}</h{0}>\n", level + 1,
                         inline_html(block.text));
    case Block::Kind::paragraph:
      return fmt::format("<p>{}</p>\n", inline_html(block.text));
    case Block::Kind::item:
      return fmt::format("<li>{}</li>\n", inline_html(block.text));
    case Block::Kind::question:
      return fmt::format("<blockquote>{}</blockquote>\n",
                         inline_html(block.text));
    case Block::Kind::commands:
      return commands(block.text);
    case Block::Kind::fields:
      return html_fields(block.rows);
    case Block::Kind::check:
      return check(block);
    case Block::Kind::hint:
      return html_hint(block);
    case Block::Kind::table:
      return html_table(block.rows);
    case Block::Kind::chart:
      return figure(*block.plot);
  }
  return "";
}

/// The class of the list that the block belongs to; empty: to none.
std::string_view list_of(const Block& block) {
  if (block.kind == Block::Kind::item) return "items";
  if (block.kind == Block::Kind::check || block.kind == Block::Kind::hint) {
    return "checks";
  }
  return "";
}

}  // namespace

std::string html_text(std::string_view text) {
  return escaped(visible_line(text));
}

std::string render_html(const Document& document, int level) {
  std::string html;
  std::string_view list;
  const auto change_list = [&](std::string_view next) {
    if (list == next) return;
    if (!list.empty()) html += "</ul>\n";
    if (!next.empty()) html += fmt::format("<ul class=\"{}\">\n", next);
    list = next;
  };
  for (const Block& block : document.blocks()) {
    change_list(list_of(block));
    html += rendered(block, level);
  }
  change_list("");
  return html;
}

}  // namespace lab
