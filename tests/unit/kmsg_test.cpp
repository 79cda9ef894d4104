// SPDX-License-Identifier: MIT
#include "lab/run/kmsg.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace lab {
namespace {

constexpr char group[] = "/cglab.oom.4241-9000-0a1b2c3d";
constexpr pid_t our_pid = 4242;

/// A record of /dev/kmsg with `message`; the number does not matter.
std::string kmsg(std::string_view message, std::string_view prefix = "6") {
  return fmt::format("{},1021,81240311,-;{}\n", prefix, message);
}

std::string constraint_line(std::string_view task_memcg,
                            std::string_view task = "malloc_demo",
                            pid_t pid = our_pid) {
  return kmsg(fmt::format(
      "oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,"
      "mems_allowed=0,oom_memcg={0},task_memcg={0},task={1},pid={2},uid=0",
      task_memcg, task, pid));
}

std::string killed_line(std::string_view name = "malloc_demo",
                        pid_t pid = our_pid) {
  return kmsg(
      fmt::format("Memory cgroup out of memory: Killed process {} ({}) "
                  "total-vm:109132kB, anon-rss:102016kB, file-rss:144kB, "
                  "shmem-rss:0kB, UID:0 pgtables:248kB oom_score_adj:1000",
                  pid, name),
      "3");
}

std::string our_constraint() {
  return constraint_line("/user.slice" + std::string(group));
}

std::vector<Victim> victims_in(std::string_view text, std::string_view name,
                               const std::vector<pid_t>& pids) {
  return find_kills(text, KernelName(std::string(name), /*whole=*/false),
                    {pids, {}})
      .inside;
}

std::optional<Victim> parse(const std::string& text) {
  const auto victims = victims_in(text, group, {our_pid});
  if (victims.empty()) return std::nullopt;
  return victims.front();
}

void expect_our_victim(const std::optional<Victim>& victim) {
  ASSERT_TRUE(victim);
  EXPECT_EQ(victim->pid, our_pid);
  EXPECT_EQ(victim->name, "malloc_demo");
  EXPECT_EQ(victim->constraint, "CONSTRAINT_MEMCG");
  EXPECT_EQ(victim->oom_memcg, "/user.slice" + std::string(group));
  EXPECT_EQ(victim->task_memcg, victim->oom_memcg);
  EXPECT_EQ(victim->anon_rss, Bytes{102016 * kibi});
  ASSERT_EQ(victim->lines.size(), 2u);
  EXPECT_TRUE(victim->lines[0].starts_with("oom-kill:constraint="));
  EXPECT_TRUE(victim->lines[1].starts_with("Memory cgroup out of memory:"));
}

/// Complete reports, as kernels print them.
std::string report_of_5_10() {
  return kmsg(
             "malloc_demo invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), "
             "order=0, oom_score_adj=1000",
             "4") +
         kmsg("CPU: 0 PID: 4242 Comm: malloc_demo Not tainted 5.10.0 #1", "4") +
         kmsg("Call Trace:", "4") + kmsg(" dump_stack+0x6b/0x83", "4") +
         kmsg("memory: usage 102500kB, limit 102500kB, failcnt 61") +
         kmsg("Memory cgroup stats for /user.slice:") +
         kmsg("anon 106168320\\x0afile 0\\x0akernel_stack 16384") +
         kmsg("Tasks state (memory values in pages):") +
         kmsg(
             "[  pid  ]   uid  tgid total_vm      rss pgtables_bytes swapents "
             "oom_score_adj name") +
         kmsg(
             "[   4242]     0  4242    27283    25540   253952        0       "
             "   1000 malloc_demo") +
         our_constraint() + killed_line() +
         kmsg(
             "oom_reaper: reaped process 4242 (malloc_demo), now "
             "anon-rss:0kB, file-rss:144kB, shmem-rss:0kB");
}

/// With the caller in each prefix (CONFIG_PRINTK_CALLER) and, as from drivers,
/// continuation lines.
std::string report_of_6_18() {
  return "6,335,1200,-,caller=T1;usb 1-1: new device\n SUBSYSTEM=usb\n "
         "DEVICE=+usb:1-1;Killed process 4242 (x) total-vm:1kB\n"
         "6,1205,4467,-,caller=T4242;Tasks in " +
         std::string(group) +
         " are limited\n"
         "6,1206,4467,-,caller=T4242;oom-kill:constraint=CONSTRAINT_MEMCG,"
         "nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/user.slice" +
         group + ",task_memcg=/user.slice" + group +
         ",task=malloc_demo,pid=4242,uid=1000\n"
         "3,1207,4467,-,caller=T4242;Memory cgroup out of memory: Killed "
         "process 4242 (malloc_demo) total-vm:109132kB, anon-rss:102016kB, "
         "file-rss:776kB, shmem-rss:0kB, UID:1000 pgtables:76kB "
         "oom_score_adj:1000\n";
}

TEST(ParseVictim, reads_whole_reports) {
  expect_our_victim(parse(report_of_5_10()));
  expect_our_victim(parse(report_of_6_18()));
}

TEST(ParseVictim, finds_none_in_text_without_a_kill) {
  for (const std::string& text :
       {std::string(), std::string("\n"), std::string("garbage"),
        kmsg("eth0: link up"), our_constraint(), kmsg("Killed"),
        std::string("Killed process 4242 (malloc_demo) total-vm:1kB\n"),
        std::string(" A=Killed process 4242 (x);Killed process 4242 (x)\n"),
        std::string(64, ';'), std::string("\0;\0", 3)}) {
    EXPECT_EQ(parse(text).has_value(), false) << text;
  }
}

/// A program that writes to /dev/kmsg gets another facility.
TEST(ParseVictim, counts_only_records_of_the_kernel) {
  for (const std::string_view prefix : {"12", "8", "14", "x", "", "-3"}) {
    const std::string forged = kmsg(
        "Memory cgroup out of memory: Killed process 4242 (malloc_demo) "
        "total-vm:1kB, anon-rss:1kB",
        prefix);
    EXPECT_FALSE(parse(forged)) << prefix;
    // Nor does it use up the constraint of a real one.
    const auto victim = parse(our_constraint() + forged + killed_line());
    expect_our_victim(victim);
  }
  for (const std::string_view prefix : {"0", "3", "7"}) {
    EXPECT_TRUE(
        parse(kmsg("Out of memory: Killed process 4242 (x) "
                   "total-vm:1kB, anon-rss:1kB",
                   prefix)))
        << prefix;
  }
}

/// The kernel quotes users: `mount -t tmpfs -o TEXT` logs TEXT.
TEST(ParseVictim, uses_only_the_beginning_of_a_record) {
  for (const std::string_view text :
       {"tmpfs: Unknown parameter 'Memory cgroup out of memory: Killed process "
        "4242 (malloc_demo) total-vm:1kB'",
        "x oom-kill:constraint=CONSTRAINT_MEMCG,pid=4242,uid=0",
        "Killed process 4242 (malloc_demo) total-vm:1kB, anon-rss:1kB",
        " Out of memory: Killed process 4242 (malloc_demo) total-vm:1kB"}) {
    EXPECT_FALSE(parse(kmsg(text))) << text;
  }
  const auto victim = parse(
      kmsg("tmpfs: Unknown parameter 'oom-kill:constraint=X,pid=4242,uid=0'") +
      killed_line());
  ASSERT_TRUE(victim);
  EXPECT_EQ(victim->constraint, std::nullopt);
}

TEST(ParseVictim, has_the_limit_of_the_cgroup_that_was_hit) {
  const auto victim = parse(report_of_5_10());
  ASSERT_TRUE(victim);
  EXPECT_EQ(victim->limit, Bytes{104960000});
  EXPECT_EQ(parse(report_of_6_18())->limit, std::nullopt);
  // Not that of a previous report.
  const auto later =
      parse(kmsg("memory: usage 2048kB, limit 2048kB, failcnt 3") +
            constraint_line("/other", "hog", 99) + killed_line("hog", 99) +
            our_constraint() + killed_line());
  ASSERT_TRUE(later);
  EXPECT_EQ(later->limit, std::nullopt);
}

TEST(ParseVictim, counts_descendants_as_inside) {
  const std::string own = "/user.slice" + std::string(group);
  for (const std::string& path : {own + "/a", own + "/a/b"}) {
    const auto victim =
        parse(constraint_line(path, "hog", 77) + killed_line("hog", 77));
    ASSERT_TRUE(victim) << path;
    EXPECT_EQ(victim->pid, 77);
  }
  for (const std::string& path : {own + "x", own + "x/a", std::string("/a")}) {
    EXPECT_FALSE(
        parse(constraint_line(path, "hog", 77) + killed_line("hog", 77)))
        << path;
  }
}

/// In another PID namespace the pids in the log are not those of this process.
TEST(ParseVictim, recognises_none_by_a_pid_that_is_not_given) {
  EXPECT_TRUE(victims_in(killed_line(), group, {}).empty());
  EXPECT_EQ(victims_in(report_of_5_10(), group, {}).size(), 1u);
}

TEST(ParseVictim, recognises_its_pid_when_the_constraint_was_rate_limited) {
  const auto victim = parse(killed_line());
  ASSERT_TRUE(victim);
  EXPECT_EQ(victim->pid, our_pid);
  EXPECT_EQ(victim->name, "malloc_demo");
  EXPECT_EQ(victim->anon_rss, Bytes{102016 * kibi});
  EXPECT_EQ(victim->constraint, std::nullopt);
  EXPECT_EQ(victim->oom_memcg, std::nullopt);
  EXPECT_EQ(victim->lines.size(), 1u);
  EXPECT_FALSE(parse(killed_line("malloc_demo", 4243)));
}

TEST(ParseVictim, ignores_the_kills_of_other_cgroups) {
  const std::string other =
      constraint_line("/user.slice/cglab.oom.1-2-0a1b2c3d", "hog", 99) +
      killed_line("hog", 99);
  EXPECT_FALSE(parse(other));
  expect_our_victim(parse(other + report_of_5_10() + other));
  expect_our_victim(parse(killed_line("hog", 99) + report_of_5_10()));
}

TEST(ParseVictim, uses_the_group_where_pids_are_of_another_namespace) {
  const auto victim = parse(constraint_line(group, "malloc_demo", 70001) +
                            killed_line("malloc_demo", 70001));
  ASSERT_TRUE(victim);
  EXPECT_EQ(victim->pid, 70001);
  // The child itself, which has left.
  EXPECT_TRUE(parse(constraint_line("/docker/3f4c1b7d") + killed_line()));
  EXPECT_TRUE(
      victims_in(constraint_line("/docker/3f4c1b7d") + killed_line(), group, {})
          .empty());
}

TEST(ParseVictim, gives_no_victim_the_constraint_of_another) {
  // A victim that was already exiting is announced, but not killed.
  const auto victim =
      parse(constraint_line("/other", "hog", 99) +
            kmsg("Memory cgroup out of memory: OOM victim 99 (hog) is already "
                 "exiting. Skip killing the task") +
            killed_line());
  ASSERT_TRUE(victim);
  EXPECT_EQ(victim->pid, our_pid);
  EXPECT_EQ(victim->constraint, std::nullopt);
  EXPECT_EQ(victim->lines.size(), 1u);
}

TEST(ParseVictim, finds_each_of_a_group_that_is_killed_together) {
  const std::string text =
      constraint_line("/user.slice" + std::string(group), "leader", 4000) +
      killed_line("leader", 4000) +
      kmsg(
          "Tasks in /user.slice are going to be killed due to "
          "memory.oom.group set") +
      killed_line();
  const auto first = parse(text);
  ASSERT_TRUE(first);
  EXPECT_EQ(first->name, "leader");
}

TEST(ParseVictim, says_whose_limit_was_hit) {
  const auto victim = parse(
      kmsg(fmt::format("oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),"
                       "cpuset=/,mems_allowed=0,oom_memcg=/user.slice,"
                       "task_memcg=/user.slice{},task=malloc_demo,pid=4242,"
                       "uid=0",
                       group)) +
      killed_line());
  ASSERT_TRUE(victim);
  EXPECT_EQ(victim->oom_memcg, "/user.slice");
  EXPECT_EQ(victim->task_memcg, "/user.slice" + std::string(group));
}

TEST(ParseVictim, reads_a_kill_of_the_whole_host) {
  const auto victim = parse(
      kmsg(fmt::format("oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),"
                       "cpuset=/,mems_allowed=0,global_oom,task_memcg={},"
                       "task=malloc_demo,pid=4242,uid=0",
                       group)) +
      kmsg("Out of memory: Killed process 4242 (malloc_demo) "
           "total-vm:109132kB, anon-rss:102016kB, file-rss:144kB, "
           "shmem-rss:0kB, UID:0 pgtables:248kB oom_score_adj:1000",
           "3"));
  ASSERT_TRUE(victim);
  EXPECT_EQ(victim->constraint, "CONSTRAINT_NONE");
  EXPECT_EQ(victim->oom_memcg, std::nullopt);
  EXPECT_EQ(victim->task_memcg, group);
}

TEST(ParseVictim, reads_any_name) {
  for (std::string_view name :
       {"a b", "(sd-pam)", "x) total-vm:9kB", "anon-rss:9kB", "a,pid=7,uid=0",
        ")", "((", "", "Killed process ", "\\xc3\\xa9", "a;b"}) {
    const auto victim = parse(constraint_line(group, name) + killed_line(name));
    ASSERT_TRUE(victim) << name;
    EXPECT_EQ(victim->name, name);
    EXPECT_EQ(victim->pid, our_pid) << name;
    EXPECT_EQ(victim->anon_rss, Bytes{102016 * kibi}) << name;
    EXPECT_EQ(victim->task_memcg, group) << name;
  }
}

TEST(ParseVictim, reads_a_cgroup_path_with_commas_and_spaces) {
  const std::string path = "/my slice,v2,pid=5" + std::string(group);
  const auto victim = parse(constraint_line(path) + killed_line());
  ASSERT_TRUE(victim);
  EXPECT_EQ(victim->oom_memcg, path);
  EXPECT_EQ(victim->task_memcg, path);
}

/// Any user who may create a cgroup chooses its name.
TEST(ParseVictim, does_not_confuse_a_name_with_a_key) {
  const std::string own = "/user.slice" + std::string(group);
  for (const std::string& path :
       {"/x" + own + ",task_memcg=" + own + ",task=x",
        "/x,oom_memcg=" + own + ",task_memcg=" + own, "/x,task=" + own}) {
    const auto victims = victims_in(
        constraint_line(path, "hog", 77) + killed_line("hog", 77), group, {});
    EXPECT_TRUE(victims.empty()) << path;
  }
  // The child is still known by its pid.
  const auto victim = parse(constraint_line(own, "a,task=b") + killed_line());
  ASSERT_TRUE(victim);
  EXPECT_EQ(victim->task_memcg, std::nullopt);
}

TEST(ParseVictim, leaves_truncated_values_absent) {
  const auto victim =
      parse(kmsg("Memory cgroup out of memory: Killed process 4242"));
  ASSERT_TRUE(victim);
  EXPECT_EQ(victim->name, "");
  EXPECT_EQ(victim->anon_rss, std::nullopt);
  for (std::string_view cut :
       {"oom-kill:constraint=", "oom-kill:constraint=CONSTRAINT_MEMCG",
        "oom-kill:constraint=X,oom_memcg=,task_memcg=,task=,pid=,uid=",
        "oom-kill:constraint=X,pid=99999999999999999999,uid=0"}) {
    const auto bare = parse(kmsg(cut) + killed_line());
    ASSERT_TRUE(bare) << cut;
    EXPECT_EQ(bare->oom_memcg, std::nullopt) << cut;
  }
}

/// The kernel begins a new record after about 1000 bytes.
TEST(ParseVictim, joins_a_report_that_continues_in_other_records) {
  const std::string path = "/" + std::string(900, 'a') + std::string(group);
  const std::string whole = constraint_line(path);
  const std::size_t begin = whole.find(';') + 1;
  const std::string text = whole.substr(begin, whole.size() - begin - 1);
  std::string records = kmsg(text.substr(0, 900));
  // Another record may come between.
  records += kmsg("usb 1-1: new device");
  for (std::size_t at = 900; at < text.size(); at += 500) {
    records += fmt::format("6,1021,81240311,c;{}\n", text.substr(at, 500));
  }
  const auto victim = parse(records + killed_line());
  ASSERT_TRUE(victim);
  EXPECT_EQ(victim->oom_memcg, path);
  EXPECT_EQ(victim->task_memcg, path);
  EXPECT_EQ(victim->lines.front(), text);
}

TEST(ParseVictim, ignores_a_continuation_without_a_start) {
  const std::string line = killed_line();
  EXPECT_FALSE(parse("3,1021,81240311,c" + line.substr(line.find(';'))));
}

/// The lost records may have contained the end of the first report.
TEST(ParseVictim, does_not_join_across_lost_records) {
  const std::string own = "/user.slice" + std::string(group);
  const auto victim = parse(constraint_line(own) + "lost\n" + killed_line());
  ASSERT_TRUE(victim);
  EXPECT_EQ(victim->constraint, std::nullopt);
}

/// Where the leader has exited, the second line has a thread's id.
TEST(ParseVictim, has_the_pid_of_the_process_where_its_leader_has_exited) {
  const auto victim =
      parse(our_constraint() + killed_line("malloc_demo", our_pid + 1));
  expect_our_victim(victim);
}

/// Messages of a netfilter rule begin with a prefix chosen by the user.
TEST(ParseVictim, ignores_netfilter_messages) {
  std::string line = killed_line();
  line.insert(line.size() - 1, "IN=lo OUT= MAC=00 SRC=127.0.0.1");
  EXPECT_FALSE(parse(line));
  std::string constraint = our_constraint();
  constraint.insert(constraint.size() - 1, "IN=lo OUT=");
  const auto victim = parse(constraint + killed_line());
  ASSERT_TRUE(victim);
  EXPECT_EQ(victim->oom_memcg, std::nullopt);
}

/// A record some seconds later.
std::string later(std::string line) {
  return line.replace(line.find("81240311"), 8, "86240311");
}

TEST(ParseVictim, ends_a_group_after_a_while) {
  const std::string service = "/system.slice/a.service";
  const std::string text =
      constraint_line(service, "leader", 4000) + killed_line("leader", 4000) +
      kmsg("Tasks in " + service +
           " are going to be killed due to memory.oom.group set") +
      killed_line("leader", 4000) + killed_line("other", 4001) +
      later(killed_line());
  const auto victim = parse(text);
  ASSERT_TRUE(victim);
  EXPECT_EQ(victim->task_memcg, std::nullopt);
}

/// Seen inside, and killed after it had moved elsewhere.
TEST(FindKills, ignores_processes_killed_elsewhere) {
  const std::string text =
      constraint_line("/other", "hog", 77) + killed_line("hog", 77);
  const KernelName name(std::string(group), false);
  EXPECT_TRUE(find_kills(text, name, {{}, {77}}).inside.empty());
  EXPECT_EQ(find_kills(killed_line("hog", 77), name, {{}, {77}}).inside.size(),
            1u);
  EXPECT_EQ(find_kills(text, name, {{77}, {}}).inside.size(), 1u);
}

/// A process with the pid of the main one, which was reaped.
TEST(FindKills, forgets_a_pid_after_its_process_was_reaped) {
  const std::string text = constraint_line("/other") + killed_line();
  const KernelName name(std::string(group), false);
  const FoundKills kills = find_kills(text, name, {{our_pid}, {}}, 0);
  EXPECT_TRUE(kills.inside.empty());
  EXPECT_EQ(kills.later, std::vector<pid_t>{our_pid});
  EXPECT_TRUE(
      find_kills(text, name, {{our_pid}, {}}, text.size()).later.empty());
}

/// Names of systemd contain backslashes.
TEST(FindKills, compares_names_as_the_log_writes_them) {
  const std::string text = constraint_line("/a\\x5cx2db.scope/run", "hog", 77) +
                           killed_line("hog", 77);
  EXPECT_EQ(find_kills(text, KernelName("/a\\x2db.scope/run", true), {})
                .inside.size(),
            1u);
}

TEST(FindKills, keeps_those_whose_cgroup_was_not_logged) {
  const std::string text = killed_line("hog", 77) +
                           constraint_line("/other", "far", 78) +
                           killed_line("far", 78) + killed_line();
  const FoundKills kills =
      find_kills(text, KernelName(std::string(group), false), {{our_pid}, {}});
  ASSERT_EQ(kills.inside.size(), 1u);
  ASSERT_EQ(kills.unplaced.size(), 1u);
  EXPECT_EQ(kills.unplaced.front().pid, 77);
}

TEST(ParseVictim, survives_damaged_text) {
  std::mt19937 engine;
  const auto below = [&](std::size_t end) { return engine() % end; };
  const std::string sound = report_of_5_10() + report_of_6_18();
  constexpr std::string_view marks[] = {"\n", ";", ",", "(", ")", "pid=", "9"};
  unsigned found = 0;
  constexpr unsigned rounds = 3000;
  for (unsigned round = 0; round < rounds; ++round) {
    std::string text = sound;
    for (std::size_t left = 1 + below(40); left > 0; --left) {
      const std::size_t place = below(text.size());
      if (below(2) == 0) {
        text.erase(place, below(200));
      } else {
        text.insert(place, marks[below(std::size(marks))]);
      }
      if (text.empty()) text.push_back('x');
    }
    const auto victim = parse(text);
    if (!victim) continue;
    ++found;
    const bool ours =
        victim->pid == our_pid ||
        (victim->task_memcg && victim->task_memcg->ends_with(group));
    EXPECT_TRUE(ours) << text;
  }
  EXPECT_GT(found, rounds / 20) << "the damage leaves nothing to find";
  EXPECT_LT(found, rounds) << "the damage has no effect";
}

TEST(VictimReader, returns_all_victims_in_order) {
  const std::string text = constraint_line("/a", "one", 1) +
                           killed_line("one", 1) + kmsg("eth0: link up") +
                           constraint_line("/b", "two", 2) +
                           killed_line("two", 2) + killed_line("three", 3);
  const auto victims = VictimReader().read(text);
  ASSERT_EQ(victims.size(), 3u);
  EXPECT_EQ(victims[0].task_memcg, "/a");
  EXPECT_EQ(victims[0].name, "one");
  EXPECT_EQ(victims[1].task_memcg, "/b");
  EXPECT_EQ(victims[1].pid, 2);
  EXPECT_EQ(victims[2].task_memcg, std::nullopt);
  EXPECT_EQ(victims[2].pid, 3);
}

TEST(VictimReader, joins_a_report_that_arrives_in_pieces) {
  VictimReader reader;
  EXPECT_TRUE(reader.read(our_constraint()).empty());
  EXPECT_TRUE(reader.read("").empty());
  const auto victims = reader.read(killed_line() + killed_line("late", 5));
  ASSERT_EQ(victims.size(), 2u);
  expect_our_victim(victims[0]);
  EXPECT_EQ(victims[1].constraint, std::nullopt);
  EXPECT_TRUE(reader.read("").empty());
}

/// As Linux 6.1 logs it: the first victim comes again with its group.
TEST(VictimReader, returns_each_of_a_group_that_is_killed_together_once) {
  const std::string text =
      constraint_line("/a/group/leaf", "leader", 1) + killed_line("leader", 1) +
      kmsg(
          "Tasks in /a/group are going to be killed due to memory.oom.group "
          "set") +
      killed_line("leader", 1) + killed_line("second", 2) +
      killed_line("third", 3);
  const auto victims = VictimReader().read(text);
  ASSERT_EQ(victims.size(), 3u);
  EXPECT_EQ(victims[0].task_memcg, "/a/group/leaf");
  for (const std::size_t at : {1u, 2u}) {
    EXPECT_EQ(victims[at].task_memcg, "/a/group");
    EXPECT_EQ(victims[at].oom_memcg, "/a/group/leaf");
    EXPECT_EQ(victims[at].constraint, std::nullopt);
  }
  EXPECT_EQ(victims[2].name, "third");
}

TEST(VictimReader, ends_a_group_with_the_next_report) {
  VictimReader reader;
  reader.read(constraint_line("/a", "leader", 1) + killed_line("leader", 1) +
              kmsg("Tasks in /a are going to be killed due to "
                   "memory.oom.group set"));
  const auto victims =
      reader.read(constraint_line("/b", "other", 2) + killed_line("other", 2) +
                  killed_line("unknown", 3));
  ASSERT_EQ(victims.size(), 2u);
  EXPECT_EQ(victims[0].task_memcg, "/b");
  EXPECT_EQ(victims[1].task_memcg, std::nullopt);
}

TEST(KernelLog, says_why_it_cannot_be_read) {
  KernelLog log;
  EXPECT_EQ(log.absent_because().empty(), log.readable());
  if (!log.readable()) {
    EXPECT_TRUE(log.absent_because().starts_with("/dev/kmsg: "));
    log.collect();
    EXPECT_EQ(log.text(), "");
  }
}

}  // namespace
}  // namespace lab
