// SPDX-License-Identifier: MIT
#include "lab/report/run_document.h"

#include <fmt/format.h>

#include "lab/report/environment_rows.h"
#include "lab/report/record_words.h"
#include "lab/report/timeline.h"

namespace lab {
namespace {

using Row = std::vector<std::string>;

void add_experiment(const Plan& plan, Document& document) {
  document.section("Experiment");
  document.table(
      {{"What", "Value"},
       {"question", plan.question},
       {"prediction", plan.prediction},
       {plan.control ? "this control run" : "control run", plan.control_run}});
}

void add_claims(const RunRecord& record, Document& document) {
  document.section("Claims");
  std::vector<Row> rows{{"Holds", "Claim", "Read", "Seen", "Expected"}};
  for (const ClaimRecord& claim : record.verdict.claims) {
    rows.push_back({held_words(claim.held), claim.text, claim.what, claim.seen,
                    claim.expected});
  }
  document.table(std::move(rows));
}

void add_processes(const RunRecord& record, Document& document) {
  document.section("Processes");
  std::vector<Row> rows{{"Name", "Cgroup", "Pid", "End", "Touched"}};
  for (const ProcessRecord& process : record.processes) {
    rows.push_back({process.name, process.cgroup, std::to_string(process.pid),
                    end_words(process), size_words(process.touched)});
  }
  document.table(std::move(rows));
}

/// An experiment that makes claims has a table of its processes.
void add_proof(const RunRecord& record, Document& document) {
  document.section("Proof");
  std::vector<Row> rows{{"What", "Value"}};
  if (!makes_claims(record)) {
    rows.push_back({"child", fmt::format("pid {}, {}", main_process(record).pid,
                                         end_words(main_process(record)))});
  }
  rows.push_back({"oom_kill", change_words(record.evidence.before.oom_kills,
                                           record.evidence.after.oom_kills)});
  rows.push_back({"peak", peak_words(record)});
  const std::string split = split_words(record);
  if (!split.empty()) rows.push_back({"", split});
  if (!makes_claims(record)) {
    rows.push_back({"touched", size_words(main_process(record).touched)});
  }
  for (const std::string& line : kernel_log_lines(record)) {
    rows.push_back({"kernel log", line});
  }
  document.table(std::move(rows));
}

void add_limits(const RunRecord& record, Document& document) {
  document.section("Limits");
  std::vector<Row> rows{{"File", "Asked", "The kernel has", "Refusal"}};
  for (const LimitRecord& limit : record.limits) {
    rows.push_back({limit_place(limit, record), limit.asked, limit_words(limit),
                    limit.error.value_or("")});
  }
  document.table(std::move(rows));
}

void add_events(const RunRecord& record, Document& document) {
  document.section("Events");
  std::vector<Row> rows{{"Time", "Event", "Source"}};
  for (const Event& event : record.events) {
    rows.push_back({human_ms(nanoseconds(event.time_ns)),
                    std::string(event_name(event.kind)), event_source(event)});
  }
  document.table(std::move(rows));
}

void add_environment(const Environment& environment, Document& document) {
  document.section("Environment");
  std::vector<Row> rows{{"What", "Value"}};
  for (Row& row : environment_rows(environment)) {
    rows.push_back(std::move(row));
  }
  document.table(std::move(rows));
}

}  // namespace

Document run_document(const NamedRecord& run) {
  const RunRecord& record = run.record;
  Document document;
  document.title(
      fmt::format("{}: {}", record.plan.experiment, verdict_words(record)));
  document.paragraph(record.verdict.reason);
  for (const Finding& finding : record.verdict.findings) {
    document.item(finding.text);
  }
  if (makes_claims(record)) {
    add_experiment(record.plan, document);
    add_claims(record, document);
    add_processes(record, document);
  }
  add_proof(record, document);
  add_limits(record, document);
  add_events(record, document);
  add_environment(record.environment, document);
  return document;
}

}  // namespace lab
