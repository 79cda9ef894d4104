// SPDX-License-Identifier: MIT
#include "lab/report/run_document.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

#include "cgroupfs/text.h"
#include "lab/base/message.h"
#include "lab/base/shell_quote.h"
#include "lab/base/visible.h"
#include "lab/report/course.h"
#include "lab/report/curves.h"
#include "lab/report/fact_words.h"
#include "lab/report/record_words.h"
#include "lab/report/run_charts.h"
#include "lab/verdict/as_expected.h"
#include "lab/verdict/oom_kills.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Version;
using Row = std::vector<std::string>;

constexpr Message unknown_here("unknown on this kernel", "这个内核上无从得知");

constexpr Message experiment_section("Experiment", "实验");
constexpr Message question_label("question", "问题");
constexpr Message prediction_label("prediction", "预测");
constexpr Message control_label("control run", "对照运行");
constexpr Message this_control_label("this control run", "本次对照运行");
constexpr Message claims_section("Claims", "论断");
constexpr Message claims_label("claims", "论断");
constexpr Message claim_detail("{0}: {1}; expected: {2}",
                               "{0}：{1}；预期：{2}");
constexpr Message processes_section("Processes", "进程");
constexpr Message process_value("pid {0} in {1}: {2}; touched {3}",
                                "pid {0}，在 {1} 中：{2}；碰了 {3}");

constexpr Message proof_section("Proof", "证据");
constexpr Message child_label("child", "子进程");
constexpr Message child_value("pid {0}, {1}", "pid {0}，{1}");
constexpr Message reaped_with("reaped with {0} ({1})", "因 {0}（{1}）结束");
constexpr Message reaped_with_ours("reaped with {0} ({1}), sent by cglab",
                                   "因 {0}（{1}）结束，信号由 cglab 发出");
constexpr Message output_label("its output", "它的输出");
constexpr Message kills_value("{0} ({1}, read after the reap)",
                              "{0}（{1}，在它结束之后读取）");
constexpr Message kills_value_v1("{0} (sum over {1}, read after the reap)",
                                 "{0}（各级 {1} 之和，在它结束之后读取）");
constexpr Message then_unknown("{0}, then unknown", "{0}，此后未知");
constexpr Message hits_v1("{0} (charges that failed)", "{0}（记账失败的次数）");
constexpr Message hits_v2("oom {0} in {1} (max {2})",
                          "{1} 的 oom {0}（max {2}）");
constexpr Message file_missing("{0} is missing on this kernel",
                               "这个内核没有 {0}");
constexpr Message ancestor_label("ancestor limit", "上级上限");
constexpr Message ancestor_value("{0} hit {1}", "{0} 被触及 {1}");
constexpr Message log_label("kernel log", "内核日志");
constexpr Message log_victim("{0} (pid {1}) killed, {2}",
                             "杀死 {0}（pid {1}），{2}");
constexpr Message log_group("with its group", "连同整组");
constexpr Message log_limited(
    "constraint not logged: the kernel logs those of only 10 kills in 5 s",
    "约束未写明：内核在 5 秒内最多写明 10 次");
constexpr Message log_more("and {0} more", "另有 {0} 个");
constexpr Message log_lost("records were lost: there may be more",
                           "丢失了记录：可能还有");
constexpr Message log_unplaced("{0} kills whose cgroup was not logged",
                               "另有 {0} 次 OOM kill 未写明 cgroup");
constexpr Message owner_label("whose limit", "谁的上限");
constexpr Message owner_by("{0} ({1})", "{0}（{1}）");
constexpr Message by_notifications("by the OOM notifications", "根据 OOM 通知");
constexpr Message by_counters("by the counters", "根据计数器");
constexpr Message by_log("oom_memcg of the kernel log: {0}",
                         "内核日志的 oom_memcg：{0}");
constexpr Message predicted_label("predicted end", "预测的结束");
constexpr Message predicted_value("{0} after the gate; it ended at {1}",
                                  "放行后 {0}；实际在 {1} 结束");
constexpr Message predicted_only("{0} after the gate", "放行后 {0}");

