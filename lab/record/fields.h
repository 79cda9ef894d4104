// SPDX-License-Identifier: MIT
#pragma once

#include <concepts>
#include <type_traits>

#include "lab/record/fact.h"
#include "lab/record/record.h"

/// The names of the fields of records, each defined once, in the order of the
/// JSON: fields(visit, object) calls visit(name, member) for each member. The
/// writer, the reader and the schema's test are visitors.
namespace lab {

/// `Self` is `Type`, const or not: a writer visits const objects.
template <typename Self, typename Type>
concept Is = std::same_as<std::remove_const_t<Self>, Type>;

template <typename Visit, Is<Text> Self>
void fields(Visit& visit, Self& text) {
  visit("en", text.en);
  visit("zh", text.zh);
}

template <typename Visit, Is<Fact> Self>
void fields(Visit& visit, Self& fact) {
  visit("fact", fact.kind);
  visit("values", fact.values);
}

template <typename Visit, Is<Tool> Self>
void fields(Visit& visit, Self& tool) {
  visit("name", tool.name);
  visit("version", tool.version);
  visit("command_line", tool.command_line);
}

template <typename Visit, Is<Rejection> Self>
void fields(Visit& visit, Self& rejection) {
  visit("strategy", rejection.strategy);
  visit("reason", rejection.reason);
  visit("fix", rejection.fix);
}

template <typename Visit, Is<Environment> Self>
void fields(Visit& visit, Self& environment) {
  visit("kernel", environment.kernel);
  visit("machine", environment.machine);
  visit("cgroup_mode", environment.cgroup_mode);
  visit("memory_hierarchy", environment.memory_version);
  visit("memory_mount", environment.memory_mount);
  visit("memory_total", environment.memory_total);
  visit("memory_available", environment.memory_available);
  visit("swap_total", environment.swap_total);
  visit("page_size", environment.page_size);
  visit("thp", environment.thp);
  visit("psi", environment.psi);
  visit("cpus", environment.cpus);
  visit("cpu_model", environment.cpu_model);
  visit("root", environment.root);
  visit("initial_pid_namespace", environment.initial_pid_namespace);
  visit("emulated", environment.emulated);
  visit("strategy", environment.strategy);
  visit("rejected_strategies", environment.rejected);
}

template <typename Visit, Is<Plan> Self>
void fields(Visit& visit, Self& plan) {
  visit("experiment", plan.experiment);
  visit("control", plan.control);
  visit("question", plan.question);
  visit("prediction", plan.prediction);
  visit("control_run", plan.control_run);
  visit("limit", plan.limit);
  visit("swap", plan.swap);
  visit("total", plan.total);
  visit("block", plan.block);
  visit("ramp_ns", plan.ramp);
  visit("poll_ns", plan.poll);
  visit("timeout_ns", plan.timeout);
  visit("keep", plan.keep);
  visit("no_wait", plan.no_wait);
  visit("command", plan.command);
}

template <typename Visit, Is<CgroupRecord> Self>
void fields(Visit& visit, Self& cgroup) {
  visit("name", cgroup.name);
  visit("path", cgroup.path);
}

template <typename Visit, Is<ProcessRecord> Self>
void fields(Visit& visit, Self& process) {
  visit("name", process.name);
  visit("cgroup", process.cgroup);
  visit("command", process.command);
  visit("pid", process.pid);
  visit("joined_by", process.joined_by);
  visit("exit_code", process.exit_code);
  visit("signal", process.signal);
  visit("ended_by_cglab", process.ended_by_cglab);
  visit("oom_kills_at_end", process.oom_kills_at_end);
  visit("touched", process.touched);
  visit("last_touch_ns", process.last_touch_ns);
  visit("output", process.output);
}

template <typename Visit, Is<LimitRecord> Self>
void fields(Visit& visit, Self& limit) {
  visit("cgroup", limit.cgroup);
  visit("file", limit.file);
  visit("asked", limit.asked);
  visit("actual", limit.actual);
  visit("at_end", limit.at_end);
  visit("error", limit.error);
}

template <typename Visit, Is<Reading> Self>
void fields(Visit& visit, Self& reading) {
  visit("mark", reading.mark);
  visit("time_ns", reading.time_ns);
  visit("subject", reading.subject);
  visit("values", reading.values);
}

template <typename Visit, Is<Event> Self>
void fields(Visit& visit, Self& event) {
  visit("time_ns", event.time_ns);
  visit("kind", event.kind);
  visit("subject", event.subject);
  visit("source", event.source);
  visit("detail", event.detail);
}

template <typename Visit, Is<StatSamples> Self>
void fields(Visit& visit, Self& stat) {
  visit("time_ns", stat.time_ns);
  visit("anon", stat.anon);
  visit("file", stat.file);
  visit("shmem", stat.shmem);
  visit("kernel", stat.kernel);
  visit("swap", stat.swap);
  visit("stalled_us", stat.stalled_us);
}

template <typename Visit, Is<Samples> Self>
void fields(Visit& visit, Self& samples) {
  visit("time_ns", samples.time_ns);
  visit("usage", samples.usage);
  visit("touched", samples.touched);
  visit("stat", samples.stat);
}

template <typename Visit, Is<PeakSplit> Self>
void fields(Visit& visit, Self& split) {
  visit("time_ns", split.time_ns);
  visit("usage", split.usage);
  visit("anon", split.anon);
  visit("file", split.file);
  visit("shmem", split.shmem);
  visit("kernel", split.kernel);
}

template <typename Visit, Is<Peak> Self>
void fields(Visit& visit, Self& peak) {
  visit("bytes", peak.bytes);
  visit("source", peak.source);
  visit("split", peak.split);
}

template <typename Visit, Is<cgroupfs::MemoryEvents> Self>
void fields(Visit& visit, Self& events) {
  visit("low", events.low);
  visit("high", events.high);
  visit("max", events.max);
  visit("oom", events.oom);
  visit("oom_kill", events.oom_kill);
  visit("oom_group_kill", events.oom_group_kill);
}

template <typename Visit, Is<Counters> Self>
void fields(Visit& visit, Self& counters) {
  visit("oom_kill", counters.oom_kills);
  visit("events", counters.events);
  visit("local_events", counters.local_events);
  visit("failcnt", counters.failcnt);
  visit("memsw_failcnt", counters.memsw_failcnt);
  visit("swap", counters.swap);
  visit("stalled_ns", counters.stalled);
}

template <typename Visit, Is<Ancestor> Self>
void fields(Visit& visit, Self& ancestor) {
  visit("path", ancestor.path);
  visit("max", ancestor.max);
  visit("hits_before", ancestor.hits_before);
  visit("hits_after", ancestor.hits_after);
  visit("notifications", ancestor.notifications);
}

template <typename Visit, Is<Member> Self>
void fields(Visit& visit, Self& member) {
  visit("pid", member.pid);
  visit("name", member.name);
  visit("start_time", member.start_time);
  visit("first_seen_ns", member.first_seen_ns);
  visit("last_seen_ns", member.last_seen_ns);
  visit("exit_code", member.exit_code);
  visit("signal", member.signal);
  visit("end_source", member.end_source);
  visit("kills_at_end", member.kills_at_end);
  visit("outlived_kills", member.outlived_kills);
  visit("shares_memory", member.shares_memory);
  visit("threads", member.threads);
  visit("left_for", member.left_for);
  visit("moved_in", member.moved_in);
  visit("oom_protected", member.oom_protected);
}

template <typename Visit, Is<Ledger> Self>
void fields(Visit& visit, Self& ledger) {
  visit("processes", ledger.processes);
  visit("most_kills", ledger.most_kills);
  visit("may_have_missed_children", ledger.may_have_missed_children);
  visit("incomplete", ledger.incomplete);
  visit("main_inside", ledger.main_inside);
  visit("cglab_inside", ledger.cglab_inside);
  visit("main_group_kills", ledger.main_group_kills);
}

template <typename Visit, Is<Descendant> Self>
void fields(Visit& visit, Self& descendant) {
  visit("path", descendant.path);
  visit("max", descendant.max);
  visit("hits", descendant.hits);
}

template <typename Visit, Is<Victim> Self>
void fields(Visit& visit, Self& victim) {
  visit("pid", victim.pid);
  visit("name", victim.name);
  visit("constraint", victim.constraint);
  visit("oom_memcg", victim.oom_memcg);
  visit("task_memcg", victim.task_memcg);
  visit("limit", victim.limit);
  visit("anon_rss", victim.anon_rss);
  visit("lines", victim.lines);
}

template <typename Visit, Is<HeldProcess> Self>
void fields(Visit& visit, Self& held) {
  visit("pid", held.pid);
  visit("name", held.name);
  visit("state", held.state);
  visit("reason", held.reason);
  visit("by", held.by);
}

template <typename Visit, Is<SharedFile> Self>
void fields(Visit& visit, Self& file) {
  visit("path", file.path);
  visit("bytes", file.bytes);
  visit("charged", file.charged);
}

template <typename Visit, Is<SharedMemoryLeft> Self>
void fields(Visit& visit, Self& left) {
  visit("bytes", left.bytes);
  visit("files", left.files);
  visit("all_searched", left.all_searched);
}

template <typename Visit, Is<Evidence> Self>
void fields(Visit& visit, Self& evidence) {
  visit("before", evidence.before);
  visit("after", evidence.after);
  visit("notifications", evidence.notifications);
  visit("ancestors", evidence.ancestors);
  visit("all_ancestors_seen", evidence.all_ancestors_seen);
  visit("descendants", evidence.descendants);
  visit("ledger", evidence.ledger);
  visit("victims", evidence.victims);
  visit("unplaced_victims", evidence.unplaced_victims);
  visit("later_victims", evidence.later_victims);
  visit("victims_absent_because", evidence.victims_absent_because);
  visit("kernel_log_complete", evidence.kernel_log_complete);
  visit("interrupted_by", evidence.interrupted_by);
  visit("deadline_passed", evidence.deadline_passed);
  visit("cgroup_removed", evidence.cgroup_removed);
  visit("controller_removed", evidence.controller_removed);
  visit("disabled_oom_killers", evidence.disabled_oom_killers);
  visit("frozen_cgroup", evidence.frozen_cgroup);
  visit("held", evidence.held);
  visit("shared_memory_left", evidence.shared_memory_left);
}

template <typename Visit, Is<Finding> Self>
void fields(Visit& visit, Self& finding) {
  visit("kind", finding.kind);
  visit("fact", finding.fact);
}

template <typename Visit, Is<ClaimRecord> Self>
void fields(Visit& visit, Self& claim) {
  visit("text", claim.text);
  visit("what", claim.what);
  visit("seen", claim.seen);
  visit("expected", claim.expected);
  visit("held", claim.held);
  visit("decided_by_cause", claim.decided_by_cause);
}

template <typename Visit, Is<Verdict> Self>
void fields(Visit& visit, Self& verdict) {
  visit("status", verdict.status);
  visit("reason", verdict.reason);
  visit("oom_kill", verdict.oom_kill);
  visit("limit_owner", verdict.limit_owner);
  visit("limit_owner_path", verdict.limit_owner_path);
  visit("oom_memcg", verdict.oom_memcg);
  visit("proof", verdict.proof);
  visit("findings", verdict.findings);
  visit("claims", verdict.claims);
}

template <typename Visit, Is<Cleanup> Self>
void fields(Visit& visit, Self& cleanup) {
  visit("removed", cleanup.removed);
  visit("left", cleanup.left);
  visit("orphans_removed", cleanup.orphans_removed);
  visit("error", cleanup.error);
}

template <typename Visit, Is<RunRecord> Self>
void fields(Visit& visit, Self& record) {
  visit("tool", record.tool);
  visit("date", record.date);
  visit("environment", record.environment);
  visit("plan", record.plan);
  visit("cgroups", record.cgroups);
  visit("processes", record.processes);
  visit("limits", record.limits);
  visit("readings", record.readings);
  visit("events", record.events);
  visit("samples", record.samples);
  visit("peak", record.peak);
  visit("evidence", record.evidence);
  visit("verdict", record.verdict);
  visit("cleanup", record.cleanup);
}

}  // namespace lab
