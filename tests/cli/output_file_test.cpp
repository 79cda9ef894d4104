// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>

#include "cgroupfs/directory.h"
#include "tests/cli/cli_test.h"
#include "tests/support/temp_folder.h"

namespace cli_test {
namespace {

class OutputFile : public CliTest {
 protected:
  Ending oom_into(const std::string& file, const std::string& limit = "8M") {
    return oom({"--limit", limit, "--ramp", "0", "--json", file});
  }

  TempFolder folder_;
};

TEST_F(OutputFile, GetsTheRecord) {
  const std::string file = folder_.path_of("run.json");
  const Ending ending = oom_into(file);
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "OOM KILL PROVEN"));
  const Json record = parse_record(cgroupfs::read_file(file));
  EXPECT_EQ(record["verdict"]["status"], "oom_killed");
}

TEST_F(OutputFile, OnStandardOutputIsAloneThere) {
  const Ending ending = oom_into("-");
  EXPECT_EQ(ending.status, 0) << ending.err;
  const Json record = parse_record(ending.out);
  EXPECT_EQ(record["verdict"]["status"], "oom_killed");
  EXPECT_TRUE(has(ending.err, "OOM KILL PROVEN"));
}

TEST_F(OutputFile, ReplacesAnEarlierAndLongerOne) {
  const std::string file =
      folder_.add_file("run.json", std::string(1000000, 'x'));
  EXPECT_EQ(oom_into(file).status, 0);
  EXPECT_EQ(parse_record(cgroupfs::read_file(file))["schema"], "cglab.run/2");
}

TEST_F(OutputFile, IsUnchangedWhenTheRunCannotStart) {
  const std::string file = folder_.add_file("run.json", "earlier");
  EXPECT_EQ(oom_into(file, "100000T").status, 77);
  EXPECT_EQ(oom_into(file, "100MB").status, 2);
  ProcessSpec spec = oom_spec({"--limit", "8M", "--json", file});
  spec.environment.push_back({"CGLAB_MALLOC_DEMO", "/no/such/hog"});
  EXPECT_EQ(test_support::run_process(spec).status, 3);
  EXPECT_EQ(cgroupfs::read_file(file), "earlier");
}

TEST_F(OutputFile, HoldsNoOtherFormat) {
  const std::string file = folder_.path_of("run.json");
  const std::string other = folder_.path_of("link");
  ASSERT_EQ(::symlink(file.c_str(), other.c_str()), 0);
  for (const Words& more : {Words{"--json", file, "--csv", file},
                            Words{"--json", file, "--html", other},
                            Words{"--html", file, "--csv", other},
                            Words{"--with-control", "--json", file, "--html",
                                  folder_.path_of("run.control.json")}}) {
    const Ending ending = oom(more);
    EXPECT_EQ(ending.status, 2) << ending.err;
    EXPECT_TRUE(has(ending.err, "two outputs go to the same file"));
  }
  const std::string here(version() == cgroupfs::Version::v1 ? "v1" : "v2");
  for (const Words& words :
       {Words{"oom", "--on", here, "--json", file, "--html",
              folder_.path_of("run." + here + ".json")},
        Words{"bench", "-o", file, "-o", file}}) {
    const Ending ending = cglab(words);
    EXPECT_EQ(ending.status, 2) << ending.err;
    EXPECT_TRUE(has(ending.err, "two outputs go to the same file"));
  }
  EXPECT_EQ(cgroupfs::try_read_file(file), std::nullopt);
  EXPECT_EQ(oom({"--limit", "8M", "--ramp", "0", "--json", "/dev/null",
                 "--html", "/dev/null"})
                .status,
            0);
}

TEST_F(OutputFile, IsNotMadeWhenTheRunCannotStart) {
  const std::string file = folder_.path_of("run.json");
  EXPECT_EQ(oom_into(file, "100000T").status, 77);
  ProcessSpec spec = oom_spec({"--limit", "8M", "--json", file});
  spec.environment.push_back({"CGLAB_MALLOC_DEMO", "/no/such/hog"});
  EXPECT_EQ(test_support::run_process(spec).status, 3);
  EXPECT_EQ(cgroupfs::try_read_file(file), std::nullopt);
}

TEST_F(OutputFile, InAMissingFolderFailsBeforeTheRun) {
  const std::string file = folder_.path_of("none/run.json");
  const Ending ending = oom_into(file);
  EXPECT_EQ(ending.status, 3);
  EXPECT_TRUE(has(ending.err, file));
  EXPECT_TRUE(has(ending.err, "No such file or directory"));
  EXPECT_EQ(ending.out, "");
}