constexpr Message memory_section("Memory", "内存");
constexpr Message limits_section("Limits", "上限");
constexpr Message limit_label("limit", "上限");
constexpr Message high_label("high limit", "high 上限");
constexpr Message pids_label("pids limit", "pids 上限");
constexpr Message group_label("kill together", "整组杀死");
constexpr Message memsw_label("memory plus swap", "内存加交换空间");
constexpr Message swap_label("swap limit", "交换空间上限");
constexpr Message never_set("never set", "始终没有设");
constexpr Message limit_value("{0}, {1}", "{0}，{1}");
constexpr Message limit_refused_value("{0} refused {1}: {2}",
                                      "{0} 拒绝了 {1}：{2}");
constexpr Message limit_asked("wrote {0}, read back {1}",
                              "要求 {0}，内核里是 {1}");
constexpr Message limit_asked_refused("wrote {0}, refused: {1}",
                                      "要求 {0}，被拒绝：{1}");
constexpr Message peak_label("peak", "用量峰值");
constexpr Message touched_label("touched", "碰过的");
constexpr Message touched_value("{0} by the program", "程序碰了 {0}");
constexpr Message touched_course(
    "{0} by the program: {1} outside, before it was moved, {2} here",
    "程序碰了 {0}：移动之前在外面 {1}，在这里 {2}");
constexpr Message more_charged(
    "{0} were charged beyond that: page tables, the program itself, batched "
    "charges",
    "除此之外还记了 {0}：页表、程序本身、成批记的账");
constexpr Message peak_was_higher(
    "the true peak, between two samples, was "
    "higher",
    "真正的峰值在两次采样之间，还要高些");
constexpr Message never_charged("{0} of that were never charged here",
                                "其中 {0} 从来没有记在这里");
constexpr Message went_to_swap("at least {0} of that went to swap",
                               "其中至少 {0} 被换出");
constexpr Message forks_label("forks", "fork");
constexpr Message forks_value("{0} refused", "{0} 次被拒绝");
constexpr Message forks_unknown("refusals not counted by this kernel",
                                "这个内核不统计被拒绝的次数");

constexpr Message timeline_section("Timeline", "时间线");
constexpr Message time_head("Time", "时间");
constexpr Message event_head("Event", "事件");
constexpr Message source_head("Source", "来源");
constexpr Message last_touch("last touch", "最后一次触碰");
constexpr Message by_program("reported by the program", "由程序报告");

constexpr Message host_section("Host", "主机");
constexpr Message kernel_label("kernel", "内核");
constexpr Message kernel_value(
    "Linux {0}, memory controller on cgroup {1}{2}, {3}",
    "Linux {0}，内存控制器在 cgroup {1} 上{2}，{3}");
constexpr Message hybrid(" (hybrid host)", "（混合主机）");
constexpr Message swap_unknown("swap unknown", "交换空间未知");
constexpr Message no_swap("no swap", "没有交换空间");
constexpr Message some_swap("{0} swap", "交换空间 {0}");
constexpr Message cgroup_label("cgroup", "cgroup");
constexpr Message date_label("date", "日期");
constexpr Message command_label("command line", "命令行");
constexpr Message version_label("cglab", "cglab");
constexpr Message left_label("left behind", "留下的");
constexpr Message nothing_left("nothing; the cgroup is removed",
                               "什么也没有；cgroup 已删除");
constexpr Message left_value("{0}{1}; {2}remove it with",
                             "{0}{1}；{2}用以下命令"
                             "删除");
constexpr Message has_process(", which still has a process", "，里面还有进程");
constexpr Message because_error(": {0}", "：{0}");
constexpr Message because_kept(", kept because of --keep", "，因 --keep 保留");
constexpr Message once_ended("once it has ended, ", "等它结束后，");

constexpr Message run_label("run", "运行");
constexpr Message run_value("{0}, limit {1}, cgroup {2}",
                            "{0}，上限 {1}，cgroup {2}");
