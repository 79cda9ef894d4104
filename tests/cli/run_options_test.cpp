// SPDX-License-Identifier: MIT
// Options that every run has, and the pair of a run and its control run.
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>

#include <unistd.h>

#include "cgroupfs/directory.h"
#include "tests/cli/record_checks.h"
#include "tests/cli/record_schema.h"
#include "tests/cli/run_fixture.h"
#include "tests/support/reason.h"
#include "tests/support/temp_folder.h"
#include "tests/support/wait.h"

namespace cli_test {
namespace {

/// `experiment` in the nest, with `more`.
class RunOptions : public RunTest {
 protected:
  Ending run_experiment(const std::string& experiment,
                        const Words& more) const {
    return cglab(words(experiment, more));
  }

  Words words(const std::string& experiment, const Words& more) const {
    Words words{experiment, "--parent", nest().path(), "--limit", "16M"};
    words.insert(words.end(), more.begin(), more.end());
    return words;
  }

  std::string file(const std::string& name) const {
    return folder_.path_of(name);
  }
  bool is_there(const std::string& path) const {
    return ::access(path.c_str(), F_OK) == 0;
  }
  /// The record in that file, checked against the schema.
  Json record_in(const std::string& name) const {
    const auto text = cgroupfs::try_read_file(file(name));
    EXPECT_TRUE(text) << "no " << name;
    Json record = parse_record(text.value_or("{}"));
    EXPECT_EQ(schema_errors(record), "");
    return record;
  }

