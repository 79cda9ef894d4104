// SPDX-License-Identifier: MIT
#include "lab/verdict/recheck.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "lab/record/json_values.h"
#include "lab/record/record_reader.h"
#include "lab/repeat/bench_report.h"
#include "lab/report/html.h"
#include "lab/report/picture_script.h"
#include "lab/report/run_document.h"
#include "lab/verdict/analyze.h"
#include "tests/support/error_text.h"
#include "tests/support/sample_record.h"
#include "tests/support/test_data.h"

namespace lab {
namespace {

/// As this version saves it.
RunRecord saved(RunRecord record) {
  record.tool.version = Json::parse(bench_json({}))["tool"]["version"];
  record.verdict = analyze(record);
  return record;
}

RunRecord survived() {
  return saved(test_support::survived_on_v2());
}

/// One that survived, called killed.
RunRecord forged() {
  RunRecord record = survived();
  record.verdict.status = Status::oom_killed;
  return record;
}

TEST(Recheck, agrees_with_what_was_concluded) {
  for (const RunRecord& record :
       {test_support::killed_on_v1(), test_support::killed_on_v2(),
        test_support::killed_in_course(), test_support::survived_on_v2(),
        test_support::as_command(test_support::killed_on_v2(), {"make"})}) {
    EXPECT_FALSE(recheck(saved(record)));
  }
}

TEST(Recheck, agrees_with_every_record_that_is_kept) {
  for (const auto& file :
       std::filesystem::directory_iterator(test_data("records"))) {
    EXPECT_FALSE(recheck(read_record(file.path()))) << file.path();
  }
}

TEST(Recheck, concludes_again_where_the_status_is_denied) {
  const auto verdict = recheck(forged());
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->status, Status::survived);
  EXPECT_EQ(verdict->oom_kill, OomKill::none);
}

TEST(Recheck, concludes_again_where_the_evidence_was_changed) {
  RunRecord record = saved(test_support::killed_on_v2());
  test_support::forget_log(record);
  test_support::forget_count(record);
  const auto verdict = recheck(record);
  ASSERT_TRUE(verdict);
  EXPECT_NE(verdict->status, Status::oom_killed);
}

TEST(Recheck, compares_the_proof_and_whose_limit_it_was) {
  RunRecord record = saved(test_support::killed_on_v2());
  record.verdict.oom_kill = OomKill::inside;
  EXPECT_TRUE(recheck(record));
  record = saved(test_support::killed_on_v2());
  record.verdict.limit_owner = LimitOwner::host;
  EXPECT_TRUE(recheck(record));
}

/// Another version may state other facts.
TEST(Recheck, compares_the_reason_of_records_of_this_version) {
  RunRecord record = survived();
  record.verdict.reason = {fact(FactKind::no_oom_kill)};
  EXPECT_TRUE(recheck(record));
  record.tool.version = "0.0.1";
  EXPECT_FALSE(recheck(record));
}

TEST(Recheck, compares_the_named_cgroup_and_the_sentences_of_the_proof) {
  RunRecord named = saved(test_support::killed_on_v1());
  ASSERT_TRUE(named.verdict.oom_memcg);
  named.verdict.oom_memcg = "/elsewhere";
  EXPECT_TRUE(recheck(named));
  RunRecord proven = saved(test_support::killed_on_v1());
  ASSERT_TRUE(proven.verdict.proof);
  proven.verdict.proof->push_back(fact(FactKind::was_alone));
  EXPECT_TRUE(recheck(proven));
  RunRecord forgotten = saved(test_support::killed_on_v1());
  forgotten.evidence.victims.clear();
  EXPECT_TRUE(recheck(forgotten));
  RunRecord older = saved(test_support::killed_on_v1());
  older.verdict.oom_memcg = std::nullopt;
  older.verdict.proof = std::nullopt;
  EXPECT_FALSE(recheck(older));
}

TEST(Recheck, judges_claims_by_their_own_numbers) {
  const RunRecord kept = read_record(test_data("records/victim-v1.json"));
  for (std::size_t i = 0; i < kept.verdict.claims.size(); ++i) {
    RunRecord record = kept;
    auto& held = record.verdict.claims[i].held;
    held = !held.value_or(false);
    EXPECT_TRUE(recheck(record)) << i;
  }
  RunRecord record = kept;
  record.verdict.status = Status::not_as_predicted;
  EXPECT_TRUE(recheck(record));
  const auto number = [](std::uint64_t value) {
    return fact(FactKind::value, value);
  };
  record = kept;
  ClaimRecord& claim = record.verdict.claims.front();
  claim.held = true;
  for (const auto& [seen, expected, holds] :
       std::vector<std::tuple<Fact, Fact, bool>>{
           {fact(FactKind::change, number(0), number(1)), fact(FactKind::rise),
            true},
           {fact(FactKind::change, number(1), number(1)), fact(FactKind::rise),
            false},
           {fact(FactKind::change, number(1), number(1)),
            fact(FactKind::unchanged), true},
           {fact(FactKind::change, number(1), number(2)),
            fact(FactKind::unchanged), false},
           {number(3), fact(FactKind::at_least, number(3)), true},
           {number(3), fact(FactKind::at_least, number(4)), false},
           {number(3), fact(FactKind::at_most, number(2)), false},
           {number(9), number(9), true},
           {number(9), number(8), false},
           {fact(FactKind::refusal, "Device or resource busy", 16), number(16),
            true},
           {fact(FactKind::unknown), number(9), true},
           {fact(FactKind::value, "D"), fact(FactKind::value, "S"), true}}) {
    claim.seen = seen;
    claim.expected = expected;
    EXPECT_EQ(!recheck(record), holds);
  }
}

/// JSON has no bytes that are no UTF-8, which the kernel's log has.
TEST(Recheck, leaves_paths_that_json_does_not_keep) {
  RunRecord record = forged();
  record.cgroups.front().path += "\\x1b";
  EXPECT_FALSE(recheck(record));
}

/// Reports would otherwise fail on them.
TEST(Recheck, leaves_paths_that_are_not_below_the_mount) {
  RunRecord record = forged();
  for (const char* const path : {"", "x", "/other"}) {
    record.cgroups.front().path = path;
    EXPECT_FALSE(recheck(record)) << path;
  }
}

TEST(Denial, is_in_every_format_and_language) {
  const NamedRecord run = rechecked("a.json", forged());
  ASSERT_TRUE(run.denied);
  const Document english = denial(run, Language::en);
  EXPECT_TRUE(has(render_markdown(english),
                  "**\u2717 SAVED VERDICT CONTRADICTED BY ITS EVIDENCE**"));
  EXPECT_TRUE(has(render_markdown(english), "\"OOM kill proven\""));
  EXPECT_TRUE(has(render_markdown(english), "concludes \"survived\""));
  EXPECT_TRUE(has(render_markdown(denial(run, Language::zh)),
                  "“已证实：OOM kill”不能由其中的证据得出"));
  const std::string page = html_report({run}, Language::en);
  EXPECT_TRUE(has(page, "SAVED VERDICT CONTRADICTED BY ITS EVIDENCE"));
  EXPECT_TRUE(has(page, "SURVIVED"));
  EXPECT_TRUE(has(picture_script({run}, PictureFormat::svg, Language::en),
                  "survived (contradicts the saved verdict)"));
  const std::string compared =
      render_markdown(comparison_document({run, run}, Language::en));
  EXPECT_TRUE(has(compared, "a.json: The verdict saved in this file"));
  EXPECT_TRUE(has(compared, "survived (the saved verdict contradicts this)"));
}

TEST(Denial, of_the_reasons_alone_keeps_the_verdict) {
  RunRecord record = survived();
  record.verdict.reason.clear();
  const NamedRecord run = rechecked("a.json", record);
  EXPECT_TRUE(has(render_markdown(denial(run, Language::en)),
                  "SAVED REASONS CONTRADICTED BY THE EVIDENCE"));
}

TEST(Denial, of_a_verdict_that_follows_is_nothing) {
  const NamedRecord run = rechecked("a.json", survived());
  EXPECT_FALSE(run.denied);
  EXPECT_TRUE(denial(run, Language::en).blocks().empty());
  EXPECT_FALSE(has(html_report({run}, Language::en), "CONTRADICTED"));
}

}  // namespace
}  // namespace lab
