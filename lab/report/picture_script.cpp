// SPDX-License-Identifier: MIT
#include "lab/report/picture_script.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "lab/base/message.h"
#include "lab/base/visible.h"
#include "lab/report/record_words.h"
#include "lab/report/run_charts.h"
#include "lab/report/text_width.h"

namespace lab {
namespace {

/// As shares of the plot width, roughly: a character, and the smallest visible
/// distance.
constexpr double letter = 0.0095;
constexpr double one_moment = 0.006;
/// As a share of the plot height: a row of names above it.
constexpr double row_height = 0.055;

constexpr Message memory_usage("memory usage", "内存用量");
constexpr Message and_next(", {0}", "，{0}");
constexpr Message picture_title("{0}: {1}", "{0}：{1}");
constexpr Message title_denied("{0}: {1} (contradicts the saved verdict)",
                               "{0}：{1}（与保存的结论矛盾）");

/// For viewers without the first: one with Chinese characters on Linux, macOS,
/// Windows. (pngcairo finds one by itself.)
constexpr char svg_fonts[] =
    "Arial, Noto Sans CJK SC, WenQuanYi Micro Hei, PingFang SC, Microsoft "
    "YaHei, sans-serif";

/// A gnuplot string: between single quotes a quote is written twice. It may be
/// from outside.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : visible_line(text)) {
    result += c;
    if (c == '\'') result += c;
  }
  return result + "'";
}

double seconds(std::int64_t time_ns) {
  return static_cast<double>(time_ns) / 1e9;
}

double mebibytes(double bytes) {
  return bytes / mebi;
}

/// Where a time is on the axis, from 0 to 1.
double place_of(std::int64_t time_ns, const Chart& chart) {
  const auto range = static_cast<double>(chart.end_ns - chart.begin_ns);
  return range <= 0 ? 0 : static_cast<double>(time_ns - chart.begin_ns) / range;
}

double width_of(const std::string& text) {
  return letter * static_cast<double>(display_width(text));
}

/// Marks too close to distinguish are one line, with a name above the plot.
struct Name {
  std::int64_t time_ns = 0;
  std::string text;
  double left = 0;
  double right = 0;
  std::size_t row = 0;
};

std::vector<Name> joined(const Chart& chart, Language language) {
  std::vector<Mark> marks = chart.marks;
  std::stable_sort(
      marks.begin(), marks.end(),
      [](const Mark& a, const Mark& b) { return a.time_ns < b.time_ns; });
  std::vector<Name> names;
  for (const Mark& mark : marks) {
    const double place = place_of(mark.time_ns, chart);
    const bool is_same =
        !names.empty() &&
        place - place_of(names.back().time_ns, chart) < one_moment;
    if (is_same) {
      std::string& text = names.back().text;
      if (text.find(mark.name) == text.npos)
        text += say(language, and_next, mark.name);
    } else {
      names.push_back({mark.time_ns, mark.name});
    }
  }
  return names;
}

/// From the right, each above those that it would touch. At the right edge the
/// line of another mark may run behind a name, which is opaque.
std::vector<Name> names_in_rows(const Chart& chart, Language language) {
  std::vector<Name> names = joined(chart, language);
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    name->left = std::min(place_of(name->time_ns, chart),
                          std::max(0.0, 1 - width_of(name->text)));
    name->right = name->left + width_of(name->text) + 2 * letter;
    for (auto other = names.rbegin(); other != name; ++other) {
      if (name->left < other->right && other->left < name->right) {
        name->row = std::max(name->row, other->row + 1);
      }
    }
  }
  return names;
}

/// A level far above the curves would flatten them.
double top_value_of(const Chart& chart) {
  double most = 0;
  for (const Series& series : chart.series) {
    for (const double value : series.values) most = std::max(most, value);
  }
  double top = most;
  for (const Level& level : chart.levels) {
    if (most == 0 || level.value <= 5 * most) top = std::max(top, level.value);
  }
  return top == 0 ? mebi : 1.15 * top;
}

std::string marks(const std::vector<Name>& names) {
  std::string script;
  for (const Name& name : names) {
    const double height = 1 + row_height * static_cast<double>(name.row);
    script += fmt::format(
        "set arrow from first {0:.6f}, graph 0 to first {0:.6f}, graph {1:.3f} "
        "nohead dashtype 3 linecolor rgb '#0550ae'\n"
        "set label {2} at graph {3:.4f}, graph {4:.3f} left offset 0.3,0 front "
        "boxed textcolor rgb '#0550ae' noenhanced\n",
        seconds(name.time_ns), height + row_height / 2, quoted(name.text),
        name.left, height + row_height / 2);
  }
  return script;
}

