// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <functional>
#include <set>

#include "lab/base/message.h"
#include "lab/report/fact_words.h"
#include "lab/report/record_words.h"
#include "lab/report/run_document.h"
#include "lab/report/text_width.h"

namespace lab {
namespace {

using Row = std::vector<std::string>;
using Runs = std::vector<NamedRecord>;
using WordsOf = std::function<std::string(const RunRecord&)>;

constexpr Message run_name("run", "实验");
constexpr Message control_name("control run", "对照运行");
constexpr Message title("{0} runs compared", "{0} 次运行的比较");
constexpr Message one_run("1 run", "1 次运行");
constexpr Message what_head("What", "项目");
constexpr Message differences("Differences between the plans and the hosts",
                              "计划和主机的差别");
constexpr Message no_differences("No differences.", "没有差别。");
constexpr Message results("Results", "结果");
constexpr Message processes("Processes", "进程");
constexpr Message claims("Claims", "论断");
constexpr Message emulated_runs(
    "Emulated by software: {0}. The behaviour and the counters are those of a "
    "real kernel; the timings come from the emulator and are not comparable.",
    "由软件模拟：{0}。行为和计数器是真实内核的；时间来自模拟器，不能用来"
    "比较。");
constexpr Message emulated_time("{0} (emulated)", "{0}（模拟）");
constexpr Message not_seen("not seen", "没有看到");
constexpr Message none("none", "无");
constexpr Message yes_control("yes: {0}", "是：{0}");
constexpr Message yes("yes", "是");
constexpr Message no("no", "否");
constexpr Message process_value("{0}; touched {1}", "{0}；碰了 {1}");
constexpr Message claim_value("{0}: {1}", "{0}：{1}");

constexpr Message experiment_row("experiment", "实验");
constexpr Message pids_row("pids limit asked", "要求的 pids 上限");
constexpr Message wait_row("waits for the rest", "等待其余进程");
constexpr Message control_row("control run", "对照运行");
constexpr Message asked_limit_row("limit asked", "要求的上限");
constexpr Message asked_swap_row("swap asked", "要求的交换空间");
constexpr Message total_row("total", "总量");
constexpr Message block_row("block", "块");
constexpr Message ramp_row("ramp", "爬升时间");
constexpr Message poll_row("sampling interval", "采样间隔");
constexpr Message timeout_row("timeout", "期限");
constexpr Message command_row("command", "命令");
constexpr Message version_row("cglab", "cglab");
constexpr Message verdict_row("verdict", "结论");
constexpr Message limit_row("limit", "上限");
constexpr Message peak_row("peak", "用量峰值");
constexpr Message memsw_hits_row("limit hits (memsw)", "触及上限（memsw）");
constexpr Message touched_row("touched", "碰过的");
constexpr Message child_row("child", "子进程");
constexpr Message main_process_row("main process", "主进程");
constexpr Message denied_run("{0}: {1}", "{0}：{1}");
constexpr Message denied_verdict("{0} (the saved verdict contradicts this)",
                                 "{0}（保存的结论与此矛盾）");
constexpr Message end_row("time to the end", "到结束的时间");
constexpr Message detection_row("notification after the last touch",
                                "最后一次触碰到通知");

/// What a run does not have.
constexpr char nothing[] = "-";

/// Columns that the name of a file takes: two beside each other fit into 60.
constexpr std::size_t widest_name = 20;

/// Characters of the folder that all files are in, with its last slash.
std::size_t common_folder(const Runs& runs) {
  const std::string& first = runs.front().name;
  std::size_t length = first.rfind('/') + 1;
  for (const NamedRecord& run : runs) {
    while (length > 0 && !run.name.starts_with(first.substr(0, length))) {
      length = length > 1 ? first.rfind('/', length - 2) + 1 : 0;
    }
  }
  return length;
}

bool claims_are_made(const NamedRecord& run) {
  return makes_claims(run.record);
}

bool has_memsw_hits(const RunRecord& record) {
  return record.evidence.after.memsw_failcnt.has_value();
}

/// One column for each run, after the labels.
class Comparison {
 public:
  Comparison(const Runs& runs, Language language)
      : runs_(runs), language_(language), rows_{{say(language, what_head)}} {
    const std::size_t folder = common_folder(runs);
    for (const NamedRecord& run : runs) {
      rows_.front().push_back(
          shortened_path(run.name.substr(folder), widest_name));
    }
  }
  void add(const std::string& label, const WordsOf& of) {
    add_runs(label, [&of](const NamedRecord& run) { return of(run.record); });
  }
  template <typename RunWords>
  void add_runs(const std::string& label, const RunWords& of) {
    Row row{label};
    for (const NamedRecord& run : runs_) row.push_back(of(run));
    rows_.push_back(std::move(row));
  }
  void add(const Message& label, const WordsOf& of) {
    add(say(language_, label), of);
  }
  /// Only where the runs differ.
  void add_difference(const std::string& label, const WordsOf& of) {
    add(label, of);
    const Row& row = rows_.back();
    if (std::set<std::string>(row.begin() + 1, row.end()).size() < 2) {
      rows_.pop_back();
    }
  }
  void add_difference(const Message& label, const WordsOf& of) {
    add_difference(say(language_, label), of);
  }
  bool empty() const { return rows_.size() == 1; }
  std::vector<Row> rows() && { return std::move(rows_); }

