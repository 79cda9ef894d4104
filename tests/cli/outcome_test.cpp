// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <unistd.h>

#include "lab/report/fact_words.h"
#include "tests/cli/cli_test.h"

namespace cli_test {
namespace {

using cgroupfs::Version;
using test_support::mib;

class Outcome : public CliTest {
 protected:
  /// A cgroup in which runs have no more than `limit`, all together.
  auto make_tight_parent(cgroupfs::Bytes limit) {
    auto tight = make_below(nest());
    tight.memory.set(cgroupfs::File::memory_max, cgroupfs::Limit::of(limit));
    test_support::forbid_swap_below(tight.memory);
    if (version() == Version::v2) {
      tight.group.directory().write("cgroup.subtree_control", "+memory");
    }
    return tight;
  }
};

TEST_F(Outcome, OfTheClimbIsAProvenOomKill) {
  const Ending ending = oom({"--limit", "16M", "--ramp", "0"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "OOM KILL PROVEN"));
  EXPECT_TRUE(has(ending.out, "SIGKILL"));
  EXPECT_TRUE(has(ending.out, "0 -> 1"));
  EXPECT_TRUE(has(ending.out, "16777216 bytes"));
  EXPECT_TRUE(has(ending.out, "nothing; the cgroup is removed"));
  EXPECT_EQ(in_nest(), Words());
}

TEST_F(Outcome, IsTheSameWhereCglabChoosesThePlace) {
  const Ending ending = cglab({"oom", "--limit", "8M", "--ramp", "0"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "0 -> 1"));
  EXPECT_TRUE(has(ending.out, "/cglab.oom."));
  EXPECT_EQ(groups_of(ending.pid), Words());
}

TEST_F(Outcome, IsTheSameWhereTheVersionIsAskedFor) {
  const std::string asked(cgroupfs::to_string(version()));
  const Ending ending =
      oom({"--limit", "8M", "--ramp", "0", "--cgroup", asked, "--quiet"});
  EXPECT_EQ(ending.status, 0) << ending.err;
}

TEST_F(Outcome, OfTheControlRunBelowTheLimitIsSurvival) {
  const Ending ending = oom({"--limit", "16M", "--total", "8M", "--ramp", "0"});
  EXPECT_EQ(ending.status, 1) << ending.err;
  EXPECT_TRUE(has(ending.out, "SURVIVED"));
  EXPECT_TRUE(has(ending.out, "8388608 bytes"));
  EXPECT_TRUE(has(ending.out, "0 -> 0"));
  EXPECT_TRUE(has(ending.out, "exited with status 0"));
}

/// The hog gets the ramp of its total, which is rarely a round number.
TEST_F(Outcome, OfControlIsSurvival) {
  const Ending ending =
      oom({"--control", "--limit", "16M", "--ramp", "0", "--json", "-"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.err, "CONTROL RUN AS EXPECTED\n"));
  EXPECT_TRUE(has(ending.err, "and survived"));
  const Json record = parse_record(ending.out);
  EXPECT_EQ(record["verdict"]["status"], "survived");
  EXPECT_EQ(record["processes"][0]["touched"], mib(12).count);
  EXPECT_EQ(record["evidence"]["after"]["oom_kill"], 0);
}

TEST_F(Outcome, IsTheSameForTotalsThatNoLimitDivides) {
  const Ending killed =
      oom({"--limit", "7M", "--total", "10M", "--ramp", "50ms"});
  EXPECT_EQ(killed.status, 0) << killed.out << killed.err;
  const Ending survived =
      oom({"--limit", "7M", "--total", "3M", "--ramp", "50ms"});
  EXPECT_EQ(survived.status, 1) << survived.out << survived.err;
  EXPECT_TRUE(has(survived.out, "SURVIVED"));
}

TEST_F(Outcome, OfALongRampIsTheDeadline) {
  const Ending ending =
      oom({"--limit", "16M", "--ramp", "10m", "--timeout", "300ms"});
  EXPECT_EQ(ending.status, 124) << ending.err;
  EXPECT_TRUE(has(ending.out, "DEADLINE"));
  EXPECT_TRUE(has(ending.out, "300ms"));
  EXPECT_EQ(in_nest(), Words());
}

TEST_F(Outcome, OfAHogThatFailsIsAFailure) {
  // A program that accepts none of the hog's options.
  ProcessSpec spec = oom_spec({"--limit", "64M", "--ramp", "0"});
  spec.environment.push_back({"CGLAB_MALLOC_DEMO", cglab_path()});
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 3);
  EXPECT_TRUE(has(ending.out, "THE CHILD FAILED"));
  EXPECT_TRUE(has(ending.out, "Try 'cglab --help'")) << ending.out;

