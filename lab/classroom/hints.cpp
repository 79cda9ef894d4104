// SPDX-License-Identifier: MIT
#include "lab/classroom/hints.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "lab/base/shell_quote.h"
#include "lab/base/visible.h"
#include "lab/classroom/hint_messages.h"
#include "lab/place/leaf.h"
#include "lab/place/swap.h"

namespace lab {
namespace {

using namespace hint_messages;  // NOLINT(google-build-using-namespace)

using cgroupfs::File;
using cgroupfs::Version;

/// Below it, the program's own memory was not charged: a moved process touches
/// only a few pages at once.
constexpr Bytes little{4 * mebi};

bool is_below(const std::optional<Limit>& limit, const Limit& other) {
  return limit && !limit->is_max() &&
         (other.is_max() || limit->bytes() < other.bytes());
}

std::string file_of(const std::string& group, const char* file) {
  return shell_quote(group + "/" + file);
}

/// Makes the hints.
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
    return {id, visible_line(say(plan_.language, message, values...)),
            std::move(commands)};
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
  /// v1: where swap is limited, the sum has to be at least the limit.
  std::string set_swap_limit(const std::string& path) const {
    return fmt::format("echo {} > {}", is_v2() ? "0" : asked(),
                       file_of(path, name_of(swap_limit_file(version_))));
  }
  std::string move_in(const std::string& path) const;
  std::vector<std::string> move_shell_out(pid_t shell) const;
  /// All steps for a cgroup that does not exist yet.
  std::vector<std::string> steps() const;
  std::vector<std::string> steps_at(const std::string& path) const;
  std::vector<std::string> remove_group() const;
  template <typename... Values>
  Hint begin_again(const char* id, const Message& message,
                   const Values&... values) const;
  bool has_wrong_kill() const;
  Hint on_other_limit() const;
  Hint not_enabled() const;
  std::optional<Hint> if_disabled() const;
  std::optional<Hint> if_swapped() const;
  std::optional<Hint> if_throttled() const;
  std::optional<Hint> if_own_shell() const;
  std::optional<Hint> if_charges_stay() const;