constexpr Message kills_label("OOM kills", "OOM kill");
constexpr Message brief_end("{0} (pid {1}) {2}", "{0}（pid {1}）{2}");
constexpr Message brief_time("{0}, {1} after the gate", "{0}，放行后 {1}");
constexpr Message brief_peak("{0} in {1}", "{0}（{1}）");
constexpr Message brief_claims("{0} of {1} hold", "{1} 项中 {0} 项成立");
constexpr Message findings_label("findings", "另外发现");
constexpr Message findings_count("{0}; the full report has them",
                                 "{0} 项，见完整报告");
constexpr Message no_limit("none", "无");

constexpr Message owner_message(LimitOwner owner) {
  switch (owner) {
    case LimitOwner::own:
      return {"the child's own cgroup", "子进程自己的 cgroup"};
    case LimitOwner::ancestor:
      return {"an ancestor of the child's cgroup", "子进程 cgroup 的上级"};
    case LimitOwner::descendant:
      return {"a descendant of the child's own cgroup", "子进程 cgroup 的下级"};
    case LimitOwner::host:
      return {"none: the host was out of memory", "都不是：主机内存耗尽"};
    case LimitOwner::unknown:
      return {"unknown", "未知"};
  }
  return {"", ""};
}

Message limit_label_of(std::string_view file) {
  const auto limit = cgroupfs::file_named(file);
  if (limit == File::memory_high) return high_label;
  if (limit == File::pids_max) return pids_label;
  if (limit == File::memory_oom_group) return group_label;
  if (limit == File::memory_memsw_max) return memsw_label;
  return limit == File::memory_swap_max ? swap_label : limit_label;
}

/// "OOM KILL PROVEN"; a remark in brackets stays as it is.
std::string in_capitals(std::string text) {
  const auto end = std::find(text.begin(), text.end(), '(');
  std::transform(text.begin(), end, text.begin(), [](unsigned char c) {
    return c < 0x80 ? static_cast<char>(std::toupper(c)) : static_cast<char>(c);
  });
  return text;
}

/// Rounded.
std::string short_time(nanoseconds time) {
  return time < std::chrono::seconds(1) ? human_ms(time) : human_seconds(time);
}

/// A cgroup can be removed only after its descendants.
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

/// Makes the report of one record.
class RunReport {
 public:
  RunReport(const RunRecord& record, Language language)
      : record_(record), language_(language) {}

  Document brief();
  Document of_experiment(Length length);
  Document of_command();

 private:
  template <typename... Values>
  std::string say(const Message& message, const Values&... values) const {
    return lab::say(language_, message, values...);
  }
  template <typename... Values>
  void field(const Message& label, const Message& value,
             const Values&... values) {
    document_.field(say(label), say(value, values...));
  }
  /// Continues the field before.
  void more(std::string text) { document_.field("", std::move(text)); }
  bool is_v1() const {
    return record_.environment.memory_version == Version::v1;
  }
  std::string size(const Bytes& bytes) const {
    return size_text(language_, bytes);
  }
  std::string change(const std::optional<std::uint64_t>& before,
                     const std::optional<std::uint64_t>& after) const;

  void add_headline();
  void add_verdict();
  void add_experiment();
  void add_claims();
  void add_processes();
  void add_proof(Length length);
  void add_evidence_of_child();
  void add_kernel_log();
  void add_kernel_log_lines();
  void add_prediction();
  void add_memory();
  void add_limits();
  void add_limits_in_order();
  void add_peak();
  void add_touched();
  void add_chart();
  void add_timeline();
  void add_host(Length length);
  void add_left_behind();
  void add_forks();

  std::string child_end() const;
  std::string last_output() const;
  std::string own_limit_hits() const;
  std::string whose_limit() const;
  std::string victim_value(const Victim& victim) const;
  std::string difference() const;
  Bytes touched_inside() const;

  const RunRecord& record_;
  Language language_;
  Document document_;
};

std::string RunReport::change(const std::optional<std::uint64_t>& before,
                              const std::optional<std::uint64_t>& after) const {
  if (!before) return say(unknown_here);
  if (!after) return say(then_unknown, *before);
  return change_words(before, after, language_);
}

