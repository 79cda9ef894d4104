// SPDX-License-Identifier: MIT
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <signal.h>

#include <string>
#include <string_view>

#include "cgroupfs/text.h"
#include "lab/report/document.h"
#include "lab/report/run_document.h"
#include "lab/verdict/analyze.h"
#include "tests/support/error_text.h"
#include "tests/support/sample_record.h"
#include "tests/unit/report_text.h"

namespace lab {
namespace {

using test_support::forget_log;
using test_support::killed_in_course;
using test_support::killed_on_v1;
using test_support::killed_on_v2;
using test_support::survived_on_v2;

TEST(ConsoleReport, proves_a_kill_on_v1) {
  const std::string text = report(killed_on_v1());
  for (std::string_view row :
       {"\nOOM KILL PROVEN\n", "\nchild pid 4242, reaped with SIGKILL (9)\n",
        "\noom_kill 0 -> 1 (sum over memory.oom_control, read after the "
        "reap)\n",
        "\nlimit hits memory.failcnt 0 -> 61 (charges that failed)\n",
        "\nkernel log malloc_demo (pid 4242) killed, CONSTRAINT_MEMCG\n",
        "\nwhose limit the child's own cgroup (oom_memcg of the kernel log: "
        "/user.slice/cglab.oom.4241-9000-0a1b2c3d)\n",
        "\nlimit 100.1 MiB (104960000 bytes), memory.limit_in_bytes\n",
        "\npeak 100.1 MiB (104960000 bytes), memory.max_usage_in_bytes\n",
        "\ntouched 99.7 MiB (104591360 bytes) by the program 360 KiB (368640 "
        "bytes) were charged beyond that",
        "\nleft behind nothing; the cgroup is removed\n",
        "Linux 6.12.43, memory controller on cgroup v1, no swap\n"}) {
    EXPECT_TRUE(has(text, row));
  }
  EXPECT_EQ(text.find("memory plus swap"), text.npos);
  EXPECT_EQ(text.find("ancestor limit"), text.npos) << "no ancestor was hit";
}

TEST(ConsoleReport, proves_a_kill_on_v2) {
  const std::string text = report(killed_on_v2());
  for (std::string_view row :
       {"\noom_kill 0 -> 1 (memory.events, read after the reap)\n",
        "\nlimit hits oom 0 -> 1 in memory.events.local (max 0 -> 35)\n",
        "\nlimit 100.1 MiB (104960000 bytes), memory.max\n",
        "\nswap limit 0 bytes, memory.swap.max\n", "cgroup v2, no swap\n"}) {
    EXPECT_TRUE(has(text, row));
  }
}

TEST(ConsoleReport, shows_both_counters_where_swap_is_limited_on_v1) {
  RunRecord record = killed_on_v1();
  record.limits.push_back({"memorydemo",
                           "memory.memsw.limit_in_bytes",
                           "104960000",
                           Limit::of(Bytes{104960000}),
                           {},
                           {}});
  record.evidence.before.memsw_failcnt = 0;
  record.evidence.after.memsw_failcnt = 61;
  record.evidence.after.failcnt = 0;
  EXPECT_TRUE(has(report(record),
                  "limit hits memory.failcnt 0 -> 0, memory.memsw.failcnt 0 -> "
                  "61 (charges that failed)"));
}

TEST(ConsoleReport, lists_the_moments_in_order) {
  const std::string text = report(killed_on_v2());
  const std::string_view expected[] = {
      " ms limit set ",
      "0.000 ms gate opened hog: pipe",
      "3000.000 ms last touch reported by the program",
      "3000.200 ms notification memorydemo: poll",
      "3012.346 ms kill seen memorydemo: sample",
      "3012.400 ms end seen hog: pidfd"};
  std::size_t place = 0;
  for (std::string_view moment : expected) {
    const std::size_t found = text.find(moment, place);
    ASSERT_NE(found, text.npos) << moment << " in " << text;
    place = found;
  }
}

TEST(ConsoleReport, quotes_a_child_that_failed) {
  RunRecord record = survived_on_v2();
  main_process(record).output = "one\ntwo\nthree\nfour\n";
  EXPECT_FALSE(has(report(record), "its output"));
  main_process(record).exit_code = 1;
  EXPECT_TRUE(has(report(record), "\nits output two; three; four\n"));
}

/// Whatever the status of the run: the deadline can come after its own end.
TEST(ConsoleReport, says_that_cglab_sent_a_signal_only_if_it_did) {
  RunRecord record = killed_on_v2();
  record.verdict.status = Status::deadline;
  main_process(record).signal = SIGSEGV;
  const auto text_of = [&] {
    return render_markdown(run_document(record, Language::en, Length::full));
  };
  EXPECT_FALSE(has(text_of(), "sent by cglab"));
  EXPECT_TRUE(has(text_of(), "reaped with SIGSEGV (11)"));
  main_process(record).ended_by_cglab = true;
  EXPECT_TRUE(has(text_of(), "reaped with SIGSEGV (11), sent by cglab"));
}

TEST(ConsoleReport, names_the_log_as_a_source_only_where_it_decides) {
  RunRecord record = killed_on_v2();
  // The log has the kill of another process, and two were counted.
  record.evidence.victims.front().pid = 9999;
  record.evidence.after.oom_kills = 2;
  const auto text_of = [&] {
    record.verdict = analyze(record);
    return render_markdown(run_document(record, Language::en, Length::full));
  };
  EXPECT_FALSE(has(text_of(), "oom_memcg of the kernel log"));
  EXPECT_TRUE(has(text_of(), "by the counters"));
  record.evidence.after.oom_kills = 1;
  EXPECT_TRUE(has(text_of(), "oom_memcg of the kernel log"));
}

TEST(ConsoleReport, has_a_headline_for_each_outcome) {
  RunRecord by_host = killed_on_v2();
  by_host.evidence.victims.front().constraint = "CONSTRAINT_NONE";
  RunRecord by_ancestor = killed_on_v2();
  by_ancestor.evidence.victims.front().oom_memcg = "/user.slice";
  RunRecord killed = killed_on_v2();
  test_support::forget_count(killed);
  killed.evidence.victims.clear();
  RunRecord undetermined = killed_on_v2();
  forget_log(undetermined);
  test_support::add_other(undetermined);
  RunRecord unknown_killer = killed;
  forget_log(unknown_killer);
  unknown_killer.evidence.ledger.main_inside = false;
  RunRecord crashed = killed_on_v2();
  main_process(crashed).signal = SIGSEGV;
  RunRecord failed = survived_on_v2();
  main_process(failed).exit_code = 3;
  RunRecord refused = killed;
  refused.limits.front().error = "Device or resource busy";
  refused.events.push_back(
      {1, EventKind::limit_refused, "memorydemo", "memory.max"});
  RunRecord late = killed;
  late.evidence.deadline_passed = true;
  RunRecord interrupted = killed;
  interrupted.evidence.interrupted_by = SIGINT;
  const struct {
    RunRecord record;
    std::string_view headline;
    std::string_view part;
  } cases[] = {
      {killed_on_v1(), "OOM KILL PROVEN", "oom_kill rose from 0 to 1"},
      {by_host, "OOM KILL, HOST OUT OF MEMORY",
       "whose limit none: the host was out of memory\n"},
      {by_ancestor, "OOM KILL AT AN ANCESTOR'S LIMIT",
       "whose limit an ancestor of the child's cgroup (oom_memcg of the kernel "
       "log: "
       "/user.slice)\n"},
      {killed, "KILLED, BUT NOT BY THE OOM KILLER", "not by the OOM killer"},
      {undetermined, "OOM KILL INSIDE, VICTIM UNDETERMINED",
       "The kernel log would decide it"},
      {unknown_killer, "KILLED, CAUSE UNDETERMINED",
       "The kernel log would decide it"},
      {crashed, "ENDED BY A SIGNAL", "reaped with SIGSEGV (11)"},
      {survived_on_v2(), "SURVIVED", "exited with status 0"},
      {failed, "THE CHILD FAILED", "exited with status 3"},
      {refused, "THE KERNEL REFUSED THE LIMIT",
       "memory.max refused 104960000: Device or resource busy"},
      {late, "DEADLINE", "deadline of 66s"},
      {interrupted, "INTERRUPTED", "Interrupted by SIGINT"},
  };
  for (const auto& c : cases) {
    const std::string text = report(c.record);
    EXPECT_TRUE(
        std::string_view(text).starts_with(fmt::format("\n{}\n", c.headline)))
        << text;
    EXPECT_TRUE(has(text, c.part));
  }
}

TEST(ConsoleReport, says_how_it_is_known_whose_limit_was_hit) {
  RunRecord record = killed_on_v1();
  forget_log(record);
  EXPECT_TRUE(has(report(record),
                  "whose limit the child's own cgroup (by the OOM "
                  "notifications)\n"));
  RunRecord v2 = killed_on_v2();
  forget_log(v2);
  EXPECT_TRUE(has(report(v2),
                  "whose limit the child's own cgroup (by the counters)\n"));
  record.evidence.all_ancestors_seen = false;
  record.peak = std::nullopt;
  EXPECT_TRUE(has(report(record), "whose limit unknown\n"));
  EXPECT_EQ(report(survived_on_v2()).find("whose limit"), std::string::npos);
}

TEST(ConsoleReport, names_the_ancestors_limit_that_was_hit) {
  RunRecord record = killed_on_v2();
  record.evidence.ancestors.front().hits_after = 2;
  EXPECT_TRUE(has(report(record),
                  "ancestor limit /sys/fs/cgroup/user.slice hit 0 -> 2"));
}

TEST(ConsoleReport, says_unknown_instead_of_0) {
  RunRecord record = killed_on_v2();
  forget_log(record);
  record.evidence.before.oom_kills = std::nullopt;
  record.evidence.before.local_events = std::nullopt;
  record.peak = std::nullopt;
  record.limits.front().actual = std::nullopt;
  main_process(record).signal = std::nullopt;
  record.environment.swap_total = std::nullopt;
  const std::string text = report(record);
  for (std::string_view row :
       {"child pid 4242, ended in an unknown way\n",
        "oom_kill unknown on this kernel (",
        "limit hits memory.events.local is missing on this kernel\n",
        "kernel log /dev/kmsg: Operation not permitted\n",
        "limit unknown, memory.max\n", "peak unknown on this kernel\n",
        "touched 99.7 MiB (104591360 bytes) by the program\n",
        "swap unknown\n"}) {
    EXPECT_TRUE(has(text, row));
  }
  record.limits.clear();
  EXPECT_TRUE(has(report(record), "\nlimit never set\n"));
  record.evidence.victims_absent_because = std::nullopt;
  EXPECT_TRUE(has(report(record), "kernel log not looked for\n"));
}

TEST(ConsoleReport, shows_swap_where_there_was_some) {
  RunRecord record = killed_on_v2();
  record.environment.swap_total = Bytes{2 * gibi};
  record.environment.cgroup_mode = "hybrid";
  record.plan.swap = Limit::of(Bytes{8388608});
  main_process(record).touched = Bytes{record.peak->bytes.count + 8388608};
  const std::string text = report(record);
  EXPECT_TRUE(has(text, "8 MiB (8388608 bytes) of that went to swap\n"));
  EXPECT_TRUE(has(text, "cgroup v2 (hybrid host), 2 GiB swap\n"));
}

TEST(ConsoleReport, says_what_is_left_and_how_to_remove_it) {
  RunRecord record = killed_on_v2();
  record.plan.keep = true;
  record.cleanup.removed = false;
  record.cleanup.left = {"/sys/fs/cgroup/a b"};
  EXPECT_TRUE(
      has(report(record),
          "left behind /sys/fs/cgroup/a b, kept because of --keep; remove it "
          "with\nrmdir '/sys/fs/cgroup/a b'\n"));
  record.plan.experiment = "course";
  record.cgroups = {{"memorydemo", "/sys/fs/cgroup/a b/memorydemo"}};
  EXPECT_TRUE(has(report(record),
                  "\nfind '/sys/fs/cgroup/a b' -depth -type d -exec rmdir {} "
                  "';'\n"));
  record.cleanup.error = "rmdir: Device or resource busy";
  EXPECT_TRUE(has(report(record),
                  "a b: rmdir: Device or resource busy; remove it with\n"));
}

TEST(ConsoleReport, explains_why_peak_and_touched_bytes_differ) {
  RunRecord record = killed_on_v2();
  record.peak = Peak{Bytes{104857600}, "memory.peak"};
  EXPECT_TRUE(
      has(report(record), "260 KiB (266240 bytes) were charged beyond that"));
  record.peak->bytes = Bytes{104591360 - 4096};
  EXPECT_TRUE(has(report(record), "4096 bytes of that were never charged"));
  record.plan.swap = Limit::max();
  // Without swap on the host nothing can have gone there.
  EXPECT_TRUE(has(report(record), "4096 bytes of that were never charged"));
  record.environment.swap_total = Bytes{gibi};
  EXPECT_TRUE(has(report(record), "4096 bytes of that went to swap"));
  record.peak->source = "samples";
  EXPECT_TRUE(has(report(record), "between two samples"));
}

TEST(ConsoleReport, fits_80_columns_except_for_paths) {
  for (const RunRecord& record :
       {killed_on_v1(), killed_on_v2(), killed_in_course(), survived_on_v2()}) {
    const std::string text = raw_report(record);
    for (std::string_view line : cgroupfs::split_lines(text)) {
      const bool has_path = line.find('/') != line.npos;
      EXPECT_TRUE(has_path || line.size() <= 80) << line;
      EXPECT_FALSE(line.ends_with(' ')) << "'" << line << "'";
    }
  }
}

TEST(ConsoleReport, has_colours_only_when_they_are_on) {
  EXPECT_EQ(raw_report(killed_in_course()).find('\033'), std::string::npos);
  EXPECT_TRUE(has(raw_report(killed_on_v1(), ColorChoice::always),
                  "\033[1;32mOOM KILL PROVEN\033[0m"));
  EXPECT_TRUE(has(raw_report(survived_on_v2(), ColorChoice::always),
                  "\033[1;31mSURVIVED\033[0m"));
}

}  // namespace
}  // namespace lab
