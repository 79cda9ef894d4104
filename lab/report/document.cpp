// SPDX-License-Identifier: MIT
#include "lab/report/document.h"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "lab/base/errors.h"

namespace lab {

void Document::command(std::string line) {
  if (!blocks_.empty() && blocks_.back().kind == Block::Kind::commands) {
    blocks_.back().text += "\n" + line;
  } else {
    add(Block::Kind::commands, std::move(line));
  }
}

void Document::table(std::vector<std::vector<std::string>> rows) {
  blocks_.push_back({Block::Kind::table, "", std::move(rows)});
}

DocumentFormat parse_document_format(const std::string& text) {
  if (text == "text") return DocumentFormat::text;
  if (text == "markdown") return DocumentFormat::markdown;
  throw UsageError(
      fmt::format("'{}' is no format; take text or markdown", text));
}

void print_document(const Document& document, DocumentFormat format,
                    ColorChoice color) {
  write_stdout(format == DocumentFormat::markdown
                   ? render_markdown(document)
                   : render_text(document, Terminal(stdout, color)));
}

}  // namespace lab