/// With its name on it; names that would overlap are put side by side.
std::string levels(const Chart& chart, double top) {
  std::string script;
  struct Written {
    double value;
    double right;
  };
  std::vector<Written> written;
  for (const Level& level : chart.levels) {
    const char* const color = level.is_hard ? "#b3261e" : "#8a5a00";
    const bool is_above = level.value > top;
    const double value = is_above ? top : level.value;
    const std::int64_t from = std::max(level.from_ns, chart.begin_ns);
    const std::int64_t to = level.to_ns.value_or(chart.end_ns);
    const std::string text = (is_above ? "\u2191 " : "") + level.name;
    double left = std::min(place_of(from, chart), 1 - width_of(text));
    for (const Written& other : written) {
      const bool touches = std::abs(other.value - value) < 0.06 * top;
      if (touches) left = std::max(left, other.right);
    }
    written.push_back({value, left + width_of(text)});
    if (!is_above) {
      script += fmt::format(
          "set arrow from first {:.6f}, first {:.4f} to first {:.6f}, first "
          "{:.4f} nohead linewidth 2 dashtype 2 linecolor rgb '{}'\n",
          seconds(from), mebibytes(value), seconds(to), mebibytes(value),
          color);
    }
    script += fmt::format(
        "set label {} at graph {:.4f}, first {:.4f} left offset 0.5,{} "
        "textcolor rgb '{}' noenhanced\n",
        quoted(text), left, mebibytes(value), is_above ? -0.7 : 0.7, color);
  }
  return script;
}

/// gnuplot rejects an empty plot.
std::string curves(const Chart& chart) {
  static constexpr const char* colors[] = {"#2f7ed8", "#c8701a", "#2e8b62",
                                           "#a347ba", "#c0392b", "#6b7a7b"};
  std::string data;
  std::string plots;
  for (std::size_t curve = 0; curve < chart.series.size(); ++curve) {
    const Series& series = chart.series[curve];
    if (series.time_ns.empty()) continue;
    data += fmt::format("$curve{} << END\n", curve);
    for (std::size_t i = 0; i < series.time_ns.size(); ++i) {
      fmt::format_to(std::back_inserter(data), "{:.6f} {:.4f}\n",
                     seconds(series.time_ns[i]), mebibytes(series.values[i]));
    }
    data += "END\n";
    plots += fmt::format(
        "{}$curve{} with lines linewidth 2 linecolor rgb '{}' title {}",
        plots.empty() ? "plot " : ", ", curve,
        colors[curve % std::size(colors)], quoted(series.name));
  }
  return data + (plots.empty() ? "plot [0:1] NaN notitle" : plots) + "\n";
}

/// As many names of curves per row as fit without being cut.
std::size_t columns_of_key(const Chart& chart) {
  std::size_t longest = 1;
  for (const Series& series : chart.series) {
    longest = std::max(longest, display_width(series.name));
  }
  return std::clamp<std::size_t>(100 / (longest + 8), 1, 4);
}

std::string title_of(const std::vector<NamedRecord>& runs, Language language) {
  if (runs.size() > 1) return say(language, memory_usage);
  const RunRecord& record = runs.front().record;
  return say(language, runs.front().denied ? title_denied : picture_title,
             record.plan.experiment, verdict_words(record, language));
}

std::string head_of(const std::string& title, PictureFormat format) {
  return fmt::format(
      "set encoding utf8\nset terminal {}\n"
      "set title {} noenhanced\nset format x '%g s'\nset format y '%g MiB'\n"
      "set grid linetype 1 linecolor rgb '#d1d9e0'\n"
      "set style textbox opaque noborder margins 0,0\n",
      format == PictureFormat::svg
          ? fmt::format("svg size 1000,560 dynamic background rgb 'white' font "
                        "'{},12'",
                        svg_fonts)
          : "pngcairo size 1000,560",
      quoted(title));
}

/// Room for the names above, and for all names of curves below.
std::string layout(const Chart& chart, const std::vector<Name>& names,
                   double top) {
  std::size_t rows = 0;
  for (const Name& name : names) rows = std::max(rows, name.row + 1);
  std::string script = fmt::format(
      "set key outside below center vertical maxcols {} noenhanced\n"
      "set title offset 0,{}\nset tmargin {}\nset yrange [0:{:.4f}]\n",
      columns_of_key(chart), 1.3 * static_cast<double>(rows),
      2 + 1.4 * static_cast<double>(rows), mebibytes(top));
  if (chart.begin_ns < chart.end_ns) {
    script += fmt::format("set xrange [{:.6f}:{:.6f}]\n",
                          seconds(chart.begin_ns), seconds(chart.end_ns));
  }
  return script;
}

Chart chart_of(const std::vector<NamedRecord>& runs, Language language) {
  if (runs.size() > 1) return comparison_chart(runs, language);
  std::vector<Chart> charts = run_charts(runs.front().record, language);
  return charts.empty() ? Chart{} : std::move(charts.front());
}

}  // namespace

std::string picture_script(const std::vector<NamedRecord>& runs,
                           PictureFormat format, Language language) {
  const Chart chart = chart_of(runs, language);
  const std::vector<Name> names = names_in_rows(chart, language);
  const double top = top_value_of(chart);
  return head_of(title_of(runs, language), format) + layout(chart, names, top) +
         marks(names) + levels(chart, top) + curves(chart);
}

}  // namespace lab
