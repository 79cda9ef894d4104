// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "lab/report/bar.h"
#include "lab/report/console.h"
#include "lab/report/console_parts.h"
#include "lab/report/layout.h"
#include "lab/report/record_words.h"
#include "lab/report/timeline.h"
#include "lab/report/usage_chart.h"

namespace lab {
namespace {

std::string mark_of(const ClaimRecord& claim, const Terminal& terminal) {
  const bool unicode = locale_is_utf8();
  if (!claim.held) return "?";
  if (*claim.held) return terminal.green(unicode ? "✓" : "+");
  return terminal.red(unicode ? "✗" : "x");
}

void add_claims(const RunRecord& record, const Terminal& terminal,
                Layout& layout) {
  layout.section("Claims");
  for (const ClaimRecord& claim : record.verdict.claims) {
    layout.hanging(fmt::format("  {} ", mark_of(claim, terminal)), claim.text);
    layout.hanging("      ", fmt::format("{}: {}; expected: {}", claim.what,
                                         claim.seen, claim.expected));
  }
}

void add_processes(const RunRecord& record, Layout& layout) {
  layout.section("Processes");
  for (const ProcessRecord& process : record.processes) {
    layout.row(
        process.name,
        fmt::format("pid {} in {}: {}; touched {}", process.pid, process.cgroup,
                    end_words(process), size_words(process.touched)));
  }
}

std::string limit_row(const LimitRecord& limit) {
  if (limit.error) {
    return fmt::format("asked {}, refused: {}", limit.asked, *limit.error);
  }
  return fmt::format("asked {}, the kernel has {}", limit.asked,
                     limit_words(limit));
}

void add_limits_in_order(const RunRecord& record, Layout& layout) {
  layout.section("Limits");
  for (const LimitRecord& limit : record.limits) {
    layout.row(limit_place(limit, record), limit_row(limit));
  }
}

void add_proof(const RunRecord& record, Layout& layout) {
  layout.section("Proof");
  add_peak(record, layout);
  for (const std::string& line : kernel_log_lines(record)) {
    layout.row("kernel log", line);
  }
}

}  // namespace

std::string claims_report(const RunRecord& record, const Terminal& terminal,
                          Language language) {
  const Plan& plan = record.plan;
  Layout layout(terminal);
  layout.line(headline(record, terminal, language));
  layout.paragraph(record.verdict.reason);
  add_findings(record, language, layout);
  layout.section("Experiment");
  layout.row("question", plan.question);
  layout.row("prediction", plan.prediction);
  layout.row(plan.control ? "control run" : "control", plan.control_run);
  add_claims(record, terminal, layout);
  add_processes(record, layout);
  add_proof(record, layout);
  add_limits_in_order(record, layout);
  add_usage_chart(record, layout);
  add_timeline(record, layout);
  layout.section("Host");
  layout.row("kernel",
             fmt::format("Linux {}, memory controller on cgroup {}",
                         record.environment.kernel,
                         to_string(record.environment.memory_version)));
  layout.row("cgroup", cgroup_path(record));
  add_left_behind(record, layout);
  return layout.text();
}

}  // namespace lab
