// SPDX-License-Identifier: MIT
#include "lab/record/procedure.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>
#include <vector>

namespace lab {
namespace {

using cgroupfs::File;
using cgroupfs::Version;
using std::chrono::milliseconds;
using Words = std::vector<std::string>;

ProcessSpec process(const char* name) {
  return {.name = name, .cgroup = "a"};
}

Claim claim(const char* text) {
  return {{text, text}, {"a", "usage"}, Relation::rises};
}

/// One item of each kind for all runs, and one for each choice.
Procedure of_all_kinds() {
  return {
      .cgroups = {{"a",
                   {{File::memory_max, Part{1, 1}},
                    in_control(Setting{File::memory_high, Unlimited{}}),
                    unless_control(Setting{File::memory_high, Part{1, 2}}),
                    on(Version::v1,
                       Setting{File::memory_oom_control, std::uint64_t{1}})}}},
      .processes = {process("always"), in_control(process("control")),
                    unless_control(process("run")),
                    on(Version::v2, process("v2"))},
      .steps = {step::start("always"), in_control(step::rest(milliseconds(1))),
                unless_control(on(Version::v1, step::mark("v1 run"))),
                if_reads_share_a_page(false, step::mark("own pages"))},
      .claims = {claim("always"), in_control(claim("control")),
                 on(Version::v1, claim("v1")),
                 if_reads_share_a_page(true, claim("shared page"))},
  };
}

Words names(const Procedure& procedure) {
  Words names;
  for (const ProcessSpec& each : procedure.processes) {
    names.push_back(each.name);
  }
  return names;
}

Words claims(const Procedure& procedure) {
  Words texts;
  for (const Claim& each : procedure.claims) {
    texts.emplace_back(each.text.text(Language::en));
  }
  return texts;
}

std::vector<File> files(const Procedure& procedure) {
  std::vector<File> files;
  for (const Setting& each : procedure.cgroups.front().settings) {
    files.push_back(each.file);
  }
  return files;
}

TEST(Select, KeepsTheItemsOfTheRun) {
  const Procedure run =
      select(of_all_kinds(), {.control = false, .version = Version::v2});
  EXPECT_EQ(names(run), (Words{"always", "run", "v2"}));
  EXPECT_EQ(claims(run), (Words{"always", "shared page"}));
  EXPECT_EQ(files(run), (std::vector{File::memory_max, File::memory_high}));
  EXPECT_EQ(run.cgroups[0].settings[1].value, Value(Part{1, 2}));
  EXPECT_EQ(run.steps.size(), 1u);
  EXPECT_EQ(run.guard, Value(Part{4, 1}));
}

TEST(Select, KeepsTheItemsOfTheControlRun) {
  const Procedure control =
      select(of_all_kinds(), {.control = true, .version = Version::v2});
  EXPECT_EQ(names(control), (Words{"always", "control", "v2"}));
  EXPECT_EQ(claims(control), (Words{"always", "control", "shared page"}));
  EXPECT_EQ(control.cgroups[0].settings[1].value, Value(Unlimited{}));
  ASSERT_EQ(control.steps.size(), 2u);
  EXPECT_EQ(control.steps[1].kind, Step::Kind::rest);
}

TEST(Select, KeepsTheItemsOfTheVersion) {
  const Procedure run =
      select(of_all_kinds(), {.control = false, .version = Version::v1});
  EXPECT_EQ(names(run), (Words{"always", "run"}));
  EXPECT_EQ(claims(run), (Words{"always", "v1", "shared page"}));
  EXPECT_EQ(files(run), (std::vector{File::memory_max, File::memory_high,
                                     File::memory_oom_control}));
  ASSERT_EQ(run.steps.size(), 2u);
  EXPECT_EQ(run.steps[1].subject, "v1 run");
}

TEST(Select, KeepsTheItemsForTheKernelsChargingOfReadPages) {
  const Procedure run = select(
      of_all_kinds(),
      {.control = false, .version = Version::v2, .reads_share_a_page = false});
  EXPECT_EQ(claims(run), Words{"always"});
  ASSERT_EQ(run.steps.size(), 2u);
  EXPECT_EQ(run.steps[1].subject, "own pages");
}

/// Again, with the same choice.
TEST(Select, IsIdempotent) {
  const Choice choice{.control = true, .version = Version::v1};
  const Procedure once = select(of_all_kinds(), choice);
  const Procedure twice = select(once, choice);
  EXPECT_EQ(names(twice), names(once));
  EXPECT_EQ(claims(twice), claims(once));
  EXPECT_EQ(files(twice), files(once));
  EXPECT_EQ(twice.steps.size(), once.steps.size());
}

TEST(ZeroPage, IsNeededByAnyItemThatDependsOnIt) {
  EXPECT_TRUE(asks_for_zero_page(of_all_kinds()));
  Procedure procedure;
  EXPECT_FALSE(asks_for_zero_page(procedure));
  procedure.processes = {unless_control(process("run"))};
  EXPECT_FALSE(asks_for_zero_page(procedure));
  procedure.processes = {if_reads_share_a_page(true, process("reader"))};
  EXPECT_TRUE(asks_for_zero_page(procedure));
  procedure.processes.clear();
  procedure.steps = {if_reads_share_a_page(false, step::start("reader"))};
  EXPECT_TRUE(asks_for_zero_page(procedure));
}

TEST(Resolve, ComputesSharesOfTheLimitAndKeepsNumbers) {
  const Limit limit = Limit::of(Bytes{16 * mebi});
  EXPECT_EQ(resolve(Part{3, 2}, limit), Limit::of(Bytes{24 * mebi}));
  EXPECT_EQ(resolve(std::uint64_t{7}, limit), Limit::of(Bytes{7}));
  EXPECT_EQ(resolve(Unlimited{}, limit), Limit::max());
  EXPECT_EQ(resolve(std::uint64_t{7}, Limit::max()), Limit::of(Bytes{7}));
}

TEST(Part, SaturatesInsteadOfOverflowing) {
  const Bytes most{std::numeric_limits<std::uint64_t>::max()};
  const Bytes limit{16 * mebi};
  EXPECT_EQ((Part{8, 1}.of(most)), cgroupfs::round_down_to_page(most));
  EXPECT_EQ((Part{1, 2}.of(limit)), Bytes{8 * mebi});
  EXPECT_EQ(add_saturated(most, limit), most);
  EXPECT_EQ(add_saturated(limit, limit), Bytes{32 * mebi});
}

}  // namespace
}  // namespace lab