 private:
  TempFolder folder_;
};

/// Experiments that leave cgroups side by side, one inside the other, and on
/// two hierarchies.
class KeptCgroups : public RunOptions,
                    public testing::WithParamInterface<const char*> {
 protected:
  void SetUp() override {
    RunOptions::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    enable_pids();
  }

  void TearDown() override {
    for (const std::string& path : left_) remove_tree(path);
    RunOptions::TearDown();
  }

  /// For what the report's own command does not remove.
  void remove_tree(const std::string& path) const {
    const auto directory = cgroupfs::Directory::try_open(path);
    if (!directory) return;
    for (const std::string& name : directory->subdirectories()) {
      remove_tree(path + "/" + name);
    }
    ::rmdir(path.c_str());
  }

  Words left_;
};

TEST_P(KeptCgroups, AreEmptyAndGoByTheCommandOfTheReport) {
  const Ending ending = run_experiment(
      GetParam(), {"--keep", "--quiet", "--json", file("kept.json")});
  if (ending.status == 77) GTEST_SKIP() << ending.err;
  EXPECT_EQ(ending.status, 0) << ending.err;
  const Json record = record_in("kept.json");
  EXPECT_EQ(record["plan"]["keep"], true);
  EXPECT_EQ(record["cleanup"]["removed"], false);
  EXPECT_EQ(record["cleanup"]["error"], nullptr);
  left_ = record["cleanup"]["left"].get<Words>();
  ASSERT_FALSE(left_.empty());
  for (const Json& cgroup : record["cgroups"]) {
    const std::string path = cgroup["path"];
    EXPECT_EQ(path.find(left_.front() + "/"), 0u) << path;
    EXPECT_FALSE(cgroupfs::Cgroup::open(path, version()).populated()) << path;
  }
  const Ending clean = cglab({"clean"});
  for (const std::string& path : left_) {
    EXPECT_TRUE(is_there(path)) << path;
    EXPECT_TRUE(has(clean.out, "kept " + path + " "));
  }

  const std::string report = cglab({"report", file("kept.json")}).out;
  const std::string before = "remove it with\n";
  const std::size_t at = report.find(before);
  ASSERT_NE(at, report.npos) << report;
  ProcessSpec shell;
  shell.program = "sh";
  const std::size_t begin = at + before.size();
  const std::size_t end = report.find("\n\n", begin);
  shell.arguments = {"-e", "-c", report.substr(begin, end - begin)};
  const Ending removed = test_support::run_process(shell);
  EXPECT_EQ(removed.status, 0) << removed.err;
  for (const std::string& path : left_) EXPECT_FALSE(is_there(path)) << path;
}

INSTANTIATE_TEST_SUITE_P(Of, KeptCgroups,
                         testing::Values("course", "forks", "lower", "move",
                                         "parent"));

TEST_F(RunOptions, WithControlShowBothRunsOfTheHog) {
  const Ending ending =
      run_experiment("oom", {"--ramp", "0", "--with-control", "--json",
                             file("r.json"), "--html", file("r.html")});
  EXPECT_EQ(ending.status, 0) << ending.err;
  const std::size_t run = ending.out.find("OOM KILL PROVEN\n");
  const std::size_t control = ending.out.find("CONTROL RUN AS EXPECTED\n");
  EXPECT_EQ(run, 0u) << ending.out;
  EXPECT_NE(control, ending.out.npos) << ending.out;
  EXPECT_LT(run, control);
  EXPECT_TRUE(has(ending.out.substr(control), "2 runs compared"));

  const Json first = record_in("r.json");
  check_record(first);
  EXPECT_EQ(first["plan"]["control"], false);
  EXPECT_EQ(first["verdict"]["status"], "oom_killed");
  const Json second = record_in("r.control.json");
  check_record(second);
  EXPECT_EQ(second["plan"]["control"], true);
  EXPECT_EQ(second["verdict"]["status"], "survived");
  EXPECT_EQ(second["tool"], first["tool"]);

  const std::string page = cgroupfs::read_file(file("r.html"));
  EXPECT_TRUE(has(page, R"("status":"oom_killed")"));
  EXPECT_TRUE(has(page, R"("status":"survived")"));
}

TEST_F(RunOptions, WithControlShowBothRunsOfAnExperiment) {
  const Ending ending = run_experiment(
      "move",
      {"--with-control", "--json", file("r.json"), "--html", file("r.html")});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_EQ(ending.out.find("AS PREDICTED\n"), 0u) << ending.out;
  EXPECT_TRUE(has(ending.out, "CONTROL RUN AS EXPECTED\n"));
  EXPECT_TRUE(has(ending.out, "2 runs compared"));
  const Json first = record_in("r.json");
  EXPECT_EQ(first["plan"]["control"], false);
  EXPECT_EQ(first["verdict"]["status"], "as_predicted");
  const Json second = record_in("r.control.json");
  EXPECT_EQ(second["plan"]["control"], true);
  EXPECT_EQ(second["verdict"]["status"], "not_as_predicted");
  const std::string page = cgroupfs::read_file(file("r.html"));
  EXPECT_TRUE(has(page, R"("status":"as_predicted")"));
  EXPECT_TRUE(has(page, R"("status":"not_as_predicted")"));
}

/// The command is measured and nothing kills it.
TEST_F(RunOptions, WithControlRunACommandWithoutItsLimit) {
  const Words options{"--limit",      "16M",    "--with-control", "--json",
                      file("r.json"), "--html", file("r.html")};
  const Ending ending = run(options, {"sh", "-c", "exec " + hog("32M")});
  EXPECT_EQ(ending.status, 128 + SIGKILL) << "the run's own";
  EXPECT_EQ(ending.out, "");
  EXPECT_TRUE(has(ending.err, "OOM KILL PROVEN\n"));
  EXPECT_TRUE(has(ending.err, "FINISHED (control run)\n"));
  EXPECT_TRUE(has(ending.err, "2 runs compared"));
  const Json first = record_in("r.json");
  check_command_record(first);
  EXPECT_EQ(first["plan"]["control"], false);
  EXPECT_EQ(first["plan"]["limit"], 16 << 20);
  EXPECT_EQ(first["verdict"]["status"], "oom_killed");
  const Json second = record_in("r.control.json");
  check_command_record(second);
  EXPECT_EQ(second["plan"]["control"], true);
  EXPECT_EQ(second["plan"]["limit"], "max");
  EXPECT_EQ(second["limits"], Json::array());
  EXPECT_EQ(second["verdict"]["status"], "finished");
  EXPECT_EQ(second["processes"][0]["exit_code"], 0);
  EXPECT_TRUE(
      has(cgroupfs::read_file(file("r.html")), R"("status":"finished")"));
}

/// Exit status 4 of a command is its own; no cgroup is left behind.
TEST_F(RunOptions, WithControlKeepTheStatusOfTheRun) {
  const Ending ending = run({"--limit", "16M", "--env", "--with-control"},
                            {"sh", "-c", "test $CGLAB_LIMIT != max || exit 4"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.err, "exited with status 4"));
  const Ending unwritten =
      run({"--limit", "16M", "--json", "/dev/full"}, {"sh", "-c", "exit 4"});
  EXPECT_EQ(unwritten.status, 3) << unwritten.err;
}

TEST_F(RunOptions, ControlMeasuresACommandWithoutItsLimit) {
  const Json record =
      record_of({"--limit", "16M", "--control"}, "exec " + hog("32M"), 0);
  EXPECT_EQ(record["plan"]["control"], true);
  EXPECT_EQ(record["verdict"]["status"], "finished");
  EXPECT_GE(record["peak"]["bytes"], 32 << 20);
}

/// There is nothing to compare it with.
TEST_F(RunOptions, WithControlMakeNoControlRunOfAnInterruptedOne) {
  Subprocess run = Subprocess::start(
      cglab_spec(words("leak", {"--with-control", "--json", file("r.json")})));
  const auto limited = running_group().path();
  run.signal(SIGTERM);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 128 + SIGTERM) << ending.err;
  EXPECT_TRUE(has(ending.out, "INTERRUPTED"));
  EXPECT_FALSE(has(ending.out, "CONTROL RUN"));
  EXPECT_TRUE(has(ending.err, "the control run is left out"));
  EXPECT_EQ(record_in("r.json")["verdict"]["status"], "interrupted");
  EXPECT_FALSE(is_there(file("r.control.json")));
}

/// Exit status 1, where each of the two comes out otherwise.
TEST_F(RunOptions, WithControlFailByTheControlRunToo) {
  auto tight = make_below(nest());
  tight.memory.set(cgroupfs::File::memory_max,
                   cgroupfs::Limit::of(test_support::mib(20)));
  test_support::forbid_swap_below(tight.memory);
  if (version() == cgroupfs::Version::v2) {
    tight.group.directory().write("cgroup.subtree_control", "+memory");
  }
  // The run dies at its own 16M; the control run would live on 24M of 32M.
  const Words place{"oom", "--parent", tight.group.path(), "--ramp", "0"};
  Words control = place;
  control.insert(control.end(), {"--limit", "32M", "--control"});
  const Ending killed = logged_kill(control);
  EXPECT_EQ(killed.status, 1) << killed.err;
  EXPECT_TRUE(has(killed.out, "AT AN ANCESTOR'S LIMIT"));
  EXPECT_TRUE(has(killed.out, "(control run)"));
  Words both = place;
  both.insert(both.end(), {"--limit", "32M", "--with-control", "--quiet"});
  EXPECT_EQ(cglab(both).status, 1);
  Words fine = place;
  fine.insert(fine.end(), {"--limit", "16M", "--with-control", "--quiet"});
  EXPECT_EQ(cglab(fine).status, 0);
}

TEST_F(RunOptions, ControlOfAnExperimentThatShowsTheSameFails) {
  auto tight = make_below(nest());
  tight.memory.set(cgroupfs::File::memory_max,
                   cgroupfs::Limit::of(test_support::mib(16)));
  test_support::forbid_swap_below(tight.memory);
  if (version() == cgroupfs::Version::v2) {
    tight.group.directory().write("cgroup.subtree_control", "+memory");
  }
  // The leak stops at half of 64M, but is killed before.
  const Ending ending =
      cglab({"leak", "--parent", tight.group.path(), "--limit", "64M",
             "--control", "--json", file("r.json")});
  EXPECT_EQ(ending.status, 1) << ending.err;
  EXPECT_TRUE(has(ending.out, "CONTROL RUN FAILED")) << ending.out;
  const std::string reason = test_support::reason_in(record_in("r.json"));
  EXPECT_TRUE(has(reason,
                  "Control run failed: this claim should not hold without the "
                  "cause, but does: "));
}

TEST_F(RunOptions, SwapIsTheUsersChoice) {
  for (const Words& more : {Words{"--swap", "max"}, Words{"--swap", "1M"}}) {
    Words words = more;
    words.insert(words.end(), {"--quiet", "--json", file("r.json")});
    const Ending ending = run_experiment("move", words);
    if (ending.status == 77) GTEST_SKIP() << ending.err;
    EXPECT_EQ(ending.status, 0) << ending.err;
    const Json record = record_in("r.json");
    EXPECT_EQ(record["plan"]["swap"],
              more[1] == "max" ? Json("max") : Json(1 << 20));
    Words files;
    for (const Json& limit : record["limits"]) files.push_back(limit["file"]);
    const bool limited = more[1] != "max" && test_support::host_has_swap();
    EXPECT_EQ(files.size(), limited ? 4u : 2u) << record["limits"];
  }
}

TEST_F(RunOptions, RampMakesAnExperimentSlow) {
  const Words quiet{"--quiet", "--json", file("r.json")};
  EXPECT_EQ(run_experiment("move", quiet).status, 0);
  const Json fast = record_in("r.json");
  EXPECT_EQ(fast["plan"]["ramp_ns"], nullptr);
  Words slowly = quiet;
  slowly.insert(slowly.end(), {"--ramp", "1s"});
  const Ending ending = run_experiment("move", slowly);
  EXPECT_EQ(ending.status, 0) << ending.err;
  const Json slow = record_in("r.json");
  EXPECT_EQ(slow["plan"]["ramp_ns"], 1'000'000'000);
  EXPECT_GT(slow["plan"]["timeout_ns"], fast["plan"]["timeout_ns"]);
  // Three quarters of the limit.
  EXPECT_GT(slow["processes"][0]["last_touch_ns"], 700'000'000);
  EXPECT_GT(slow["samples"]["time_ns"].size(), 50u);
}

/// Waits of an experiment last as long as its processes need.
TEST_F(RunOptions, RampIsWaitedFor) {
  if (version() == cgroupfs::Version::v2) GTEST_SKIP() << "cgroup v1: pause";
  const Ending ending =
      run_experiment("pause", {"--ramp", "5500ms", "--json", "-"});
  EXPECT_EQ(ending.status, 0) << ending.err;
}

TEST_F(RunOptions, CourseIsACommandOfItsOwn) {
  const Ending ending =
      run_experiment("course", {"--ramp", "0", "--json", "-"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.err, "The course's order, step by step"));
  const Json record = parse_record(ending.out);
  check_record(record);
  EXPECT_EQ(record["plan"]["experiment"], "course");
  EXPECT_EQ(record["plan"]["total"], 32 << 20);
  EXPECT_EQ(record["plan"]["block"], 4 << 20);
  EXPECT_EQ(record["verdict"]["status"], "oom_killed");
}

/// It allocates a quarter outside, and in total less than the limit.
TEST_F(RunOptions, ControlOfTheCourseIsSurvival) {
  for (const Words& name : {Words{"course"}, Words{"oom", "--order=course"}}) {
    Words more(name.begin() + 1, name.end());
    more.insert(more.end(), {"--ramp", "0", "--control", "--json", "-"});
    const Ending ending = run_experiment(name.front(), more);
    EXPECT_EQ(ending.status, 0) << ending.err;
    const Json record = parse_record(ending.out);
    check_record(record);
    EXPECT_EQ(record["plan"]["experiment"], "course");
    EXPECT_EQ(record["plan"]["control"], true);
    EXPECT_EQ(record["verdict"]["status"], "survived");
    EXPECT_EQ(record["processes"][0]["touched"], 12 << 20);
  }
}

TEST_F(RunOptions, OfACommandWriteAllItsFiles) {
  const Ending ending = run({"--limit", "16M", "--json", file("r.json"),
                             "--html", file("r.html"), "--csv", file("r.csv")},
                            {"sh", "-c", "echo out; exit 3"});
  EXPECT_EQ(ending.status, 3);
  EXPECT_EQ(ending.out, "out\n");
  const Json record = record_in("r.json");
  check_command_record(record);
  const std::string page = cgroupfs::read_file(file("r.html"));
  EXPECT_EQ(page.find("<!DOCTYPE html>"), 0u);
  EXPECT_TRUE(has(page, R"("status":"finished")"));
  const std::string csv = cgroupfs::read_file(file("r.csv"));
  EXPECT_EQ(csv.find("time_ns,usage_bytes"), 0u) << csv.substr(0, 80);
  EXPECT_EQ(static_cast<std::size_t>(std::count(csv.begin(), csv.end(), '\n')),
            record["samples"]["time_ns"].size() + 1);
}

}  // namespace
}  // namespace cli_test
