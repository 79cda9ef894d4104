// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "lab/report/terminal.h"

namespace lab {

/// One part of a Document.
struct Block {
  enum class Kind {
    title,
    section,
    paragraph,
    item,
    question,
    commands,
    table
  };
  Kind kind = Kind::paragraph;
  std::string text;  ///< a command a line in `commands`; empty in a table
  std::vector<std::vector<std::string>> rows;  ///< a table's, its head first
};

/// A text for people to read: an exercise, a lesson, a story. Passive data;
/// what it looks like is the renderers' business. Names of files and programs
/// stand between `backticks`.
class Document {
 public:
  void title(std::string text) { add(Block::Kind::title, std::move(text)); }
  void section(std::string text) { add(Block::Kind::section, std::move(text)); }
  void paragraph(std::string text) {
    add(Block::Kind::paragraph, std::move(text));
  }
  /// One of a list.
  void item(std::string text) { add(Block::Kind::item, std::move(text)); }
  /// To think about before the next commands are run.
  void question(std::string text) {
    add(Block::Kind::question, std::move(text));
  }
  /// POSIX sh, a command a line; they can be pasted. Neighbours stand together.
  void command(std::string line);
  /// `rows` of as many cells as the first, which is the head.
  void table(std::vector<std::vector<std::string>> rows);

  const std::vector<Block>& blocks() const noexcept { return blocks_; }

 private:
  void add(Block::Kind kind, std::string text) {
    blocks_.push_back({kind, std::move(text), {}});
  }

  std::vector<Block> blocks_;
};

/// For a terminal: wrapped to its width, columns aligned, commands indented.
std::string render_text(const Document& document, const Terminal& terminal);

/// CommonMark with tables.
std::string render_markdown(const Document& document);

/// A value of --format for documents.
enum class DocumentFormat { text, markdown };

/// "text" or "markdown". Throws UsageError.
DocumentFormat parse_document_format(const std::string& text);

/// Prints it on standard output. Throws as write_stdout().
void print_document(const Document& document, DocumentFormat format,
                    ColorChoice color);

}  // namespace lab
