// SPDX-License-Identifier: MIT
#include "lab/classroom/hints.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "lab/base/shell_quote.h"
#include "lab/classroom/hint_messages.h"
#include "lab/place/swap.h"

namespace lab {
namespace {

using namespace hint_messages;  // NOLINT(google-build-using-namespace)

using cgroupfs::File;
using cgroupfs::Version;

/// Below it nothing of the program's own was charged: what a moved process
/// takes at once is a few pages.
constexpr Bytes little{4 * mebi};

bool is_below(const std::optional<Limit>& limit, const Limit& other) {
  return limit && !limit->is_max() &&
         (other.is_max() || limit->bytes() < other.bytes());
}

std::string file_of(const std::string& group, const char* file) {
  return shell_quote(group + "/" + file);
}

/// What the hints are made of.
class Advisor {
 public:
  Advisor(const GradingPlan& plan, const ExerciseEvidence& evidence)
      : plan_(plan),
        evidence_(evidence),
        version_(evidence.hierarchy.version) {}

  std::optional<Hint> on_group() const;
  std::optional<Hint> on_limit() const;
  std::optional<Hint> on_process() const;
  std::optional<Hint> on_charge() const;
  std::optional<Hint> on_kill() const;

 private:
  template <typename... Values>
  Hint hint(const char* id, std::vector<std::string> commands,
            const Message& message, const Values&... values) const {
    return {id, say(plan_.language, message, values...), std::move(commands)};
  }
  const GroupEvidence& group() const { return *evidence_.group; }
  bool is_v2() const { return version_ == Version::v2; }
  const char* limit_file() const { return name_of(File::memory_max, version_); }
  std::string asked() const {
    return std::to_string(plan_.assignment.limit.count);
  }
  std::string set_limit(const std::string& path) const {
    return fmt::format("echo {} > {}", asked(), file_of(path, limit_file()));
  }
  /// All steps for a cgroup that is still to be made.
  std::vector<std::string> steps() const;
  Hint begin_again(const char* id, const Message& message) const;
  Hint not_handed_on() const;
  std::optional<Hint> if_disabled() const;
  std::optional<Hint> if_own_shell() const;
  std::optional<Hint> if_charges_stay() const;

