// SPDX-License-Identifier: MIT
#include "lab/classroom/hints.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/report/dry_run.h"

namespace lab {
namespace {

using cgroupfs::Version;

constexpr Message not_made(
    "Make it; `cglab exercise` shows every step here.",
    "先把它建出来；`cglab exercise` 会列出本机的每一步。");
constexpr Message v1_path_on_v2(
    "This host has cgroup v2: there is no /sys/fs/cgroup/memory, and the files "
    "have other names. The same steps in v2's words:",
    "本机用的是 cgroup v2：没有 /sys/fs/cgroup/memory，文件名也不同。"
    "同样的步骤在 v2 上写作：");
constexpr Message in_other_hierarchy(
    "{0} is a cgroup, but of a hierarchy without the memory controller: "
    "nothing "
    "is limited there. The memory hierarchy is at {1}:",
    "{0} 虽是 cgroup，所在的层级却没有内存控制器，在那里限制不了内存。"
    "内存层级在 {1}：");
constexpr Message is_plain_directory(
    "{0} is a plain directory, not a cgroup: files written there are text and "
    "the kernel never reads them. Make it in the memory hierarchy:",
    "{0} 只是普通目录，不是 cgroup：写进去的只是文本，内核不会去读。"
    "要建在内存层级里：");
constexpr Message is_gone(
    "The kernel's log tells of an OOM kill in a cgroup {0}, but the cgroup is "
    "gone, and its counters with it. Do it once more, and check before rmdir.",
    "内核日志里有 cgroup {0} 中的一次 OOM kill，但这个 cgroup 已被删除，"
    "计数器也随之消失。请重做一遍，先检查再 rmdir。");
constexpr Message not_delegated(
    "On cgroup v2 a cgroup has the memory files only when the one above hands "
    "the controller on, and {0} does not. (EBUSY means that processes are in "
    "it: they have to move to a leaf first.)",
    "在 cgroup v2 上，只有上一级把控制器下放，子 cgroup 才会有 memory 文件，"
    "而 {0} 没有下放。（若报 EBUSY，说明其中还有进程，要先移到叶子里去。）");
constexpr Message made_word_memory(
    "There is no `memory` directory on cgroup v2: mkdir -p has made a cgroup "
    "of "
    "that name. Remove both, and make {0} right below {1}:",
    "cgroup v2 上没有 `memory` 这个目录：是 mkdir -p 建了一个叫这个名字的 "
    "cgroup。把两个都删掉，直接在 {1} 下建 {0}：");
constexpr Message is_busy(
    "Usage is {0}, as much as the limit or more. cgroup v1 then answers the "
    "write with EBUSY and keeps the old limit. Set the limit while usage is "
    "small: end the process, begin again, and write the limit first.",
    "用量已有 {0}，不低于要设的上限。此时 cgroup v1 对写入返回 EBUSY，"
    "并保留旧的上限。要趁用量还小时设置：结束进程，重新开始，先写上限。");
constexpr Message is_other_limit(
    "{0} is set, but that one does not kill. The hard limit is {1}:",
    "设了 {0}，但它不会引发杀死进程。硬上限是 {1}：");
constexpr Message limit_not_set(
    "Write the number of bytes into {0}, then read it back: echo says nothing "
    "when it works.",
    "把字节数写入 {0}，再读回来确认：echo 成功时什么也不会说。");
constexpr Message limit_differs(
    "Write {0}. (100M is 104857600 bytes; the course's 104960000 is 25625 "
    "pages.)",
    "应写入 {0}。（100M 是 104857600 字节；课程用的 104960000 是 25625 页。）");
constexpr Message echo_bug(
    "No process was ever in it. `echo ps ... > cgroup.procs` writes the words "
    "after echo and not what ps prints: the kernel answers \"Invalid "
    "argument\" and moves nobody. It wants one pid a write:",
    "从来没有进程进去过。`echo ps ... > cgroup.procs` 写入的是 echo 后面的字，"
    "不是 ps 的输出：内核只会回答 “Invalid argument”，一个进程也不会移动。"
    "它要的是每次写一个 pid：");
constexpr Message own_shell(
    "Your own shell (pid {0}) is in it, so that everything you type counts "
    "there, and it may be killed. Move it out, and the program in:",
    "你自己的 shell（pid {0}）在里面：你敲的每条命令都记在它账上，"
    "shell 也可能被杀。把 shell 移出来，把程序移进去：");
constexpr Message charges_stay(
    "{0} (pid {1}) is in it and holds {2}, but usage is {3}: charges do not "
    "follow a moved process. What it took before it was moved stays charged to "
    "its old cgroup. Wait for the next block.",
    "{0}（pid {1}）在里面，占着 {2}，但用量只有 {3}：进程移动时，"
    "已记的账不会跟着走，移入之前用掉的内存仍记在原来的 cgroup 上。"
    "等它申请下一块内存即可。");
constexpr Message oom_disabled(
    "The OOM killer of this cgroup is switched off (oom_kill_disable 1): a "
    "process that reaches the limit sleeps in state D until there is room. "
    "Switch it on again:",
    "这个 cgroup 的 OOM killer 被关掉了（oom_kill_disable 为 "
    "1）：进程碰到上限后"
    "不会被杀，而是以 D 状态睡眠，直到腾出空间。重新打开：");
constexpr Message went_to_swap(
    "{0} are in swap: at the limit the kernel moves pages there instead of "
    "killing. Forbid swap to this cgroup, then it has to kill:",
    "已有 {0} 被换到交换空间：到了上限，内核先把页换出去，而不是杀进程。"
    "禁止这个 cgroup 使用交换空间，它才不得不杀：");
constexpr Message limit_above(
    "A process of this cgroup was killed, but by a limit above it or by the "
    "whole host running out: the cgroup's own limit was never hit.",
    "这个 cgroup 里确有进程被杀，但触发的是上级 cgroup 的上限，"
    "或是整机内存耗尽：本 cgroup 自己的上限从未被触及。");
constexpr Message throttled(
    "memory.high is below the limit: the process is throttled there, for hours "
    "if need be, and never comes to the limit. Take it away:",
    "memory.high 低于上限：进程在那里就被限速，可以拖上几个小时，"
    "根本到不了上限。把它去掉：");
constexpr Message still_waiting(
    "Usage is {0} of {1}. Wait for the next block; `cglab check --watch` tells "
    "when it happens.",
    "用量 {0}，上限 {1}。等下一块内存；`cglab check --watch` "
    "会在发生时告诉你。");
constexpr Message killed_by_hand(
    "The process is gone, but the OOM killer did not do it: oom_kill would "
    "have "
    "risen. Exit status 137 only says SIGKILL, which anybody can send. Begin "
    "again, and let the limit do it.",
    "进程没了，但不是 OOM killer 杀的，否则 oom_kill 会增加。退出状态 137 "
    "只说明"
    "收到 SIGKILL，谁都能发。请重来一遍，让上限来杀。");
constexpr Message ended_early(
    "The process ended before it had taken enough. Start it again, and leave "
    "it "
    "running.",
    "进程没占够内存就结束了。重新启动它，让它一直运行。");

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
  Advisor(const GradingPlan& plan, const Evidence& evidence)
      : plan_(plan),
        evidence_(evidence),
        files_(file_names(evidence.hierarchy.version)) {}

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
  bool is_v2() const { return evidence_.hierarchy.version == Version::v2; }
  std::string asked() const {
    return std::to_string(plan_.assignment.limit.count);
  }
  std::string set_limit(const std::string& path) const {
    return fmt::format("echo {} > {}", asked(), file_of(path, files_.limit));
  }
  /// All steps for a cgroup that is still to be made.
  std::vector<std::string> steps() const;
  Hint not_handed_on() const;
  std::optional<Hint> if_disabled() const;
  std::optional<Hint> if_own_shell() const;
  std::optional<Hint> if_charges_stay() const;

