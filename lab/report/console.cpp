// SPDX-License-Identifier: MIT
#include "lab/report/console.h"

#include <fmt/format.h>

#include <algorithm>

#include "cgroupfs/text.h"
#include "lab/report/console_parts.h"
#include "lab/report/layout.h"
#include "lab/report/timeline.h"
#include "lab/report/usage_chart.h"
#include "lab/verdict/oom_kills.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Version;

bool is_v1(const RunRecord& record) {
  return record.environment.memory_version == Version::v1;
}

std::string change(const std::optional<std::uint64_t>& before,
                   const std::optional<std::uint64_t>& after) {
  if (!before) return "unknown on this kernel";
  if (!after) return fmt::format("{}, then unknown", *before);
  return fmt::format("{} -> {}", *before, *after);
}

/// Whether cglab itself has ended the child.
bool was_ended_by_us(Status status) {
  return status == Status::interrupted || status == Status::deadline ||
         status == Status::limit_refused;
}

std::string child_end(const RunRecord& record) {
  const ProcessRecord& child = main_process(record);
  if (child.signal) {
    return fmt::format(
        "reaped with {} ({}){}", signal_name(*child.signal), *child.signal,
        was_ended_by_us(record.verdict.status) ? ", sent by cglab" : "");
  }
  if (child.exit_code) return fmt::format("exited with {}", *child.exit_code);
  return "end unknown";
}

/// Equal limits of memory and of memory plus swap are hit in the second's
/// name: the kernel charges memsw first.
std::string own_failures(const RunRecord& record) {
  std::string text = fmt::format(
      "{} {}", name_of(File::memory_failcnt),
      change(record.evidence.before.failcnt, record.evidence.after.failcnt));
  if (record.limits.size() > 1) {
    text += fmt::format(", {} {}", name_of(File::memory_memsw_failcnt),
                        change(record.evidence.before.memsw_failcnt,
                               record.evidence.after.memsw_failcnt));
  }
  return text + " (charges that failed)";
}

std::string own_limit_hits(const RunRecord& record) {
  if (is_v1(record)) return own_failures(record);
  if (!record.evidence.before.local_events ||
      !record.evidence.after.local_events) {
    return fmt::format("{} is missing on this kernel",
                       name_of(File::memory_events_local));
  }
  return fmt::format("oom {} in {} (max {})",
                     change(record.evidence.before.local_events->oom,
                            record.evidence.after.local_events->oom),
                     name_of(File::memory_events_local),
                     change(record.evidence.before.local_events->max,
                            record.evidence.after.local_events->max));
}

std::string_view owner_words(LimitOwner owner) {
  switch (owner) {
    case LimitOwner::own:
      return "the child's own cgroup";
    case LimitOwner::ancestor:
      return "an ancestor of the child's cgroup";
    case LimitOwner::descendant:
      return "a descendant of the child's own cgroup";
    case LimitOwner::host:
      return "none: the host was out of memory";
    case LimitOwner::unknown:
      return "unknown";
  }
  return "";
}

std::string whose_limit(const RunRecord& record) {
  const LimitOwner owner = *record.verdict.limit_owner;
  const std::string_view words = owner_words(owner);
  if (owner == LimitOwner::host || owner == LimitOwner::unknown) {
    return std::string(words);
  }
  const Victim* const main = main_victim(record);
  const Victim* const victim = main ? main : first_victim(record);
  if (!victim || !victim->oom_memcg) {
    return fmt::format(
        "{} ({})", words,
        is_v1(record) ? "by the OOM notifications" : "by the counters");
  }
  return fmt::format("{} (oom_memcg of the kernel log: {})", words,
                     *victim->oom_memcg);
}

std::string victim_row(const Victim& victim) {
  const std::string_view limited =
      "constraint not logged: the kernel logs those of only 10 kills in 5 s";
  return fmt::format("{} (pid {}) killed, {}", victim.name, victim.pid,
                     victim.constraint   ? *victim.constraint
                     : victim.task_memcg ? "with its group"
                                         : limited);
}

void add_kernel_log(const RunRecord& record, Layout& layout) {
  constexpr std::size_t most = 10;
  const auto& victims = record.evidence.victims;
  if (victims.empty()) {
    layout.row("kernel log",
               record.evidence.victims_absent_because.value_or("not read"));
  }
  for (std::size_t i = 0; i < std::min(most, victims.size()); ++i) {
    layout.row(i == 0 ? "kernel log" : "", victim_row(victims[i]));
  }
  if (victims.size() > most) {
    layout.row("", fmt::format("and {} more", victims.size() - most));
  }
  if (!victims.empty() && !record.evidence.kernel_log_complete) {
    layout.row("", "records were lost: there may be more");
  }
  if (!record.evidence.unplaced_victims.empty()) {
    layout.row("", fmt::format("{} kills whose cgroup was not logged",
                               record.evidence.unplaced_victims.size()));
  }
}