  spec.arguments.emplace_back("--quiet");
  const Ending quiet = test_support::run_process(spec);
  EXPECT_EQ(quiet.status, 3);
  EXPECT_EQ(quiet.out, "");
  EXPECT_TRUE(has(quiet.err, "Try 'cglab --help'")) << quiet.err;
}

/// A new cgroup inherits it, and a hog at its limit would sleep for ever.
TEST_F(Outcome, IsTheSameUnderADisabledOomKiller) {
  if (version() == Version::v2) {
    GTEST_SKIP() << "memory.oom_control: cgroup v2 has none";
  }
  auto parent = make_below(nest());
  parent.group.directory().write("memory.oom_control", "1");
  for (const char* const experiment : {"oom", "course"}) {
    const Ending ending =
        cglab({experiment, "--parent", parent.group.path(), "--limit", "16M",
               "--ramp", "0", "--timeout", "20s"});
    EXPECT_EQ(ending.status, 0) << ending.err << ending.out;
  }
}

TEST_F(Outcome, OfAKillByHandIsNotAnOomKill) {
  Subprocess run = start_oom({"--limit", "64M", "--ramp", "1m"});
  ASSERT_EQ(::kill(climbing_hog(), SIGKILL), 0);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 1) << ending.err;
  EXPECT_TRUE(has(ending.out, "KILLED, BUT NOT BY THE OOM KILLER"));
  EXPECT_TRUE(has(ending.out, "0 -> 0"));
}

TEST_F(Outcome, OfAnotherSignalIsACrash) {
  Subprocess run = start_oom({"--limit", "64M", "--ramp", "1m"});
  ASSERT_EQ(::kill(climbing_hog(), SIGUSR1), 0);
  const Ending ending = run.wait();
  EXPECT_EQ(ending.status, 1) << ending.err;
  EXPECT_TRUE(has(ending.out, "SIGUSR1"));
}

TEST_F(Outcome, ShowsAnOddLimitAsTheKernelRoundsIt) {
  const Ending ending = oom({"--limit", "8388609", "--ramp", "0"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "8388608 bytes"));
}

TEST_F(Outcome, OfAnAncestorsLimitIsNotTheExpectedOne) {
  const auto tight = make_tight_parent(mib(8));
  const Ending ending = logged_kill(
      {"oom", "--parent", tight.group.path(), "--limit", "32M", "--ramp", "0"});
  EXPECT_EQ(ending.status, 1) << ending.err;
  EXPECT_TRUE(has(ending.out, "AT AN ANCESTOR'S LIMIT"));
  const std::string path = tight.group.path();
  EXPECT_TRUE(has(ending.out, path.substr(path.rfind('/')))) << ending.out;
  EXPECT_EQ(tight.group.directory().subdirectories(), Words());
}

/// Wherever on its way to the gate the child is killed, no other process did
/// it. The kernel's log names the limit only ten times in five seconds; without
/// it, v1 does not show that the limit of memory plus swap was spared.
TEST_F(Outcome, OfAnAncestorsLimitWithNoRoomToStartBlamesNoOther) {
  const auto tight = make_tight_parent(cgroupfs::Bytes{128 << 10});
  const bool has_memsw =
      nest().directory().exists("memory.memsw.limit_in_bytes");
  for (int i = 0; i < 24; ++i) {
    const Ending ending = cglab({"oom", "--parent", tight.group.path(),
                                 "--limit", "8M", "--ramp", "0"});
    EXPECT_TRUE(ending.status == 1 || ending.status == 3) << ending.status;
    EXPECT_TRUE(ending.status == 3 ||
                has(ending.out, "AT AN ANCESTOR'S LIMIT") ||
                (has_memsw && has(ending.out, "LIMIT UNKNOWN")))
        << ending.out;
    EXPECT_FALSE(has(ending.out, "THE CHILD FAILED")) << ending.out;
    EXPECT_EQ(tight.group.directory().subdirectories(), Words());
  }
}

TEST_F(Outcome, LeavesAKeptGroupWithItsCounters) {
  const Ending ending = oom({"--limit", "8M", "--ramp", "0", "--keep"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  ASSERT_EQ(in_nest().size(), 1u);
  const std::string path = nest().directory().path_of(in_nest().front());
  EXPECT_TRUE(has(ending.out, "rmdir"));
  const auto kept = cgroupfs::Cgroup::open(path, version());
  EXPECT_EQ(cgroupfs::Memory::open(kept).oom_kills(), 1u);
  EXPECT_EQ(cgroupfs::Memory::open(kept).limit(cgroupfs::File::memory_max),
            cgroupfs::Limit::of(mib(8)));
  EXPECT_FALSE(kept.populated());
  EXPECT_TRUE(has(cglab({"clean"}).out, "kept " + path + " "));
  EXPECT_EQ(::rmdir(path.c_str()), 0);
}

}  // namespace
}  // namespace cli_test