  const GradingPlan& plan_;
  const Evidence& evidence_;
  FileNames files_;
};

std::vector<std::string> Advisor::steps() const {
  const cgroupfs::Hierarchy& hierarchy = evidence_.hierarchy;
  const std::string parent =
      is_v2() ? hierarchy.mount_point
              : hierarchy.own_directory().value_or(hierarchy.mount_point);
  const std::string& name = plan_.assignment.group;
  const std::string path =
      parent + "/" + name.substr(name.find_last_of('/') + 1);
  return {fmt::format("mkdir {}", shell_quote(path)), set_limit(path),
          fmt::format("echo $PID > {}", file_of(path, "cgroup.procs"))};
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
    commands.push_back(fmt::format("echo +memory > {}",
                                   file_of(path, "cgroup.subtree_control")));
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
  if (evidence_.logged) {
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
                is_v2() ? "memory.high" : "memory.soft_limit_in_bytes",
                files_.limit);
  }
  return hint("limit-not-set", commands, limit_not_set, files_.limit);
}

std::optional<Hint> Advisor::on_process() const {
  return hint(
      "echo-bug",
      {fmt::format("echo $PID > {}", file_of(group().path, "cgroup.procs")),
       fmt::format("cat {}", file_of(group().path, "cgroup.procs"))},
      echo_bug);
}