void RunReport::add_headline() {
  document_.headline(in_capitals(verdict_words(record_, language_)),
                     is_as_expected(record_) ? Tone::good : Tone::bad);
}

void RunReport::add_verdict() {
  add_headline();
  document_.paragraph(lab::say(language_, record_.verdict.reason));
  for (const Finding& finding : record_.verdict.findings) {
    document_.item(lab::say(language_, finding.fact));
  }
}

void RunReport::add_experiment() {
  const Plan& plan = record_.plan;
  document_.section(say(experiment_section));
  document_.field(say(question_label), plan.question.in(language_));
  document_.field(say(prediction_label), plan.prediction.in(language_));
  document_.field(say(plan.control ? this_control_label : control_label),
                  plan.control_run.in(language_));
}

void RunReport::add_claims() {
  document_.section(say(claims_section));
  for (const ClaimRecord& claim : record_.verdict.claims) {
    const Tone tone = !claim.held   ? Tone::unknown
                      : *claim.held ? Tone::good
                                    : Tone::bad;
    document_.check(tone, claim.text.in(language_),
                    say(claim_detail, lab::say(language_, claim.what),
                        lab::say(language_, claim.seen),
                        lab::say(language_, claim.expected)));
  }
}

void RunReport::add_processes() {
  document_.section(say(processes_section));
  for (const ProcessRecord& process : record_.processes) {
    document_.field(process.name,
                    say(process_value, process.pid, process.cgroup,
                        end_words(process, language_),
                        size_words(process.touched, language_)));
  }
}

std::string RunReport::child_end() const {
  const ProcessRecord& child = main_process(record_);
  if (!child.signal) return end_words(child, language_);
  return say(child.ended_by_cglab ? reaped_with_ours : reaped_with,
             signal_name(*child.signal), *child.signal);
}

/// The last lines printed by a child that failed.
std::string RunReport::last_output() const {
  const Status status = record_.verdict.status;
  if (status != Status::child_failed && status != Status::crashed) return "";
  constexpr std::size_t most = 3;
  const std::string output = main_process(record_).output.value_or("");
  const auto lines = cgroupfs::split_lines(cgroupfs::trim(output));
  const std::size_t first = lines.size() - std::min(lines.size(), most);
  return fmt::format("{}", fmt::join(lines.begin() + static_cast<long>(first),
                                     lines.end(), "; "));
}

/// v1: when the limits of memory and of memory plus swap are equal, the hit
/// counts for the latter: the kernel charges memsw first.
std::string RunReport::own_limit_hits() const {
  const Counters& before = record_.evidence.before;
  const Counters& after = record_.evidence.after;
  if (is_v1()) {
    std::string text = fmt::format("{} {}", name_of(File::memory_failcnt),
                                   change(before.failcnt, after.failcnt));
    if (record_.limits.size() > 1) {
      text += fmt::format(", {} {}", name_of(File::memory_memsw_failcnt),
                          change(before.memsw_failcnt, after.memsw_failcnt));
    }
    return say(hits_v1, text);
  }
  if (!before.local_events || !after.local_events) {
    return say(file_missing, name_of(File::memory_events_local));
  }
  return say(hits_v2, change(before.local_events->oom, after.local_events->oom),
             name_of(File::memory_events_local),
             change(before.local_events->max, after.local_events->max));
}

std::string RunReport::victim_value(const Victim& victim) const {
  return say(log_victim, victim.name, victim.pid,
             victim.constraint   ? *victim.constraint
             : victim.task_memcg ? say(log_group)
                                 : say(log_limited));
}