/// The last lines that a child which failed has printed.
std::string last_words(const RunRecord& record) {
  const Status status = record.verdict.status;
  if (status != Status::child_failed && status != Status::crashed) return "";
  constexpr std::size_t most = 3;
  const std::string output = main_process(record).output.value_or("");
  const auto lines = cgroupfs::split_lines(cgroupfs::trim(output));
  const std::size_t first = lines.size() - std::min(lines.size(), most);
  std::string text;
  for (std::size_t i = first; i < lines.size(); ++i) {
    text += fmt::format("{}{}", text.empty() ? "" : "; ", lines[i]);
  }
  return text;
}

void add_proof(const RunRecord& record, Layout& layout) {
  const Version version = record.environment.memory_version;
  layout.section("Proof");
  layout.row("child", fmt::format("pid {}, {}", main_process(record).pid,
                                  child_end(record)));
  const std::string words = last_words(record);
  if (!words.empty()) layout.row("it said", words);
  layout.row("oom_kill",
             fmt::format("{} ({}{}, read after the reap)",
                         change(record.evidence.before.oom_kills,
                                record.evidence.after.oom_kills),
                         is_v1(record) ? "sum over " : "",
                         name_of(cgroupfs::Key::oom_kill, version)));
  layout.row("its limit", own_limit_hits(record));
  for (const Ancestor& ancestor : record.evidence.ancestors) {
    if (ancestor.hits_before == ancestor.hits_after) continue;
    layout.row("limit above",
               fmt::format("{} hit {}", ancestor.path,
                           change(ancestor.hits_before, ancestor.hits_after)));
  }
  add_kernel_log(record, layout);
  if (record.verdict.limit_owner) {
    layout.row("whose limit", whose_limit(record));
  }
}

/// What the child touched while it was in the cgroup that the run is about.
Bytes touched_inside(const RunRecord& record) {
  const Bytes touched = main_process(record).touched.value_or(Bytes{});
  const auto course = course_of(record);
  if (!course) return touched;
  return Bytes{touched.count -
               std::min(course->touched_outside, touched).count};
}

std::string touched_row(const RunRecord& record) {
  std::string text = fmt::format("{} by the program",
                                 exact_size(*main_process(record).touched));
  if (const auto course = course_of(record)) {
    text += fmt::format(": {} outside, before it was moved, {} here",
                        human_size(course->touched_outside),
                        human_size(touched_inside(record)));
  }
  return text;
}

/// Where the peak and what the program touched differ, the reason.
std::string difference_row(const RunRecord& record) {
  const Bytes inside = touched_inside(record);
  const Bytes peak = record.peak->bytes;
  if (peak >= inside) {
    return fmt::format(
        "{} were charged beyond that: page tables, the program itself, batched "
        "charges",
        exact_size(Bytes{peak.count - inside.count}));
  }
  if (record.peak->source == "samples") {
    return "the true peak, between two samples, was higher";
  }
  const Bytes missing{inside.count - peak.count};
  if (record.plan.swap == Limit::of(Bytes{0})) {
    return fmt::format("{} of that were never charged here",
                       exact_size(missing));
  }
  return fmt::format("at least {} of that went to swap", exact_size(missing));
}

void add_memory(const RunRecord& record, Layout& layout) {
  layout.section("Memory");
  add_limits(record, layout);
  if (record.limits.empty()) layout.row("limit", "never set");
  add_peak(record, layout);
  if (!main_process(record).touched) return;
  layout.row("touched", touched_row(record));
  if (record.peak) layout.row("", difference_row(record));
}

std::string host_row(const Environment& environment) {
  const std::string swap = !environment.swap_total ? "swap unknown"
                           : environment.swap_total->count == 0
                               ? "no swap"
                               : human_size(*environment.swap_total) + " swap";
  return fmt::format(
      "Linux {}, memory controller on cgroup {}{}, {}", environment.kernel,
      to_string(environment.memory_version),
      environment.cgroup_mode == "hybrid" ? " (hybrid host)" : "", swap);
}

}  // namespace

std::string console_report(const RunRecord& record, const Terminal& terminal,
                           Language language) {
  Layout layout(terminal);
  layout.line(headline(record, terminal, language));
  layout.paragraph(reason_in(language, record));
  add_findings(record, language, layout);
  add_proof(record, layout);
  add_memory(record, layout);
  add_usage_chart(record, layout);
  add_timeline(record, layout);
  layout.section("Host");
  layout.row("kernel", host_row(record.environment));
  layout.row("cgroup", cgroup_path(record));
  add_left_behind(record, layout);
  return layout.text() + course_report(record, terminal);
}

}  // namespace lab
