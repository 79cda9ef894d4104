// SPDX-License-Identifier: MIT
#include "lab/report/picture_script.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>
#include <optional>
#include <string_view>

#include "lab/report/curves.h"
#include "lab/report/record_words.h"
#include "lab/report/thin.h"

namespace lab {
namespace {

constexpr std::size_t most_samples = 4000;

/// A gnuplot string: between single quotes a quote is written twice.
std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) {
    if (c == '\n') continue;
    result += c;
    if (c == '\'') result += c;
  }
  return result + "'";
}

double seconds(std::int64_t time_ns) {
  return static_cast<double>(time_ns) / 1e9;
}

double mebibytes(std::uint64_t bytes) {
  return static_cast<double>(bytes) / mebi;
}

/// The script of one picture, put together from its curves.
class Script {
 public:
  void curve(const std::vector<std::int64_t>& times,
             const std::vector<std::uint64_t>& values,
             const std::string& title) {
    if (times.empty()) return;
    first_ = std::min(first_.value_or(times.front()), times.front());
    last_ = std::max(last_.value_or(times.back()), times.back());
    const std::string block = fmt::format("curve{}", ++curves_);
    data_ += fmt::format("${} << END\n", block);
    for (const std::size_t i : thin(values, most_samples)) {
      fmt::format_to(std::back_inserter(data_), "{:.6f} {:.4f}\n",
                     seconds(times[i]), mebibytes(values[i]));
    }
    data_ += "END\n";
    plot(fmt::format("${} with lines linewidth 2", block), title);
  }
  void limit(Bytes bytes, const std::string& title, const char* color) {
    plot(fmt::format("{:.4f} with lines linewidth 3 dashtype 2 linecolor rgb "
                     "'{}'",
                     mebibytes(bytes.count), color),
         title);
  }
  /// A vertical line with its name beside it; `row` keeps names apart. One that
  /// is far from every curve would squeeze them and is left out.
  void mark(std::int64_t time_ns, std::string_view name, std::size_t row) {
    if (!first_) return;
    const double x = seconds(time_ns);
    const double span = seconds(*last_) - seconds(*first_);
    if (x < seconds(*first_) - far * span || x > seconds(*last_) + far * span) {
      return;
    }
    from_ = std::min(from_, time_ns);
    to_ = std::max(to_, time_ns);
    const bool near_end = x > seconds(*last_) - 2 * far * span;
    data_ += fmt::format(
        "set arrow from first {0:.6f}, graph 0 to first {0:.6f}, graph 1 "
        "nohead dashtype 3 linecolor rgb '#666666'\n"
        "set label {1} at first {0:.6f}, graph {2:.3f} {3} "
        "textcolor rgb '#444444' noenhanced\n",
        x, quoted(std::string(name)), 0.96 - 0.05 * static_cast<double>(row),
        near_end ? "right offset -0.5,0" : "left offset 0.5,0");
  }
  /// gnuplot takes no plot of nothing.
  std::string text() const {
    return data_ + range() +
           (plots_.empty() ? "plot [0:1] NaN notitle" : plots_) + "\n";
  }

 private:
  static constexpr double far = 0.1;  ///< share of the curves' time

  /// Of the curves and the marks near them.
  std::string range() const {
    if (!first_ || *first_ >= *last_) return "";
    return fmt::format("set xrange [{:.6f}:{:.6f}]\n",
                       seconds(std::min(*first_, from_)),
                       seconds(std::max(*last_, to_)));
  }
  void plot(const std::string& what, const std::string& title) {
    plots_ += fmt::format("{}{} title {}", plots_.empty() ? "plot " : ", ",
                          what, quoted(title));
  }

  int curves_ = 0;
  std::optional<std::int64_t> first_;
  std::optional<std::int64_t> last_;
  std::int64_t from_ = std::numeric_limits<std::int64_t>::max();
  std::int64_t to_ = std::numeric_limits<std::int64_t>::min();
  std::string data_;
  std::string plots_;
};

std::string title_of(const std::vector<NamedRecord>& runs) {
  if (runs.size() > 1) return "memory usage";
  const RunRecord& record = runs.front().record;
  return fmt::format("{}: {}", record.plan.experiment,
                     verdict_words(record, Language::en));
}

std::string head_of(const std::string& title, PictureFormat format) {
  return fmt::format(
      "set terminal {}\nset title {} noenhanced\n"
      "set xlabel 'seconds'\nset ylabel 'MiB'\n"
      "set grid\nset bmargin 5\nset key at screen 0.5, screen 0.02 center "
      "bottom horizontal noenhanced\n"
      "set yrange [0:*]\nset offsets 0, 0, graph 0.12, 0\n",
      format == PictureFormat::svg ? "svg size 1000,560 dynamic background "
                                     "rgb 'white'"
                                   : "pngcairo size 1000,560",
      quoted(title));
}

void add_marks(const RunRecord& record, Script& script) {
  std::size_t row = 0;
  for (const EventKind kind : {EventKind::limit_set, EventKind::notification,
                               EventKind::kill_seen, EventKind::reaped}) {
    const auto time = time_of(record, kind);
    if (time) script.mark(*time, event_name(kind, Language::en), row++);
  }
}

void add_one(const RunRecord& record, Script& script) {
  for (const Curve& curve : curves_of(record)) {
    script.curve(curve.time_ns, curve.usage, curve.name);
  }
  const Samples& samples = record.samples;
  if (!makes_claims(record) && samples.touched) {
    script.curve(samples.time_ns, *samples.touched, "touched by the program");
  }
  const LimitRecord* limit = hard_limit(record);
  if (limit && limit->actual && !limit->actual->is_max()) {
    script.limit(limit->actual->bytes(), "limit", "#c0392b");
  }
  if (const auto high = high_limit(record)) {
    script.limit(*high, "high limit", "#d9822b");
  }
  add_marks(record, script);
}

void add_several(const std::vector<NamedRecord>& runs, Script& script) {
  for (const NamedRecord& run : runs) {
    for (const Curve& curve : curves_of(run.record)) {
      script.curve(curve.time_ns, curve.usage,
                   makes_claims(run.record)
                       ? fmt::format("{}: {}", run.name, curve.name)
                       : run.name);
    }
  }
}

}  // namespace

std::string picture_script(const std::vector<NamedRecord>& runs,
                           PictureFormat format) {
  Script script;
  if (runs.size() == 1) {
    add_one(runs.front().record, script);
  } else {
    add_several(runs, script);
  }
  return head_of(title_of(runs), format) + script.text();
}

}  // namespace lab
