// SPDX-License-Identifier: MIT
#include "tests/support/sample_record.h"

#include <signal.h>

#include <chrono>

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
constexpr char group_below_mount[] = "/user.slice/cglab.oom.4241-9000-0a1b2c3d";
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
  return environment;
}

lab::Plan plan() {
  lab::Parameters asked;
  asked.limit = sample_limit;
  return lab::make_plan("oom", asked);
}

lab::ChildRecord killed_child() {
  lab::ChildRecord child;
  child.pid = sample_pid;
  child.joined_by = "tasks";
  child.signal = SIGKILL;
  child.touched = touched;
  child.last_touch_ns = 3000000000;
  return child;
}

lab::Victim victim() {
  lab::Victim victim;
  victim.pid = sample_pid;
  victim.name = "malloc_demo";
  victim.constraint = "CONSTRAINT_MEMCG";
  victim.oom_memcg = group_below_mount;
  victim.task_memcg = group_below_mount;
  victim.anon_rss = Bytes{102016 * lab::kibi};
  victim.lines = {"oom-kill:constraint=CONSTRAINT_MEMCG,...",
                  "Memory cgroup out of memory: Killed process 4242 ..."};
  return victim;
}

/// What both versions have in common.
RunRecord run_on(Version version) {
  RunRecord record;
  record.environment = environment(version);
  record.plan = plan();
  record.group = record.environment.memory_mount + group_below_mount;
  record.strategy = "own cgroup";
  record.samples = {{0, 1500000000, 3000000000},
                    {262144, 52690944, sample_limit.count},
                    {0, 52295680, touched.count}};
  record.events = {{-2000000, EventKind::group_created, "mkdir"},
                   {-1500000, EventKind::limit_set, "limit file"},
                   {-1000000, EventKind::child_started, "tasks"},
                   {0, EventKind::gate_opened, "pipe"}};
  record.before.oom_kills = 0;
  record.after.oom_kills = 0;
  record.before.swap = Bytes{0};
  record.after.swap = Bytes{0};
  record.membership = lab::Membership{false, false, true, std::nullopt};
  record.kernel_log_complete = true;
  record.all_ancestors_seen = true;
  record.cleanup.removed = true;
  return record;
}

void add_kill(RunRecord& record, const char* notifier) {
  record.after.oom_kills = 1;
  record.child = killed_child();
  record.victim = victim();
  record.events.push_back({3000200000, EventKind::notification, notifier});
  record.events.push_back({3012345678, EventKind::kill_seen, "sample"});
  record.events.push_back({3012400000, EventKind::child_exited, "pidfd"});
}

RunRecord run_on_v2() {
  RunRecord record = run_on(Version::v2);
  record.limits = {
      {"memory.max", "104960000", Limit::of(sample_limit), std::nullopt},
      {"memory.swap.max", "0", Limit::of(Bytes{0}), std::nullopt}};
  for (lab::Counters* counters : {&record.before, &record.after}) {
    counters->events = no_events();
    counters->local_events = no_events();
  }
  record.ancestors = {{"/sys/fs/cgroup/user.slice", Limit::max(), 0, 0}};
  return record;
}

}  // namespace

RunRecord killed_on_v1() {
  RunRecord record = run_on(Version::v1);
  record.limits = {{"memory.limit_in_bytes", "104960000",
                    Limit::of(sample_limit), std::nullopt}};
  record.before.failcnt = 0;
  record.after.failcnt = 61;
  record.before.swap = std::nullopt;
  record.after.swap = std::nullopt;
  record.ancestors = {{"/sys/fs/cgroup/memory/user.slice", Limit::max(), 7, 7},
                      {"/sys/fs/cgroup/memory", Limit::max(), 0, 0}};
  record.peak = lab::Peak{sample_limit, "memory.max_usage_in_bytes"};
  add_kill(record, "eventfd");
  return record;
}

RunRecord killed_on_v2() {
  RunRecord record = run_on_v2();
  add_kill(record, "poll");
  record.child.joined_by = "clone3";
  record.after.events = {0, 0, 35, 1, 1, 0};
  record.after.local_events = {0, 0, 35, 1, 1, 0};
  record.peak = lab::Peak{sample_limit, "memory.peak"};
  return record;
}

RunRecord killed_in_course() {
  RunRecord record = killed_on_v2();
  record.plan.order = lab::Order::course;
  record.plan.block = Bytes{26238976};
  record.course = lab::CourseRecord{Bytes{26238976}, Bytes{0}, Bytes{26345472},
                                    Bytes{26443776}, Limit::max()};
  record.child.touched = Bytes{touched.count + 26238976};
  record.events.insert(record.events.end() - 3,
                       {750000000, EventKind::child_moved, "cgroup.procs"});
  return record;
}

RunRecord survived_on_v2() {
  RunRecord record = run_on_v2();
  record.plan.total = Bytes{sample_limit.count / 2};
  record.child.pid = sample_pid;
  record.child.joined_by = "clone3";
  record.child.exit_code = 0;
  record.child.touched = record.plan.total;
  record.child.last_touch_ns = 1500000000;
  record.peak = lab::Peak{Bytes{52690944}, "memory.peak"};
  record.events.push_back({1510000000, EventKind::child_exited, "pidfd"});
  record.victim_absent_because = "/dev/kmsg has no record of a kill here";
  return record;
}

void forget_count(RunRecord& record) {
  record.after.oom_kills = record.before.oom_kills;
  std::erase_if(record.events, [](const lab::Event& event) {
    return event.kind == EventKind::kill_seen;
  });
}

void forget_log(RunRecord& record) {
  record.victim.reset();
  record.other_victims.clear();
  record.kernel_log_complete = false;
  record.victim_absent_because = "/dev/kmsg: Operation not permitted";
}

}  // namespace test_support
