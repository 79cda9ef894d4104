// SPDX-License-Identifier: MIT
#include "tests/support/sample_record.h"

#include <signal.h>

#include <chrono>

#include "lab/experiments/experiment.h"

namespace test_support {
namespace {

using cgroupfs::Bytes;
using cgroupfs::Limit;
using cgroupfs::MemoryEvents;
using cgroupfs::Version;
using lab::EventKind;
using lab::RunRecord;

constexpr char v1_mount[] = "/sys/fs/cgroup/memory";
constexpr char v2_mount[] = "/sys/fs/cgroup";
constexpr char cgroup_below_mount[] =
    "/user.slice/cglab.oom.4241-9000-0a1b2c3d";
constexpr char cgroup_name[] = "memorydemo";
constexpr char hog_name[] = "hog";
constexpr Bytes touched{104591360};

MemoryEvents no_events() {
  return {0, 0, 0, 0, 0, 0};
}

lab::Environment environment(Version version) {
  lab::Environment environment;
  environment.kernel = "6.12.43";
  environment.machine = "x86_64";
  environment.cgroup_mode = to_string(version);
  environment.memory_version = version;
  environment.memory_mount = version == Version::v1 ? v1_mount : v2_mount;
  environment.memory_total = Bytes{8 * lab::gibi};
  environment.memory_available = Bytes{6 * lab::gibi};
  environment.swap_total = Bytes{0};
  environment.page_size = Bytes{4096};
  environment.thp = "madvise";
  environment.psi = true;
  environment.cpus = 2;
  environment.root = true;
  environment.initial_pid_namespace = true;
  environment.strategy = "own cgroup";
  return environment;
}

lab::Plan plan(const char* experiment, Version version) {
  lab::Parameters asked;
  asked.limit = sample_limit;
  lab::Plan plan = lab::make_plan(lab::experiment_named(experiment), asked);
  lab::fit(plan, {.version = version});
  return plan;
}

lab::ProcessRecord hog(Version version) {
  lab::ProcessRecord hog;
  hog.name = hog_name;
  hog.cgroup = cgroup_name;
  hog.command = {"malloc_demo", "--quiet"};
  hog.pid = sample_pid;
  hog.joined_by = version == Version::v1 ? "tasks" : "clone3";
  hog.output = "";
  return hog;
}

lab::Victim victim() {
  lab::Victim victim;
  victim.pid = sample_pid;
  victim.name = "malloc_demo";
  victim.constraint = "CONSTRAINT_MEMCG";
  victim.oom_memcg = cgroup_below_mount;
  victim.task_memcg = cgroup_below_mount;
  victim.anon_rss = Bytes{102016 * lab::kibi};
  victim.lines = {"oom-kill:constraint=CONSTRAINT_MEMCG,...",
                  "Memory cgroup out of memory: Killed process 4242 ..."};
  return victim;
}

lab::Member member(pid_t pid, const char* name) {
  lab::Member member;
  member.pid = pid;
  member.name = name;
  return member;
}

/// Common to both versions.
RunRecord run_on(Version version) {
  RunRecord record;
  record.tool.version = "0.1.0";
  record.tool.command_line = {"cglab", "oom", "--limit", "104960000"};
  record.date = "2026-01-31T23:59:59.999Z";
  record.environment = environment(version);
  record.plan = plan("oom", version);
  record.cgroups = {
      {cgroup_name, record.environment.memory_mount + cgroup_below_mount}};
  record.processes = {hog(version)};
  record.samples.time_ns = {0, 1500000000, 3000000000};
  record.samples.usage = {{262144, 52690944, sample_limit.count}};
  record.samples.touched = {0, 52295680, touched.count};
  record.events = {{-2000000, EventKind::cgroup_created, cgroup_name, "mkdir"},
                   {-1500000, EventKind::limit_set, cgroup_name, "limit file"},
                   {-1000000, EventKind::process_started, hog_name, "tasks"},
                   {0, EventKind::gate_opened, hog_name, "pipe"}};
  lab::Evidence& evidence = record.evidence;
  evidence.before.oom_kills = 0;
  evidence.after.oom_kills = 0;
  evidence.before.swap = Bytes{0};
  evidence.after.swap = Bytes{0};
  evidence.ledger.processes = {member(sample_pid, "malloc_demo")};
  evidence.ledger.main_inside = true;
  evidence.kernel_log_complete = true;
  evidence.all_ancestors_seen = true;
  record.cleanup.removed = true;
  return record;
}

void add_kill(RunRecord& record, const char* notifier) {
  lab::ProcessRecord& child = main_process(record);
  child.signal = SIGKILL;
  child.touched = touched;
  child.last_touch_ns = 3000000000;
  record.evidence.after.oom_kills = 1;
  record.evidence.victims = {victim()};
  record.events.push_back(
      {3000200000, EventKind::notification, cgroup_name, notifier});
  record.events.push_back(
      {3012345678, EventKind::kill_seen, cgroup_name, "sample"});
  record.events.push_back(
      {3012400000, EventKind::process_exited, hog_name, "pidfd"});
}

RunRecord run_on_v2() {
  RunRecord record = run_on(Version::v2);
  record.limits = {
      {cgroup_name, "memory.max", "104960000", Limit::of(sample_limit), {}, {}},
      {cgroup_name, "memory.swap.max", "0", Limit::of(Bytes{0}), {}, {}}};
  for (lab::Counters* counters :
       {&record.evidence.before, &record.evidence.after}) {
    counters->events = no_events();
    counters->local_events = no_events();
  }
  record.evidence.ancestors = {
      {"/sys/fs/cgroup/user.slice", Limit::max(), 0, 0}};
  return record;
}

}  // namespace

RunRecord killed_on_v1() {
  RunRecord record = run_on(Version::v1);
  record.limits = {{cgroup_name,
                    "memory.limit_in_bytes",
                    "104960000",
                    Limit::of(sample_limit),
                    {},
                    {}}};
  lab::Evidence& evidence = record.evidence;
  evidence.before.failcnt = 0;
  evidence.after.failcnt = 61;
  evidence.before.swap = std::nullopt;
  evidence.after.swap = std::nullopt;
  evidence.ancestors = {
      {"/sys/fs/cgroup/memory/user.slice", Limit::max(), 7, 7},
      {"/sys/fs/cgroup/memory", Limit::max(), 0, 0}};
  record.peak = lab::Peak{sample_limit, "memory.max_usage_in_bytes"};
  evidence.notifications = 1;
  add_kill(record, "eventfd");
  return record;
}

RunRecord killed_on_v2() {
  RunRecord record = run_on_v2();
  add_kill(record, "poll");
  record.evidence.after.events = {0, 0, 35, 1, 1, 0};
  record.evidence.after.local_events = {0, 0, 35, 1, 1, 0};
  record.peak = lab::Peak{sample_limit, "memory.peak"};
  return record;
}

RunRecord killed_in_course() {
  RunRecord record = killed_on_v2();
  record.plan = plan("course", Version::v2);
  const std::uint64_t block = record.plan.block->count;
  record.cgroups.push_back({"outside", "/sys/fs/cgroup/user.slice/outside"});
  record.samples.usage.push_back({262144, 26345472, 26345472});
  lab::ProcessRecord& child = main_process(record);
  child.cgroup = "outside";
  child.touched = Bytes{touched.count + block};
  record.readings = {{"moved", 750000000, cgroup_name, {{"usage", 0}}},
                     {"moved", 750000000, "outside", {{"usage", 26345472}}},
                     {"moved", 750000000, hog_name, {{"touched", block}}},
                     {"before limit",
                      760000000,
                      cgroup_name,
                      {{"usage", 26443776}, {"limit", std::nullopt}}}};
  record.events.insert(
      record.events.end() - 3,
      {750000000, EventKind::process_moved, hog_name, "cgroup.procs"});
  return record;
}

RunRecord survived_on_v2() {
  RunRecord record = run_on_v2();
  record.plan.total = Bytes{sample_limit.count / 2};
  lab::ProcessRecord& child = main_process(record);
  child.exit_code = 0;
  child.touched = record.plan.total;
  child.last_touch_ns = 1500000000;
  record.peak = lab::Peak{Bytes{52690944}, "memory.peak"};
  record.events.push_back(
      {1510000000, EventKind::process_exited, hog_name, "pidfd"});
  record.evidence.victims_absent_because =
      lab::fact(lab::FactKind::log_has_no_kill);
  return record;
}

RunRecord as_command(RunRecord record,
                     const std::vector<std::string>& command) {
  lab::Parameters asked;
  asked.limit = sample_limit;
  asked.command = command;
  record.plan = lab::make_command_plan(asked);
  record.tool.command_line = {"cglab", "run", "--limit", "104960000", "--"};
  record.tool.command_line.insert(record.tool.command_line.end(),
                                  command.begin(), command.end());
  record.cgroups.front().name = "run";
  for (lab::LimitRecord& limit : record.limits) limit.cgroup = "run";
  lab::ProcessRecord& process = main_process(record);
  process.name = command.front();
  process.cgroup = "run";
  process.command = command;
  process.touched = std::nullopt;
  process.last_touch_ns = std::nullopt;
  process.output = std::nullopt;
  record.samples.touched = std::nullopt;
  for (lab::Event& event : record.events) {
    if (event.subject == hog_name) event.subject = process.name;
    if (event.subject == cgroup_name) event.subject = "run";
  }
  return record;
}

void forget_count(RunRecord& record) {
  record.evidence.after.oom_kills = record.evidence.before.oom_kills;
  std::erase_if(record.events, [](const lab::Event& event) {
    return event.kind == EventKind::kill_seen;
  });
}

lab::Member& add_other(RunRecord& record) {
  return record.evidence.ledger.processes.emplace_back(
      member(sample_pid + 2, "sleep"));
}

void forget_log(RunRecord& record) {
  record.evidence.victims.clear();
  record.evidence.kernel_log_complete = false;
  record.evidence.victims_absent_because = lab::fact(
      lab::FactKind::log_unreadable, "/dev/kmsg: Operation not permitted");
}

}  // namespace test_support
