// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "lab/watch/watch_json.h"
#include "lab/watch/watch_lines.h"
#include "lab/watch/watch_text.h"
#include "tests/support/error_text.h"

namespace lab {
namespace {

using cgroupfs::File;

using cgroupfs::Version;
using nlohmann::json;
using std::chrono::milliseconds;

constexpr Message no_log("no log", "没有日志");
constexpr WatchStyle english;
constexpr WatchStyle chinese{Language::zh};
constexpr char own[] = "/sys/fs/cgroup/a/b";

Moment moment() {
  return {std::chrono::system_clock::time_point(milliseconds(1700000000042)),
          milliseconds(2500)};
}

WatchSample bare_sample() {
  WatchSample sample;
  sample.moment = moment();
  sample.usage = Bytes{12 * mebi};
  return sample;
}

WatchSample full_sample() {
  WatchSample sample = bare_sample();
  sample.limits.hard = Limit::of(Bytes{64 * mebi});
  sample.limits.swap = Limit::max();
  sample.binding =
      BindingLimit{"/sys/fs/cgroup/a", File::memory_max, Bytes{32 * mebi},
                   Bytes{30 * mebi}, Bytes{2 * mebi}};
  sample.swap = Bytes{mebi};
  sample.peak = Bytes{20 * mebi};
  sample.rate = -1.5 * mebi;
  sample.counters.oom_kills = 4;
  sample.growth.events.emplace();
  sample.growth.events->max = 3;
  sample.growth.events->oom_kill = 1;
  sample.pressure.emplace();
  sample.pressure->some.avg10 = 12.5;
  sample.processes = 2;
  return sample;
}

WatchedKill kill_of(pid_t pid) {
  Victim victim;
  victim.pid = pid;
  victim.name = "hog";
  victim.oom_memcg = "/a";
  return {1, victim, std::nullopt};
}

/// The line contains exactly one object.
json parsed(const std::string& line) {
  EXPECT_EQ(line.find('\n'), line.size() - 1) << line;
  return json::parse(line);
}

TEST(UtcTime, is_iso_8601_with_milliseconds) {
  EXPECT_EQ(utc_time(moment().wall), "2023-11-14T22:13:20.042Z");
  EXPECT_EQ(utc_time({}), "1970-01-01T00:00:00.000Z");
}

TEST(WatchJson, has_null_for_unknown_values) {
  const json line = parsed(watch_line(bare_sample(), Version::v1));
  EXPECT_EQ(line["schema"], "cglab.watch/1");
  EXPECT_EQ(line["kind"], "sample");
  EXPECT_EQ(line["time"], "2023-11-14T22:13:20.042Z");
  EXPECT_EQ(line["elapsed_ns"], 2500000000);
  EXPECT_EQ(line["usage"], 12 * mebi);
  for (const char* const key :
       {"limit", "high", "binding", "binding_high", "swap", "swap_limit",
        "memsw_limit", "peak", "bytes_per_second", "under_oom", "pressure",
        "processes"}) {
    EXPECT_TRUE(line.at(key).is_null()) << key;
  }
  EXPECT_TRUE(line["counters"].at("oom_kill").is_null());
}

TEST(WatchJson, has_known_values) {
  const json line = parsed(watch_line(full_sample(), Version::v2));
  EXPECT_EQ(line["limit"], 64 * mebi);
  EXPECT_EQ(line["swap_limit"], "max");
  EXPECT_EQ(line["binding"]["path"], "/sys/fs/cgroup/a");
  EXPECT_EQ(line["binding"]["file"], "memory.max");
  EXPECT_EQ(line["binding"]["headroom"], 2 * mebi);
  EXPECT_EQ(line["bytes_per_second"], -1572864);
  EXPECT_EQ(line["counters"]["oom_kill"], 4);
  EXPECT_EQ(line["growth"]["events"]["max"], 3);
  EXPECT_TRUE(line["growth"]["events"]["low"].is_null());
  EXPECT_EQ(line["pressure"]["some"]["avg10"], 12.5);
  EXPECT_TRUE(line["pressure"]["full"].is_null());
  EXPECT_EQ(line["processes"], 2);
}

TEST(WatchJson, has_events) {
  const json kill = parsed(watch_line(moment(), kill_of(42)));
  EXPECT_EQ(kill["kind"], "oom_kill");
  EXPECT_EQ(kill["victim"]["pid"], 42);
  EXPECT_TRUE(kill["victim_absent_because"].is_null());
  const json unknown =
      parsed(watch_line(moment(), WatchedKill{3, std::nullopt, no_log}));
  EXPECT_EQ(unknown["count"], 3);
  EXPECT_TRUE(unknown["victim"].is_null());
  EXPECT_EQ(unknown["victim_absent_because"], "no log");
  const LimitChange change{own, File::memory_max, Limit::max(),
                           Limit::of(Bytes{mebi})};
  const json changed = parsed(watch_line(moment(), change, Version::v1));
  EXPECT_EQ(changed["file"], "memory.limit_in_bytes");
  EXPECT_EQ(changed["from"], "max");
  EXPECT_EQ(changed["to"], mebi);
}

TEST(WatchJson, says_whether_the_process_moved_or_ended) {
  ProcessChange change{ProcessChange::Kind::moved, 42, own, "/sys/fs/cgroup/c",
                       false};
  const json moved = parsed(watch_line(moment(), change));
  EXPECT_EQ(moved["kind"], "process_moved");
  EXPECT_EQ(moved["pid"], 42);
  EXPECT_EQ(moved["from"], own);
  EXPECT_EQ(moved["to"], "/sys/fs/cgroup/c");
  EXPECT_EQ(moved["inside"], false);
  change.kind = ProcessChange::Kind::ended;
  const json ended = parsed(watch_line(moment(), change));
  EXPECT_EQ(ended["kind"], "process_ended");
  EXPECT_EQ(ended["from"], own);
  EXPECT_TRUE(ended.at("to").is_null());
  EXPECT_TRUE(ended.at("inside").is_null());
  change.kind = ProcessChange::Kind::hidden;
  EXPECT_EQ(parsed(watch_line(moment(), change))["kind"], "process_hidden");
}

TEST(WatchJson, says_how_the_cgroup_was_renamed) {
  const json renamed =
      parsed(watch_line(moment(), GroupRename{own, "/sys/fs/cgroup/a/c"}));
  EXPECT_EQ(renamed["kind"], "renamed");
  EXPECT_EQ(renamed["from"], own);
  EXPECT_EQ(renamed["to"], "/sys/fs/cgroup/a/c");
}

TEST(WatchJson, says_what_cannot_be_seen) {
  WatchStart start;
  EXPECT_TRUE(parsed(watch_line(start)).at("kills_missed_because").is_null());
  start.kills_missed_because = no_log;
  EXPECT_EQ(parsed(watch_line(start))["kills_missed_because"], "no log");
}

TEST(WatchJson, replaces_bytes_that_are_not_utf8) {
  WatchedKill kill = kill_of(1);
  kill.victim->name = "\xff\n";
  const json line = parsed(watch_line(moment(), kill));
  EXPECT_EQ(line["victim"]["name"], "\xef\xbf\xbd\n");
}

TEST(WatchLines, are_aligned_with_their_heading) {
  const std::string heading = watch_heading(Language::en);
  const std::string full = watch_row(full_sample(), own, english);
  const std::string bare = watch_row(bare_sample(), own, english);
  const std::size_t last = heading.find("BINDING");
  EXPECT_EQ(full.find("limit of /sys/fs/cgroup/a 32 MiB"), last) << full;
  EXPECT_EQ(bare.find("no limit in effect"), last) << bare;
  EXPECT_EQ(full.find("12 MiB") + 6, heading.find("USAGE") + 5);
  EXPECT_TRUE(has(full, "-1.5 MiB/s"));
  EXPECT_TRUE(has(full, "max +3, oom_kill +1"));
  EXPECT_TRUE(has(full, "pressure 12.50 %"));
}

TEST(WatchText, describes_kills) {
  EXPECT_EQ(describe_kill(kill_of(42), english),
            "OOM kill of pid 42 (hog) at the limit of /a");
  EXPECT_EQ(describe_kill({2, std::nullopt, no_log}, english),
            "2 OOM kills, victims unknown: no log");
  WatchedKill host = kill_of(1);
  host.victim->oom_memcg.reset();
  host.victim->constraint = "CONSTRAINT_NONE";
  host.victim->name = "a\033[2Jb";
  EXPECT_EQ(describe_kill(host, english),
            "OOM kill of pid 1 (a\\x1b[2Jb): the host ran out of memory");
}

TEST(WatchText, says_whose_limit_changed) {
  const LimitChange change{own, File::memory_high, Limit::of(Bytes{mebi}),
                           Limit::max()};
  EXPECT_EQ(describe_change(change, Version::v2, own, english),
            "memory.high changed from 1 MiB (1048576 bytes) to max");
  EXPECT_TRUE(has(describe_change(change, Version::v2, "/x", english),
                  "memory.high of /sys/fs/cgroup/a/b changed"));
}

TEST(WatchText, says_where_the_process_moved) {
  ProcessChange change{ProcessChange::Kind::moved, 42, own, "/x", false};
  EXPECT_EQ(describe_process(change, own, english),
            "process 42 moved to /x; still watching /sys/fs/cgroup/a/b");
  change.from = "/y";
  EXPECT_EQ(describe_process(change, own, english),
            "process 42 moved from /y to /x; still watching "
            "/sys/fs/cgroup/a/b");
  change.to = own;
  change.inside = true;
  EXPECT_EQ(describe_process(change, own, english),
            "process 42 moved from /y to /sys/fs/cgroup/a/b, the watched "
            "cgroup");
  change.from = own;
  change.to = std::string(own) + "/\033c";
  EXPECT_EQ(describe_process(change, own, english),
            "process 42 moved from /sys/fs/cgroup/a/b to "
            "/sys/fs/cgroup/a/b/\\x1bc, inside the watched cgroup");
}

TEST(WatchText, says_where_the_process_was_last_seen) {
  ProcessChange change{ProcessChange::Kind::ended, 42, own, "", false};
  EXPECT_EQ(describe_process(change, own, english), "process 42 has ended");
  EXPECT_EQ(describe_process(change, "/x", english),
            "process 42 has ended in /sys/fs/cgroup/a/b");
  change.kind = ProcessChange::Kind::hidden;
  EXPECT_EQ(describe_process(change, own, english),
            "process 42 is no longer visible in /proc; it was in "
            "/sys/fs/cgroup/a/b");
}

TEST(WatchText, says_how_the_cgroup_was_renamed) {
  EXPECT_EQ(describe_rename({own, "/c\n"}, english),
            "the watched cgroup /sys/fs/cgroup/a/b was renamed to /c\\x0a");
}

TEST(WatchText, says_what_cannot_be_seen) {
  WatchStart start;
  EXPECT_TRUE(describe_gaps(start, Language::en).empty());
  start.victims_absent_because = no_log;
  ASSERT_EQ(describe_gaps(start, Language::en).size(), 1u);
  start.kills_missed_because = no_log;
  ASSERT_EQ(describe_gaps(start, Language::en).size(), 2u);
  EXPECT_TRUE(has(describe_gaps(start, Language::zh)[1], "没有日志"));
  EXPECT_EQ(describe_gaps(start, Language::en)[1],
            "OOM kills in a child cgroup that is removed before the next "
            "sample are not seen: no log");
}

TEST(WatchText, describes_the_end) {
  WatchEnd end;
  end.moment = moment();
  end.samples = 1;
  end.highest_usage = Bytes{mebi};
  EXPECT_EQ(describe_end(end, Language::en),
            "the cgroup was removed: highest usage seen 1 MiB, 0 OOM kills in "
            "2.5 s, 1 sample");
  end.made_again = true;
  EXPECT_TRUE(has(describe_end(end, Language::en),
                  "the cgroup was removed (another one has its name now): "));
  end.peak = Bytes{2 * mebi};
  EXPECT_TRUE(
      has(describe_end(end, Language::en), "peak 2 MiB when last read,"));
  end.reason = WatchEndReason::interrupted;
  end.signal = 2;
  EXPECT_TRUE(has(describe_end(end, Language::en),
                  "interrupted by SIGINT: peak 2 MiB,"));
}

TEST(WatchText, shortens_long_paths) {
  const std::string path = "/sys/fs/cgroup/" + std::string(80, 'x') + "/end";
  const LimitChange change{path, File::memory_max, Limit::max(),
                           Limit::of(Bytes{mebi})};
  const std::string text =
      describe_change(change, Version::v2, own, {Language::en, 24});
  EXPECT_TRUE(has(text, "memory.max of /sys/fs...xxxxxxxxxx/end changed"))
      << text;
}

TEST(WatchText, is_chinese_too) {
  EXPECT_EQ(describe_kill(kill_of(42), chinese),
            "OOM killer 杀死了 pid 42（hog），触发的是 /a 的上限");
  const ProcessChange change{ProcessChange::Kind::moved, 42, own, "/x", false};
  EXPECT_EQ(describe_process(change, own, chinese),
            "进程 42 移到了 /x；继续观察 /sys/fs/cgroup/a/b");
  WatchEnd end;
  end.moment = moment();
  end.samples = 2;
  end.peak = Bytes{mebi};
  EXPECT_EQ(describe_end(end, Language::zh),
            "cgroup 已被删除：峰值 1 MiB（最后一次读到），2.5 s 内 0 次 OOM "
            "kill，2 次采样");
}

TEST(WatchText, gives_a_fall_its_sign) {
  EXPECT_EQ(human_rate(0), "0 B/s");
  EXPECT_EQ(human_rate(2.0 * mebi), "+2 MiB/s");
  EXPECT_EQ(human_rate(-2.0 * mebi), "-2 MiB/s");
}

}  // namespace
}  // namespace lab
