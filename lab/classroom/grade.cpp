// SPDX-License-Identifier: MIT
#include "lab/classroom/grade.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/base/visible.h"
#include "lab/classroom/hints.h"

namespace lab {
namespace {

constexpr Message no_group(
    "there is no cgroup {0} in the memory hierarchy at "
    "{1}",
    "{1} 下的内存层级里没有名为 {0} 的 cgroup");
constexpr Message no_own_group(
    "you have no cgroup {0} in the memory hierarchy at {1}; another user's is "
    "graded by its path (--group PATH)",
    "{1} 下的内存层级里没有属于你的 cgroup {0}；其他用户的要用路径指定"
    "（--group PATH）");
constexpr Message not_memory("{0} exists, but has no memory controller",
                             "{0} 已经建好，但没有内存控制器");
constexpr Message is_group("{0}, cgroup {1}", "{0}，cgroup {1}");
constexpr Message nothing_to_see("not checked, as there is no cgroup",
                                 "没有这个 cgroup，无从查起");
constexpr Message no_limit("{0} has no limit", "{0} 没有设上限");
constexpr Message other_limit("{0} is {1} bytes instead of {2}",
                              "{0} 是 {1} 字节，应为 {2}");
constexpr Message right_limit("{0} is {1} bytes", "{0} 是 {1} 字节");
constexpr Message rounded_limit("{0} is {1} bytes: {2}, rounded down to a page",
                                "{0} 是 {1} 字节，即 {2} 向下取整到整页");
constexpr Message in_now("in it now: {0}", "现在里面有：{0}");
constexpr Message was_in(
    "no process is in it now, but one was: peak {0}, {1} page faults",
    "现在里面没有进程，但曾经有过：峰值 {0}，缺页 {1} 次");
constexpr Message never_in(
    "cgroup.procs is empty, and nothing was ever charged",
    "cgroup.procs 是空的，也从未记过任何内存");
constexpr Message peak_is("the highest usage was {0}", "用量峰值为 {0}");
constexpr Message peak_wanted(
    "the highest usage was {0}; expected: {1} or more",
    "用量峰值为 {0}，要求至少 {1}");
constexpr Message was_killed(
    "oom_kill is {0} in {1}, at the cgroup's own limit",
    "{1} 中的 oom_kill 为 {0}，触发的正是本 cgroup 自己的上限");
constexpr Message log_names("; the kernel log: {0} (pid {1})",
                            "；内核日志：{0}（pid {1}）");
constexpr Message by_peak(
    "; the limit is inferred from the peak, as the kernel log does not show it",
    "；当时的上限是根据峰值推断的：内核日志里没有");
constexpr Message by_looks("; the limit was seen before and after the kill",
                           "；杀死进程前后都看到了这个上限");
constexpr Message not_own_limit(
    "oom_kill is {0} in {1}, but not at the cgroup's own limit",
    "{1} 中的 oom_kill 为 {0}，但触发的不是本 cgroup 自己的上限");
constexpr Message other_limit_by_log(
    "oom_kill is {0} in {1}, but the kernel log has the kill at a limit of {2}",
    "{1} 中的 oom_kill 为 {0}，但内核日志显示当时的上限为 {2}");
constexpr Message other_limit_by_peak(
    "oom_kill is {0} in {1}, but the highest usage was {2}, not the limit",
    "{1} 中的 oom_kill 为 {0}，但用量峰值为 {2}，并不是上限");
constexpr Message other_limit_seen(
    "oom_kill is {0} in {1}, but the limit was {2} before and after the kill",
    "{1} 中的 oom_kill 为 {0}，但杀死进程前后的上限为 {2}");
constexpr Message limit_rewritten(
    "oom_kill is {0} in {1}; undetermined: the limit was written at the time "
    "of the kill",
    "{1} 中的 oom_kill 为 {0}；无法确定：那一刻上限正被改写");
constexpr Message or_ancestor(
    "oom_kill is {0} in {1}; undetermined: the limit of {2} may also have been "
    "hit",
    "{1} 中的 oom_kill 为 {0}；无法确定：{2} 的上限可能也被碰到过");
constexpr Message or_host(
    "oom_kill is {0} in {1}; undetermined: the memory of processes was not "
    "seen to hit the cgroup's own limit",
    "{1} 中的 oom_kill 为 {0}；无法确定：没有看到进程的内存碰到本 cgroup "
    "自己的上限");
constexpr Message or_cache(
    "oom_kill is {0} in {1}; undetermined: the highest usage, {2}, may have "
    "been page cache (now {3}); page faults explain {4}",
    "{1} 中的 oom_kill 为 {0}；无法确定：用量峰值 {2} 可能来自页缓存"
    "（现在占 {3}）；缺页只能解释 {4}");
constexpr Message unknown_limit(
    "oom_kill is {0} in {1}, but the limit at that time is unknown",
    "{1} 中的 oom_kill 为 {0}，但不知道当时的上限");
constexpr Message kill_not_logged(
    "oom_kill is {0} in {1}, but the kernel log has no kill in this cgroup",
    "{1} 中的 oom_kill 为 {0}，但内核日志里没有这个 cgroup 的记录");
constexpr Message no_kill("oom_kill is 0 in {0}", "{0} 中的 oom_kill 为 0");
constexpr Message unknown("unknown", "未知");

/// Whether a check passes, and the evidence.
struct CheckOutcome {
  bool passed = false;
  std::string evidence;
};

/// The input of a check.
struct Look {
  const GradingPlan& plan;
  const ExerciseEvidence& evidence;