TEST_F(OutputFile, ThatIsAFolderFailsBeforeTheRun) {
  const Ending ending = oom_into(folder_.path());
  EXPECT_EQ(ending.status, 3);
  EXPECT_TRUE(has(ending.err, folder_.path()));
  EXPECT_EQ(ending.out, "");
}

TEST_F(OutputFile, OnAFullDeviceIsAFailureAfterCleaningUp) {
  const Ending ending = oom_into("/dev/full");
  EXPECT_EQ(ending.status, 3);
  EXPECT_TRUE(has(ending.err, "/dev/full"));
  EXPECT_TRUE(has(ending.err, "No space left on device"));
  EXPECT_EQ(in_nest(), Words());
}

TEST_F(OutputFile, BeyondTheFileSizeLimitIsUnchanged) {
  const std::string old = folder_.add_file("old.json", "earlier");
  for (const std::string& file : {old, folder_.path_of("new.json")}) {
    ProcessSpec spec = oom_spec(
        {"--limit", "8M", "--ramp", "0", "--json", file, "--html", file + "l"});
    spec.prepare = [] {
      const rlimit small{1024, 1024};
      ::setrlimit(RLIMIT_FSIZE, &small);
    };
    const Ending ending = test_support::run_process(spec);
    EXPECT_EQ(ending.status, 3);
    EXPECT_TRUE(has(ending.err, file + ": File too large")) << ending.err;
    EXPECT_EQ(in_nest(), Words());
  }
  EXPECT_EQ(cgroupfs::read_file(old), "earlier");
  const auto files = std::filesystem::directory_iterator(folder_.path());
  EXPECT_EQ(std::distance(begin(files), end(files)), 1);
}

TEST_F(OutputFile, IsNotReplacedByWhatIsMadeOfIt) {
  const std::string file = folder_.path_of("run.json");
  const std::string link = folder_.path_of("link.html");
  ASSERT_EQ(oom_into(file).status, 0);
  const std::string before = cgroupfs::read_file(file);
  ASSERT_EQ(::symlink(file.c_str(), link.c_str()), 0);
  for (const Words& words :
       {Words{"report", file, "--format", "html", "-o", file},
        Words{"report", file, "-o", link},
        Words{"compare", file, file, "-o", link}}) {
    const Ending ending = cglab(words);
    EXPECT_EQ(ending.status, 2) << ending.err;
    EXPECT_TRUE(has(ending.err, "is also the input")) << ending.err;
  }
  EXPECT_EQ(cgroupfs::read_file(file), before);
}

TEST_F(OutputFile, WithANameOfControlCharactersIsNamedEscaped) {
  const std::string file = folder_.path_of("r\033[31m\n--><script>.json");
  ASSERT_EQ(oom_into(file).status, 0);
  const std::string text = cglab({"report", file, file}).out;
  EXPECT_TRUE(has(text, "r\\x1b[31m\\x0a--><script>.json")) << text;
  EXPECT_EQ(text.find('\033'), text.npos);
  const std::string markdown =
      cglab({"report", file, file, "--format", "markdown"}).out;
  EXPECT_TRUE(has(markdown, "\\<script>")) << markdown;
  EXPECT_EQ(markdown.find('\033'), markdown.npos);
}

TEST_F(OutputFile, IsNotThereBeforeItIsComplete) {
  const std::string file = folder_.path_of("run.json");
  Subprocess run =
      start_oom({"--limit", "64M", "--ramp", "1m", "--json", file});
  climbing_hog();
  run.signal(SIGKILL);
  run.wait();
  EXPECT_FALSE(std::filesystem::exists(file));
  EXPECT_EQ(cglab({"clean"}).status, 0);
}

TEST_F(OutputFile, IsWrittenByAnInterruptedRunToo) {
  const std::string file = folder_.path_of("run.json");
  Subprocess run =
      start_oom({"--limit", "64M", "--ramp", "1m", "--json", file});
  climbing_hog();
  run.signal(SIGINT);
  EXPECT_EQ(run.wait().status, 130);
  const Json record = parse_record(cgroupfs::read_file(file));
  EXPECT_EQ(record["verdict"]["status"], "interrupted");
}

}  // namespace
}  // namespace cli_test
