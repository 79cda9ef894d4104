// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <fmt/format.h>
#include <signal.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "cgroupfs/directory.h"
#include "tests/cli/cli_test.h"
#include "tests/support/temp_folder.h"

namespace cli_test {
namespace {

namespace fs = std::filesystem;

/// Sweeps of small runs in the nest.
class SweepTest : public CliTest {
 protected:
  /// Writes a plan and returns its file.
  std::string plan(Words words, const Words& what) const {
    const std::string file = folder_.path_of("cells.jsonl");
    words.insert(words.begin(), {"sweep", "plan", "-o", file});
    words.push_back("--");
    words.insert(words.end(), what.begin(), what.end());
    const Ending ending = cglab(words);
    EXPECT_EQ(ending.status, 0) << ending.err;
    return file;
  }
  std::string small_plan(const Words& words) const {
    return plan(words, {"oom", "--parent", nest().path(), "--limit", "2M",
                        "--ramp", "0"});
  }
  Ending run(const Words& more) const {
    Words words{"sweep", "run", folder_.path_of("cells.jsonl")};
    words.insert(words.end(), more.begin(), more.end());
    return cglab(words);
  }
  std::string results() const { return folder_.path_of("cells.results"); }
  Ending merge(const Words& more = {}) const {
    Words words{"sweep", "merge", results()};
    words.insert(words.end(), more.begin(), more.end());
    return cglab(words);
  }
  Json merged() const { return Json::parse(merge({"--format", "json"}).out); }
  std::vector<Json> cells() const {
    std::ifstream file(folder_.path_of("cells.jsonl"));
    std::vector<Json> all;
    for (std::string line; std::getline(file, line);) {
      all.push_back(Json::parse(line));
    }
    return all;
  }
  std::string result_of(const Json& cell) const {
    return fmt::format("{}/{}.json", results(), cell["id"].get<std::string>());
  }