void RunReport::add_kernel_log() {
  constexpr std::size_t most = 10;
  const auto& victims = record_.evidence.victims;
  const auto& reason = record_.evidence.victims_absent_because;
  if (victims.empty()) {
    document_.field(
        say(log_label),
        lab::say(language_, reason.value_or(fact(FactKind::not_looked_for))));
  }
  for (std::size_t i = 0; i < std::min(most, victims.size()); ++i) {
    document_.field(i == 0 ? say(log_label) : "", victim_value(victims[i]));
  }
  if (victims.size() > most) more(say(log_more, victims.size() - most));
  if (!victims.empty() && !record_.evidence.kernel_log_complete) {
    more(say(log_lost));
  }
  if (!record_.evidence.unplaced_victims.empty()) {
    more(say(log_unplaced, record_.evidence.unplaced_victims.size()));
  }
}

/// The kernel's own lines.
void RunReport::add_kernel_log_lines() {
  for (const Victim& victim : record_.evidence.victims) {
    for (const std::string& line : victim.lines) more(line);
  }
}

std::string RunReport::whose_limit() const {
  const LimitOwner owner = *record_.verdict.limit_owner;
  std::string words = say(owner_message(owner));
  if (owner == LimitOwner::host || owner == LimitOwner::unknown) return words;
  if (const auto& path = record_.verdict.oom_memcg) {
    return say(owner_by, words, say(by_log, outside_text(*path)));
  }
  return say(owner_by, words, say(is_v1() ? by_notifications : by_counters));
}

void RunReport::add_evidence_of_child() {
  field(child_label, child_value, main_process(record_).pid, child_end());
  const std::string output = last_output();
  if (!output.empty()) document_.field(say(output_label), output);
  document_.field("oom_kill", say(is_v1() ? kills_value_v1 : kills_value,
                                  change(record_.evidence.before.oom_kills,
                                         record_.evidence.after.oom_kills),
                                  name_of(cgroupfs::Key::oom_kill,
                                          record_.environment.memory_version)));
  document_.field(limit_hits_label(language_), own_limit_hits());
  for (const Ancestor& ancestor : record_.evidence.ancestors) {
    if (ancestor.hits_before == ancestor.hits_after) continue;
    field(ancestor_label, ancestor_value, outside_text(ancestor.path),
          change(ancestor.hits_before, ancestor.hits_after));
  }
}

/// When the leak was predicted to meet the limit.
void RunReport::add_prediction() {
  for (const Reading& reading : record_.readings) {
    const auto predicted = reading.values.find("predicted_ms");
    if (predicted == reading.values.end() || !predicted->second) continue;
    const auto time = [](std::uint64_t ms) {
      return human_ms(std::chrono::milliseconds(ms));
    };
    const auto ended =
        reading_of(record_, "after", main_process(record_).name, "ended_ms");
    document_.field(
        say(predicted_label),
        ended ? say(predicted_value, time(*predicted->second), time(*ended))
              : say(predicted_only, time(*predicted->second)));
    return;
  }
}

void RunReport::add_proof(Length length) {
  document_.section(say(proof_section));
  if (makes_claims(record_)) {
    add_prediction();
    add_peak();
  } else {
    add_evidence_of_child();
  }
  add_kernel_log();
  if (length == Length::full) add_kernel_log_lines();
  if (record_.verdict.limit_owner) {
    document_.field(say(owner_label), whose_limit());
  }
}

void RunReport::add_limits() {
  for (const LimitRecord& limit : record_.limits) {
    document_.field(
        say(limit_label_of(limit.file)),
        limit.error
            ? say(limit_refused_value, limit.file, limit.asked, *limit.error)
            : say(limit_value, limit_words(limit, language_), limit.file));
  }
}

void RunReport::add_limits_in_order() {
  document_.section(say(limits_section));
  for (const LimitRecord& limit : record_.limits) {
    document_.field(
        limit_place(limit, record_),
        limit.error
            ? say(limit_asked_refused, limit.asked, *limit.error)
            : say(limit_asked, limit.asked, limit_words(limit, language_)));
  }
}

void RunReport::add_peak() {
  document_.field(say(peak_label), record_.peak ? peak_words(record_, language_)
                                                : say(unknown_here));
  const std::string split = split_words(record_, language_);
  if (!split.empty()) more(split);
}

