// SPDX-License-Identifier: MIT
#include "lab/report/record_words.h"

#include <fmt/format.h>

#include <algorithm>

#include "lab/base/message.h"
#include "lab/base/visible.h"
#include "lab/place/placement.h"
#include "lab/report/fact_words.h"
#include "lab/verdict/as_expected.h"

namespace lab {
namespace {

constexpr Message unknown_word("unknown", "未知");
constexpr Message hits_of_limit("limit hits", "触及上限");
constexpr Message of_subject("{0}: {1}", "{0}：{1}");
constexpr Message hybrid_word("hybrid", "混合");
constexpr Message one_version("{0}", "{0} ");

constexpr Message words_of(StrategyCode code) {
  switch (code) {
    case StrategyCode::parent_option:
      return {"--parent", "--parent"};
    case StrategyCode::delegated_subtree:
      return {"delegated subtree", "委派来的子树"};
    case StrategyCode::own_delegating:
      return {"own cgroup, which delegates memory",
              "本进程所在的 cgroup，它已下放内存控制器"};
    case StrategyCode::delegating_ancestor:
      return {"nearest ancestor that delegates memory",
              "最近的已下放内存控制器的上级"};
    case StrategyCode::own_alone:
      return {"own cgroup, whose only process is this one",
              "本进程所在的 cgroup，其中没有别的进程"};
    case StrategyCode::systemd_scope:
      return {"a scope delegated by systemd", "systemd 委派的 scope"};
    case StrategyCode::user_systemd_scope:
      return {"a scope delegated by the user's systemd instance",
              "用户的 systemd 实例委派的 scope"};
    case StrategyCode::own_v1_cgroup:
      return {"own v1 cgroup of this process", "本进程所在的 v1 cgroup"};
    case StrategyCode::hierarchy_root:
      return {"root of the hierarchy", "层级的根"};
    case StrategyCode::namespace_root:
      return {"root of this container's cgroup namespace",
              "本容器的 cgroup 命名空间的根"};
  }
  return unknown_word;
}

constexpr Message name_of(Status status) {
  switch (status) {
    case Status::oom_killed:
      return {"OOM kill proven", "已证实：OOM kill"};
    case Status::oom_killed_by_ancestor:
      return {"OOM kill at an ancestor's limit",
              "发生了 OOM kill，但触发的是上级的上限"};
    case Status::oom_killed_by_descendant:
      return {"OOM kill at a descendant's limit",
              "发生了 OOM kill，但触发的是下级的上限"};
    case Status::oom_killed_by_host:
      return {"OOM kill, host out of memory",
              "发生了 OOM kill，但不是因为上限"};
    case Status::oom_killed_by_unknown:
      return {"OOM kill, limit unknown", "发生了 OOM kill，但不知是哪个上限"};
    case Status::killed:
      return {"killed, but not by the OOM killer",
              "被杀死，但不是 OOM killer 干的"};
    case Status::killed_undetermined:
      return {"killed, cause undetermined", "被杀死，原因无法确定"};
    case Status::crashed:
      return {"ended by a signal", "因信号结束"};
    case Status::survived:
      return {"survived", "存活"};
    case Status::child_failed:
      return {"the child failed", "子进程失败"};
    case Status::limit_refused:
      return {"the kernel refused the limit", "内核拒绝了上限"};
    case Status::oom_killed_inside:
      return {"OOM kill inside", "内部发生了 OOM kill"};
    case Status::oom_killed_undetermined:
      return {"OOM kill inside, victim undetermined",
              "内部发生了 OOM kill，被杀的是谁无法确定"};
    case Status::left:
      return {"left its cgroup", "离开了它的 cgroup"};
    case Status::throttled:
      return {"throttled", "被限速"};
    case Status::finished:
      return {"finished", "已结束"};
    case Status::deadline:
      return {"deadline", "超过期限"};
    case Status::interrupted:
      return {"interrupted", "被中断"};
    case Status::as_predicted:
      return {"as predicted", "与预测相符"};
    case Status::not_as_predicted:
      return {"not as predicted", "与预测不符"};
  }
  return {"", ""};
}

constexpr Message control_as_expected("control run as expected",
                                      "对照运行符合预期");
constexpr Message control_failed("control run failed", "对照运行不符合预期");
constexpr Message in_control_run("{0} (control run)", "{0}（对照运行）");

constexpr Message not_started("was not started", "没有启动");
constexpr Message still_running("still running at the end (killed by cglab)",
                                "到最后还在运行（由 cglab 杀死）");

constexpr Message limit_at_end("{0}, at the end {1}", "{0}，结束时为 {1}");
constexpr Message peak_in_cgroup("{0} in {1}, {2}", "{0}（{1}），{2}");
constexpr Message peak_with_source("{0}, {1}", "{0}，{1}");
constexpr Message from_samples("samples", "采样");
constexpr Message split_at("at the highest sample ({0}, {1}): {2}",
                           "最高的一次采样（{0}，{1}）：{2}");
constexpr Message reclaimable("file (reclaimable)", "可回收的 file");
constexpr Message other("other (or not yet counted)", "其他或尚未计入");
constexpr Message yes("yes", "是");
constexpr Message no("no", "否");

constexpr Message message_of(EventKind kind) {
  switch (kind) {
    case EventKind::cgroup_created:
      return {"cgroup created", "建好 cgroup"};
    case EventKind::limit_set:
      return {"limit set", "设好上限"};
    case EventKind::process_started:
      return {"process started", "进程启动"};
    case EventKind::gate_opened:
      return {"gate opened", "放行"};
    case EventKind::process_moved:
      return {"moved", "移动"};
    case EventKind::limit_refused:
      return {"limit refused", "上限被拒绝"};
    case EventKind::notification:
      return {"notification", "通知"};
    case EventKind::kill_seen:
      return {"kill seen", "看到 kill"};
    case EventKind::process_exited:
      return {"end seen", "看到结束"};
    case EventKind::reaped:
      return {"reaped", "收回"};
    case EventKind::changed:
      return {"changed externally", "被外部改动"};
    case EventKind::signal_forwarded:
      return {"signal forwarded", "转发信号"};
    case EventKind::all_killed:
      return {"all killed", "全部杀死"};
    case EventKind::all_ended:
      return {"all ended", "全部结束"};
    case EventKind::deadline:
      return {"deadline", "期限到"};
    case EventKind::interrupted:
      return {"interrupted", "被中断"};
    case EventKind::step:
      return {"step", "步骤"};
  }
  return {"", ""};
}

constexpr Message kernel_row_label("kernel", "内核");
constexpr Message machine_label("machine", "机器");
constexpr Message machine_value("{0}, {1} CPUs{2}", "{0}，{1} 个 CPU{2}");
constexpr Message processor_label("processor", "处理器");
constexpr Message emulated(", emulated", "，软件模拟");
constexpr Message controller_label("memory controller", "内存控制器");
constexpr Message controller_value("cgroup {0} ({1} host)",
                                   "cgroup {0}（{1}主机）");
constexpr Message memory_label("memory", "内存");
constexpr Message swap_space_label("swap", "交换空间");
constexpr Message thp_label("transparent huge pages", "透明大页");
constexpr Message psi_label("PSI", "PSI");
constexpr Message on_value("on", "开");
constexpr Message off_value("off", "关");
constexpr Message root_label("root", "root");

/// Whether it is the control run of an experiment and was completed, with or
/// without the effect.
bool is_control_outcome(const Outcome& outcome) noexcept {
  const Status status = outcome.status;
  return outcome.control &&
         (status == Status::survived || status == Status::as_predicted ||
          status == Status::not_as_predicted);
}

const char* comma(Language language) {
  return language == Language::en ? ", " : "，";
}

}  // namespace

Outcome outcome_of(const RunRecord& record) noexcept {
  return {record.verdict.status, record.plan.control, is_as_expected(record)};
}

std::string verdict_words(const Outcome& outcome, Language language) {
  if (is_control_outcome(outcome)) {
    return say(language,
               outcome.as_expected ? control_as_expected : control_failed);
  }
  const std::string name = say(language, name_of(outcome.status));
  return outcome.control ? say(language, in_control_run, name) : name;
}

std::string verdict_words(const RunRecord& record, Language language) {
  return verdict_words(outcome_of(record), language);
}

std::string unknown_words(Language language) {
  return say(language, unknown_word);
}

std::string limit_text(const Limit& limit, Language language) {
  return limit.is_max() ? to_string(limit) : size_text(language, limit.bytes());
}

std::string limit_hits_label(Language language) {
  return say(language, hits_of_limit);
}

std::string end_words(const ProcessRecord& process, Language language) {
  if (process.pid == 0) return say(language, not_started);
  if (process.ended_by_cglab) return say(language, still_running);
  if (process.signal) {
    return say(language,
               fact(FactKind::ended_by, signal_name(*process.signal)));
  }
  if (process.exit_code) {
    return say(language, fact(FactKind::exited_with, *process.exit_code));
  }
  return say(language, fact(FactKind::end_unknown));
}

std::string limit_words(const LimitRecord& limit, Language language) {
  if (!limit.actual) return say(language, unknown_word);
  if (!cgroupfs::holds_size(limit.file)) return to_string(*limit.actual);
  std::string actual = limit_text(*limit.actual, language);
  if (!was_rewritten(limit)) return actual;
  return say(language, limit_at_end, actual,
             limit_text(*limit.at_end, language));
}

std::string peak_words(const RunRecord& record, Language language) {
  if (!record.peak) return say(language, unknown_word);
  const std::string bytes = size_text(language, record.peak->bytes);
  const std::string source = record.peak->source == "samples"
                                 ? say(language, from_samples)
                                 : record.peak->source;
  return record.cgroups.size() > 1
             ? say(language, peak_in_cgroup, bytes, record.cgroups.front().name,
                   source)
             : say(language, peak_with_source, bytes, source);
}

std::string split_words(const RunRecord& record, Language language) {
  if (!record.peak || !record.peak->split) return "";
  const PeakSplit& split = *record.peak->split;
  std::string text;
  const auto add = [&](const std::string& name,
                       const std::optional<std::uint64_t>& part) {
    if (!part) return;
    text += fmt::format("{}{} {}", text.empty() ? "" : comma(language), name,
                        human_size(Bytes{*part}));
  };
  add("anon", split.anon);
  add(say(language, reclaimable), split.file);
  add("shmem", split.shmem);
  add("kernel", split.kernel);
  // Statistics lag behind the usage by up to 2 s, and v1 has none of kernel
  // memory.
  const std::uint64_t parts = split.anon.value_or(0) + split.file.value_or(0) +
                              split.shmem.value_or(0) +
                              split.kernel.value_or(0);
  const std::uint64_t rest =
      split.usage.count - std::min(split.usage.count, parts);
  if (rest > 0) add(say(language, other), rest);
  return say(language, split_at, human_size(split.usage),
             human_ms(nanoseconds(split.time_ns)), text);
}

std::string change_words(const std::optional<std::uint64_t>& before,
                         const std::optional<std::uint64_t>& after,
                         Language language) {
  const auto words = [&](const std::optional<std::uint64_t>& number) {
    return number ? std::to_string(*number) : say(language, unknown_word);
  };
  return fmt::format("{} -> {}", words(before), words(after));
}

std::string size_words(const std::optional<Bytes>& bytes, Language language) {
  return bytes ? size_text(language, *bytes) : say(language, unknown_word);
}

std::string held_words(const std::optional<bool>& held, Language language) {
  if (!held) return say(language, unknown_word);
  return say(language, *held ? yes : no);
}

std::string limit_place(const LimitRecord& limit, const RunRecord& record) {
  return record.cgroups.size() > 1
             ? fmt::format("{}: {}", limit.cgroup, limit.file)
             : limit.file;
}

std::string event_name(EventKind kind, Language language) {
  return say(language, message_of(kind));
}

std::string event_source(const Event& event, Language language) {
  std::string what = event.source;
  if (event.detail) {
    if (!what.empty()) what += comma(language);
    what += say(language, *event.detail);
  }
  if (event.subject.empty() || what.empty()) return event.subject + what;
  return say(language, of_subject, event.subject, what);
}

std::string strategy_words(const std::string& strategy, Language language) {
  const auto code = from_word<StrategyCode>(strategy);
  return code ? say(language, words_of(*code)) : visible_line(strategy);
}

std::string memory_row_label(Language language) {
  return say(language, memory_label);
}

std::vector<std::vector<std::string>> environment_rows(
    const Environment& environment, Language language) {
  return {
      {say(language, kernel_row_label), "Linux " + environment.kernel},
      {say(language, machine_label),
       say(language, machine_value, environment.machine, environment.cpus,
           environment.emulated == true ? say(language, emulated) : "")},
      {say(language, processor_label),
       environment.cpu_model ? outside_text(*environment.cpu_model)
                             : say(language, unknown_word)},
      {say(language, controller_label),
       say(language, controller_value, to_string(environment.memory_version),
           environment.cgroup_mode == "hybrid"
               ? say(language, hybrid_word)
               : say(language, one_version, environment.cgroup_mode))},
      {say(language, memory_label),
       size_words(environment.memory_total, language)},
      {say(language, swap_space_label),
       size_words(environment.swap_total, language)},
      {say(language, thp_label),
       environment.thp.value_or(say(language, unknown_word))},
      {say(language, psi_label),
       say(language, environment.psi ? on_value : off_value)},
      {say(language, root_label), held_words(environment.root, language)},
  };
}

}  // namespace lab
