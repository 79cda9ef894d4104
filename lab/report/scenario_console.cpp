// SPDX-License-Identifier: MIT
#include <fmt/format.h>

#include "lab/report/bar.h"
#include "lab/report/console.h"
#include "lab/report/console_parts.h"
#include "lab/report/layout.h"
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

void add_claims(const ScenarioRecord& scenario, const Terminal& terminal,
                Layout& layout) {
  layout.section("Claims");
  for (const ClaimRecord& claim : scenario.claims) {
    layout.hanging(fmt::format("  {} ", mark_of(claim, terminal)), claim.text);
    layout.hanging("      ", fmt::format("{}: {}; expected: {}", claim.what,
                                         claim.seen, claim.expected));
  }
}

std::string end_of(const ActorRecord& actor) {
  if (actor.pid == 0) return "was not started";
  if (actor.ended_by_cglab) return "lived to the end, ended by cglab";
  if (actor.signal) return "ended by " + signal_name(*actor.signal);
  return fmt::format("exited with {}", actor.exit_code.value_or(0));
}

void add_actors(const ScenarioRecord& scenario, Layout& layout) {
  layout.section("Processes");
  for (const ActorRecord& actor : scenario.actors) {
    layout.row(actor.name, fmt::format("pid {} in {}: {}; touched {}",
                                       actor.pid, actor.group, end_of(actor),
                                       exact_size(Bytes{actor.touched})));
  }
}

void add_limits_in_order(const RunRecord& record, Layout& layout) {
  layout.section("Limits");
  for (const LimitRecord& limit : record.limits) {
    layout.row(
        limit.file,
        fmt::format("asked {}, {}", limit.asked,
                    limit.error ? "refused: " + *limit.error
                                : "the kernel has " +
                                      (limit.actual ? exact_limit(*limit.actual)
                                                    : "an unknown value")));
  }
}

}  // namespace

std::string scenario_report(const RunRecord& record, const Terminal& terminal,
                            Language language) {
  const ScenarioRecord& scenario = *record.scenario;
  Layout layout(terminal);
  layout.line(headline(record.verdict, terminal, language) +
              (scenario.control ? " (control run)" : ""));
  layout.paragraph(record.verdict.reason);
  layout.section("Experiment");
  layout.row("question", scenario.question);
  layout.row("prediction", scenario.prediction);
  layout.row(scenario.control ? "control run" : "control", scenario.knob);
  add_claims(scenario, terminal, layout);
  add_actors(scenario, layout);
  add_limits_in_order(record, layout);
  add_usage_chart(record, layout);
  add_timeline(record, layout);
  layout.section("Host");
  layout.row("kernel",
             fmt::format("Linux {}, memory controller on cgroup {}",
                         record.environment.kernel,
                         to_string(record.environment.memory_version)));
  layout.row("cgroup", record.group);
  add_left_behind(record, layout);
  return layout.text();
}

}  // namespace lab
