// SPDX-License-Identifier: MIT
#include "lab/report/run_charts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "lab/base/message.h"
#include "lab/report/curves.h"
#include "lab/report/record_words.h"
#include "lab/report/thin.h"

namespace lab {
namespace {

constexpr Message usage_title("Memory usage", "内存用量");
constexpr Message usage_of_runs("Memory usage of all runs",
                                "各次运行的内存用量");
constexpr Message composition_title("What the usage consists of ({0})",
                                    "用量的构成（{0}）");
constexpr Message composition_of("What the usage of {0} consists of ({1})",
                                 "{0} 的用量的构成（{1}）");
constexpr Message swap_title("Swap", "交换空间");
constexpr Message pressure_title(
    "Pressure: share of the time in which a task waited for memory",
    "内存压力：有任务等待内存的时间所占的比例");
constexpr Message usage_name("usage", "用量");
constexpr Message touched_name("touched by the program", "程序碰过的内存");
constexpr Message name_of_subject("{0}: {1}", "{0}：{1}");
constexpr Message limit_name("limit {0}", "上限 {0}");
constexpr Message limit_of_cgroup("limit of {1}: {0}", "{1} 的上限：{0}");
constexpr Message high_name("high limit {0}", "high 上限 {0}");
constexpr Message high_of_cgroup("high limit of {1}: {0}",
                                 "{1} 的 high 上限：{0}");
constexpr Message stalled_name("some task waited", "有任务在等待");

Series thinned(std::string name, const std::vector<std::int64_t>& times,
               const Column& values) {
  Series series{std::move(name), {}, {}};
  for (const std::size_t i : thin(values, most_samples)) {
    series.time_ns.push_back(times[i]);
    series.values.push_back(static_cast<double>(values[i]));
  }
  return series;
}

/// The moments at which its file was set, in order.
std::vector<std::int64_t> times_set(const RunRecord& record,
                                    const LimitRecord& limit) {
  std::vector<std::int64_t> times;
  for (const Event& event : record.events) {
    if (event.kind == EventKind::limit_set && event.subject == limit.cgroup &&
        event.source == limit.file) {
      times.push_back(event.time_ns);
    }
  }
  return times;
}

/// What the limits of `file` were. One that is set again ends the one before; a
/// refused one changes nothing.
void add_levels(const RunRecord& record, cgroupfs::File file,
                const Message& words, const Message& words_of_cgroup,
                Language language, Chart& chart) {
  struct Last {
    std::size_t count = 0;
    std::optional<std::size_t> level;
  };
  const std::string_view name =
      cgroupfs::name_of(file, record.environment.memory_version);
  std::map<std::string, Last> cgroups;
  for (const LimitRecord& limit : record.limits) {
    if (limit.file != name || limit.error) continue;
    Last& last = cgroups[limit.cgroup];
    const auto times = times_set(record, limit);
    const std::int64_t from =
        last.count < times.size() ? times[last.count] : chart.begin_ns;
    ++last.count;
    if (last.level) chart.levels[*last.level].to_ns = from;
    last.level.reset();
    if (!limit.actual || limit.actual->is_max()) continue;
    last.level = chart.levels.size();
    const Bytes bytes = limit.actual->bytes();
    const bool has_several = record.cgroups.size() > 1 && makes_claims(record);
    chart.levels.push_back(
        {has_several
             ? say(language, words_of_cgroup, human_size(bytes), limit.cgroup)
             : say(language, words, human_size(bytes)),
         static_cast<double>(bytes.count), from,
         file == cgroupfs::File::memory_max, std::nullopt});
  }
}

/// What a step did is in its source.
std::string mark_name(const Event& event, const RunRecord& record,
                      Language language) {
  if (event.kind == EventKind::step || event.kind == EventKind::changed) {
    return event_source(event, language);
  }
  const std::string name = event_name(event.kind, language);
  return makes_claims(record) && !event.subject.empty()
             ? say(language, name_of_subject, event.subject, name)
             : name;
}

/// From the first to the last sample. An event far outside would squeeze the
/// curves, and is left out.
class Axis {
 public:
  explicit Axis(const RunRecord& record)
      : begin_(record.samples.time_ns.front()),
        end_(record.samples.time_ns.back()) {
    const std::int64_t margin = (end_ - begin_) / 10;
    const std::int64_t first = begin_ - margin;
    const std::int64_t last = end_ + margin;
    for (const Event& event : record.events) {
      if (event.time_ns < first || event.time_ns > last) continue;
      begin_ = std::min(begin_, event.time_ns);
      end_ = std::max(end_, event.time_ns);
    }
  }
  bool has(std::int64_t time_ns) const noexcept {
    return time_ns >= begin_ && time_ns <= end_;
  }
  Chart chart(std::string title) const {
    Chart chart;
    chart.title = std::move(title);
    chart.begin_ns = begin_;
    chart.end_ns = end_;
    return chart;
  }