  TempFolder folder_;
};

TEST_F(SweepTest, MeasuresEveryCell) {
  small_plan({"-L", "poll=1ms,5ms", "--repeat", "2"});
  const auto all = cells();
  ASSERT_EQ(all.size(), 4u);
  EXPECT_EQ(all[1]["case"], "poll=5ms") << "the cases are interleaved";
  EXPECT_EQ(run({all[0]["id"]}).status, 0);
  EXPECT_EQ(run({"--index", "2"}).status, 0);
  EXPECT_EQ(run({"--index", "3-4"}).status, 0);
  EXPECT_EQ(in_nest(), Words());
  const Ending text =
      merge({"-o", folder_.path_of("a.html"), "-o", folder_.path_of("a.csv"),
             "-o", folder_.path_of("a.md")});
  EXPECT_EQ(text.status, 0) << text.err;
  EXPECT_TRUE(has(text.out, "4 of 4 cells measured, 0 missing, 0 failed."));
  EXPECT_TRUE(has(cgroupfs::read_file(folder_.path_of("a.html")),
                  "\"case\":\"poll=5ms\""));
  EXPECT_TRUE(has(cgroupfs::read_file(folder_.path_of("a.md")), "| Case |"));
  const std::string csv = cgroupfs::read_file(folder_.path_of("a.csv"));
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 5);
  const Json json = merged();
  ASSERT_EQ(json["results"].size(), 2u);
  for (const Json& result : json["results"]) {
    EXPECT_EQ(result["verdicts"], Json({{"oom_killed", 2}}));
    EXPECT_GE(result["wall"]["min"], result["run"]["min"]);
  }
}

/// A plan is the same wherever and whenever it is made.
TEST_F(SweepTest, HasOnePlan) {
  const std::string first = cgroupfs::read_file(small_plan({"--repeat", "3"}));
  EXPECT_EQ(cgroupfs::read_file(small_plan({"--repeat", "3"})), first);
}

TEST_F(SweepTest, DoesNotRepeatACellThatHasAResult) {
  small_plan({});
  EXPECT_EQ(run({"--index", "1"}).status, 0);
  const std::string file = result_of(cells()[0]);
  const std::string before = cgroupfs::read_file(file);
  for (const char* const option : {"--quiet", "--retry"}) {
    const Ending again = run({"--index", "1", option});
    EXPECT_EQ(again.status, 0) << again.err;
  }
  EXPECT_TRUE(has(run({"--index", "1"}).err, "has a result"));
  EXPECT_EQ(cgroupfs::read_file(file), before);
}

TEST_F(SweepTest, KeepsAFailureAsAResult) {
  plan({}, {"oom", "--parent", nest().path() + "/none", "--limit", "2M"});
  const Ending failed = run({"--index", "1"});
  EXPECT_EQ(failed.status, 0) << failed.err;
  EXPECT_TRUE(has(failed.err, "failed, recorded in"));
  const Json json = merged();
  EXPECT_EQ(merge().status, 1);
  ASSERT_EQ(json["sweep"]["failed"].size(), 1u);
  EXPECT_NE(json["sweep"]["failed"][0]["exit_status"], 0);
  EXPECT_TRUE(
      has(json["sweep"]["failed"][0]["error"].get<std::string>(), "none"));
  EXPECT_TRUE(has(run({"--index", "1"}).err, "--retry repeats it"));
  EXPECT_TRUE(has(run({"--index", "1", "--retry"}).err, "failed, recorded"));
}

/// The next host may be able to run it.
TEST_F(SweepTest, RepeatsACellThatTheHostCannotRun) {
  const bool is_v2 = nest().version() == cgroupfs::Version::v2;
  plan({}, {is_v2 ? "pause" : "throttle", "--parent", nest().path()});
  for (int i = 0; i < 2; ++i) {
    const Ending ending = run({"--index", "1"});
    EXPECT_EQ(ending.status, 77) << ending.err;
    EXPECT_TRUE(has(ending.err, "failed, recorded in")) << ending.err;
  }
  EXPECT_EQ(merged()["sweep"]["failed"][0]["exit_status"], 77);
}

TEST_F(SweepTest, ListsTheStatesOfItsCells) {
  plan({"-L", "program=true,/nonexistent/program,false"},
       {"run", "--parent", nest().path(), "--", "{program}"});
  const auto all = cells();
  const auto line = [&](std::size_t number, const char* state) {
    return fmt::format("{}\t{}\t{}\t{}\n", number + 1,
                       all[number]["id"].get<std::string>(), state,
                       all[number]["case"].get<std::string>());
  };
  const Words words{"sweep", "list", folder_.path_of("cells.jsonl")};
  EXPECT_TRUE(cglab(words).out.starts_with(line(0, "missing")));
  EXPECT_FALSE(fs::exists(results()));
  EXPECT_EQ(run({"--index", "1-2"}).status, 0);
  EXPECT_EQ(cglab(words).out,
            line(0, "done") + line(1, "failed") + line(2, "missing"));
  fs::resize_file(result_of(all[0]), 10);
  EXPECT_TRUE(cglab(words).out.starts_with(line(0, "missing")));
}

TEST_F(SweepTest, ListsMissingCells) {
  small_plan({"--repeat", "2"});
  EXPECT_EQ(run({"--index", "2"}).status, 0);
  const Ending ending = merge();
  EXPECT_EQ(ending.status, 1);
  EXPECT_TRUE(has(ending.out, "1 of 2 cells measured, 1 missing, 0 failed."));
  EXPECT_TRUE(has(ending.out, cells()[0]["id"].get<std::string>()));
}

/// As after a crash of the file server.
TEST_F(SweepTest, RepeatsACellWhoseResultIsDamaged) {
  small_plan({});
  EXPECT_EQ(run({"--index", "1"}).status, 0);
  const std::string file = result_of(cells()[0]);
  fs::resize_file(file, fs::file_size(file) / 2);
  EXPECT_EQ(merge().status, 1);
  const Ending again = run({"--index", "1"});
  EXPECT_EQ(again.status, 0);
  EXPECT_TRUE(has(again.err, "is repeated"));
  EXPECT_EQ(merge().status, 0);
}

TEST_F(SweepTest, MeasuresACommandWithItsOutput) {
  plan({"-L", "code=0,4"},
       {"run", "--parent", nest().path(), "--limit", "32M", "--", "sh", "-c",
        "echo out {code}; echo err >&2; exit {code}"});
  EXPECT_EQ(run({"--index", "1-2"}).status, 0);
  const Json result = Json::parse(cgroupfs::read_file(result_of(cells()[1])));
  EXPECT_EQ(result["stdout"], "out 4\n");
  EXPECT_EQ(result["stderr"], "err\n");
  EXPECT_EQ(result["exit_status"], 4);
  EXPECT_FALSE(result["failed"]);
  EXPECT_EQ(result["record"]["schema"], "cglab.run/2");
  const Ending ending = merge();
  EXPECT_EQ(ending.status, 0);
  EXPECT_TRUE(has(ending.out, "code=4: finished (1); exit status 4 (1)"))
      << ending.out;
  EXPECT_EQ(merged()["results"][1]["exit_status_of_run"], Json::array({4}));
  EXPECT_EQ(in_nest(), Words());
}

/// Only the end of it is kept, whatever a program prints.
TEST_F(SweepTest, BoundsTheOutputOfACommand) {
  plan({}, {"run", "--parent", nest().path(), "--limit", "32M", "--", "sh",
            "-c", "head -c 3000000 /dev/zero | tr '\\0' x; echo the end"});
  EXPECT_EQ(run({"--index", "1"}).status, 0);
  const Json result = Json::parse(cgroupfs::read_file(result_of(cells()[0])));
  const std::string output = result["stdout"];
  EXPECT_EQ(output.size(), 64u << 10);
  EXPECT_TRUE(output.ends_with("the end\n"));
}

TEST_F(SweepTest, FailsWhereACommandIsMissing) {
  plan({}, {"run", "--parent", nest().path(), "--", "/nonexistent/program"});
  EXPECT_EQ(run({"--index", "1"}).status, 0);
  EXPECT_EQ(merged()["sweep"]["failed"][0]["exit_status"], 127);
}

TEST_F(SweepTest, HasNoResultAfterASignal) {
  plan({},
       {"oom", "--parent", nest().path(), "--limit", "64M", "--ramp", "60s"});
  Subprocess running = Subprocess::start(cglab_spec(
      {"sweep", "run", folder_.path_of("cells.jsonl"), "--index", "1"}));
  climbing_hog();
  running.signal(SIGTERM);
  const Ending ending = running.wait();
  EXPECT_EQ(ending.status, 128 + SIGTERM) << ending.err;
  EXPECT_FALSE(fs::exists(result_of(cells()[0])));
  EXPECT_TRUE(fs::is_empty(results()));
  EXPECT_EQ(in_nest(), Words());
}

/// Whoever ends a job may reach the hog first, and cglab never.
TEST_F(SweepTest, HasNoResultOfAHogThatWasEndedFromOutside) {
  plan({},
       {"oom", "--parent", nest().path(), "--limit", "64M", "--ramp", "60s"});
  Subprocess running = Subprocess::start(cglab_spec(
      {"sweep", "run", folder_.path_of("cells.jsonl"), "--index", "1"}));
  ::kill(climbing_hog(), SIGTERM);
  const Ending ending = running.wait();
  EXPECT_EQ(ending.status, 128 + SIGTERM) << ending.err;
  EXPECT_TRUE(has(ending.err, "interrupted by SIGTERM")) << ending.err;
  EXPECT_TRUE(fs::is_empty(results()));
}

/// An end by a signal is a result of a command.
TEST_F(SweepTest, HasAResultOfACommandThatEndsItself) {
  plan({}, {"run", "--parent", nest().path(), "--limit", "32M", "--", "sh",
            "-c", "kill -TERM $$"});
  EXPECT_EQ(run({"--index", "1"}).status, 0);
  const Json result = Json::parse(cgroupfs::read_file(result_of(cells()[0])));
  EXPECT_EQ(result["exit_status"], 128 + SIGTERM);
  EXPECT_FALSE(result["failed"]);
  EXPECT_EQ(merge().status, 0);
}

TEST_F(SweepTest, StoresNothingWhereItCannot) {
  small_plan({});
  for (const std::string& folder :
       {std::string("/proc/none"), folder_.path_of("cells.jsonl"),
        std::string("/nonexistent/results")}) {
    const Ending ending = run({"--index", "1", "--results", folder});
    EXPECT_EQ(ending.status, 3) << folder;
    EXPECT_TRUE(has(ending.err, "the folder of the results " + folder))
        << ending.err;
  }
}

TEST_F(SweepTest, RefusesAPlanThatWasChanged) {
  const std::string file = small_plan({});
  std::string text = cgroupfs::read_file(file);
  text.replace(text.find("2M"), 2, "1M");
  folder_.add_file("cells.jsonl", text);
  for (const Words& words : {Words{"sweep", "run", file, "--index", "1"},
                             Words{"sweep", "run", file, cells()[0]["id"]}}) {
    const Ending ending = cglab(words);
    EXPECT_EQ(ending.status, 3);
    EXPECT_TRUE(has(ending.err, "line 1: the id")) << ending.err;
  }
}

TEST_F(SweepTest, ChecksEveryCellBeforeItIsPlanned) {
  for (const auto& [words, error] : std::vector<std::pair<Words, std::string>>{
           {{"-L", "poll=1ms,x", "--", "oom"}, "poll=x: --poll: invalid time"},
           {{"--", "nosuch"}, "unknown experiment 'nosuch'"},
           {{"--", "run"}, "no command given"},
           {{"--", "oom", "--json", "f"}, "each run makes one record"},
           {{"--repeat", "0", "--", "oom"}, "--repeat: invalid number '0'"},
           {{"-L", "poll=1ms,2ms", "--repeat", "600000", "--", "oom"},
            "more than 1000000 cells"},
           {{"oom"}, "put the experiment after --"},
           {{}, "no experiment"}}) {
    Words all{"sweep", "plan"};
    all.insert(all.end(), words.begin(), words.end());
    const Ending ending = cglab(all);
    EXPECT_EQ(ending.status, 2);
    EXPECT_EQ(ending.out, "");
    EXPECT_TRUE(has(ending.err, error)) << ending.err;
  }
}

TEST_F(SweepTest, ChecksItsOptions) {
  const std::string file = small_plan({});
  const std::string id = cells()[0]["id"];
  for (const auto& [words, error] : std::vector<std::pair<Words, std::string>>{
           {{}, "no action (use plan, run, list or merge)"},
           {{"pla"}, "did you mean 'plan'?"},
           {{"run"}, "no plan"},
           {{"run", file}, "either the ID of a cell or --index"},
           {{"run", file, id, "--index", "1"}, "either the ID"},
           {{"run", file, id, "x"}, "unexpected argument 'x'"},
           {{"run", file, "x"}, "no cell with the id 'x'"},
           {{"run", file, "--index", "2"}, "no cell 2, only 1 to 1"},
           {{"run", file, "--index", "0"}, "--index: invalid number '0'"},
           {{"run", file, "--index", "3-2"}, "invalid range '3-2'"},
           {{"run", file, "--index", "1-"}, "--index: invalid number ''"},
           {{"run", file, id, "--repeat", "2"}, "run has no option --repeat"},
           {{"run", file, id, "--", "x"}, "takes nothing after --"},
           {{"merge"}, "no folder"},
           {{"merge", folder_.path_of("")}, "give it with --plan"},
           {{"merge", "x.results", "--vm"}, "merge has no option --vm"}}) {
    Words all{"sweep"};
    all.insert(all.end(), words.begin(), words.end());
    const Ending ending = cglab(all);
    EXPECT_EQ(ending.status, 2) << ending.err;
    EXPECT_TRUE(has(ending.err, error)) << ending.err;
  }
}

TEST_F(SweepTest, DoesNotReplaceItsPlanByAReport) {
  const std::string file = small_plan({});
  EXPECT_EQ(run({"--index", "1"}).status, 0);
  const std::string before = cgroupfs::read_file(file);
  EXPECT_EQ(merge({"--format", "csv", "-o", file}).status, 2);
  EXPECT_EQ(cgroupfs::read_file(file), before);
  EXPECT_EQ(merge({"-o", result_of(cells()[0])}).status, 2);
  EXPECT_EQ(merge().status, 0);
}

/// Several at once, as an engine may start a job again that still runs.
TEST_F(SweepTest, IsCompleteWhereACellRunsTwiceAtOnce) {
  small_plan({});
  std::vector<Subprocess> running;
  for (int i = 0; i < 6; ++i) {
    running.push_back(Subprocess::start(cglab_spec(
        {"sweep", "run", folder_.path_of("cells.jsonl"), "--index", "1"})));
  }
  for (Subprocess& each : running) EXPECT_EQ(each.wait().status, 0);
  EXPECT_EQ(merge().status, 0);
  EXPECT_EQ(std::distance(fs::directory_iterator(results()), {}), 1);
  EXPECT_EQ(in_nest(), Words());
}

TEST_F(SweepTest, SpeaksChinese) {
  small_plan({"--repeat", "2"});
  EXPECT_EQ(run({"--index", "1"}).status, 0);
  const Ending ending = merge({"--lang", "zh"});
  EXPECT_TRUE(has(ending.out, "2 个单元中，1 个已测得，1 个缺失，0 个失败。"))
      << ending.out;
}

/// `bench` is the same on one machine.
TEST_F(SweepTest, BenchMeasuresCommands) {
  const Ending ending =
      cglab({"bench", "run", "--runs", "2", "-L", "code=0,3", "--format",
             "json", "--quiet", "--", "--parent", nest().path(), "--limit",
             "32M", "--", "sh", "-c", "exit {code}"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  const Json json = Json::parse(ending.out);
  EXPECT_EQ(json["results"][1]["case"], "code=3");
  EXPECT_EQ(json["results"][1]["exit_status_of_run"], Json::array({3, 3}));
  EXPECT_EQ(in_nest(), Words());
}

}  // namespace
}  // namespace cli_test
