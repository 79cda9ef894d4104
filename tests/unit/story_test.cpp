// SPDX-License-Identifier: MIT
#include "lab/report/story.h"

#include <gtest/gtest.h>

#include "lab/report/fact_words.h"
#include "lab/verdict/analyze.h"
#include "tests/support/error_text.h"
#include "tests/support/sample_record.h"

namespace lab {
namespace {

std::string story_of(RunRecord record, Language language = Language::en) {
  record.verdict = analyze(record);
  return render_markdown(story(record, language));
}

TEST(Story, explains_a_kill_with_the_numbers_of_the_run) {
  RunRecord record = test_support::killed_on_v1();
  record.events.push_back({3040000000, EventKind::reaped, "hog", "SIGKILL"});
  const std::string text = story_of(record);
  EXPECT_TRUE(has(text, "104960000 was written into `memory.limit_in_bytes`"));
  EXPECT_TRUE(has(text, "pid 4242"));
  EXPECT_TRUE(has(text, "61 charges failed at the limit"));
  EXPECT_TRUE(has(text, "`oom_kill` was 1; before the run it was 0"));
  EXPECT_TRUE(has(text, "cglab explain oom-kill"));
}

TEST(Story, of_a_control_run_mentions_no_kill) {
  const std::string text = story_of(test_support::survived_on_v2());
  EXPECT_TRUE(has(text, "and survived"));
  for (const char* const word : {"victim", "SIGKILL", "proof", "reaped"}) {
    EXPECT_EQ(text.find(word), text.npos) << word << " in\n" << text;
  }
  EXPECT_TRUE(has(text, "Above the limit it is killed."));
}

TEST(Story, of_the_courses_order_says_what_stayed_outside) {
  const std::string text = story_of(test_support::killed_in_course());
  EXPECT_TRUE(has(text, "ran outside first"));
  EXPECT_EQ(text.find("started inside the cgroup"), text.npos);
}

TEST(Story, invents_no_counter) {
  RunRecord record = test_support::killed_on_v1();
  record.evidence.before.failcnt = std::nullopt;
  record.peak = std::nullopt;
  test_support::forget_log(record);
  const std::string text = story_of(record);
  EXPECT_EQ(text.find("charges failed"), text.npos);
  EXPECT_EQ(text.find("highest usage"), text.npos);
  EXPECT_TRUE(has(text, "The kernel log does not name the victim ("));
}

/// With a file behind them, or at the limit of an ancestor, pages may be
/// reclaimable.
TEST(Story, says_why_nothing_was_reclaimed_of_a_hog_at_its_own_limit_alone) {
  const char* const words = "Nothing could be reclaimed";
  RunRecord record = test_support::killed_on_v1();
  record.plan.swap = Limit::of(Bytes{0});
  EXPECT_TRUE(has(story_of(record), words));
  RunRecord swapping = record;
  swapping.plan.swap = Limit::max();
  EXPECT_FALSE(has(story_of(swapping), words));
  RunRecord command = record;
  command.plan.experiment = "run";
  command.plan.command = {"make"};
  EXPECT_FALSE(has(story_of(command), words));
  RunRecord above = record;
  above.evidence.victims.front().oom_memcg = "/";
  EXPECT_FALSE(has(story_of(above), words));
  EXPECT_FALSE(has(story_of(above), "no other choice"))
      << "others below the ancestor may have been chosen";
}

/// The counter may have risen for the other one.
TEST(Story, has_the_log_as_the_proof_where_others_were_inside) {
  RunRecord record = test_support::killed_on_v1();
  record.events.push_back({3040000000, EventKind::reaped, "hog", "SIGKILL"});
  EXPECT_TRUE(has(story_of(record), "Both together are the proof"));
  Member other;
  other.pid = 77;
  record.evidence.ledger.processes.push_back(other);
  const std::string text = story_of(record);
  EXPECT_TRUE(has(text, "Together with the kernel log this is the proof"));
  EXPECT_FALSE(has(text, "no other choice"));
}

/// What is said of a kill is in the record, not found again while printing.
TEST(Story, says_what_the_verdict_has) {
  RunRecord record = test_support::killed_on_v1();
  record.verdict = analyze(record);
  record.verdict.proof = std::vector{fact(FactKind::was_alone)};
  const std::string text = render_markdown(story(record, Language::en));
  EXPECT_TRUE(has(text, "no other choice"));
  EXPECT_FALSE(has(text, "names malloc"));
  EXPECT_FALSE(has(text, "Nothing could be reclaimed"));
}

/// It is there, and has the kill of another process.
TEST(Story, does_not_call_a_log_missing_that_names_others) {
  RunRecord record = test_support::killed_on_v1();
  record.evidence.victims.front().pid = 9999;
  EXPECT_FALSE(has(story_of(record), "The kernel log does not name"));
}

/// The printed command is accepted unchanged.
TEST(Story, of_a_command_suggests_its_control_run) {
  RunRecord record = test_support::killed_on_v2();
  record.plan.experiment = "run";
  record.plan.command = {"make", "--keep"};
  record.tool.command_line = {"cglab",      "run",           "--limit",
                              "64M",        "--csv",         "a.csv",
                              "--keep",     "--html=a.html", "--",
                              "make --all", "--keep",        "--with-control"};
  EXPECT_TRUE(has(story_of(record),
                  "cglab run --with-control --limit 64M -- 'make --all' --keep "
                  "--with-control\n"));
}

/// A backtick in a name is no markup.
TEST(Story, has_names_as_they_are) {
  RunRecord record = test_support::killed_on_v1();
  for (const char* const name : {"x`y", "x`y`z", "`"}) {
    record.evidence.victims.front().name = name;
    record.verdict = analyze(record);
    const std::string shown =
        plain_text(lab::say(Language::en, record.verdict.proof->front()),
                   std::string::npos) +
        plain_text(story_of(record), std::string::npos);
    EXPECT_TRUE(has(shown, std::string("names ") + name + " (pid")) << name;
  }
}

TEST(Story, is_available_in_chinese) {
  const std::string text = story_of(test_support::killed_on_v2(), Language::zh);
  EXPECT_TRUE(has(text, "这次运行的全过程"));
  EXPECT_EQ(text.find("The "), text.npos) << text;
}

}  // namespace
}  // namespace lab