std::optional<Hint> Advisor::if_disabled() const {
  const bool asleep = std::any_of(
      group().processes.begin(), group().processes.end(),
      [](const GroupProcess& process) { return process.state == 'D'; });
  const bool disabled = group().oom_kill_disable.value_or(false);
  if (!disabled || !(asleep || group().under_oom.value_or(false))) {
    return std::nullopt;
  }
  return hint(
      "oom-disabled",
      {fmt::format("echo 0 > {}", file_of(group().path, files_.counters))},
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
                     file_of(above, "cgroup.procs")),
         fmt::format("echo $PID > {}", file_of(group().path, "cgroup.procs"))},
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
  if (const auto disabled = if_disabled()) return disabled;
  if (const auto shell = if_own_shell()) return shell;
  if (group().processes.empty()) {
    return hint("ended-early", {}, ended_early);
  }
  if (const auto stay = if_charges_stay()) return stay;
  return hint("waiting", {}, still_waiting, human_size(group().usage), asked());
}

std::optional<Hint> Advisor::on_kill() const {
  if (group().oom_kills.value_or(0) > 0) {
    return hint("limit-above", {}, limit_above);
  }
  if (!had_process(group())) return on_process();
  if (const auto disabled = if_disabled()) return disabled;
  const bool unset = !group().limit || group().limit->is_max();
  if (group().swap.value_or(Bytes{}) >= Bytes{mebi}) {
    const std::string value = is_v2() ? "0" : asked();
    return hint("swap",
                {fmt::format("echo {} > {}", value,
                             file_of(group().path, files_.swap_limit))},
                went_to_swap, human_size(*group().swap));
  }
  if (group().processes.empty()) {
    return hint("killed-by-hand", {}, killed_by_hand);
  }
  if (unset) return on_limit();
  if (is_v2() && is_below(group().soft_limit, *group().limit)) {
    return hint(
        "throttled",
        {fmt::format("echo max > {}", file_of(group().path, "memory.high"))},
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

bool own_limit_was_hit(const GroupEvidence& group) noexcept {
  if (group.limit_hits.value_or(0) > 0) return true;
  return group.peak && group.limit && !group.limit->is_max() &&
         *group.peak >= group.limit->bytes();
}

std::optional<Hint> hint_for(CheckId check, const GradingPlan& plan,
                             const Evidence& evidence) {
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

FileNames file_names(Version version) noexcept {
  if (version == Version::v1) {
    return {"memory.limit_in_bytes", "memory.usage_in_bytes",
            "memory.max_usage_in_bytes", "memory.oom_control",
            "memory.memsw.limit_in_bytes"};
  }
  return {"memory.max", "memory.current", "memory.peak", "memory.events.local",
          "memory.swap.max"};
}

}  // namespace lab
