// SPDX-License-Identifier: MIT
#include "lab/report/console_parts.h"

#include <fmt/format.h>

#include "lab/report/console.h"
#include "lab/report/dry_run.h"

namespace lab {
namespace {

std::string_view headline_text(Status status) {
  switch (status) {
    case Status::oom_killed:
      return "OOM KILL PROVEN";
    case Status::oom_killed_by_ancestor:
      return "OOM KILL, BUT BY A LIMIT ABOVE";
    case Status::oom_killed_by_host:
      return "OOM KILL, BUT NOT BY A LIMIT";
    case Status::oom_killed_by_unknown:
      return "OOM KILL, BUT BY AN UNKNOWN LIMIT";
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
    case Status::oom_killed_inside:
      return "OOM KILL INSIDE";
    case Status::throttled:
      return "THROTTLED";
    case Status::finished:
      return "FINISHED";
    case Status::deadline:
      return "DEADLINE";
    case Status::interrupted:
      return "INTERRUPTED";
  }
  return "";
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

std::string_view limit_label(std::string_view file) {
  if (file == "memory.high") return "high limit";
  if (file == "memory.memsw.limit_in_bytes") return "memory plus swap";
  return file == "memory.swap.max" ? "swap limit" : "limit";
}

/// A cgroup goes only after those below it, which the course's order has.
std::string removal(const std::string& path, Order order) {
  const std::string word = shell_quote(path);
  return order == Order::course ? fmt::format("rmdir {0}/*/ {0}", word)
                                : fmt::format("rmdir {}", word);
}

}  // namespace

std::string headline(const Verdict& verdict, const Terminal& terminal) {
  const std::string_view text = headline_text(verdict.status);
  const bool good = verdict.status == Status::oom_killed ||
                    verdict.status == Status::finished;
  return good ? terminal.green(text) : terminal.red(text);
}

void add_limits(const RunRecord& record, Layout& layout) {
  for (const LimitRecord& limit : record.limits) {
    layout.row(limit_label(limit.file), limit_row(limit));
  }
}

void add_peak(const RunRecord& record, Layout& layout) {
  layout.row("peak", record.peak
                         ? fmt::format("{}, {}", exact_size(record.peak->bytes),
                                       record.peak->source)
                         : "unknown on this kernel");
}

/// Commands stand on lines of their own, so that they can be pasted.
void add_left_behind(const RunRecord& record, Layout& layout) {
  const Cleanup& cleanup = record.cleanup;
  if (cleanup.left.empty()) {
    layout.row("left behind", "nothing; the cgroup is removed");
    return;
  }
  layout.row("left behind",
             fmt::format("{}{}. Remove it by", fmt::join(cleanup.left, ", "),
                         cleanup.error      ? ": " + *cleanup.error
                         : record.plan.keep ? ", as asked by --keep"
                                            : ""));
  for (const std::string& path : cleanup.left) {
    layout.line(removal(path, record.plan.order));
  }
}

void warn_of_left_behind(const RunRecord& record) {
  if (!record.cleanup.error) return;
  for (const std::string& path : record.cleanup.left) {
    write_stderr(fmt::format("cglab: {} is left behind: {}\n", path,
                             *record.cleanup.error));
  }
}

}  // namespace lab
