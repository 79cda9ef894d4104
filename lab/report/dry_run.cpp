// SPDX-License-Identifier: MIT
#include "lab/report/dry_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string_view>

#include "lab/base/shell_quote.h"
#include "lab/base/visible.h"
#include "lab/place/by_hand.h"
#include "lab/place/swap.h"
#include "lab/report/dry_run_messages.h"
#include "lab/report/fact_words.h"
#include "lab/report/text_width.h"
#include "lab/run/limits.h"
#include "lab/run/requirements.h"
#include "lab/verdict/judge.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Version;

namespace messages = dry_run_messages;

/// In place of a notification, for which a shell cannot wait.
constexpr std::chrono::milliseconds longest_sleep{3000};

constexpr std::size_t comment_width = 76;

/// POSIX sh commands, one a line, with comments.
class Script {
 public:
  explicit Script(Language language) : language_(language) {}

  /// A comment ends at a newline, which a path may hold.
  template <typename... Values>
  void comment(const Message& message, const Values&... values) {
    const std::string text = visible_line(say(language_, message, values...));
    std::string_view rest = text;
    while (!rest.empty()) {
      text_ += fmt::format("# {}\n", take_line(rest, comment_width));
    }
  }
  void command(std::string_view text) { text_ += fmt::format("{}\n", text); }
  void commands(const std::vector<std::string>& texts) {
    for (const std::string& text : texts) command(text);
  }
  void blank() {
    if (!text_.ends_with("\n\n")) text_ += '\n';
  }
  std::string take() { return std::move(text_); }

 private:
  Language language_;
  std::string text_;
};

std::string seconds(std::chrono::milliseconds time) {
  return fmt::format("{:g}", static_cast<double>(time.count()) / 1000);
}

/// Writes the script of one run.
class Writer {
 public:
  explicit Writer(const ByHand& run)
      : run_(run),
        plan_(run.plan),
        version_(run.placement.version),
        script_(run.language) {}

  std::string write();

 private:
  bool has_guard() const { return plan_.procedure.guard.has_value(); }
  const char* name(File file) const { return name_of(file, version_); }
  std::string cgroup(const std::string& name) const {
    return has_guard() ? "$group/" + name : "$group";
  }
  std::string file_in(const std::string& cgroup_name, File file) const;
  std::string pid(const std::string& process) const;
  const ProcessSpec& process(const std::string& name) const;
  bool tasks_are_limited() const { return limits_tasks(plan_.procedure); }
  bool runs_in_foreground(std::size_t step) const;

  void add_preparation();
  void add_head();
  void add_helpers();
  void add_cgroups();
  void add_settings(const std::string& cgroup_name,
                    const std::vector<Setting>& settings,
                    const std::string& or_else);
  void add_setting(const std::string& cgroup_name, const Setting& setting,
                   const std::string& or_else, const char* echo = "echo");
  void add_steps();
  void add_step(const Step& step);
  void add_await_value(const Step& step);
  void add_limit(const Step& step);
  void add_start(const ProcessSpec& spec, bool foreground);
  void add_settle(const ProcessSpec& spec);
  void add_end(const std::string& name);
  void add_wait(const std::string& condition, const Step& step);
  void add_mark(const std::string& mark);
  void add_reading(const Quantity& what);
  void add_process_reading(const Quantity& what);
  void add_proof();
  void add_clean_up();
  std::string hog_words(const ProcessSpec& spec) const;
  std::string number_in(const std::string& file, const std::string& key) const;

  const ByHand& run_;
  const Plan& plan_;
  Version version_;
  Script script_;
  std::map<std::string, std::size_t> passed_;  ///< pauses, by process
  std::map<std::string, Bytes> hard_limits_;   ///< by cgroup
  std::set<std::string> waited_for_;
  std::uint64_t device_offset_ = 0;
};

std::string Writer::file_in(const std::string& cgroup_name, File file) const {
  if (file == File::pids_max || file == File::pids_events) {
    if (run_.pids_parent) return fmt::format("$pids/{}", name(file));
  }
  return fmt::format("{}/{}", cgroup(cgroup_name), name(file));
}

