// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "lab/report/environment_rows.h"
#include "lab/report/record_words.h"
#include "lab/report/run_document.h"

namespace lab {
namespace {

using Row = std::vector<std::string>;
using Runs = std::vector<NamedRecord>;
using Telling = std::function<std::string(const RunRecord&)>;

/// What a run does not have.
constexpr char nothing[] = "-";

/// One column for each run, after the labels.
class Comparison {
 public:
  explicit Comparison(const Runs& runs) : runs_(runs), rows_{{"What"}} {
    for (const NamedRecord& run : runs) rows_.front().push_back(run.name);
  }
  void add(const std::string& label, const Telling& of) {
    Row row{label};
    for (const NamedRecord& run : runs_) row.push_back(of(run.record));
    rows_.push_back(std::move(row));
  }
  /// Only where the runs differ.
  void add_difference(const std::string& label, const Telling& of) {
    add(label, of);
    const Row& row = rows_.back();
    if (std::set<std::string>(row.begin() + 1, row.end()).size() < 2) {
      rows_.pop_back();
    }
  }
  bool empty() const { return rows_.size() == 1; }
  std::vector<Row> rows() && { return std::move(rows_); }

 private:
  const Runs& runs_;
  std::vector<Row> rows_;
};

std::string limit_of(const RunRecord& record) {
  const LimitRecord* limit = hard_limit(record);
  return limit && limit->actual ? limit_words(*limit) : "none";
}

/// Between two moments; one that was not seen has no number.
std::string span_of(const RunRecord& record,
                    const std::optional<std::int64_t>& from,
                    const std::optional<std::int64_t>& to) {
  if (!from || !to) return "not seen";
  return human_ms(nanoseconds(*to - *from)) +
         (record.environment.emulated == true ? " (emulated)" : "");
}

std::string limit_hits(const RunRecord& record) {
  const Counters& before = record.evidence.before;
  const Counters& after = record.evidence.after;
  if (after.failcnt) return change_words(before.failcnt, after.failcnt);
  if (!after.local_events || !before.local_events) return "unknown";
  return change_words(before.local_events->max, after.local_events->max);
}

std::string control_of(const RunRecord& record) {
  if (record.plan.control_run.empty()) return nothing;
  return record.plan.control ? "yes: " + record.plan.control_run : "no";
}

std::string time_words(const std::optional<nanoseconds>& time) {
  return time ? time_argument(*time) : nothing;
}

void add_plan_differences(Comparison& rows) {
  const auto add_size = [&](const char* label,
                            std::optional<Bytes> Plan::*size) {
    rows.add_difference(label, [size](const RunRecord& record) {
      const auto& bytes = record.plan.*size;
      return bytes ? exact_size(*bytes) : nothing;
    });
  };
  rows.add_difference("limit asked", [](const RunRecord& record) {
    return exact_limit(record.plan.limit);
  });
  rows.add_difference("swap asked", [](const RunRecord& record) {
    return exact_limit(record.plan.swap);
  });
  add_size("total", &Plan::total);
  add_size("block", &Plan::block);
  rows.add_difference("ramp", [](const RunRecord& record) {
    return time_words(record.plan.ramp);
  });
  rows.add_difference("sampling interval", [](const RunRecord& record) {
    return time_words(record.plan.poll);
  });
  rows.add_difference("command", [](const RunRecord& record) {
    return is_command(record.plan)
               ? fmt::format("{}", fmt::join(record.plan.command, " "))
               : nothing;
  });
}

void add_differences(const Runs& runs, Document& document) {
  document.section("Differences in the environment and the plan");
  Comparison differing(runs);
  const auto labels = environment_rows(runs.front().record.environment);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    differing.add_difference(labels[i].front(), [&](const RunRecord& record) {
      return environment_rows(record.environment)[i].back();
    });
  }
  differing.add_difference("control run", control_of);
  add_plan_differences(differing);
  if (differing.empty()) {
    document.paragraph("No differences.");
  } else {
    document.table(std::move(differing).rows());
  }
}

/// Runs whose times tell of an emulator, beside others whose times do not.
void warn_of_emulation(const Runs& runs, Document& document) {
  std::string emulated;
  for (const NamedRecord& run : runs) {
    if (run.record.environment.emulated != true) continue;
    emulated += (emulated.empty() ? "" : ", ") + run.name;
  }
  if (emulated.empty()) return;
  document.paragraph(fmt::format(
      "Emulated by software: {}. The behaviour and the counters are a real "
      "kernel's; the times are the emulator's and compare with no other "
      "machine's.",
      emulated));
}

/// What only a run of one process tells.
Telling of_one_process(const Telling& of) {
  return [of](const RunRecord& record) {
    return makes_claims(record) ? std::string(nothing) : of(record);
  };
}

void add_process_rows(Comparison& rows) {
  rows.add("touched", of_one_process([](const RunRecord& r) {
             return size_words(main_process(r).touched);
           }));
  rows.add("child", of_one_process([](const RunRecord& r) {
             return end_words(main_process(r));
           }));
  rows.add("time to the end", of_one_process([](const RunRecord& r) {
             return span_of(r, std::int64_t{0}, time_of(r, EventKind::reaped));
           }));
  rows.add("detection after the last touch",
           of_one_process([](const RunRecord& r) {
             return span_of(r, main_process(r).last_touch_ns,
                            time_of(r, EventKind::notification));
           }));
}

void add_outcomes(const Runs& runs, Document& document) {
  document.section("Results");
  Comparison rows(runs);
  rows.add("experiment", [](const RunRecord& r) { return r.plan.experiment; });
  rows.add("verdict", verdict_words);
  rows.add("limit", limit_of);
  rows.add("peak", [](const RunRecord& r) {
    return r.peak ? exact_size(r.peak->bytes) : "unknown";
  });
  rows.add("oom_kill", [](const RunRecord& r) {
    return change_words(r.evidence.before.oom_kills,
                        r.evidence.after.oom_kills);
  });
  rows.add("limit hits", limit_hits);
  const bool all_make_claims = std::all_of(
      runs.begin(), runs.end(),
      [](const NamedRecord& run) { return makes_claims(run.record); });
  if (!all_make_claims) add_process_rows(rows);
  document.table(std::move(rows).rows());
}

/// Items of all runs that make claims which have the same key, in a row: those
/// of the first run in its order, then what only later ones have.
template <typename Item, typename Items>
void add_items(const Runs& runs, const char* title, const Items& items_of,
               std::string Item::*key, std::string (*words)(const Item&),
               Document& document) {
  Comparison rows(runs);
  std::set<std::string> told;
  for (const NamedRecord& run : runs) {
    if (!makes_claims(run.record)) continue;
    for (const Item& each : items_of(run.record)) {
      if (!told.insert(each.*key).second) continue;
      rows.add(each.*key, [&](const RunRecord& record) -> std::string {
        if (!makes_claims(record)) return nothing;
        for (const Item& item : items_of(record)) {
          if (item.*key == each.*key) return words(item);
        }
        return nothing;
      });
    }
  }
  if (rows.empty()) return;
  document.section(title);
  document.table(std::move(rows).rows());
}

std::string process_words(const ProcessRecord& process) {
  return fmt::format("{}; touched {}", end_words(process),
                     size_words(process.touched));
}

std::string claim_words(const ClaimRecord& claim) {
  return fmt::format("{}: {}", held_words(claim.held), claim.seen);
}

}  // namespace

Document comparison_document(const std::vector<NamedRecord>& runs) {
  Document document;
  document.title(runs.size() == 1
                     ? "1 run"
                     : fmt::format("{} runs compared", runs.size()));
  add_differences(runs, document);
  warn_of_emulation(runs, document);
  add_outcomes(runs, document);
  add_items(
      runs, "Processes",
      [](const RunRecord& record) -> const std::vector<ProcessRecord>& {
        return record.processes;
      },
      &ProcessRecord::name, process_words, document);
  add_items(
      runs, "Claims",
      [](const RunRecord& record) -> const std::vector<ClaimRecord>& {
        return record.verdict.claims;
      },
      &ClaimRecord::text, claim_words, document);
  return document;
}

}  // namespace lab
