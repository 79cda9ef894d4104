// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <signal.h>

#include <algorithm>

#include "lab/place/placement.h"
#include "lab/report/fact_words.h"
#include "lab/report/record_words.h"
#include "lab/report/run_document.h"
#include "lab/verdict/analyze.h"
#include "tests/support/error_text.h"
#include "tests/support/matches.h"
#include "tests/support/sample_record.h"
#include "tests/support/temp_stream.h"

namespace lab {
namespace {

using test_support::killed_in_course;
using test_support::killed_on_v1;
using test_support::killed_on_v2;
using test_support::survived_on_v2;

RunRecord interrupted() {
  RunRecord record = survived_on_v2();
  record.evidence.interrupted_by = SIGINT;
  return record;
}

RunRecord late() {
  RunRecord record = survived_on_v2();
  record.evidence.deadline_passed = true;
  return record;
}

RunRecord ended_by(int signal) {
  RunRecord record = survived_on_v2();
  main_process(record).exit_code = std::nullopt;
  main_process(record).signal = signal;
  return record;
}

RunRecord failed() {
  RunRecord record = survived_on_v2();
  main_process(record).exit_code = 3;
  return record;
}

RunRecord command(const RunRecord& record) {
  return test_support::as_command(record, {"true"});
}

std::vector<RunRecord> every_kind() {
  return {killed_on_v1(),
          killed_on_v2(),
          killed_in_course(),
          survived_on_v2(),
          interrupted(),
          late(),
          ended_by(SIGKILL),
          ended_by(SIGSEGV),
          failed(),
          command(killed_on_v2()),
          command(survived_on_v2()),
          command(interrupted()),
          command(late())};
}

TEST(VerdictLanguage, says_the_same_facts_in_both_languages) {
  for (const RunRecord& record : every_kind()) {
    const Verdict verdict = analyze(record);
    const std::string english = say(Language::en, verdict.reason);
    const std::string chinese = say(Language::zh, verdict.reason);
    EXPECT_TRUE(is_ascii(english)) << english;
    EXPECT_TRUE(english.ends_with('.'));
    EXPECT_TRUE(chinese.ends_with("。")) << chinese;
  }
}

/// No English word but names: a sentence that was left out would have some.
TEST(VerdictLanguage, leaves_no_english_sentence) {
  for (RunRecord record : every_kind()) {
    record.verdict = analyze(record);
    const std::string reason = say(Language::zh, record.verdict.reason);
    for (const char* const word : {" the ", " was ", " its ", "child", "of "}) {
      EXPECT_EQ(reason.find(word), reason.npos) << reason;
    }
    const std::string report =
        render_markdown(run_document(record, Language::zh, Length::full));
    for (const char* const word :
         {" the ", " was ", " its ", " by ", "unknown", "ended", " in "}) {
      EXPECT_EQ(report.find(word), report.npos) << report;
    }
  }
}

TEST(VerdictLanguage, is_that_of_the_report) {
  RunRecord record = killed_on_v2();
  record.verdict = analyze(record);
  const test_support::TempStream stream;
  const Terminal terminal(stream.get(), ColorChoice::never);
  const std::string english = text_report(record, terminal, Language::en);
  const std::string chinese = text_report(record, terminal, Language::zh);
  EXPECT_TRUE(has(english, "OOM KILL PROVEN\nThe OOM killer killed the child"));
  EXPECT_TRUE(has(chinese, "已证实：OOM KILL\nOOM killer 杀死了子进程"));
}

bool is_ascii(const std::string& text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return c < 0x80; });
}

TEST(RecordWords, of_each_strategy_are_in_both_languages) {
  for (const std::string_view code : EnumWords<StrategyCode>::table) {
    const std::string name(code);
    EXPECT_TRUE(is_ascii(strategy_words(name, Language::en))) << name;
    EXPECT_EQ(is_ascii(strategy_words(name, Language::zh)),
              name == "parent_option")
        << name;
    EXPECT_NE(strategy_words(name, Language::en), name);
  }
}

/// Records that were made before there were codes.
TEST(RecordWords, of_an_older_strategy_are_its_own) {
  for (const Language language : {Language::en, Language::zh}) {
    EXPECT_EQ(strategy_words("own v1 cgroup of this process", language),
              "own v1 cgroup of this process");
  }
}

TEST(RecordWords, name_a_hybrid_host_in_both_languages) {
  RunRecord record = killed_on_v1();
  const auto host = [&](Language language) {
    std::string text;
    for (const auto& row : environment_rows(record.environment, language)) {
      text += row[1] + "\n";
    }
    return text;
  };
  record.environment.cgroup_mode = "hybrid";
  EXPECT_TRUE(has(host(Language::en), "cgroup v1 (hybrid host)"));
  EXPECT_TRUE(has(host(Language::zh), "cgroup v1（混合主机）"));
  record.environment.cgroup_mode = "v1";
  EXPECT_TRUE(has(host(Language::en), "cgroup v1 (v1 host)"));
  EXPECT_TRUE(has(host(Language::zh), "cgroup v1（v1 主机）"));
}

}  // namespace
}  // namespace lab
