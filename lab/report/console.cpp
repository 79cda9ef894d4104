// SPDX-License-Identifier: MIT
#include "lab/report/console.h"

#include <fmt/format.h>
#include <string.h>

#include <algorithm>

#include "lab/report/dry_run.h"
#include "lab/report/layout.h"

namespace lab {
namespace {

using cgroupfs::Version;

bool is_v1(const RunRecord& record) {
  return record.environment.memory_version == Version::v1;
}

std::string_view headline_text(Status status) {
  switch (status) {
    case Status::oom_killed:
      return "OOM KILL PROVEN";
    case Status::oom_killed_by_ancestor:
      return "OOM KILL, BUT BY A LIMIT ABOVE";
    case Status::oom_killed_by_host:
      return "OOM KILL, BUT OF THE WHOLE HOST";
    case Status::killed:
      return "KILLED, BUT NOT BY THE OOM KILLER";
    case Status::crashed:
      return "CRASHED";
    case Status::survived:
      return "SURVIVED";
    case Status::child_failed:
      return "THE CHILD FAILED";
    case Status::limit_refused:
      return "THE KERNEL REFUSED THE LIMIT";
    case Status::deadline:
      return "DEADLINE";
    case Status::interrupted:
      return "INTERRUPTED";
  }
  return "";
}

std::string headline(const Verdict& verdict, const Terminal& terminal) {
  const std::string_view text = headline_text(verdict.status);
  return verdict.status == Status::oom_killed ? terminal.green(text)
                                              : terminal.red(text);
}

std::string change(const std::optional<std::uint64_t>& before,
                   const std::optional<std::uint64_t>& after) {
  if (!before || !after) return "unknown on this kernel";
  return fmt::format("{} -> {}", *before, *after);
}

std::string child_end(const ChildRecord& child) {
  if (child.signal) {
    const char* const name = ::sigabbrev_np(*child.signal);
    return fmt::format("reaped with SIG{} ({})", name ? name : "?",
                       *child.signal);
  }
  if (child.exit_code) return fmt::format("exited with {}", *child.exit_code);
  return "end unknown";
}

/// Equal limits of memory and of memory plus swap are hit in the second's
/// name: the kernel charges memsw first.
std::string own_failures(const RunRecord& record) {
  std::string text = fmt::format(
      "memory.failcnt {}", change(record.before.failcnt, record.after.failcnt));
  if (record.limits.size() > 1) {
    text += fmt::format(
        ", memory.memsw.failcnt {}",
        change(record.before.memsw_failcnt, record.after.memsw_failcnt));
  }
  return text + " (charges that failed)";
}

std::string own_limit_hits(const RunRecord& record) {
  if (is_v1(record)) return own_failures(record);
  if (!record.before.local_events || !record.after.local_events) {
    return "memory.events.local is missing on this kernel";
  }
  return fmt::format(
      "oom {} in memory.events.local (max {})",
      change(record.before.local_events->oom, record.after.local_events->oom),
      change(record.before.local_events->max, record.after.local_events->max));
}

std::string_view owner_words(LimitOwner owner) {
  switch (owner) {
    case LimitOwner::own:
      return "the child's own cgroup";
    case LimitOwner::ancestor:
      return "a cgroup above the child's";
    case LimitOwner::host:
      return "none: the whole host was out of memory";
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
  if (!record.victim || !record.victim->oom_memcg) {
    return fmt::format("{} (by the counters)", words);
  }
  return fmt::format("{} (oom_memcg of the kernel log: {})", words,
                     *record.victim->oom_memcg);
}

std::string kernel_log(const RunRecord& record) {
  if (!record.victim) {
    return "no record: " + record.victim_absent_because.value_or("not read");
  }
  const Victim& victim = *record.victim;
  return fmt::format("{} (pid {}) killed, {}", victim.name, victim.pid,
                     victim.constraint.value_or("constraint not logged"));
}

void add_proof(const RunRecord& record, Layout& layout) {
  layout.section("Proof");
  layout.row("child", fmt::format("pid {}, {}", record.child.pid,
                                  child_end(record.child)));
  layout.row(
      "oom_kill",
      fmt::format("{} ({}, read after the reap)",
                  change(record.before.oom_kills, record.after.oom_kills),
                  is_v1(record) ? "memory.oom_control" : "memory.events"));
  layout.row("its limit", own_limit_hits(record));
  for (const Ancestor& ancestor : record.ancestors) {
    if (ancestor.hits_before == ancestor.hits_after) continue;
    layout.row("limit above",
               fmt::format("{} hit {}", ancestor.path,
                           change(ancestor.hits_before, ancestor.hits_after)));
  }
  layout.row("kernel log", kernel_log(record));
  if (record.verdict.limit_owner) {
    layout.row("whose limit", whose_limit(record));
  }
}

std::string limit_row(const LimitRecord& limit) {
  if (limit.error) {
    return fmt::format("{} refused {}: {}", limit.file, limit.asked,
                       *limit.error);
  }
  const std::string actual =
      limit.actual ? exact_limit(*limit.actual) : "unknown";
  return fmt::format("{}, {}", actual, limit.file);
}

std::string touched_row(const RunRecord& record) {
  const Bytes touched = record.child.touched;
  std::string text = fmt::format("{} by the program", exact_size(touched));
  const Bytes outside =
      record.course ? record.course->touched_outside : Bytes{0};
  const Bytes inside{touched.count - std::min(outside, touched).count};
  if (!record.peak || record.peak->bytes < inside) return text;
  return text + fmt::format(
                    "; {} more was charged: page tables, the program "
                    "itself, charges ahead of use",
                    exact_size(Bytes{record.peak->bytes.count - inside.count}));
}

void add_memory(const RunRecord& record, Layout& layout) {
  layout.section("Memory");
  const char* label = "limit";
  for (const LimitRecord& limit : record.limits) {
    layout.row(label, limit_row(limit));
    label = "with swap";
  }
  if (record.limits.empty()) layout.row("limit", "never set");
  layout.row("peak", record.peak
                         ? fmt::format("{}, {}", exact_size(record.peak->bytes),
                                       record.peak->source)
                         : "unknown on this kernel");
  layout.row("touched", touched_row(record));
  if (record.after.swap && record.after.swap->count > 0) {
    layout.row("swapped", exact_size(*record.after.swap));
  }
}

struct Moment {
  std::int64_t time_ns;
  std::string_view what;
  std::string source;
};

std::string_view moment_name(EventKind kind) {
  switch (kind) {
    case EventKind::gate_opened:
      return "gate opened";
    case EventKind::child_moved:
      return "moved in";
    case EventKind::limit_refused:
      return "limit refused";
    case EventKind::notification:
      return "first notification";
    case EventKind::kill_seen:
      return "kill seen";
    case EventKind::child_exited:
      return "end seen";
    case EventKind::deadline:
      return "deadline";
    case EventKind::interrupted:
      return "interrupted";
    default:
      return "";
  }
}

std::vector<Moment> moments(const RunRecord& record) {
  std::vector<Moment> result;
  for (const Event& event : record.events) {
    const bool late_limit = event.kind == EventKind::limit_set &&
                            record.plan.order == Order::course;
    const std::string_view name =
        late_limit ? "limit set" : moment_name(event.kind);
    if (!name.empty()) result.push_back({event.time_ns, name, event.source});
  }
  if (record.child.last_touch_ns) {
    result.push_back({*record.child.last_touch_ns, "last touch",
                      "by the program's own clock"});
  }
  std::stable_sort(
      result.begin(), result.end(),
      [](const Moment& a, const Moment& b) { return a.time_ns < b.time_ns; });
  return result;
}

void add_timeline(const RunRecord& record, Layout& layout) {
  layout.section("Timeline");
  for (const Moment& moment : moments(record)) {
    layout.row(std::string(moment.what),
               fmt::format("{:>14}  {}", human_ms(nanoseconds(moment.time_ns)),
                           moment.source));
  }
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

/// A cgroup goes only after those below it, which the course's order has.
std::string removal(const std::string& path, Order order) {
  const std::string word = shell_quote(path);
  return order == Order::course ? fmt::format("rmdir {0}/*/ {0}", word)
                                : fmt::format("rmdir {}", word);
}

std::string left_behind(const Cleanup& cleanup, const Plan& plan) {
  if (cleanup.left.empty()) return "nothing; the cgroup is removed";
  std::string text;
  for (const std::string& path : cleanup.left) {
    text += fmt::format("{}{} (remove it: {})", text.empty() ? "" : ", ", path,
                        removal(path, plan.order));
  }
  if (cleanup.error) return text + ": " + *cleanup.error;
  return plan.keep ? text + ", as asked by --keep" : text;
}

}  // namespace

std::string console_report(const RunRecord& record, const Terminal& terminal) {
  Layout layout(terminal);
  layout.line(headline(record.verdict, terminal));
  layout.paragraph(record.verdict.reason);
  add_proof(record, layout);
  add_memory(record, layout);
  add_timeline(record, layout);
  layout.section("Host");
  layout.row("kernel", host_row(record.environment));
  layout.row("cgroup", record.group);
  layout.row("left behind", left_behind(record.cleanup, record.plan));
  return layout.text() + course_report(record, terminal);
}

}  // namespace lab
