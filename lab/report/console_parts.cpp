// SPDX-License-Identifier: MIT
#include "lab/report/console_parts.h"

#include <fmt/format.h>

#include <fmt/ranges.h>
#include <algorithm>

#include "lab/base/message.h"
#include "lab/base/shell_quote.h"
#include "lab/base/visible.h"
#include "lab/report/console.h"
#include "lab/report/record_words.h"
#include "lab/verdict/analyze.h"
#include "lab/verdict/as_expected.h"

namespace lab {
namespace {

constexpr Message headline_of(Status status) {
  switch (status) {
    case Status::oom_killed:
      return {"OOM KILL PROVEN", "已证实：OOM KILL"};
    case Status::oom_killed_by_ancestor:
      return {"OOM KILL AT AN ANCESTOR'S LIMIT",
              "发生了 OOM KILL，但触发的是上级的上限"};
    case Status::oom_killed_by_descendant:
      return {"OOM KILL AT A DESCENDANT'S LIMIT",
              "发生了 OOM KILL，但触发的是下级的上限"};
    case Status::oom_killed_by_host:
      return {"OOM KILL, HOST OUT OF MEMORY",
              "发生了 OOM KILL，但不是因为上限"};
    case Status::oom_killed_by_unknown:
      return {"OOM KILL, LIMIT UNKNOWN", "发生了 OOM KILL，但不知是哪个上限"};
    case Status::killed:
      return {"KILLED, BUT NOT BY THE OOM KILLER",
              "被杀死，但不是 OOM killer 干的"};
    case Status::killed_undetermined:
      return {"KILLED, CAUSE UNDETERMINED", "被杀死，原因无法确定"};
    case Status::crashed:
      return {"CRASHED", "崩溃"};
    case Status::survived:
      return {"SURVIVED", "存活"};
    case Status::child_failed:
      return {"THE CHILD FAILED", "子进程失败"};
    case Status::limit_refused:
      return {"THE KERNEL REFUSED THE LIMIT", "内核拒绝了上限"};
    case Status::oom_killed_inside:
      return {"OOM KILL INSIDE", "内部发生了 OOM KILL"};
    case Status::oom_killed_undetermined:
      return {"OOM KILL INSIDE, VICTIM UNDETERMINED",
              "内部发生了 OOM KILL，被杀的是谁无法确定"};
    case Status::left:
      return {"LEFT ITS CGROUP", "离开了它的 cgroup"};
    case Status::throttled:
      return {"THROTTLED", "被限速"};
    case Status::finished:
      return {"FINISHED", "已结束"};
    case Status::deadline:
      return {"DEADLINE", "超过期限"};
    case Status::interrupted:
      return {"INTERRUPTED", "被中断"};
    case Status::as_predicted:
      return {"AS PREDICTED", "与预测相符"};
    case Status::not_as_predicted:
      return {"NOT AS PREDICTED", "与预测不符"};
  }
  return {"", ""};
}

constexpr Message control_as_expected("CONTROL RUN AS EXPECTED",
                                      "对照运行符合预期");
constexpr Message control_failed("CONTROL RUN FAILED", "对照运行不符合预期");

std::string limit_row(const LimitRecord& limit) {
  if (limit.error) {
    return fmt::format("{} refused {}: {}", limit.file, limit.asked,
                       *limit.error);
  }
  return fmt::format("{}, {}", limit_words(limit), limit.file);
}

std::string_view limit_label(std::string_view file) {
  using cgroupfs::File;
  const auto limit = cgroupfs::file_named(file);
  if (limit == File::memory_high) return "high limit";
  if (limit == File::pids_max) return "pids limit";
  if (limit == File::memory_oom_group) return "kill together";
  if (limit == File::memory_memsw_max) return "memory plus swap";
  return limit == File::memory_swap_max ? "swap limit" : "limit";
}

/// A cgroup goes only after those below it.
std::string removal(const std::string& path, const RunRecord& record) {
  const std::string word = shell_quote(path);
  const bool has_others =
      std::any_of(record.cgroups.begin(), record.cgroups.end(),
                  [&](const CgroupRecord& each) {
                    return each.path.starts_with(path + "/");
                  });
  return has_others
             ? fmt::format("find {} -depth -type d -exec rmdir {{}} ';'", word)
             : fmt::format("rmdir {}", word);
}

}  // namespace

std::string headline(const RunRecord& record, const Terminal& terminal,
                     Language language) {
  const bool good = is_as_expected(record);
  std::string line;
  if (is_control_outcome(record)) {
    line = say(language, good ? control_as_expected : control_failed);
  } else {
    line = say(language, headline_of(record.verdict.status)) +
           (record.plan.control ? " (control run)" : "");
  }
  return good ? terminal.green(line) : terminal.red(line);
}

std::string reason_in(Language language, const RunRecord& record) {
  return language == Language::en ? record.verdict.reason
                                  : analyze(record, language).reason;
}

std::vector<Finding> findings_in(Language language, const RunRecord& record) {
  return language == Language::en ? record.verdict.findings
                                  : analyze(record, language).findings;
}

void add_findings(const RunRecord& record, Language language, Layout& layout) {
  for (const Finding& finding : findings_in(language, record)) {
    layout.hanging("  - ", finding.text);
  }
}

std::string text_report(const RunRecord& record, const Terminal& terminal,
                        Language language) {
  if (makes_claims(record)) return claims_report(record, terminal, language);
  return is_command(record.plan) ? command_report(record, terminal, language)
                                 : console_report(record, terminal, language);
}

void add_limits(const RunRecord& record, Layout& layout) {
  for (const LimitRecord& limit : record.limits) {
    layout.row(limit_label(limit.file), limit_row(limit));
  }
}

void add_peak(const RunRecord& record, Layout& layout) {
  layout.row("peak",
             record.peak ? peak_words(record) : "unknown on this kernel");
  const std::string split = split_words(record);
  if (!split.empty()) layout.row("", split);
}

/// Commands stand on lines of their own, so that they can be pasted.
void add_left_behind(const RunRecord& record, Layout& layout) {
  const Cleanup& cleanup = record.cleanup;
  if (cleanup.left.empty()) {
    layout.row("left behind", "nothing; the cgroup is removed");
    return;
  }
  // The findings tell of processes that are held.
  const bool is_held = !record.evidence.held.empty();
  const std::string why = is_held            ? ", which still has a process"
                          : cleanup.error    ? ": " + *cleanup.error
                          : record.plan.keep ? ", kept because of --keep"
                                             : "";
  layout.row("left behind", fmt::format("{}{}; {}remove it with",
                                        fmt::join(cleanup.left, ", "), why,
                                        is_held ? "once it has ended, " : ""));
  for (const std::string& path : cleanup.left) {
    layout.line(removal(path, record));
  }
}

void warn_of_left_behind(const RunRecord& record) {
  if (!record.cleanup.error) return;
  for (const std::string& path : record.cleanup.left) {
    write_stderr(fmt::format("cglab: {} is left behind: {}\n",
                             visible_line(path),
                             visible_line(*record.cleanup.error)));
  }
}

}  // namespace lab
