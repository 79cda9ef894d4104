// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>

#include "cgroupfs/directory.h"
#include "cgroupfs/error.h"
#include "lab/base/errors.h"
#include "lab/record/json_values.h"
#include "lab/record/record_json.h"
#include "lab/repeat/bench_report.h"
#include "lab/sweep/cell_result.h"
#include "lab/sweep/merge.h"
#include "lab/verdict/analyze.h"
#include "tests/support/error_text.h"
#include "tests/support/matches.h"
#include "tests/support/sample_record.h"
#include "tests/support/temp_folder.h"

namespace lab {
namespace {

using Words = std::vector<std::string>;

const BenchCase& small() {
  static const BenchCase of{"limit=8M", "oom", {"--limit", "8M"}};
  return of;
}

TEST(SweepCell, has_an_id_of_its_content) {
  const Cell cell = make_cell(small(), 1);
  EXPECT_EQ(cell.id, make_cell(small(), 1).id);
  EXPECT_TRUE(matches(cell.id,
                      "^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-"
                      "[89ab][0-9a-f]{3}-[0-9a-f]{12}$"))
      << cell.id;
  std::set<std::string> ids{cell.id, make_cell(small(), 2).id};
  for (const BenchCase& other :
       {BenchCase{"x", "oom", {"--limit", "8M"}},
        BenchCase{"limit=8M", "leak", {"--limit", "8M"}},
        BenchCase{"limit=8M", "oom", {"--limit", "9M"}},
        BenchCase{"limit=8M", "oom", {"--limit 8M"}}}) {
    ids.insert(make_cell(other, 1).id);
  }
  EXPECT_EQ(ids.size(), 6u);
}

/// Plans are kept and sent: another version must not find other ids in them.
TEST(SweepCell, keeps_the_ids_of_other_builds) {
  EXPECT_EQ(make_cell(small(), 1).id, "9b6cf8ac-2756-58c3-aad1-056cbed01c6a");
}

TEST(SweepCell, is_read_as_it_was_written) {
  const Cell cell = make_cell({"a \"b\" {c}\n", "run", {"--", "x", ""}}, 7);
  const std::string line = line_of(cell);
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  const Cell read = parse_cell(line, "f");
  EXPECT_EQ(read.id, cell.id);
  EXPECT_EQ(read.of.label, cell.of.label);
  EXPECT_EQ(read.of.arguments, cell.of.arguments);
  EXPECT_EQ(read.repetition, 7u);
}

/// Whoever spaces or sorts the keys changes no content.
TEST(SweepCell, does_not_depend_on_the_form_of_its_line) {
  const nlohmann::json sorted =
      nlohmann::json::parse(line_of(make_cell(small(), 1)));
  EXPECT_EQ(parse_cell(sorted.dump(), "f").id, make_cell(small(), 1).id);
}

/// Another command would be run than the one that was planned.
TEST(SweepCell, is_in_utf_8) {
  EXPECT_TRUE(has(error_text<UsageError>([] {
                    make_cell({"run", "run", {"--", "caf\xe9"}}, 1);
                  }),
                  "a plan is in UTF-8"));
}

TEST(SweepCell, refuses_other_lines) {
  const std::string good = line_of(make_cell(small(), 1));
  std::string changed = good;
  changed.replace(changed.find("8M"), 2, "9M");
  EXPECT_TRUE(
      has(error_text<RunError>([&] { parse_cell(changed, "f, line 1"); }),
          "f, line 1: the id"));
  for (const std::string& bad :
       {std::string(), std::string("{"), std::string("[]"), std::string("null"),
        std::string("{\"schema\":\"cglab.run/2\"}"),
        std::string("{\"schema\":7}"), good.substr(0, good.size() / 2),
        std::string("{\"schema\":\"cglab.cell/1\",\"id\":null}")}) {
    EXPECT_TRUE(has(error_text<RunError>([&] { parse_cell(bad, "f, line 1"); }),
                    "f, line 1: "))
        << bad;
  }
}

class SweepFiles : public testing::Test {
 protected:
  SweepFiles() {
    for (std::size_t repetition = 1; repetition <= 3; ++repetition) {
      cells_.push_back(make_cell(small(), repetition));
      cells_.push_back(make_cell(large_, repetition));
    }
    std::string text;
    for (const Cell& cell : cells_) text += line_of(cell);
    plan_ = folder_.add_file("cells.jsonl", text);
    results_ = folder_.path_of("cells.results");
  }

