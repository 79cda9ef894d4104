// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include "lab/base/argument_words.h"
#include "lab/command/on_option.h"
#include "lab/command/record_outputs.h"
#include "lab/command/run_options.h"
#include "lab/experiments/experiment.h"
#include "tests/support/error_text.h"

namespace lab {
namespace {

using cgroupfs::Version;
using Words = std::vector<std::string>;
using Versions = std::vector<Version>;

std::string versions_refusal(const Words& arguments) {
  return error_text<UsageError>(
      [&] { parse_run_options(&experiment_named("oom"), arguments); });
}

TEST(OnOption, KeepsTheOrder) {
  EXPECT_EQ(parse_versions("v1,v2"), (Versions{Version::v1, Version::v2}));
  EXPECT_EQ(parse_versions("v2,v1"), (Versions{Version::v2, Version::v1}));
  EXPECT_EQ(parse_versions("v2"), Versions{Version::v2});
}

TEST(OnOption, RefusesInvalidListsOfVersions) {
  for (const char* text : {"", ",", "v1,", ",v1", "v3", "auto", "v1,auto",
                           "v1,v1", "v1 v2", "V1"}) {
    EXPECT_NE(versions_refusal({"--on", text}).find("--on: "),
              std::string::npos)
        << text;
  }
}

TEST(OnOption, RefusesOptionsOfASingleRun) {
  for (const Words& more :
       {Words{"--cgroup", "v1"}, Words{"--parent", "/x"}, Words{"--keep"},
        Words{"--dry-run"}, Words{"--explain"}, Words{"--csv", "x.csv"}}) {
    Words words{"--on", "v1,v2"};
    words.insert(words.end(), more.begin(), more.end());
    EXPECT_NE(
        versions_refusal(words).find(more.front() + " cannot be combined"),
        std::string::npos)
        << more.front();
  }
  EXPECT_NE(versions_refusal({"--on", "v1,v2", "--json", "-"}).find("--json"),
            std::string::npos);
}

TEST(FileFor, InsertsTheVersionBeforeTheExtension) {
  EXPECT_EQ(file_for("run.json", "v1"), "run.v1.json");
  EXPECT_EQ(file_for("/a.b/run", "control"), "/a.b/run.control");
  EXPECT_EQ(file_for("a.b.json", "v2"), "a.b.v2.json");
  EXPECT_EQ(file_for(".json", "v1"), ".json.v1");
  EXPECT_EQ(file_for("folder/.hidden", "v1"), "folder/.hidden.v1");
}

TEST(ArgumentWords, AreFoundAndRemovedInBothForms) {
  const Words words{"--on", "v1", "--limit=8M", "-q", "--on=v2", "--limit"};
  EXPECT_EQ(value_in(words, "--on"), "v2");
  EXPECT_EQ(value_in(words, "--limit"), "8M");
  EXPECT_EQ(value_in(words, "--swap"), std::nullopt);
  EXPECT_EQ(without_option(words, "--on"),
            (Words{"--limit=8M", "-q", "--limit"}));
  EXPECT_EQ(without_flag(words, "-q"),
            (Words{"--on", "v1", "--limit=8M", "--on=v2", "--limit"}));
}

}  // namespace
}  // namespace lab
