// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <sys/ioctl.h>
#include <unistd.h>

#include "cgroupfs/directory.h"
#include "tests/cli/cli_test.h"
#include "tests/support/temp_folder.h"

namespace cli_test {
namespace {

class Report : public CliTest {
 protected:
  std::string file(const std::string& name) const {
    return folder_.path() + "/" + name;
  }
  /// Runs oom; its record is `name`.
  Ending record(const std::string& name, const Words& more = {}) const {
    Words words{"--limit", "8M", "--ramp", "0", "--json", file(name)};
    words.insert(words.end(), more.begin(), more.end());
    return oom(words);
  }
  void write(const std::string& name, const std::string& text) const {
    FILE* out = std::fopen(file(name).c_str(), "w");
    std::fwrite(text.data(), 1, text.size(), out);
    std::fclose(out);
  }

 private:
  TempFolder folder_;
};

TEST_F(Report, OfASavedRunIsTheLiveOne) {
  const Ending live = record("a.json");
  const Ending later = cglab({"report", file("a.json")});
  EXPECT_EQ(later.status, 0) << later.err;
  EXPECT_EQ(later.out, live.out);
}

TEST_F(Report, OfASavedExperimentIsTheLiveOne) {
  const Ending live = cglab({"move", "--parent", nest().path(), "--limit",
                             "16M", "--json", file("m.json")});
  EXPECT_EQ(live.status, 0) << live.err;
  EXPECT_EQ(cglab({"report", file("m.json")}).out, live.out);
}

TEST_F(Report, HasTheFormatOfItsOutput) {
  record("a.json");
  for (const auto& [name, begin] :
       std::vector<std::pair<std::string, std::string>>{
           {"a.csv", "time_ns,usage_bytes"},
           {"a.html", "<!DOCTYPE html>"},
           {"a.md", "**\u2713 OOM KILL PROVEN**"},
           {"b.MD", "**\u2713 OOM KILL PROVEN**"},
           {"a.txt", "OOM KILL PROVEN"}}) {
    const Ending ending =
        cglab({"report", file("a.json"), "-o", file(name), "--color", "never"});
    EXPECT_EQ(ending.status, 0) << ending.err;
    EXPECT_EQ(cgroupfs::read_file(file(name)).find(begin), 0u) << name;
  }
}

TEST_F(Report, InAFileIsTheSameWhateverTheTerminal) {
  record("a.json");
  cglab({"report", file("a.json"), "-o", file("a.txt")});
  ProcessSpec spec =
      cglab_spec({"report", file("a.json"), "-o", file("b.txt")});
  spec.terminals = true;
  spec.prepare = [] {
    const winsize small{10, 50, 0, 0};
    ::ioctl(STDOUT_FILENO, TIOCSWINSZ, &small);
  };
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_EQ(cgroupfs::read_file(file("b.txt")),
            cgroupfs::read_file(file("a.txt")));
}

TEST_F(Report, IsWrittenByTheRunItself) {
  const Ending ending =
      oom({"--limit", "8M", "--ramp", "0", "--html", file("r.html"), "--csv",
           file("r.csv"), "--quiet"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(cgroupfs::read_file(file("r.html")), "cglab.run/2"));
  EXPECT_TRUE(has(cgroupfs::read_file(file("r.csv")), "touched_bytes"));
}

TEST_F(Report, OfNoRecordIsAClearError) {
  write("bad.json", R"({"schema": "cglab.run/2")");
  const Ending bad = cglab({"report", file("bad.json")});
  EXPECT_EQ(bad.status, 3);
  EXPECT_TRUE(
      has(bad.err, "bad.json: not JSON, or truncated, at line 1, column"));
  write("old.json", R"({"schema": "cglab.run/1"})");
  const Ending old = cglab({"report", file("old.json")});
  EXPECT_EQ(old.status, 3);
  EXPECT_TRUE(has(old.err, "cglab.run/2"));
  const Ending none = cglab({"report", file("none.json")});
  EXPECT_EQ(none.status, 3);
  EXPECT_TRUE(has(none.err, "none.json"));
  EXPECT_EQ(cglab({"report"}).status, 2);
  record("a.json");
  EXPECT_EQ(cglab({"report", file("a.json"), "--format", "doc"}).status, 2);
  EXPECT_EQ(cglab({"report", file("a.json"), file("a.json"), "--format", "csv"})
                .status,
            2);
}

TEST_F(Report, OfAnImpossibleNumberIsAClearError) {
  record("a.json");
  Json json = parse_record(cgroupfs::read_file(file("a.json")));
  json["processes"][0]["signal"] = 99;
  write("signal.json", json.dump());
  for (const Words& words :
       {Words{"report", file("signal.json")},
        Words{"compare", file("a.json"), file("signal.json")}}) {
    const Ending ending = cglab(words);
    EXPECT_EQ(ending.status, 3);
    EXPECT_TRUE(has(ending.err,
                    "/processes/0/signal is 99, not a signal number from 1"))
        << ending.err;
    EXPECT_EQ(ending.out, "");
  }
}

/// No verdict is shown that the evidence denies.
TEST_F(Report, OfAForgedVerdictSaysSo) {
  record("a.json", {"--total", "4M"});
  Json json = parse_record(cgroupfs::read_file(file("a.json")));
  json["verdict"]["status"] = "oom_killed";
  write("forged.json", json.dump());
  const char* const headline = "SAVED VERDICT CONTRADICTED BY ITS EVIDENCE";
  for (const Words& more :
       {Words{}, Words{"--brief"}, Words{"--format", "markdown"},
        Words{"--format", "html"}}) {
    Words words{"report", file("forged.json")};
    words.insert(words.end(), more.begin(), more.end());
    const Ending ending = cglab(words);
    EXPECT_EQ(ending.status, 1);
    EXPECT_TRUE(has(ending.err, "forged.json: The verdict saved in this file"));
    EXPECT_TRUE(has(ending.out, headline)) << ending.out;
    EXPECT_TRUE(has(ending.out, "SURVIVED"));
    EXPECT_FALSE(has(ending.out, "OOM KILL PROVEN"));
  }
  const Ending chinese =
      cglab({"report", file("forged.json"), "--lang", "zh", "--color=never"});
  EXPECT_TRUE(chinese.out.starts_with("保存的结论与证据矛盾")) << chinese.out;
  const Ending compared =
      cglab({"compare", file("a.json"), file("forged.json")});
  EXPECT_EQ(compared.status, 1);
  EXPECT_TRUE(has(compared.out, headline)) << compared.out;
  EXPECT_EQ(cglab({"report", file("a.json")}).status, 0);
}

TEST_F(Report, OfAnUnknownEndingIsAUsageError) {
  record("a.json");
  const Ending ending = cglab({"report", file("a.json"), "-o", file("a.xyz")});
  EXPECT_EQ(ending.status, 2);
  EXPECT_TRUE(has(ending.err, ".svg")) << ending.err;
  EXPECT_EQ(
      cglab({"report", file("a.json"), "-o", file("a.xyz"), "--format", "csv"})
          .status,
      0);
}

TEST_F(Report, OfAComparisonHasTheFormatOfItsOutput) {
  record("a.json");
  const Words words{"compare", file("a.json"), file("a.json")};
  const auto compare = [&](const Words& more) {
    Words all = words;
    all.insert(all.end(), more.begin(), more.end());
    return cglab(all);
  };
  EXPECT_TRUE(compare({"--format", "html"}).out.starts_with("<!DOCTYPE html>"));
  EXPECT_TRUE(compare({"--format", "markdown"}).out.starts_with("# "));
  const Ending page = compare({"-o", file("c.html")});
  EXPECT_EQ(page.status, 0) << page.err;
  EXPECT_EQ(page.out, "");
  EXPECT_TRUE(
      cgroupfs::read_file(file("c.html")).starts_with("<!DOCTYPE html>"));
  const Ending csv = compare({"-o", file("c.csv")});
  EXPECT_EQ(csv.status, 2);
  EXPECT_TRUE(has(csv.err, "use .txt, .md or .html, or give --format"));
  const Ending old = compare({"--markdown"});
  EXPECT_EQ(old.status, 2);
  EXPECT_TRUE(has(old.err, "did you mean --format markdown?")) << old.err;
}

TEST_F(Report, IsBriefWithTheVerdictLast) {
  const Ending live = record("a.json", {"--brief"});
  EXPECT_EQ(live.status, 0) << live.err;
  const auto lines = cgroupfs::split_lines(live.out);
  EXPECT_LE(lines.size(), 8u);
  ASSERT_FALSE(lines.empty());
  EXPECT_TRUE(has(std::string(lines.back()), "OOM KILL PROVEN"));
  EXPECT_EQ(cglab({"report", file("a.json"), "--brief"}).out, live.out);
  const Ending page =
      cglab({"report", file("a.json"), "--brief", "--format", "html"});
  EXPECT_EQ(page.status, 2);
  EXPECT_TRUE(has(page.err, "--brief is for --format text"));
}

TEST_F(Report, ReadsStdinOnce) {
  for (const char* command : {"report", "compare"}) {
    const Ending ending = cglab({command, "-", "-"});
    EXPECT_EQ(ending.status, 2) << command;
    EXPECT_TRUE(has(ending.err, "only once")) << ending.err;
  }
}

TEST_F(Report, WithoutGnuplotNamesThePackage) {
  record("a.json");
  ProcessSpec spec = cglab_spec({"report", file("a.json"), "--format", "svg"});
  spec.environment.push_back({"PATH", "/nowhere"});
  const Ending ending = test_support::run_process(spec);
  EXPECT_EQ(ending.status, 77);
  EXPECT_TRUE(has(ending.err, "gnuplot-nox"));
}

TEST_F(Report, DrawsAPictureWhereGnuplotIs) {
  if (::access("/usr/bin/gnuplot", X_OK) != 0) GTEST_SKIP() << "no gnuplot";
  record("a.json");
  const Ending svg = cglab({"report", file("a.json"), "--format", "svg"});
  EXPECT_EQ(svg.status, 0) << svg.err;
  EXPECT_TRUE(has(svg.out, "<svg"));
  EXPECT_TRUE(has(svg.out, "touched by the program"));
  const Ending png = cglab({"report", file("a.json"), "--format", "png"});
  EXPECT_EQ(png.out.substr(1, 3), "PNG");
}

TEST_F(Report, DrawsAPictureInChinese) {
  if (::access("/usr/bin/gnuplot", X_OK) != 0) GTEST_SKIP() << "no gnuplot";
  record("a.json");
  const Ending svg =
      cglab({"report", file("a.json"), "--format", "svg", "--lang", "zh"});
  EXPECT_EQ(svg.status, 0) << svg.err;
  EXPECT_TRUE(has(svg.out, "程序碰过的")) << svg.out;
  EXPECT_TRUE(has(svg.out, "Noto Sans CJK SC")) << svg.out;
  EXPECT_FALSE(has(svg.out, "touched by"));
}

/// Not one empty box for each character.
TEST_F(Report, WithoutAFontForChineseNamesThePackage) {
  if (::access("/usr/bin/fc-list", X_OK) != 0) GTEST_SKIP() << "no fc-list";
  record("a.json");
  write("fonts.conf", "<?xml version=\"1.0\"?><fontconfig></fontconfig>");
  for (const char* const language : {"zh", "en"}) {
    ProcessSpec spec = cglab_spec(
        {"report", file("a.json"), "--format", "png", "--lang", language});
    spec.environment.push_back({"FONTCONFIG_FILE", file("fonts.conf")});
    const Ending ending = test_support::run_process(spec);
    const bool chinese = language == std::string("zh");
    EXPECT_EQ(ending.status == 77, chinese) << ending.err;
    EXPECT_EQ(has(ending.err, "fonts-wqy-microhei"), chinese) << ending.err;
  }
}

TEST_F(Report, ComparesRuns) {
  record("a.json");
  record("b.json", {"--total", "4M"});
  const Ending ending =
      cglab({"compare", file("a.json"), file("b.json"), "--format=markdown"});
  EXPECT_EQ(ending.status, 0) << ending.err;
  EXPECT_TRUE(has(ending.out, "| OOM kill proven | survived |"));
  EXPECT_EQ(
      cglab({"compare", file("a.json"), file("b.json"), "-o", file("c.html")})
          .status,
      0);
  EXPECT_TRUE(has(cgroupfs::read_file(file("c.html")), "survived"));
  EXPECT_EQ(cglab({"compare", file("a.json")}).status, 2);
}

}  // namespace
}  // namespace cli_test