/// What the child touched while it was in the cgroup of the run.
Bytes RunReport::touched_inside() const {
  const Bytes touched = main_process(record_).touched.value_or(Bytes{});
  const auto course = course_of(record_);
  if (!course) return touched;
  return Bytes{touched.count -
               std::min(course->touched_outside, touched).count};
}

/// Why the peak differs from what the program touched.
std::string RunReport::difference() const {
  const Bytes inside = touched_inside();
  const Bytes peak = record_.peak->bytes;
  if (peak >= inside) {
    return say(more_charged, size(Bytes{peak.count - inside.count}));
  }
  if (record_.peak->source == "samples") return say(peak_was_higher);
  const Bytes missing{inside.count - peak.count};
  const bool swaps =
      record_.plan.swap != Limit::of(Bytes{0}) &&
      record_.environment.swap_total.value_or(Bytes{}) != Bytes{} &&
      !has_left(record_);
  return say(swaps ? went_to_swap : never_charged, size(missing));
}

void RunReport::add_touched() {
  const auto& touched = main_process(record_).touched;
  if (!touched) return;
  const auto course = course_of(record_);
  document_.field(say(touched_label),
                  course ? say(touched_course, size(*touched),
                               human_size(course->touched_outside),
                               human_size(touched_inside()))
                         : say(touched_value, size(*touched)));
  if (record_.peak) more(difference());
}

void RunReport::add_memory() {
  document_.section(say(memory_section));
  add_limits();
  if (record_.limits.empty()) field(limit_label, never_set);
  add_peak();
  add_touched();
}

void RunReport::add_chart() {
  std::vector<Chart> charts = run_charts(record_, language_);
  if (charts.empty()) return;
  // A terminal has room for the usage.
  charts.front().series.resize(curves_of(record_).size());
  document_.chart(std::move(charts.front()));
}

void RunReport::add_timeline() {
  struct Moment {
    std::int64_t time_ns;
    Row row;
  };
  std::vector<Moment> moments;
  const auto add = [&](std::int64_t time_ns, std::string what,
                       std::string source) {
    moments.push_back(
        {time_ns,
         {human_ms(nanoseconds(time_ns)), std::move(what), std::move(source)}});
  };
  for (const Event& event : record_.events) {
    add(event.time_ns, event_name(event.kind, language_),
        event_source(event, language_));
  }
  const auto& touch = main_process(record_).last_touch_ns;
  if (touch) add(*touch, say(last_touch), say(by_program));
  std::stable_sort(
      moments.begin(), moments.end(),
      [](const Moment& a, const Moment& b) { return a.time_ns < b.time_ns; });
  std::size_t widest = 0;
  for (const Moment& moment : moments) {
    widest = std::max(widest, moment.row.front().size());
  }
  std::vector<Row> rows{{say(time_head), say(event_head), say(source_head)}};
  for (Moment& moment : moments) {
    moment.row.front() = fmt::format("{:>{}}", moment.row.front(), widest);
    rows.push_back(std::move(moment.row));
  }
  document_.section(say(timeline_section));
  document_.table(std::move(rows));
}

void RunReport::add_host(Length length) {
  const Environment& environment = record_.environment;
  document_.section(say(host_section));
  if (length == Length::full) {
    for (Row& row : environment_rows(environment, language_)) {
      document_.field(std::move(row[0]), std::move(row[1]));
    }
    document_.field(say(version_label), record_.tool.version);
    std::vector<std::string> words;
    for (const std::string& word : record_.tool.command_line) {
      words.push_back(shell_quote(word));
    }
    document_.field(say(command_label),
                    fmt::format("{}", fmt::join(words, " ")));
  } else {
    const std::string swap =
        !environment.swap_total ? say(swap_unknown)
        : environment.swap_total->count == 0
            ? say(no_swap)
            : say(some_swap, human_size(*environment.swap_total));
    field(kernel_label, kernel_value, environment.kernel,
          to_string(environment.memory_version),
          environment.cgroup_mode == "hybrid" ? say(hybrid) : "", swap);
  }
  document_.field(say(date_label), record_.date);
  document_.field(say(cgroup_label), outside_text(cgroup_path(record_)));
  add_left_behind();
}

