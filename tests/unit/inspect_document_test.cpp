// SPDX-License-Identifier: MIT
#include "lab/inspect/inspect_document.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lab/inspect/inspect_json.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_stream.h"

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Version;

MemoryLevel memory_level(const std::string& path, Limit limit, Bytes usage) {
  MemoryLevel level;
  level.path = path;
  level.usage = usage;
  level.limits = {{path, File::memory_max, limit, usage}};
  level.hits = level.ooms = level.kills = 0;
  return level;
}

/// A process of a Docker container, below an ancestor that binds.
Inspection sample_inspection() {
  Inspection sample;
  sample.subject = {Subject::Kind::process, "4242", 4242, std::nullopt};
  MemoryState& memory = sample.memory.emplace();
  memory.mount_point = "/sys/fs/cgroup";
  memory.path = "/sys/fs/cgroup/a/b";
  memory.reaches_root = true;
  memory.levels = {
      memory_level("/sys/fs/cgroup/a/b", Limit::max(), Bytes{88 * mebi}),
      memory_level("/sys/fs/cgroup/a", Limit::of(Bytes{100 * mebi}),
                   Bytes{90 * mebi})};
  memory.levels[0].kills = 2;
  memory.levels[1].hits = 53;
  memory.levels[1].ooms = 2;
  memory.kills = 3;
  memory.swap = Bytes{0};
  memory.parts.anon = 80 * mebi;
  memory.parts.file = 4 * mebi;
  memory.parts.shmem = 0;
  PidsLevel pids;
  pids.path = "/sys/fs/cgroup/a";
  pids.current = 12;
  pids.max = 100;
  pids.refused = 3;
  sample.pids = {{pids}, true};
  CpuLevel cpu;
  cpu.path = "/sys/fs/cgroup/a";
  cpu.quota_us = 50000;
  cpu.period_us = 100000;
  cpu.periods = 400;
  cpu.throttled = 12;
  cpu.throttled_time = std::chrono::milliseconds(1200);
  sample.cpu = {{cpu}, true};
  sample.container.names.container = ContainerName{
      Runtime::docker, "3f4c1b7de0a9" + std::string(52, '0'), "/a"};
  sample.container.evidence = ContainerFinding::Evidence::namespaces;
  ProcessState& process = sample.process.emplace();
  process.status.name = "evil\033[31m`name";
  process.status.state = "S (sleeping)";
  process.status.process = process.status.pid = 4242;
  process.status.pids = {4242, 1};
  process.status.uid = process.status.gid = 0;
  process.status.seccomp = 2;
  process.status.seccomp_filters = 1;
  process.status.no_new_privs = true;
  process.status.capabilities = 0xa80425fb;
  process.last_capability = 40;
  process.uid_map = {{0, 100000, 65536}};
  process.root = RootFileSystem{"overlay", "overlay", false, 12};
  sample.namespaces = {{"net", 5, 1}, {"user", 4, 2}};
  NetworkState& network = sample.network.emplace();
  network.interfaces = {{1, "lo", true, true, {{"127.0.0.1", 8}}},
                        {2, "eth0", true, true, {{"10.0.0.5", 16}}},
                        {3, "tap", false, false, {}}};
  network.routes = {{false, "10.0.0.1", 2, std::nullopt}};
  sample.gaps = {
      {Gap::Kind::refused, Message("program", "程序"), "/proc/4242/exe",
       "Permission denied", Text(Message("run as root", "请以 root 身份运行"))},
      {Gap::Kind::absent,
       Message("peak", "峰值"),
       "/sys/fs/cgroup/a/b/memory.peak",
       "appeared in Linux 5.19; this kernel lacks it",
       {}}};
  return sample;
}

std::string text_of(const Inspection& inspection, Language language) {
  const test_support::TempStream stream;
  return render_text(inspect_document(inspection, language),
                     Terminal(stream.get(), ColorChoice::never));
}

TEST(InspectDocument, begins_with_the_answer) {
  const std::string text = text_of(sample_inspection(), Language::en);
  EXPECT_EQ(text.find("MEMORY LIMIT 100 MiB, HEADROOM 10 MiB\n"), 0u) << text;
  for (const char* const part :
       {"memory.max (*) of the ancestor /a\n",
        "2 in its cgroup, 3 with descendants\n",
        "0 at its cgroup's own limit, 2 at ancestors'",
        "0 at its cgroup's own limit, 53 at ancestors'",
        "Docker container 3f4c1b7de0a9 (by the name of its cgroup;"}) {
    EXPECT_TRUE(has(text, part));
  }
}

TEST(InspectDocument, has_all_parts) {
  const std::string text = text_of(sample_inspection(), Language::en);
  for (const char* const part : {
           "  /a/b    88 MiB  max      -         0     0     2\n",
           "  /a      90 MiB  100 MiB  10 MiB *  53    2     0\n",
           "anon 80 MiB, file 4 MiB, shmem 0 B, other 4 MiB\n",
           "12 of 100 in /sys/fs/cgroup/a, headroom 88; 3 forks",
           "0.50 CPUs in /sys/fs/cgroup/a (50000 of 100000 us);",
           "throttled in 12",
           "1 in its own PID namespace (4242 here)\n",
           "uid 0, gid 0; uid 0 inside is uid 100000 here\n",
           "seccomp filters: 1, no_new_privs, capabilities: cap_chown,",
           "and 8 more, in its user",
           "overlay with 12 lower directories\n",
           "5/1, user 4/2\n",
           "Network, in its own namespace\n",
           "  eth0                10.0.0.5/16\n",
           "other interfaces    1\n",
           "via 10.0.0.1, eth0\n",
           "  - program: /proc/4242/exe: Permission denied (run as root)\n",
           "  - peak: appeared in Linux 5.19; this kernel lacks it\n",
       }) {
    EXPECT_TRUE(has(text, part));
  }
}

