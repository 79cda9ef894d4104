// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <stdio.h>

#include <array>
#include <filesystem>
#include <string>

#include "tests/support/error_text.h"
#include "tests/support/temp_folder.h"

namespace {

namespace fs = std::filesystem;

struct Result {
  int status;
  std::string output;
};

Result shell(const std::string& command) {
  FILE* const stream = popen((command + " 2>&1").c_str(), "r");
  std::string output;
  std::array<char, 4096> part{};
  while (fgets(part.data(), part.size(), stream) != nullptr) {
    output += part.data();
  }
  return {pclose(stream), output};
}

/// A copy of the sources, so that nothing is built beside the originals.
class MakefileTest : public testing::Test {
 protected:
  MakefileTest() {
    const fs::path source = CGLAB_SOURCE;
    fs::copy(source / "malloc_demo", folder_.path_of("malloc_demo"));
    fs::remove(folder_.path_of("malloc_demo/malloc_demo"));
    fs::copy(source / "meson.build", folder_.path_of("meson.build"));
  }

  Result make(const std::string& arguments) const {
    return shell("make -C " + folder_.path_of("malloc_demo") + " " + arguments);
  }

  bool program_exists() const {
    return fs::exists(folder_.path_of("malloc_demo/malloc_demo"));
  }

 private:
  TempFolder folder_;
};

TEST_F(MakefileTest, HelpIsTheDefaultAndShowsTheDemo) {
  const Result result = make("");
  EXPECT_EQ(result.status, 0);
  EXPECT_TRUE(has(result.output, "BLOCK=100M COUNT=10 INTERVAL=1m"));
  EXPECT_FALSE(program_exists());
}

TEST_F(MakefileTest, BuildsRunsAndCleans) {
  const Result build = make("build");
  ASSERT_EQ(build.status, 0) << build.output;
  EXPECT_EQ(build.output.find("warning"), std::string::npos) << build.output;
  EXPECT_TRUE(program_exists());
  const Result run = make("run BLOCK=64K COUNT=2 INTERVAL=1ms");
  EXPECT_EQ(run.status, 0);
  EXPECT_TRUE(has(run.output,
                  "block 2 of 2: 64 KiB (65536 bytes), total "
                  "128 KiB (131072 bytes)"));
  EXPECT_EQ(make("clean").status, 0);
  EXPECT_FALSE(program_exists());
}

}  // namespace
