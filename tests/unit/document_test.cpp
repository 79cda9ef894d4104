// SPDX-License-Identifier: MIT
#include "lab/report/document.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "lab/base/errors.h"
#include "lab/report/document_html.h"
#include "lab/report/text_width.h"
#include "tests/support/error_text.h"
#include "tests/support/temp_stream.h"

namespace lab {
namespace {

Document sample() {
  Document document;
  document.title("Title");
  document.paragraph("The file `memory.max`.");
  document.item("one");
  document.item("two");
  document.question("Why?");
  document.command("echo 1");
  document.command("echo 2");
  document.table({{"名称", "b|c"}, {"x", "y"}});
  return document;
}

std::string text_of(const Document& document) {
  const test_support::TempStream stream;
  return render_text(document, Terminal(stream.get(), ColorChoice::never));
}

TEST(Document, is_text_for_a_terminal) {
  EXPECT_EQ(text_of(sample()),
            "Title\n\nThe file memory.max.\n  - one\n  - two\n\n  ? Why?\n\n"
            "    echo 1\n    echo 2\n\n  名称  b|c\n  x     y\n");
}

TEST(Document, is_markdown) {
  EXPECT_EQ(
      render_markdown(sample()),
      "# Title\n\nThe file `memory.max`.\n\n- one\n- two\n\n> **?** "
      "Why?\n\n```sh\necho 1\necho 2\n```\n\n| 名称 | b\\|c |\n|---|---|\n"
      "| x | y |\n");
}

Document report() {
  Document document;
  document.headline("OOM KILL", Tone::good);
  document.paragraph("Because.");
  document.section("Proof");
  document.field("child", "pid 1");
  document.field("", "more `of` it");
  document.check(Tone::bad, "it rises", "0 -> 0");
  document.check(Tone::unknown, "it falls", "");
  return document;
}

TEST(Document, is_a_report_for_a_terminal) {
  const std::string text = text_of(report());
  EXPECT_TRUE(has(text, "OOM KILL\nBecause.\n\nProof\n  child   "));
  EXPECT_TRUE(has(text, "pid 1\n                      more of it\n"));
  EXPECT_TRUE(has(text, " it rises\n      0 -> 0\n  ? it falls\n"));
}

TEST(Document, aligns_a_check_whose_mark_is_painted) {
  Document document;
  document.check(Tone::good, std::string(60, 'x') + " " + std::string(60, 'y'),
                 "");
  const test_support::TempStream stream;
  const std::string text =
      render_text(document, Terminal(stream.get(), ColorChoice::always));
  EXPECT_TRUE(has(text, "\n    " + std::string(60, 'y') + "\n")) << text;
}

TEST(Document, is_a_report_in_markdown) {
  EXPECT_EQ(
      render_markdown(report()),
      "**\u2713 OOM KILL**\n\nBecause.\n\n## Proof\n\n|  |  |\n|---|---|\n"
      "| child | pid 1 |\n|  | more `of` it |\n\n"
      "- \u2717 it rises\n  - 0 -> 0\n- ? it falls\n");
}

Document advice() {
  Document document;
  document.check(Tone::bad, "set", "0");
  document.hint("Write `1`:", {"echo 1", "echo 2"});
  document.hint("More.");
  document.check(Tone::unknown, "read", "");
  return document;
}

TEST(Document, puts_hints_under_their_check) {
  EXPECT_TRUE(has(text_of(advice()),
                  " set\n      0\n      Write 1:\n          echo 1\n"
                  "          echo 2\n      More.\n  ? read\n"));
  EXPECT_EQ(render_markdown(advice()),
            "- \u2717 set\n  - 0\n  - Write `1`:\n    ```sh\n    echo 1\n"
            "    echo 2\n    ```\n  - More.\n- ? read\n");
  const std::string html = render_html(advice());
  EXPECT_TRUE(has(html,
                  "<li class=\"advice\">Write <code>1</code>:<pre><code>"
                  "echo 1\necho 2</code></pre>\n</li>\n<li class=\"advice\">"
                  "More.</li>\n<li class=\"unknown\">"))
      << html;
}

TEST(Document, draws_a_chart_in_a_terminal) {
  Chart chart;
  chart.title = "Usage";
  chart.levels.push_back({"limit", 4096, 0});
  Series series{"hog", {}, {}};
  for (int i = 0; i < 10; ++i) {
    series.time_ns.push_back(i * 1000000L);
    series.values.push_back(1024.0 * (i % 3));
  }
  chart.series.push_back(series);
  Document document;
  document.chart(chart);
  const std::string one = text_of(document);
  EXPECT_TRUE(has(one, "Usage\n      4096 B |"));
  EXPECT_TRUE(has(one, "(limit) 0"));
  EXPECT_EQ(render_markdown(document), "");
  chart.series.push_back({"other", {0}, {1}});
  Document both;
  both.chart(chart);
  EXPECT_TRUE(has(text_of(both), "Usage: hog\n"));
  EXPECT_FALSE(has(text_of(both), "other")) << "too few samples";
}

/// Only what stands between backticks is markup.
TEST(Document, is_markdown_in_which_names_from_outside_are_text) {
  const auto paragraph = [](const std::string& text) {
    Document document;
    document.paragraph(text);
    return render_markdown(document);
  };
  EXPECT_EQ(paragraph("a <script>x</script> & *b* [c](d)"),
            "a \\<script>x\\</script> \\& \\*b\\* \\[c\\](d)\n");
  EXPECT_EQ(paragraph("oom_kill of _a_ is 7 -> 8"),
            "oom_kill of \\_a\\_ is 7 -> 8\n");
  EXPECT_EQ(paragraph("`<b>` ``a`<b>`` <i>"), "`<b>` ``a`<b>`` \\<i>\n");
  EXPECT_EQ(paragraph("one ` <b> only"), "one \\` \\<b> only\n");
  EXPECT_EQ(paragraph("`` <b> ` <i>"), "\\`\\` \\<b> \\` \\<i>\n");
  EXPECT_EQ(paragraph("a\n# b\033[2J\xff"), "a\\\\x0a# b\\\\x1b\\[2J\\\\xff\n");
}

TEST(Document, is_markdown_in_which_a_text_begins_no_block) {
  struct Case {
    const char* text;
    const char* expected;
  };
  for (const Case& c : {Case{"# x", "\\# x"},
                        {"> x", "\\> x"},
                        {"- x", "\\- x"},
                        {"+ x", "\\+ x"},
                        {"---", "\\---"},
                        {"12. x", "12\\. x"},
                        {"1) x", "1\\) x"},
                        {"7.", "7\\."},
                        {"1.5 MiB", "1.5 MiB"},
                        {"-1 to 3", "-1 to 3"},
                        {"--no-wait ends it", "--no-wait ends it"},
                        {"0 -> 1", "0 -> 1"},
                        {"12", "12"}}) {
    Document document;
    document.item(c.text);
    EXPECT_EQ(render_markdown(document), std::string("- ") + c.expected + "\n");
  }
}

/// A path is whole in Markdown and on a page; in a terminal its middle goes.
TEST(Document, shortens_paths_in_a_terminal_alone) {
  const std::string path = "/sys/" + std::string(100, 'x') + "/end";
  Document document;
  document.field("left behind", "`" + path + "`, which is  busy");
  document.field("上限", "内核日志：`" + path + "`）");
  document.field("a label that is wider than its column", "`" + path + "`");
  document.paragraph("Limit of `" + path + "`.");
  document.item("in `" + path + "`");
  document.check(Tone::good, "it rises", "`" + path + "`: 0");
  document.table({{"name", "where"}, {"x", "`" + path + "`"}});
  document.command("cat " + path);
  const std::string text = text_of(document);
  EXPECT_TRUE(has(text, "/sys/xxx"));
  EXPECT_TRUE(has(text, "...xxx"));
  EXPECT_TRUE(has(text, "/end,\n"));
  EXPECT_TRUE(has(text, "/end）\n"));
  EXPECT_TRUE(has(text, "    cat " + path + "\n"));
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (!has(line, "cat ")) {
      EXPECT_LE(display_width(line), 80u) << line;
    }
  }
  const auto count_in = [&](const std::string& whole) {
    std::size_t count = 0;
    for (std::size_t at = whole.find(path); at != whole.npos;
         at = whole.find(path, at + 1)) {
      ++count;
    }
    return count;
  };
  EXPECT_EQ(count_in(text), 1u);
  EXPECT_EQ(count_in(render_markdown(document)), 8u);
  EXPECT_EQ(count_in(render_html(document)), 8u);
}

/// A backtick without a partner is text, in each format.
TEST(Document, has_code_between_pairs_of_backticks) {
  Document document;
  document.paragraph("`a b` and ``c`d`` and a ` alone");
  EXPECT_EQ(text_of(document), "a b and c`d and a ` alone\n");
  EXPECT_EQ(render_markdown(document), "`a b` and ``c`d`` and a \\` alone\n");
  EXPECT_TRUE(has(render_html(document),
                  "<code>a b</code> and <code>c`d</code> and a ` alone"));
  for (const char* text : {"/a", "/a`b", "``", "`", "/```"}) {
    Document path;
    path.paragraph("x " + code_text(text));
    EXPECT_EQ(text_of(path), std::string("x ") + text + "\n") << text;
  }
}

TEST(Document, is_markdown_that_cells_and_commands_cannot_break) {
  Document document;
  document.table({{"a", "`b|c`"}, {"\\|", "x\ny"}});
  document.command("echo '```' \033");
  EXPECT_EQ(render_markdown(document),
            "| a | `b\\|c` |\n|---|---|\n| \\\\\\| | x\\\\x0ay |\n\n"
            "````sh\necho '```' \\x1b\n````\n");
}

TEST(Document, shows_control_characters_in_a_terminal_by_their_numbers) {
  Document document;
  document.title("a\033b");
  document.paragraph("a\033b\nc");
  document.item("a\xff");
  document.command("echo \033");
  document.table({{"a\033b", "c\nd"}});
  EXPECT_EQ(text_of(document),
            "a\\x1bb\n\na\\x1bb\\x0ac\n  - a\\xff\n\n    echo \\x1b\n\n"
            "  a\\x1bb  c\\x0ad\n");
}

TEST(Document, wraps_the_cells_of_a_table_that_is_too_wide) {
  Document document;
  document.table({{"head", "long"},
                  {"a", std::string(30, 'x') + " " + std::string(30, 'y') +
                            " " + std::string(30, 'z')}});
  EXPECT_EQ(text_of(document), "  head  long\n  a     " + std::string(30, 'x') +
                                   " " + std::string(30, 'y') + "\n        " +
                                   std::string(30, 'z') + "\n");
}

}  // namespace
}  // namespace lab