  static RunRecord record() {
    RunRecord record = test_support::killed_on_v1();
    record.verdict = analyze(record);
    return record;
  }

  void store(std::size_t number, const RunRecord& record,
             const std::string& folder) const {
    ResultsFolder(folder, true)
        .write(cells_[number], run_of(number, record), false);
  }
  /// As cglab was called for it.
  EndedRun run_of(std::size_t number, RunRecord record) const {
    auto& typed = record.tool.command_line;
    typed = {"cglab", "oom"};
    for (const std::string& word : cells_[number].of.arguments) {
      typed.push_back(word);
    }
    EndedRun run;
    run.wall_ns = 5'000'000;
    run.record = to_json(record);
    return run;
  }
  void store(std::size_t number, const RunRecord& record) const {
    store(number, record, results_);
  }
  void store_failure(std::size_t number) const {
    EndedRun run;
    run.status = 77;
    run.complaint = "cglab: no luck\nmore";
    ResultsFolder(results_, true).write(cells_[number], run, false);
  }
  BenchOutcome merged(const Words& folders) const {
    return merge(PlanFile(plan_), folders);
  }
  BenchOutcome merged() const { return merged({results_}); }

  TempFolder folder_;
  BenchCase large_{"limit=16M", "oom", {"--limit", "16M"}};
  std::vector<Cell> cells_;
  std::string plan_;
  std::string results_;
};

TEST_F(SweepFiles, are_found_by_number_and_by_id) {
  const PlanFile plan(plan_);
  const auto cells = plan.between(2, 3);
  ASSERT_EQ(cells.size(), 2u);
  EXPECT_EQ(cells[0].id, cells_[1].id);
  EXPECT_EQ(cells[1].id, cells_[2].id);
  EXPECT_EQ(plan.between(6, 6).front().id, cells_[5].id);
  EXPECT_EQ(plan.with_id(cells_[4].id).repetition, 3u);
  EXPECT_TRUE(has(error_text<UsageError>([&] { plan.between(6, 7); }),
                  "no cell 7, only 1 to 6"));
  for (const char* const id : {"", "x", "limit=8M"}) {
    EXPECT_THROW(plan.with_id(id), UsageError) << id;
  }
}

TEST_F(SweepFiles, need_a_plan_with_cells) {
  EXPECT_THROW(PlanFile(folder_.path_of("none")), cgroupfs::FileError);
  EXPECT_THROW(PlanFile(folder_.add_file("empty", "")), RunError);
  EXPECT_THROW(PlanFile("/dev/null"), UsageError);
  const PlanFile text(folder_.add_file("text", "hello\n"));
  EXPECT_THROW(text.between(1, 1), RunError);
}

/// As an editor may leave it.
TEST_F(SweepFiles, may_lack_the_end_of_the_last_line) {
  std::string text = cgroupfs::read_file(plan_);
  text.pop_back();
  const PlanFile plan(folder_.add_file("short", text));
  EXPECT_EQ(plan.between(6, 6).front().id, cells_[5].id);
}

TEST_F(SweepFiles, are_merged_by_case) {
  for (std::size_t i = 0; i < 6; ++i) store(i, record());
  const BenchOutcome outcome = merged();
  EXPECT_EQ(outcome.done, 6u);
  ASSERT_EQ(outcome.results.size(), 2u);
  EXPECT_EQ(outcome.results[1].of.label, "limit=16M");
  EXPECT_EQ(outcome.results[1].wall, (std::vector<double>{5, 5, 5}));
  ASSERT_EQ(outcome.sweep->kinds.size(), 1u);
  EXPECT_TRUE(outcome.sweep->missing.empty());
  EXPECT_TRUE(outcome.sweep->failed.empty());
}

TEST_F(SweepFiles, that_are_missing_or_failed_are_listed) {
  store(0, record());
  store_failure(2);
  const BenchOutcome outcome = merged();
  EXPECT_EQ(outcome.done, 1u);
  ASSERT_EQ(outcome.sweep->missing.size(), 4u);
  EXPECT_EQ(outcome.sweep->missing[0].index, 2u);
  EXPECT_EQ(outcome.sweep->missing[0].id, cells_[1].id);
  ASSERT_EQ(outcome.sweep->failed.size(), 1u);
  EXPECT_EQ(outcome.sweep->failed[0].status, 77);
  const std::string text =
      render_markdown(bench_document(outcome, Language::en));
  EXPECT_TRUE(has(text, "1 of 6 cells measured, 4 missing, 1 failed."));
  EXPECT_TRUE(has(text, ": exit status 77: no luck")) << text;
  EXPECT_FALSE(has(text, "more")) << text;
  const Json json = Json::parse(bench_json(outcome));
  EXPECT_EQ(json["sweep"]["missing"].size(), 4u);
  EXPECT_EQ(json["sweep"]["failed"][0]["error"], "cglab: no luck\nmore");
  EXPECT_EQ(json["results"][0]["host_of_run"].size(), 1u);
  EXPECT_TRUE(has(bench_csv(outcome), ",kind,host,exit_status,cell\r\n"));
}

TEST_F(SweepFiles, of_different_hosts_stand_apart) {
  RunRecord other = record();
  other.environment.kernel = "9.9.9";
  store(0, record());
  store(1, record());
  store(2, other);
  const BenchOutcome outcome = merged();
  ASSERT_EQ(outcome.sweep->kinds.size(), 2u);
  ASSERT_EQ(outcome.results.size(), 3u);
  EXPECT_EQ(outcome.results[0].of.label, "limit=8M");
  EXPECT_EQ(outcome.results[2].of.label, "limit=8M");
  EXPECT_EQ(outcome.results[2].kind, 1u);
  for (const BenchResult& result : outcome.results) {
    EXPECT_EQ(result.wall.size(), 1u);
  }
  const std::string text =
      render_markdown(bench_document(outcome, Language::en));
  EXPECT_TRUE(has(text, "so their times are reported separately"));
  EXPECT_TRUE(has(text, "Linux 9.9.9"));
  EXPECT_FALSE(has(text, "measured by cglab")) << "each kind has its version";
  EXPECT_FALSE(has(text, "| machine")) << "all machines are the same\n" << text;
  EXPECT_EQ(Json::parse(bench_json(outcome))["results"][2]["kind"], 2);
}

/// What no two hosts have in common, or what changes all the time.
TEST_F(SweepFiles, of_equal_hosts_are_of_one_kind) {
  RunRecord other = record();
  other.environment.memory_total->count -= 3 * mebi;
  other.environment.memory_available = Bytes{1};
  other.environment.memory_mount = "/other";
  store(0, record());
  store(1, other);
  EXPECT_EQ(merged().sweep->kinds.size(), 1u);
}

TEST_F(SweepFiles, of_hosts_with_more_memory_differ) {
  RunRecord other = record();
  auto& total = other.environment.memory_total->count;
  total += total / 10;
  store(0, record());
  store(1, other);
  EXPECT_EQ(merged().sweep->kinds.size(), 2u);
}

TEST_F(SweepFiles, of_other_processors_versions_and_settings_differ) {
  store(0, record());
  std::size_t number = 1;
  for (const auto& change : std::vector<void (*)(RunRecord&)>{
           [](RunRecord& of) { of.environment.cpu_model = "another"; },
           [](RunRecord& of) { of.environment.cpus += 1; },
           [](RunRecord& of) { of.environment.memory_total->count *= 2; },
           [](RunRecord& of) { of.environment.thp = "never"; },
           [](RunRecord& of) { of.tool.version = "0.0.1"; }}) {
    RunRecord other = record();
    change(other);
    store(number++, other);
  }
  EXPECT_EQ(merged().sweep->kinds.size(), 6u);
}

TEST_F(SweepFiles, in_several_folders_count_in_each) {
  store(0, record());
  store(0, record(), folder_.path_of("b.results"));
  store(1, record(), folder_.path_of("b.results"));
  const BenchOutcome outcome = merged({results_, folder_.path_of("b.results")});
  EXPECT_EQ(outcome.done, 2u) << "cells, not results";
  EXPECT_EQ(outcome.results[0].cells, (Words{cells_[0].id, cells_[0].id}));
  EXPECT_EQ(outcome.sweep->missing.size(), 4u);
}

TEST_F(SweepFiles, that_failed_in_one_folder_may_be_in_another) {
  store_failure(0);
  store(0, record(), folder_.path_of("b.results"));
  const BenchOutcome outcome = merged({results_, folder_.path_of("b.results")});
  EXPECT_EQ(outcome.done, 1u);
  EXPECT_TRUE(outcome.sweep->failed.empty());
}

TEST_F(SweepFiles, count_once) {
  store(0, record());
  EXPECT_TRUE(has(error_text<UsageError>([&] {
                    merged({results_, results_ + "/."});
                  }),
                  "is given twice"));
  const std::string plan = cgroupfs::read_file(plan_);
  plan_ = folder_.add_file("twice.jsonl", plan + plan);
  EXPECT_TRUE(
      has(error_text<RunError>([&] { merged(); }), "twice, at last in line 7"));
}

/// What they measure is the emulator, on the processor of its host.
TEST_F(SweepFiles, of_virtual_machines_stand_apart_by_their_hosts) {
  const ResultsFolder folder(results_, true);
  folder.write(cells_[0], run_of(0, record()), /*in_vm=*/true);
  folder.write(cells_[1], run_of(1, record()), /*in_vm=*/true);
  folder.write(cells_[2], run_of(2, record()), /*in_vm=*/false);
  EXPECT_EQ(merged().sweep->kinds.size(), 2u);
  const std::string path = folder.path_of(cells_[1]);
  Json other = Json::parse(cgroupfs::read_file(path));
  other["vm_host"] = "a slower processor, 2 CPUs";
  folder_.add_file("cells.results/" + cells_[1].id + ".json", other.dump());
  EXPECT_EQ(merged().sweep->kinds.size(), 3u);
}

TEST_F(SweepFiles, need_a_time) {
  store(0, record());
  const std::string name = "cells.results/" + cells_[0].id + ".json";
  const Json good = Json::parse(cgroupfs::read_file(folder_.path_of(name)));
  for (const Json& bad : {Json(-5), Json(1e30), Json(5.5), Json("5"), Json()}) {
    Json changed = good;
    changed["wall_ns"] = bad;
    folder_.add_file(name, changed.dump());
    EXPECT_EQ(merged().sweep->failed.size(), 1u) << bad;
  }
}

TEST_F(SweepFiles, have_the_record_of_their_cell) {
  ResultsFolder(results_, true).write(cells_[1], run_of(0, record()), false);
  const BenchOutcome outcome = merged();
  EXPECT_EQ(outcome.done, 0u);
  ASSERT_EQ(outcome.sweep->failed.size(), 1u);
  EXPECT_TRUE(has(outcome.sweep->failed[0].error, "is of another run"));
}

/// Neither waited for nor read for ever.
TEST_F(SweepFiles, are_regular_files) {
  store(1, record());
  const ResultsFolder folder(results_, false);
  const std::string path = folder.path_of(cells_[0]);
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  EXPECT_EQ(merged().sweep->failed.size(), 1u);
  ASSERT_EQ(::unlink(path.c_str()), 0);
  ASSERT_EQ(::symlink("/dev/zero", path.c_str()), 0);
  EXPECT_EQ(merged().sweep->failed.size(), 1u);
  ASSERT_EQ(::unlink(path.c_str()), 0);
  ASSERT_EQ(::mkdir(path.c_str(), 0700), 0);
  EXPECT_EQ(merged().sweep->failed.size(), 1u);
  EXPECT_EQ(merged().done, 1u);
}

/// A hundred thousand of them have to fit.
TEST_F(SweepFiles, keep_the_beginning_of_a_long_message) {
  EndedRun run;
  run.status = 3;
  run.complaint = std::string(50'000, 'x');
  ResultsFolder(results_, true).write(cells_[0], run, false);
  EXPECT_EQ(merged().sweep->failed[0].error.size(), 1000u);
}

/// A verdict that was changed by hand, or on the way.
TEST_F(SweepFiles, with_a_verdict_that_does_not_follow_have_failed) {
  RunRecord forged = record();
  forged.verdict.status = Status::survived;
  store(0, forged);
  const BenchOutcome outcome = merged();
  EXPECT_EQ(outcome.done, 0u);
  ASSERT_EQ(outcome.sweep->failed.size(), 1u);
  EXPECT_TRUE(has(outcome.sweep->failed[0].error,
                  "its saved verdict does not follow from its evidence"));
}

TEST_F(SweepFiles, that_are_damaged_have_failed_and_are_named) {
  store(0, record());
  store(1, record());
  const ResultsFolder folder(results_, false);
  const std::string whole = cgroupfs::read_file(folder.path_of(cells_[0]));
  for (const std::string& bad :
       {std::string(), whole.substr(0, whole.size() / 2), std::string("[]"),
        cgroupfs::read_file(folder.path_of(cells_[1]))}) {
    folder_.add_file("cells.results/" + cells_[0].id + ".json", bad);
    EXPECT_THROW(folder.find(cells_[0]), DamagedResult);
    const BenchOutcome outcome = merged();
    ASSERT_EQ(outcome.sweep->failed.size(), 1u);
    EXPECT_TRUE(has(outcome.sweep->failed[0].error, cells_[0].id));
    EXPECT_EQ(outcome.done, 1u);
  }
}

TEST_F(SweepFiles, need_a_folder_for_the_results) {
  EXPECT_THROW(merged(), cgroupfs::FileError);
  EXPECT_THROW(merged({plan_}), cgroupfs::FileError);
  EXPECT_THROW(ResultsFolder(folder_.path_of("no/such"), true),
               cgroupfs::FileError);
}

TEST_F(SweepFiles, show_no_control_characters_of_a_plan) {
  plan_ = folder_.add_file("evil.jsonl",
                           line_of(make_cell({"a\x1b[31mb\n", "oom", {}}, 1)));
  ResultsFolder(results_, true);
  const BenchOutcome outcome = merged();
  ASSERT_EQ(outcome.sweep->missing.size(), 1u);
  const std::string& label = outcome.sweep->missing[0].label;
  EXPECT_EQ(label.find_first_of("\x1b\n"), std::string::npos) << label;
}

/// What the host says of itself reaches a terminal.
TEST_F(SweepFiles, show_no_control_characters_of_a_host) {
  store_failure(0);
  BenchOutcome outcome = merged();
  outcome.sweep->failed[0].host = "a\x1b[31mb";
  outcome.sweep->failed[0].error = "c\x1b[31md";
  const Terminal terminal(stderr, ColorChoice::never);
  EXPECT_FALSE(has(render_text(bench_document(outcome, Language::en), terminal),
                   "\x1b"));
}

}  // namespace
}  // namespace lab