/// The variable that has its pid.
std::string Writer::pid(const std::string& process) const {
  std::string variable = process;
  std::replace_if(
      variable.begin(), variable.end(),
      [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
  return variable + "_pid";
}

const ProcessSpec& Writer::process(const std::string& name) const {
  const auto& all = plan_.procedure.processes;
  return *std::find_if(all.begin(), all.end(), [&](const ProcessSpec& each) {
    return each.name == name;
  });
}

void Writer::add_preparation() {
  const Placement& placement = run_.placement;
  const PlaceByHand place =
      place_by_hand(placement, tasks_are_limited() && !run_.pids_parent);
  if (placement.preparation == Preparation::systemd_scope) {
    script_.comment(messages::asks_for_scope);
  }
  script_.commands(place.open);
  if (placement.preparation == Preparation::systemd_scope) {
    script_.comment(messages::shell_moves);
  }
  if (placement.preparation == Preparation::move_aside) {
    script_.comment(messages::processes_move);
  }
  script_.commands(place.share);
}

void Writer::add_head() {
  script_.comment(messages::by_hand, to_string(version_),
                  run_.placement.hierarchy.mount_point);
  script_.comment(messages::paste);
  add_preparation();
  script_.command(
      fmt::format("group=\"$parent/cglab.{}.byhand\"", plan_.experiment));
  if (!is_command(plan_)) {
    script_.command(fmt::format("hog={}", shell_quote(run_.hog)));
  }
  add_helpers();
}

/// What several processes, or one that pauses, need.
void Writer::add_helpers() {
  if (!has_guard()) return;
  script_.command("work=$(mktemp -d)");
  script_.comment(messages::await_helper);
  script_.command(
      "await() { until grep -qs \"$2\" \"$work/$1\" || ! kill -0 \"$3\" "
      "2>/dev/null; do sleep 0.1; done; }");
}

void Writer::add_cgroups() {
  script_.command("mkdir \"$group\"");
  if (has_guard()) {
    script_.comment(messages::guard);
    script_.command(fmt::format("echo {} > \"$group/{}\"",
                                guard_of(plan_).count, name(File::memory_max)));
  }
  const auto enable_controllers = [&](const std::string& path) {
    if (version_ == Version::v1) return;
    std::vector<const char*> controllers{"memory"};
    if (tasks_are_limited() && !run_.pids_parent) {
      controllers.push_back("pids");
    }
    for (const char* const controller : controllers) {
      script_.command(fmt::format("echo +{} > \"{}/{}\"", controller, path,
                                  name_of(File::cgroup_subtree_control)));
    }
  };
  if (has_guard()) enable_controllers("$group");
  if (tasks_are_limited() && run_.pids_parent) {
    script_.comment(messages::pids_hierarchy);
    script_.command(fmt::format("pids={}/cglab.{}.byhand",
                                shell_quote(*run_.pids_parent),
                                plan_.experiment));
    script_.command("mkdir \"$pids\"");
  }
  for (const CgroupSpec& each : plan_.procedure.cgroups) {
    if (has_guard()) {
      script_.command(fmt::format("mkdir \"{}\"", cgroup(each.name)));
    }
    if (is_above_others(plan_.procedure, each.name))
      enable_controllers(cgroup(each.name));
  }
  for (const CgroupSpec& each : plan_.procedure.cgroups) {
    if (is_limited_later(plan_.procedure, each)) continue;
    add_settings(each.name, each.settings, "");
  }
  script_.blank();
}

void Writer::add_settings(const std::string& cgroup_name,
                          const std::vector<Setting>& settings,
                          const std::string& or_else) {
  std::vector<Setting> all = with_swap_limit(settings, plan_, run_.environment);
  if (!run_.swap_limited) {
    std::erase_if(all, [&](const Setting& each) {
      const bool is_plans = all.size() > settings.size();
      return is_plans && each.file == File::memory_swap_max;
    });
  }
  for (const Setting& setting : all) {
    add_setting(cgroup_name, setting, or_else);
  }
}

void Writer::add_setting(const std::string& cgroup_name, const Setting& setting,
                         const std::string& or_else, const char* echo) {
  File file = setting.file;
  Limit value = resolve(setting.value, plan_.limit);
  if (file == File::memory_max && !value.is_max()) {
    script_.comment(messages::limit, size_text(run_.language, value.bytes()));
    hard_limits_.insert_or_assign(cgroup_name, value.bytes());
  }
  if (file == File::memory_swappiness) {
    script_.comment(messages::no_swap);
  }
  if (file == File::memory_swap_max) {
    file = swap_limit_file(version_);
    script_.comment(version_ == Version::v1 ? messages::memory_plus_swap
                                            : messages::swap_alone);
    const auto hard = hard_limits_.find(cgroup_name);
    if (version_ == Version::v1 && !value.is_max()) {
      value = hard == hard_limits_.end()
                  ? Limit::max()
                  : Limit::of(add_saturated(hard->second, value.bytes()));
    }
  }
  const std::string path = file_in(cgroup_name, file);
  const std::string text =
      value.is_max() && version_ == Version::v1 ? "-1" : to_string(value);
  script_.command(fmt::format("{} {} > \"{}\"{}", echo, text, path, or_else));
  if (file == File::memory_max) {
    script_.command(fmt::format("cat \"{}\"", path));
  }
}

std::string Writer::hog_words(const ProcessSpec& spec) const {
  const Bytes total = resolve(spec.total, plan_.limit).bytes();
  const Bytes block =
      spec.block ? resolve(*spec.block, plan_.limit).bytes() : total;
  std::string words =
      fmt::format("--total {} --block {} --ramp {}", size_argument(total),
                  size_argument(block), time_argument(spec.ramp));
  if (spec.touch != "write") words += " --touch " + spec.touch;
  if (spec.memory != "anon") words += " --memory " + spec.memory;
  if (spec.children > 0) {
    words += fmt::format(" --children {}", spec.children);
  }
  if (spec.hold) words += " --hold";
  for (const Value& pause : spec.pauses) {
    words += fmt::format(" --gate-at {}",
                         size_argument(resolve(pause, plan_.limit).bytes()));
  }
  if (!spec.pauses.empty()) words += " --gate-fd 3";
  return words;
}

/// Nothing else is done until its end.
bool Writer::runs_in_foreground(std::size_t step) const {
  const auto& steps = plan_.procedure.steps;
  return !has_guard() && steps[step].kind == Step::Kind::start &&
         step + 1 < steps.size() &&
         steps[step + 1].kind == Step::Kind::await_end;
}

void Writer::add_start(const ProcessSpec& spec, bool foreground) {
  script_.comment(spec.command.empty() ? messages::becomes_hog
                                       : messages::becomes_command);
  std::string words = spec.command.empty() ? hog_words(spec) : "";
  if (spec.backing == Backing::tmpfs) {
    script_.command("file=$(mktemp /dev/shm/cglab.XXXXXX)");
    words += " --file \"$3\"";
  } else if (spec.backing == Backing::disk) {
    const bool device = run_.disk.starts_with("/dev/");
    script_.command(fmt::format("disk={}", shell_quote(run_.disk)));
    words +=
        device ? fmt::format(" --file \"$3\" --file-offset {}", device_offset_)
               : " --file-dir \"$3\"";
    device_offset_ += resolve(spec.total, plan_.limit).bytes().count;
  }
  const bool tasks = tasks_are_limited() && run_.pids_parent;
  const std::string join = fmt::format(
      "echo 0 > \"$1/{}\"{}", name_of(File::cgroup_procs),
      tasks ? fmt::format(" && echo 0 > \"$4/{}\"", name_of(File::cgroup_procs))
            : "");
  const std::string last = tasks ? " \"$pids\"" : "";
  const std::string third = spec.backing == Backing::tmpfs  ? " \"$file\""
                            : spec.backing == Backing::disk ? " \"$disk\""
                            : tasks                         ? " ''"
                                                            : "";
  if (!spec.command.empty()) {
    std::string command;
    for (const std::string& word : spec.command) {
      command += " " + shell_quote(word);
    }
    const char* const shift = tasks ? "shift 4" : "shift";
    script_.command(fmt::format("sh -c '{} && {} && exec \"$@\"' sh \"{}\"{}{}",
                                join, shift, cgroup(spec.cgroup),
                                tasks ? " '' '' \"$pids\"" : "", command));
    return;
  }
  std::string line =
      fmt::format("sh -c '{} && exec \"$2\" {}' sh \"{}\" \"$hog\"{}{}", join,
                  words, cgroup(spec.cgroup), third, last);
  if (foreground) {
    script_.command(line);
    return;
  }
  if (!spec.pauses.empty()) {
    script_.comment(messages::waits_for_line);
    script_.command(fmt::format("mkfifo \"$work/{}.gate\"", spec.name));
    script_.command(fmt::format("exec 3<>\"$work/{}.gate\"", spec.name));
  }
  script_.command(fmt::format("{} > \"$work/{}\" 2>&1 &", line, spec.name));
  script_.command(fmt::format("{}=$!", pid(spec.name)));
  if (!spec.pauses.empty()) script_.command("echo >&3");
  if (spec.oom_score_adj) {
    script_.command(fmt::format("echo {} > \"/proc/${}/oom_score_adj\"",
                                *spec.oom_score_adj, pid(spec.name)));
  }
}

void Writer::add_settle(const ProcessSpec& spec) {
  const std::size_t passed = passed_[spec.name];
  const bool pauses = passed < spec.pauses.size();
  if (!pauses && (!spec.hold || spec.touch == "none")) {
    return add_end(spec.name);
  }
  const std::string said =
      pauses
          ? fmt::format("waiting at .*({} bytes)",
                        resolve(spec.pauses[passed], plan_.limit).bytes().count)
          : "holding";
  script_.comment(pauses ? messages::until_pause : messages::until_held,
                  spec.name);
  script_.command(
      fmt::format("await {} '{}' \"${}\"", spec.name, said, pid(spec.name)));
}

/// Once: a shell reports an exit status only once.
void Writer::add_end(const std::string& name) {
  if (!waited_for_.insert(name).second) return;
  script_.command(fmt::format("wait \"${}\"", pid(name)));
  script_.command(fmt::format("echo \"{}: exit status $?\"", name));
}

void Writer::add_wait(const std::string& condition, const Step& step) {
  const auto time = std::chrono::duration_cast<std::chrono::milliseconds>(
      longest_wait(plan_, step));
  script_.command(
      fmt::format("n=0; until {} || [ $n -ge {} ]; do sleep 0.1; "
                  "n=$((n+1)); done",
                  condition, time.count() / 100));
}

std::string Writer::number_in(const std::string& file,
                              const std::string& key) const {
  return key.empty() ? fmt::format("cat \"{}\"", file)
                     : fmt::format("sed -n 's/^{} //p' \"{}\"", key, file);
}

void Writer::add_await_value(const Step& step) {
  const auto place = place_of_reading(step.other, version_);
  if (!place) {
    script_.comment(messages::notification);
    script_.command("sleep " + seconds(std::min(step.time, longest_sleep)));
    return;
  }
  const std::string number =
      number_in(file_in(step.subject, place->file), place->key);
  add_wait(fmt::format("[ \"$({})\" -ge {} ]", number, step.number), step);
}

void Writer::add_limit(const Step& step) {
  script_.comment(version_ == Version::v1 ? messages::limit_later_v1
                                          : messages::limit_later_v2);
  add_settings(step.subject, {*step.setting},
               fmt::format(" || kill \"${}\"",
                           pid(plan_.procedure.processes.front().name)));
}

void Writer::add_step(const Step& step) {
  const std::string& subject = step.subject;
  switch (step.kind) {
    case Step::Kind::start:
      return add_start(process(subject), false);
    case Step::Kind::settle:
      return add_settle(process(subject));
    case Step::Kind::await_value:
      return add_await_value(step);
    case Step::Kind::await_end:
      if (step.time.count() == 0) return add_end(subject);
      return add_wait(
          fmt::format("! kill -0 \"${}\" 2>/dev/null", pid(subject)), step);
    case Step::Kind::await_empty:
      return;
    case Step::Kind::rest:
      return script_.command("sleep " + seconds(step.time));
    case Step::Kind::set:
      // The shell's own echo may hide what the kernel says.
      return add_setting(subject, *step.setting, "", "/bin/echo");
    case Step::Kind::limit:
      return add_limit(step);
    case Step::Kind::move:
      script_.comment(messages::move, subject);
      return script_.command(
          fmt::format("echo \"${}\" > \"{}\"", pid(subject),
                      file_in(step.other, File::cgroup_procs)));
    case Step::Kind::go_on:
      ++passed_[subject];
      script_.comment(messages::goes_on, subject);
      return script_.command("echo >&3");
    case Step::Kind::mark:
      return add_mark(subject);
    case Step::Kind::kill:
      return script_.command(
          fmt::format("echo 1 > \"{}\"", file_in(subject, File::cgroup_kill)));
    case Step::Kind::reclaim:
      script_.comment(messages::reclaim);
      return script_.command(
          fmt::format("echo {} > \"{}\"", step.part.of(plan_.size()).count,
                      file_in(subject, File::memory_reclaim)));
    case Step::Kind::release_file:
      script_.comment(messages::last_link);
      return script_.command("rm -f \"$file\"");
    case Step::Kind::watch_usage:
      return script_.comment(
          messages::watch_usage,
          size_text(run_.language, step.part.of(plan_.size())));
    case Step::Kind::watch_pressure:
      return script_.comment(messages::watch_pressure);
    case Step::Kind::predict:
      return script_.comment(messages::predict);
  }
}

void Writer::add_steps() {
  const auto& steps = plan_.procedure.steps;
  if (makes_claims(plan_.procedure)) add_mark("before");
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (!runs_in_foreground(i)) {
      add_step(steps[i]);
      continue;
    }
    if (is_command(plan_) && plan_.timeout) {
      script_.comment(messages::timeout, time_argument(*plan_.timeout));
    }
    add_start(process(steps[i].subject), true);
    script_.comment(is_command(plan_) ? messages::status_of_command
                                      : messages::status_of_hog);
    script_.command("echo \"exit status $?\"");
    ++i;
  }
  script_.blank();
}

/// What claims ask for at `mark`; in the course's order the usage.
void Writer::add_mark(const std::string& mark) {
  std::set<std::pair<std::string, std::string>> shown;
  const auto show = [&](const Quantity& what) {
    if (what.mark != mark) return;
    if (shown.insert({what.subject, what.key}).second) add_reading(what);
  };
  if (!makes_claims(plan_.procedure)) {
    for (const CgroupSpec& each : plan_.procedure.cgroups) {
      show({each.name, "usage", mark});
    }
    return;
  }
  for (const Claim& claim : plan_.procedure.claims) {
    const bool compares =
        claim.relation == Relation::rises || claim.relation == Relation::stays;
    if (mark == "before" && compares) {
      show({claim.what.subject, claim.what.key, mark});
    }
    if (mark == "after") {
      script_.comment(messages::claim, claim.text.text(run_.language));
    }
    show(claim.what);
  }
}

void Writer::add_reading(const Quantity& what) {
  const auto& cgroups = plan_.procedure.cgroups;
  if (what.subject == all_cgroups) {
    const char* const file = name_of(cgroupfs::Key::oom_kill, version_);
    return script_.command(
        version_ == Version::v1
            ? fmt::format("find \"$group\" -mindepth 2 -name {} -exec grep -H "
                          "'^oom_kill ' {{}} +",
                          file)
            : fmt::format("grep -H '^oom_kill ' \"$group/{}\"", file));
  }
  const bool is_cgroup = std::any_of(
      cgroups.begin(), cgroups.end(),
      [&](const CgroupSpec& each) { return each.name == what.subject; });
  if (!is_cgroup) return add_process_reading(what);
  const auto place = place_of_reading(what.key, version_);
  if (!place) {
    return script_.comment(messages::measures, what.key, what.subject);
  }
  const std::string file = file_in(what.subject, place->file);
  const std::string number = what.key == "processes"
                                 ? fmt::format("grep -c . \"{}\"", file)
                                 : number_in(file, place->key);
  script_.command(
      fmt::format("echo \"{} of {}: $({})\"", what.key, what.subject, number));
}

void Writer::add_process_reading(const Quantity& what) {
  const std::string variable = pid(what.subject);
  if (what.key == "state") {
    return script_.command(
        fmt::format("grep -s State \"/proc/${}/status\" || echo \"{} has "
                    "ended\"",
                    variable, what.subject));
  }
  if (what.key == "huge_pages") {
    return script_.command(
        fmt::format("[ ! -r \"/proc/${0}/smaps\" ] || awk '/^AnonHugePages/ "
                    "{{kb += $2}} END {{print kb \" kB in huge "
                    "pages\"}}' \"/proc/${0}/smaps\"",
                    variable));
  }
  if (what.key == "touched") {
    return script_.command(fmt::format("tail -n 1 \"$work/{}\"", what.subject));
  }
  if (what.key != "signal" && what.key != "alive") {
    return script_.comment(messages::measures, what.key, what.subject);
  }
  if (!waited_for_.insert(what.subject).second) return;
  script_.command(fmt::format(
      "if kill -0 \"${0}\" 2>/dev/null; then echo \"{1} is running\"; "
      "else wait \"${0}\"; echo \"{1}: exit status $?\"; fi",
      variable, what.subject));
}

void Writer::add_proof() {
  const std::string first = plan_.procedure.cgroups.front().name;
  const std::string path = cgroup(first);
  const char* const failures = name(File::memory_failcnt);
  const bool counts_failures = is_on(File::memory_failcnt, version_);
  script_.comment(counts_failures ? messages::proof_v1 : messages::proof_v2);
  script_.command(fmt::format("cat \"{}/{}\"", path,
                              name_of(cgroupfs::Key::oom_kill, version_)));
  if (counts_failures) {
    script_.command(fmt::format("cat \"{}/{}\"", path, failures));
  }
  script_.comment(messages::peak);
  const char* const peak = name(File::memory_peak);
  const bool is_new = !is_mandatory(File::memory_peak, version_);
  script_.command(fmt::format(
      "cat \"{}/{}\"{}", path, peak,
      is_new ? fmt::format(" || echo 'not on this kernel: {} came in Linux {}'",
                           peak, since(File::memory_peak))
             : ""));
  script_.blank();
}

void Writer::add_clean_up() {
  const bool simple = !has_guard() && !is_command(plan_);
  const bool tasks = tasks_are_limited() && run_.pids_parent;
  if (!simple) {
    script_.comment(messages::kill_rest);
    if (version_ == Version::v1 && has_guard()) {
      script_.command(fmt::format(
          "for file in \"$group\"/*/{}; do echo 0 > \"$file\"; done",
          name(File::memory_oom_control)));
    }
    script_.command(fmt::format(
        "find \"$group\" -name {} -exec cat {{}} + | while read -r pid; do "
        "kill -9 \"$pid\"; done",
        name_of(File::cgroup_procs)));
    script_.command("wait");
    script_.command(fmt::format(
        "while [ -n \"$(find \"$group\" -name {} -exec cat {{}} +)\" ]; do "
        "sleep 0.1; done",
        name_of(File::cgroup_procs)));
  }
  if (has_guard()) {
    const auto& processes = plan_.procedure.processes;
    const bool pauses = std::any_of(
        processes.begin(), processes.end(),
        [](const ProcessSpec& each) { return !each.pauses.empty(); });
    script_.command(pauses ? "exec 3>&-; rm -r \"$work\"" : "rm -r \"$work\"");
  }
  if (plan_.keep) return;
  script_.comment(messages::clean_up);
  script_.command(has_guard()
                      ? "find \"$group\" -depth -type d -exec rmdir {} ';'"
                      : "rmdir \"$group\"");
  if (tasks) script_.command("rmdir \"$pids\"");
  if (run_.placement.preparation == Preparation::systemd_scope) {
    script_.comment(messages::scope_goes);
  }
  script_.commands(
      place_by_hand(run_.placement, tasks_are_limited() && !run_.pids_parent)
          .leave);
}

std::string Writer::write() {
  add_head();
  add_cgroups();
  add_steps();
  if (makes_claims(plan_.procedure)) {
    add_mark("after");
    script_.blank();
  } else {
    add_proof();
  }
  add_clean_up();
  return script_.take();
}

}  // namespace

std::string dry_run_script(const ByHand& run) {
  return Writer(run).write();
}

}  // namespace lab