 private:
  const Runs& runs_;
  Language language_;
  std::vector<Row> rows_;
};

/// Makes the document of several runs.
class ComparisonReport {
 public:
  ComparisonReport(const Runs& runs, Language language)
      : runs_(runs), language_(language) {}

  Document make();

 private:
  template <typename... Values>
  std::string say(const Message& message, const Values&... values) const {
    return lab::say(language_, message, values...);
  }
  void add_differences();
  void add_plan_differences(Comparison& rows) const;
  void warn_of_emulation();
  void add_results();
  void add_process_rows(Comparison& rows) const;
  template <typename Item, typename Items, typename Key, typename ItemWords>
  void add_items(const Message& heading, const Items& items_of, const Key& key,
                 const ItemWords& words);
  void warn_of_denied_verdicts();
  std::string span(const RunRecord& record,
                   const std::optional<std::int64_t>& from,
                   const std::optional<std::int64_t>& to) const;
  std::string limit_hits(const RunRecord& record) const;
  std::string control_of(const RunRecord& record) const;

  const Runs& runs_;
  Language language_;
  Document document_;
};

/// The time between two moments; unknown if either was not seen.
std::string ComparisonReport::span(
    const RunRecord& record, const std::optional<std::int64_t>& from,
    const std::optional<std::int64_t>& to) const {
  if (!from || !to) return say(not_seen);
  const std::string time = human_ms(nanoseconds(*to - *from));
  return record.environment.emulated == true ? say(emulated_time, time) : time;
}

std::string ComparisonReport::limit_hits(const RunRecord& record) const {
  const Counters& before = record.evidence.before;
  const Counters& after = record.evidence.after;
  if (after.failcnt) {
    return change_words(before.failcnt, after.failcnt, language_);
  }
  if (!after.local_events || !before.local_events) {
    return unknown_words(language_);
  }
  return change_words(before.local_events->max, after.local_events->max,
                      language_);
}

std::string ComparisonReport::control_of(const RunRecord& record) const {
  if (record.plan.control_run.empty()) return nothing;
  return record.plan.control
             ? say(yes_control, record.plan.control_run.in(language_))
             : say(no);
}

void ComparisonReport::add_plan_differences(Comparison& rows) const {
  const auto add_size = [&](const Message& label,
                            std::optional<Bytes> Plan::*size) {
    rows.add_difference(label, [this, size](const RunRecord& record) {
      const auto& bytes = record.plan.*size;
      return bytes ? size_text(language_, *bytes) : nothing;
    });
  };
  const auto time = [](const std::optional<nanoseconds>& value) {
    return value ? time_argument(*value) : std::string(nothing);
  };
  rows.add_difference(experiment_row, [](const RunRecord& record) {
    return record.plan.experiment;
  });
  rows.add_difference(control_row, [this](const RunRecord& record) {
    return control_of(record);
  });
  rows.add_difference(asked_limit_row, [this](const RunRecord& record) {
    return limit_text(record.plan.limit, language_);
  });
  rows.add_difference(asked_swap_row, [this](const RunRecord& record) {
    return limit_text(record.plan.swap, language_);
  });
  add_size(total_row, &Plan::total);
  add_size(block_row, &Plan::block);
  rows.add_difference(ramp_row, [&](const RunRecord& record) {
    return time(record.plan.ramp);
  });
  rows.add_difference(poll_row, [&](const RunRecord& record) {
    return time(record.plan.poll);
  });
  rows.add_difference(pids_row, [](const RunRecord& record) {
    for (const LimitRecord& limit : record.limits) {
      if (limit.file == name_of(cgroupfs::File::pids_max)) return limit.asked;
    }
    return std::string(nothing);
  });
  rows.add_difference(wait_row, [this](const RunRecord& record) {
    return say(record.plan.no_wait ? no : yes);
  });
  rows.add_difference(timeout_row, [&](const RunRecord& record) {
    return time(record.plan.timeout);
  });
  rows.add_difference(command_row, [](const RunRecord& record) {
    return is_command(record.plan)
               ? outside_text(
                     fmt::format("{}", fmt::join(record.plan.command, " ")))
               : std::string(nothing);
  });
  rows.add_difference(
      version_row, [](const RunRecord& record) { return record.tool.version; });
}

void ComparisonReport::add_differences() {
  document_.section(say(differences));
  Comparison differing(runs_, language_);
  const auto labels =
      environment_rows(runs_.front().record.environment, language_);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    differing.add_difference(labels[i].front(), [&](const RunRecord& record) {
      return environment_rows(record.environment, language_)[i].back();
    });
  }
  add_plan_differences(differing);
  if (differing.empty()) {
    document_.paragraph(say(no_differences));
  } else {
    document_.table(std::move(differing).rows());
  }
}

/// Times of an emulator are not comparable with those of other machines.
void ComparisonReport::warn_of_emulation() {
  std::string emulated;
  for (const NamedRecord& run : runs_) {
    if (run.record.environment.emulated != true) continue;
    emulated += (emulated.empty() ? "" : ", ") + run.name;
  }
  if (!emulated.empty()) document_.paragraph(say(emulated_runs, emulated));
}

/// The moment at which the main process was reaped.
std::optional<std::int64_t> end_of_main(const RunRecord& record) {
  for (const Event& event : record.events) {
    const bool is_main = event.subject == main_process(record).name ||
                         record.processes.size() == 1;
    if (event.kind == EventKind::reaped && is_main) return event.time_ns;
  }
  return std::nullopt;
}

/// Of the main process.
void ComparisonReport::add_process_rows(Comparison& rows) const {
  const bool one_process =
      std::none_of(runs_.begin(), runs_.end(), claims_are_made);
  rows.add(touched_row, [this](const RunRecord& record) {
    return size_words(main_process(record).touched, language_);
  });
  rows.add(one_process ? child_row : main_process_row,
           [this](const RunRecord& record) {
             return end_words(main_process(record), language_);
           });
  rows.add(end_row, [this](const RunRecord& record) {
    return span(record, std::int64_t{0}, end_of_main(record));
  });
  // With claims, notifications may have other causes.
  rows.add(detection_row, [this](const RunRecord& record) {
    return makes_claims(record)
               ? nothing
               : span(record, main_process(record).last_touch_ns,
                      time_of(record, EventKind::notification));
  });
}

void ComparisonReport::add_results() {
  document_.section(say(results));
  Comparison rows(runs_, language_);
  rows.add(experiment_row,
           [](const RunRecord& record) { return record.plan.experiment; });
  rows.add_runs(say(verdict_row), [this](const NamedRecord& run) {
    const std::string words = verdict_words(run.record, language_);
    return run.denied ? say(denied_verdict, words) : words;
  });
  rows.add(limit_row, [this](const RunRecord& record) {
    const LimitRecord* limit = hard_limit(record);
    return limit && limit->actual ? limit_words(*limit, language_) : say(none);
  });
  rows.add(peak_row, [this](const RunRecord& record) {
    return record.peak ? size_text(language_, record.peak->bytes)
                       : unknown_words(language_);
  });
  rows.add("oom_kill", [this](const RunRecord& record) {
    return change_words(record.evidence.before.oom_kills,
                        record.evidence.after.oom_kills, language_);
  });
  rows.add(limit_hits_label(language_),
           [this](const RunRecord& record) { return limit_hits(record); });
  if (std::any_of(runs_.begin(), runs_.end(), [](const NamedRecord& run) {
        return has_memsw_hits(run.record);
      })) {
    rows.add(memsw_hits_row, [this](const RunRecord& record) {
      return has_memsw_hits(record)
                 ? change_words(record.evidence.before.memsw_failcnt,
                                record.evidence.after.memsw_failcnt, language_)
                 : nothing;
    });
  }
  if (!std::all_of(runs_.begin(), runs_.end(), claims_are_made)) {
    add_process_rows(rows);
  }
  document_.table(std::move(rows).rows());
}

/// One row per key of all runs: the keys of the first run in its order, then
/// those that only later runs have.
template <typename Item, typename Items, typename Key, typename ItemWords>
void ComparisonReport::add_items(const Message& heading, const Items& items_of,
                                 const Key& key, const ItemWords& words) {
  Comparison rows(runs_, language_);
  std::set<std::string> shown;
  for (const NamedRecord& run : runs_) {
    for (const Item& each : items_of(run.record)) {
      const std::string name = key(each);
      if (!shown.insert(name).second) continue;
      rows.add(name, [&](const RunRecord& record) -> std::string {
        for (const Item& item : items_of(record)) {
          if (key(item) == name) return words(item);
        }
        return nothing;
      });
    }
  }
  if (rows.empty()) return;
  document_.section(say(heading));
  document_.table(std::move(rows).rows());
}

void ComparisonReport::warn_of_denied_verdicts() {
  for (const NamedRecord& run : runs_) {
    const Document denied = denial(run, language_);
    for (Block block : denied.blocks()) {
      if (block.kind == Block::Kind::paragraph) {
        block.text = say(denied_run, run.name, block.text);
      }
      document_.add(std::move(block));
    }
  }
}

Document ComparisonReport::make() {
  document_.title(runs_.size() == 1 ? say(one_run) : say(title, runs_.size()));
  warn_of_denied_verdicts();
  add_differences();
  warn_of_emulation();
  add_results();
  // Without claims each has one, which is among the results.
  if (std::any_of(runs_.begin(), runs_.end(), claims_are_made)) {
    add_items<ProcessRecord>(
        processes,
        [](const RunRecord& record) -> const std::vector<ProcessRecord>& {
          return record.processes;
        },
        [](const ProcessRecord& process) { return process.name; },
        [this](const ProcessRecord& process) {
          return say(process_value, end_words(process, language_),
                     size_words(process.touched, language_));
        });
  }
  add_items<ClaimRecord>(
      claims,
      [](const RunRecord& record) -> const std::vector<ClaimRecord>& {
        return record.verdict.claims;
      },
      [this](const ClaimRecord& claim) { return claim.text.in(language_); },
      [this](const ClaimRecord& claim) {
        return say(claim_value, held_words(claim.held, language_),
                   lab::say(language_, claim.seen));
      });
  return std::move(document_);
}

}  // namespace

Document comparison_document(const std::vector<NamedRecord>& runs,
                             Language language) {
  return ComparisonReport(runs, language).make();
}

std::vector<NamedRecord> run_and_control(const std::vector<RunRecord>& records,
                                         Language language) {
  return {{say(language, run_name), records.front()},
          {say(language, control_name), records.back()}};
}

}  // namespace lab