  const GradingPlan& plan_;
  const ExerciseEvidence& evidence_;
  Version version_;
};

std::vector<std::string> Advisor::steps() const {
  if (!evidence_.parent) return {"cglab exercise"};
  const std::string& name = plan_.assignment.group;
  const std::string path =
      *evidence_.parent + "/" + name.substr(name.find_last_of('/') + 1);
  return {fmt::format("mkdir {}", shell_quote(path)), set_limit(path),
          fmt::format("echo $pid > {}",
                      file_of(path, name_of(File::cgroup_procs)))};
}

Hint Advisor::not_handed_on() const {
  const std::string word = evidence_.hierarchy.mount_point + "/memory";
  if (evidence_.directory->starts_with(word + "/")) {
    std::vector<std::string> commands{fmt::format(
        "rmdir {} {}", shell_quote(*evidence_.directory), shell_quote(word))};
    const auto more = steps();
    commands.insert(commands.end(), more.begin(), more.end());
    return hint("v1-path-on-v2", commands, made_word_memory,
                plan_.assignment.group, evidence_.hierarchy.mount_point);
  }
  std::vector<std::string> commands;
  for (const std::string& path : evidence_.not_delegating) {
    commands.push_back(
        fmt::format("echo +memory > {}",
                    file_of(path, name_of(File::cgroup_subtree_control))));
  }
  return hint("not-delegated", commands, not_delegated,
              fmt::format("{}", fmt::join(evidence_.not_delegating, ", ")));
}

std::optional<Hint> Advisor::on_group() const {
  if (evidence_.directory) return not_handed_on();
  if (evidence_.misplaced) {
    const bool other =
        evidence_.misplaced->where == Misplaced::Where::other_hierarchy;
    if (other) {
      return hint("other-hierarchy", steps(), in_other_hierarchy,
                  evidence_.misplaced->path, evidence_.hierarchy.mount_point);
    }
    return hint("plain-directory", steps(), is_plain_directory,
                evidence_.misplaced->path);
  }
  if (!evidence_.logged.kills.empty()) {
    return hint("group-gone", steps(), is_gone, plan_.assignment.group);
  }
  if (is_v2()) return hint("v1-path-on-v2", steps(), v1_path_on_v2);
  return hint("not-made", steps(), not_made);
}

std::optional<Hint> Advisor::on_limit() const {
  const Bytes limit = plan_.assignment.limit;
  const std::vector<std::string> commands{set_limit(group().path)};
  const bool unset = !group().limit || group().limit->is_max();
  if (!unset) return hint("limit-differs", commands, limit_differs, asked());
  if (!is_v2() && group().usage >= limit) {
    return hint("ebusy", {}, is_busy, size_text(plan_.language, group().usage));
  }
  if (group().soft_limit && !group().soft_limit->is_max()) {
    return hint("other-limit", commands, is_other_limit,
                name_of(is_v2() ? File::memory_high : File::memory_soft_limit),
                limit_file());
  }
  return hint("limit-not-set", commands, limit_not_set, limit_file());
}

std::optional<Hint> Advisor::on_process() const {
  const std::string procs = file_of(group().path, name_of(File::cgroup_procs));
  const std::vector<std::string> commands{"echo $pid > " + procs,
                                          "cat " + procs};
  if (evidence_.procs_written) return hint("echo-bug", commands, echo_bug);
  return hint("no-process", commands, no_process);
}

/// oom_kill cannot be reset.
Hint Advisor::begin_again(const char* id, const Message& message) const {
  std::vector<std::string> commands{"rmdir " + shell_quote(group().path)};
  const auto more = steps();
  commands.insert(commands.end(), more.begin(), more.end());
  return hint(id, commands, message, asked());
}

std::optional<Hint> Advisor::if_disabled() const {
  const bool asleep = std::any_of(
      group().processes.begin(), group().processes.end(),
      [](const GroupProcess& process) { return process.state == 'D'; });
  const bool disabled = group().oom_kill_disable.value_or(false);
  const bool full =
      group().limit && !group().limit->is_max() &&
      group().usage.count + little.count >= group().limit->bytes().count;
  if (!disabled || !(asleep || full || group().under_oom.value_or(false))) {
    return std::nullopt;
  }
  return hint(
      "oom-disabled",
      {fmt::format("echo 0 > {}",
                   file_of(group().path, name_of(File::memory_oom_control)))},
      oom_disabled);
}

std::optional<Hint> Advisor::if_own_shell() const {
  for (const GroupProcess& process : group().processes) {
    if (!process.is_above_us) continue;
    const std::string above =
        group().path.substr(0, group().path.find_last_of('/'));
    return hint(
        "own-shell",
        {fmt::format("echo {} > {}", process.pid,
                     file_of(above, name_of(File::cgroup_procs))),
         fmt::format("echo $pid > {}",
                     file_of(group().path, name_of(File::cgroup_procs)))},
        own_shell, process.pid);
  }
  return std::nullopt;
}

std::optional<Hint> Advisor::if_charges_stay() const {
  for (const GroupProcess& process : group().processes) {
    if (!process.rss || process.rss->count < 2 * group().usage.count ||
        *process.rss < little) {
      continue;
    }
    return hint("charges-stay", {}, charges_stay, process.name, process.pid,
                human_size(*process.rss),
                size_text(plan_.language, group().usage));
  }
  return std::nullopt;
}

std::optional<Hint> Advisor::on_charge() const {
  if (!had_process(group())) return on_process();
  if (auto disabled = if_disabled()) return disabled;
  if (auto shell = if_own_shell()) return shell;
  if (group().processes.empty()) {
    return hint("ended-early", {}, ended_early);
  }
  if (auto stay = if_charges_stay()) return stay;
  return hint("waiting", {}, still_waiting, human_size(group().usage), asked());
}

std::optional<Hint> Advisor::on_kill() const {
  switch (judge_kill(plan_, evidence_)) {
    case KillFinding::none:
      break;
    case KillFinding::other_limit:
      return hint("limit-above", {}, limit_above);
    case KillFinding::not_logged:
      return begin_again("not-logged", not_logged);
    case KillFinding::no_peak:
      return hint("no-peak", {}, no_peak);
    case KillFinding::too_late:
      return begin_again("begin-again", mixed_peak);
    default:
      return begin_again("begin-again", other_kill_limit);
  }
  if (!had_process(group())) return on_process();
  if (auto disabled = if_disabled()) return disabled;
  const bool unset = !group().limit || group().limit->is_max();
  if (group().swap.value_or(Bytes{}) >= Bytes{mebi}) {
    const std::string value = is_v2() ? "0" : asked();
    return hint("swap",
                {fmt::format(
                    "echo {} > {}", value,
                    file_of(group().path, name_of(swap_limit_file(version_))))},
                went_to_swap, human_size(*group().swap));
  }
  if (group().processes.empty()) {
    return hint("killed-by-hand", {}, killed_by_hand);
  }
  if (unset) return on_limit();
  if (is_v2() && is_below(group().soft_limit, *group().limit)) {
    return hint(
        "throttled",
        {fmt::format("echo max > {}",
                     file_of(group().path, name_of(File::memory_high)))},
        throttled);
  }
  return on_charge();
}

}  // namespace

Bytes wanted_peak(const Assignment& assignment) noexcept {
  return {assignment.limit.count / 2};
}

bool had_process(const GroupEvidence& group) noexcept {
  return !group.processes.empty() || group.peak.value_or(Bytes{}).count > 0 ||
         group.usage.count > 0 || group.oom_kills.value_or(0) > 0 ||
         group.faults.value_or(0) > 0;
}

bool own_limit_was_hit(const GroupEvidence& group, Version version) noexcept {
  if (group.limit_hits.value_or(0) > 0) return true;
  const bool uncounted =
      version == Version::v1 && group.swap_limit && !group.swap_limit->is_max();
  return uncounted && group.peak && group.limit && !group.limit->is_max() &&
         *group.peak >= group.limit->bytes();
}

const LoggedKill* kill_to_grade(const ExerciseEvidence& evidence, Bytes asked) {
  const std::vector<LoggedKill>& kills = evidence.logged.kills;
  // More than were counted are of an earlier cgroup of that path.
  const std::uint64_t counted =
      evidence.group ? evidence.group->oom_kills.value_or(0) : 0;
  const std::size_t known = std::min<std::size_t>(kills.size(), counted);
  for (std::size_t i = kills.size() - known; i < kills.size(); ++i) {
    if (kills[i].by_own_limit && kills[i].victim.limit == asked) {
      return &kills[i];
    }
  }
  return known == 0 ? nullptr : &kills.back();
}

KillFinding judge_kill(const GradingPlan& plan,
                       const ExerciseEvidence& evidence) {
  const GroupEvidence& group = *evidence.group;
  const LoggedKills& logged = evidence.logged;
  const bool v1 = evidence.hierarchy.version == Version::v1;
  if (group.oom_kills.value_or(0) == 0) return KillFinding::none;
  const Bytes asked = cgroupfs::round_down_to_page(plan.assignment.limit);
  const LoggedKill* const kill = kill_to_grade(evidence, asked);
  if (kill ? !kill->by_own_limit
           : !own_limit_was_hit(group, evidence.hierarchy.version)) {
    return KillFinding::other_limit;
  }
  if (!kill && logged.complete) return KillFinding::not_logged;
  const bool below =
      group.peak &&
      group.peak->count + cgroupfs::page_size().count < asked.count;
  if (below) return KillFinding::too_early;
  if (kill && kill->victim.limit) {
    return *kill->victim.limit == asked ? KillFinding::proven
                                        : KillFinding::other_logged;
  }
  if (!group.peak) return KillFinding::no_peak;
  // v1 refuses a limit below the usage. v2 kills, and does not count that the
  // limit was met (`max`).
  const bool was_lowered = v1 || group.limit_meetings.value_or(0) > 0;
  const bool above = group.peak->count > asked.count + little.count;
  return above && was_lowered ? KillFinding::too_late : KillFinding::proven;
}

std::optional<Hint> hint_for(CheckId check, const GradingPlan& plan,
                             const ExerciseEvidence& evidence) {
  const Advisor advisor(plan, evidence);
  if (check == CheckId::group) return advisor.on_group();
  if (!evidence.group) return std::nullopt;
  switch (check) {
    case CheckId::limit:
      return advisor.on_limit();
    case CheckId::process:
      return advisor.on_process();
    case CheckId::charged:
      return advisor.on_charge();
    default:
      return advisor.on_kill();
  }
}

const char* kill_counter(Version version) noexcept {
  return name_of(cgroupfs::Key::oom_kill_local, version);
}

}  // namespace lab
