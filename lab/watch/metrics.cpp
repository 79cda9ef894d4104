// SPDX-License-Identifier: MIT
#include "lab/watch/metrics.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <cerrno>
#include <set>
#include <utility>
#include <vector>

#include "cgroupfs/error.h"
#include "lab/base/visible.h"
#include "lab/report/terminal.h"

namespace lab {
namespace {

constexpr unsigned write_interval_s = 5;

/// A metric family with one value for each cgroup that has it.
struct Family {
  const char* name;
  const char* type;
  const char* help;
  std::optional<double> (*value)(const TreeNode& node);
};

std::optional<double> bytes_value(const std::optional<Bytes>& bytes) {
  if (!bytes) return std::nullopt;
  return static_cast<double>(bytes->count);
}

std::optional<double> seconds(std::chrono::microseconds time) {
  return static_cast<double>(time.count()) / 1e6;
}

constexpr Family families[] = {
    {"cglab_cgroup_memory_usage_bytes", "gauge",
     "Memory charged to the cgroup and its descendants.",
     [](const TreeNode& node) { return bytes_value(node.usage); }},
    {"cglab_cgroup_memory_limit_bytes", "gauge",
     "Hard memory limit of the cgroup; absent without a limit.",
     [](const TreeNode& node) -> std::optional<double> {
       if (!node.limit || node.limit->is_max()) return std::nullopt;
       return static_cast<double>(node.limit->bytes().count);
     }},
    {"cglab_cgroup_memory_peak_bytes", "gauge",
     "Highest memory usage of the cgroup that the kernel has recorded.",
     [](const TreeNode& node) { return bytes_value(node.peak); }},
    {"cglab_cgroup_processes", "gauge",
     "Processes in the cgroup and its descendants.",
     [](const TreeNode& node) -> std::optional<double> {
       if (!node.processes) return std::nullopt;
       return static_cast<double>(*node.processes);
     }},
    {"cglab_cgroup_memory_limit_hits_total", "counter",
     "Charges that hit a memory limit in the cgroup or a descendant.",
     [](const TreeNode& node) -> std::optional<double> {
       if (!node.limit_hits) return std::nullopt;
       return static_cast<double>(*node.limit_hits);
     }},
    {"cglab_cgroup_oom_kills_total", "counter",
     "OOM kills in the cgroup or a descendant, removed ones included.",
     [](const TreeNode& node) -> std::optional<double> {
       if (!node.counts_kills()) return std::nullopt;
       return static_cast<double>(node.kills);
     }},
    {"cglab_cgroup_oom_kills_local_total", "counter",
     "OOM kills in the cgroup that no descendant's series counts; a series "
     "counts from two minutes after it began.",
     [](const TreeNode& node) -> std::optional<double> {
       return static_cast<double>(node.local_kills);
     }},
    {"cglab_cgroup_memory_pressure_waiting_seconds_total", "counter",
     "Time in which some tasks of the cgroup stalled on memory (PSI some).",
     [](const TreeNode& node) -> std::optional<double> {
       if (!node.pressure) return std::nullopt;
       return seconds(node.pressure->some.total);
     }},
    {"cglab_cgroup_memory_pressure_stalled_seconds_total", "counter",
     "Time in which all tasks of the cgroup stalled on memory (PSI full).",
     [](const TreeNode& node) -> std::optional<double> {
       if (!node.pressure || !node.pressure->full) return std::nullopt;
       return seconds(node.pressure->full->total);
     }},
};

void add_head(const char* name, const char* type, const char* help,
              std::string& text) {
  text += fmt::format("# HELP {0} {1}\n# TYPE {0} {2}\n", name, help, type);
}

void add_one(const char* name, const char* type, const char* help, double value,
             std::string& text) {
  add_head(name, type, help, text);
  text += fmt::format("{} {}\n", name, value);
}

struct Series {
  TreeNode* node;
  std::string label;
};

/// Two cgroups whose names differ only in bytes that are not UTF-8 could have
/// one label; a file with two equal series is refused as a whole.
void admit(TreeNode& node, nanoseconds now, std::set<std::string>& labels,
           std::vector<Series>& series) {
  std::string label = label_value(node.path);
  if (!labels.insert(label).second) return;
  if (!node.series_since) node.series_since = now;
  series.push_back({&node, std::move(label)});
}

/// Level by level, so that what is left out is deepest.
std::vector<Series> choose(CgroupTree& tree, std::size_t most,
                           nanoseconds now) {
  std::vector<TreeNode*> nodes;
  tree.each([&](TreeNode& node) { nodes.push_back(&node); });
  const auto depth = [](const TreeNode* node) {
    std::size_t levels = 0;
    for (; node->parent; node = node->parent) ++levels;
    return levels;
  };
  std::vector<std::pair<std::size_t, TreeNode*>> order;
  for (TreeNode* const node : nodes) order.emplace_back(depth(node), node);
  std::stable_sort(order.begin(), order.end(), [](auto& one, auto& other) {
    return std::pair(!one.second->series_since, one.first) <
           std::pair(!other.second->series_since, other.first);
  });
  std::vector<Series> series;
  std::set<std::string> labels;
  for (const auto& [level, node] : order) {
    if (series.size() >= most) break;
    admit(*node, now, labels, series);
  }
  return series;
}

}  // namespace

std::string label_value(std::string_view text) {
  std::string value;
  for (const char character : visible_line(text)) {
    if (character == '\\' || character == '"') value += '\\';
    value += character;
  }
  return value;
}

std::string metrics_text(const TreeStart& start, CgroupTree& tree,
                         const TreeTotals& totals, std::size_t most_cgroups,
                         nanoseconds now) {
  const auto series = choose(tree, most_cgroups, now);
  std::string text;
  add_head("cglab_watch_info", "gauge", "What is watched.", text);
  text += fmt::format("cglab_watch_info{{subtree=\"{}\",hierarchy=\"{}\"}} 1\n",
                      label_value(start.path), to_string(start.version));
  const auto began = start.moment.wall.time_since_epoch();
  add_one("cglab_watch_start_time_seconds", "gauge",
          "When the watch began, in seconds since 1970.",
          static_cast<double>(
              std::chrono::duration_cast<std::chrono::milliseconds>(began)
                  .count()) /
              1e3,
          text);
  add_one("cglab_cgroups", "gauge", "Cgroups that are watched now.",
          static_cast<double>(tree.size()), text);
  add_one("cglab_cgroups_without_series", "gauge",
          "Cgroups that have no series: their ancestors include them.",
          static_cast<double>(tree.size() - series.size()), text);
  add_one("cglab_oom_kills_total", "counter",
          "OOM kills in the watched tree since the watch began.",
          static_cast<double>(totals.kills), text);
  add_one("cglab_oom_kills_unplaced_total", "counter",
          "OOM kills on the host that could not be assigned to a cgroup.",
          static_cast<double>(totals.unplaced), text);
  for (const Family& family : families) {
    std::string lines;
    for (const Series& one : series) {
      const auto value = family.value(*one.node);
      if (!value) continue;
      lines += fmt::format("{}{{cgroup=\"{}\"}} {}\n", family.name, one.label,
                           *value);
    }
    if (lines.empty()) continue;
    add_head(family.name, family.type, family.help, text);
    text += lines;
  }
  return text;
}

MetricsFile::MetricsFile(const std::string& path, std::size_t most_cgroups)
    : path_(path), most_cgroups_(most_cgroups) {
  open();
  timer_.every(std::chrono::seconds(1));
}

/// Anew for each write: the file and its folder may have been replaced. A pipe
/// is refused, because its opening waits for a reader.
OutputFile MetricsFile::open() const {
  struct stat status {};
  if (::stat(path_.c_str(), &status) == 0 && S_ISFIFO(status.st_mode)) {
    throw cgroupfs::FileError(ENOTSUP, "keep metrics in the pipe", path_);
  }
  return OutputFile(path_);
}

void MetricsFile::require_other_file(const std::string& other) const {
  open().require_other_file(other);
}

void MetricsFile::on_start(const TreeStart& start, CgroupTree& tree) {
  start_ = start;
  zero_ns_ = monotonic_ns() - start.moment.elapsed.count();
  write(tree);
}

void MetricsFile::on_sample(const Moment&, CgroupTree&,
                            const TreeTotals& totals) {
  totals_ = totals;
}

void MetricsFile::on_kill(const Moment&, const TreeKill& kill) {
  totals_.kills += kill.count;
  has_news_ = true;
}

bool MetricsFile::on_input(CgroupTree& tree) {
  timer_.drain();
  ++seconds_;
  if (!has_news_ && !has_failed_ && seconds_ < write_interval_s) return true;
  try {
    write(tree);
    has_failed_ = false;
  } catch (const cgroupfs::FileError& error) {
    if (!std::exchange(has_failed_, true)) {
      write_stderr(fmt::format("cglab: {}; trying again\n", error.what()));
    }
  }
  return true;
}

void MetricsFile::on_end(const TreeEnd& end, CgroupTree& tree) {
  totals_ = end.totals;
  write(tree);
}

void MetricsFile::write(CgroupTree& tree) {
  tree.read_usage();
  tree.read_peaks();
  open().write(metrics_text(start_, tree, totals_, most_cgroups_,
                            nanoseconds(monotonic_ns() - zero_ns_)));
  seconds_ = 0;
  has_news_ = false;
}

}  // namespace lab
