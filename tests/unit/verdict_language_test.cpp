// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <signal.h>

#include "lab/report/console.h"
#include "lab/verdict/analyze.h"
#include "tests/support/error_text.h"
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

bool has_chinese(const std::string& text) {
  return text.find("，") != text.npos || text.find("。") != text.npos;
}

TEST(VerdictLanguage, changes_the_reason_and_nothing_else) {
  for (const RunRecord& record : every_kind()) {
    const Verdict english = analyze(record);
    const Verdict chinese = analyze(record, Language::zh);
    EXPECT_EQ(english.status, chinese.status);
    EXPECT_EQ(english.limit_owner, chinese.limit_owner);
    EXPECT_FALSE(has_chinese(english.reason)) << english.reason;
    EXPECT_TRUE(english.reason.ends_with('.'));
    EXPECT_TRUE(chinese.reason.ends_with("。")) << chinese.reason;
  }
}

/// No English word but names: a sentence that was left out would have some.
TEST(VerdictLanguage, leaves_no_english_sentence) {
  for (const RunRecord& record : every_kind()) {
    const std::string reason = analyze(record, Language::zh).reason;
    for (const char* const word : {" the ", " was ", " its ", "child", "of "}) {
      EXPECT_EQ(reason.find(word), reason.npos) << reason;
    }
  }
}

TEST(VerdictLanguage, is_that_of_the_report_while_the_record_stays_english) {
  RunRecord record = killed_on_v2();
  record.verdict = analyze(record);
  const test_support::TempStream stream;
  const Terminal terminal(stream.get(), ColorChoice::never);
  const std::string english = console_report(record, terminal);
  const std::string chinese = console_report(record, terminal, Language::zh);
  EXPECT_TRUE(has(english, "OOM KILL PROVEN\nThe OOM killer killed the child"));
  EXPECT_TRUE(has(chinese, "已证实：OOM KILL\nOOM killer 杀死了子进程"));
}

}  // namespace
}  // namespace lab