  const GradingPlan& plan_;
  const ExerciseEvidence& evidence_;
  Version version_;
};

/// Moves in the program that runs outside, or a new one. Works in any shell, as
/// it does not need $pid.
std::string Advisor::move_in(const std::string& path) const {
  const std::string procs = file_of(path, name_of(File::cgroup_procs));
  const Program& program = evidence_.program;
  if (program.pid) return fmt::format("echo {} > {}", *program.pid, procs);
  return fmt::format("{} & echo $! > {}", shell_quote(program.path), procs);
}

/// On v2 a cgroup that enables the controller for its children cannot have
/// processes, except the root.
std::vector<std::string> Advisor::move_shell_out(pid_t shell) const {
  const std::string& path = group().path;
  const std::string above = path.substr(0, path.find_last_of('/'));
  const bool direct = !is_v2() || above == evidence_.hierarchy.mount_point;
  const std::string place =
      direct ? above : fmt::format("{}/{}", above, leaf_name);
  std::vector<std::string> commands;
  if (!direct) commands.push_back("mkdir -p " + shell_quote(place));
  commands.push_back(fmt::format("echo {} > {}", shell,
                                 file_of(place, name_of(File::cgroup_procs))));
  return commands;
}

/// In a parent that is ready for it, whatever path was given.
std::vector<std::string> Advisor::steps() const {
  if (!evidence_.parent) return {"cglab exercise"};
  const std::string& name = plan_.assignment.group;
  return steps_at(*evidence_.parent + "/" +
                  name.substr(name.find_last_of('/') + 1));
}

std::vector<std::string> Advisor::steps_at(const std::string& path) const {
  std::vector<std::string> commands{fmt::format("mkdir {}", shell_quote(path)),
                                    set_limit(path)};
  if (evidence_.group && group().swap_limit) {
    commands.push_back(set_swap_limit(path));
  }
  commands.push_back(move_in(path));
  return commands;
}

/// rmdir fails while there are processes, and a killed process takes a moment
/// to end.
std::vector<std::string> Advisor::remove_group() const {
  std::vector<std::string> commands;
  std::vector<pid_t> others;
  for (const GroupProcess& process : group().processes) {
    if (!process.is_above_us) {
      others.push_back(process.pid);
    } else {
      const auto out = move_shell_out(process.pid);
      commands.insert(commands.end(), out.begin(), out.end());
    }
  }
  if (!others.empty()) {
    commands.push_back(
        fmt::format("kill -9 {}; sleep 1", fmt::join(others, " ")));
  }
  const std::string path = shell_quote(group().path);
  commands.push_back(group().has_children
                         ? "find " + path + " -depth -type d -exec rmdir {} +"
                         : "rmdir " + path);
  return commands;
}

Hint Advisor::not_enabled() const {
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
  if (evidence_.directory) return not_enabled();
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
  const auto place = exercise_place(plan_.assignment, evidence_);
  if (!evidence_.logged.kills.empty() && place) {
    return hint("group-gone", steps_at(*place), is_gone, *place);
  }
  if (is_v2()) return hint("v1-path-on-v2", steps(), v1_path_on_v2);
  return hint("not-made", place ? steps_at(*place) : steps(), not_made);
}

/// Whether there was a kill other than the expected one.
bool Advisor::has_wrong_kill() const {
  const KillFinding finding = judge_kill(plan_, evidence_);
  return finding != KillFinding::none && finding != KillFinding::proven;
}

std::optional<Hint> Advisor::on_limit() const {
  const Bytes limit = plan_.assignment.limit;
  const bool unset = !group().limit || group().limit->is_max();
  if (has_wrong_kill()) {
    return begin_again(unset ? "limit-not-set" : "limit-differs",
                       limit_after_kill);
  }
  if (!is_v2() && group().usage >= limit) {
    return begin_again("ebusy", is_busy,
                       size_text(plan_.language, group().usage));
  }
  std::vector<std::string> commands;
  const bool sum_is_below =
      !is_v2() && is_below(group().swap_limit, Limit::of(limit));
  if (sum_is_below) commands.push_back(set_swap_limit(group().path));
  commands.push_back(set_limit(group().path));
  if (!unset) return hint("limit-differs", commands, limit_differs, asked());
  if (group().soft_limit && !group().soft_limit->is_max()) {
    return hint("other-limit", commands, is_other_limit,
                name_of(is_v2() ? File::memory_high : File::memory_soft_limit),
                limit_file());
  }
  return hint("limit-not-set", commands, limit_not_set, limit_file());
}

std::optional<Hint> Advisor::on_process() const {
  const std::string procs = file_of(group().path, name_of(File::cgroup_procs));
  const std::vector<std::string> commands{move_in(group().path),
                                          "cat " + procs};
  if (evidence_.seen.procs_written) {
    return hint("echo-bug", commands, echo_bug);
  }
  return hint("not-moved", commands, not_moved);
}

/// oom_kill cannot be reset.
template <typename... Values>
Hint Advisor::begin_again(const char* id, const Message& message,
                          const Values&... values) const {
  std::vector<std::string> commands = remove_group();
  const auto more = steps_at(group().path);
  commands.insert(commands.end(), more.begin(), more.end());
  return hint(id, commands, message, values...);
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

std::optional<Hint> Advisor::if_swapped() const {
  if (group().swap.value_or(Bytes{}) < Bytes{mebi}) return std::nullopt;
  const std::string swapped = human_size(*group().swap);
  // v1 refuses a sum below what is in memory and swap already.
  if (!is_v2()) return begin_again("swap", went_to_swap_v1, swapped);
  return hint("swap", {set_swap_limit(group().path)}, went_to_swap, swapped);
}

std::optional<Hint> Advisor::if_throttled() const {
  const bool throttles =
      is_v2() && group().limit && is_below(group().soft_limit, *group().limit);
  if (!throttles) return std::nullopt;
  return hint("throttled",
              {fmt::format("echo max > {}",
                           file_of(group().path, name_of(File::memory_high)))},
              throttled);
}

std::optional<Hint> Advisor::if_own_shell() const {
  const std::vector<GroupProcess>& processes = group().processes;
  const bool has_program = std::any_of(
      processes.begin(), processes.end(),
      [](const GroupProcess& process) { return !process.is_above_us; });
  for (const GroupProcess& process : processes) {
    if (!process.is_above_us) continue;
    std::vector<std::string> commands = move_shell_out(process.pid);
    if (!has_program) commands.push_back(move_in(group().path));
    return hint("own-shell", commands, own_shell, process.name, process.pid);
  }
  return std::nullopt;
}

/// The shell's own charges are not those of the program.
std::optional<Hint> Advisor::if_charges_stay() const {
  for (const GroupProcess& process : group().processes) {
    if (process.is_above_us || !process.anon ||
        process.anon->count < 2 * group().usage.count ||
        *process.anon < little) {
      continue;
    }
    return hint("charges-stay", {}, charges_stay, process.name, process.pid,
                human_size(*process.anon),
                size_text(plan_.language, group().usage));
  }
  return std::nullopt;
}

std::optional<Hint> Advisor::on_charge() const {
  if (!had_process(evidence_)) return on_process();
  if (auto disabled = if_disabled()) return disabled;
  if (auto stay = if_charges_stay()) return stay;
  if (auto shell = if_own_shell()) return shell;
  if (group().processes.empty()) {
    return hint("ended-early", {move_in(group().path)}, ended_early);
  }
  return hint("waiting", {}, still_waiting, human_size(group().usage), asked());
}

/// For a kill at a limit that is not the cgroup's own.
Hint Advisor::on_other_limit() const {
  const LoggedKill* const kill = kill_to_grade(
      evidence_, cgroupfs::round_down_to_page(plan_.assignment.limit));
  if (kill && kill->victim.oom_memcg) {
    return hint("limit-above", {}, limit_above_named, *kill->victim.oom_memcg);
  }
  return hint("limit-above", {}, limit_above);
}

std::optional<Hint> Advisor::on_kill() const {
  switch (judge_kill(plan_, evidence_)) {
    case KillFinding::none:
      break;
    case KillFinding::other_limit:
      return on_other_limit();
    case KillFinding::not_logged:
      return begin_again("not-logged", not_logged, asked());
    case KillFinding::no_peak:
      return begin_again("no-peak", no_peak);
    case KillFinding::rewritten:
    case KillFinding::or_ancestor:
    case KillFinding::or_host:
    case KillFinding::or_cache:
      return begin_again("undetermined", undetermined, asked());
    case KillFinding::too_late:
      return begin_again("begin-again", mixed_peak, asked());
    default:
      return begin_again("begin-again", other_kill_limit, asked());
  }
  if (!had_process(evidence_)) return on_process();
  if (auto disabled = if_disabled()) return disabled;
  if (auto swapped = if_swapped()) return swapped;
  if (group().processes.empty()) {
    return hint("killed-by-hand", {move_in(group().path)}, killed_by_hand);
  }
  if (!group().limit || group().limit->is_max()) return on_limit();
  if (auto throttles = if_throttled()) return throttles;
  // The hint of the check `charged` would be hidden by it.
  if (auto shell = if_own_shell()) return shell;
  return on_charge();
}

}  // namespace

Bytes wanted_peak(const Assignment& assignment) noexcept {
  return {assignment.limit.count / 2};
}

bool had_process(const ExerciseEvidence& evidence) noexcept {
  const GroupEvidence& group = *evidence.group;
  return evidence.seen.process || !group.processes.empty() ||
         group.peak.value_or(Bytes{}).count > 0 || group.usage.count > 0 ||
         group.oom_kills.value_or(0) > 0 || group.faults.value_or(0) > 0;
}

bool saw_kill_at(const ExerciseEvidence& evidence, Bytes asked) {
  return std::any_of(evidence.seen.kills.begin(), evidence.seen.kills.end(),
                     [&](const SeenKill& kill) {
                       return kill.limit == Limit::of(asked) &&
                              kill.ancestors_hit.empty() && kill.own_limit_hit;
                     });
}

bool has_much_cache(const GroupEvidence& group, Bytes limit) noexcept {
  return group.page_cache.value_or(Bytes{}).count > limit.count / 4;
}

std::uint64_t counted_kills(const GroupEvidence& group) noexcept {
  return group.oom_kills.value_or(0) + group.kills_below;
}

const LoggedKill* kill_to_grade(const ExerciseEvidence& evidence, Bytes asked) {
  const std::vector<LoggedKill>& kills = evidence.logged.kills;
  // Any beyond the counted ones are from an earlier cgroup of that path.
  const std::uint64_t counted =
      evidence.group ? counted_kills(*evidence.group) : 0;
  const std::size_t known = std::min<std::size_t>(kills.size(), counted);
  const LoggedKill* last = nullptr;
  for (std::size_t i = kills.size() - known; i < kills.size(); ++i) {
    // Later kills without a cgroup may be the counted ones.
    if (kills.size() - i + kills[i].unplaced_after > counted) continue;
    last = &kills[i];
    if (last->by_own_limit && last->victim.limit == asked) break;
  }
  return last;
}

namespace {

/// Newer v1 kernels do not count failures at the limit of memory plus swap: if
/// that one is set, a peak at the limit shows it.
bool is_at_uncounted_limit(const GroupEvidence& group, Version version) {
  const bool uncounted =
      version == Version::v1 && group.swap_limit && !group.swap_limit->is_max();
  return uncounted && group.peak && group.limit && !group.limit->is_max() &&
         *group.peak >= group.limit->bytes();
}

/// Whether the cgroup's own limit was hit.
bool own_limit_was_hit(const GroupEvidence& group, Version version) {
  return group.limit_hits.value_or(0) > 0 ||
         is_at_uncounted_limit(group, version);
}

/// Peaks may exceed a limit by the memory that exiting processes still need.
bool is_above(Bytes peak, Bytes asked) {
  return peak.count > asked.count + mebi;
}

/// What `check --watch` saw of the kills; nullopt where it has not seen all of
/// them, or that one was at the limit that is asked for.
std::optional<KillFinding> judge_seen(const ExerciseEvidence& evidence,
                                      Bytes asked) {
  if (saw_kill_at(evidence, asked)) return KillFinding::proven;
  const std::vector<SeenKill>& kills = evidence.seen.kills;
  if (kills.empty() || kills.size() < *evidence.group->oom_kills) {
    return std::nullopt;
  }
  const SeenKill& last = kills.back();
  if (!last.limit) return KillFinding::rewritten;
  if (*last.limit != Limit::of(asked)) return KillFinding::other_seen;
  return last.ancestors_hit.empty() ? KillFinding::or_host
                                    : KillFinding::or_ancestor;
}

/// Reading a file also fills the cgroup up to the limit, without a kill. Its
/// pages may have been dropped since: then faults do not explain the peak.
bool may_be_cache(const GroupEvidence& group, Bytes asked) {
  const std::uint64_t peak = group.peak->count;
  const std::uint64_t faulted = group.faulted.value_or(Bytes{}).count;
  return has_much_cache(group, asked) ||
         peak - std::min(peak, faulted) > asked.count / 4;
}

/// Judges by the peak a kill whose limit is neither logged nor seen. `is_own`:
/// according to the log it was the cgroup's own limit.
KillFinding judge_peak(const ExerciseEvidence& evidence, Bytes asked,
                       bool is_own) {
  const GroupEvidence& group = *evidence.group;
  const bool v1 = evidence.hierarchy.version == Version::v1;
  // v1 refuses a limit below the usage. v2 kills, without counting a limit hit
  // (`max`).
  const bool was_lowered = v1 || group.limit_meetings.value_or(0) > 0;
  if (is_above(*group.peak, asked) && was_lowered) {
    return KillFinding::too_late;
  }
  if (!is_own && !group.ancestors_hit.empty()) return KillFinding::or_ancestor;
  return may_be_cache(group, asked) ? KillFinding::or_cache
                                    : KillFinding::proven;
}

}  // namespace

bool was_hit_between(const GroupEvidence& before, const GroupEvidence& now,
                     Version version) {
  if (now.limit_hits.value_or(0) > before.limit_hits.value_or(0)) return true;
  return is_at_uncounted_limit(now, version) &&
         before.peak.value_or(Bytes{}) < now.limit->bytes();
}

KillFinding judge_kill(const GradingPlan& plan,
                       const ExerciseEvidence& evidence) {
  const GroupEvidence& group = *evidence.group;
  if (counted_kills(group) == 0) return KillFinding::none;
  const Bytes asked = cgroupfs::round_down_to_page(plan.assignment.limit);
  const LoggedKill* const kill = kill_to_grade(evidence, asked);
  if (kill && !kill->by_own_limit) return KillFinding::other_limit;
  const bool below =
      group.peak &&
      group.peak->count + cgroupfs::page_size().count < asked.count;
  const bool was_hit = own_limit_was_hit(group, evidence.hierarchy.version);
  // Without the log: on v1 with a swap limit, not every hit is counted.
  const bool counts_all =
      evidence.hierarchy.version == Version::v2 || !group.swap_limit;
  if (!kill && !was_hit && (counts_all || !below)) {
    return KillFinding::other_limit;
  }
  if (!kill && evidence.logged.complete) return KillFinding::not_logged;
  // The peak of v1 can be reset.
  if (kill && kill->victim.limit) {
    return *kill->victim.limit == asked ? KillFinding::proven
                                        : KillFinding::other_logged;
  }
  // It may have been at a descendant's limit.
  if (group.oom_kills.value_or(0) == 0) return KillFinding::or_host;
  if (below) return KillFinding::too_early;
  if (const auto seen = judge_seen(evidence, asked)) return *seen;
  return group.peak ? judge_peak(evidence, asked, kill != nullptr)
                    : KillFinding::no_peak;
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
