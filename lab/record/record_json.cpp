// SPDX-License-Identifier: MIT
#include "lab/record/record_json.h"

#include <string_view>

#include "lab/base/version.h"
#include "lab/record/json_values.h"

namespace lab {
namespace {

using lab::json;

Json json(const Environment& environment) {
  return {{"kernel", environment.kernel},
          {"machine", environment.machine},
          {"cgroup_mode", environment.cgroup_mode},
          {"memory_hierarchy", json(to_string(environment.memory_version))},
          {"memory_mount", environment.memory_mount},
          {"memory_total", json(environment.memory_total)},
          {"memory_available", json(environment.memory_available)},
          {"swap_total", json(environment.swap_total)},
          {"page_size", json(environment.page_size)},
          {"thp", json(environment.thp)},
          {"psi", environment.psi},
          {"cpus", environment.cpus},
          {"root", environment.root},
          {"initial_pid_namespace", environment.initial_pid_namespace},
          {"emulated", json(environment.emulated)}};
}

/// What does not apply to a command is null.
Json json_of_command(const Plan& plan, const CommandPlan& command) {
  return {{"experiment", plan.experiment},
          {"order", nullptr},
          {"limit", json(command.limit)},
          {"swap", json(plan.swap)},
          {"total", nullptr},
          {"block", nullptr},
          {"ramp_ns", nullptr},
          {"poll_ns", plan.poll.count()},
          {"timeout_ns",
           command.timeout ? Json(command.timeout->count()) : Json(nullptr)},
          {"keep", plan.keep},
          {"command", command.command},
          {"high", json(command.high)},
          {"oom_group", command.oom_group},
          {"pids", command.pids ? Json(*command.pids) : Json("max")}};
}

Json json(const Plan& plan) {
  if (plan.run) return json_of_command(plan, *plan.run);
  return {{"experiment", plan.experiment},
          {"order", json(to_string(plan.order))},
          {"limit", json(plan.limit)},
          {"swap", json(plan.swap)},
          {"total", json(plan.total)},
          {"block", json(plan.block)},
          {"ramp_ns", plan.ramp.count()},
          {"poll_ns", plan.poll.count()},
          {"timeout_ns", plan.timeout.count()},
          {"keep", plan.keep},
          {"command", nullptr},
          {"high", nullptr},
          {"oom_group", nullptr},
          {"pids", nullptr}};
}

Json json(const LimitRecord& limit) {
  return {{"group", json(limit.group)},   {"file", limit.file},
          {"asked", limit.asked},         {"actual", json(limit.actual)},
          {"at_end", json(limit.at_end)}, {"error", json(limit.error)}};
}

Json json(const Event& event) {
  return {{"time_ns", event.time_ns},
          {"kind", json(to_string(event.kind))},
          {"source", event.source}};
}

Json json(const Rejection& rejection) {
  return {{"strategy", rejection.strategy},
          {"reason", rejection.reason},
          {"fix", rejection.fix.empty() ? Json() : Json(rejection.fix)}};
}

Json json(const Ancestor& ancestor) {
  return {{"path", ancestor.path},
          {"max", json(ancestor.max)},
          {"hits_before", json(ancestor.hits_before)},
          {"hits_after", json(ancestor.hits_after)},
          {"notified", json(ancestor.notified)}};
}

/// A command's output is its own.
Json json(const ChildRecord& child, bool is_command) {
  return {{"pid", child.pid},
          {"joined_by", child.joined_by},
          {"exit_code", json(child.exit_code)},
          {"signal", json(child.signal)},
          {"touched", json(child.touched)},
          {"last_touch_ns", json(child.last_touch_ns)},
          {"output", is_command ? Json(nullptr) : Json(child.output)}};
}

Json json(const Membership& membership) {
  return {{"others_seen", membership.others_seen},
          {"unread", membership.unread},
          {"child_inside", membership.child_inside},
          {"child_left_for", json(membership.child_left_for)}};
}

std::string_view limit_owner_word(const Verdict& verdict) {
  return to_string(*verdict.limit_owner);
}

Json json(const Verdict& verdict) {
  return {{"status", json(to_string(verdict.status))},
          {"reason", verdict.reason},
          {"limit_owner",
           verdict.limit_owner ? json(limit_owner_word(verdict)) : Json()},
          {"limit_owner_path", json(verdict.limit_owner_path)}};
}

Json json(const Cleanup& cleanup) {
  return {{"removed", cleanup.removed},
          {"left", cleanup.left},
          {"orphans_removed", cleanup.orphans_removed},
          {"error", json(cleanup.error)}};
}

/// A column that the kernel did not tell is null.
Json json_of_stat(StatSamples stat) {
  Json result{{"time_ns", stat.time_ns}};
  for (const auto& [key, column] : stat.columns()) {
    const bool told = column->size() == stat.time_ns.size();
    result[key] = told ? Json(*column) : Json(nullptr);
  }
  return result;
}

Json json(const Samples& samples, bool is_command) {
  return {{"time_ns", samples.time_ns},
          {"usage", samples.usage},
          {"touched", is_command ? Json(nullptr) : Json(samples.touched)},
          {"stat", json_of_stat(samples.stat)}};
}

Json json(const StageGroupRecord& group) {
  return {
      {"name", group.name},
      {"path", group.path},
      {"samples",
       {{"time_ns", group.samples.time_ns}, {"usage", group.samples.usage}}}};
}

Json json(const ActorRecord& actor) {
  return {{"name", actor.name},
          {"group", actor.group},
          {"pid", actor.pid},
          {"arguments", actor.arguments},
          {"exit_code", json(actor.exit_code)},
          {"signal", json(actor.signal)},
          {"ended_by_cglab", actor.ended_by_cglab},
          {"touched", actor.touched},
          {"output", actor.output}};
}

Json json(const Reading& reading) {
  Json values = Json::object();
  for (const auto& [key, value] : reading.values) values[key] = json(value);
  return {{"mark", reading.mark},
          {"time_ns", reading.time_ns},
          {"subject", reading.subject},
          {"values", std::move(values)}};
}

Json json(const ClaimRecord& claim) {
  return {
      {"text", claim.text},       {"what", claim.what},
      {"seen", claim.seen},       {"expected", claim.expected},
      {"held", json(claim.held)}, {"decided_by_knob", claim.decided_by_knob}};
}

template <typename Item>
Json list(const std::vector<Item>& items) {
  Json array = Json::array();
  for (const Item& item : items) array.push_back(json(item));
  return array;
}

Json json(const ScenarioRecord& scenario) {
  return {
      {"control", scenario.control},         {"question", scenario.question},
      {"prediction", scenario.prediction},   {"knob", scenario.knob},
      {"groups", list(scenario.groups)},     {"actors", list(scenario.actors)},
      {"readings", list(scenario.readings)}, {"claims", list(scenario.claims)}};
}

}  // namespace

std::string to_json(const RunRecord& record) {
  const Json document = {
      {"schema", "cglab.run/1"},
      {"tool", {{"name", "cglab"}, {"version", version}}},
      {"environment", json(record.environment)},
      {"plan", json(record.plan)},
      {"group", record.group},
      {"strategy", record.strategy},
      {"rejected_strategies", list(record.rejected)},
      {"limits", list(record.limits)},
      {"events", list(record.events)},
      {"counters",
       {{"before", json(record.before)}, {"after", json(record.after)}}},
      {"ancestors", list(record.ancestors)},
      {"all_ancestors_seen", record.all_ancestors_seen},
      {"peak", json(record.peak)},
      {"child", json(record.child, record.plan.run.has_value())},
      {"membership",
       record.membership ? json(*record.membership) : Json(nullptr)},
      {"victim", json(record.victim)},
      {"other_victims", list(record.other_victims)},
      {"victim_absent_because", json(record.victim_absent_because)},
      {"kernel_log_complete", record.kernel_log_complete},
      {"course", json(record.course)},
      {"pids", json(record.pids)},
      {"scenario", record.scenario ? json(*record.scenario) : Json()},
      {"interrupted_by", json(record.interrupted_by)},
      {"deadline_passed", record.deadline_passed},
      {"verdict", json(record.verdict)},
      {"cleanup", json(record.cleanup)},
      {"samples", json(record.samples, record.plan.run.has_value())}};
  return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace lab