/// Commands are lines of their own, so that they can be pasted.
void RunReport::add_left_behind() {
  const Cleanup& cleanup = record_.cleanup;
  if (cleanup.left.empty()) return field(left_label, nothing_left);
  // The findings name processes that are held.
  const bool is_held = !record_.evidence.held.empty();
  const std::string why = is_held         ? say(has_process)
                          : cleanup.error ? say(because_error, *cleanup.error)
                          : record_.plan.keep ? say(because_kept)
                                              : "";
  std::string paths;
  for (const std::string& path : cleanup.left) {
    paths += (paths.empty() ? "" : ", ") + outside_text(path);
  }
  field(left_label, left_value, paths, why, is_held ? say(once_ended) : "");
  for (const std::string& path : cleanup.left) {
    document_.command(removal(path, record_));
  }
}

void RunReport::add_forks() {
  if (!limit_of(record_, File::pids_max)) return;
  const auto refused = reading_of(
      record_, "after", record_.cgroups.front().name, "forks_refused");
  document_.field(say(forks_label),
                  refused ? say(forks_value, *refused) : say(forks_unknown));
}

Document RunReport::brief() {
  const Plan& plan = record_.plan;
  field(run_label, run_value, plan.experiment,
        plan.limit.is_max() ? say(no_limit) : human_size(plan.size()),
        to_string(record_.environment.memory_version));
  if (makes_claims(record_)) {
    const auto& claims = record_.verdict.claims;
    const auto held = std::count_if(
        claims.begin(), claims.end(),
        [](const ClaimRecord& claim) { return claim.held == true; });
    field(claims_label, brief_claims, held, claims.size());
  } else {
    const ProcessRecord& child = main_process(record_);
    const auto reaped = time_of(record_, EventKind::reaped);
    const std::string end = end_words(child, language_);
    field(child_label, brief_end, child.name, child.pid,
          reaped && *reaped >= 0
              ? say(brief_time, end, short_time(nanoseconds(*reaped)))
              : end);
  }
  document_.field(say(peak_label),
                  record_.peak
                      ? say(brief_peak, human_size(record_.peak->bytes),
                            record_.cgroups.front().name)
                      : say(unknown_here));
  document_.field(say(kills_label), change(record_.evidence.before.oom_kills,
                                           record_.evidence.after.oom_kills));
  if (!record_.verdict.findings.empty()) {
    document_.field(say(findings_label),
                    say(findings_count, record_.verdict.findings.size()));
  }
  add_headline();
  return std::move(document_);
}

Document RunReport::of_experiment(Length length) {
  add_verdict();
  if (makes_claims(record_)) {
    add_experiment();
    add_claims();
    add_processes();
  }
  add_proof(length);
  if (makes_claims(record_)) {
    add_limits_in_order();
  } else {
    add_memory();
  }
  add_chart();
  add_course(record_, language_, document_);
  add_timeline();
  add_host(length);
  return std::move(document_);
}

Document RunReport::of_command() {
  add_verdict();
  add_limits();
  add_peak();
  add_forks();
  if (!record_.cleanup.left.empty()) add_left_behind();
  return std::move(document_);
}

}  // namespace

Document run_document(const RunRecord& record, Language language,
                      Length length) {
  RunReport report(record, language);
  if (length == Length::brief) return report.brief();
  const bool is_short = length == Length::terminal && is_command(record.plan) &&
                        !makes_claims(record);
  return is_short ? report.of_command() : report.of_experiment(length);
}

std::string text_report(const RunRecord& record, const Terminal& terminal,
                        Language language, Length length) {
  const Document document = run_document(record, language, length);
  std::string text = render_text(document, terminal);
  const auto lines =
      static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  // The prompt takes one more.
  const bool fits = !terminal.is_live() || lines < terminal.height();
  if (length == Length::brief || fits) return text;
  Document verdict;
  verdict.headline(in_capitals(verdict_words(record, language)),
                   is_as_expected(record) ? Tone::good : Tone::bad);
  return text + "\n" + render_text(verdict, terminal);
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
