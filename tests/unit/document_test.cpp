// SPDX-License-Identifier: MIT
#include "lab/report/document.h"

#include <gtest/gtest.h>

#include "lab/base/errors.h"
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
            "Title\n\nThe file memory.max.\n\n  - one\n  - two\n\n  ? Why?\n\n"
            "    echo 1\n    echo 2\n\n  名称  b|c\n  x     y\n");
}

TEST(Document, is_markdown) {
  EXPECT_EQ(
      render_markdown(sample()),
      "# Title\n\nThe file `memory.max`.\n\n- one\n- two\n\n> **?** "
      "Why?\n\n```sh\necho 1\necho 2\n```\n\n| 名称 | b\\|c |\n|---|---|\n"
      "| x | y |\n");
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

TEST(Document, has_no_other_format) {
  EXPECT_EQ(error_text<UsageError>([] { parse_document_format("pdf"); }),
            "'pdf' is no format; take text or markdown");
}

}  // namespace
}  // namespace lab