  template <typename... Values>
  std::string say(const Message& message, const Values&... values) const {
    return lab::say(plan.language, message, values...);
  }
  const GroupEvidence& group() const { return *evidence.group; }
  cgroupfs::Version version() const { return evidence.hierarchy.version; }
  std::string size(const std::optional<Bytes>& bytes) const {
    return bytes ? size_text(plan.language, *bytes) : say(unknown);
  }
};

CheckOutcome look_at_group(const Look& look) {
  const ExerciseEvidence& evidence = look.evidence;
  if (!evidence.directory) {
    const std::string& group = look.plan.assignment.group;
    const bool by_name = group.find('/') == group.npos;
    return {false, look.say(by_name ? no_own_group : no_group, group,
                            evidence.hierarchy.mount_point)};
  }
  if (!evidence.group)
    return {false, look.say(not_memory, *evidence.directory)};
  return {true, look.say(is_group, *evidence.directory,
                         to_string(evidence.hierarchy.version))};
}

CheckOutcome look_at_limit(const Look& look) {
  const std::optional<Limit>& limit = look.group().limit;
  const Bytes asked = look.plan.assignment.limit;
  const char* const file = name_of(cgroupfs::File::memory_max, look.version());
  if (!limit || limit->is_max()) return {false, look.say(no_limit, file)};
  const Bytes actual = limit->bytes();
  if (actual == asked) {
    return {true, look.say(right_limit, file, actual.count)};
  }
  if (actual == cgroupfs::round_down_to_page(asked)) {
    return {true, look.say(rounded_limit, file, actual.count, asked.count)};
  }
  return {false, look.say(other_limit, file, actual.count, asked.count)};
}

std::string names(const std::vector<GroupProcess>& processes) {
  constexpr std::size_t most = 4;
  std::string text;
  for (std::size_t i = 0; i < std::min(processes.size(), most); ++i) {
    text += fmt::format("{}{} (pid {})", i == 0 ? "" : ", ", processes[i].name,
                        processes[i].pid);
  }
  return processes.size() > most ? text + ", ..." : text;
}

CheckOutcome look_at_process(const Look& look) {
  const GroupEvidence& group = look.group();
  if (!group.processes.empty()) {
    return {true, look.say(in_now, names(group.processes))};
  }
  if (!had_process(look.evidence)) return {false, look.say(never_in)};
  return {true,
          look.say(was_in, look.size(group.peak), group.faults.value_or(0))};
}

/// The highest known usage. The limit of a logged kill is one as well:
/// memory.peak appeared in Linux 5.19, and that of v1 can be reset.
Bytes known_peak(const Look& look) {
  const GroupEvidence& group = look.group();
  const Bytes asked = cgroupfs::round_down_to_page(look.plan.assignment.limit);
  const LoggedKill* const kill = kill_to_grade(look.evidence, asked);
  const bool known = kill && kill->by_own_limit && kill->victim.limit;
  return std::max({group.usage, look.evidence.seen.usage,
                   group.peak.value_or(Bytes{}),
                   known ? *kill->victim.limit : Bytes{}});
}

CheckOutcome look_at_charge(const Look& look) {
  const Bytes peak = known_peak(look);
  const Bytes wanted = wanted_peak(look.plan.assignment);
  if (peak >= wanted) return {true, look.say(peak_is, look.size(peak))};
  return {false, look.say(peak_wanted, look.size(peak), human_size(wanted))};
}

/// The first ancestor whose limit may have caused the kill.
std::string hit_ancestor(const ExerciseEvidence& evidence) {
  const std::vector<SeenKill>& seen = evidence.seen.kills;
  if (!seen.empty() && !seen.back().ancestors_hit.empty()) {
    return seen.back().ancestors_hit.front();
  }
  return evidence.group->ancestors_hit.front().path;
}

std::string limit_text(const Look& look, const std::optional<Limit>& limit) {
  return limit && !limit->is_max() ? look.size(limit->bytes())
                                   : std::string("max");
}

std::string kill_text(const Look& look) {
  const std::uint64_t kills = counted_kills(look.group());
  const char* const file = kill_counter(look.version());
  const Bytes asked = cgroupfs::round_down_to_page(look.plan.assignment.limit);
  const LoggedKill* const kill = kill_to_grade(look.evidence, asked);
  switch (judge_kill(look.plan, look.evidence)) {
    case KillFinding::none:
      return look.say(no_kill, file);
    case KillFinding::other_limit:
      return look.say(not_own_limit, kills, file);
    case KillFinding::not_logged:
      return look.say(kill_not_logged, kills, file);
    case KillFinding::other_logged:
      return look.say(other_limit_by_log, kills, file,
                      look.size(kill->victim.limit));
    case KillFinding::too_early:
    case KillFinding::too_late:
      return look.say(other_limit_by_peak, kills, file,
                      look.size(look.group().peak));
    case KillFinding::other_seen:
      return look.say(other_limit_seen, kills, file,
                      limit_text(look, look.evidence.seen.kills.back().limit));
    case KillFinding::rewritten:
      return look.say(limit_rewritten, kills, file);
    case KillFinding::or_ancestor:
      return look.say(or_ancestor, kills, file, hit_ancestor(look.evidence));
    case KillFinding::or_cache:
      return look.say(or_cache, kills, file, look.size(look.group().peak),
                      look.size(look.group().page_cache),
                      look.size(look.group().faulted));
    case KillFinding::or_host:
      return look.say(or_host, kills, file);
    case KillFinding::no_peak:
      return look.say(unknown_limit, kills, file);
    case KillFinding::proven:
      break;
  }
  const std::string text = look.say(was_killed, kills, file);
  if (!kill) {
    return text +
           look.say(saw_kill_at(look.evidence, asked) ? by_looks : by_peak);
  }
  return text + look.say(log_names, kill->victim.name, kill->victim.pid);
}

CheckOutcome look_at_kill(const Look& look) {
  return {judge_kill(look.plan, look.evidence) == KillFinding::proven,
          kill_text(look)};
}

CheckOutcome look_at(CheckId check, const Look& look) {
  if (check == CheckId::group) return look_at_group(look);
  if (!look.evidence.group) return {false, look.say(nothing_to_see)};
  switch (check) {
    case CheckId::limit:
      return look_at_limit(look);
    case CheckId::process:
      return look_at_process(look);
    case CheckId::charged:
      return look_at_charge(look);
    default:
      return look_at_kill(look);
  }
}

bool is_wanted(const Check& check, const GradingPlan& plan) {
  return plan.only.empty() || std::find(plan.only.begin(), plan.only.end(),
                                        check.name) != plan.only.end();
}

unsigned points_of(const Check& check, const GradingPlan& plan) {
  const auto weight = plan.weights.find(check.name);
  return weight == plan.weights.end() ? check.points : weight->second;
}

}  // namespace

const std::vector<Check>& all_checks() {
  static const std::vector<Check> checks = {
      {CheckId::group,
       "group",
       10,
       {"the memory cgroup exists", "内存 cgroup 已建好"},
       "charge"},
      {CheckId::limit,
       "limit",
       20,
       {"the limit is set", "上限已设好"},
       "limit"},
      {CheckId::process,
       "process",
       20,
       {"a process is or was in it", "有进程加入（或曾经加入）"},
       "move"},
      {CheckId::charged,
       "charged",
       20,
       {"memory was charged to it", "内存确实记到了它的账上"},
       "charge"},
      {CheckId::oom,
       "oom",
       30,
       {"its limit caused an OOM kill", "它的上限引发了 OOM kill"},
       "oom-kill"},
  };
  return checks;
}

bool Grade::is_full() const noexcept {
  return !results.empty() &&
         std::all_of(results.begin(), results.end(),
                     [](const CheckResult& each) { return each.passed; });
}

Grade grade(const GradingPlan& plan, const ExerciseEvidence& evidence) {
  Grade grade;
  grade.plan = plan;
  grade.version = evidence.hierarchy.version;
  grade.directory = evidence.directory;
  const Look look{plan, evidence};
  for (const Check& check : all_checks()) {
    if (!is_wanted(check, plan)) continue;
    const CheckOutcome finding = look_at(check.id, look);
    CheckResult result{&check, points_of(check, plan), finding.passed,
                       visible_line(finding.evidence), std::nullopt};
    if (!result.passed) result.hint = hint_for(check.id, plan, evidence);
    grade.points += result.points;
    if (result.passed) grade.earned += result.points;
    grade.results.push_back(std::move(result));
  }
  return grade;
}

}  // namespace lab