TEST(InspectDocument, fits_on_one_screen) {
  const std::string text = text_of(sample_inspection(), Language::en);
  EXPECT_LE(std::count(text.begin(), text.end(), '\n'), 45) << text;
}

TEST(InspectDocument, escapes_names_from_outside) {
  const std::string text = text_of(sample_inspection(), Language::en);
  EXPECT_EQ(text.find('\033'), text.npos);
  EXPECT_TRUE(has(text, "evil\\x1b[31m`name"));
}

TEST(InspectDocument, is_in_both_languages) {
  const std::string text = text_of(sample_inspection(), Language::zh);
  EXPECT_EQ(text.find("内存上限 100 MiB，余量 10 MiB\n"), 0u) << text;
  for (const char* const part : {"Docker 容器 3f4c1b7de0a9", "10 MiB *",
                                 "未能读取", "请以 root 身份运行"}) {
    EXPECT_TRUE(has(text, part));
  }
}

TEST(InspectDocument, does_not_claim_what_is_unknown) {
  Inspection unknown;
  const std::string text = text_of(unknown, Language::en);
  EXPECT_EQ(text.find("MEMORY LIMIT UNKNOWN\n"), 0u) << text;
  EXPECT_EQ(text.find("OOM kills"), text.npos);
}

/// Ancestors may be outside the cgroup namespace, or not readable.
TEST(InspectDocument, claims_no_absence_of_limits_that_it_could_not_read) {
  Inspection sample = sample_inspection();
  sample.memory->levels.pop_back();
  sample.pids.levels.front().max = std::nullopt;
  sample.cpu.levels.front().quota_us = std::nullopt;
  const std::string none = text_of(sample, Language::en);
  EXPECT_EQ(none.find("NO MEMORY LIMIT\n"), 0u) << none;
  EXPECT_TRUE(has(none, "neither its cgroup nor an ancestor has one\n"));
  EXPECT_TRUE(has(none, "swap                0 B, no limit\n"));
  EXPECT_TRUE(has(none, "pids and CPU        no limit\n"));

  sample.memory->reaches_root = false;
  sample.cpu.complete = false;
  const std::string hidden = text_of(sample, Language::en);
  EXPECT_EQ(hidden.find("NO VISIBLE MEMORY LIMIT\n"), 0u) << hidden;
  EXPECT_TRUE(has(hidden, "none visible has one, ancestors outside"));
  EXPECT_TRUE(has(hidden, "swap                0 B, no visible limit\n"));
  EXPECT_TRUE(has(hidden, "no limit; 12 in /sys/fs/cgroup/a"));
  EXPECT_TRUE(has(hidden, "CPU limit           no visible limit\n"));

  sample.memory->reaches_root = true;
  sample.memory->all_read = false;
  sample.pids.complete = false;
  const std::string failed = text_of(sample, Language::en);
  EXPECT_EQ(failed.find("NO VISIBLE MEMORY LIMIT\n"), 0u) << failed;
  EXPECT_TRUE(has(failed, "none visible has one, not all could be read"));
  EXPECT_TRUE(has(failed, "pids and CPU        no visible limit\n"));
  sample.memory->levels.clear();
  EXPECT_EQ(text_of(sample, Language::en).find("MEMORY LIMIT UNKNOWN\n"), 0u);
}

/// There the counter of a cgroup is removed with it.
TEST(InspectDocument, counts_kills_on_v1_only_in_existing_cgroups) {
  Inspection sample = sample_inspection();
  sample.memory->version = Version::v1;
  EXPECT_TRUE(has(text_of(sample, Language::en),
                  "2 in its cgroup, 3 with existing descendants\n"));
  sample.memory->levels.front().kills = std::nullopt;
  EXPECT_TRUE(has(text_of(sample, Language::en),
                  "3 in its cgroup and its existing descendants\n"));
  sample.memory->levels.front().kills = sample.memory->kills = 0;
  EXPECT_TRUE(has(text_of(sample, Language::en), "none in existing cgroups\n"));
  sample.memory->version = Version::v2;
  EXPECT_TRUE(has(text_of(sample, Language::en), "  none\n"));
}

TEST(InspectDocument, says_that_only_the_name_is_known) {
  Inspection sample = sample_inspection();
  sample.container.evidence = ContainerFinding::Evidence::name;
  EXPECT_TRUE(has(text_of(sample, Language::en), "only by the name of its"));
}

TEST(InspectJson, is_exact_and_has_nulls) {
  const auto json = nlohmann::json::parse(inspect_json(sample_inspection()));
  EXPECT_EQ(json["schema"], "cglab.inspect/1");
  EXPECT_EQ(json["memory"]["binding"]["headroom"], 10 * mebi);
  EXPECT_EQ(json["memory"]["levels"][0]["limits"][0]["limit"], "max");
  EXPECT_EQ(json["memory"]["peak"], nullptr);
  EXPECT_EQ(json["process"]["name"], "evil\033[31m`name");
  EXPECT_EQ(json["cpu"]["levels"][0]["throttled_ns"], 1200000000);
  EXPECT_EQ(json["gaps"][1]["fix"], nullptr);
}

}  // namespace
}  // namespace lab
