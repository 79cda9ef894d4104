// SPDX-License-Identifier: MIT
#include "lab/place/held.h"

#include <errno.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <optional>
#include <string_view>

#include "cgroupfs/error.h"
#include "cgroupfs/hierarchy.h"
#include "cgroupfs/text.h"
#include "lab/base/message.h"
#include "lab/base/shell_quote.h"
#include "lab/base/visible.h"
#include "lab/os/proc_stat.h"
#include "lab/place/cgroup_path.h"
#include "lab/place/kernel_name.h"

namespace lab {
namespace {

using cgroupfs::Cgroup;
using cgroupfs::Directory;
using cgroupfs::File;

constexpr std::chrono::milliseconds round_timeout(1000);
constexpr int most_kill_rounds = 5;
constexpr std::chrono::minutes kill_timeout(1);
constexpr std::size_t most_named = 100;
/// Between the paths of several frozen cgroups.
constexpr std::string_view separator = ", ";

constexpr Message frozen_by(
    "{0} is frozen by {1} and ends when it is thawed: {2}",
    "{0} 被 {1} 冻结，解冻后才会结束：{2}");
constexpr Message not_permitted(
    "{0} cannot be signalled (EPERM): it runs as another user; as root: kill "
    "-9 {1}",
    "无权向 {0} 发信号（EPERM）：它属于别的用户；请以 root 身份执行 kill -9 "
    "{1}");
constexpr Message traced_by(
    "{0} is traced by {1}, which has not reaped it yet: resume or end the "
    "tracer",
    "{0} 正被 {1} "
    "跟踪，后者还没有取走它的结束状态：请让跟踪者继续，或结束跟踪者");
constexpr Message uninterruptible_in(
    "{0} is in uninterruptible sleep (state D) in {1} and ends when that is "
    "finished",
    "{0} 处于不可中断的睡眠（状态 D），位于 {1}，睡眠结束后才会结束");
constexpr Message out_of_reach(
    "a process in another PID namespace cannot be signalled: end it there",
    "另一个 PID 命名空间里的进程无法触及：请在那里结束它");
constexpr Message not_ended("{0} has not ended after SIGKILL (state {1})",
                            "{0} 收到 SIGKILL 后没有结束（状态 {1}）");

/// The texts about each reason.
template <typename Value>
std::optional<Value> unless_hidden(std::optional<Value> (*read)(pid_t),
                                   pid_t pid) {
  try {
    return read(pid);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

/// The cgroups of the v1 freezer that need to be thawed: those frozen
/// themselves, and not by an ancestor
/// (Documentation/admin-guide/cgroup-v1/freezer-subsystem.rst). nullopt if
/// there are none.
std::optional<std::string> frozen_cgroups_of(pid_t pid) try {
  const auto freezer = cgroupfs::find_controller("freezer").v1;
  const auto path = cgroupfs::membership_path(pid, "freezer");
  if (!freezer || !path) return std::nullopt;
  const auto below = cgroupfs::rebase(*path, freezer->mount_root);
  if (!below) return std::nullopt;
  const std::string& top = freezer->mount_point;
  std::vector<std::string> frozen;
  for (const std::string& each :
       upwards(*below == "/" ? top : top + *below, top)) {
    const auto directory = Directory::try_open(each);
    if (!directory) continue;
    const auto text =
        directory->try_read(cgroupfs::name_of(File::freezer_self_freezing));
    if (text && cgroupfs::trim(*text) == "1") frozen.push_back(each);
  }
  if (frozen.empty()) return std::nullopt;
  return fmt::format("{}", fmt::join(frozen, separator));
} catch (const std::exception&) {
  return std::nullopt;
}

/// The tracer of the process or of one of its threads; 0: none.
pid_t tracer_of(pid_t pid) try {
  const auto tasks = Directory::open(fmt::format("/proc/{}/task", pid));
  for (const std::string& task : tasks.subdirectories()) {
    const auto status =
        proc_status(static_cast<pid_t>(cgroupfs::parse_u64(task)));
    if (status && status->tracer != 0) return status->tracer;
  }
  return 0;
} catch (const std::exception&) {
  return 0;
}

std::string named(pid_t pid) {
  const auto stat = unless_hidden(proc_stat, pid);
  return fmt::format("{} (pid {})", stat ? log_escaped(stat->name) : "?", pid);
}

/// The kernel function in which it sleeps; nullopt where that is hidden ("0").
std::optional<std::string> wait_channel_of(pid_t pid) try {
  auto text = cgroupfs::try_read_file(fmt::format("/proc/{}/wchan", pid));
  if (!text || text->empty() || *text == "0") return std::nullopt;
  return text;
} catch (const std::exception&) {
  return std::nullopt;
}

void find_reason(HeldProcess& held) {
  const auto set = [&](HoldReason reason, std::optional<std::string> by) {
    held.reason = reason;
    held.by = std::move(by);
  };
  if (::kill(held.pid, 0) != 0 && errno == EPERM) {
    return set(HoldReason::not_permitted, std::nullopt);
  }
  if (auto paths = frozen_cgroups_of(held.pid)) {
    return set(HoldReason::frozen, std::move(paths));
  }
  if (const pid_t tracer = tracer_of(held.pid)) {
    return set(HoldReason::traced, named(tracer));
  }
  if (held.state == "D") {
    set(HoldReason::uninterruptible, wait_channel_of(held.pid));
  }
}

std::string thaw_commands(std::string_view paths) {
  std::string commands;
  while (!paths.empty()) {
    const std::size_t end = std::min(paths.find(separator), paths.size());
    if (!commands.empty()) commands += "; ";
    commands += "echo THAWED > " + shell_quote(fmt::format(
                                       "{}/{}", paths.substr(0, end),
                                       cgroupfs::name_of(File::freezer_state)));
    paths.remove_prefix(std::min(end + separator.size(), paths.size()));
  }
  return commands;
}

std::string text_of(const HeldProcess& process, Language language) {
  std::string name = name_of(process);
  const std::string by = process.by.value_or("?");
  switch (process.reason) {
    case HoldReason::frozen:
      return say(language, frozen_by, name, by, thaw_commands(by));
    case HoldReason::not_permitted:
      return say(language, not_permitted, name, process.pid);
    case HoldReason::traced:
      return say(language, traced_by, name, by);
    case HoldReason::uninterruptible:
      return say(language, uninterruptible_in, name, by);
    case HoldReason::unknown:
      return process.pid <= 0
                 ? say(language, out_of_reach)
                 : say(language, not_ended, name,
                       process.state.empty() ? "?" : process.state);
  }
  return name;
}

}  // namespace

HeldProcess why_held(pid_t pid) {
  HeldProcess held;
  held.pid = pid;
  // A process in another PID namespace cannot be signalled.
  if (pid <= 0) return held;
  if (const auto stat = unless_hidden(proc_stat, pid)) {
    held.name = log_escaped(stat->name);
    held.state = std::string(1, stat->state);
  }
  find_reason(held);
  return held;
}

std::vector<HeldProcess> held_in(const Cgroup& group, std::size_t most) {
  std::vector<pid_t> pids = group.subtree_processes();
  std::erase(pids, ::getpid());
  pids.resize(std::min(pids.size(), most));
  std::vector<HeldProcess> held;
  held.reserve(pids.size());
  for (const pid_t pid : pids) held.push_back(why_held(pid));
  return held;
}

bool waits_for_others(const HeldProcess& process) {
  return process.reason == HoldReason::frozen ||
         process.reason == HoldReason::not_permitted;
}

std::optional<std::string> frozen_cgroup(const Cgroup& group,
                                         const Placement& placement) try {
  if (group.version() == cgroupfs::Version::v1) return std::nullopt;
  for (const std::string& path :
       upwards(group.path(), placement.hierarchy.mount_point)) {
    const auto directory = Directory::try_open(path);
    const auto text =
        directory ? directory->try_read(cgroupfs::name_of(File::cgroup_freeze))
                  : std::nullopt;
    if (text && cgroupfs::trim(*text) == "1") return path;
  }
  return std::nullopt;
} catch (const cgroupfs::FileError&) {
  return std::nullopt;
}

std::vector<HeldProcess> kill_all(const Cgroup& group) {
  std::vector<HeldProcess> held;
  std::optional<std::size_t> fewest;
  // NOLINTNEXTLINE(clang-analyzer-deadcode.DeadStores): it is read below
  const auto end = std::chrono::steady_clock::now() + kill_timeout;
  for (int round = 0; round < most_kill_rounds; ++round) {
    try {
      group.kill(round_timeout);
      return {};
    } catch (const cgroupfs::FileError& error) {
      const bool is_last = round + 1 == most_kill_rounds && held.empty();
      if (error.code().value() != EBUSY || is_last) throw;
    }
    held = held_in(group, most_named);
    // Thousands of processes need time to end.
    const std::size_t left = group.subtree_processes().size();
    if (fewest && left < *fewest) round = 0;
    fewest = std::min(fewest.value_or(left), left);
    const bool late = std::chrono::steady_clock::now() >= end;
    const bool in_vain = !held.empty() && std::all_of(held.begin(), held.end(),
                                                      waits_for_others);
    if (in_vain || late) break;
  }
  return held;
}

std::string name_of(const HeldProcess& process) {
  return fmt::format("{} (pid {})",
                     process.name.empty() ? "a process" : process.name,
                     process.pid);
}

std::string held_text(const HeldProcess& process, Language language) {
  return visible_line(text_of(process, language));
}

std::string held_text(const std::vector<HeldProcess>& processes) {
  constexpr std::size_t most = 5;
  std::string text;
  for (std::size_t i = 0; i < std::min(most, processes.size()); ++i) {
    if (i > 0) text += "; ";
    text += held_text(processes[i], Language::en);
  }
  if (processes.size() <= most) return text;
  return fmt::format("{}; and {} more", text, processes.size() - most);
}

}  // namespace lab
