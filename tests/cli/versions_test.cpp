// SPDX-License-Identifier: MIT
// --on where only this host is asked; tests/native/versions_test.py has the
// disposable VM for the other.
#include <gtest/gtest.h>

#include "cgroupfs/directory.h"
#include "tests/cli/cli_test.h"
#include "tests/support/temp_folder.h"

namespace cli_test {
namespace {

class Versions : public CliTest {
 protected:
  std::string own() const { return std::string(to_string(version())); }
  std::string other() const { return own() == "v1" ? "v2" : "v1"; }
};

TEST_F(Versions, OfThisHostRunHere) {
  const TempFolder folder;
  const std::string json = folder.path() + "/run.json";
  const Ending ending = cglab({"oom", "--on", own(), "--limit", "8M", "--ramp",
                               "0", "--json", json, "--color", "never"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.err, "cgroup " + own() + ", on this host"));
  EXPECT_TRUE(has(ending.out, "1 run"));
  EXPECT_TRUE(has(ending.out, "OOM kill proven"));
  const auto text =
      cgroupfs::try_read_file(folder.path() + "/run." + own() + ".json");
  ASSERT_TRUE(text);
  const Json record = parse_record(*text);
  EXPECT_EQ(record["environment"]["memory_hierarchy"], own());
  EXPECT_FALSE(cgroupfs::try_read_file(json)) << "one record for each version";
  EXPECT_EQ(groups_of(ending.pid), Words());
}

TEST_F(Versions, OfAControlRunAreAsExpected) {
  const Ending ending = cglab({"oom", "--on", own(), "--limit", "8M", "--ramp",
                               "0", "--control", "--color", "never"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "control run as expected"));
}

TEST_F(Versions, ReportsThatOneEndedDifferently) {
  const Ending ending = cglab({"oom", "--on", own(), "--limit", "8M", "--total",
                               "4M", "--ramp", "0", "--quiet"});
  EXPECT_EQ(ending.status, 1) << ending.err;
  EXPECT_EQ(ending.out + ending.err, "");
}

TEST_F(Versions, OfTheCoursesOrderByEitherName) {
  for (const Words& name :
       {Words{"course"}, Words{"oom", "--order", "course"}}) {
    Words words = name;
    words.insert(words.end(), {"--on", own(), "--limit", "8M", "--ramp", "0"});
    const Ending ending = cglab(words);
    EXPECT_EQ(ending.status, 0) << ending.err;
    EXPECT_TRUE(has(ending.out, "course"));
  }
}

TEST_F(Versions, WhereAnExperimentDoesNotExistAreRefused) {
  const Ending ending = cglab({"pause", "--on", "v1,v2"});
  EXPECT_EQ(ending.status, 2);
  EXPECT_TRUE(has(ending.err, "'pause' exists only on cgroup v1"));
}

TEST_F(Versions, NameTheMissingVm) {
  if (cglab_path().find("build") != std::string::npos) {
    GTEST_SKIP() << "the checkout has scripts/vm; its tests are elsewhere";
  }
  const Ending ending =
      cglab({"oom", "--on", other(), "--limit", "8M", "--ramp", "0"});
  EXPECT_EQ(ending.status, 77);
  EXPECT_TRUE(has(ending.err, "scripts/vm, which runs the disposable VM, is"));
}

}  // namespace
}  // namespace cli_test