 private:
  std::int64_t begin_;
  std::int64_t end_;
};

Chart usage_chart(const RunRecord& record, const Axis& axis,
                  Language language) {
  Chart chart = axis.chart(say(language, usage_title));
  for (const Curve& curve : curves_of(record)) {
    chart.series.push_back(
        thinned(makes_claims(record) ? curve.name : say(language, usage_name),
                curve.time_ns, curve.usage));
  }
  const Samples& samples = record.samples;
  if (!makes_claims(record) && samples.touched) {
    chart.series.push_back(thinned(say(language, touched_name), samples.time_ns,
                                   *samples.touched));
  }
  add_levels(record, cgroupfs::File::memory_max, limit_name, limit_of_cgroup,
             language, chart);
  add_levels(record, cgroupfs::File::memory_high, high_name, high_of_cgroup,
             language, chart);
  for (const Event& event : record.events) {
    if (!axis.has(event.time_ns)) continue;
    chart.marks.push_back({event.time_ns, mark_name(event, record, language)});
  }
  return chart;
}

bool has_any(const std::optional<Column>& column) {
  return column && std::any_of(column->begin(), column->end(),
                               [](std::uint64_t value) { return value > 0; });
}

void add_composition(const RunRecord& record, const Axis& axis,
                     Language language, std::vector<Chart>& charts) {
  const StatSamples& stat = record.samples.stat;
  const auto file = cgroupfs::name_of(cgroupfs::File::memory_stat);
  Chart chart = axis.chart(
      record.cgroups.size() > 1
          ? say(language, composition_of, record.cgroups.front().name, file)
          : say(language, composition_title, file));
  chart.stacked = true;
  const auto add = [&](const char* name, const std::optional<Column>& column) {
    if (!has_any(column)) return;
    chart.series.push_back(thinned(name, stat.time_ns, *column));
  };
  add("anon", stat.anon);
  add("file", stat.file);
  add("shmem", stat.shmem);
  add("kernel", stat.kernel);
  if (!chart.series.empty()) charts.push_back(std::move(chart));
}

/// It is not part of the usage, so not in its stack.
void add_swap(const StatSamples& stat, const Axis& axis, Language language,
              std::vector<Chart>& charts) {
  if (!has_any(stat.swap)) return;
  Chart chart = axis.chart(say(language, swap_title));
  chart.series.push_back(thinned("swap", stat.time_ns, *stat.swap));
  charts.push_back(std::move(chart));
}

/// Its samples are sums since the beginning: what is drawn is their rise.
void add_pressure(const StatSamples& stat, const Axis& axis, Language language,
                  std::vector<Chart>& charts) {
  if (!has_any(stat.stalled_us)) return;
  const Column& sums = *stat.stalled_us;
  Chart chart = axis.chart(say(language, pressure_title));
  chart.unit = Chart::Unit::percent;
  Series series{say(language, stalled_name), {}, {}};
  for (std::size_t i = 1; i < sums.size(); ++i) {
    const auto time_us =
        static_cast<double>(stat.time_ns[i] - stat.time_ns[i - 1]) / 1000;
    if (time_us <= 0 || sums[i] < sums[i - 1]) continue;
    const auto stalled_us = static_cast<double>(sums[i] - sums[i - 1]);
    series.time_ns.push_back(stat.time_ns[i]);
    series.values.push_back(std::min(100.0, 100 * stalled_us / time_us));
  }
  chart.series.push_back(std::move(series));
  charts.push_back(std::move(chart));
}

bool has_samples(const RunRecord& record) {
  return !record.samples.time_ns.empty() && !record.samples.usage.empty();
}

/// Those of equal names and values are one line.
void add_level(const Level& level, std::vector<Level>& levels) {
  const auto same = [&](const Level& other) {
    return other.name == level.name && other.value == level.value;
  };
  const auto found = std::find_if(levels.begin(), levels.end(), same);
  if (found == levels.end()) {
    levels.push_back(level);
  } else {
    found->from_ns = std::min(found->from_ns, level.from_ns);
    if (found->to_ns && level.to_ns) {
      found->to_ns = std::max(*found->to_ns, *level.to_ns);
    } else {
      found->to_ns = std::nullopt;
    }
  }
}

}  // namespace

std::vector<Chart> run_charts(const RunRecord& record, Language language) {
  if (!has_samples(record)) return {};
  const Axis axis(record);
  std::vector<Chart> charts{usage_chart(record, axis, language)};
  const StatSamples& stat = record.samples.stat;
  if (stat.time_ns.size() < 2) return charts;
  add_composition(record, axis, language, charts);
  add_swap(stat, axis, language, charts);
  add_pressure(stat, axis, language, charts);
  return charts;
}

Chart comparison_chart(const std::vector<NamedRecord>& runs,
                       Language language) {
  Chart all;
  all.title = say(language, usage_of_runs);
  for (const NamedRecord& run : runs) {
    if (!has_samples(run.record)) continue;
    const Axis axis(run.record);
    Chart one = usage_chart(run.record, axis, language);
    const bool is_first = all.series.empty();
    all.begin_ns =
        is_first ? one.begin_ns : std::min(all.begin_ns, one.begin_ns);
    all.end_ns = is_first ? one.end_ns : std::max(all.end_ns, one.end_ns);
    const std::size_t curves = curves_of(run.record).size();
    for (std::size_t i = 0; i < curves; ++i) {
      Series& series = one.series[i];
      series.name = makes_claims(run.record)
                        ? fmt::format("{}: {}", run.name, series.name)
                        : run.name;
      all.series.push_back(std::move(series));
    }
    for (const Level& level : one.levels) add_level(level, all.levels);
  }
  return all;
}

}  // namespace lab
